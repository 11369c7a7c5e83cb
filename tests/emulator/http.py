"""HTTP/1.1 as an emulator needs it: read requests, write answers, and break off in every way a network can.

Written on asyncio streams and not on a web framework, because a framework never resets a connection on purpose,
sends half a status line or declares a wrong length (RFC 9112).
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

MAX_HEAD = 64 * 1024
MAX_BODY = 64 * 1024 * 1024


class BadRequest(Exception):
    """What arrived is not HTTP/1.x."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `headers` has lower-case names, `body` is empty until it was read."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    version: str = "HTTP/1.1"

    @property
    def keep_alive(self) -> bool:
        """Whether the client wants to go on with this connection."""
        wish = self.headers.get("connection", "").lower()
        return "close" not in wish if self.version == "HTTP/1.1" else "keep-alive" in wish

    def with_body(self, body: bytes) -> Request:
        """The same request after its body was read."""
        return replace(self, body=body)


@dataclass(frozen=True, slots=True)
class Response:
    """One answer; `delay` is how long the service works on it, in seconds of real time."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0

    def head(self, length: int | None = None, *, keep_alive: bool = True) -> bytes:
        """Status line and headers; `length` in bytes replaces the true Content-Length."""
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:  # 529 is in no standard
            phrase = "Unknown"
        lines = [
            f"HTTP/1.1 {self.status} {phrase}",
            f"content-type: {self.content_type}",
            f"content-length: {len(self.body) if length is None else length}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
            *([] if keep_alive else ["connection: close"]),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def json_response(status: int, document: Any, **headers: str) -> Response:
    """An answer with a JSON body; `retry_after="3"` becomes the header `retry-after: 3`."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, json.dumps(document, separators=(",", ":")).encode(), headers=names)


async def read_head(reader: asyncio.StreamReader) -> Request | None:
    """The next request without its body, None where the client closed the connection. Raises BadRequest."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise BadRequest("the connection ended inside a request") from None
        return None
    except asyncio.LimitOverrunError:
        raise BadRequest("the head of the request is too long") from None
    first, *rest = head[:-4].decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequest("this is no HTTP request line")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    target = urlsplit(parts[1])
    return Request(parts[0], unquote(target.path), dict(parse_qsl(target.query)), headers, version=parts[2])


async def read_body(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request:
    """The request with its body, by length or in chunks. Raises BadRequest."""
    if request.headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
    try:
        if "chunked" in request.headers.get("transfer-encoding", "").lower():
            return request.with_body(await _read_chunks(reader))
        length = int(request.headers.get("content-length", "0"))
        if not 0 <= length <= MAX_BODY:
            raise BadRequest("the body is too long")
        return request.with_body(await reader.readexactly(length))
    except (ValueError, asyncio.IncompleteReadError):
        raise BadRequest("the body is not what its headers say") from None


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        if len(body) + size > MAX_BODY:
            raise BadRequest("the body is too long")
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    while (await reader.readuntil(b"\r\n")) != b"\r\n":
        pass  # trailers
    return bytes(body)


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends the connection with RST instead of FIN: a linger time of zero throws away what is not sent yet."""
    connection: socket.socket = writer.get_extra_info("socket")
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
