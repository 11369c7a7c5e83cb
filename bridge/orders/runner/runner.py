"""Buys steps: decides who may, keeps a desk per provider, and sees each job from its approval to its stored result.

The one rule: after `submitting` is committed the bytes go out at most once (`bridge.orders.runner.submit`). Everything
after the provider has taken an order is free and repeated as often as it takes (`bridge.orders.runner.collect`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bridge.core.clock import Clock
from bridge.core.failpoint import failpoint
from bridge.orders.budget import Approval
from bridge.orders.journal import Journal
from bridge.orders.model import TAKEN, Job, JobState, OrderRequest
from bridge.orders.runner.collect import Collector
from bridge.orders.runner.connection import Connect, open_line
from bridge.orders.runner.rate_limit import Pace, Slots
from bridge.orders.runner.session import OrderContext, ProviderSession
from bridge.orders.runner.submit import Ingredients, Prepare, Sender
from bridge.orders.webhooks.hints import Hints
from bridge.providers.paid import Charge
from bridge.store.blobs import BlobStore

if TYPE_CHECKING:
    from bridge.orders.access import Access


@dataclass(frozen=True, slots=True)
class Bought:
    """A step's result in the store: manifest hash, the provider's ids, and what it cost (None: not said)."""

    result: str
    remote: Mapping[str, str]
    charge: Charge | None
    job: int


class Runner:
    """Buys steps; use it as an async context manager, inside `project.owned()`.

    open_access: provider name → `Access`. told: hears of every move. hints: webhooks, where they are received.
    """

    def __init__(
        self,
        journal: Journal,
        store: BlobStore,
        clock: Clock,
        open_access: Callable[[str], Access],
        *,
        told: Callable[[Job, float | None], None] = lambda _job, _progress: None,
        connect: Connect | None = None,
        hints: Hints | None = None,
    ) -> None:
        self.journal = journal
        self.clock = clock
        self._open_access = open_access
        self._connect = connect or open_line
        office = OrderContext(journal, store, clock, hints or Hints(), told)
        self._sender = Sender(office)
        self._collector = Collector(office)
        self._desks: dict[str, ProviderSession] = {}
        self._going: dict[str, asyncio.Task[Bought]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._sender.rest()
        for desk in self._desks.values():
            await desk.line.__aexit__(None, None, None)

    async def buy(
        self,
        wish: OrderRequest,
        approval: Approval,
        prepare: Prepare,
    ) -> Bought:
        """Buys one step, or goes on with the job that is on its way for it. `prepare` gives inputs and needed results.

        Raises:
            NeedsDecision: `needs_approval`, `over_budget`, `uncertain`.
            ProviderError: the provider refused or failed.
            WorkFailed, UserError: as their messages say; nothing was charged unless they say so.
        """
        going = self._going.get(wish.fingerprint)
        if going is None:
            # Two assets may wish the very same thing: it is ordered once, and both get it.
            going = asyncio.ensure_future(self._buy(wish, approval, prepare))
            self._going[wish.fingerprint] = going
            going.add_done_callback(lambda _done: self._going.pop(wish.fingerprint, None))
            return await going
        return await asyncio.shield(going)

    async def _buy(self, wish: OrderRequest, approval: Approval, prepare: Prepare) -> Bought:
        job = self.journal.jobs.find_live(wish.fingerprint)
        if job is None or job.state in (JobState.PLANNED, JobState.APPROVED):
            job = self._approve(wish, approval, job)
        return await self._drive(job, prepare)

    async def collect(self, number: int) -> Bought:
        """Collects a job that the provider has taken; spends nothing."""
        return await self._drive(self.journal.jobs.get(number), _nothing)

    async def refetch(self, wish: OrderRequest, remote: Mapping[str, str]) -> str | None:
        """The result of a step that was paid for earlier, fetched again by its ids; None when it is gone.

        Raises:
            ProviderError: `provider_offline`.
        """
        return await self._collector.refetched(await self._desk(wish.step.provider), wish.step, remote)

    def _approve(self, wish: OrderRequest, approval: Approval, job: Job | None) -> Job:
        by = approval.grant(wish, self.journal)
        access = self._access(wish.step.provider)
        failpoint("job.before_plan")
        job = job or self.journal.jobs.plan(wish, account=access.key.fingerprint)
        failpoint("job.planned")
        if job.state is JobState.PLANNED:
            job = self.journal.jobs.move(job, JobState.APPROVED, approved_by=by, account=access.key.fingerprint)
        failpoint("job.approved")
        return job

    def _access(self, name: str) -> Access:
        desk = self._desks.get(name)
        return desk.access if desk else self._open_access(name)

    async def _desk(self, name: str) -> ProviderSession:
        if name not in self._desks:
            access = self._open_access(name)
            pace = Pace(self.journal, self.clock, name, access.key.fingerprint, access.limits)
            line = self._connect(access, pace, self.clock)
            await line.__aenter__()
            self._desks[name] = ProviderSession(access, line, pace, Slots(access.limits.concurrent))
        return self._desks[name]

    async def _drive(self, job: Job, prepare: Prepare) -> Bought:
        desk = await self._desk(job.provider)
        if job.state is JobState.UNCERTAIN:
            job = await self._sender.resolved(desk, job)
        waits = job.state in (JobState.APPROVED, *TAKEN)
        if waits:
            await desk.slots.take()
        try:
            job = await self._sender.submitted(desk, job, prepare)
            job = await self._collector.finished(desk, job)
        finally:
            if waits:
                desk.slots.give()
        job = await self._collector.fetched(desk, job)
        return Bought(job.result, job.remote, job.charge, job.id)


def _nothing() -> Ingredients:
    raise AssertionError("a job that the provider has taken needs no inputs")
