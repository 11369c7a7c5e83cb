"""A connection to a provider, as the runner uses it, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from bridge import __version__
from bridge.core.clock import Clock
from bridge.http.api import Method
from bridge.http.outcome import Sent
from bridge.orders.runner.rate_limit import RateLimiter
from bridge.providers.paid import FreeCalls
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.orders.access import ProviderAccess


class OrderConnection(FreeCalls, Protocol):
    """A connection to a provider: free calls, and the one that may cost something."""

    async def submit(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None, *, method: Method = "POST"
    ) -> Sent:
        """Sends a paid request once; says what became of it."""
        ...

    async def __aenter__(self) -> Self:
        """Opens it."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        ...


Connector: TypeAlias = "Callable[[ProviderAccess, RateLimiter, Clock], OrderConnection]"


def open_connection(access: ProviderAccess, rate_limiter: RateLimiter | None, clock: Clock) -> OrderConnection:
    """A connection over HTTP that obeys the account's rate limit, where one is kept.

    Raises:
        NeedsDecision: `not_trusted`: every request to a provider goes through a connection, and none for a stranger.
    """
    access.trust.require(Gate.KEYS)
    from bridge.http.client import ProviderConnection
    from bridge.http.redact import quiet_logs

    quiet_logs()
    if rate_limiter is None:
        return ProviderConnection(access.api, access.key.value, clock, __version__)
    return ProviderConnection(
        access.api,
        access.key.value,
        clock,
        __version__,
        before_request=rate_limiter.before_request,
        on_answer=rate_limiter.on_answer,
    )
