"""Orders for which there are two routes: the other one is taken only where the first is surely not there."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from bridge.core.errors import NeedsDecision, UserError
from bridge.http.api import Method
from bridge.http.outcome import SUBMIT_STATUSES, Answer, Outcome, Sent
from bridge.orders.budget import Approval
from bridge.orders.runner.rate_limit import RateLimiter
from bridge.orders.runner.runner import Runner
from bridge.providers.api import Price, Step, StepResult
from bridge.providers.paid import Order
from tests.unit.orders.shop import FakeLine, FakeProvider, Shop, access, wish
from tests.unit.orders.test_orders_runner import FREE_HAND, Bench


class TwoRoutes(FakeProvider):
    def order(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
        order = super().order(step, inputs, needed)
        return Order("/new", order.body, fallback_path="/old")


class Line(FakeLine):
    """Answers at `/new` with a status, at all other routes as the shop does."""

    def __init__(self, bench: RoutesBench, shop: Shop, pace: RateLimiter) -> None:
        super().__init__(shop, pace)
        self._bench = bench

    async def submit(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None, *, method: Method = "POST"
    ) -> Sent:
        self._bench.paths.append(path)
        status = self._bench.status if path == "/new" else self._bench.old_status
        if status:
            outcome = SUBMIT_STATUSES.get(status, Outcome.UNKNOWN)
            return Sent(outcome, Answer(status, {}, b'{"detail": "no"}'))
        return await super().submit("/make", body, headers, method=method)


class RoutesBench(Bench):
    """status, old_status: of the answers of the two routes; 0 for an order that is taken."""

    def __init__(self, root: Path, status: int = 0, old_status: int = 0) -> None:
        super().__init__(root, TwoRoutes())
        self.status, self.old_status = status, old_status
        self.paths: list[str] = []

    def runner(self) -> Runner:
        return Runner(
            self.journal,
            self.store,
            self.clock,
            lambda _name: access(self.provider),
            connect=lambda _access, pace, _clock: Line(self, self.shop, pace),
        )


def test_a_route_that_is_there_is_taken(tmp_path: Path) -> None:
    bench = RoutesBench(tmp_path)
    bench.buy()
    assert bench.paths == ["/new"]
    assert len(bench.shop.charges) == 1


@pytest.mark.parametrize("status", [403, 404, 405])
def test_a_route_that_is_not_there_costs_nothing(tmp_path: Path, status: int) -> None:
    bench = RoutesBench(tmp_path, status)
    bench.buy()
    assert bench.paths == ["/new", "/old"]
    assert len(bench.shop.charges) == 1
    [job] = bench.journal.jobs.list_all()
    assert (job.path, job.state) == ("/old", "stored")
    [entry] = bench.journal.ledger.list_entries()
    assert (entry.change.charged, entry.change.possible) == (Decimal(3), Decimal(0))
    whys = [str(event.data.get("why", "")) for event in bench.journal.events.list_after()]
    assert f"the account does not have /new (HTTP {status})" in whys


def test_what_is_known_to_be_missing_is_not_asked_again(tmp_path: Path) -> None:
    bench = RoutesBench(tmp_path, 404)

    async def buy_three() -> None:
        async with bench.runner() as runner:
            for seed in range(3):
                await runner.buy(wish(seed=seed), Approval(FREE_HAND), lambda: ({}, {}))

    bench.run(buy_three())
    assert bench.paths == ["/new", "/old", "/old", "/old"]
    assert len(bench.shop.charges) == 3


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_is_a_refusal(tmp_path: Path, status: int) -> None:
    bench = RoutesBench(tmp_path, status)
    with pytest.raises(UserError):
        bench.buy()
    assert bench.paths == ["/new"]
    assert bench.states() == ["rejected"]


@pytest.mark.parametrize("status", [409, 500, 502])
def test_where_nobody_knows_no_second_order_goes_out(tmp_path: Path, status: int) -> None:
    bench = RoutesBench(tmp_path, status)
    for _ in range(2):
        with pytest.raises(NeedsDecision):
            bench.buy()
        bench.restart()
    assert bench.paths == ["/new"]
    assert bench.states() == ["uncertain"]


def test_two_routes_that_are_not_there_end_it(tmp_path: Path) -> None:
    bench = RoutesBench(tmp_path, 404, 404)
    with pytest.raises(UserError):
        bench.buy()
    assert bench.paths == ["/new", "/old"]
    assert bench.states() == ["rejected"]
    assert bench.journal.ledger.list_entries() == []


def test_only_what_is_wanted_is_bought(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    wanted = frozenset({("art/rock", "image/1")})
    shown = {("art/tree", "image/1"): Price("coins", Decimal(3))}
    bench.buy(approval=Approval(FREE_HAND, only=wanted))
    with pytest.raises(NeedsDecision, match="art/tree: image/1 costs") as caught:
        bench.buy(wish("art/tree"), Approval(FREE_HAND, shown, only=wanted))
    assert caught.value.code == "needs_approval"
    assert len(bench.shop.charges) == 1
