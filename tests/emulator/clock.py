"""A clock that moves only when a test moves it."""

from __future__ import annotations

from threading import Lock


class ManualClock:
    """Seconds, from 0; pass it to `Emulator(clock=...)` and `advance` it instead of sleeping."""

    def __init__(self) -> None:
        self._now = 0.0
        self._lock = Lock()

    def __call__(self) -> float:
        """The time now."""
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        with self._lock:
            self._now += seconds
