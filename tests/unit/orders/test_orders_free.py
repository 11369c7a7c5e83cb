"""Orders that cost nothing: what is lost is asked for again, for nothing can be charged twice."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest

from bridge.core.errors import BridgeError, NeedsDecision, ProviderError
from bridge.orders import endings
from bridge.orders.budget import Approval
from bridge.orders.model import JobState, OrderRequest
from bridge.providers.api import FREE, Price
from tests.unit.orders.shop import wish
from tests.unit.orders.test_orders_runner import Bench

NOTHING = Price("coins", Decimal(0))


def free_wish(price: Price = NOTHING) -> OrderRequest:
    one = wish()
    return dataclasses.replace(one, step=dataclasses.replace(one.step, price=price))


@pytest.mark.parametrize("price", [NOTHING, FREE])
@pytest.mark.parametrize("word", ["lost", "never", "nonsense"])
def test_a_lost_answer_is_asked_for_again_without_anybodys_leave(tmp_path: Path, word: str, price: Price) -> None:
    bench = Bench(tmp_path)
    bench.shop.script = [word]
    bench.buy(free_wish(price), Approval({}))
    assert bench.states() == ["stored"]


def test_an_order_that_is_lost_every_time_ends_and_another_build_tries_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.shop.script = ["never"] * 20
    with pytest.raises(ProviderError):
        bench.buy(free_wish(), Approval({}))
    assert bench.states() == ["cancelled"]
    bench.shop.script = []
    bench.buy(free_wish(), Approval({}))
    assert bench.states() == ["cancelled", "stored"]


def test_what_was_on_its_way_when_the_run_was_stopped_is_ordered_anew(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    job = bench.journal.jobs.plan(free_wish())
    job = bench.journal.jobs.move(job, JobState.APPROVED)
    bench.journal.jobs.move(job, JobState.SUBMITTING, path="/make", body=b"{}")
    bench.restart()
    assert bench.states() == ["cancelled"]
    bench.buy(free_wish(), Approval({}))
    assert bench.states() == ["cancelled", "stored"]


@pytest.mark.parametrize("trouble", ["rejected", "failed", "never"])
def test_what_failed_is_asked_for_again_by_somebody_and_not_by_a_saved_file(tmp_path: Path, trouble: str) -> None:
    bench = Bench(tmp_path)
    bench.shop.script = [trouble] * 20 if trouble != "failed" else []
    bench.shop.fail = "out of paint" if trouble == "failed" else ""
    with pytest.raises(BridgeError):
        bench.buy(free_wish(), Approval({}, is_asked=False))
    sent = len(bench.journal.jobs.list_all())
    for _ in range(3):
        with pytest.raises(NeedsDecision, match="a new try costs nothing") as caught:
            bench.buy(free_wish(), Approval({}, is_asked=False))
        assert caught.value.code == "order_failed"
        bench.restart()
    assert len(bench.journal.jobs.list_all()) == sent
    bench.shop.script, bench.shop.fail = [], ""
    bench.buy(free_wish(), Approval({}))
    assert bench.states()[-1] == "stored"


def test_retries_of_what_costs_nothing_come_to_an_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.shop.fail = "out of paint"
    request = dataclasses.replace(free_wish(), retries=2)
    tries = 0
    while endings.may_retry(bench.journal, request) or not tries:
        with pytest.raises(ProviderError):
            bench.buy(request, Approval({}))
        tries += 1
        assert tries < 9
    assert [job.approved_by for job in bench.journal.jobs.list_all()] == ["free", "retries", "retries"]
