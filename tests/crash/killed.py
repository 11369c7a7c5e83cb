"""A run of orders in a child process that can be killed at any failpoint; the shop's truth lies in a file.

The parent is warm: every point forks it instead of starting an interpreter.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from bridge.core import failpoint
from bridge.core.errors import BridgeError
from bridge.http.outcome import Sent
from bridge.orders.budget import Approval, Budget
from bridge.orders.journal import Journal
from bridge.orders.model import Job
from bridge.orders.runner import recovery
from bridge.orders.runner.rate_limit import RateLimiter
from bridge.orders.runner.runner import Runner
from bridge.providers.paid import Capabilities, RateLimits
from bridge.store.blobs import BlobStore
from tests.unit.orders.shop import FakeClock, FakeLine, FakeProvider, Shop, access, wish

ABILITIES = {
    "blind": Capabilities(),
    "searches": Capabilities(can_search=True),
    "knows_keys": Capabilities(idempotency_header="Idempotency-Key", idempotency_seconds=86400),
}
WISHES = ("art/rock", "art/tree", "art/sign")


class FileShop(Shop):
    """A shop whose orders and charges are on the disk before it answers: it outlives the customer."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        if path.exists():
            for name, value in json.loads(path.read_text(encoding="utf-8")).items():
                setattr(self, name, value)

    def submit(self, body: bytes, key: str | None) -> Sent:
        # Every other order is answered with the result itself.
        if b"tree" in body and (key is None or key not in self.keys):
            self.script = ["delivered"]
        answer = super().submit(body, key)
        self.path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        failpoint.failpoint("shop.charged")
        return answer


def run_once(root: Path, ability: str, moment: float) -> None:
    """What one start of the program does: recover, then buy all wishes."""
    clock = FakeClock(moment)
    provider = FakeProvider(ABILITIES[ability], RateLimits(poll=1, poll_first=1, patience=300, search_delay=5))
    journal = Journal(root, clock=clock)
    store = BlobStore(root, ".assetbridge/store")
    shop = FileShop(root / "shop.json")
    failpoint.failpoint("run.started")
    recovery.recover_jobs(journal, store)
    failpoint.failpoint("run.recovered")

    async def buy_all() -> None:
        def line(_access: object, pace: RateLimiter, _clock: object) -> FakeLine:
            return FakeLine(shop, pace)

        async with Runner(journal, store, clock, lambda _name: access(provider), connect=line) as runner:
            known = journal.jobs.list_results()
            wanted = [one for name in WISHES if (one := wish(name)).fingerprint not in known]
            approval = Approval({"shop": Budget("coins")})
            done = await asyncio.gather(
                *(runner.buy(one, approval, lambda: ({}, {})) for one in wanted), return_exceptions=True
            )
            for outcome in done:
                if isinstance(outcome, BaseException) and not isinstance(outcome, BridgeError):
                    raise outcome

    asyncio.run(buy_all())
    journal.close()


def killed_at(root: Path, ability: str, point: str, number: int, moment: float) -> bool:
    """Runs once in a child that dies at the N-th passing of a point; whether it did die there.

    Raises:
        AssertionError: the child failed in another way.
    """
    child = os.fork()
    if child == 0:
        try:
            failpoint._NAME, failpoint._NUMBER, failpoint._passed = point, str(number), 0
            run_once(root, ability, moment)
        except BaseException:  # noqa: BLE001  only the exit code leaves a child
            os._exit(9)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, f"the run failed before {point}"
    return False


def points_of(root: Path, ability: str) -> list[tuple[str, int]]:
    """Every passing of a failpoint in an undisturbed run: (name, which time)."""
    trace = root / "trace.txt"
    child = os.fork()
    if child == 0:
        try:
            failpoint._TRACE = str(trace)
            run_once(root, ability, 1_800_000_000.0)
        except BaseException:  # noqa: BLE001  only the exit code leaves a child
            os._exit(9)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0
    seen: Counter[str] = Counter()
    points = []
    for name in trace.read_text(encoding="utf-8").split():
        seen[name] += 1
        points.append((name, seen[name]))
    return points


def check(root: Path) -> list[Job]:
    """The promises: at most one charge per wish, and everything charged is stored or uncertain, with its evidence."""
    shop = FileShop(root / "shop.json")
    charges = Counter(json.loads(body)["what"] for body in shop.charges)
    assert all(count == 1 for count in charges.values()), charges
    journal = Journal(root)
    store = BlobStore(root, ".assetbridge/store")
    jobs = journal.jobs.list_all()
    for name in charges:
        mine = [job for job in jobs if job.asset == name]
        stored = [job for job in mine if job.state == "stored"]
        lost = [job for job in mine if job.state == "uncertain"]
        assert stored or lost, f"{name} was charged and is {[str(job.state) for job in mine]}"
        for job in stored:
            assert store.get(job.result)
        for job in lost:
            assert job.error
            assert job.body
            assert job.sent
    # What the ledger says was charged is what was charged, but for orders that nobody knows of yet.
    entered = {entry.asset for entry in journal.ledger.list_entries()}
    assert entered == {job.asset for job in jobs if job.state == "stored"}
    journal.close()
    return jobs
