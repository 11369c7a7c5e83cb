"""Whatever an account lives through, no day's books exceed its budget, and the books never say less than was taken."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.core.clock import day_of
from bridge.core.errors import BridgeError
from bridge.orders import decisions
from bridge.orders.budget import Approval, Budget, sum_used
from bridge.orders.journal import Journal
from bridge.orders.runner import recovery
from bridge.orders.runner.runner import Runner
from bridge.providers.api import Price, Step
from bridge.providers.paid import Balance, Charge, Finished, FreeCalls, Status
from bridge.store.blobs import BlobStore
from tests.unit.orders.shop import FakeClock, FakeLine, FakeProvider, Shop, access, wish

CAP = Decimal(10)
# Every order waits for the disk several times; what a power cut would leave is not asked here.
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
PRICES = {"coins": Price("coins", Decimal(3)), "gems": Price("gems", Decimal(2))}
WORDS = ("ok", "lost", "never", "rejected", "failed", "gone")
ACTIONS = st.one_of(
    st.tuples(st.just("order"), st.integers(1, 6), st.sampled_from(WORDS)),
    st.tuples(
        st.sampled_from(["approve", "approve together"]),
        st.integers(1, 6),
        st.sampled_from(["ok", "lost", "failed"]),
        st.sampled_from(sorted(PRICES)),
    ),
    st.tuples(st.just("together"), st.integers(1, 6), st.sampled_from(WORDS)),
    st.tuples(st.sampled_from(["restart", "cancel", "abandon", "adopt", "later", "other process"])),
)


class Bank(FakeProvider):
    """Pays in coins while there are some, else in gems; what it took is known by the order.

    turned: orders of the same moment overtake each other on their way to the till.
    """

    def __init__(self, shop: Shop, coins: int, *, turned: bool) -> None:
        super().__init__()
        self.shop = shop
        self.turned = turned
        self.left = {"coins": Decimal(coins), "gems": Decimal(50)}
        self.taken: dict[str, Charge] = {}

    def prices(self, step: Step) -> Mapping[str, Price]:
        del step
        return PRICES

    async def balance(self, calls: FreeCalls) -> Balance:
        self.collect()
        return Balance(dict(self.left))

    def collect(self) -> None:
        """Takes the money of new orders."""
        new = [number for number in self.shop.orders if number not in self.taken]
        for number in reversed(new) if self.turned else new:
            unit = "coins" if self.left["coins"] >= 3 else "gems"
            price = PRICES[unit].amount or Decimal(0)
            self.left[unit] -= price
            self.taken[number] = Charge(unit, price)

    async def check(self, calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
        self.collect()
        status = await super().check(calls, step, ids)
        return Finished(self.taken[ids["job"]], status.facts) if isinstance(status, Finished) else status


@dataclass
class Life:
    """A project in a folder, and what is done in it. unit: of its budget. turned: see `Bank`."""

    root: Path
    coins: int
    unit: str = "coins"
    turned: bool = False
    clock: FakeClock = field(default_factory=FakeClock)
    shop: Shop = field(default_factory=Shop)

    def __post_init__(self) -> None:
        self.bank = Bank(self.shop, self.coins, turned=self.turned)
        self.journals = [Journal(self.root, clock=self.clock)]
        self.journal = self.journals[0]
        self.store = BlobStore(self.root, ".assetbridge/store")
        self.units = {self.unit}
        self.ordered: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def close(self) -> None:
        for journal in self.journals:
            journal.close()

    def live(self, action: Sequence[object]) -> None:
        name = str(action[0])
        if name in ("order", "together", "approve", "approve together"):
            assert isinstance(action[1], int)
            # Several at once are those that one build sends beside each other.
            numbers = range(action[1], action[1] + 4) if "together" in name else (action[1],)
            self.buy(numbers, str(action[2]), shown="".join(map(str, action[3:])))
        elif name in ("restart", "other process"):
            if name == "restart":
                recovery.recover_jobs(self.journal, self.store)
            self.journal = Journal(self.root, clock=self.clock)
            self.journals.append(self.journal)
        elif name == "later":
            self.clock.time += 40_000.0
        else:
            self.decide(name)

    def decide(self, name: str) -> None:
        live = [job.id for job in self.journal.jobs.list_all() if job.is_live]
        known = {*self.journal.jobs.list_remote_ids()}
        with suppress(BridgeError):
            if name == "cancel" and live:
                decisions.cancel_job(self.journal, live[0])
            elif name == "abandon" and live:
                decisions.abandon_job(self.journal, live[0])
            elif name == "adopt" and live and (new := sorted(self.shop.orders.keys() - known)):
                decisions.adopt_job(self.journal, live[0], {"job": new[0]})

    def buy(self, numbers: Iterable[int], word: str, *, shown: str = "") -> None:
        """shown: the unit of the price that a person approved; empty where nobody did."""
        self.shop.fail = "out of paint" if word == "failed" else ""
        self.shop.script = [{"failed": "ok", "gone": "ok"}.get(word, word)]
        self.shop.looks = 10**9 if word == "gone" else 2
        before = len(self.shop.orders)
        asyncio.run(self.order(numbers, shown))
        self.bank.collect()
        for remote in list(self.shop.orders)[before:]:
            charge = self.bank.taken[remote]
            self.ordered[day_of(self.clock.time)][charge.unit] += charge.amount
            assert charge.unit in (shown, self.unit), "no budget is in it, and nobody has approved it"
        self.units.update({shown} - {""})

    async def order(self, numbers: Iterable[int], unit: str) -> None:
        requests = [wish(f"art/{number}", price=PRICES["coins"]) for number in numbers]
        ended = {job.id for job in self.journal.jobs.list_bad_endings().values()}
        shown = {(one.asset, one.step.key): PRICES[unit] for one in requests} if unit else {}
        approval = Approval({"shop": Budget(self.unit, per_day=CAP)}, shown, seen=frozenset(ended))
        runner = Runner(
            self.journal,
            self.store,
            self.clock,
            lambda _name: access(self.bank),
            connect=lambda _access, pace, _clock: FakeLine(self.shop, pace),
        )
        async with runner:
            buying = (runner.buy(request, approval, lambda: ({}, {})) for request in requests)
            for outcome in await asyncio.gather(*buying, return_exceptions=True):
                if isinstance(outcome, BaseException) and not isinstance(outcome, BridgeError):
                    raise outcome

    def check(self) -> None:
        """The books and the shop, day by day."""
        entered: dict[str, Decimal] = defaultdict(Decimal)
        for entry in self.journal.ledger.list_entries():
            entered[entry.unit] += entry.change.charged + entry.change.possible
        today = day_of(self.clock.time)
        for day in {*self.ordered, today}:
            assert self.journal.ledger.sum_spent("shop", self.unit, day).amount <= CAP
            assert self.ordered[day][self.unit] <= CAP
        assert sum_used(self.journal, "shop", self.unit).amount <= CAP
        assert entered.keys() <= self.units, "neither the budget nor an approval is in it"
        for unit in ("coins", "gems"):
            truth = sum((charge.amount for charge in self.bank.taken.values() if charge.unit == unit), Decimal(0))
            held = self.journal.jobs.sum_reserved("shop", unit).amount
            assert truth <= entered[unit] + held, unit


MANY = pytest.param(1500, id="many", marks=[pytest.mark.full, pytest.mark.timeout(1800)])


@pytest.mark.parametrize("most", [pytest.param(25, id="some"), MANY])
def test_no_life_exceeds_the_budget(most: int) -> None:
    @settings(max_examples=most, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 40), st.sampled_from(sorted(PRICES)), st.booleans(), st.lists(ACTIONS, max_size=14))
    def live(coins: int, unit: str, turned: bool, actions: list[Sequence[object]]) -> None:
        with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
            life = Life(Path(folder), coins, unit, turned)
            try:
                for action in actions:
                    life.live(action)
                    life.check()
            finally:
                life.close()

    live()


def test_a_failed_order_counts_like_any_other(tmp_path: Path) -> None:
    life = Life(tmp_path, 30)
    for number in range(1, 7):
        life.buy([number], "failed")
        life.check()
    assert len(life.shop.orders) == 3
    life.close()


def test_an_account_without_coins_pays_in_gems_only_with_approval(tmp_path: Path) -> None:
    life = Life(tmp_path, 0)
    life.buy([1], "ok")
    assert not life.shop.orders
    life.close()


def test_what_is_on_its_way_leaves_the_unit_open_and_no_budget_decides(tmp_path: Path) -> None:
    """A lost order may have taken the last coins or not: whether the next one is paid in gems, nobody knows."""
    life = Life(tmp_path, 8, "gems")
    for action in (("approve", 1, "lost", "coins"), ("later",), ("order", 2, "ok"), ("abandon",), ("later",)):
        life.live(action)
        life.check()
    assert len(life.shop.orders) == 1
    life.close()


def test_orders_beside_each_other_see_each_other_in_the_unit(tmp_path: Path) -> None:
    life = Life(tmp_path, 7, "coins")
    life.buy(range(1, 5), "ok")
    life.check()
    assert len(life.shop.orders) == 2
    life.close()


def test_no_approval_is_for_a_unit_that_an_order_on_its_way_may_change(tmp_path: Path) -> None:
    """The first order has taken three of six coins, which the balance says; that it did, nobody knows."""
    life = Life(tmp_path, 6, "gems")
    for action in (("approve", 1, "lost", "coins"), ("later",), ("approve", 2, "lost", "coins")):
        life.live(action)
        life.check()
    assert len(life.shop.orders) == 1
    life.close()


@pytest.mark.parametrize("turned", [False, True])
def test_approved_orders_take_turns_where_they_decide_over_each_others_unit(tmp_path: Path, *, turned: bool) -> None:
    """Two are paid in coins; in what the others are, is certain when these have ended. The budget allows gems."""
    life = Life(tmp_path, 8, "gems", turned)
    life.buy(range(1, 5), "ok", shown="coins")
    life.check()
    assert sorted(charge.unit for charge in life.bank.taken.values()) == ["coins"] * 2 + ["gems"] * 2
    assert life.shop.most_at_once == 2
    life.close()


def test_a_price_of_before_a_balance_is_not_taken_off_it_twice(tmp_path: Path) -> None:
    """The balance is without the price of an order that runs; what it cost is entered later."""
    life = Life(tmp_path, 6, "gems")
    for action in (("approve", 1, "lost", "coins"), ("later",), ("order", 2, "ok"), ("adopt",)):
        life.live(action)
        life.check()
    life.buy([1], "ok", shown="coins")
    life.buy([3], "ok")
    life.check()
    assert [charge.unit for charge in life.bank.taken.values()] == ["coins"]
    life.close()
