"""Serves the receiver on its own port, in a thread of its own: drawing and exporting must not keep a sender waiting."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bridge.core.web_address import WebhookAddress, webhook_address
from bridge.orders.webhooks.hints import Hints

if TYPE_CHECKING:
    from bridge.config.project_config import Config

_BACKLOG = 64
# Of who knows a secret, and of who does not: strangers compete for their own.
_MOST_CONNECTIONS = 64
_LONGEST_HEAD = 16 << 10
_HEADER_SECONDS = 5.0
_BODY_SECONDS = 10.0
_STALLED_SECONDS = 10.0
_KEEP_ALIVE_SECONDS = 5


@contextmanager
def receive_hints(config: Config, note: Callable[[str], None]) -> Iterator[Hints]:
    """Hints for the orders of one run; the port is open as long as it lasts.

    Where webhooks are off, the project is not trusted, or the port cannot be had (`note` is told), no order is given
    an address and polling does everything.
    """
    address = webhook_address(config.webhooks)
    if address is None or not config.trust.is_trusted:
        yield Hints()
        return
    try:
        listener = open_socket(address)
    except OSError as error:
        note(f"webhooks are off: {address.host}:{address.port} cannot be listened on ({error.strerror or error})")
        yield Hints()
        return
    hints = Hints(address.url_for)
    with listener, serve_hints(hints, listener):
        yield hints


def open_socket(address: WebhookAddress) -> socket.socket:
    """A socket on which requests wait from now on.

    Raises:
        OSError: the port is taken, or the host is not this machine's.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A port that was just closed would else be refused for a minute (TIME_WAIT); one where a server listens still
        # is. On Windows the option means the opposite: it shares the port.
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address.host, address.port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


@contextmanager
def serve_hints(hints: Hints, listener: socket.socket) -> Iterator[None]:
    """Answers the requests of a listening socket until the end of the block."""
    import uvicorn

    from bridge.http.connections import ConnectionLimits, ConnectionTable, GuardedServer, guard_connections
    from bridge.orders.webhooks.app import WebhookApp

    limits = ConnectionLimits(_MOST_CONNECTIONS, _MOST_CONNECTIONS, _HEADER_SECONDS, _BODY_SECONDS, _STALLED_SECONDS)
    server_config = uvicorn.Config(
        WebhookApp(hints),
        lifespan="off",
        log_config=None,
        log_level="critical",  # what strangers send is no matter of ours, and addresses are secrets
        access_log=False,
        server_header=False,
        date_header=False,
        ws="none",
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=1,
        # Errors say nothing to strangers.
        **guard_connections(ConnectionTable(limits, lambda _problem: b"")),
    )
    server = GuardedServer(server_config)
    # A thread that cannot be stopped must not keep the process: nothing in it could be lost.
    thread = threading.Thread(target=server.run, args=([listener],), name="webhooks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=5)
