"""Collecting the result of a finished job, by what was ordered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.providers.api import Step, StepResult
from bridge.providers.paid import FreeCalls, Gone, Running
from bridge.providers.pixellab import figures, responses, status, tiles


async def fetch(
    calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
) -> StepResult | Running | Gone:
    """The files of a clip, a character, tiles or a picture; `Running` where they are not there yet.

    Raises:
        TransportError: they cannot be had.
    """
    ids = {**_ids_said(step, facts), **ids}
    if step.operation == "character.animate":
        return await figures.fetch_clip(calls, step, ids, facts)
    if step.operation.startswith("character."):
        return await figures.fetch_base(calls, step, ids)
    if step.operation.startswith(("tileset.", "isometric.")):
        return await tiles.fetch(calls, step, ids)
    return await status.fetch_delivered(calls, step, ids)


def _ids_said(step: Step, facts: Mapping[str, Any]) -> dict[str, str]:
    """The id of what a job made, as the finished job says it: all that is known of one that was adopted by its own."""
    family = step.operation.partition(".")[0]
    remote_id = responses.text(facts.get(responses.ID_FIELDS.get(family, "")))
    return {responses.ID_NAMES[family]: remote_id} if remote_id else {}
