"""Connections of a server that anybody can reach: uvicorn's HTTP/1.1 with the time-outs and limits that it lacks.

uvicorn waits for ever for a header and a body, and its `limit_concurrency` counts idle sockets of strangers against
everybody. Here a connection is a stranger's until the application trusts it. A stranger has a few seconds for one
request; for more strangers than there is room for the oldest is closed. So whoever floods the port competes with other
strangers alone: a client sends its header in the moment it connects, and is then beyond their reach.
"""

from __future__ import annotations

import asyncio
import http
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

# The kernel holds so many connections ready …
_BACKLOG = 1024
# … and one round of the event loop takes so many of them: those that are open are read in between. Where no file can
# be opened, asyncio asks (and complains) once for each of them, every second.
_ACCEPTED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """trusted, strangers: connections at once. Seconds: for a whole header, a whole body, for who does not read."""

    trusted: int
    strangers: int
    header_seconds: float
    body_seconds: float
    stalled_seconds: float


class ConnectionTable:
    """All open connections of a server, the oldest first. For the event loop alone.

    encode_problem: the JSON body that says in one sentence why a request was not understood.
    """

    def __init__(self, limits: ConnectionLimits, encode_problem: Callable[[str], bytes]) -> None:
        self.limits = limits
        self.encode_problem = encode_problem
        self._strangers: dict[GuardedProtocol, None] = {}
        self._trusted: dict[GuardedProtocol, None] = {}

    def admit(self, connection: GuardedProtocol) -> None:
        """A new connection; for one too many the oldest stranger's is closed."""
        self._strangers[connection] = None
        while len(self._strangers) > self.limits.strangers:
            next(iter(self._strangers)).drop()

    def trust(self, connection: GuardedProtocol) -> bool:
        """A connection has shown that it may ask; False: there are as many as may be, and none of them is idle."""
        if connection in self._trusted:
            return True
        if len(self._trusted) >= self.limits.trusted:
            idle = next((other for other in self._trusted if other.is_idle), None)
            if idle is None:
                return False
            idle.drop()
        self._strangers.pop(connection, None)
        self._trusted[connection] = None
        return True

    def is_trusted(self, connection: GuardedProtocol) -> bool:
        """Whether a connection has shown that it may ask."""
        return connection in self._trusted

    def forget(self, connection: GuardedProtocol) -> None:
        """A connection is closed."""
        self._strangers.pop(connection, None)
        self._trusted.pop(connection, None)


class GuardedProtocol(H11Protocol):
    """One connection. The application finds it as `scope["state"]["connection"]`."""

    def __init__(self, *, table: ConnectionTable, app_state: dict[str, Any], **facts: Any) -> None:
        super().__init__(app_state={**app_state, "connection": self}, **facts)
        self._table = table
        self._limits = table.limits
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._phase: tuple[str, object] = ("", None)

    def trust(self) -> bool:
        """Tells that whoever is here may ask; False: nobody else fits in, and the request has to be refused."""
        is_trusted = self._table.trust(self)
        if is_trusted:
            self._follow_phase()
        return is_trusted

    @property
    def is_idle(self) -> bool:
        """Whether no request is on its way."""
        return self.cycle is not None and self.cycle.response_complete

    def drop(self) -> None:
        """Ends the connection at once, whatever is on its way."""
        self._table.forget(self)
        self._end_request()
        self.transport.abort()

    # what asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins the time of a stranger: it is not extended by anything but `trust`."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._table.admit(self)
        self._set_deadline(self._limits.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets all of it."""
        self._table.forget(self)
        self._set_deadline(None)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes in a part of a request."""
        super().data_received(data)
        self._follow_phase()

    def pause_writing(self) -> None:
        """Whoever is at the other end does not read."""
        super().pause_writing()
        self._stalled = self._stalled or self.loop.call_later(self._limits.stalled_seconds, self.drop)

    def resume_writing(self) -> None:
        """It does again."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        if self.flow is not None:
            super().resume_writing()

    # what uvicorn tells

    def on_response_complete(self) -> None:
        """An answer is out."""
        super().on_response_complete()
        self._follow_phase()

    def send_400_response(self, msg: str) -> None:
        """Refuses what is no HTTP, in the form of all other errors; called while that is being handled."""
        del msg
        status = getattr(sys.exception(), "error_status_hint", 400)
        about = "its header is too long" if status == 431 else "it is not HTTP/1.1"
        self._refuse(status, f"the request cannot be read: {about}")

    # deadlines

    def _follow_phase(self) -> None:
        """Sets the deadline of what is waited for now; one that is running is never extended."""
        if self.transport.is_closing() or not self._table.is_trusted(self):
            return
        phase, seconds = self._find_phase()
        if (phase, self.cycle) != self._phase:
            self._phase = (phase, self.cycle)
            self._set_deadline(seconds)

    def _find_phase(self) -> tuple[str, float | None]:
        if self.conn.their_state is h11.SEND_BODY:
            # Also of a request that has its answer: the rest of it is thrown away, but not for ever.
            return "body", self._limits.body_seconds
        if not self.is_idle:
            return "answer", None
        # Between two requests uvicorn's own timer runs.
        return ("header", self._limits.header_seconds) if self.conn.trailing_data[0] else ("idle", None)

    def _set_deadline(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        what = "body" if self._phase[0] == "body" else "header"
        self._refuse(408, f"the request's {what} did not arrive in time")

    def _refuse(self, status: int, message: str) -> None:
        """Answers in the place of the application, if it has not begun to, and ends the connection."""
        has_begun = (
            self.cycle is not None
            and self.cycle.response_started
            and (not self.cycle.response_complete or self._phase[0] == "body")
        )
        is_silent = self.cycle is None and not self.conn.trailing_data[0]
        self._end_request()
        if not has_begun and (status != 408 or not is_silent):
            body = self._table.encode_problem(message)
            head = f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
            length = f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(f"{head}{length}".encode("ascii") + body)
        if has_begun or self.transport.get_write_buffer_size():
            self.drop()
        else:
            self._table.forget(self)
            self._set_deadline(None)
            self.transport.close()

    def _end_request(self) -> None:
        """Whoever answers finds the connection closed: nothing is sent twice, and no error is told of it."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()


def guard_connections(table: ConnectionTable) -> dict[str, Any]:
    """The options of `uvicorn.Config` for connections that are guarded, in a `GuardedServer`."""
    return {"http": cast("type[asyncio.Protocol]", partial(GuardedProtocol, table=table)), "backlog": _ACCEPTED_AT_ONCE}


class GuardedServer(uvicorn.Server):
    """A server of guarded connections."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to listen; the system may hold more connections ready than are taken at once."""
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(_BACKLOG)
