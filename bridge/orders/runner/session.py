"""What is kept of a provider while a runner works, and how the moves of a job are written down and passed on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.core.clock import Clock
from bridge.core.errors import BridgeError, ProviderError
from bridge.orders import failures
from bridge.orders.journal import Journal
from bridge.orders.model import Job, JobState
from bridge.orders.runner.connection import OrderConnection
from bridge.orders.runner.rate_limit import JobSlots, RateLimiter
from bridge.orders.webhooks.hints import Hints
from bridge.providers.paid import Ending, Gone
from bridge.store.blobs import BlobStore

if TYPE_CHECKING:
    from bridge.orders.access import ProviderAccess
    from bridge.orders.runner.team import TeamOrders


@dataclass(slots=True)
class ProviderSession:
    """What is kept per provider while a runner works.

    shortest: seconds that the quickest job took so far, by operation. closed: what stopped one order and would stop
    all others. asking, has_balance: of what is left on the account. carried: done as orders that are seen through here
    come to an end. fallback_paths: route → the one that takes the same
    order where the account does not have it; missing_paths: routes that it does not have.
    """

    access: ProviderAccess
    connection: OrderConnection
    rate_limiter: RateLimiter
    slots: JobSlots
    shortest: dict[str, float] = field(default_factory=dict)
    closed: BridgeError | None = None
    searching: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    has_balance: bool = False
    carried: set[asyncio.Future[None]] = field(default_factory=set)
    fallback_paths: dict[str, str] = field(default_factory=dict)
    missing_paths: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class OrderContext:
    """Where jobs are written down. on_job: called with every move, and with the progress (0–1) of what runs.
    before_order: raises where an order is not wanted any more. team: claims its orders, where there is one."""

    journal: Journal
    store: BlobStore
    clock: Clock
    hints: Hints
    on_job: Callable[[Job, float | None], None]
    before_order: Callable[[Job], None]
    team: TeamOrders | None = None

    def move(self, job: Job, to: JobState, **facts: Any) -> Job:
        """Moves a job (see `JobTable.move`) and tells the listener."""
        if facts.get("charge", ...) is None:
            del facts["charge"]
        moved = self.journal.jobs.move(job, to, **facts)
        self.on_job(moved, None)
        return moved

    def expire(self, session: ProviderSession, job: Job, status: Gone) -> ProviderError:
        """The error to raise where a provider has no such job, which has expired if it was asked with the same key."""
        key = session.access.key
        if job.account != key.fingerprint and not status.dropped:
            # Perhaps it is there for the key that ordered it: the job stays as it is.
            return failures.describe_other_key(job, key.name, status.message)
        error = failures.describe_lost(job, status)
        self.move(
            job,
            JobState.EXPIRED,
            error=error.as_dict(),
            ending=Ending.DROPPED if status.dropped else Ending.MISSING,
        )
        return error
