"""Random lives of a project that buys: edits, approvals, crashes, clock jumps, lost answers, lost blobs.

Promises: one charge per approved wish, nothing charged is ever absent, nothing is bought without an approval or a
budget, what is known is never bought again, a result is readable or known to be gone.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bridge.core.errors import BridgeError
from bridge.orders.budget import Approval, Budget
from bridge.orders.journal import Journal
from bridge.orders.model import JobState, OrderRequest
from bridge.orders.runner import recovery, runner
from bridge.providers.api import Price
from bridge.providers.paid import Capabilities, RateLimits
from bridge.store import results
from bridge.store.blobs import BlobStore
from tests.unit.orders.shop import FakeClock, FakeLine, FakeProvider, Shop, access, wish

POINTS = (
    "job.before_plan",
    "job.planned",
    "job.approved",
    "job.submitting",
    "job.answered",
    "job.submitted",
    "job.blob_stored",
    "job.fetching",
    "job.fetched",
    "job.stored",
    "job.receipt",
)
ANSWERS = ("ok", "ok", "delivered", "lost", "never", "not_sent", "limited", "rejected", "nonsense")
ABILITIES = (
    Capabilities(),
    Capabilities(can_search=True),
    Capabilities(idempotency_header="Idempotency-Key", idempotency_seconds=600),
)


class KilledError(BaseException):
    """The program ends here."""


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.clock = FakeClock()
        self.shop = Shop()
        self.takes: Counter[str] = Counter({"art/rock": 1, "art/tree": 1})
        self.kill: tuple[str, int] | None = None
        self.granted: Counter[str] = Counter()
        self.gone: set[str] = set()

    @initialize(able=st.sampled_from(ABILITIES))
    def begin(self, able: Capabilities) -> None:
        self.provider = FakeProvider(able, RateLimits(concurrent=2, poll=1, poll_first=1, patience=60, search_delay=5))
        self.start()

    def start(self) -> None:
        self.journal = Journal(self.root, clock=self.clock)
        self.store = BlobStore(self.root / ".assetbridge" / "store")
        recovery.recover_jobs(self.journal, self.store)

    def wishes(self) -> list[OrderRequest]:
        return [wish(name, seed=take) for name, take in sorted(self.takes.items())]

    def missing(self) -> list[OrderRequest]:
        known = self.journal.jobs.list_results()
        return [one for one in self.wishes() if one.fingerprint not in known]

    @rule(name=st.sampled_from(["art/rock", "art/tree", "art/sign"]))
    def reroll(self, name: str) -> None:
        self.takes[name] += 1

    @rule(fail=st.sampled_from(["", "out of paint"]), looks=st.sampled_from([1, 2, 200]))
    def provider_event(self, fail: str, looks: int) -> None:
        self.shop.fail, self.shop.looks = fail, looks

    @rule(
        approve=st.sampled_from(["plan", "budget", "plan", "budget", "nobody"]),
        answers=st.lists(st.sampled_from(ANSWERS), max_size=3),
        kill=st.none() | st.tuples(st.sampled_from(POINTS), st.integers(1, 3)),
    )
    def build(self, approve: str, answers: list[str], kill: tuple[str, int] | None) -> None:
        self.shop.script, self.kill = answers, kill
        wanted = self.missing()
        approval = Approval({})
        if approve == "budget":
            approval = Approval({"shop": Budget("coins")})
        elif approve == "plan":
            approval = Approval({}, {(one.asset, one.step.key): Price("coins", Decimal(3)) for one in wanted})
        if approve != "nobody":
            self.granted.update(
                one.fingerprint for one in wanted if self.journal.jobs.find_live(one.fingerprint) is None
            )
        try:
            asyncio.run(self.buy(wanted, approval))
        except KilledError:
            self.kill = None
            self.journal.close()
            self.start()
        else:
            self.kill = None

    async def buy(self, wanted: list[OrderRequest], approval: Approval) -> None:
        def failpoint(name: str) -> None:
            if self.kill is None or name != self.kill[0]:
                return
            self.kill = (name, self.kill[1] - 1)
            if self.kill[1] == 0:
                raise KilledError

        with pytest.MonkeyPatch.context() as patch:
            for module in ("runner", "submit", "collect"):
                patch.setattr(f"bridge.orders.runner.{module}.failpoint", failpoint)
            async with runner.Runner(
                self.journal,
                self.store,
                self.clock,
                lambda _name: access(self.provider),
                connect=lambda _access, pace, _clock: FakeLine(self.shop, pace),
            ) as buyer:
                done = await asyncio.gather(
                    *(buyer.buy(one, approval, lambda: ({}, {})) for one in wanted), return_exceptions=True
                )
        for outcome in done:
            if isinstance(outcome, BaseException) and not isinstance(outcome, BridgeError):
                raise outcome

    @rule(seconds=st.sampled_from([-4000.0, 30.0, 700.0, 90_000.0]))
    def clock_jumps(self, seconds: float) -> None:
        self.clock.time += seconds

    @rule()
    def restart(self) -> None:
        self.journal.close()
        self.start()

    @precondition(lambda self: self.journal.jobs.list_in((JobState.UNCERTAIN,)))
    @rule(data=st.data())
    def decide(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.journal.jobs.list_in((JobState.UNCERTAIN,))))
        mine = [number for number, order in self.shop.orders.items() if order["body"] == job.body.decode()]
        free = [number for number in mine if number not in self.journal.jobs.list_remote_ids()]
        if free:
            self.journal.jobs.move(job, JobState.SUBMITTED, remote={"job": free[0]})
        elif not mine:
            # The person looked at the account and saw that nothing was charged.
            self.journal.jobs.move(job, JobState.CANCELLED)

    @precondition(lambda self: self.journal.jobs.list_results())
    @rule(data=st.data())
    def blob_is_lost(self, data: st.DataObject) -> None:
        fingerprint, sha256 = data.draw(st.sampled_from(sorted(self.journal.jobs.list_results().items())))
        path = self.store.root / sha256[:2] / sha256[2:]
        if path.exists():
            path.unlink()
            self.gone.add(fingerprint)

    # promises

    @invariant()
    def one_charge_per_wish(self) -> None:
        counts = Counter(self.shop.charges)
        failed = Counter(
            job.fingerprint for job in self.journal.jobs.list_in((JobState.FAILED, JobState.EXPIRED)) if job.remote
        )
        for text, count in counts.items():
            data = json.loads(text)
            again = failed[f"f1:{data['what']}:{data['seed']}"]
            assert count <= 1 + again, text

    @invariant()
    def nothing_charged_is_absent(self) -> None:
        bodies = {
            (job.asset, job.step.seed): job
            for job in self.journal.jobs.list_all()
            if job.state not in (JobState.PLANNED, JobState.APPROVED, JobState.CANCELLED, JobState.REJECTED)
        }
        for text in self.shop.charges:
            data = json.loads(text)
            assert (data["what"], data["seed"]) in bodies, text

    @invariant()
    def nothing_without_leave(self) -> None:
        for text in self.shop.charges:
            data = json.loads(text)
            assert self.granted[f"f1:{data['what']}:{data['seed']}"]

    @invariant()
    def stored_results_can_be_read(self) -> None:
        for fingerprint, sha256 in self.journal.jobs.list_results().items():
            assert results.complete(self.store, sha256) or fingerprint in self.gone

    def teardown(self) -> None:
        self.journal.close()
        shutil.rmtree(self.root, ignore_errors=True)


def test_every_life_keeps_the_promises() -> None:
    run_state_machine_as_test(
        Life, settings=settings(max_examples=100, stateful_step_count=30, deadline=None, derandomize=True)
    )


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_many_more_lives_keep_the_promises() -> None:
    run_state_machine_as_test(Life, settings=settings(max_examples=3000, stateful_step_count=50, deadline=None))
