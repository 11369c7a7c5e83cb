"""Machines of a team that buy the same things at once, each in a process of its own that can be killed at any point.

The shop's truth lies in a file that all processes share under a lock. Processes come from a fork server, which has
never used the library of the store: its threads do not survive a fork.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from bridge.core import failpoint, waits
from bridge.core.clock import SystemClock
from bridge.core.errors import BridgeError
from bridge.core.remote_address import parse_remote
from bridge.http.api import Method
from bridge.http.outcome import Answer, Sent, TransportError
from bridge.orders.budget import Approval, Budget
from bridge.orders.journal import Journal
from bridge.orders.model import OrderRequest
from bridge.orders.runner import recovery
from bridge.orders.runner.rate_limit import RateLimiter
from bridge.orders.runner.runner import Runner
from bridge.orders.runner.team import TeamOrders
from bridge.providers.paid import Capabilities, RateLimits
from bridge.store.blobs import BlobStore
from bridge.store.results import complete
from bridge.store.shared import bucket
from bridge.store.shared.shared_store import SharedStore
from tests.unit.orders.shop import FakeLine, FakeProvider, Shop, access, wish

ABILITIES = {
    "searches": Capabilities(can_search=True),
    "knows_keys": Capabilities(idempotency_header="Idempotency-Key", idempotency_seconds=86400),
}
STORE = ".assetbridge/store"


@dataclass(frozen=True)
class Task:
    """What one start of a machine does. point: where it is killed, as `name:number`; empty for nowhere. cuts: a seed of
    requests that are cut, and how many in a hundred.
    """

    root: Path
    shop: Path
    remote: str
    wishes: int
    ability: str = "knows_keys"
    point: str = ""
    cuts: tuple[int, int] = (0, 0)
    per_day: int | None = None
    lease_s: float = 1.0
    env: tuple[tuple[str, str], ...] = ()


class SharedShop:
    """A `Shop` in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def opened(self) -> Iterator[Shop]:
        """The shop, for one step of it; nobody else is in it meanwhile."""
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            shop = Shop()
            if self.path.exists():
                for name, value in json.loads(self.path.read_text(encoding="utf-8")).items():
                    setattr(shop, name, value)
            yield shop
            fresh = self.path.with_suffix(".new")
            fresh.write_text(json.dumps(asdict(shop)), encoding="utf-8")
            fresh.replace(self.path)

    def charges(self) -> Counter[str]:
        """How often each thing was charged."""
        with self.opened() as shop:
            return Counter(json.loads(body)["what"] for body in shop.charges)


class TeamLine(FakeLine):
    """A connection to a shop that others use too."""

    def __init__(self, shared: SharedShop, pace: RateLimiter) -> None:
        super().__init__(Shop(), pace)
        self.shared = shared

    async def submit(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None, *, method: Method = "POST"
    ) -> Sent:
        del path, method
        await asyncio.sleep(0)
        with self.shared.opened() as shop:
            sent = shop.submit(body, (headers or {}).get("Idempotency-Key"))
        failpoint.failpoint("shop.charged")
        return sent

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        del params
        await asyncio.sleep(0)
        with self.shared.opened() as shop:
            if path == "/list":
                orders = {number: json.loads(order["body"])["what"] for number, order in shop.orders.items()}
                return Answer(200, {}, json.dumps({"orders": orders}).encode())
            order = shop.orders.get(path.rsplit("/", 1)[-1])
            if order is None:
                raise TransportError("refused", "not found", 404, Answer(404, {}, b"{}"))
            order["looks"] += 1
            done = order["looks"] >= shop.looks
            return Answer(200, {}, json.dumps({"done": done, "body": order["body"], "failed": ""}).encode())


def wishes_of(count: int) -> list[OrderRequest]:
    """What all machines want."""
    return [
        replace(one, fingerprint=f"f1:{hashlib.sha1(one.asset.encode()).hexdigest()}")
        for one in (wish(f"art/thing{number}") for number in range(count))
    ]


class CutLibrary:
    """The library of the store, with requests that are cut: before they are carried out, or after."""

    def __init__(self, library: Any, seed: int, percent: int) -> None:
        self._library, self._chance, self._percent = library, random.Random(seed), percent
        self.exceptions, self.store = library.exceptions, library.store

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._library, name)

        def call(*values: Any, **more: Any) -> Any:
            lot = self._chance.random() * 200
            if lot < self._percent:
                raise self.exceptions.GenericError("cut before it was sent")
            answer = function(*values, **more)
            if lot > 200 - self._percent:
                raise self.exceptions.GenericError("cut before the answer came")
            return answer

        return call


def run_machine(task: Task) -> None:
    """One start of a machine: recover, then buy what is wanted."""
    import os

    os.environ.update({"ASSETBRIDGE_TRUST": "1", **dict(task.env)})
    waits.CLAIM_LEASE_S, waits.CLAIM_POLL_S, waits.CLAIM_POLL_MOST_S = task.lease_s, 0.05, 1.0
    failpoint._NAME, _, failpoint._NUMBER = task.point.partition(":")
    seed, percent = task.cuts
    if percent:
        library = CutLibrary(bucket._load_library(), seed, percent)
        bucket._load_library = lambda: library
    task.root.mkdir(parents=True, exist_ok=True)
    journal = Journal(task.root)
    store = BlobStore(task.root, STORE)
    recovery.recover_jobs(journal, store)
    address = parse_remote(task.remote)
    assert address is not None
    shared = SharedStore(address, store, lambda: None)
    shop = SharedShop(task.shop)
    limits = RateLimits(poll=0.02, poll_first=0.02, poll_most=0.1, patience=60, search_delay=0.1)
    provider = FakeProvider(ABILITIES[task.ability], limits)

    async def buy_all() -> list[BaseException]:
        clock = SystemClock()
        team = TeamOrders(shared, journal, clock, "somebody")
        wanted = [one for one in wishes_of(task.wishes) if not has_result(store, one)]
        random.Random(str(task.root)).shuffle(wanted)

        def line(_access: object, pace: RateLimiter, _clock: object) -> TeamLine:
            return TeamLine(shop, pace)

        async with Runner(journal, store, clock, lambda _name: access(provider), connect=line, team=team) as runner:
            limit = None if task.per_day is None else Decimal(task.per_day)
            approval = Approval({"shop": Budget("coins", per_day=limit)}, trust=access_trust())
            done = await asyncio.gather(
                *(runner.buy(one, approval, lambda: ({}, {})) for one in wanted), return_exceptions=True
            )
        return [outcome for outcome in done if isinstance(outcome, BaseException)]

    failures = asyncio.run(buy_all())
    shared.close()
    (task.root / "failures.json").write_text(json.dumps([getattr(one, "code", repr(one)) for one in failures]))
    journal.close()
    for failure in failures:
        if not isinstance(failure, BridgeError):
            raise failure


def access_trust() -> Any:
    """The trust that `ASSETBRIDGE_TRUST` gives."""
    from bridge.trust.project_trust import NO_PROJECT

    return NO_PROJECT


def has_result(store: BlobStore, one: OrderRequest) -> bool:
    """Whether a machine has what was wanted, whole."""
    receipt = store.receipts.find(one.fingerprint)
    return receipt is not None and complete(store, receipt.result)


def start_machines(tasks: Sequence[Task]) -> list[ForkServerProcess]:
    """Starts them all at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.team_machines"])
    machines = [context.Process(target=run_machine, args=(task,)) for task in tasks]
    for machine in machines:
        machine.start()
    return machines


def run_machines(tasks: Sequence[Task], patience_s: float = 120.0) -> list[int]:
    """Their exit codes: -9 for one that was killed.

    Raises:
        AssertionError: one does not come to its end.
    """
    machines = start_machines(tasks)
    for machine in machines:
        machine.join(patience_s)
        if machine.is_alive():
            machine.kill()
            raise AssertionError(f"a machine did not end in {patience_s:g} s")
    return [int(machine.exitcode or 0) for machine in machines]


def missing_of(task: Task) -> list[str]:
    """What a machine has not got."""
    store = BlobStore(task.root, STORE)
    return [one.asset for one in wishes_of(task.wishes) if not has_result(store, one)]


def failures_of(task: Task) -> list[str]:
    """The codes of what went wrong in the last whole run of a machine."""
    return list(json.loads((task.root / "failures.json").read_text()))
