"""Orders that are more than a POST: other methods, ids that answers do not repeat, things that all share, free ones."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bridge.core.errors import NeedsDecision
from bridge.http.api import Method
from bridge.http.outcome import Sent
from bridge.orders import decisions
from bridge.orders.budget import Approval, Budget
from bridge.orders.journal import Journal
from bridge.orders.model import OrderRequest
from bridge.orders.runner.runner import PurchasedResult, Runner
from bridge.providers.api import FREE, Step, StepResult
from bridge.providers.paid import Capabilities, Order, RateLimits
from bridge.store.blobs import BlobStore
from tests.unit.orders.shop import FakeClock, FakeLine, FakeProvider, Shop, access, wish


class Changing(FakeProvider):
    """Its orders change something that is there (`thing`), or ask for something that all share."""

    def __init__(self, *, shared: bool = False) -> None:
        quick = RateLimits(poll_first=5, poll=5, poll_most=15, patience=600, search_delay=1)
        super().__init__(Capabilities(can_search=True), quick)
        self.shared = shared

    def order(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
        body = super().order(step, inputs, needed).body
        return Order("/make", body, method="PATCH", origin={"thing": "t1"}, shared=self.shared)


class ListeningLine(FakeLine):
    """Notes how orders were sent."""

    methods: Sequence[str] = ()

    async def submit(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None, *, method: Method = "POST"
    ) -> Sent:
        type(self).methods = [*type(self).methods, method]
        return await super().submit(path, body, headers)


class Counter:
    """A customer of one provider."""

    def __init__(self, root: Path, provider: FakeProvider, shop: Shop) -> None:
        ListeningLine.methods = ()
        self.clock = FakeClock()
        root.mkdir(exist_ok=True)
        self.journal = Journal(root, clock=self.clock)
        self.store = BlobStore(root, ".assetbridge/store")
        self.provider, self.shop = provider, shop

    async def buy(self, one: OrderRequest | None = None) -> PurchasedResult:
        runner = Runner(
            self.journal,
            self.store,
            self.clock,
            lambda _name: access(self.provider),
            connect=lambda _access, pace, _clock: ListeningLine(self.shop, pace),
        )
        async with runner:
            return await runner.buy(one or wish(), Approval({"shop": Budget("coins")}), lambda: ({}, {}))


def bought(counter: Counter, one: OrderRequest | None = None) -> PurchasedResult:
    return asyncio.run(counter.buy(one))


def free_wish() -> OrderRequest:
    one = wish()
    return dataclasses.replace(one, step=dataclasses.replace(one.step, price=FREE))


def test_an_order_goes_out_by_its_method_and_keeps_what_it_builds_on(tmp_path: Path) -> None:
    counter = Counter(tmp_path, Changing(), Shop())
    assert bought(counter).remote == {"thing": "t1", "job": "r1"}
    assert ListeningLine.methods == ["PATCH"]
    (job,) = counter.journal.jobs.list_all()
    assert (job.method, job.origin) == ("PATCH", {"thing": "t1"})


def test_a_lost_order_that_is_found_knows_what_it_builds_on(tmp_path: Path) -> None:
    counter = Counter(tmp_path, Changing(), Shop(["lost"]))
    assert bought(counter).remote == {"thing": "t1", "job": "r1"}
    assert len(counter.shop.charges) == 1


def test_a_person_who_takes_an_order_over_need_not_say_it(tmp_path: Path) -> None:
    counter = Counter(tmp_path, Changing(), Shop(["never"]))
    with pytest.raises(NeedsDecision):
        bought(counter)
    (job,) = counter.journal.jobs.list_all()
    assert decisions.adopt_job(counter.journal, job.id, {"job": "r9"}).remote == {"thing": "t1", "job": "r9"}


def test_what_all_share_is_taken_where_it_is(tmp_path: Path) -> None:
    shop = Shop()
    first = bought(Counter(tmp_path / "one", Changing(shared=True), shop))
    second = bought(Counter(tmp_path / "two", Changing(shared=True), shop))
    assert first.remote["job"] == second.remote["job"]
    assert len(shop.charges) == 1
    assert ListeningLine.methods == ()


def test_what_cannot_be_looked_up_is_made(tmp_path: Path) -> None:
    counter = Counter(tmp_path, Changing(shared=True), Shop(offline=1))
    assert bought(counter).remote["job"] == "r1"


def test_a_shared_order_whose_answer_is_lost_is_not_made_twice(tmp_path: Path) -> None:
    counter = Counter(tmp_path, Changing(shared=True), Shop(["lost"]))
    assert bought(counter, free_wish()).remote["job"] == "r1"
    assert len(counter.shop.charges) == 1


@pytest.mark.parametrize("word", ["lost", "never", "nonsense"])
def test_a_free_order_without_an_answer_is_sent_again(tmp_path: Path, word: str) -> None:
    counter = Counter(tmp_path, FakeProvider(), Shop([word]))
    bought(counter, free_wish())
    assert len(ListeningLine.methods) == 2
    assert [str(job.state) for job in counter.journal.jobs.list_all()] == ["stored"]


def test_a_paid_order_without_an_answer_is_never_sent_again(tmp_path: Path) -> None:
    counter = Counter(tmp_path, FakeProvider(), Shop(["never"]))
    with pytest.raises(NeedsDecision):
        bought(counter)
    assert ListeningLine.methods == ["POST"]
