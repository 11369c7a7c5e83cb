"""When a save is over: editors write in several moves, and only what rests may be built from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from bridge.core.file_stat import Stamp
from bridge.watch.contents import same_content


@dataclass(frozen=True, slots=True)
class DebounceTiming:
    """Seconds. quiet: silence that ends a burst of changes; cap: the longest wait for it; rescan: between two looks at
    everything; poll: the same where the system reports no changes; links: between two looks at symbolic links, for what
    they lead to is reported to nobody.
    """

    quiet: float = 0.04
    cap: float = 0.5
    rescan: float = 60.0
    poll: float = 2.0
    links: float = 0.5


@dataclass(slots=True)
class _Pending:
    first: float
    looked: bool = False
    reading: Stamp | None = None


class Debouncer:
    """Paths that changed, until two readings in a row, half the quiet time apart, find the same.

    A file that vanished or became empty gets the whole cap: most often it is in the middle of being saved.
    """

    def __init__(self, timing: DebounceTiming, read: Callable[[str], Stamp | None]) -> None:
        self._timing = timing
        self._read = read
        self._pending: dict[str, _Pending] = {}
        self._touched = -math.inf
        self._looked = -math.inf

    def __bool__(self) -> bool:
        return bool(self._pending)

    def note_change(self, path: str, now: float) -> None:
        """Something happened to a path."""
        self._pending.setdefault(path, _Pending(now))
        self._touched = max(self._touched, now)

    def next_look(self) -> float | None:
        """When to look; None while nothing is pending."""
        if not self._pending:
            return None
        half = self._timing.quiet / 2
        latest = min(pending.first for pending in self._pending.values()) + self._timing.cap
        return min(max(self._touched, self._looked) + half, max(latest, self._looked + half))

    def take_settled(self, now: float) -> dict[str, Stamp | None]:
        """Reads what is pending; returns what rests, with what it holds."""
        self._looked = now
        rests: dict[str, Stamp | None] = {}
        for path, pending in list(self._pending.items()):
            reading = self._read(path)
            stood = pending.looked and same_content(reading, pending.reading)
            capped = now >= pending.first + self._timing.cap
            if stood and (capped or (reading is not None and reading.size > 0)):
                rests[path] = reading
                del self._pending[path]
                continue
            if capped and pending.looked:
                # Still being written after all that time (a download): reading it without a break helps nobody.
                pending.first = now
            pending.looked, pending.reading = True, reading
        return rests
