"""Which order a secret address belongs to, and the wait that a request to it ends."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from bridge.core.clock import Clock

MOST_HINTS = 16
"""Hints that one order may give: beyond them polling alone decides, so that nobody can make us ask without end."""


@dataclass(slots=True)
class _ExpectedJob:
    job: int
    seen: set[bytes] = field(default_factory=set)


class Hints:
    """Orders that wait for a word of their provider. `heard` may be called by any thread, all else by one event loop.

    address: secret → the URL that the provider is given; None where webhooks are off.
    """

    def __init__(self, address: Callable[[str], str] | None = None) -> None:
        self.address = address
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = Lock()
        self._orders: dict[bytes, _ExpectedJob] = {}
        self._bells: dict[int, asyncio.Event] = {}

    def expect(self, secret: str, job: int) -> None:
        """From now on a request to this secret is about this job. A secret is never forgotten: a word that comes late
        is answered like one that comes in time, and the provider does not send it again."""
        self._loop = asyncio.get_running_loop()
        self._bells.setdefault(job, asyncio.Event())
        with self._lock:
            self._orders.setdefault(secret.encode(), _ExpectedJob(job))

    def is_known(self, secret: str) -> bool:
        """Whether somebody waits for it. It takes as long for every secret (compared in constant time)."""
        return self._find_expected(secret) is not None

    def on_request(self, secret: str, digest: bytes) -> None:
        """A request came. `digest` is that of its body: the same words a second time say nothing new."""
        order = self._find_expected(secret)
        if order is None:
            return
        with self._lock:
            if digest in order.seen or len(order.seen) >= MOST_HINTS:
                return
            order.seen.add(digest)
        loop = self._loop
        if loop is not None:
            # The loop ends with the run, and a word may come just then.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._bells[order.job].set)

    def _find_expected(self, secret: str) -> _ExpectedJob | None:
        given = secret.encode("utf-8", "surrogateescape")
        match = None
        with self._lock:
            for known, order in self._orders.items():
                if hmac.compare_digest(known, given):
                    match = order
        return match

    async def pause(self, clock: Clock, job: int, seconds: float) -> bool:
        """Waits, until a hint about the job at most; whether there was one."""
        bell = self._bells.get(job)
        if bell is None:
            await clock.sleep(seconds)
            return False
        waits = [asyncio.ensure_future(clock.sleep(seconds)), asyncio.ensure_future(bell.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        rung = bell.is_set()
        bell.clear()
        return rung
