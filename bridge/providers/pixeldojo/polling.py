"""Looking after many jobs with few requests: what is asked for while a request is out is asked for together.

The service counts sixty requests a minute over everything. A job alone is looked up by its id; several that wait for
their turn share one GET /jobs, and only those that are not running any more are looked up one by one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from bridge.http.outcome import TransportError
from bridge.providers.paid import FreeCalls
from bridge.providers.pixeldojo import responses

LISTED = 100
"""Most rows that the list is asked for."""


@dataclass(slots=True)
class _Batch:
    """Jobs that are asked for together, and what was answered: rows by id, or a failure that concerns all."""

    jobs: set[str] = field(default_factory=set)
    rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    failure: TransportError | None = None


@dataclass(slots=True)
class _Turns:
    """One request at a time over a line; `forming` gathers those who wait."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    forming: _Batch = field(default_factory=_Batch)


_TURNS: WeakKeyDictionary[FreeCalls, _Turns] = WeakKeyDictionary()


@asynccontextmanager
async def looking(calls: FreeCalls, job: str) -> AsyncIterator[Mapping[str, Any]]:
    """The row of a job in a list that was asked for together with others; empty where it has to be looked up alone,
    which is done inside: whoever comes meanwhile waits, and is asked for with the rest of them.

    Raises:
        TransportError: the list cannot be had now.
    """
    turns = _TURNS.setdefault(calls, _Turns())
    batch = turns.forming
    batch.jobs.add(job)
    async with turns.turn:
        if batch is turns.forming:
            turns.forming = _Batch()
            if len(batch.jobs) > 1:
                await _fill(calls, batch)
        if batch.failure is not None:
            raise batch.failure
        yield batch.rows.get(job, {})


async def _fill(calls: FreeCalls, batch: _Batch) -> None:
    try:
        answer = await calls.get("/jobs", {"limit": LISTED})
    except TransportError as error:
        # A list that is not there is no reason to stop looking at single jobs.
        batch.failure = error if error.is_temporary else None
        return
    batch.rows = {responses.job_id(row): row for row in responses.rows(answer.json())}
