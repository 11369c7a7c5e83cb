"""Lines to the scripted server, and a clock that nobody waits for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bridge.http.api import Api
from bridge.http.client import Patience, ProviderConnection

KEY = "canary-key-0123456789"
# Silence is the only thing that takes real time here.
SHORT = Patience(connect=5.0, submit_read=0.2, submit_total=10.0, read=0.2, total=10.0)


class Clock:
    """Stands at a given moment; sleeping moves it and takes no time."""

    def __init__(self, now: float = 1_800_000_000.0, chance: float = 0.0) -> None:
        self.moment = now
        self.luck = chance
        self.slept: list[float] = []

    def now(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds

    def chance(self) -> float:
        return self.luck


def line(base_url: str, *, clock: Clock | None = None, hosts: Sequence[str] = (), **options: Any) -> ProviderConnection:
    options.setdefault("patience", SHORT)
    return ProviderConnection(
        Api(base_url, "SOME_API_KEY", hosts=tuple(hosts)), KEY, clock or Clock(), "1.2", **options
    )
