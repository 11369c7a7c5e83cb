"""The paid requests: pure, from a step and the results of the steps before it."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.providers.base import Step, StepResult
from bridge.providers.paid import Order
from bridge.providers.sprixen.routes import ROUTES


def order(step: Step, needed: Mapping[str, StepResult]) -> Order:
    """See `PaidProvider.order`. The id in the path, or of the generation to promote, is that of the step before."""
    body = dict(step.params["request"])
    path = ROUTES[step.operation].path
    if not step.after:
        return Order(path, body)
    meta = needed[step.after[0]].meta
    if step.operation == "character.select":
        return Order(path, {"generationId": meta["generation"], **body})
    return Order(path.format(meta["sprite"] if step.operation == "clip.create" else meta["animation"]), body)
