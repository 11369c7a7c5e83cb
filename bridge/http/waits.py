"""How long to wait before a free request is tried again, and which failures are worth another try.

Sources: RFC 9110 section 10.2.3 (Retry-After: seconds or a date); the `X-RateLimit-Remaining` and `X-RateLimit-Reset`
headers have no standard, services give the reset in seconds from now, or as seconds or milliseconds since 1970.
"""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TypeVar

from bridge.core.clock import Clock
from bridge.http.outcome import TransportError

T = TypeVar("T")

TRIES = 4
# A longer wait is not slept through here: the caller may have other work, and can say why nothing happens.
LONGEST_WAIT = 120.0
_FIRST_WAIT = 1.0
_NUMBER = re.compile(r"\d{1,15}(\.\d{1,9})?")
# Numbers from here on are moments, not durations: 2001 as seconds since 1970, and as milliseconds.
_MOMENTS = 1e9
_MILLISECONDS = 1e12


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds from `now` (since 1970) that an answer asks to wait, never negative; None where it does not say.

    `Retry-After` comes first; the rate limit's reset counts only when nothing remains.
    """
    asked = _parse_seconds(headers.get("retry-after", ""), now)
    if asked is None and headers.get("x-ratelimit-remaining", "").strip() == "0":
        asked = _parse_seconds(headers.get("x-ratelimit-reset", ""), now)
    return asked


def _parse_seconds(value: str, now: float) -> float | None:
    value = value.strip()
    if _NUMBER.fullmatch(value):
        number = float(value)
        if number >= _MILLISECONDS:
            number /= 1000
        return max(0.0, number - now) if number >= _MOMENTS else number
    try:
        moment = parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return max(0.0, moment - now) if math.isfinite(moment) else None


def backoff(attempt: int, chance: float) -> float:
    """Seconds before the next try: doubling from 1 s, of which a random half is left out so that clients spread."""
    return _FIRST_WAIT * 2.0**attempt * (0.5 + chance / 2)


async def retry_while_temporary(work: Callable[[], Awaitable[T]], clock: Clock, tries: int = TRIES) -> T:
    """Does free work, up to `tries` times while it fails in a way that may pass.

    Raises:
        TransportError: of the last try, or at once where waiting for it is not sensible here.
    """
    attempt = 0
    while True:
        try:
            return await work()
        except TransportError as error:
            wait = max(backoff(attempt, clock.chance()), error.retry_after or 0.0)
            attempt += 1
            if not error.is_temporary or attempt >= tries or wait > LONGEST_WAIT:
                raise
        await clock.sleep(wait)
