"""Four emulated providers, and four who build: what the tests of money have in common."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from bridge.cache.asset_status import list_assets
from bridge.cache.project_memory import ProjectMemory
from bridge.cli import main
from bridge.config.project_config import read_config
from bridge.core.paths import JOURNAL_FILE
from bridge.daemon.events import EventLog
from bridge.daemon.worker.requests import RequestOptions
from bridge.daemon.worker.worker import BuildWorker
from bridge.media.images import encode_png
from bridge.orders.budget import sum_used
from bridge.orders.journal import Journal
from bridge.orders.ledger import sum_by_unit
from bridge.orders.tables.ledger import Spent
from bridge.watch.session import WatchSession
from tests.emulator import OBSERVED, Emulator, pixeldojo, pixelengine, sprixen
from tests.emulator import pixellab as lab
from tests.emulator.ledger import Unit
from tests.emulator.pictures import figure
from tests.emulator.sprixen_world import Style

PROJECT = """\
[project]
name = "shops"
id = "7e57"
specs = ["art/**/*.asset.toml"]
[targets.json]
output = "export"
[providers.{name}]
base_url = "{url}"
"""
ROCK = 'kind = "sprite"\nprovider = "procedural"\ndescription = "rock {}"\nsize = [8, 8]\n'
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Shop:
    """A provider as it is emulated. make: by whether it gives failed orders their money back. order: the paid route.

    spec: `{n}` makes another order of it. price: of one, in `unit`.
    """

    name: str
    make: Callable[[bool], Any]
    key: tuple[str, str]
    order: str
    spec: str
    price: Decimal
    unit: Unit = "credits"


def _lab(*, refunds: bool) -> lab.PixelLab:
    return lab.PixelLab(replace(OBSERVED, refunds=refunds), job_seconds=0.0)


_DRAWN = 'kind = "sprite"\nprovider = "{}"\ndescription = "thing {{n}}"\nsize = [32, 32]\n'
SHOPS: Mapping[str, Shop] = {
    shop.name: shop
    for shop in (
        Shop(
            "pixellab",
            lambda refunds: _lab(refunds=refunds),
            ("PIXELLAB_API_KEY", lab.KEY),
            "POST /create-isometric-tile",
            'kind = "isometric_tiles"\nprovider = "pixellab"\ntile_size = [32, 32]\n[[tiles]]\nname = "grass"\n'
            'description = "grass {n}"\n',
            Decimal(1),
            "generations",
        ),
        Shop(
            "pixelengine",
            lambda refunds: pixelengine.PixelEngine(job_seconds=0.0, keeps_failed=not refunds),
            ("PIXELENGINE_API_KEY", pixelengine.KEY),
            "POST /animate",
            'kind = "animation"\nprovider = "pixelengine"\nsource = "art/knight.png"\naction = "waves {n}"\n'
            "frames = 4\n",
            Decimal(20),
        ),
        Shop(
            "pixeldojo",
            lambda refunds: pixeldojo.PixelDojo(job_seconds=0.0, refunds=refunds, per_minute=None),
            ("PIXELDOJO_API_KEY", pixeldojo.KEY),
            "POST /models/*/run",
            _DRAWN.format("pixeldojo") + 'model = "pixel-image"\n',
            Decimal("0.5"),
        ),
        Shop(
            "sprixen",
            lambda refunds: sprixen.Sprixen(Style(refunds=refunds), job_seconds=0.0),
            ("SPRIXEN_API_KEY", sprixen.KEY),
            "POST /generations",
            _DRAWN.format("sprixen"),
            Decimal(1),
        ),
    )
}


class Customer:
    """A project with a budget at one emulated provider. per_day: of the budget, None for no budget."""

    def __init__(self, root: Path, shop: Shop, emulator: Emulator[Any], per_day: Decimal | None) -> None:
        self.root, self.shop, self.emulator = root, shop, emulator
        text = PROJECT.format(name=shop.name, url=emulator.url)
        if per_day is not None:
            text += f'[budget]\n{shop.name} = {{ unit = "{shop.unit}", per_day = {per_day} }}\n'
        self.write("assetbridge.toml", text)
        self.write("art/knight.png", encode_png(figure("knight", (32, 32), share=70)))
        if shop.name == "pixeldojo":
            # Prices of its models are known once they were listed.
            self.run("providers", "models", "pixeldojo")

    def write(self, name: str, content: str | bytes) -> None:
        """Writes a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def spec(self, asset_id: str = "art/thing", number: int = 1, more: str = "") -> None:
        """Writes a spec of something that the provider sells."""
        text = self.shop.spec.replace("{n}", str(number))
        head, mark, rest = text.partition("[[")
        self.write(f"{asset_id}.asset.toml", head + more + mark + rest)

    def run(self, *words: str) -> int:
        """A command; its exit code."""
        return main([*words, "--project", str(self.root)])

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        """The journal, to be looked at."""
        opened = Journal(self.root)
        try:
            yield opened
        finally:
            opened.close()

    @property
    def sent(self) -> int:
        """How many orders reached the provider."""
        return sum(row.amount >= 0 and fnmatchcase(row.route, self.shop.order) for row in self.emulator.ledger.rows)

    @property
    def kept(self) -> Decimal:
        """What the provider really has. Holds are none of it."""
        personality = self.emulator.personality
        if isinstance(personality, pixelengine.PixelEngine):
            jobs = personality.world.jobs.values()
            return Decimal(sum(job.credits for job in jobs if job.hold == "captured"))
        return Decimal(str(self.emulator.ledger.total(self.shop.unit)))

    def books(self) -> dict[str, str]:
        """charged, possible and refunded of all orders, in the shop's unit."""
        with self.journal() as journal:
            rows = [row for row in sum_by_unit(journal.ledger.list_entries()) if row["unit"] == self.shop.unit]
        columns = ("charged", "possible", "refunded")
        return {name: rows[0][name] for name in columns} if rows else dict.fromkeys(columns, "0")

    def used(self) -> Spent:
        """What counts against the day's budget."""
        with self.journal() as journal:
            return sum_used(journal, self.shop.name, self.shop.unit)

    def state(self, asset_id: str = "art/thing") -> str:
        """The state of an asset, as `status` says it."""
        memory = ProjectMemory(self.root)
        try:
            return next(str(row["state"]) for row in list_assets(memory) if row["id"] == asset_id)
        finally:
            memory.close()

    def has_journal(self) -> bool:
        """Whether anything was ever ordered."""
        return (self.root / JOURNAL_FILE).exists()


class Actor:
    """Who builds. `save` is told of files that somebody saved; `stop` ends it, and another one may start."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer

    def save(self, *names: str) -> None:
        """Builds what follows from saved files (none: everything)."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ends."""


class BuildActor(Actor):
    """`assetbridge build`, once for every save."""

    def save(self, *names: str) -> None:
        """Builds everything, as a script would."""
        del names
        self.customer.run("build")


class WatchActor(Actor):
    """`assetbridge watch`."""

    def __init__(self, customer: Customer) -> None:
        super().__init__(customer)
        self._session = WatchSession(read_config(customer.root), lambda _event: None)
        self._owned = self._session.project.owned()
        self._owned.__enter__()

    def save(self, *names: str) -> None:
        """As the watcher tells it."""
        if names:
            self._session.build_changes(frozenset(names))
        else:
            self._session.build()

    def stop(self) -> None:
        """Ends."""
        self._owned.__exit__(None, None, None)
        self._session.close()


class DaemonActor(Actor):
    """The daemon's worker, without its web server."""

    def __init__(self, customer: Customer) -> None:
        super().__init__(customer)
        self.worker = BuildWorker(customer.root, EventLog("shops"))
        self.worker.start()

    def save(self, *names: str) -> None:
        """As its watcher tells it."""
        self.worker.build_changed(frozenset(names))
        self.wait()

    def build(self, *ids: str) -> None:
        """As an editor asks for it."""
        self.worker.build(ids or None, RequestOptions())
        self.wait()

    def wait(self) -> None:
        """Until nothing waits or runs."""
        deadline = time.monotonic() + PATIENCE_S
        while self.worker.is_busy:
            assert time.monotonic() < deadline, "the daemon does not come to an end"
            time.sleep(0.005)

    def stop(self) -> None:
        """Ends."""
        assert self.worker.stop()


class MixedActor(DaemonActor):
    """The daemon, and a person beside it who builds in another process."""

    def save(self, *names: str) -> None:
        """The daemon builds what was saved; then the person builds, through nothing but the files."""
        super().save(*names)
        self.customer.run("build", "--no-daemon")


ACTORS: Mapping[str, Callable[[Customer], Actor]] = {
    "build": BuildActor,
    "watch": WatchActor,
    "daemon": DaemonActor,
    "daemon and build": MixedActor,
}


def decide_when(customer: Customer, state: str, decide: Callable[[int], object]) -> threading.Thread:
    """Decides about the first order as soon as it comes to a state, beside whoever waits for it."""

    def look() -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if customer.has_journal():
                with customer.journal() as journal:
                    numbers = [job.id for job in journal.jobs.list_all() if job.state == state]
                if numbers:
                    decide(numbers[0])
                    return
            time.sleep(0.01)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    return thread
