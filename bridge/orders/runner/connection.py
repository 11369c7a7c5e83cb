"""A line to a provider, as the runner uses it, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from bridge import __version__
from bridge.core.clock import Clock
from bridge.http.api import Method
from bridge.http.outcome import Sent
from bridge.orders.runner.rate_limit import Pace
from bridge.providers.paid import FreeCalls

if TYPE_CHECKING:
    from bridge.orders.access import Access


class Calls(FreeCalls, Protocol):
    """A line to a provider: free calls, and the one that may cost something."""

    async def submit(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None, *, method: Method = "POST"
    ) -> Sent:
        """Sends a paid request once; says what became of it."""
        ...

    async def __aenter__(self) -> Self:
        """Opens the line."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        ...


Connect: TypeAlias = "Callable[[Access, Pace, Clock], Calls]"


def open_line(access: Access, pace: Pace | None, clock: Clock) -> Calls:
    """A line over HTTP that obeys the account's pace, where one is kept."""
    from bridge.http.http import Line
    from bridge.http.redact import quiet_logs

    quiet_logs()
    if pace is None:
        return Line(access.api, access.key.value, clock, __version__)
    return Line(
        access.api,
        access.key.value,
        clock,
        __version__,
        before_request=pace.before_request,
        on_answer=pace.heard,
    )
