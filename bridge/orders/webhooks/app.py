"""The one address that the outside may reach: POST to a secret. Everything else is 404, and says nothing.

The last part of the path is the secret; what stands before it is the business of the tunnel or proxy in between, which
may keep or strip it. The body is read to its end and thrown away: only its digest is kept, to know repetitions.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from bridge.orders.webhooks.hints import Hints

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

BODY_LIMIT = 64 << 10
# A sender that is still sending reads no answer: somewhat more than the limit is taken in and thrown away.
_DRAIN_LIMIT = 4 << 20
_PATIENCE = 10.0
_LONGEST_PATH = 2000


class WebhookApp:
    """An ASGI application; knows the hints and nothing else of the project."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request: 204, 404, 405, 408, 413 or 503, always without a body."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        await _send_status(send, await self._status(scope, receive))

    async def _status(self, scope: Scope, receive: Receive) -> int:
        path = scope["path"]
        secret = path.rpartition("/")[2] if len(path) <= _LONGEST_PATH else ""
        if not self._hints.is_known(secret):
            return 404
        connection = scope.get("state", {}).get("connection")
        if connection is not None and not connection.trust():
            return 503
        if scope["method"] != "POST":
            return 405
        try:
            async with asyncio.timeout(_PATIENCE):
                digest = await _read_digest(receive)
        except TimeoutError:
            return 408
        if digest is None:
            return 413
        self._hints.on_request(secret, digest)
        return 204


async def _read_digest(receive: Receive) -> bytes | None:
    """SHA-256 of the body; None for one that is too long or was broken off."""
    digest, size = hashlib.sha256(), 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= BODY_LIMIT:
            digest.update(chunk)
        more = bool(message.get("more_body")) and size <= _DRAIN_LIMIT
    return digest.digest() if size <= BODY_LIMIT else None


async def _send_status(send: Send, status: int) -> None:
    headers = [(b"cache-control", b"no-store")]
    if status != 204:
        headers.append((b"content-length", b"0"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
