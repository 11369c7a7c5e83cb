"""Save → engine files, with the daemon and with `assetbridge watch`: a character in a tree of 10,000 specs and of 100.

Beside it, in the same run and on the same tree, what watchdog alone needs to tell of a save. What a daemon costs while
nothing happens comes from /proc: processor time over a minute, and memory.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.benchmarks.many import BARRED
from tests.benchmarks.measure import Measured, Row, environment
from tests.benchmarks.observer import WHAT, told
from tests.benchmarks.projects import (
    ASSETBRIDGE,
    SETTLING,
    built,
    daemon,
    identity,
    processor_seconds,
    project,
    resident,
    until,
    until_written,
)

SAVES, WARM_UP = 40, 3
PAUSE, IDLE = 1.0, 60.0
# Numbers from here on have not been drawn yet, and look the same in the same order (a look has 12 forms).
DRAWN = 1200
# Its JSON has no pixels: another description leaves it as it is.
SPEC, OUTPUT = "art/hero.asset.toml", "export/art/hero.png"
HERO = """\
kind = "character"
description = "{colour} knight with a {tool}, number {number}"
size = [64, 64]
directions = 4
[animations]
idle = {{}}
walk = {{}}
"""
COLOURS, TOOLS = ("red", "blue", "green", "golden"), ("sword", "staff", "bow")


def watch(folder: Path, assets: int) -> Iterator[Row]:
    """Saves on a tree of a hundredth and on one of all of so many specs. A 95th percentile needs this many saves."""
    for size in (max(1, assets // 100), assets):
        made = project(folder / f"watch{size}", size)
        _save(made, 0)
        built(made)
        folders = {path.parent for path in made.glob("art/**/*.asset.toml")}
        floor = told(made / SPEC, folders, partial(_save, made), SAVES)
        _save(made, 0)
        for name, served, first in (("daemon", daemon, 0), ("watch", _watch, DRAWN)):
            with served(made, _settled(made)) as pid:
                used = processor_seconds(pid)
                rested = _save_until_built(made, first)
                cpu = 1000 * (processor_seconds(pid) - used) / (WARM_UP + SAVES)
                row = Measured(tuple(rested), resident(pid), cpu)
                note = f"drawn anew each time; 95 % within {_percentile(rested, 95):.0f} ms (bar 300)"
                yield Row(f"save → files, {name}, {size:,} specs", row, 150, floor, WHAT, note=note)
                if name == "daemon" and sys.platform == "linux":
                    share = Measured((_idle(pid),))
                    yield Row(
                        f"idle {name}, {size:,} specs",
                        share,
                        0.1,
                        unit="% of a processor",
                        point=11 if size >= BARRED else 0,
                    )


def _save(made: Path, number: int) -> None:
    text = HERO.format(colour=COLOURS[number % 4], tool=TOOLS[number % 3], number=number)
    (made / SPEC).write_text(text, encoding="utf-8")


def _save_until_built(made: Path, first: int) -> list[float]:
    """Milliseconds from each save until another sheet stands on the disk; the character is drawn for each."""
    times = []
    for number in range(1, WARM_UP + SAVES + 1):
        time.sleep(PAUSE)
        times.append(until_written(made / OUTPUT, partial(_save, made, first + number)))
    return times[WARM_UP:]


def _percentile(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


@contextmanager
def _watch(made: Path, settled: Callable[[], bool]) -> Iterator[int]:
    """`assetbridge watch` that has built what was stale; its process number."""
    child = subprocess.Popen([*ASSETBRIDGE, "watch"], cwd=made, env=environment(), stdout=subprocess.DEVNULL)
    try:
        until(settled)
        time.sleep(SETTLING)
        yield child.pid
    finally:
        child.terminate()
        child.wait()


def _settled(made: Path) -> Callable[[], bool]:
    """Asks for another character, so that its files tell when the first round is over."""
    before = identity(made / OUTPUT)
    # Looks like neither what stands there (the first or the last) nor the next: files of the same look are not written.
    _save(made, 2)
    return lambda: identity(made / OUTPUT) != before


def _idle(pid: int) -> float:
    """Percent of a processor that a process uses while nothing happens; Linux only."""
    # What was saved last is taken in, and how everything stands is remembered.
    time.sleep(12)
    before, began = processor_seconds(pid), time.monotonic()
    time.sleep(IDLE)
    return 100 * (processor_seconds(pid) - before) / (time.monotonic() - began)
