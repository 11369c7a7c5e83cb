"""Save → engine files, with the daemon and with `assetbridge watch`: a character in a tree of 10,000 specs and of 100.

Beside it, in the same run and on the same tree, what watchdog alone needs to tell of a save. What a daemon costs while
nothing happens comes from /proc: processor time over a minute, and memory.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from tests.benchmarks.measure import Measured, Row, environment
from tests.benchmarks.projects import ASSETBRIDGE, built, project

SIZES = (100, 10_000)
SAVES, WARM_UP = 40, 3
PATIENCE, PAUSE, IDLE = 120.0, 1.0, 60.0
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


def watch(folder: Path, runs: int) -> Iterator[Row]:
    """Saves on a small and on a large tree. The number of saves is fixed: a 95th percentile needs them."""
    del runs
    for size in SIZES:
        made = project(folder / f"watch{size}", size)
        _save(made, 0)
        built(made)
        floor = _events(made)
        what = "a bare watchdog observer over the same folders telling of the same save"
        for name, served in (("daemon", _daemon), ("watch", _watch)):
            with served(made) as pid:
                rested = _save_until_built(made)
                note = f"95 % within {_percentile(rested, 95):.0f} ms (bar 300)"
                if name == "daemon":
                    note += f"; {_idle(pid)}"
                row = Measured(tuple(rested), _resident(pid))
            yield Row(f"save → files, {name}, {size:,} specs", row, 150, floor, what, note=note)


def _save(made: Path, number: int) -> None:
    text = HERO.format(colour=COLOURS[number % 4], tool=TOOLS[number % 3], number=number)
    (made / SPEC).write_text(text, encoding="utf-8")


def _save_until_built(made: Path) -> list[float]:
    """Milliseconds from each save until another sheet stands on the disk."""
    times = []
    for number in range(1, WARM_UP + SAVES + 1):
        time.sleep(PAUSE)
        before = _identity(made / OUTPUT)
        _save(made, number)
        began = time.perf_counter()
        while _identity(made / OUTPUT) == before:
            if time.perf_counter() - began > PATIENCE:
                raise RuntimeError(f"nothing followed from save {number}")
            time.sleep(0.001)
        times.append((time.perf_counter() - began) * 1000)
    return times[WARM_UP:]


def _identity(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_ino, stat.st_mtime_ns


def _percentile(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


class _Heard(FileSystemEventHandler):
    """Notes that something was told of the character's spec."""

    def __init__(self) -> None:
        self.told = threading.Event()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Every event but those of reading."""
        if event.event_type in ("modified", "closed") and os.fsdecode(event.src_path).endswith(SPEC):
            self.told.set()


def _events(made: Path) -> Measured:
    """Milliseconds from a save until a bare observer tells of it."""
    heard, observer, times = _Heard(), Observer(), []
    observer.start()
    for folder in {path.parent for path in made.glob("art/**/*.asset.toml")}:
        observer.schedule(heard, str(folder))
    try:
        for number in range(SAVES):
            time.sleep(0.05)
            heard.told.clear()
            began = time.perf_counter()
            _save(made, number + 1)
            if not heard.told.wait(PATIENCE):
                raise RuntimeError("watchdog told nothing")
            times.append((time.perf_counter() - began) * 1000)
    finally:
        observer.stop()
        observer.join()
        _save(made, 0)
    return Measured(tuple(times), 0)


@contextmanager
def _daemon(made: Path) -> Iterator[int]:
    """A daemon that has built what was stale; its process number."""
    words = [*ASSETBRIDGE, "daemon"]
    began = _settled(made)
    subprocess.run([*words, "start"], cwd=made, env=environment(), check=True, stdout=subprocess.DEVNULL)
    try:
        pid = int(json.loads((made / ".assetbridge" / "daemon.json").read_text(encoding="utf-8"))["pid"])
        _until(began)
        yield pid
    finally:
        subprocess.run([*words, "stop"], cwd=made, env=environment(), check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _watch(made: Path) -> Iterator[int]:
    """`assetbridge watch` that has built what was stale; its process number."""
    began = _settled(made)
    child = subprocess.Popen([*ASSETBRIDGE, "watch"], cwd=made, env=environment(), stdout=subprocess.DEVNULL)
    try:
        _until(began)
        yield child.pid
    finally:
        child.terminate()
        child.wait()


def _settled(made: Path) -> Callable[[], bool]:
    """Asks for another character, so that its files tell when the first round is over."""
    before = _identity(made / OUTPUT)
    number = SAVES + WARM_UP + 1 + time.time_ns() % 1000
    _save(made, number)
    return lambda: _identity(made / OUTPUT) != before


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError("the first round did not end")
        time.sleep(0.05)
    # The watcher begins after the first look at everything, and looks once more.
    time.sleep(5)


def _idle(pid: int) -> str:
    """How much of a processor a process uses while nothing happens."""
    if sys.platform != "linux":
        return "idle use is measured on Linux only"
    # What was saved last is taken in, and how everything stands is remembered.
    time.sleep(12)
    before, began = _processor_seconds(pid), time.monotonic()
    time.sleep(IDLE)
    share = (_processor_seconds(pid) - before) / (time.monotonic() - began)
    return f"idle: {share * 100:.2f} % of a processor over {IDLE:.0f} s (bar 0.10 %)"


def _processor_seconds(pid: int) -> float:
    """User and system time (proc(5), fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    """Memory in MiB; 0 where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS:")).split()[1]) / 1024
