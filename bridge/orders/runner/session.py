"""What selling desks of providers are to the runner, and how a job's moves are written down and told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.core.clock import Clock
from bridge.core.errors import BridgeError, ProviderError
from bridge.orders import failures as messages
from bridge.orders.journal import Journal
from bridge.orders.model import Job, JobState
from bridge.orders.runner.connection import Calls
from bridge.orders.runner.rate_limit import Pace, Slots
from bridge.orders.webhooks.hints import Hints
from bridge.providers.paid import Gone
from bridge.store.blobs import BlobStore

if TYPE_CHECKING:
    from bridge.orders.access import Access


@dataclass(slots=True)
class ProviderSession:
    """What is kept per provider while a runner works.

    shortest: seconds that the quickest job took so far, by operation. closed: what stopped one order and would stop
    all others.
    """

    access: Access
    line: Calls
    pace: Pace
    slots: Slots
    shortest: dict[str, float] = field(default_factory=dict)
    closed: BridgeError | None = None
    searching: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class OrderContext:
    """Where jobs are written down. told: hears of every move, and of the progress (0–1) of what runs."""

    journal: Journal
    store: BlobStore
    clock: Clock
    hints: Hints
    told: Callable[[Job, float | None], None]

    def moved(self, job: Job, to: JobState, **facts: Any) -> Job:
        """Moves a job (see `Journal.move`) and tells of it."""
        if facts.get("charge", ...) is None:
            del facts["charge"]
        moved = self.journal.jobs.move(job, to, **facts)
        self.told(moved, None)
        return moved

    def lost(self, desk: ProviderSession, job: Job, status: Gone) -> ProviderError:
        """What it means that a provider has no such job: the error to raise."""
        key = desk.access.key
        if job.account != key.fingerprint and not status.dropped:
            # Perhaps it is there for the key that ordered it: the job stays as it is.
            return messages.other_key(job, key.name, status.message)
        error = messages.lost(job, status)
        self.moved(job, JobState.EXPIRED, error=error.as_dict())
        return error
