"""How fast an account may be used: requests a minute, waits that the provider asked for, jobs at once. Persisted."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping

from bridge.core.clock import Clock
from bridge.http.outcome import Sent
from bridge.http.waits import asked_wait
from bridge.orders.journal import Journal
from bridge.orders.tables.accounts import LONGEST_HOLD, RequestWindow
from bridge.providers.paid import RateLimits

_WINDOW = 60.0
_FOR_NOW = frozenset({429, 503, 529})


def seconds_until_resend(sent: Sent, attempt: int, clock: Clock) -> float:
    """Seconds until an order that was not taken may be sent again: what was asked for, else ever longer."""
    if sent.retry_after is not None:
        return max(0.05, sent.retry_after)
    return min(60.0, 2.0**attempt) * (0.75 + clock.chance() / 2)


class RateLimiter:
    """Lets requests of one account through, no faster than its limits, whichever process they come from."""

    def __init__(self, journal: Journal, clock: Clock, provider: str, account: str, limits: RateLimits) -> None:
        self._accounts = journal.accounts
        self._clock = clock
        self._who = (provider, account)
        self._limits = limits
        self._turn = asyncio.Lock()

    async def before_request(self) -> None:
        """Waits until a request may go out, and counts it."""
        async with self._turn:
            while (wait := self._take_turn()) > 0:
                await self._clock.sleep(wait)

    def wait_seconds(self) -> float:
        """How long a request would have to wait now; none is counted."""
        return self._accounts.find_wait(*self._who, self._window())

    def _take_turn(self) -> float:
        return self._accounts.take_turn(*self._who, self._window())

    def _window(self) -> RequestWindow:
        return RequestWindow(self._clock.now(), _WINDOW, self._limits.per_minute)

    def hold_for(self, seconds: float) -> None:
        """Nothing goes out for so long: the provider asked for it."""
        self._accounts.hold_until(*self._who, self._clock.now() + min(seconds, LONGEST_HOLD))

    def on_answer(self, headers: Mapping[str, str], status: int) -> None:
        """Takes what an answer says of the limit: a refusal for now, or that nothing remains until its reset."""
        if status not in _FOR_NOW:
            # Retry-After beside other answers is about one resource, not about the account.
            headers = {name: value for name, value in headers.items() if name != "retry-after"}
        wait = asked_wait(headers, self._clock.now())
        if wait:
            self.hold_for(wait)


class JobSlots:
    """Jobs at once, first come, first served."""

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> None:
        """Waits for a slot."""
        if self._free > 0 and not self._waiting:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release()
            else:
                self._waiting.remove(turn)
            raise

    def release(self) -> None:
        """Gives a slot back."""
        self._free += 1
        while self._free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                self._free -= 1
                turn.set_result(None)
