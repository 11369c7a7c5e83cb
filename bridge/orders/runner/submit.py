"""Sending an order: journal first, then the request, then what is known of its outcome.

After `submitting` is committed the bytes go out at most once. What comes back decides the next move; when nobody can
know whether the provider got them, the job is `uncertain`, and only a look at the provider's lists or a person moves it
on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from bridge.core.errors import BridgeError, NeedsDecision, WorkFailed
from bridge.core.failpoint import failpoint
from bridge.core.web_address import new_secret
from bridge.http.outcome import Answer, Outcome, Sent, TransportError
from bridge.orders import failures, kept_urls
from bridge.orders.model import Job, JobState
from bridge.orders.runner import recovery
from bridge.orders.runner.rate_limit import seconds_until_resend
from bridge.orders.runner.session import OrderContext, ProviderSession
from bridge.providers.api import StepResult
from bridge.providers.paid import Accepted, DamagedResultError, Delivered, Ending, Remote
from bridge.providers.result_check import find_damage
from bridge.store import results
from bridge.trust.project_trust import Gate

Ingredients: TypeAlias = tuple[Mapping[str, bytes], Mapping[str, StepResult]]
Prepare: TypeAlias = Callable[[], Ingredients | Awaitable[Ingredients]]
_MOST_SENDS = 6
_MOST_OFFLINE_SENDS = 3
_GRACE = 200.0
_BALANCE_PATIENCE = 5.0
OTHER_REQUEST = "other_request"
"""A fact of a job that another machine has begun, where its request cannot be written here byte for byte."""
_NOT_TAKEN = frozenset({Outcome.NOT_SENT, Outcome.RATE_LIMITED})
# A route that an account does not have. Such an answer orders nothing, so the same order may go to another route.
_NO_ROUTE = frozenset({403, 404, 405})
# Refusals that are about the account and not about one order.
_CLOSING = frozenset({"key_rejected", "no_credits"})


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Which sending of an order it is, and when the first one began."""

    number: int
    began: float


class Submitter:
    """Sends the orders of one runner."""

    def __init__(self, context: OrderContext) -> None:
        self._context = context
        self._exchanges: set[asyncio.Task[Job]] = set()

    async def wait_for_exchanges(self) -> None:
        """Waits for the requests that are out: giving up now would make them uncertain."""
        if self._exchanges:
            await asyncio.wait(self._exchanges, timeout=_GRACE)

    async def submit_job(self, session: ProviderSession, job: Job, prepare: Prepare) -> Job:
        """The job as it is after its order was sent; one that is beyond `approved` as it is.

        Raises:
            NeedsDecision: `uncertain`.
            BridgeError: the provider refused it, or it was not sent.
        """
        if job.state is not JobState.APPROVED:
            return job
        ids = session.access.provider.adopted_ids(job.step)
        if ids is not None:
            return self._context.move(job, JobState.SUBMITTED, remote=dict(ids))
        self._cancel_if_closed(session, job)
        job, is_shared = await self._write_request(session, job, prepare)
        await self._hear_balance(session, job)
        attempt = _Attempt(1, self._context.clock.now())
        # It ends: the last attempt that is not taken raises.
        while job.state is JobState.APPROVED:
            existing = await self._find_existing(session, job) if is_shared else None
            if existing is not None:
                say = {"why": "it was there"}
                return self._context.move(job, JobState.SUBMITTED, remote=dict(existing.ids), say=say)
            await session.rate_limiter.before_request()
            self._cancel_if_unwanted(job)
            job, sent = await self._send_once(session, job)
            if job.state is JobState.APPROVED and sent.outcome is not Outcome.REJECTED:
                job = await self._wait_for_next(session, job, sent, attempt)
                attempt = replace(attempt, number=attempt.number + 1)
        return await self.resolve_uncertain(session, job) if job.state is JobState.UNCERTAIN else job

    async def _hear_balance(self, session: ProviderSession, job: Job) -> None:
        """Asks once what is left, before an order that no list would show: beside a lost answer it is all there is to
        know. Where it cannot be had, nothing depends on it.
        """
        provider, accounts = session.access.provider, self._context.journal.accounts
        if provider.abilities.can_search or provider.abilities.idempotency_header or job.estimate.amount == 0:
            return
        async with session.asking:
            if (
                session.closed is not None
                or session.has_balance
                or accounts.load_balance(job.provider, job.account) is not None
            ):
                return
            session.has_balance = True
            with contextlib.suppress(TransportError, TimeoutError):
                balance = await asyncio.wait_for(provider.balance(session.connection), _BALANCE_PATIENCE)
                if balance.amounts:
                    accounts.save_balance(job.provider, job.account, balance.amounts, balance.reserved)

    async def _find_existing(self, session: ProviderSession, job: Job) -> Remote | None:
        clock, provider = self._context.clock, session.access.provider
        return await recovery.find_existing(clock, provider, session.connection, job)

    def _cancel_if_closed(self, session: ProviderSession, job: Job) -> None:
        if session.closed is not None:
            # What stopped one order would stop all others: they are not sent, and nobody waits for them.
            self._context.move(job, JobState.CANCELLED, say={"why": "not sent"})
            raise failures.describe_closed(job, session.closed)

    def _cancel_if_unwanted(self, job: Job) -> None:
        try:
            self._context.before_order(job)
        except BridgeError:
            self._context.move(job, JobState.CANCELLED, say={"why": "not sent"})
            raise

    async def _wait_for_next(self, session: ProviderSession, job: Job, sent: Sent, attempt: _Attempt) -> Job:
        """Waits until an order that was not taken may be sent again.

        Raises:
            BridgeError: it is given up; nothing was sent.
        """
        clock = self._context.clock
        wait_seconds = seconds_until_resend(sent, attempt.number, clock)
        if self._is_last(session, sent, attempt, wait_seconds):
            # What costs nothing was sent and not answered: it has failed.
            facts = {"ending": None if sent.outcome in _NOT_TAKEN else Ending.FAILED}
            self._context.move(job, JobState.CANCELLED, say={"why": "not sent"}, **facts)
            failure = failures.describe_unsent(session.access.provider.name, sent)
            if sent.outcome in _NOT_TAKEN:
                session.closed = failure
            raise failure
        self._cancel_if_closed(session, job)
        if sent.outcome is Outcome.RATE_LIMITED:
            session.rate_limiter.hold_for(wait_seconds)
        job = self._context.journal.jobs.update(job, next_attempt=clock.now() + wait_seconds)
        await clock.sleep(wait_seconds)
        return job

    def _is_last(self, session: ProviderSession, sent: Sent, attempt: _Attempt, wait_seconds: float) -> bool:
        is_late = self._context.clock.now() + wait_seconds - attempt.began > session.access.limits.patience
        is_offline = sent.outcome is Outcome.NOT_SENT and attempt.number >= _MOST_OFFLINE_SENDS
        return attempt.number == _MOST_SENDS or is_late or is_offline

    async def _write_request(self, session: ProviderSession, job: Job, prepare: Prepare) -> tuple[Job, bool]:
        """The job with its request, and `Order.shared`; an address for webhooks is in it when its secret is kept."""
        try:
            prepared = prepare()
            inputs, needed = prepared if isinstance(prepared, tuple) else await prepared
            order = session.access.provider.order(job.step, inputs, needed)
        except BridgeError:
            self._context.move(job, JobState.CANCELLED, say={"why": "not sent"})
            raise
        body = dict(order.body)
        jobs, hints = self._context.journal.jobs, self._context.hints
        if order.webhook and hints.address is not None:
            job = jobs.update(job, hook=new_secret())
            hints.expect(job.hook, job.id)
            body[order.webhook] = hints.address(job.hook)
        raw = encode_body(body)
        path = order.path
        if order.fallback_path:
            session.fallback_paths[path] = order.fallback_path
            path = order.fallback_path if path in session.missing_paths else path
        job = jobs.update(job, path=path, body=raw, method=order.method, origin=order.origin)
        return job, order.shared

    async def _send_once(self, session: ProviderSession, job: Job) -> tuple[Job, Sent]:
        """One sending, from the intent to the recorded outcome; a cancelled run waits for it."""
        self._require_trust(session, job)
        facts: dict[str, Any] = {"attempt": job.attempt + 1}
        if job.state is JobState.APPROVED:
            balance = self._context.journal.accounts.load_balance(job.provider, job.account)
            facts |= {"sent": self._context.clock.now(), "balance_before": balance.amounts if balance else {}}
        is_resend = job.state is JobState.UNCERTAIN
        job = self._context.move(job, JobState.SUBMITTING, **facts)
        failpoint("job.submitting")
        if not is_resend:
            await self._announce(job)
        sent: list[Sent] = []
        task = asyncio.ensure_future(self._exchange(session, job, sent, is_resend=is_resend))
        self._exchanges.add(task)
        task.add_done_callback(self._exchanges.discard)
        task.add_done_callback(_retrieve_exception)
        return await asyncio.shield(task), sent[0]

    def _require_trust(self, session: ProviderSession, job: Job) -> None:
        """The last moment before money: what the project asks for may have changed while this order waited."""
        try:
            session.access.trust.require(Gate.SPENDING)
        except BridgeError:
            if job.state is JobState.APPROVED:
                self._context.move(job, JobState.CANCELLED, say={"why": "not sent"})
            raise

    async def _announce(self, job: Job) -> None:
        """Tells the team that the order goes out now, which is the last thing that can stop it.

        Raises:
            BridgeError: it may not; the job is cancelled, and nothing was sent.
        """
        if self._context.team is None:
            return
        try:
            await self._context.team.note_sending(job)
        except BaseException:
            job = self._context.move(job, JobState.APPROVED, say={"why": "not sent"})
            self._context.move(job, JobState.CANCELLED, say={"why": "not sent"})
            raise

    async def _exchange(self, session: ProviderSession, job: Job, sent: list[Sent], *, is_resend: bool) -> Job:
        header = session.access.provider.abilities.idempotency_header
        headers = {header: job.key} if header else None
        result = await session.connection.submit(job.path, job.body, headers, method=job.method)
        if is_resend and result.outcome is not Outcome.OK:
            # Whatever it says of the second sending, it says nothing of the first.
            result = replace(result, outcome=Outcome.UNKNOWN)
        sent.append(result)
        failpoint("job.answered")
        job = self._record_outcome(session, job, result)
        if self._context.team is not None and job.state is JobState.SUBMITTED:
            await self._context.team.note_taken(job)
        return job

    # what each outcome makes of the job

    def _record_outcome(self, session: ProviderSession, job: Job, sent: Sent) -> Job:
        if sent.outcome in _NOT_TAKEN:
            return self._context.move(job, JobState.APPROVED, say={"why": sent.detail})
        if sent.outcome is Outcome.REJECTED and sent.answer is not None:
            if job.path in session.fallback_paths and sent.answer.status in _NO_ROUTE:
                return self._take_fallback(session, job, sent.answer.status)
            raise self._record_rejected(session, job, sent.answer)
        try:
            accepted = _read_accepted(session, job, sent)
        except DamagedResultError as error:
            raise self._record_damaged(job, error) from error
        if isinstance(accepted, Remote):
            return self._record_taken(session, job, accepted)
        if isinstance(accepted, Delivered):
            why = find_damage(session.access.provider, job.step, accepted.result)
            if why:
                damage = DamagedResultError(why, accepted.result.files, accepted.charge)
                raise self._record_damaged(job, damage)
            return self._record_delivered(session, job, accepted)
        return self._record_unclear(job, sent)

    def _record_rejected(self, session: ProviderSession, job: Job, answer: Answer) -> BridgeError:
        error = failures.describe_refusal(session.access.provider, job, answer)
        self._context.move(job, JobState.REJECTED, error=error.as_dict())
        if error.code in _CLOSING:
            session.closed = error
        return error

    def _take_fallback(self, session: ProviderSession, job: Job, status: int) -> Job:
        """The order as it goes out to the other route: this one is not there for the account, and took nothing."""
        session.missing_paths.add(job.path)
        say = {"why": f"the account does not have {job.path} (HTTP {status})"}
        return self._context.move(job, JobState.APPROVED, path=session.fallback_paths[job.path], say=say)

    def _record_taken(self, session: ProviderSession, job: Job, accepted: Remote) -> Job:
        facts = {"remote": {**job.origin, **accepted.ids}, "charge": accepted.charge}
        job = self._move_or_rescue(job, facts, JobState.SUBMITTED)
        if accepted.left:
            self._context.journal.accounts.save_balance(job.provider, session.access.key.fingerprint, accepted.left)
        failpoint("job.submitted")
        return job

    def _record_delivered(self, session: ProviderSession, job: Job, delivered: Delivered) -> Job:
        try:
            sha256 = results.save(self._context.store, delivered.result)
        except WorkFailed as error:
            rescued = recovery.rescue_result(self._context.store.root.parent, job, delivered.result)
            why = f"the result arrived but could not be stored ({error.message}); it is kept in {rescued}"
            with contextlib.suppress(WorkFailed):
                self._move_to_uncertain(job, why)
            raise WorkFailed(error.code, f"{job.asset}: {why}", hint=error.hint) from error
        failpoint("job.blob_stored")
        urls = kept_urls.urls_of_result(delivered.result, self._context.clock.now(), session.access.api.base_url)
        facts = {"result": sha256, "charge": delivered.charge, "addresses": urls}
        return self._move_or_rescue(job, facts, JobState.STORED)

    def _record_damaged(self, job: Job, damage: DamagedResultError) -> BridgeError:
        """The answer held the result, which is paid for, is of no use and cannot be fetched again."""
        error = failures.describe_damaged(job, damage.message)
        facts: dict[str, Any] = {"charge": damage.charge, "error": error.as_dict()}
        with contextlib.suppress(WorkFailed):
            facts["result"] = results.save(self._context.store, StepResult(damage.files))
        self._context.move(job, JobState.DAMAGED, **facts)
        return error

    def _record_unclear(self, job: Job, sent: Sent) -> Job:
        why = failures.explain_unclear(sent)
        if job.estimate.amount == 0:
            # It may be sent twice: it costs nothing.
            return self._context.move(job, JobState.APPROVED, say={"why": why})
        return self._move_to_uncertain(job, why)

    def _move_to_uncertain(self, job: Job, why: str) -> Job:
        error = failures.describe_uncertain(job, why).as_dict()
        return self._context.move(job, JobState.UNCERTAIN, say={"why": why}, error=error)

    def _move_or_rescue(self, job: Job, facts: dict[str, Any], to: JobState) -> Job:
        """A move that must not get lost: where the journal cannot take it, its facts are written elsewhere first."""
        try:
            return self._context.move(job, to, **facts)
        except WorkFailed:
            recovery.rescue_facts(self._context.store.root.parent, job, facts.get("remote"), facts.get("result"))
            raise

    async def _search(self, session: ProviderSession, job: Job) -> recovery.LostSearch:
        context, team = self._context, self._context.team
        foreign = recovery.ForeignOrders()
        if team is not None:
            try:
                foreign = await team.list_foreign(job)
            except BridgeError as error:
                why = f"what other machines have ordered is not known ({error.message})"
                return recovery.LostSearch(said=why, is_done=False)
        lost = recovery.SearchContext(
            context.journal, context.clock, session.access.provider, session.connection, foreign
        )
        return await recovery.find_lost(lost, job, session.access.limits.search_delay)

    async def resolve_uncertain(self, session: ProviderSession, job: Job, *, is_asked: bool = True) -> Job:
        """What became of an order whose answer was lost: asked under its key, or looked up; else a person decides.

        is_asked: somebody asks for this build; without, what lists did not show once is not looked for at every save.

        Raises:
            NeedsDecision: `uncertain`.
        """
        if not is_asked and (job.error or {}).get("is_searched"):
            raise _describe_unresolved(job)
        abilities = session.access.provider.abilities
        age_seconds = self._context.clock.now() - (job.sent or 0.0)
        is_same = not job.facts.get(OTHER_REQUEST)
        if is_same and abilities.idempotency_header and 0 <= age_seconds < abilities.idempotency_seconds:
            await session.rate_limiter.before_request()
            job, _ = await self._send_once(session, job)
            if job.state is not JobState.UNCERTAIN:
                return job
        async with session.searching:
            search = await self._search(session, job)
            remote = search.remote
            if remote is not None:
                say = {"why": "found at the provider"}
                return self._context.move(job, JobState.SUBMITTED, remote={**job.origin, **remote.ids}, say=say)
        signs = {"searched": search.said, "is_searched": search.is_done}
        job = self._context.journal.jobs.update(job, error={**(job.error or {}), **signs})
        raise _describe_unresolved(job)


def _describe_unresolved(job: Job) -> NeedsDecision:
    why = str((job.error or {}).get("message") or "")
    error = failures.describe_uncertain(job, why)
    error.message = why or error.message
    return error


def encode_body(body: Mapping[str, Any]) -> bytes:
    """The bytes of a request."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _read_accepted(session: ProviderSession, job: Job, sent: Sent) -> Accepted | None:
    if sent.outcome is not Outcome.OK or sent.answer is None:
        return None
    try:
        answer = replace(sent.answer, request=job.body)
        return session.access.provider.accepted(job.step, answer)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        # An answer of a shape that nobody foresaw has been paid for all the same.
        return None


def _retrieve_exception(task: asyncio.Task[Job]) -> None:
    """A stopped run does not wait for the outcome: it stands in the journal, and must not be reported as lost."""
    if not task.cancelled():
        task.exception()
