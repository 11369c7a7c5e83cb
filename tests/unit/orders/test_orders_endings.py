"""What happens after an order ended badly: the rule by itself, over a provider in memory."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bridge.core.errors import NeedsDecision, ProviderError
from bridge.orders import decisions
from bridge.orders.budget import Approval, Budget
from bridge.orders.model import OrderRequest
from bridge.providers.api import Price
from tests.unit.orders.shop import wish
from tests.unit.orders.test_orders_runner import FREE_HAND, Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_failed_job_is_ordered_again_by_a_person_who_saw_that_it_failed(bench: Bench) -> None:
    bench.shop.fail = "out of paint"
    with pytest.raises(ProviderError, match="out of paint"):
        bench.buy()
    bench.shop.fail = ""
    shown = {("art/rock", "image/1"): Price("coins", Decimal(3))}
    for approval in (Approval(FREE_HAND), Approval(FREE_HAND, dict(shown))):
        with pytest.raises(NeedsDecision, match=r"failed at shop: out of paint \(job 1\); a new order costs 3 coins"):
            bench.buy(approval=approval)
    assert bench.states() == ["failed"]
    bench.buy(approval=Approval(FREE_HAND, shown, seen=frozenset({1})))
    assert bench.states() == ["failed", "stored"]


def retried(times: int) -> OrderRequest:
    one = wish()
    return OrderRequest(one.asset, one.step, one.fingerprint, retries=times)


def test_retries_count_from_what_a_person_or_a_budget_allowed_anew(bench: Bench) -> None:
    bench.shop.fail = "out of paint"
    shown = {("art/rock", "image/1"): Price("coins", Decimal(3))}
    with pytest.raises(ProviderError):
        bench.buy(retried(1))
    with pytest.raises(ProviderError):
        bench.buy(retried(1))
    with pytest.raises(NeedsDecision) as caught:
        bench.buy(retried(1))
    assert caught.value.code == "order_failed"
    assert [job.approved_by for job in bench.journal.jobs.list_all()] == ["budget", "retries"]
    with pytest.raises(ProviderError):
        bench.buy(retried(1), Approval(FREE_HAND, shown, seen=frozenset({2})))
    with pytest.raises(ProviderError):
        bench.buy(retried(1))
    assert [job.approved_by for job in bench.journal.jobs.list_all()][2:] == ["plan", "retries"]


def test_retries_are_for_failed_jobs_inside_a_budget_alone(bench: Bench) -> None:
    bench.shop.script = ["rejected"]
    with pytest.raises(Exception, match="too large"):
        bench.buy(retried(5))
    with pytest.raises(NeedsDecision, match="too large"):
        bench.buy(retried(5))
    bench.shop.fail = "out of paint"
    other = OrderRequest("art/tree", wish("art/tree").step, "f1:tree", retries=5)
    with pytest.raises(ProviderError):
        bench.buy(other, Approval({}, {("art/tree", "image/1"): Price("coins", Decimal(3))}))
    with pytest.raises(NeedsDecision):
        bench.buy(other, Approval({}))
    with pytest.raises(NeedsDecision):
        bench.buy(other, Approval({"shop": Budget("coins", per_day=Decimal(5))}))


@pytest.mark.parametrize("word", ["never", "not_sent"])
def test_what_was_given_up_waits_and_what_was_never_sent_does_not(bench: Bench, word: str) -> None:
    bench.shop.script = [word] * (1 if word == "never" else 3)
    with pytest.raises((NeedsDecision, ProviderError)):
        bench.buy()
    if word == "not_sent":
        bench.buy()
        return
    decisions.abandon_job(bench.journal, 1)
    with pytest.raises(NeedsDecision, match="was given up"):
        bench.buy()
