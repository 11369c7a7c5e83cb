"""Time and chance as things that are handed in, so that limits, expiry and midnight are tested without waiting."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where a program gets time and chance from."""

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC; may jump."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        ...

    def chance(self) -> float:
        """A number in [0, 1), for jitter."""
        ...


class SystemClock:
    """The machine's own."""

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC, as the system's clock says."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Waits without holding up other tasks."""
        await asyncio.sleep(seconds)

    def chance(self) -> float:
        """A number in [0, 1)."""
        return random.random()


def day_of(moment: float) -> str:
    """The UTC day of a moment, `2026-03-01`: budgets per day end at UTC midnight."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
