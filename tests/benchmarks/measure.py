"""Whole processes, timed from outside: wall time and peak memory, the median of several runs after a warm-up."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of each run, and the highest peak memory in MiB (0 where the system does not tell)."""

    runs: tuple[float, ...]
    peak: float

    @property
    def median(self) -> float:
        """The middle run, milliseconds."""
        return statistics.median(self.runs)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. bar, floor and peer are milliseconds; a floor is what the machine itself needs."""

    name: str
    measured: Measured
    bar: float | None = None
    floor: Measured | None = None
    floor_is: str = ""
    peer: Measured | None = None
    peer_is: str = ""
    note: str = ""


def environment() -> dict[str, str]:
    """This process's variables, but with compiled modules kept: an installed package has them."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _nothing(_number: int) -> None: ...


def process(
    words: Sequence[str], folder: Path, runs: int, *, before: Callable[[int], None] = _nothing, warm: bool = True
) -> Measured:
    """Times a command; its output is thrown away.

    before: what makes each run ready, called with its number; not timed. warm: a first run that does not count.

    Raises:
        RuntimeError: the command failed.
    """
    times, peak = [], 0.0
    for number in range(runs + warm):
        before(number)
        began = time.perf_counter()
        child = subprocess.Popen(
            list(words),
            cwd=folder,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert child.stderr is not None
        text = child.stderr.read().decode(errors="replace")
        code, used = _waited(child)
        spent = (time.perf_counter() - began) * 1000
        if code != 0:
            raise RuntimeError(f"{' '.join(words)} ended with {code}: {text[-400:]}")
        if number or not warm:
            times.append(spent)
            peak = max(peak, used)
    return Measured(tuple(times), peak)


def _waited(child: subprocess.Popen[bytes]) -> tuple[int, float]:
    if not hasattr(os, "wait4"):
        return child.wait(), 0.0
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, _own_peak_exceeded(usage.ru_maxrss)


def _own_peak_exceeded(peak: int) -> float:
    """A child's peak in MiB; 0 where it is not above this process's own, for it is born with that (fork, getrusage)."""
    import resource

    if peak <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1.05:
        return 0.0
    # Linux counts KiB, macOS bytes.
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def python(code: str, folder: Path, runs: int) -> Measured:
    """Times a bare interpreter running some code: a floor."""
    return process([sys.executable, "-I", "-c", code], folder, runs)


def inside(code: str, words: Sequence[str], folder: Path, runs: int) -> Measured:
    """Times what runs in one process, as in a daemon: `code` defines `work()`; a first call does not count."""
    script = f"{code}\n{_INSIDE}"
    command = [sys.executable, "-c", script, str(runs), *words]
    done = subprocess.run(command, cwd=folder, env=environment(), check=True, capture_output=True, text=True)
    return Measured(tuple(json.loads(done.stdout.splitlines()[-1])), 0)


_INSIDE = """
import json, sys, time
times = []
for number in range(int(sys.argv[1]) + 1):
    began = time.perf_counter()
    work()
    times.append((time.perf_counter() - began) * 1000)
print(json.dumps(times[1:]))
"""


def table(rows: Sequence[Row]) -> str:
    """The rows as text, ratios included."""
    heads = ("what", "median (min–max) ms", "MiB", "bar", "floor", "× floor", "peer", "× peer")
    lines = [heads]
    for row in rows:
        median = row.measured.median
        lines.append(
            (
                row.name,
                f"{median:.0f} ({min(row.measured.runs):.0f}–{max(row.measured.runs):.0f})",
                f"{row.measured.peak:.0f}" if row.measured.peak else "",
                "" if row.bar is None else f"{row.bar:.0f} {'ok' if median <= row.bar else 'MISSED'}",
                "" if row.floor is None else f"{row.floor.median:.0f}",
                "" if row.floor is None else f"{median / row.floor.median:.1f}",
                "" if row.peer is None else f"{row.peer.median:.0f}",
                "" if row.peer is None else f"{median / row.peer.median:.2f}",
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    text = "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    notes = [
        f"{row.name}: {part}"
        for row in rows
        for part in (
            f"floor = {row.floor_is}" * bool(row.floor_is),
            f"peer = {row.peer_is}" * bool(row.peer_is),
            row.note,
        )
        if part
    ]
    return "\n".join([text, "", *notes])
