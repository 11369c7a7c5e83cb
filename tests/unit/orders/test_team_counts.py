"""What others have spent counts once against a budget, whether receipts tell of it, the team's books, or both."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bridge.core.clock import day_of
from bridge.core.errors import NeedsDecision
from bridge.core.remote_address import parse_remote
from bridge.orders.budget import Approval, Budget, sum_used
from bridge.orders.journal import Journal
from bridge.orders.model import OrderRequest
from bridge.orders.runner.runner import Runner
from bridge.orders.runner.team import Hold, TeamOrders
from bridge.orders.runner.team_books import TeamBooks
from bridge.orders.tables.ledger import Spent
from bridge.orders.team_spending import TeamSpending
from bridge.store.blobs import BlobStore
from bridge.store.receipts import Receipt, ReceiptCost
from bridge.store.shared.day_books import BookName, DayLine
from bridge.store.shared.shared_store import SharedStore
from tests.unit.orders.shop import FakeClock, FakeLine, Shop, access, wish
from tests.unit.orders.test_budget_lives import PRICES, Bank

NOTHING = Spent(Decimal(0), 0)


class Machine:
    """A project of a team with a folder as its shared store: `nas`, or one of its own."""

    def __init__(self, root: Path, nas: Path | None = None) -> None:
        nas = nas or root / "nas"
        nas.mkdir(exist_ok=True)
        (root / "project").mkdir()
        address = parse_remote(f"file://{nas}")
        assert address is not None
        self.clock = FakeClock()
        self.day = day_of(self.clock.now())
        self.store = BlobStore(root / "project", "store")
        self.journal = Journal(root / "project", clock=self.clock)
        self.shared = SharedStore(address, self.store, lambda: None)

    def close(self) -> None:
        self.shared.close()
        self.journal.close()

    def keep_receipt(self, letter: str, amount: int) -> None:
        """As it comes with a committed store: somebody else has bought it today."""
        at = f"{self.day}T00:00:00Z"
        cost = ReceiptCost("coins", Decimal(amount))
        self.store.receipts.write(
            Receipt(fingerprint(letter), "0" * 64, "shop", "make", "art/it", "image/1", at, cost=cost)
        )

    def book(self, letter: str, amount: int, unit: str = "coins") -> None:
        """As another machine enters it."""
        book = self.shared.books.read(BookName(self.day, "shop", unit))
        line = DayLine(f"key-{letter}", Decimal(amount), True, "Ann", "art/it", "image/1", fingerprint(letter))
        assert self.shared.books.append(book, line) is not None

    def read_books(self) -> None:
        """As before every order."""
        name, books = BookName(self.day, "shop", "coins"), TeamBooks(self.shared, self.journal, "Bob")
        asyncio.run(books.reserve(name, wish("art/mine"), "key-mine", lambda: ""))

    def open_runner(self, bank: Bank, team: TeamOrders) -> Runner:
        return Runner(
            self.journal,
            self.store,
            self.clock,
            lambda _name: access(bank),
            connect=lambda _access, pace, _clock: FakeLine(bank.shop, pace),
            team=team,
        )

    def used(self) -> Spent:
        return sum_used(self.journal, "shop", "coins", TeamSpending(self.store.receipts, self.journal))


def fingerprint(letter: str) -> str:
    return f"f1:{letter * 40}"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    machine.close()


def test_without_a_shared_store_receipts_count(machine: Machine) -> None:
    assert machine.used() == NOTHING
    machine.keep_receipt("a", 3)
    machine.keep_receipt("b", 2)
    assert machine.used() == Spent(Decimal(5), 0)


def test_with_a_shared_store_its_books_count(machine: Machine) -> None:
    machine.book("a", 3)
    machine.book("b", 2)
    assert machine.used() == NOTHING, "nothing is asked before something is ordered"
    machine.read_books()
    assert machine.used() == Spent(Decimal(5), 0)


def test_what_others_gave_back_since_an_earlier_run_does_not_count(machine: Machine) -> None:
    machine.book("a", 3)
    machine.read_books()
    machine.book("a", 0)
    TeamOrders(machine.shared, machine.journal, machine.clock, "Bob")
    assert machine.used() == NOTHING


def test_with_a_shared_store_and_a_committed_one_every_order_counts_once(machine: Machine) -> None:
    machine.keep_receipt("a", 3)
    machine.book("a", 3)
    # On its way: no receipt yet.
    machine.book("b", 2)
    # Bought without the shared store: in no book.
    machine.keep_receipt("c", 7)
    # Claimed and given back, because it had been bought before.
    machine.keep_receipt("d", 1)
    machine.book("d", 0)
    machine.read_books()
    assert machine.used() == Spent(Decimal(13), 0)


def test_an_order_that_changes_its_unit_while_it_is_claimed_is_held_back_in_the_new_one(machine: Machine) -> None:
    shop, held = Shop(), list[str]()
    bank = Bank(shop, coins=30, turned=False)

    async def buy(unit: str) -> None:
        team = TeamOrders(machine.shared, machine.journal, machine.clock, "Bob")
        hold = team.hold

        async def spend_meanwhile(request: OrderRequest, check: Callable[[], str]) -> Hold | Receipt:
            claimed = await hold(request, check)
            held.append(request.step.price.unit)
            bank.left["coins"] = Decimal(0)
            machine.journal.accounts.save_balance("shop", access(bank).key.fingerprint, bank.left)
            return claimed

        team.hold = spend_meanwhile  # type: ignore[method-assign]
        async with machine.open_runner(bank, team) as runner:
            approval = Approval({"shop": Budget(unit, per_day=Decimal(10))})
            await runner.buy(wish("art/rock", price=PRICES["coins"]), approval, lambda: ({}, {}))

    def read_books() -> dict[str, Decimal]:
        books = {unit: machine.shared.books.read(BookName(machine.day, "shop", unit)) for unit in PRICES}
        return {unit: book.sum_others(())[0] for unit, book in books.items()}

    # The budget is one of coins, and there are none left: nothing in gems is bought with it.
    with pytest.raises(NeedsDecision):
        asyncio.run(buy("coins"))
    assert (held, len(shop.orders)) == (["coins"], 0)
    assert read_books() == {"coins": 0, "gems": 0}
    asyncio.run(buy("gems"))
    assert (held, len(shop.orders)) == (["coins", "gems"], 1)
    assert read_books() == {"coins": 0, "gems": 2}


def test_results_that_are_long_on_their_way_there_are_told_of(
    machine: Machine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.core.waits.TRANSFER_TOLD_S", 0.01)
    monkeypatch.setattr("bridge.core.waits.SHARING_GRACE_S", 0.02)
    shop = Shop()
    bank = Bank(shop, coins=30, turned=False)
    arrived = threading.Event()
    push = machine.shared.push_result

    def push_late(receipt: Receipt, present: Collection[str] = ()) -> bool:
        arrived.wait(20)
        return push(receipt, present)

    monkeypatch.setattr(machine.shared, "push_result", push_late)

    async def buy() -> None:
        team = TeamOrders(machine.shared, machine.journal, machine.clock, "Bob")
        async with machine.open_runner(bank, team) as runner:
            approval = Approval({"shop": Budget("coins", per_day=Decimal(10))})
            request = replace(wish("art/rock", price=PRICES["coins"]), fingerprint=fingerprint("e"))
            await runner.buy(request, approval, lambda: ({}, {}))
        arrived.set()

    asyncio.run(buy())
    assert caplog.text.count("results still on their way into the team's store: 1; the next build") == 2
    # What is under way when the run ends still arrives.
    machine.shared.close()
    assert machine.shared.list_receipts() == {fingerprint("e")}
