"""Feeds inputs in a process of its own, bounded in memory and time, and says which did harm."""

from __future__ import annotations

import contextlib
import io
import random
import resource
import signal
import sys
import time
import traceback
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NamedTuple

LONGEST_S = 2.0
MOST_BYTES = 500_000_000
# Beyond it the process gets no memory at all: code of libraries that never fits is found as an error, not as a kill.
_ADDRESS_SPACE = 2_000_000_000


class Finding(NamedTuple):
    """An input that did harm, and what: `python -m tests.hostile.fuzz SUBJECT NUMBER` feeds it again."""

    subject: str
    number: int
    harm: str
    data: bytes

    def __str__(self) -> str:
        return f"{self.subject} {self.number}: {self.harm}\n  {len(self.data)} bytes, {self.data[:200]!r}"


class HangError(BaseException):
    """An input took too long. No `Exception`: nobody may take it for a damaged file."""


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise HangError


def run_inputs(folder: Path, names: list[str], numbers: range, longest_s: float = LONGEST_S) -> Iterator[Finding]:
    """Feeds the inputs of some numbers of every subject in `names` (all without)."""
    from tests.hostile.fuzz.subjects import make_subjects

    subjects = make_subjects(folder)
    signal.signal(signal.SIGALRM, _interrupt)
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, resource.RLIM_INFINITY))
    for name in names or sorted(subjects):
        subject, peak = subjects[name], _peak_bytes()
        for number in numbers:
            chance = random.Random(zlib.crc32(name.encode()) << 32 | number)
            data = subject.make(chance)
            # The time of this process: others on the machine are no fault of an input.
            harm, began = "", time.process_time()
            signal.setitimer(signal.ITIMER_REAL, longest_s * 10)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    subject.feed(data)
            except HangError:
                harm = "hang"
            except Exception as error:  # noqa: BLE001  whatever comes out is the finding
                where = traceback.extract_tb(error.__traceback__)[-1]
                harm = f"{type(error).__name__}: {str(error)[-3000:]} ({Path(where.filename).name}:{where.lineno})"
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            spent, now = time.process_time() - began, _peak_bytes()
            if spent > longest_s and not harm:
                harm = f"took {spent:.1f} s"
            if now > max(peak, MOST_BYTES) and not harm:
                harm = f"took {now / 1e6:.0f} MB"
            peak = max(peak, now)
            if harm:
                yield Finding(name, number, harm, data)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
