"""Sending an order: journal first, then the request, then what is known of its outcome.

After `submitting` is committed the bytes go out at most once. What comes back decides the next move; when nobody can
know whether the provider got them, the job is `uncertain`, and only a look at the provider's lists or a person moves it
on.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from bridge.core.errors import BridgeError, WorkFailed
from bridge.core.failpoint import failpoint
from bridge.core.web_address import new_secret
from bridge.http.outcome import Outcome, Sent
from bridge.orders import failures as messages
from bridge.orders import kept_urls as addresses
from bridge.orders.model import Job, JobState
from bridge.orders.runner import recovery
from bridge.orders.runner.rate_limit import again_after
from bridge.orders.runner.session import OrderContext, ProviderSession
from bridge.providers.api import StepResult
from bridge.providers.paid import Delivered, Remote
from bridge.store import results

Ingredients: TypeAlias = tuple[Mapping[str, bytes], Mapping[str, StepResult]]
Prepare: TypeAlias = Callable[[], Ingredients | Awaitable[Ingredients]]
_MOST_SENDS = 6
_GRACE = 200.0
# Refusals that are about the account and not about one order.
_CLOSING = frozenset({"key_rejected", "no_credits"})


class Sender:
    """Sends the orders of one runner."""

    def __init__(self, office: OrderContext) -> None:
        self._office = office
        self._sending: set[asyncio.Task[Job]] = set()

    async def rest(self) -> None:
        """Waits for the requests that are out: giving up now would make them uncertain."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=_GRACE)

    async def submitted(self, desk: ProviderSession, job: Job, prepare: Prepare) -> Job:
        """The job as it is after its order was sent; one that is beyond `approved` as it is.

        Raises:
            NeedsDecision: `uncertain`.
            BridgeError: the provider refused it, or it was not sent.
        """
        if job.state is not JobState.APPROVED:
            return job
        ids = desk.access.provider.adopted_ids(job.step)
        if ids is not None:
            return self._office.moved(job, JobState.SUBMITTED, remote=dict(ids))
        if desk.closed is not None:
            # What stopped one order would stop all others: they are not sent, and nobody waits for them.
            self._office.moved(job, JobState.CANCELLED, say={"why": "not sent"})
            raise messages.closed(job, desk.closed)
        job, shared = await self._order(desk, job, prepare)
        clock = self._office.clock
        began = clock.now()
        for attempt in range(1, _MOST_SENDS + 1):
            there = await recovery.existing(clock, desk.access.provider, desk.line, job) if shared else None
            if there is not None:
                return self._office.moved(job, JobState.SUBMITTED, remote=dict(there.ids), say={"why": "it was there"})
            await desk.pace.before_request()
            job, sent = await self._send(desk, job)
            if job.state is not JobState.APPROVED:
                break
            wait = again_after(sent, attempt, clock)
            patience = clock.now() + wait - began > desk.access.limits.patience
            if attempt == _MOST_SENDS or patience or (sent.outcome is Outcome.NOT_SENT and attempt >= 3):
                self._office.moved(job, JobState.CANCELLED, say={"why": "not sent"})
                failure = messages.gave_up(desk.access.provider.name, sent)
                if sent.outcome in (Outcome.NOT_SENT, Outcome.RATE_LIMITED):
                    desk.closed = failure
                raise failure
            if desk.closed is not None:
                self._office.moved(job, JobState.CANCELLED, say={"why": "not sent"})
                raise messages.closed(job, desk.closed)
            if sent.outcome is Outcome.RATE_LIMITED:
                desk.pace.hold(wait)
            job = self._office.journal.note(job, next_attempt=clock.now() + wait)
            await clock.sleep(wait)
        if job.state is JobState.UNCERTAIN:
            job = await self.resolved(desk, job)
        return job

    async def _order(self, desk: ProviderSession, job: Job, prepare: Prepare) -> tuple[Job, bool]:
        """The job with its request, and `Order.shared`; an address for webhooks is in it when its secret is kept."""
        try:
            prepared = prepare()
            inputs, needed = prepared if isinstance(prepared, tuple) else await prepared
            order = desk.access.provider.order(job.step, inputs, needed)
        except BridgeError:
            self._office.moved(job, JobState.CANCELLED, say={"why": "not sent"})
            raise
        body = dict(order.body)
        if order.webhook and self._office.hints.address is not None:
            job = self._office.journal.note(job, hook=new_secret())
            self._office.hints.expect(job.hook, job.id)
            body[order.webhook] = self._office.hints.address(job.hook)
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return self._office.journal.note(
            job, path=order.path, body=raw, method=order.method, origin=order.origin
        ), order.shared

    async def _send(self, desk: ProviderSession, job: Job) -> tuple[Job, Sent]:
        """One sending, from the intent to the recorded outcome; a cancelled run waits for it."""
        facts: dict[str, Any] = {"attempt": job.attempt + 1}
        if job.state is JobState.APPROVED:
            balance = self._office.journal.balance(job.provider, job.account)
            facts |= {"sent": self._office.clock.now(), "balance_before": balance[0] if balance else {}}
        again = job.state is JobState.UNCERTAIN
        job = self._office.moved(job, JobState.SUBMITTING, **facts)
        failpoint("job.submitting")
        sent: list[Sent] = []
        task = asyncio.ensure_future(self._exchange(desk, job, sent, again=again))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        task.add_done_callback(_seen)
        return await asyncio.shield(task), sent[0]

    async def _exchange(self, desk: ProviderSession, job: Job, sent: list[Sent], *, again: bool) -> Job:
        header = desk.access.provider.abilities.idempotency_header
        answer = await desk.line.submit(job.path, job.body, {header: job.key} if header else None, method=job.method)
        if again and answer.outcome is not Outcome.OK:
            # Whatever it says of the second sending, it says nothing of the first.
            answer = dataclasses.replace(answer, outcome=Outcome.UNKNOWN)
        sent.append(answer)
        failpoint("job.answered")
        return self._recorded(desk, job, answer)

    def _recorded(self, desk: ProviderSession, job: Job, sent: Sent) -> Job:
        if sent.outcome in (Outcome.NOT_SENT, Outcome.RATE_LIMITED):
            return self._office.moved(job, JobState.APPROVED, say={"why": sent.detail})
        if sent.outcome is Outcome.REJECTED and sent.answer is not None:
            error = messages.refused(desk.access.provider, job, sent.answer)
            self._office.moved(job, JobState.REJECTED, error=error.as_dict())
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
            return self._delivered(desk, job, accepted)
        why = messages.unclear(sent)
        if job.estimate.amount == 0:
            return self._office.moved(
                job, JobState.APPROVED, say={"why": why}
            )  # it may be sent twice: it costs nothing
        return self._office.moved(job, JobState.UNCERTAIN, say={"why": why}, error=messages.doubt(job, why).as_dict())

    def _delivered(self, desk: ProviderSession, job: Job, delivered: Delivered) -> Job:
        try:
            sha256 = results.save(self._office.store, delivered.result)
        except WorkFailed as error:
            rescued = recovery.rescue(self._office.store.root.parent, job, delivered.result)
            why = f"the result arrived but could not be stored ({error.message}); it is kept in {rescued}"
            with contextlib.suppress(WorkFailed):
                self._office.moved(job, JobState.UNCERTAIN, say={"why": why}, error=messages.doubt(job, why).as_dict())
            raise WorkFailed(error.code, f"{job.asset}: {why}", hint=error.hint) from error
        failpoint("job.blob_stored")
        places = addresses.of(delivered.result, self._office.clock.now(), desk.access.api.base_url)
        facts = {"result": sha256, "charge": delivered.charge, "addresses": places}
        return self._kept(job, facts, JobState.STORED)

    def _kept(self, job: Job, facts: dict[str, Any], to: JobState) -> Job:
        """A move that must not get lost: where the journal cannot take it, its facts are written elsewhere first."""
        try:
            return self._office.moved(job, to, **facts)
        except WorkFailed:
            recovery.rescue_facts(self._office.store.root.parent, job, facts.get("remote"), facts.get("result"))
            raise

    async def resolved(self, desk: ProviderSession, job: Job) -> Job:
        """What became of an order whose answer was lost: asked under its key, or looked up; else a person decides.

        Raises:
            NeedsDecision: `uncertain`.
        """
        able = desk.access.provider.abilities
        age = self._office.clock.now() - (job.sent or 0.0)
        if able.idempotency_header and 0 <= age < able.idempotency_seconds:
            await desk.pace.before_request()
            job, _ = await self._send(desk, job)
            if job.state is not JobState.UNCERTAIN:
                return job
        async with desk.searching:
            delay = desk.access.limits.search_delay
            found = await recovery.search(
                self._office.journal, self._office.clock, desk.access.provider, desk.line, job, delay
            )
            if found is not None:
                say = {"why": "found at the provider"}
                return self._office.moved(job, JobState.SUBMITTED, remote={**job.origin, **found.ids}, say=say)
        why = str((job.error or {}).get("message") or "")
        error = messages.doubt(job, why)
        error.message = why or error.message
        raise error


def _seen(task: asyncio.Task[Job]) -> None:
    """A stopped run does not wait for the outcome: it stands in the journal, and must not be reported as lost."""
    if not task.cancelled():
        task.exception()
