"""Collecting the result of a finished job, by what was ordered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.providers.api import Step, StepResult
from bridge.providers.paid import FreeCalls, Gone, Running
from bridge.providers.pixellab import figures, status, tiles


async def fetch(
    calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
) -> StepResult | Running | Gone:
    """The files of a clip, a character, tiles or a picture; `Running` where they are not there yet.

    Raises:
        TransportError: they cannot be had.
    """
    if step.operation == "character.animate":
        return await figures.fetch_clip(calls, step, ids, facts)
    if step.operation.startswith("character."):
        return await figures.fetch_base(calls, step, ids)
    if step.operation.startswith(("tileset.", "isometric.")):
        return await tiles.fetch(calls, step, ids)
    return await status.fetch_delivered(calls, step, ids)
