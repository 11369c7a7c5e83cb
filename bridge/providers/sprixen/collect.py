"""Jobs and their results: maps have routes of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.providers.api import Step, StepResult
from bridge.providers.paid import FreeCalls, Gone, Running, Status
from bridge.providers.sprixen import jobs, map_jobs


async def check(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
    """How a job is doing.

    Raises:
        TransportError: nobody says.
    """
    return await (map_jobs.check if _is_map(step) else jobs.check)(calls, step, ids)


async def fetch(
    calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
) -> StepResult | Running | Gone:
    """The result of a finished job; its links are asked for again, so nothing of `facts` is needed.

    Raises:
        TransportError: it cannot be had.
    """
    del facts
    return await (map_jobs.fetch if _is_map(step) else jobs.fetch)(calls, step, ids)


def _is_map(step: Step) -> bool:
    return step.operation.startswith("map.")
