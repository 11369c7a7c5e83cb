"""Whatever an account lives through, no day's books exceed its budget, and the books never say less than was taken."""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
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
PRICES = {"coins": Price("coins", Decimal(3)), "gems": Price("gems", Decimal(2))}
WORDS = ("ok", "lost", "never", "rejected", "failed", "gone")
ACTIONS = st.one_of(
    st.tuples(st.just("order"), st.integers(1, 6), st.sampled_from(WORDS)),
    st.tuples(st.just("approve"), st.integers(1, 6), st.sampled_from(["ok", "lost", "failed"])),
    st.tuples(st.sampled_from(["restart", "cancel", "abandon", "adopt", "later", "other process"])),
)


class Bank(FakeProvider):
    """Pays in coins while there are some, else in gems; what it took is known by the order."""

    def __init__(self, shop: Shop, coins: int) -> None:
        super().__init__()
        self.shop = shop
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
        for number in self.shop.orders.keys() - self.taken.keys():
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
    """A project in a folder, and what is done in it."""

    root: Path
    coins: int
    clock: FakeClock = field(default_factory=FakeClock)
    shop: Shop = field(default_factory=Shop)

    def __post_init__(self) -> None:
        self.bank = Bank(self.shop, self.coins)
        self.journals = [Journal(self.root, clock=self.clock)]
        self.journal = self.journals[0]
        self.store = BlobStore(self.root / ".assetbridge" / "store")
        self.ordered: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def close(self) -> None:
        for journal in self.journals:
            journal.close()

    def live(self, action: Sequence[object]) -> None:
        name = str(action[0])
        if name in ("order", "approve"):
            assert isinstance(action[1], int)
            self.buy(action[1], str(action[2]), is_approved=name == "approve")
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

    def buy(self, number: int, word: str, *, is_approved: bool) -> None:
        self.shop.fail = "out of paint" if word == "failed" else ""
        self.shop.script = [{"failed": "ok", "gone": "ok"}.get(word, word)]
        self.shop.looks = 10**9 if word == "gone" else 2
        before = len(self.shop.orders)
        asyncio.run(self.order(number, is_approved=is_approved))
        self.bank.collect()
        for remote in list(self.shop.orders)[before:]:
            charge = self.bank.taken[remote]
            self.ordered[day_of(self.clock.time)][charge.unit] += charge.amount

    async def order(self, number: int, *, is_approved: bool) -> None:
        request = wish(f"art/{number}", price=PRICES["coins"])
        ended = {job.id for job in self.journal.jobs.list_bad_endings().values()}
        shown = {(request.asset, request.step.key): PRICES["coins"]} if is_approved else {}
        approval = Approval({"shop": Budget("coins", per_day=CAP)}, shown, seen=frozenset(ended))
        runner = Runner(
            self.journal,
            self.store,
            self.clock,
            lambda _name: access(self.bank),
            connect=lambda _access, pace, _clock: FakeLine(self.shop, pace),
        )
        async with runner:
            with suppress(BridgeError):
                await runner.buy(request, approval, lambda: ({}, {}))

    def check(self) -> None:
        """The books and the shop, day by day."""
        entered: dict[str, Decimal] = defaultdict(Decimal)
        for entry in self.journal.ledger.list_entries():
            entered[entry.unit] += entry.change.charged + entry.change.possible
        today = day_of(self.clock.time)
        for day in {*self.ordered, today}:
            assert self.journal.ledger.sum_spent("shop", "coins", day).amount <= CAP
            assert self.ordered[day]["coins"] <= CAP
        assert sum_used(self.journal, "shop", "coins").amount <= CAP
        assert "gems" not in entered, "no budget and no approval is in gems"
        for unit in ("coins", "gems"):
            truth = sum((charge.amount for charge in self.bank.taken.values() if charge.unit == unit), Decimal(0))
            held = self.journal.jobs.sum_reserved("shop", unit).amount
            assert truth <= entered[unit] + held, unit


@pytest.mark.parametrize("most", [pytest.param(25, id="some"), pytest.param(1500, id="many", marks=pytest.mark.full)])
def test_no_life_exceeds_the_budget(most: int) -> None:
    @settings(max_examples=most, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 40), st.lists(ACTIONS, max_size=14))
    def live(coins: int, actions: list[Sequence[object]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            life = Life(Path(folder), coins)
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
        life.buy(number, "failed", is_approved=False)
        life.check()
    assert len(life.shop.orders) == 3
    life.close()


def test_an_account_without_coins_pays_in_gems_only_with_approval(tmp_path: Path) -> None:
    life = Life(tmp_path, 0)
    life.buy(1, "ok", is_approved=False)
    assert not life.shop.orders
    life.close()
