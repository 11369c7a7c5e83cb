"""All paid providers at once: their emulators on real sockets, and a customer who buys chains of steps from them."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bridge.core.credentials import ApiKey
from bridge.core.errors import BridgeError
from bridge.orders import decisions
from bridge.orders.access import ProviderAccess
from bridge.orders.budget import Approval, Budget
from bridge.orders.journal import Journal
from bridge.orders.model import Job, JobState, OrderRequest
from bridge.orders.runner import recovery
from bridge.orders.runner.runner import Runner
from bridge.orders.webhooks.hints import Hints
from bridge.providers.api import Step, StepResult
from bridge.providers.fingerprint import step_fingerprint
from bridge.providers.paid import PaidProvider
from bridge.providers.testing import SpecContext, spec_of
from bridge.store import results
from bridge.store.blobs import BlobStore
from tests.emulator import OBSERVED, Emulator, PixelLab, Rule, Script
from tests.emulator import pixeldojo as dojo
from tests.emulator import pixelengine as engine
from tests.emulator import pixellab as lab
from tests.emulator import sprixen as sprixen_service
from tests.emulator.ledger import digest
from tests.emulator.rotation import Rotating
from tests.unit.providers import pixeldojo_samples, pixelengine_samples, pixellab_samples, sprixen_samples

MIDNIGHT = 1_900_000_800.0 - 1_900_000_800.0 % 86400


class QuickClock:
    """The machine's time, `factor` times as fast, from `start`; its own seconds since then for emulators."""

    def __init__(self, start: float, factor: float) -> None:
        self._start, self._factor = start, factor
        self._passed = 0.0
        self._began = time.monotonic()
        self._dice = random.Random(0)

    def __call__(self) -> float:
        return self._passed + (time.monotonic() - self._began) * self._factor

    def now(self) -> float:
        return self._start + self()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._factor)

    def chance(self) -> float:
        return self._dice.random()

    def jump(self, seconds: float) -> None:
        """Lets time pass at once."""
        self._passed += seconds

    def speed(self, factor: float) -> None:
        """From now on it runs so fast."""
        passed = self()
        self._began, self._passed, self._factor = time.monotonic(), passed, factor


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps of one asset, in order of need."""

    asset: str
    steps: Sequence[Step]
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Stall:
    """One provider: how its service is made (job seconds are of the emulator's clock), and what is bought there.

    key, other: keys of two accounts. texts: specs, `{n}` is a number that makes them different. main: the id that an
    adopted job has.
    """

    provider: PaidProvider
    service: Callable[[float], Any]
    key: str
    other: str
    texts: Sequence[str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    main: str = "job"

    def chain(self, number: int) -> Chain:
        """The chain of this number; numbers go round all specs."""
        text = self.texts[number % len(self.texts)].replace("{n}", str(number))
        asset = f"{self.provider.name}/{number}"
        return Chain(asset, list(self.provider.compile(spec_of(text), SpecContext(asset, self.files))), self.files)


_HEAD = 'provider = "{name}"\ndescription = "thing number {n}"\n'
_LAB = _HEAD.replace("{name}", "pixellab")
_WALK = '[animations.walk]\ntemplate = "walk"\ndirections = ["south"]\n'
_ENGINE = 'kind = "animation"\nprovider = "pixelengine"\naction = "wave number {n}"\n'
_DOJO = _HEAD.replace("{name}", "pixeldojo") + 'model = "pixel-image"\n'
_SPRIXEN = _HEAD.replace("{name}", "sprixen")
STALLS: Mapping[str, Stall] = {
    "pixellab": Stall(
        pixellab_samples.LAB,
        lambda seconds: PixelLab(OBSERVED, job_seconds=seconds, credits=100_000.0, max_jobs=20),
        lab.KEY,
        lab.OTHER_KEY,
        (
            f'kind = "sprite"\n{_LAB}size = [32, 32]\n',
            f'kind = "character"\n{_LAB}size = [32, 32]\ndirections = 4\n{_WALK}',
            f'kind = "tileset"\n{_LAB}tile_size = 16\n[[terrains]]\nname = "sea_{{n}}"\n[[terrains]]\nname = "sand"\n',
        ),
        pixellab_samples.FILES,
    ),
    "pixelengine": Stall(
        pixelengine_samples.ENGINE,
        lambda seconds: engine.PixelEngine(job_seconds=seconds, monthly=100_000),
        engine.KEY,
        engine.OTHER_KEY,
        (
            f'{_ENGINE}source = "art/knight.png"\nframes = 4\n',
            f'{_ENGINE}frames = 3\n[[keyframes]]\nindex = 0\nsource = "art/block_0.png"\n',
            f'{_ENGINE}source = "art/knight.png"\nframes = 4\n[[retakes]]\nframes = [1, 2]\naction = "again {{n}}"\n',
        ),
        pixelengine_samples.FILES,
    ),
    "pixeldojo": Stall(
        pixeldojo_samples.DOJO,
        lambda seconds: dojo.PixelDojo(job_seconds=seconds, credits=100_000.0),
        dojo.KEY,
        dojo.OTHER_KEY,
        (f'kind = "sprite"\n{_DOJO}size = [32, 32]\n', f'kind = "sprite"\n{_DOJO}size = [64, 32]\nvariants = 2\n'),
        pixeldojo_samples.FILES,
    ),
    "sprixen": Stall(
        sprixen_samples.SPRIXEN,
        lambda seconds: sprixen_service.Sprixen(job_seconds=seconds, credits=100_000.0),
        sprixen_service.KEY,
        sprixen_service.OTHER_KEY,
        (
            f'kind = "sprite"\n{_SPRIXEN}size = [32, 32]\n',
            f'kind = "character"\n{_SPRIXEN}archetype = "humanoid"\ndirections = 1\n[animations.run]\nframes = 4\n',
        ),
    ),
}


def reached(stall: Stall, url: str, key: str) -> ProviderAccess:
    """A provider at an address, with a key."""
    api = dataclasses.replace(stall.provider.api, base_url=url)
    return ProviderAccess(stall.provider, api, stall.provider.limits, ApiKey(api.key_env, "environment", key))


class Market:
    """Emulators of some providers, as a context manager, and one customer's project in `root`.

    faults: rules for every emulator. clock: the customer's and the emulators'. job_seconds: by that clock. quick_polls:
    jobs are looked at far more often than providers like, else as seldom as their limits say.
    """

    def __init__(
        self,
        root: Path,
        clock: QuickClock,
        stalls: Mapping[str, Stall] = STALLS,
        *,
        faults: Sequence[Rule] = (),
        seed: int = 0,
        job_seconds: float = 1.0,
        quick_polls: bool = True,
    ) -> None:
        self.root, self.clock = root, clock
        self._quick = quick_polls
        self.stalls = stalls
        self._stack = ExitStack()
        self.emulators: dict[str, Emulator[Rotating[Any]]] = {
            name: Emulator(
                Rotating(stall.service(job_seconds), stall.key),
                faults=Script(faults, seed + place),
                clock=clock,
            )
            for place, (name, stall) in enumerate(stalls.items())
        }
        self.given_up: Counter[str] = Counter()
        self.outcomes: dict[str, BridgeError | None] = {}

    def __enter__(self) -> Self:
        for emulator in self.emulators.values():
            self._stack.enter_context(emulator)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def access(self, name: str) -> ProviderAccess:
        """The provider at its emulator, with the key that is current there."""
        emulator = self.emulators[name]
        found = reached(self.stalls[name], emulator.url, emulator.personality.current)
        if not self._quick:
            return found
        limits = dataclasses.replace(
            found.limits, poll_first=0.2, poll=0.2, poll_most=1.0, patience=400.0, search_delay=1.0
        )
        return dataclasses.replace(found, limits=limits)

    def buy(
        self,
        chains: Sequence[Chain],
        *,
        budgets: Mapping[str, Budget] | None = None,
        hints: Hints | None = None,
        access: Callable[[str], ProviderAccess] | None = None,
    ) -> dict[str, BridgeError | None]:
        """One run: recovers, then buys what is missing; how every asset ended.

        Without budgets all is approved, with them what has no published price or ended badly before.
        """
        journal = Journal(self.root, clock=self.clock)
        try:
            self.outcomes = asyncio.run(self._bought(journal, chains, budgets, hints, access or self.access))
        finally:
            journal.close()
        return self.outcomes

    async def _bought(
        self,
        journal: Journal,
        chains: Sequence[Chain],
        budgets: Mapping[str, Budget] | None,
        hints: Hints | None,
        access: Callable[[str], ProviderAccess],
    ) -> dict[str, BridgeError | None]:
        store = self.store
        recovery.recover_jobs(journal, store)
        broken = journal.jobs.list_bad_endings().values()
        again = {job.asset for job in broken}
        shown = {
            (chain.asset, step.key): step.price
            for chain in chains
            for step in chain.steps
            if not budgets or step.price.amount is None or chain.asset in again
        }
        approval = Approval(budgets or {}, shown, seen=frozenset(job.id for job in broken))
        async with Runner(journal, store, self.clock, access, hints=hints) as runner:
            ended = await asyncio.gather(*(self._chain(runner, chain, approval) for chain in chains))
        return dict(zip((chain.asset for chain in chains), ended, strict=True))

    async def _chain(self, runner: Runner, chain: Chain, approval: Approval) -> BridgeError | None:
        fingerprints: dict[str, str] = {}
        done: dict[str, str] = {}
        known = runner.journal.jobs.list_results()
        for step in chain.steps:
            fingerprint = step_fingerprint(step, fingerprints)
            assert fingerprint is not None
            fingerprints[step.key] = fingerprint
            if fingerprint in known:
                done[step.key] = known[fingerprint]
                continue

            def prepare(step: Step = step) -> tuple[Mapping[str, bytes], Mapping[str, StepResult]]:
                inputs = {item.role: chain.files[item.ref] for item in step.inputs}
                return inputs, {key: results.load(self.store, done[key]) for key in step.after}

            try:
                bought = await runner.buy(OrderRequest(chain.asset, step, fingerprint), approval, prepare)
            except BridgeError as error:
                return error
            done[step.key] = bought.result
        return None

    @property
    def store(self) -> BlobStore:
        """What was bought."""
        return BlobStore(self.root / ".assetbridge" / "store")

    def jobs(self, *states: str) -> list[Job]:
        """Jobs of the journal."""
        journal = Journal(self.root, clock=self.clock)
        try:
            return journal.jobs.list_in(states) if states else journal.jobs.list_all()
        finally:
            journal.close()

    def decide(self) -> None:
        """What a person does about uncertain orders: looks at the account, takes over what is there, gives up the rest.

        An order whose result came with its answer cannot be taken over: it is given up though it was charged. So is
        what came damaged.
        """
        journal = Journal(self.root, clock=self.clock)
        for job in journal.jobs.list_damaged():
            decisions.abandon_job(journal, job.id)
        for job in journal.jobs.list_in((JobState.SUBMITTING, JobState.UNCERTAIN)):
            if job.state is JobState.SUBMITTING:
                continue
            rows = [row for row in self.emulators[job.provider].ledger.rows if row.body == digest(job.body)]
            taken = journal.jobs.list_remote_ids()
            ids = [row.remote_id for row in rows if row.amount > 0 and row.remote_id and row.remote_id not in taken]
            if ids and job.provider == "pixelengine":
                decisions.adopt_job(journal, job.id, {self.stalls[job.provider].main: ids[-1]})
            else:
                self.given_up[digest(job.body)] += 1
                decisions.abandon_job(journal, job.id)
        journal.close()

    def settle(self, chains: Sequence[Chain], *, tries: int = 12, **how: Any) -> None:
        """Runs again until everything is bought."""
        for _ in range(tries):
            if all(error is None for error in self.buy(chains, **how).values()):
                return
            self.decide()
        raise AssertionError({asset: error.message for asset, error in self.outcomes.items() if error is not None})

    def charged_twice(self) -> dict[tuple[str, str], int]:
        """Requests (route and body) that were paid for more often than a person, or a job that failed for good,
        explains."""
        jobs = self.jobs()
        failed = sum(job.state in ("failed", "expired") for job in jobs)
        failed += sum(job.state == "cancelled" and (job.error or {}).get("code") == "result_damaged" for job in jobs)
        charged = Counter(
            (row.route, row.body) for emulator in self.emulators.values() for row in emulator.ledger.charges
        )
        return {request: count for request, count in charged.items() if count > 1 + self.given_up[request[1]] + failed}
