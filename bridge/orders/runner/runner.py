"""Buys steps: decides who may, keeps a session a provider, and sees each job from its approval to its stored result.

The one rule: after `submitting` is committed the bytes go out at most once (`bridge.orders.runner.submit`). Everything
after the provider has taken an order is free and repeated as often as it takes (`bridge.orders.runner.collect`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bridge.core import waits
from bridge.core.clock import Clock
from bridge.core.errors import BridgeError, NeedsDecision, WorkFailed
from bridge.core.failpoint import failpoint
from bridge.orders import account_units, endings, failures
from bridge.orders.access import require_decoder
from bridge.orders.budget import Approval
from bridge.orders.journal import Journal
from bridge.orders.model import TAKEN, BegunOrder, Job, JobMovedError, JobState, OrderRequest
from bridge.orders.receipts import write_receipt
from bridge.orders.runner import account_balance
from bridge.orders.runner.collect import Collector
from bridge.orders.runner.connection import Connector, open_connection
from bridge.orders.runner.rate_limit import JobSlots, RateLimiter
from bridge.orders.runner.session import OrderContext, ProviderSession
from bridge.orders.runner.submit import OTHER_REQUEST, Ingredients, Prepare, Submitter, encode_body
from bridge.orders.runner.team import Hold
from bridge.orders.webhooks.hints import Hints
from bridge.providers.api import Price, StepResult
from bridge.providers.paid import Charge, Ending, Gone
from bridge.store.blobs import BlobStore
from bridge.store.receipts import Receipt
from bridge.store.results import complete
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.orders.access import ProviderAccess
    from bridge.orders.runner.team import TeamOrders
    from bridge.store.shared.claims import ClaimState

# How often an order is claimed anew because the account pays in another unit meanwhile.
_MOST_PRICES = 100


@dataclass(frozen=True, slots=True)
class PurchasedResult:
    """A step's result in the store: manifest hash, the provider's ids, and what it cost (None: not said)."""

    result: str
    remote: Mapping[str, str]
    charge: Charge | None


class Runner:
    """Buys steps; use it as an async context manager, inside `project.owned()`.

    open_access: provider name → `Access`. on_job: called with every move, and with the progress of what runs.
    before_order: asked at the moment before an order is sent; raises a BridgeError where it is not wanted any more.
    hints: webhooks, where they are received. team: claims orders in the team's store, where there is one.
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
        team: TeamOrders | None = None,
    ) -> None:
        self.journal = journal
        self.clock = clock
        self._store = store
        self._open_access = open_access
        self._connect = connect or open_connection
        context = OrderContext(journal, store, clock, hints or Hints(), on_job, before_order, team)
        self._context = context
        self._team = team
        self._sharing: dict[str, asyncio.Task[None]] = {}
        self._submitter = Submitter(context)
        self._collector = Collector(context)
        self._sessions: dict[str, ProviderSession] = {}
        self._tasks: dict[str, asyncio.Task[PurchasedResult]] = {}

    async def __aenter__(self) -> Self:
        # Others may wait for what an earlier run could not put there.
        self._share_rest()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._submitter.wait_for_exchanges()
        if kind is None:
            self._share_rest()
        if self._team is not None:
            grace_s = waits.SHARING_GRACE_S if kind is None else waits.STOPPED_SHARING_S
            await self._wait_for_sharing(self._team, grace_s)
            await self._team.close()
        for session in self._sessions.values():
            await session.connection.__aexit__(None, None, None)

    async def _wait_for_sharing(self, team: TeamOrders, grace_s: float) -> None:
        """Waits for results on their way into the team's store, and tells about it where that takes long."""
        for patience_s in (waits.TRANSFER_TOLD_S, grace_s - waits.TRANSFER_TOLD_S):
            if self._sharing:
                await asyncio.wait(self._sharing.values(), timeout=patience_s)
            if self._sharing:
                count = f"results still on their way into the team's store: {len(self._sharing):,}"
                team.shared.tell(f"{count}; the next build goes on with what is left")

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
        if self._team is not None and (job is None or job.state not in TAKEN):
            await self._team.look(request.fingerprint)
            job = await self._drop_unsent(self._team, job)
        if job is None or job.state in (JobState.PLANNED, JobState.APPROVED, JobState.UNCERTAIN):
            kept = self._find_kept(request.fingerprint)
            if kept is not None:
                return kept
        if job is None or job.state in (JobState.PLANNED, JobState.APPROVED):
            approved = await self._approve_job(request, approval, job, prepare)
            if isinstance(approved, PurchasedResult):
                return approved
            job = approved
        return await self._carry_through(job, prepare, is_asked=approval.is_asked)

    async def _drop_unsent(self, team: TeamOrders, job: Job | None) -> Job | None:
        """The job; none where it is uncertain here, and the team's records show that it was never sent."""
        if job is None or job.state is not JobState.UNCERTAIN or await team.was_sent(job):
            return job
        say = {"why": "the team's store shows that it was not sent"}
        self._context.move(job, JobState.CANCELLED, ending=Ending.UNSENT, say=say)
        return None

    def _find_kept(self, fingerprint: str) -> PurchasedResult | None:
        """What somebody has bought already, as the store says at this last moment.

        Raises:
            WorkFailed: `receipt_damaged`.
        """
        receipt = self._store.receipts.find(fingerprint)
        if receipt is None or not complete(self._store, receipt.result):
            return None
        cost = receipt.cost
        charge = Charge(cost.unit, cost.amount) if cost and cost.is_reported and cost.amount is not None else None
        return PurchasedResult(receipt.result, receipt.ids, charge)

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
        await account_balance.hear_balance(self._context, session)
        left = account_balance.read_left(self._context, session)
        price = account_units.choose_certain(prices, left)
        if price is None and left is not None:
            # What was heard of before an order ended says too little of what there is now.
            price = await self._price_anew(prices, session)
        while price is None and can_wait and session.carried:
            await asyncio.wait(session.carried, return_when=asyncio.FIRST_COMPLETED)
            price = await self._price_anew(prices, session)
        return self._choose_price(request, approval)

    async def _price_anew(self, prices: Mapping[str, Price], session: ProviderSession) -> Price | None:
        await account_balance.hear_balance(self._context, session, since=self.clock.now())
        return account_units.choose_certain(prices, account_balance.read_left(self._context, session))

    def _choose_price(self, request: OrderRequest, approval: Approval) -> OrderRequest:
        """As `_price_request`, by what is known of the account; nothing is waited for."""
        step = request.step
        session = self._sessions.get(step.provider)
        prices = account_units.list_prices(session.access.provider, step) if session is not None else {}
        if session is None or not prices:
            return request
        left = account_balance.read_left(self._context, session)
        price = account_units.choose_certain(prices, left)
        if session.closed is not None:
            raise failures.describe_closed(request, session.closed)
        if price is not None:
            return account_units.with_price(request, price)
        if left is None and approval.is_shown_in_any_unit(request):
            return request
        raise account_units.describe_unknown_unit(request, self.journal)

    async def _approve_job(
        self, request: OrderRequest, approval: Approval, job: Job | None, prepare: Prepare
    ) -> Job | PurchasedResult:
        """The approved job; the one of a dead machine; or what somebody has bought meanwhile."""
        request = await self._price_request(request, approval, can_wait=True)
        approval.check(request, self.journal)
        access = self._find_access(request.step.provider)
        await require_decoder(access, request)
        claim = await self._claim_order(request, approval)
        if isinstance(claim, Receipt):
            return self._require_kept(claim)
        request, hold = claim
        if hold.begun is not None:
            return await self._take_over(request, hold.begun, prepare)
        try:
            by = approval.grant(request, self.journal)
            failpoint("job.before_plan")
            job = job or self.journal.jobs.plan(request, account=access.key.fingerprint, key=hold.key)
        except BridgeError:
            if self._team is not None and hold.key:
                await self._team.give_back(request, hold.key, hold.book)
            raise
        failpoint("job.planned")
        if job.state is JobState.PLANNED:
            account, keeps = access.key.fingerprint, access.provider.abilities.keeps
            job = self.journal.jobs.move(job, JobState.APPROVED, approved_by=by, account=account, keeps=keeps)
        failpoint("job.approved")
        return job

    async def _claim_order(self, request: OrderRequest, approval: Approval) -> tuple[OrderRequest, Hold] | Receipt:
        """The request at the price that the account pays now, with our claim of it where there is a team; or what
        somebody has bought.

        From the price to the approved job nothing is waited for, so that each sees what those before it hold back.

        Raises:
            NeedsDecision: what its budget says. Else as `TeamOrders.hold`.
        """
        for _ in range(_MOST_PRICES):
            # Others were approved meanwhile: the account may pay in another unit by now.
            request = await self._price_request(request, approval, can_wait=True)
            if self._team is None or not request.step.price.unit or request.step.price.amount == 0:
                return request, Hold("")
            hold = await self._team.hold(request, partial(approval.check, request, self.journal))
            if isinstance(hold, Receipt):
                return hold
            if hold.begun is not None:
                return request, hold
            try:
                # While it was claimed, others may have been ordered: the next turn waits for them.
                is_same = self._choose_price(request, approval).step.price == request.step.price
            except NeedsDecision:
                is_same = False
            except BridgeError:
                await self._team.give_back(request, hold.key, hold.book)
                raise
            if is_same:
                return request, hold
            await self._team.give_back(request, hold.key, hold.book)
        raise account_units.describe_unknown_unit(request, self.journal)

    def _require_kept(self, receipt: Receipt) -> PurchasedResult:
        """What somebody has bought.

        Raises:
            WorkFailed: `store_missing`: its files are nowhere.
        """
        kept = self._find_kept(receipt.fingerprint)
        if kept is None:
            raise WorkFailed(
                "store_missing",
                f"{receipt.asset}: {receipt.step} was bought{f' by {receipt.by}' if receipt.by else ''}, and its files "
                "are not in the team's store",
                hint="Build again: they are fetched by their ids, for nothing, where the provider still has them.",
            )
        return kept

    async def _take_over(self, request: OrderRequest, begun: ClaimState, prepare: Prepare) -> Job:
        """The job of a machine that is dead: to be collected by its ids, or looked for."""
        session = await self._open_session(request.step.provider)
        abilities = session.access.provider.abilities
        sent = begun.sent.at if begun.sent is not None else self.clock.now()
        order = BegunOrder(begun.key, begun.account, sent, dict(begun.ids), keeps=abilities.keeps)
        if not begun.ids:
            prepared = prepare()
            inputs, needed = prepared if isinstance(prepared, tuple) else await prepared
            written = session.access.provider.order(request.step, inputs, needed)
            body = encode_body(written.body)
            is_same = begun.sent is not None and hashlib.sha256(body).hexdigest() == begun.sent.body
            order = replace(
                order,
                path=written.path,
                method=written.method,
                body=body,
                origin=written.origin,
                facts={} if is_same else {OTHER_REQUEST: True},
            )
        failpoint("team.taking_over")
        job = self.journal.jobs.take_over(request, order)
        self._context.on_job(job, None)
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
            if self._team is not None:
                await self._team.note_end(job.id)

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
        write_receipt(self._store, job)
        failpoint("job.receipt")
        self._share(job.fingerprint)
        return PurchasedResult(job.result, job.remote, job.charge)

    def _share_rest(self) -> None:
        """Puts what this journal has bought, and the team's store has not got yet, there."""
        if self._team is None:
            return
        shared = self.journal.team.list_shared(str(self._team.shared.bucket.address))
        for fingerprint in sorted(self.journal.jobs.list_results().keys() - shared):
            self._share(fingerprint)

    def _share(self, fingerprint: str) -> None:
        """Puts a result into the team's store, beside whatever else there is to do."""
        if self._team is None or fingerprint in self._sharing:
            return
        receipt = self._store.receipts.find(fingerprint)
        if receipt is not None:
            task = self._sharing[fingerprint] = asyncio.ensure_future(self._team.share(receipt))
            task.add_done_callback(lambda _task: self._sharing.pop(fingerprint, None))


def _refuse_inputs() -> Ingredients:
    raise AssertionError("a job that the provider has taken needs no inputs")
