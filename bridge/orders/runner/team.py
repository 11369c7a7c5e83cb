"""Orders of a team: claimed in the shared store before anything is sent, so that two machines never buy the same.

Who is second waits and gets what the first one has bought. What a dead machine has begun is gone on with after its
lease: collected where its ids are known, looked for at the provider where they are not, and never ordered blindly.
Nothing is ordered while the store cannot be reached.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from bridge.core import waits
from bridge.core.clock import day_of
from bridge.core.errors import BridgeError, NeedsDecision, WorkFailed
from bridge.core.failpoint import failpoint
from bridge.orders.model import OWNED, Job, JobState, OrderRequest, format_price
from bridge.orders.runner.recovery import ForeignOrders
from bridge.orders.runner.signs_of_life import SignsOfLife
from bridge.orders.runner.team_books import TeamBooks
from bridge.providers.paid import NEVER_SENT, Ending
from bridge.store.shared.bucket import RemoteOfflineError, RemoteRefusedError
from bridge.store.shared.claims import ClaimKind, ClaimRecord, ClaimStage, ClaimState
from bridge.store.shared.day_books import BookName
from bridge.store.shared.probe import describe_read_only, probe_store, read_store_id

if TYPE_CHECKING:
    from bridge.core.clock import Clock
    from bridge.orders.journal import Journal
    from bridge.store.receipts import Receipt
    from bridge.store.shared.shared_store import SharedStore

T = TypeVar("T")
STORE_ID, STORE_ADDRESS = "store", "store_address"
"""Names of what the journal remembers of the store that was looked at."""
_FREE_ENDINGS = frozenset({"", *map(str, NEVER_SENT)})


@dataclass(frozen=True, slots=True)
class Hold:
    """A claim of ours. key: of the order. begun: an order of a machine that is dead, to be gone on with; else None.

    book: where its price is held back.
    """

    key: str
    begun: ClaimState | None = None
    book: BookName | None = None


@dataclass(frozen=True, slots=True)
class _Untold:
    """What the others have to know of an order, and could not be written. book: where its price may be held back."""

    record: ClaimRecord
    book: BookName | None = None


class TeamOrders:
    """Claims of one run. by: who orders, for other people. Close it at the end of the run."""

    def __init__(self, shared: SharedStore, journal: Journal, clock: Clock, by: str) -> None:
        self.shared = shared
        self._journal = journal
        self._clock = clock
        self._by = by
        owned = f"{journal.team.owner_id()}\0{journal.path.resolve()}"
        # A copy of the folder, which has a copy of the journal, is somebody else.
        self.owner = hashlib.sha256(owned.encode()).hexdigest()[:32]
        self._ready: asyncio.Lock | None = None
        self._store_id = ""
        self._held: dict[str, ClaimState] = {}
        self._books = TeamBooks(shared, journal, by)
        self._signs = SignsOfLife(shared, clock, self.owner)
        self._untold: dict[str, _Untold] = {}
        self._waiting = 0
        self._unshared: dict[str, Receipt] = {}
        self._tasks: list[asyncio.Task[None]] = []

    # what is there

    async def look(self, fingerprint: str) -> None:
        """Brings what anybody of the team has bought into the project's store, where that is not done yet."""
        await self.shared.ask(self.shared.fetch_results, [fingerprint])

    async def _find_result(self, fingerprint: str) -> Receipt | None:
        return await self.shared.ask(self.shared.fetch_result, fingerprint)

    async def was_sent(self, job: Job) -> bool:
        """Whether a job of ours may have been sent; where it is not known, it may."""
        claims = self.shared.claims
        try:
            state = await self.shared.ask(claims.read, job.fingerprint)
            if state.keys.get(job.key, True):
                return True
            # A number that nobody has taken yet: so there is no record that was not read.
            record = self._record(ClaimKind.PARKED, job, job.key)
            if state.key != job.key:
                return False
            return await self.shared.ask(claims.append, state, record, self._clock.now()) is None
        except BridgeError:
            return True

    async def list_foreign(self, job: Job) -> ForeignOrders:
        """What other machines have ordered since shortly before a lost order: none of it can be that order.

        Raises:
            WorkFailed, UserError: as `Bucket.list`.
        """
        return await self.shared.ask(self._list_foreign, job)

    def _list_foreign(self, job: Job) -> ForeignOrders:
        since = (job.sent or 0.0) - 3600.0
        bucket, claims = self.shared.bucket, self.shared.claims
        recent = {entry.name.split("/")[1] for entry in bucket.list("claims") if entry.modified >= since}
        names = [name.replace("-", ":", 1) for name in recent]
        states = list(self.shared.executor.map(claims.read, (name for name in names if name != job.fingerprint)))
        ids = {value for state in states for value in state.ids.values()}
        sent = [state.sent for state in states if state.stage is ClaimStage.SENDING]
        return ForeignOrders(frozenset(ids), frozenset(record.body for record in sent if record is not None))

    # before money

    async def hold(self, request: OrderRequest, check: Callable[[], str]) -> Hold | Receipt:
        """Claims an order and holds its price back in the books of the day; or gives what somebody has bought.

        check: whether it may be bought, and who says so; asked again whenever more is known of what others spend.

        Raises:
            NeedsDecision: `remote_read_only`, what `check` raises, `order_failed`, `order_cancelled`.
            UserError: `remote_unsafe`; as `Bucket.create`.
            WorkFailed: `remote_offline`, `remote_refused`, `remote_damaged`, `claimed`.
        """
        self.shared.require_reachable()
        try:
            await self._prepare()
            return await self._hold(request, check)
        except RemoteOfflineError as error:
            self.shared.note_away(error)
            raise
        except RemoteRefusedError as error:
            raise describe_read_only(self.shared) from error

    async def _prepare(self) -> None:
        """Looks, once a run, whether this is the store that it was, and that it can hold claims."""
        self._ready = self._ready or asyncio.Lock()
        async with self._ready:
            if self._store_id:
                return
            known, name = self._journal.team.get(STORE_ID), self._journal.team.get(STORE_ADDRESS)
            address = str(self.shared.bucket.address)
            there = await self.shared.ask(read_store_id, self.shared)
            if known and name == address and there != known:
                raise WorkFailed(
                    "remote_offline",
                    f"{address} is not the store that it was: it was emptied, or the drive is not there",
                    hint="Connect the drive. For a store that was begun anew: assetbridge store probe",
                )
            if not there or known != there:
                there = await self.shared.ask(probe_store, self.shared)
                self.remember_store(there)
            self._store_id = there
            self._tasks = [asyncio.create_task(self._keep_beating()), asyncio.create_task(self._keep_telling())]

    def remember_store(self, store_id: str) -> None:
        """The store was looked at, and can hold claims."""
        self._journal.team.put(STORE_ID, store_id)
        self._journal.team.put(STORE_ADDRESS, str(self.shared.bucket.address))

    async def _hold(self, request: OrderRequest, check: Callable[[], str]) -> Hold | Receipt:
        claims, fingerprint = self.shared.claims, request.fingerprint
        state = await self.shared.ask(claims.read, fingerprint)
        began, pause = self._clock.now(), waits.CLAIM_POLL_S
        while True:
            receipt = await self._find_result(fingerprint)
            if receipt is not None:
                return receipt
            ending = self._find_own_ending(state)
            if ending:
                record = self._record(ClaimKind.ENDED, request, state.key, ending=ending)
                await self._append(state, record)
                state = await self.shared.ask(claims.read, fingerprint, state)
            elif state.stage is ClaimStage.FREE:
                self._check_ended(state, request, check)
                held = await self._claim(state, request, check)
                if held is not None:
                    return held
                state = await self.shared.ask(claims.read, fingerprint, state)
            elif state.owner in ("", self.owner) or await self._signs.is_silent(state):
                held = await self._take_over(state, request, check)
                if held is not None:
                    return held
                state = await self.shared.ask(claims.read, fingerprint, state)
            else:
                if self._clock.now() - began > waits.CLAIM_PATIENCE_S:
                    raise _describe_claimed(request, state)
                self._waiting += 1
                try:
                    await self._clock.sleep(max(pause, self._waiting / waits.CLAIM_POLLS_PER_S))
                finally:
                    self._waiting -= 1
                pause = min(waits.CLAIM_POLL_MOST_S, pause * 1.5)
                state = await self.shared.ask(claims.read, fingerprint, state)

    def _find_own_ending(self, state: ClaimState) -> str:
        """How an order has ended that the records say is under way, where this journal knows; else empty."""
        job = self._journal.jobs.find_key(state.key) if state.key and state.stage is not ClaimStage.FREE else None
        if job is None or job.is_live or job.state in OWNED:
            return ""
        return str(job.ending) if job.ending is not None else str(job.state)

    def _check_ended(self, state: ClaimState, request: OrderRequest, check: Callable[[], str]) -> None:
        """What ended badly is not ordered again by itself, on whichever machine it did.

        Raises:
            NeedsDecision: as `hold`.
        """
        ended = state.ended
        if ended is None or ended.ending in _FREE_ENDINGS or ended.owner == self.owner or check() == "plan":
            return
        is_cancelled = ended.ending in (str(Ending.STOPPED), str(Ending.LEFT), str(Ending.UNWANTED))
        who = f" of {ended.by}" if ended.by else " on another machine"
        raise NeedsDecision(
            "order_cancelled" if is_cancelled else "order_failed",
            f"{request.asset}: the order of {request.step.key}{who} ended ({ended.ending}); "
            f"a new one costs {format_price(request.step.price)}",
            hint=f"It is not ordered again by itself. Change the spec, or: assetbridge build {request.asset} --yes",
        )

    async def _claim(self, state: ClaimState, request: OrderRequest, check: Callable[[], str]) -> Hold | Receipt | None:
        """A claim of an order that nobody has begun; None where somebody else was faster."""
        key = str(uuid.uuid4())
        book = None
        try:
            if await self._append(state, self._record(ClaimKind.CLAIMED, request, key)) is None:
                return None
            failpoint("team.claimed")
            # Whoever has bought it puts the receipt there first, and may have put the claims away since.
            receipt = await self._find_result(request.fingerprint)
            if receipt is None:
                book = BookName(day_of(self._clock.now()), request.step.provider, request.step.price.unit)
                await self._books.reserve(book, request, key, check)
                failpoint("team.reserved")
                return Hold(key, book=book)
        except BaseException as error:
            # A line that a budget has refused was never written.
            await self.give_back(request, key, None if isinstance(error, NeedsDecision) else book)
            raise
        await self.give_back(request, key)
        return receipt

    async def _take_over(
        self, state: ClaimState, request: OrderRequest, check: Callable[[], str]
    ) -> Hold | Receipt | None:
        """The claim of a machine that is dead, or of an earlier run of this one; None where somebody was faster."""
        if state.stage is ClaimStage.CLAIMED:
            # Nothing was sent: it never will be, for its number is taken from now on.
            held = await self._claim(state, request, check)
            if held is not None and state.first is not None:
                await self._books.settle(day_of(state.first.at), state.first, Decimal(0))
            return held
        record = self._record(ClaimKind.CLAIMED, request, state.key)
        try:
            taken = await self._append(state, record)
        except BridgeError:
            await self._tell(request.fingerprint, self._record(ClaimKind.PARKED, request, state.key))
            raise
        return Hold(state.key, taken) if taken is not None else None

    async def give_back(self, request: OrderRequest, key: str, book: BookName | None = None) -> None:
        """Gives a claim back of which nothing was sent. book: where its price may be held back."""
        await self._tell(
            request.fingerprint, self._record(ClaimKind.ENDED, request, key, ending=str(Ending.UNSENT)), book
        )

    async def _tell(self, fingerprint: str, record: ClaimRecord, book: BookName | None = None) -> None:
        """Writes that an order of ours has ended or is parked; again and again where that fails, for others wait."""
        self._untold[fingerprint] = _Untold(record, book)
        await self._tell_again(fingerprint)

    async def _tell_again(self, fingerprint: str) -> None:
        untold = self._untold.get(fingerprint)
        if untold is None:
            return
        record = untold.record
        with contextlib.suppress(BridgeError):
            if untold.book is not None:
                await self._books.settle(untold.book.day, record, Decimal(0))
            state = await self.shared.ask(self.shared.claims.read, fingerprint, self._held.get(fingerprint))
            while state.owner == self.owner and state.key == record.key and state.stage is not ClaimStage.FREE:
                await self.shared.ask(self.shared.claims.append, state, record, self._clock.now())
                state = await self.shared.ask(self.shared.claims.read, fingerprint, state)
            self._held.pop(fingerprint, None)
            self._untold.pop(fingerprint, None)

    async def _append(self, state: ClaimState, record: ClaimRecord) -> ClaimState | None:
        new = await self.shared.ask(self.shared.claims.append, state, record, self._clock.now())
        if new is not None:
            self._held[state.fingerprint] = new
        return new

    def _record(self, kind: ClaimKind, order: OrderRequest | Job, key: str, **more: Any) -> ClaimRecord:
        step, account = order.step, order.account if isinstance(order, Job) else ""
        price = order.estimate if isinstance(order, Job) else step.price
        return ClaimRecord(
            kind,
            self.owner,
            key,
            self._clock.now(),
            waits.CLAIM_LEASE_S,
            self._by,
            step.provider,
            account,
            order.asset,
            step.key,
            price.unit,
            "" if price.amount is None else str(price.amount),
            **more,
        )

    # what becomes of an order

    async def note_sending(self, job: Job) -> None:
        """The next thing is the first byte of this order.

        Raises:
            WorkFailed: `claimed`: somebody has taken it over; nothing may be sent. Else as `Bucket.create`.
        """
        state = self._held.get(job.fingerprint)
        if state is None:
            return
        if job.attempt > 1:
            state = self._held[job.fingerprint] = await self.shared.ask(self.shared.claims.read, job.fingerprint, state)
        if state.owner == self.owner and state.stage is ClaimStage.SENDING and state.key == job.key:
            return
        new = None
        if state.owner == self.owner:
            body = hashlib.sha256(job.body).hexdigest()
            new = await self._append(state, self._record(ClaimKind.SENDING, job, job.key, body=body))
        failpoint("team.sending")
        if new is None:
            raise WorkFailed(
                "claimed",
                f"{job.asset}: another machine has taken over the order of {job.step.key}, which was not sent",
                hint="Build again: what it buys is collected, for nothing.",
            )

    async def note_taken(self, job: Job) -> None:
        """The provider has this order, and these are its ids."""
        state = self._held.get(job.fingerprint)
        if state is not None and state.stage is not ClaimStage.TAKEN:
            with contextlib.suppress(BridgeError):
                await self._append(state, self._record(ClaimKind.TAKEN, job, job.key, ids=dict(job.remote)))
        failpoint("team.taken")

    async def note_end(self, number: int) -> None:
        """An order of ours is at its end, as the journal knows it: tells the others what became of it."""
        job = self._journal.jobs.get(number)
        state = self._held.get(job.fingerprint)
        if state is None or state.key != job.key:
            return
        if job.is_live:
            # Uncertain, or longer at work than this run waits: another machine may go on with it.
            await self._tell(job.fingerprint, self._record(ClaimKind.PARKED, job, job.key))
            return
        changes = [
            entry.change for entry in self._journal.ledger.list_of_job(job.id) if entry.unit == job.estimate.unit
        ]
        cost = sum((change.charged + change.possible for change in changes), Decimal(0))
        if not any(change.unknown for change in changes):
            await self._books.settle(day_of(job.created), self._record(ClaimKind.ENDED, job, job.key), cost)
        if job.state not in (*OWNED, JobState.DAMAGED):
            ending = str(job.ending) if job.ending is not None else str(job.state)
            await self._tell(job.fingerprint, self._record(ClaimKind.ENDED, job, job.key, ending=ending))

    async def share(self, receipt: Receipt) -> None:
        """Puts a result that was paid for into the shared store; what fails is tried again, and by the next build."""
        self._unshared[receipt.fingerprint] = receipt
        if self.shared.is_away:
            return
        try:
            await self.shared.ask(self.shared.push_result, receipt)
        except (RemoteOfflineError, RemoteRefusedError) as error:
            self.shared.note_away(error)
            return
        except BridgeError:
            # What is not in the project's own store any more cannot be given to others.
            self._unshared.pop(receipt.fingerprint, None)
            return
        self._unshared.pop(receipt.fingerprint, None)
        failpoint("team.shared")
        self._journal.team.note_shared(receipt.fingerprint, str(self.shared.bucket.address))

    # signs of life

    async def _keep_beating(self) -> None:
        while True:
            await self._signs.give()
            await asyncio.sleep(waits.CLAIM_LEASE_S / waits.BEATS_PER_LEASE)

    async def _keep_telling(self) -> None:
        """Beside the signs of life, which must not wait for it."""
        while True:
            await asyncio.sleep(waits.CLAIM_LEASE_S / waits.BEATS_PER_LEASE)
            for fingerprint in list(self._untold):
                await self._tell_again(fingerprint)
            for receipt in list(self._unshared.values()):
                await self.share(receipt)

    async def close(self) -> None:
        """Ends the signs of life, and says once more what could not be said."""
        for fingerprint in list(self._untold):
            await self._tell_again(fingerprint)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._signs.end()


def _describe_claimed(request: OrderRequest, state: ClaimState) -> WorkFailed:
    who = state.last.by if state.last is not None and state.last.by else "another machine"
    return WorkFailed(
        "claimed",
        f"{request.asset}: {who} is still at work on the order of {request.step.key}",
        hint="It is collected for nothing as soon as it is there: build again. `assetbridge jobs --team` shows it.",
    )
