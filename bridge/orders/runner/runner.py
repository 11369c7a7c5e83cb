"""Buys steps: decides who may, keeps a session a provider, and sees each job from its approval to its stored result.

The one rule: after `submitting` is committed the bytes go out at most once (`bridge.orders.runner.submit`). Everything
after the provider has taken an order is free and repeated as often as it takes (`bridge.orders.runner.collect`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias

from bridge.core.clock import Clock
from bridge.core.errors import BridgeError, NeedsDecision, UserError
from bridge.core.failpoint import failpoint
from bridge.http.outcome import TransportError
from bridge.orders import account_units, endings, failures
from bridge.orders.budget import Approval
from bridge.orders.journal import Journal
from bridge.orders.model import TAKEN, Job, JobMovedError, JobState, OrderRequest
from bridge.orders.runner.collect import Collector
from bridge.orders.runner.connection import Connector, open_connection
from bridge.orders.runner.rate_limit import JobSlots, RateLimiter
from bridge.orders.runner.session import OrderContext, ProviderSession
from bridge.orders.runner.submit import Ingredients, Prepare, Submitter
from bridge.orders.webhooks.hints import Hints
from bridge.providers.api import Price, StepResult
from bridge.providers.paid import Charge, Gone
from bridge.store.blobs import BlobStore
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.orders.access import ProviderAccess
    from bridge.orders.tables.accounts import HeardBalance

_Left: TypeAlias = tuple[Mapping[str, Decimal], Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True)
class PurchasedResult:
    """A step's result in the store: manifest hash, the provider's ids, and what it cost (None: not said)."""

    result: str
    remote: Mapping[str, str]
    charge: Charge | None
    job: int


class Runner:
    """Buys steps; use it as an async context manager, inside `project.owned()`.

    open_access: provider name → `Access`. on_job: called with every move, and with the progress of what runs.
    before_order: asked at the moment before an order is sent; raises a BridgeError where it is not wanted any more.
    hints: webhooks, where they are received.
    """

    def __init__(
        self,
        journal: Journal,
        store: BlobStore,
        clock: Clock,
        open_access: Callable[[str], ProviderAccess],
        *,
        on_job: Callable[[Job, float | None], None] = lambda _job, _progress: None,
        before_order: Callable[[Job], None] = lambda _job: None,
        connect: Connector | None = None,
        hints: Hints | None = None,
    ) -> None:
        self.journal = journal
        self.clock = clock
        self._open_access = open_access
        self._connect = connect or open_connection
        context = OrderContext(journal, store, clock, hints or Hints(), on_job, before_order)
        self._submitter = Submitter(context)
        self._collector = Collector(context)
        self._sessions: dict[str, ProviderSession] = {}
        self._tasks: dict[str, asyncio.Task[PurchasedResult]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._submitter.wait_for_exchanges()
        for session in self._sessions.values():
            await session.connection.__aexit__(None, None, None)

    async def buy(
        self,
        request: OrderRequest,
        approval: Approval,
        prepare: Prepare,
    ) -> PurchasedResult:
        """Buys one step, or goes on with the job that is on its way for it. `prepare` gives inputs and needed results.

        Raises:
            NeedsDecision: `needs_approval`, `over_budget`, `uncertain`.
            ProviderError: the provider refused or failed, or what it delivered is damaged.
            WorkFailed, UserError: as their messages say; nothing was charged unless they say so.
        """
        task = self._tasks.get(request.fingerprint)
        if task is None:
            # Two assets may request the very same thing: it is ordered once, and both get it.
            task = asyncio.ensure_future(self._buy_once(request, approval, prepare))
            self._tasks[request.fingerprint] = task
            task.add_done_callback(lambda _done: self._tasks.pop(request.fingerprint, None))
            return await task
        return await asyncio.shield(task)

    async def _buy_once(self, request: OrderRequest, approval: Approval, prepare: Prepare) -> PurchasedResult:
        job = self.journal.jobs.find_live(request.fingerprint)
        if job is None or job.state in (JobState.PLANNED, JobState.APPROVED):
            job = await self._approve_job(request, approval, job)
        return await self._carry_through(job, prepare, is_asked=approval.is_asked)

    async def collect_job(self, number: int) -> PurchasedResult:
        """Collects a job that the provider has taken; spends nothing."""
        return await self._carry_through(self.journal.jobs.get(number), _refuse_inputs)

    async def refetch(self, request: OrderRequest, remote: Mapping[str, str]) -> str | None:
        """The result of a step that was paid for earlier, fetched again by its ids; None when it is gone.

        Raises:
            ProviderError: `provider_offline`.
        """
        return await self._collector.refetch(await self._open_session(request.step.provider), request.step, remote)

    async def fetch_again(self, job: Job) -> StepResult | Gone | str:
        """The whole result of a job, by its ids; or what keeps it from being had. Moves nothing.

        Raises:
            ProviderError: `provider_offline`.
        """
        session = await self._open_session(job.provider)
        return await self._collector.fetch_again(session, job.step, job.remote)

    async def check_approval(self, request: OrderRequest, approval: Approval) -> None:
        """Whether a step would be allowed now, at the price that this account pays; nothing is ordered.

        Raises:
            NeedsDecision: as `Approval.check`, and where nobody knows in which unit the account pays.
        """
        approval.check(await self._price_request(request, approval, can_wait=False), self.journal)

    async def can_retry(self, request: OrderRequest, approval: Approval) -> bool:
        """Whether a step whose job has just failed may be ordered again by itself."""
        if not endings.may_retry(self.journal, request):
            return False
        try:
            await self.check_approval(request, approval)
        except NeedsDecision:
            return False
        return True

    async def _price_request(self, request: OrderRequest, approval: Approval, *, can_wait: bool) -> OrderRequest:
        """The request at the price that this account pays for it: some pay in one of several units.

        can_wait: as long as orders of this build may change the unit, they are waited for: such orders take turns.

        Raises:
            NeedsDecision: nobody knows in which unit the account pays.
        """
        step = request.step
        try:
            access = self._find_access(step.provider)
        except BridgeError:
            # Without a key nothing is ordered anyway; what it costs is said first.
            return request
        prices = account_units.list_prices(access.provider, step)
        if not prices:
            return request
        session = await self._open_session(step.provider)
        left = await self._find_left(session)
        price = _choose_price(prices, left)
        if price is None and left is not None:
            # What was heard of before an order ended says too little of what there is now.
            price = _choose_price(prices, await self._find_left(session, since=self.clock.now()))
        while price is None and can_wait and session.carried:
            await asyncio.wait(session.carried, return_when=asyncio.FIRST_COMPLETED)
            price = _choose_price(prices, await self._find_left(session, since=self.clock.now()))
        if session.closed is not None:
            raise failures.describe_closed(request, session.closed)
        if price is not None:
            return account_units.with_price(request, price)
        if left is None and approval.is_shown_in_any_unit(request):
            return request
        raise account_units.describe_unknown_unit(request, self.journal)

    async def _find_left(self, session: ProviderSession, *, since: float = 0.0) -> _Left | None:
        """What is left on an account by unit at least (without what is on its way, or may have been charged) and at
        most; None where the provider does not say. since: what was heard of by then is too old.
        """
        name, account = session.access.provider.name, session.access.key.fingerprint
        async with session.asking:
            if session.closed is not None:
                return None
            known = self.journal.accounts.load_balance(name, account)
            moment = self.clock.now()
            if (
                known is None
                or known.at <= since
                or (not session.has_balance and moment - known.at > account_units.RECENT_S)
            ):
                known = await self._ask_balance(session, account)
        if known is None:
            return None
        amounts = {unit: Decimal(amount) for unit, amount in known.amounts.items()}
        return (
            account_units.sum_left(self.journal, name, amounts, known.at),
            account_units.sum_most_left(self.journal, name, amounts, known.at),
        )

    async def _ask_balance(self, session: ProviderSession, account: str) -> HeardBalance | None:
        name = session.access.provider.name
        try:
            balance = await session.access.provider.balance(session.connection)
        except TransportError as error:
            if error.kind == "offline":
                # What cannot be asked for nothing cannot be ordered from either.
                session.closed = failures.describe_offline(name, error.detail)
            return None
        session.has_balance = True
        return self.journal.accounts.save_balance(name, account, balance.amounts, balance.reserved)

    async def _approve_job(self, request: OrderRequest, approval: Approval, job: Job | None) -> Job:
        request = await self._price_request(request, approval, can_wait=True)
        approval.check(request, self.journal)
        access = self._find_access(request.step.provider)
        await asyncio.to_thread(_require_decoder, access, request)
        # Others were approved meanwhile: the account may pay in another unit by now. From the price to the approved job
        # nothing is waited for, so that each sees what those before it hold back.
        request = await self._price_request(request, approval, can_wait=True)
        by = approval.grant(request, self.journal)
        failpoint("job.before_plan")
        job = job or self.journal.jobs.plan(request, account=access.key.fingerprint)
        failpoint("job.planned")
        if job.state is JobState.PLANNED:
            account, keeps = access.key.fingerprint, access.provider.abilities.keeps
            job = self.journal.jobs.move(job, JobState.APPROVED, approved_by=by, account=account, keeps=keeps)
        failpoint("job.approved")
        return job

    def _find_access(self, name: str) -> ProviderAccess:
        session = self._sessions.get(name)
        return session.access if session else self._open_access(name)

    async def _open_session(self, name: str) -> ProviderSession:
        if name not in self._sessions:
            access = self._open_access(name)
            rate_limiter = RateLimiter(self.journal, self.clock, name, access.key.fingerprint, access.limits)
            connection = self._connect(access, rate_limiter, self.clock)
            await connection.__aenter__()
            self._sessions[name] = ProviderSession(access, connection, rate_limiter, JobSlots(access.limits.concurrent))
        return self._sessions[name]

    async def _carry_through(self, job: Job, prepare: Prepare, *, is_asked: bool = True) -> PurchasedResult:
        session = await self._open_session(job.provider)
        ended = asyncio.get_running_loop().create_future()
        session.carried.add(ended)
        try:
            return await self._carry(session, job, prepare, is_asked=is_asked)
        except JobMovedError as error:
            # Somebody decided about it meanwhile: it stays so for whoever waits.
            raise failures.describe_moved(self.journal.jobs.get(job.id)) from error
        finally:
            session.carried.discard(ended)
            ended.set_result(None)

    async def _carry(self, session: ProviderSession, job: Job, prepare: Prepare, *, is_asked: bool) -> PurchasedResult:
        session.access.trust.require(Gate.KEYS)
        if job.state is JobState.UNCERTAIN:
            job = await self._submitter.resolve_uncertain(session, job, is_asked=is_asked)
        waits = job.state in (JobState.APPROVED, *TAKEN)
        if waits:
            await session.slots.acquire()
        try:
            job = await self._submitter.submit_job(session, job, prepare)
            job = await self._collector.wait_until_finished(session, job)
        finally:
            if waits:
                session.slots.release()
        job = await self._collector.fetch_result(session, job)
        return PurchasedResult(job.result, job.remote, job.charge, job.id)


def _choose_price(prices: Mapping[str, Price], left: _Left | None) -> Price | None:
    """The price in the unit that the account pays in; None where that is not certain."""
    if left is None:
        return None
    least, most = (account_units.choose_price(prices, amounts) for amounts in left)
    return least if least.unit == most.unit else None


def _require_decoder(access: ProviderAccess, request: OrderRequest) -> None:
    """What would be paid for has to be of use here.

    Raises:
        UserError: `missing_extra`.
    """
    require = getattr(access.provider, "require_decoder", None)
    if require is None:
        return
    try:
        require(request.step)
    except UserError as error:
        message = f"{request.asset}: {request.step.key} was not ordered: {error.message}"
        raise UserError(error.code, message, hint=error.hint) from error


def _refuse_inputs() -> Ingredients:
    raise AssertionError("a job that the provider has taken needs no inputs")
