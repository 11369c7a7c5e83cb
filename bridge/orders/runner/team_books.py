"""The books of the days, as one run writes them: what all machines hold back and have spent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from bridge.core import waits
from bridge.core.clock import SystemClock, day_of
from bridge.core.errors import BridgeError, WorkFailed
from bridge.orders.model import OrderRequest
from bridge.orders.tables.ledger import Spent, SpentElsewhere
from bridge.store.shared.bucket import RemoteOfflineError, RemoteRefusedError
from bridge.store.shared.day_books import BookName, DayBook, DayLine

if TYPE_CHECKING:
    from bridge.orders.journal import Journal
    from bridge.store.shared.claims import ClaimRecord
    from bridge.store.shared.shared_store import SharedStore


def read_elsewhere(shared: SharedStore, journal: Journal | None, provider: str, unit: str) -> SpentElsewhere | None:
    """What other machines have spent or hold back today; None where the books cannot be read, which whoever orders is
    told.
    """
    now = journal.clock.now() if journal is not None else SystemClock().now()
    try:
        shared.require_reachable()
        book = shared.books.read(BookName(day_of(now), provider, unit))
    except (RemoteOfflineError, RemoteRefusedError) as error:
        shared.note_away(error)
        return None
    except BridgeError:
        return None
    return _sum_elsewhere(book, journal.jobs.list_keys() if journal is not None else ())


def _sum_elsewhere(book: DayBook, own_keys: Collection[str]) -> SpentElsewhere:
    counted = frozenset(line.fingerprint for line in book.lines.values() if line.amount != 0)
    return SpentElsewhere(Spent(*book.sum_others(own_keys)), counted)


class TeamBooks:
    """Books as far as this run has read them; what others have in them is told to the journal. by: who orders."""

    def __init__(self, shared: SharedStore, journal: Journal, by: str) -> None:
        self._shared = shared
        self._journal = journal
        self._by = by
        self._books: dict[BookName, DayBook] = {}
        # Another machine may have given back since what an earlier run of this process has read.
        journal.others.clear()
        # Orders of one machine that raced each other would keep all others from their lines.
        self._turn = asyncio.Lock()

    async def reserve(self, name: BookName, request: OrderRequest, key: str, check: Callable[[], str]) -> None:
        """Holds a price back; the budget is asked with everything that anybody holds back or has spent today.

        Raises:
            NeedsDecision: what `check` raises.
            WorkFailed: `claimed`: so many others write that no line could be added; else as `Bucket.create`.
        """
        async with self._turn:
            await self._reserve(name, request, key, check)

    async def _reserve(self, name: BookName, request: OrderRequest, key: str, check: Callable[[], str]) -> None:
        amount, step = request.step.price.amount, request.step.key
        line = DayLine(key, amount, True, self._by, request.asset, step, request.fingerprint)
        for _ in range(waits.MOST_RACES):
            book = await self._shared.ask(self._shared.books.read, name, self._books.get(name))
            self._keep(book)
            check()
            new = await self._shared.ask(self._shared.books.append, book, line)
            if new is not None:
                # From here on it is the journal that counts it: whoever called plans it before anything else happens.
                self._keep(new, key)
                return
        raise WorkFailed(
            "claimed",
            f"{request.asset}: too many machines buy at once, and the books of the day could not be written",
            hint="Nothing was ordered. Run the same command again.",
        )

    def _keep(self, book: DayBook, own: str = "") -> None:
        """Remembers a book, and what others have in it. own: key of an order that the journal has not got yet."""
        name, known = book.name, self._books.get(book.name)
        if known is None or known.number <= book.number:
            known = self._books[name] = book
        own_keys = {*self._journal.jobs.list_keys(), own}
        self._journal.others[name.day, name.provider, name.unit] = _sum_elsewhere(known, own_keys)

    async def settle(self, day: str, claim: ClaimRecord, amount: Decimal) -> None:
        """Writes what an order came to, where that is not what was held back for it. Never in the way of anything."""
        name = BookName(day, claim.provider, claim.unit)
        async with self._turn:
            with contextlib.suppress(BridgeError):
                await self._settle(name, claim, amount)

    async def _settle(self, name: BookName, claim: ClaimRecord, amount: Decimal) -> None:
        for _ in range(waits.MOST_RACES):
            book = await self._shared.ask(self._shared.books.read, name, self._books.get(name))
            self._keep(book)
            known = book.lines.get(claim.key)
            if known is None or known.amount == amount:
                return
            line = replace(known, amount=amount, is_held=False)
            new = await self._shared.ask(self._shared.books.append, book, line)
            if new is not None:
                self._keep(new)
                return
