"""Whole processes, timed from outside: wall time and peak memory, the median of several runs after a warm-up."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
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


def process(words: Sequence[str], folder: Path, runs: int, environment: Mapping[str, str] | None = None) -> Measured:
    """Times a command; its output is thrown away.

    Raises:
        RuntimeError: the command failed.
    """
    times, peak = [], 0.0
    for number in range(runs + 1):
        began = time.perf_counter()
        child = subprocess.Popen(
            list(words),
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert child.stderr is not None
        text = child.stderr.read().decode(errors="replace")
        code, used = _waited(child)
        spent = (time.perf_counter() - began) * 1000
        if code != 0:
            raise RuntimeError(f"{' '.join(words)} ended with {code}: {text[-400:]}")
        if number:
            times.append(spent)
            peak = max(peak, used)
    return Measured(tuple(times), peak)


def _waited(child: subprocess.Popen[bytes]) -> tuple[int, float]:
    if not hasattr(os, "wait4"):
        return child.wait(), 0.0
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    # Linux counts KiB, macOS bytes.
    return child.returncode, usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def python(code: str, folder: Path, runs: int) -> Measured:
    """Times a bare interpreter running some code: a floor."""
    return process([sys.executable, "-I", "-c", code], folder, runs)


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
                f"{row.measured.peak:.0f}",
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
