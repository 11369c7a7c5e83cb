"""A step → the paid request. Everything in it was compiled; only the seed joins it."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.providers.api import Step, StepResult
from bridge.providers.paid import Order
from bridge.providers.pixeldojo.routes import run_path


def order(step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
    """The paid request of a step; inputs are never sent, only their addresses."""
    del needed
    address = {"image_url": inputs["source"].decode()} if step.params.get("by_address") else {}
    seed = {"seed": step.seed} if step.params["seeded"] else {}
    return Order(run_path(step.params["model"]), {**step.params["request"], **address, **seed}, webhook="webhook_url")
