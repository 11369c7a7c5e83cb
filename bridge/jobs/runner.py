"""Carries paid orders out: journal first, then the request, then the result, one recorded move at a time.

The one rule: after `submitting` is committed the bytes go out at most once. What comes back decides the next move; when
nobody can know whether the provider got them, the job is `uncertain` and only a look at the provider's lists or a
person moves it on. Everything after the provider has taken an order is free and repeated as often as it takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from bridge.clock import Clock
from bridge.errors import BridgeError, ProviderError, WorkFailed
from bridge.failpoint import failpoint
from bridge.jobs import messages, recovery
from bridge.jobs.budget import Approval
from bridge.jobs.calls import Calls, Connect, open_line
from bridge.jobs.journal import Journal
from bridge.jobs.model import TAKEN, Job, JobState, Wish
from bridge.jobs.pace import Pace, Slots, again_after
from bridge.providers.base import StepResult
from bridge.providers.paid import Broken, Charge, Delivered, Finished, Gone, Remote, Running
from bridge.store import results
from bridge.store.blobs import BlobStore
from bridge.transport.outcome import Outcome, Sent, TransportError
from bridge.webhooks.address import new_secret
from bridge.webhooks.hints import Hints

if TYPE_CHECKING:
    from bridge.jobs.access import Access

Ingredients: TypeAlias = tuple[Mapping[str, bytes], Mapping[str, StepResult]]
Prepare: TypeAlias = Callable[[], Ingredients | Awaitable[Ingredients]]
_MOST_SENDS = 6
_GRACE = 200.0
# Refusals that are about the account and not about one order.
_CLOSING = frozenset({"key_rejected", "no_credits"})


@dataclass(frozen=True, slots=True)
class Bought:
    """A step's result in the store: manifest hash, the provider's ids, and what it cost (None: not said)."""

    result: str
    remote: Mapping[str, str]
    charge: Charge | None
    job: int


@dataclass(slots=True)
class _Desk:
    """What the runner keeps per provider."""

    access: Access
    line: Calls
    pace: Pace
    slots: Slots
    shortest: dict[str, float] = field(default_factory=dict)
    closed: BridgeError | None = None
    searching: asyncio.Lock = field(default_factory=asyncio.Lock)


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
        self.store = store
        self.clock = clock
        self._open_access = open_access
        self._told = told
        self._connect = connect or open_line
        self._hints = hints or Hints()
        self._desks: dict[str, _Desk] = {}
        self._sending: set[asyncio.Task[Job]] = set()
        self._going: dict[str, asyncio.Task[Bought]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A request that is out is waited for: giving up now would make it uncertain.
        if self._sending:
            await asyncio.wait(self._sending, timeout=_GRACE)
        for desk in self._desks.values():
            await desk.line.__aexit__(None, None, None)

    # buying

    async def buy(
        self,
        wish: Wish,
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

    async def _buy(self, wish: Wish, approval: Approval, prepare: Prepare) -> Bought:
        job = self.journal.live(wish.fingerprint)
        if job is None or job.state in (JobState.PLANNED, JobState.APPROVED):
            job = self._approve(wish, approval, job)
        return await self._drive(job, prepare)

    async def collect(self, number: int) -> Bought:
        """Collects a job that the provider has taken; spends nothing."""
        return await self._drive(self.journal.job(number), _nothing)

    async def refetch(self, wish: Wish, remote: Mapping[str, str]) -> str | None:
        """The result of a step that was paid for earlier, fetched again by its ids; None when it is gone."""
        desk = await self._desk(wish.step.provider)
        provider = desk.access.provider
        try:
            status = await provider.check(desk.line, wish.step, remote)
            facts = status.facts if isinstance(status, Finished) else {}
            if isinstance(status, Broken):
                return None
            found = await provider.fetch(desk.line, wish.step, remote, facts)
        except TransportError as error:
            if error.passing:
                raise messages.offline(desk.access.provider.name, error.detail) from error
            return None
        return results.save(self.store, found) if isinstance(found, StepResult) else None

    def _approve(self, wish: Wish, approval: Approval, job: Job | None) -> Job:
        by = approval.grant(wish, self.journal)
        access = self._access(wish.step.provider)
        failpoint("job.before_plan")
        job = job or self.journal.plan(wish, account=access.key.fingerprint)
        failpoint("job.planned")
        if job.state is JobState.PLANNED:
            job = self.journal.move(job, JobState.APPROVED, approved_by=by, account=access.key.fingerprint)
        failpoint("job.approved")
        return job

    def _access(self, name: str) -> Access:
        desk = self._desks.get(name)
        return desk.access if desk else self._open_access(name)

    async def _desk(self, name: str) -> _Desk:
        if name not in self._desks:
            access = self._open_access(name)
            pace = Pace(self.journal, self.clock, name, access.key.fingerprint, access.limits)
            line = self._connect(access, pace, self.clock)
            await line.__aenter__()
            self._desks[name] = _Desk(access, line, pace, Slots(access.limits.concurrent))
        return self._desks[name]

    async def _drive(self, job: Job, prepare: Prepare) -> Bought:
        desk = await self._desk(job.provider)
        if job.state is JobState.UNCERTAIN:
            job = await self._resolved(desk, job)
        waits = job.state in (JobState.APPROVED, *TAKEN)
        if waits:
            await desk.slots.take()
        try:
            job = await self._submitted(desk, job, prepare)
            job = await self._finished(desk, job)
        finally:
            if waits:
                desk.slots.give()
        return await self._fetched(desk, job)

    # sending

    async def _submitted(self, desk: _Desk, job: Job, prepare: Prepare) -> Job:
        if job.state is not JobState.APPROVED:
            return job
        ids = desk.access.provider.free(job.step)
        if ids is not None:
            return self._moved(job, JobState.SUBMITTED, remote=dict(ids))
        if desk.closed is not None:
            # What stopped one order would stop all others: they are not sent, and nobody waits for them.
            self._moved(job, JobState.CANCELLED, say={"why": "not sent"})
            raise messages.closed(job, desk.closed)
        job, shared = await self._order(desk, job, prepare)
        began = self.clock.now()
        for attempt in range(1, _MOST_SENDS + 1):
            there = await recovery.existing(self.clock, desk.access.provider, desk.line, job) if shared else None
            if there is not None:
                return self._moved(job, JobState.SUBMITTED, remote=dict(there.ids), say={"why": "it was there"})
            await desk.pace.before_request()
            job, sent = await self._send(desk, job)
            if job.state is not JobState.APPROVED:
                break
            wait = again_after(sent, attempt, self.clock)
            patience = self.clock.now() + wait - began > desk.access.limits.patience
            if attempt == _MOST_SENDS or patience or (sent.outcome is Outcome.NOT_SENT and attempt >= 3):
                self._moved(job, JobState.CANCELLED, say={"why": "not sent"})
                failure = messages.gave_up(desk.access.provider.name, sent)
                if sent.outcome in (Outcome.NOT_SENT, Outcome.RATE_LIMITED):
                    desk.closed = failure
                raise failure
            if desk.closed is not None:
                self._moved(job, JobState.CANCELLED, say={"why": "not sent"})
                raise messages.closed(job, desk.closed)
            if sent.outcome is Outcome.RATE_LIMITED:
                desk.pace.hold(wait)
            job = self.journal.note(job, next_attempt=self.clock.now() + wait)
            await self.clock.sleep(wait)
        if job.state is JobState.UNCERTAIN:
            job = await self._resolved(desk, job)
        return job

    async def _order(self, desk: _Desk, job: Job, prepare: Prepare) -> tuple[Job, bool]:
        """The job with its request, and `Order.shared`; an address for webhooks is in it when its secret is kept."""
        try:
            prepared = prepare()
            inputs, needed = prepared if isinstance(prepared, tuple) else await prepared
            order = desk.access.provider.order(job.step, inputs, needed)
        except BridgeError:
            self._moved(job, JobState.CANCELLED, say={"why": "not sent"})
            raise
        body = dict(order.body)
        if order.webhook and self._hints.address is not None:
            job = self.journal.note(job, hook=new_secret())
            self._hints.expect(job.hook, job.id)
            body[order.webhook] = self._hints.address(job.hook)
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return self.journal.note(job, path=order.path, body=raw, method=order.method, origin=order.origin), order.shared

    async def _send(self, desk: _Desk, job: Job) -> tuple[Job, Sent]:
        """One sending, from the intent to the recorded outcome; a cancelled run waits for it."""
        facts: dict[str, Any] = {"attempt": job.attempt + 1}
        if job.state is JobState.APPROVED:
            balance = self.journal.balance(job.provider, job.account)
            facts |= {"sent": self.clock.now(), "balance_before": balance[0] if balance else {}}
        again = job.state is JobState.UNCERTAIN
        job = self._moved(job, JobState.SUBMITTING, **facts)
        failpoint("job.submitting")
        sent: list[Sent] = []
        task = asyncio.ensure_future(self._exchange(desk, job, sent, again=again))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        task.add_done_callback(_seen)
        return await asyncio.shield(task), sent[0]

    async def _exchange(self, desk: _Desk, job: Job, sent: list[Sent], *, again: bool) -> Job:
        header = desk.access.provider.abilities.idempotency_header
        answer = await desk.line.submit(job.path, job.body, {header: job.key} if header else None, method=job.method)
        if again and answer.outcome is not Outcome.OK:
            # Whatever it says of the second sending, it says nothing of the first.
            answer = dataclasses.replace(answer, outcome=Outcome.UNKNOWN)
        sent.append(answer)
        failpoint("job.answered")
        return self._recorded(desk, job, answer)

    def _recorded(self, desk: _Desk, job: Job, sent: Sent) -> Job:
        if sent.outcome in (Outcome.NOT_SENT, Outcome.RATE_LIMITED):
            return self._moved(job, JobState.APPROVED, say={"why": sent.detail})
        if sent.outcome is Outcome.REJECTED and sent.answer is not None:
            error = messages.refused(desk.access.provider, job, sent.answer)
            self._moved(job, JobState.REJECTED, error=error.as_dict())
            if error.code in _CLOSING:
                desk.closed = error
            raise error
        accepted = None
        if sent.outcome is Outcome.OK and sent.answer is not None:
            try:
                answer = dataclasses.replace(sent.answer, request=job.body)
                accepted = desk.access.provider.accepted(job.step, answer)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError):
                # An answer of a shape that nobody foresaw has been paid for all the same.
                accepted = None
        if isinstance(accepted, Remote):
            job = self._kept(job, {"remote": {**job.origin, **accepted.ids}}, JobState.SUBMITTED)
            failpoint("job.submitted")
            return job
        if isinstance(accepted, Delivered):
            return self._delivered(job, accepted)
        why = messages.unclear(sent)
        if job.estimate.amount == 0:
            return self._moved(job, JobState.APPROVED, say={"why": why})  # it may be sent twice: it costs nothing
        return self._moved(job, JobState.UNCERTAIN, say={"why": why}, error=messages.doubt(job, why).as_dict())

    def _delivered(self, job: Job, delivered: Delivered) -> Job:
        try:
            sha256 = results.save(self.store, delivered.result)
        except WorkFailed as error:
            rescued = recovery.rescue(self.store.root.parent, job, delivered.result)
            why = f"the result arrived but could not be stored ({error.message}); it is kept in {rescued}"
            with contextlib.suppress(WorkFailed):
                self._moved(job, JobState.UNCERTAIN, say={"why": why}, error=messages.doubt(job, why).as_dict())
            raise WorkFailed(error.code, f"{job.asset}: {why}", hint=error.hint) from error
        failpoint("job.blob_stored")
        return self._kept(job, {"result": sha256, "charge": delivered.charge}, JobState.STORED)

    def _kept(self, job: Job, facts: dict[str, Any], to: JobState) -> Job:
        """A move that must not get lost: where the journal cannot take it, its facts are written elsewhere first."""
        try:
            return self._moved(job, to, **facts)
        except WorkFailed:
            recovery.rescue_facts(self.store.root.parent, job, facts.get("remote"), facts.get("result"))
            raise

    # waiting and fetching

    async def _finished(self, desk: _Desk, job: Job) -> Job:
        """Waits until the provider has finished; the job's state is `fetching` (or further) then."""
        began = job.sent or self.clock.now()
        entered = self.clock.now()
        shortest = desk.shortest.get(job.step.operation)
        wait = max(desk.access.limits.poll_first, 0.95 * shortest if shortest else 0.0)
        if job.state is not JobState.SUBMITTED or entered - began > wait:
            wait = 0.0
        if job.hook:
            self._hints.expect(job.hook, job.id)
        while job.state in (JobState.SUBMITTED, JobState.RUNNING):
            await self._hints.pause(self.clock, job.id, wait)
            elapsed = self.clock.now() - began
            wait = min(desk.access.limits.poll_most, max(desk.access.limits.poll, 0.02 * elapsed))
            try:
                status = await desk.access.provider.check(desk.line, job.step, job.remote)
            except TransportError as error:
                if not error.passing:
                    raise messages.unreadable(desk.access, job, error) from error
                status = Running(after=error.retry_after)
            if isinstance(status, Finished):
                desk.shortest[job.step.operation] = min(elapsed, shortest or elapsed)
                job = self._kept_charge(job, status)
                failpoint("job.fetching")
            elif isinstance(status, Broken):
                failure = messages.failed(job, status)
                self._moved(job, JobState.FAILED, charge=status.charge, error=failure.as_dict())
                raise failure
            elif isinstance(status, Gone):
                raise self._lost(desk, job, status)
            else:
                if job.state is JobState.SUBMITTED:
                    job = self._moved(job, JobState.RUNNING)
                self._told(job, status.progress)
                wait = max(wait, status.after or 0.0)
                if self.clock.now() - entered > desk.access.limits.patience:
                    raise messages.still_running(job)
        return job

    def _kept_charge(self, job: Job, status: Finished) -> Job:
        return self._moved(job, JobState.FETCHING, facts=dict(status.facts), charge=status.charge)

    async def _fetched(self, desk: _Desk, job: Job) -> Bought:
        began = self.clock.now()
        wait = desk.access.limits.poll
        while job.state is JobState.FETCHING:
            try:
                found = await desk.access.provider.fetch(desk.line, job.step, job.remote, job.facts)
            except TransportError as error:
                if not error.passing:
                    raise messages.unreadable(desk.access, job, error) from error
                found = Running(after=error.retry_after)
            if isinstance(found, StepResult):
                failpoint("job.fetched")
                sha256 = results.save(self.store, found)
                failpoint("job.blob_stored")
                job = self._moved(job, JobState.STORED, result=sha256)
                failpoint("job.stored")
            elif isinstance(found, Gone):
                raise self._lost(desk, job, found)
            else:
                if self.clock.now() - began > desk.access.limits.patience:
                    raise messages.still_running(job)
                await self.clock.sleep(max(wait, found.after or 0.0))
                wait = min(desk.access.limits.poll_most, wait * 1.5)
        return Bought(job.result, job.remote, job.charge, job.id)

    async def _resolved(self, desk: _Desk, job: Job) -> Job:
        """What became of an order whose answer was lost: asked under its key, or looked up; else a person decides.

        Raises:
            NeedsDecision: `uncertain`.
        """
        able = desk.access.provider.abilities
        age = self.clock.now() - (job.sent or 0.0)
        if able.idempotency_header and 0 <= age < able.idempotency_seconds:
            await desk.pace.before_request()
            job, _ = await self._send(desk, job)
            if job.state is not JobState.UNCERTAIN:
                return job
        async with desk.searching:
            delay = desk.access.limits.search_delay
            found = await recovery.search(self.journal, self.clock, desk.access.provider, desk.line, job, delay)
            if found is not None:
                say = {"why": "found at the provider"}
                return self._moved(job, JobState.SUBMITTED, remote={**job.origin, **found.ids}, say=say)
        why = str((job.error or {}).get("message") or "")
        error = messages.doubt(job, why)
        error.message = why or error.message
        raise error

    # words

    def _moved(self, job: Job, to: JobState, **facts: Any) -> Job:
        if facts.get("charge", ...) is None:
            del facts["charge"]
        moved = self.journal.move(job, to, **facts)
        self._told(moved, None)
        return moved

    def _lost(self, desk: _Desk, job: Job, status: Gone) -> ProviderError:
        key = desk.access.key
        if job.account != key.fingerprint and not status.dropped:
            # Perhaps it is there for the key that ordered it: the job stays as it is.
            return messages.other_key(job, key.name, status.message)
        error = messages.lost(job, status)
        self._moved(job, JobState.EXPIRED, error=error.as_dict())
        return error


def _nothing() -> Ingredients:
    raise AssertionError("a job that the provider has taken needs no inputs")


def _seen(task: asyncio.Task[Job]) -> None:
    """A stopped run does not wait for the outcome: it stands in the journal, and must not be reported as lost."""
    if not task.cancelled():
        task.exception()
