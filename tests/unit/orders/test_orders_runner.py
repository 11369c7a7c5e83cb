"""Orders through the runner: what is sent, what is charged, what is kept, in every case that an answer can take."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bridge.core.errors import BridgeError, NeedsDecision, ProviderError, UserError, WorkFailed
from bridge.core.root_folder import RootFolder
from bridge.orders.budget import Approval, Budget
from bridge.orders.journal import Journal
from bridge.orders.model import JobState, LedgerChange, OrderRequest
from bridge.orders.runner import recovery
from bridge.orders.runner.runner import PurchasedResult, Runner
from bridge.orders.tables.jobs import JobTable
from bridge.providers.api import Price
from bridge.providers.paid import Capabilities, RateLimits
from bridge.store import results
from bridge.store.blobs import BlobStore
from tests.unit.orders.shop import FakeClock, FakeLine, FakeProvider, Shop, access, wish

T = TypeVar("T")
FREE_HAND = {"shop": Budget("coins")}


class Bench:
    """A journal, a store, a shop and a runner over them."""

    def __init__(self, root: Path, provider: FakeProvider | None = None, shop: Shop | None = None) -> None:
        self.root = root
        self.clock = FakeClock()
        self.provider = provider or FakeProvider()
        self.shop = shop or Shop()
        self.open()

    def open(self) -> None:
        self.journal = Journal(self.root, clock=self.clock)
        self.store = BlobStore(self.root / ".assetbridge" / "store")

    def restart(self) -> None:
        """As after a kill: whatever was in memory is gone, the rest is recovered."""
        self.journal.close()
        self.open()
        recovery.recover_jobs(self.journal, self.store)

    def runner(self) -> Runner:
        return Runner(
            self.journal,
            self.store,
            self.clock,
            lambda _name: access(self.provider),
            connect=lambda _access, pace, _clock: FakeLine(self.shop, pace),
        )

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(work)

    def buy(self, one: OrderRequest | None = None, approval: Approval | None = None) -> PurchasedResult:
        async def go() -> PurchasedResult:
            async with self.runner() as runner:
                return await runner.buy(one or wish(), approval or Approval(FREE_HAND), lambda: ({}, {}))

        return self.run(go())

    def states(self) -> list[str]:
        return [str(job.state) for job in self.journal.jobs.list_all()]

    def moves(self) -> list[str]:
        return [str(event.data.get("state")) for event in self.journal.events.list_after() if event.type == "job"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_an_order_is_bought_once_and_its_cost_is_entered(bench: Bench) -> None:
    bought = bench.buy()
    assert bench.moves() == ["planned", "approved", "submitting", "submitted", "running", "fetching", "stored"]
    assert len(bench.shop.charges) == 1
    assert bought.remote == {"job": "r1"}
    assert results.load(bench.store, bought.result).files[0].data.startswith(b'{"what":"art/rock"')
    [entry] = bench.journal.ledger.list_entries()
    assert entry.change == LedgerChange("coins", charged=Decimal(3), reported=True)
    assert bench.journal.jobs.list_results() == {wish().fingerprint: bought.result}
    assert bench.journal.jobs.get(1).body == b""


def test_an_answer_with_the_result_needs_no_second_look(bench: Bench) -> None:
    bench.shop.script = ["delivered"]
    bench.buy()
    assert bench.moves() == ["planned", "approved", "submitting", "stored"]
    assert bench.shop.polls == 0
    assert bench.journal.ledger.list_entries()[0].change.charged == Decimal(2)


def test_what_was_surely_not_sent_is_sent_again(bench: Bench) -> None:
    bench.shop.script = ["not_sent", "limited", "ok"]
    bench.buy()
    assert len(bench.shop.charges) == 1
    assert 7.0 in bench.clock.slept
    assert bench.states() == ["stored"]


def test_a_provider_that_cannot_be_reached_costs_nothing(bench: Bench) -> None:
    bench.shop.script = ["not_sent"] * 10
    with pytest.raises(ProviderError, match="cannot be reached") as caught:
        bench.buy()
    assert caught.value.code == "provider_offline"
    assert bench.states() == ["cancelled"]
    assert bench.journal.jobs.sum_reserved("shop", "coins").amount == 0


def test_a_rejection_names_the_field(bench: Bench) -> None:
    bench.shop.script = ["rejected"]
    with pytest.raises(UserError, match="too large") as caught:
        bench.buy()
    assert caught.value.field == "size"
    assert bench.states() == ["rejected"]
    assert bench.journal.ledger.list_entries() == []


@pytest.mark.parametrize("word", ["lost", "never", "nonsense"])
def test_a_lost_answer_is_never_sent_again(bench: Bench, word: str) -> None:
    bench.shop.script = [word]
    for _ in range(3):
        with pytest.raises(NeedsDecision) as caught:
            bench.buy()
        assert caught.value.code == "uncertain"
        assert "jobs adopt 1" in caught.value.hint
        bench.restart()
    assert len(bench.shop.charges) == (0 if word == "never" else 1)
    assert bench.states() == ["uncertain"]


def test_a_lost_order_is_adopted_when_exactly_one_matches(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeProvider(Capabilities(can_search=True)))
    bench.shop.script = ["lost"]
    bench.buy()
    assert len(bench.shop.charges) == 1
    assert bench.states() == ["stored"]


def test_two_matches_are_left_to_a_person(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeProvider(Capabilities(can_search=True)))
    bench.shop._order(b'{"what": "art/rock"}', None)
    bench.shop.script = ["lost"]
    with pytest.raises(NeedsDecision):
        bench.buy()
    assert bench.states() == ["uncertain"]


def test_a_match_that_fits_two_lost_orders_is_left_to_a_person(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeProvider(Capabilities(can_search=True)))
    bench.shop.script = ["lost", "never"]

    async def go() -> list[PurchasedResult | BaseException]:
        async with bench.runner() as runner:
            wishes = (wish(seed=1), wish(seed=2))
            return await asyncio.gather(
                *(runner.buy(one, Approval(FREE_HAND), lambda: ({}, {})) for one in wishes), return_exceptions=True
            )

    done = bench.run(go())
    assert all(isinstance(one, NeedsDecision) for one in done)
    assert bench.states() == ["uncertain", "uncertain"]


def test_no_match_is_believed_after_the_second_look_only(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeProvider(Capabilities(can_search=True), RateLimits(search_delay=40)))
    bench.shop.script = ["never"]
    with pytest.raises(NeedsDecision):
        bench.buy()
    assert bench.shop.polls == 2
    assert sum(bench.clock.slept) >= 80


def test_what_other_jobs_have_is_no_match(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeProvider(Capabilities(can_search=True)))
    bench.buy(wish("art/tree"))
    bench.shop.script = ["never"]
    with pytest.raises(NeedsDecision):
        bench.buy(wish("art/rock"))


def test_passing_trouble_while_waiting_is_waited_out(bench: Bench) -> None:
    bench.shop.offline = 0
    bench.shop.looks = 5

    async def go() -> PurchasedResult:
        async with bench.runner() as runner:
            task = asyncio.create_task(runner.buy(wish(), Approval(FREE_HAND), lambda: ({}, {})))
            await asyncio.sleep(0.01)
            bench.shop.offline = 3
            return await task

    bench.run(go())
    assert bench.states() == ["stored"]


def test_a_run_that_waited_long_enough_leaves_the_job_to_the_next(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeProvider(limits=RateLimits(poll=50, poll_most=50, patience=100)))
    bench.shop.looks = 10
    for _ in range(2):
        with pytest.raises(WorkFailed) as caught:
            bench.buy()
        assert caught.value.code == "still_running"
        bench.restart()
    bench.shop.looks = 1
    bench.buy()
    assert len(bench.shop.charges) == 1


def test_a_job_that_the_provider_forgot_is_not_run_again(bench: Bench) -> None:
    bench.shop.looks = 99
    with pytest.raises(WorkFailed):
        bench.buy()
    bench.shop.orders.clear()
    with pytest.raises(ProviderError) as caught:
        bench.buy()
    assert caught.value.code == "output_lost"
    assert bench.states() == ["expired"]
    assert len(bench.shop.charges) == 1


def test_concurrency_is_obeyed_first_come_first_served(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeProvider(limits=RateLimits(concurrent=3, poll=1, poll_first=1)))

    async def go() -> None:
        async with bench.runner() as runner:
            approval = Approval(FREE_HAND)
            await asyncio.gather(*(runner.buy(wish(f"art/{n}"), approval, lambda: ({}, {})) for n in range(20)))

    bench.run(go())
    assert bench.shop.most_at_once == 3
    assert [json.loads(text)["what"] for text in bench.shop.charges] == [f"art/{n}" for n in range(20)]


def test_the_same_wish_of_two_assets_is_ordered_once(bench: Bench) -> None:
    async def go() -> list[PurchasedResult]:
        async with bench.runner() as runner:
            approval = Approval(FREE_HAND)
            twins = [dataclasses.replace(wish(), asset=name) for name in ("art/rock", "art/twin", "art/third")]
            return await asyncio.gather(*(runner.buy(one, approval, lambda: ({}, {})) for one in twins))

    assert len({bought.result for bought in bench.run(go())}) == 1
    assert len(bench.shop.charges) == 1
    assert bench.states() == ["stored"]


def test_the_minute_is_kept_over_a_restart(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeProvider(limits=RateLimits(per_minute=3, poll=1, poll_first=1)))
    bench.buy(wish("art/1"))
    bench.restart()
    before = bench.clock.now()
    bench.buy(wish("art/2"))
    assert bench.clock.now() - before > 50


def test_nobody_approved(bench: Bench) -> None:
    with pytest.raises(NeedsDecision) as caught:
        bench.buy(approval=Approval({}))
    assert caught.value.code == "needs_approval"
    assert bench.journal.jobs.list_all() == []
    bench.buy(approval=Approval({}, {("art/rock", "image/1"): Price("coins", Decimal(3))}))
    assert bench.journal.jobs.get(1).approved_by == "plan"


def test_an_approval_is_good_for_one_purchase_at_its_price(bench: Bench) -> None:
    approval = Approval({}, {("art/rock", "image/1"): Price("coins", Decimal(2))})
    with pytest.raises(NeedsDecision):
        bench.buy(approval=approval)
    approval = Approval({}, {("art/rock", "image/1"): Price("coins", Decimal(3))})
    bench.buy(approval=approval)
    with pytest.raises(NeedsDecision):
        bench.buy(wish(seed=2), approval)


def test_the_day_ends_at_midnight_utc(bench: Bench) -> None:
    budget = {"shop": Budget("coins", per_day=Decimal(5))}
    bench.buy(wish("art/1"), Approval(budget))
    with pytest.raises(NeedsDecision) as caught:
        bench.buy(wish("art/2"), Approval(budget))
    assert caught.value.code == "over_budget"
    bench.clock.time += 86400
    bench.buy(wish("art/2"), Approval(budget))


def test_a_budget_holds_for_what_is_on_its_way(bench: Bench) -> None:
    budget = Approval({"shop": Budget("coins", per_build=Decimal(7), per_day=Decimal(100))})

    async def go() -> list[PurchasedResult | BaseException]:
        async with bench.runner() as runner:
            return await asyncio.gather(
                *(runner.buy(wish(f"art/{n}"), budget, lambda: ({}, {})) for n in range(3)), return_exceptions=True
            )

    done = bench.run(go())
    assert [isinstance(one, NeedsDecision) for one in done] == [False, False, True]
    assert len(bench.shop.charges) == 2


def test_unknown_prices_and_other_units_are_never_automatic(bench: Bench) -> None:
    for price in (Price("coins", None), Price("stars", Decimal(1))):
        with pytest.raises(NeedsDecision):
            bench.buy(wish(price=price))
    free = Price("", Decimal(0))
    assert bench.buy(wish(price=free), Approval({})).result


def test_a_stop_waits_for_the_request_that_is_out(bench: Bench) -> None:
    async def go() -> None:
        async with bench.runner() as runner:
            task = asyncio.create_task(runner.buy(wish(), Approval(FREE_HAND), lambda: ({}, {})))
            while not bench.moves() or bench.moves()[-1] != "submitting":
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    bench.run(go())
    assert bench.states() == ["submitted"]
    bench.restart()
    bench.buy()
    assert len(bench.shop.charges) == 1


def test_an_interrupted_order_is_sent_again_only_under_its_key(tmp_path: Path) -> None:
    able = Capabilities(idempotency_header="Idempotency-Key", idempotency_seconds=600)
    bench = Bench(tmp_path, FakeProvider(able))
    job = bench.journal.jobs.plan(wish(), account="a")
    job = bench.journal.jobs.move(job, JobState.APPROVED, approved_by="plan")
    body = b'{"what":"art/rock"}'
    bench.journal.jobs.move(job, JobState.SUBMITTING, path="/make", body=body, sent=bench.clock.now(), attempt=1)
    bench.shop._order(body, job.key)
    bench.restart()
    bench.buy(approval=Approval({}))
    assert bench.shop.charges == [body.decode()]
    assert bench.states() == ["stored"]


def test_what_is_said_of_a_second_sending_says_nothing_of_the_first(tmp_path: Path) -> None:
    able = Capabilities(idempotency_header="Idempotency-Key", idempotency_seconds=600)
    bench = Bench(tmp_path, FakeProvider(able))
    bench.shop.script = ["lost", "rejected", "limited", "not_sent"]
    for _ in range(3):
        with pytest.raises(NeedsDecision):
            bench.buy()
        assert bench.states() == ["uncertain"]
    bench.buy()
    assert len(bench.shop.charges) == 1


@pytest.mark.parametrize("age", [0.0, 601.0])
def test_an_interrupted_order_without_a_valid_key_is_uncertain(tmp_path: Path, age: float) -> None:
    able = Capabilities(idempotency_header="Idempotency-Key", idempotency_seconds=600) if age else Capabilities()
    bench = Bench(tmp_path, FakeProvider(able))
    job = bench.journal.jobs.move(bench.journal.jobs.plan(wish()), JobState.APPROVED)
    bench.journal.jobs.move(job, JobState.SUBMITTING, body=b"{}", path="/make", sent=bench.clock.now())
    bench.clock.time += age
    bench.restart()
    assert bench.states() == ["uncertain"]


def test_what_was_approved_and_never_sent_is_dropped(bench: Bench) -> None:
    bench.journal.jobs.move(bench.journal.jobs.plan(wish()), JobState.APPROVED)
    bench.restart()
    assert bench.states() == ["cancelled"]


def test_a_result_that_no_store_takes_is_rescued(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(recovery, "_rescue_folders", lambda _folder, **_options: [RootFolder(tmp_path / "elsewhere")])
    bench.shop.script = ["delivered"]
    full = WorkFailed("disk_full", "the disk is full")

    def refuse(_store: object, _result: object) -> str:
        raise full

    with monkeypatch.context() as patch:
        patch.setattr("bridge.orders.runner.submit.results.save", refuse)
        with pytest.raises(BridgeError, match="kept in"):
            bench.buy()
    assert bench.states() == ["uncertain"]
    bench.restart()
    assert bench.states() == ["stored"]
    assert results.load(bench.store, bench.journal.jobs.get(1).result).files[0].data == b"xr1"
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_ids_that_the_journal_cannot_take_are_rescued(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(recovery, "_rescue_folders", lambda _folder, **_options: [RootFolder(tmp_path / "elsewhere")])
    move = JobTable.move

    def broken(self: JobTable, job: Any, to: JobState, **facts: Any) -> Any:
        if to is JobState.SUBMITTED:
            raise WorkFailed("disk_full", "the disk is full")
        return move(self, job, to, **facts)

    with monkeypatch.context() as patch:
        patch.setattr(JobTable, "move", broken)
        with pytest.raises(WorkFailed):
            bench.buy()
    assert bench.states() == ["submitting"]
    bench.restart()
    assert bench.states() == ["submitted"]
    bench.buy()
    assert len(bench.shop.charges) == 1


def test_what_stops_one_order_stops_the_others_before_they_are_sent(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeProvider(limits=RateLimits(concurrent=1)))
    bench.shop.script = ["not_sent"] * 100

    async def go() -> list[PurchasedResult | BaseException]:
        async with bench.runner() as runner:
            return await asyncio.gather(
                *(runner.buy(wish(f"art/{n}"), Approval(FREE_HAND), lambda: ({}, {})) for n in range(9)),
                return_exceptions=True,
            )

    done = bench.run(go())
    assert [one.code for one in done if isinstance(one, BridgeError)] == ["provider_offline"] * 9
    assert len(bench.shop.script) == 97
    assert set(bench.states()) == {"cancelled"}


def test_a_step_that_needs_no_order_is_collected(bench: Bench) -> None:
    bench.shop._order(b'{"what": "art/rock"}', None)
    step = dataclasses.replace(wish().step, params={"adopt": "r1"}, price=Price("", Decimal(0)))
    bench.buy(OrderRequest("art/rock", step, "f1:adopted"), Approval({}))
    assert bench.moves() == ["planned", "approved", "submitted", "running", "fetching", "stored"]
