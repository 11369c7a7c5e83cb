"""Results that arrive damaged, on a clock of their own: how often they are fetched, for how long, and what is kept."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bridge.core.errors import NeedsDecision, ProviderError, UserError, WorkFailed
from bridge.core.waits import LATE_JOB_PATIENCE_S, MOST_DAMAGED_ARRIVALS
from bridge.orders import decisions
from bridge.orders.budget import Approval
from bridge.orders.open_decisions import list_open_decisions
from bridge.providers.api import Price
from bridge.store import results
from tests.unit.orders.shop import FakeProvider, wish
from tests.unit.orders.test_orders_runner import FREE_HAND, Bench

FOREVER = 1_000_000


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_damaged_result_is_fetched_again_for_nothing(bench: Bench) -> None:
    bench.shop.broken_fetches = MOST_DAMAGED_ARRIVALS - 1
    bench.buy()
    assert bench.moves()[-2:] == ["fetching", "stored"]
    assert len(bench.shop.charges) == 1
    assert bench.shop.fetches == MOST_DAMAGED_ARRIVALS
    assert [str(entry.change.charged) for entry in bench.journal.ledger.list_entries()] == ["3"]


def test_what_stays_damaged_ends_within_half_a_minute_and_is_kept(bench: Bench) -> None:
    bench.shop.broken_fetches = FOREVER
    with pytest.raises(ProviderError, match="is damaged: it is cut off") as caught:
        bench.buy()
    assert caught.value.code == "result_damaged"
    [job] = bench.journal.jobs.list_all()
    fetching = next(event.at for event in bench.journal.events.list_after() if event.data.get("state") == "fetching")
    assert job.state == "damaged"
    assert 0 < job.updated - fetching < 30
    assert bench.shop.fetches == MOST_DAMAGED_ARRIVALS
    assert results.load(bench.store, job.result).files[0].data == b"ha"
    assert [str(entry.change.charged) for entry in bench.journal.ledger.list_entries()] == ["3"]


def test_it_is_never_bought_again_by_itself(bench: Bench) -> None:
    bench.shop.broken_fetches = FOREVER
    for _ in range(3):
        with pytest.raises(ProviderError) as caught:
            bench.buy()
        assert caught.value.code == "result_damaged"
        assert "jobs refetch 1" in caught.value.hint
        bench.restart()
    assert len(bench.shop.charges) == 1
    assert bench.shop.fetches == MOST_DAMAGED_ARRIVALS
    assert bench.journal.jobs.list_results() == {}


def test_given_up_it_is_ordered_again_by_who_saw_it(bench: Bench) -> None:
    bench.shop.broken_fetches = MOST_DAMAGED_ARRIVALS
    with pytest.raises(ProviderError):
        bench.buy()
    seen = Approval(FREE_HAND, {("art/rock", "image/1"): Price("coins", Decimal(3))}, seen=frozenset({1}))
    with pytest.raises(ProviderError, match="is damaged"):
        bench.buy(approval=seen)
    entered = bench.journal.ledger.list_entries()
    decisions.abandon_job(bench.journal, 1)
    assert bench.journal.ledger.list_entries() == entered
    assert list_open_decisions(bench.journal) == []
    with pytest.raises(NeedsDecision, match=r"was given up \(job 1\)"):
        bench.buy()
    bench.buy(approval=seen)
    assert len(bench.shop.charges) == 2
    assert bench.states() == ["cancelled", "stored"]


def test_what_came_damaged_is_to_decide(bench: Bench) -> None:
    bench.shop.broken_fetches = FOREVER
    with pytest.raises(ProviderError):
        bench.buy()
    [decision] = list_open_decisions(bench.journal, {wish().fingerprint})
    assert decision.why == "it came damaged from shop and is paid for"
    assert [way.split()[2] for way in decision.ways] == ["refetch", "abandon", "resubmit"]


def test_a_job_that_never_ends_holds_up_one_build_only(bench: Bench) -> None:
    bench.shop.looks = FOREVER
    waited = []
    for _ in range(3):
        began = bench.clock.now()
        with pytest.raises(WorkFailed, match="still running"):
            bench.buy()
        waited.append(bench.clock.now() - began)
        bench.restart()
    assert waited[0] > bench.provider.limits.patience
    assert max(waited[1:]) < 2 * LATE_JOB_PATIENCE_S + bench.provider.limits.poll_most
    assert len(bench.shop.charges) == 1


def test_nothing_is_ordered_that_cannot_be_read_here(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_provider: object, _step: object) -> None:
        raise UserError("missing_extra", "it needs the extra `video`", hint="Install it.")

    monkeypatch.setattr(FakeProvider, "require_decoder", refuse, raising=False)
    with pytest.raises(UserError, match="was not ordered: it needs the extra") as caught:
        bench.buy()
    assert caught.value.code == "missing_extra"
    assert bench.shop.charges == []
    assert bench.states() == []
