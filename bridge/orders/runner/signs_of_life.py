"""Signs of life: small objects that say that a machine is at work, and how silent another one is."""

from __future__ import annotations

import contextlib
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.core import waits
from bridge.core.errors import BridgeError

if TYPE_CHECKING:
    from bridge.core.clock import Clock
    from bridge.store.shared.bucket import ObjectEntry
    from bridge.store.shared.claims import ClaimState
    from bridge.store.shared.shared_store import SharedStore

FOLDER = "beats"


@dataclass(frozen=True, slots=True)
class _LastSign:
    """The last sign of life of an order's owner, and when it was seen here first."""

    sign: tuple[int, str]
    since: float


class SignsOfLife:
    """Those of one run, and what was seen of others. They are told by the times of the server, and by what changes
    while somebody looks; so clocks of machines need not agree.
    """

    def __init__(self, shared: SharedStore, clock: Clock, owner: str) -> None:
        self._shared = shared
        self._clock = clock
        self._folder = f"{FOLDER}/{owner}"
        self._last = ""
        self._seen: dict[str, _LastSign] = {}
        self._newest: dict[str, tuple[float, ObjectEntry | None]] = {}

    async def give(self) -> None:
        """Gives one, in the place of the one before; without a connection none."""
        name = f"{self._folder}/{int(self._clock.now() * 1000):015d}"
        with contextlib.suppress(BridgeError):
            await self._shared.ask(self._shared.bucket.create, name, b"alive\n")
            before, self._last = self._last, name
            if before and before != name:
                await self._shared.ask(self._shared.bucket.delete, [before])

    async def end(self) -> None:
        """Takes the last one away."""
        if self._last:
            with contextlib.suppress(BridgeError):
                await self._shared.ask(self._shared.bucket.delete, [self._last])

    async def _find_newest(self, owner: str, fresh_s: float) -> ObjectEntry | None:
        """The newest sign of an owner; of one who has many claims it is looked for once in `fresh_s` seconds."""
        looked, newest = self._newest.get(owner, (-math.inf, None))
        if time.monotonic() - looked > fresh_s:
            beats = await self._shared.ask(lambda: list(self._shared.bucket.list(f"{FOLDER}/{owner}")))
            newest = max(beats, key=lambda beat: beat.name, default=None)
            self._newest[owner] = (time.monotonic(), newest)
        return newest

    async def is_silent(self, state: ClaimState) -> bool:
        """Whether the owner of a claim has given none for its lease.

        Raises:
            WorkFailed, UserError: as `Bucket.list`.
        """
        newest = await self._find_newest(state.owner, state.lease_s / (2 * waits.BEATS_PER_LEASE))
        last = max(state.changed, newest.modified if newest is not None else 0.0)
        if time.time() - last > state.lease_s + waits.CLOCK_SKEW_S:
            return True
        sign = (state.number, newest.name if newest is not None else "")
        seen = self._seen.get(state.fingerprint)
        if seen is None or seen.sign != sign:
            self._seen[state.fingerprint] = _LastSign(sign, time.monotonic())
            return False
        return time.monotonic() - seen.since > state.lease_s
