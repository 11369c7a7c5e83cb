"""Whole processes, timed from outside: wall time, processor time and peak memory of several runs after a warm-up."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A command that needs longer than this is broken.
LIMIT_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What each run gave: milliseconds, or what the row says. 0 where the system does not tell the rest.

    peak: the highest peak memory of a run in MiB. cpu: user and system time of the middle run, milliseconds.
    """

    runs: tuple[float, ...]
    peak: float = 0.0
    cpu: float = 0.0

    @property
    def median(self) -> float:
        """The middle run."""
        return statistics.median(self.runs)


@dataclass(frozen=True, slots=True)
class Peer:
    """What somebody else's program gave in the same unit, or None and why; not fair: it gave less for it."""

    name: str
    value: float | None
    why: str = ""
    fair: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    floor: what the machine itself needs. point: which of the twelve bars it is part of, 0 for none. subject: what rows
    that belong together are about.
    """

    name: str
    measured: Measured
    bar: float | None = None
    floor: Measured | None = None
    floor_is: str = ""
    peers: tuple[Peer, ...] = ()
    note: str = ""
    unit: str = "ms"
    more_is_better: bool = False
    point: int = 0
    subject: str = ""

    @property
    def value(self) -> float:
        """What counts: the median."""
        return self.measured.median

    @property
    def holds(self) -> bool:
        """Whether the bar is reached; a row without one holds."""
        if self.bar is None:
            return True
        return self.value >= self.bar if self.more_is_better else self.value <= self.bar

    @property
    def best(self) -> Peer | None:
        """The best of the peers that did the whole work."""
        known = [(peer.value, peer) for peer in self.peers if peer.value is not None and peer.fair]
        pick = max if self.more_is_better else min
        return pick(known, key=lambda pair: pair[0])[1] if known else None


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments; how often it runs after a first run that does not count; seconds for one run."""

    words: Sequence[str]
    runs: int
    limit: float = LIMIT_SECONDS


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
    with _launcher(words, folder) as launch:
        counted = []
        for number in range(runs + warm):
            before(number)
            one = launch(LIMIT_SECONDS)
            if number or not warm:
                counted.append(one)
    return _summed(counted)


def side_by_side(commands: Mapping[str, Command], folder: Path) -> dict[str, Measured | str]:
    """Times commands in turns, so that a busy spell of the machine hits them all; for one that fails, why it did."""
    results: dict[str, Measured | str] = {}
    for name, counted in _rounds(commands, folder).items():
        results[name] = counted if isinstance(counted, str) else _summed(counted)
    return results


def needed(result: Measured | str) -> Measured:
    """What must not fail.

    Raises:
        RuntimeError: it did.
    """
    if isinstance(result, str):
        raise RuntimeError(result)
    return result


def peers_of(found: Mapping[str, Measured | str]) -> tuple[Peer, ...]:
    """Times of others, or why there is none, as a row has them."""
    return tuple(
        Peer(name, None, one) if isinstance(one, str) else Peer(name, one.median) for name, one in found.items()
    )


@dataclass(frozen=True, slots=True)
class _Run:
    spent: float
    cpu: float
    peak: float


def _rounds(commands: Mapping[str, Command], folder: Path) -> dict[str, list[_Run] | str]:
    found: dict[str, list[_Run] | str] = {name: [] for name in commands}
    for number in range(1 + max((command.runs for command in commands.values()), default=0)):
        for name, command in commands.items():
            counted = found[name]
            if isinstance(counted, str) or number > command.runs:
                continue
            try:
                with _launcher(command.words, folder) as launch:
                    one = launch(command.limit)
            except (RuntimeError, OSError) as error:
                found[name] = _reason(str(error))
                continue
            if number:
                counted.append(one)
    return found


def _summed(counted: Sequence[_Run]) -> Measured:
    return Measured(
        tuple(one.spent for one in counted),
        max(one.peak for one in counted),
        statistics.median(one.cpu for one in counted),
    )


def _reason(text: str) -> str:
    """The line that names the error, else the last one."""
    lines = text.strip().splitlines() or ["it failed without a word"]
    return next((line for line in reversed(lines) if "rror" in line), lines[-1])[-160:]


# A child is born with its parent's peak memory (getrusage, ru_maxrss survives exec), so a small interpreter bears it.
_LAUNCHER = """
import json, os, subprocess, sys, time
for _ in sys.stdin:
    began = time.perf_counter()
    child = subprocess.Popen(
        sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    text = child.stderr.read()
    cpu = peak = 0.0
    if hasattr(os, "wait4"):
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        cpu = (used.ru_utime + used.ru_stime) * 1000
        peak = used.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)  # Linux counts KiB, macOS bytes.
    else:
        child.wait()
    spent = (time.perf_counter() - began) * 1000
    print(json.dumps([child.returncode, spent, cpu, peak, text[-2000:].decode(errors="replace")]), flush=True)
"""


@contextmanager
def _launcher(words: Sequence[str], folder: Path) -> Iterator[Callable[[float], _Run]]:
    """Something to call for each run of a command, with the seconds it may take."""
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, *words],
        cwd=folder,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    asked, answers, failures = child.stdin, child.stdout, child.stderr

    def launch(limit: float) -> _Run:
        late = threading.Timer(limit, _killed, [child])
        late.start()
        asked.write("go\n")
        asked.flush()
        line = answers.readline()
        late.cancel()
        if not line:
            raise RuntimeError(failures.read().strip() or f"{words[0]} took longer than {limit:.0f} s")
        code, spent, cpu, peak, text = json.loads(line)
        if code != 0:
            raise RuntimeError(f"{' '.join(words)} ended with {code}: {text}")
        return _Run(spent, cpu, peak)

    try:
        yield launch
    except BaseException:
        _killed(child)
        raise
    finally:
        with child:
            asked.close()


def _killed(child: subprocess.Popen[str]) -> None:
    if sys.platform == "win32":
        child.kill()
        return
    # It may have ended by itself.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)  # its own session: what it started ends too


def python(code: str, folder: Path, runs: int) -> Measured:
    """Times a bare interpreter running some code: a floor."""
    return process([sys.executable, "-I", "-c", code], folder, runs)


def inside(code: str, words: Sequence[str], folder: Path, runs: int) -> Measured:
    """Times what runs in one process, as in a daemon: `code` defines `work()`; a first call does not count."""
    script = f"{code}\n{_INSIDE}"
    times, cpu = printed([sys.executable, "-c", script, str(runs), *words], folder)
    return Measured(tuple(times), 0, cpu)


def printed(words: Sequence[str], folder: Path, limit: float = LIMIT_SECONDS) -> Any:
    """The JSON that a program prints as its last line, within so many seconds.

    Raises:
        RuntimeError: it failed.
    """
    try:
        done = subprocess.run(
            words, cwd=folder, env=environment(), check=True, capture_output=True, text=True, timeout=limit
        )
    except subprocess.CalledProcessError as error:
        raise RuntimeError(_reason(error.stderr)) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(str(error)) from error
    return json.loads(done.stdout.splitlines()[-1])


_INSIDE = """
import json, sys, time
times = []
for number in range(int(sys.argv[1]) + 1):
    began, used = time.perf_counter(), time.process_time()
    work()
    times.append(((time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000))
wall, cpu = zip(*times[1:])
print(json.dumps([wall, sorted(cpu)[len(cpu) // 2]]))
"""


def timed(work: Callable[[], object], runs: int) -> Measured:
    """Times a call in this process; a first call does not count."""
    times = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return Measured(tuple(times[1:]))
