"""Lives of a project in which builds, a watch and a daemon work, are killed and get in each other's way.

A day's cap holds, and the books never say less than the provider took.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bridge.daemon.process import control
from tests.emulator import OBSERVED, Emulator, faults
from tests.emulator import pixellab as lab
from tests.emulator.faults import Fault
from tests.paid.shops import ROCK, SHOPS, Customer, Shop

ORDERS = 4
"""Orders that the day's budget has room for."""
DOLLARS = Shop(
    "pixellab",
    lambda refunds: lab.PixelLab(replace(OBSERVED, refunds=refunds), unit="usd", credits=10.0, job_seconds=0.3),
    SHOPS["pixellab"].key,
    "POST /create-image-pixflux-background",
    'kind = "sprite"\nprovider = "pixellab"\ndescription = "guard {n}"\nsize = [64, 64]\n',
    Decimal("0.017"),
    "usd",
)
TROUBLES: Sequence[Callable[[], Fault] | None] = (
    None,
    None,
    faults.job_failed,
    faults.result_expired,
    faults.reset_before_reading,
    faults.reset_after_reading,
    faults.half_body,
    faults.not_json,
    faults.truncated_picture,
    lambda: faults.status(400, "no"),
    lambda: faults.server_error(charged=True),
)
DECISIONS: Mapping[str, Sequence[tuple[str, ...]]] = {
    "uncertain": (("abandon",), ("resubmit", "--yes")),
    "damaged": (("abandon",), ("refetch",), ("resubmit", "--yes")),
    "running": (("cancel",),),
}


@dataclass
class Life:
    """A project that several processes work on at once."""

    customer: Customer
    dice: random.Random
    children: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def cap(self) -> Decimal:
        """What a day may cost."""
        return self.customer.shop.price * ORDERS

    def begin(self, *words: str) -> None:
        """Starts a command beside all others."""
        command = [sys.executable, "-m", "bridge", *words, "--project", str(self.customer.root)]
        self.children.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))

    def live(self) -> None:
        """One thing that happens."""
        dice, customer = self.dice, self.customer
        match dice.choice(("spec", "spec", "build", "build", "yes", "daemon", "watch", "kill", "trouble", "decide")):
            case "spec":
                customer.spec(f"art/thing{dice.randrange(5)}", dice.randrange(8), f"retries = {dice.randrange(3)}\n")
                customer.write("art/rock.asset.toml", ROCK.format(dice.randrange(9)))
            case "build":
                self.begin("build", "--no-daemon")
            case "yes":
                customer.run("build", "--yes")
            case "daemon":
                control.start_daemon(customer.root)
            case "watch":
                self.begin("watch")
            case "kill":
                self.kill()
            case "trouble":
                customer.emulator.faults.clear()
                trouble = dice.choice(TROUBLES)
                if trouble is not None:
                    customer.emulator.faults.on(customer.shop.order, trouble())
            case "decide":
                self.decide()
        time.sleep(dice.random() * 1.5)

    def kill(self) -> None:
        """Kills a process, whatever it does."""
        record = self.customer.root / ".assetbridge/daemon.json"
        if self.children and (self.dice.random() < 0.5 or not record.exists()):
            self.children[self.dice.randrange(len(self.children))].kill()
        elif record.exists():
            with suppress(ProcessLookupError):
                os.kill(json.loads(record.read_text())["pid"], 9)

    def decide(self) -> None:
        """What a person may decide about the orders that there are."""
        for number, state in self.jobs():
            if state in DECISIONS:
                verb, *more = self.dice.choice(DECISIONS[state])
                self.customer.run("jobs", verb, str(number), *more)

    def jobs(self) -> list[tuple[int, str]]:
        """Numbers and states of all orders."""
        if not self.customer.has_journal():
            return []
        with self.customer.journal() as journal:
            return [(job.id, str(job.state)) for job in journal.jobs.list_all()]

    def check(self) -> None:
        """The day's cap, and the books against what the provider has."""
        kept, used = self.customer.kept, Decimal(0)
        if self.customer.has_journal():
            used = self.customer.used().amount
        assert max(kept, used) <= self.cap

    def end(self) -> None:
        """Ends whatever still runs, and builds: everything that was taken stands in the books then."""
        self.customer.emulator.faults.clear()
        control.stop_daemon(self.customer.root)
        for child in self.children:
            child.terminate()
            text = child.communicate(timeout=120)[0]
            assert "Traceback" not in text, text
        self.customer.run("build", "--no-daemon")
        self.check()
        assert self.customer.kept <= self.customer.used().amount
        sent = self.customer.sent
        self.customer.run("build", "--no-daemon")
        assert self.customer.sent == sent, "a second build of the same orders nothing"


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shop", [*SHOPS.values(), DOLLARS], ids=[*SHOPS, "dollars"])
def test_a_days_cap_holds_whichever_processes_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shop: Shop, seed: int
) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    for one in SHOPS.values():
        monkeypatch.setenv(*one.key)
    dice = random.Random(seed)
    with Emulator[Any](shop.make(dice.random() < 0.5)) as emulator:
        life = Life(Customer(tmp_path / "game", shop, emulator, shop.price * ORDERS), dice)
        try:
            for _ in range(16):
                life.live()
                life.check()
            life.end()
        finally:
            control.stop_daemon(life.customer.root)
            for child in life.children:
                child.kill()
