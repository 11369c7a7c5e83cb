"""A server that does to each connection what a test tells it: real sockets, because mocks do not reset connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Script = Callable[["Connection"], Awaitable[None]]


@dataclass
class Connection:
    """One accepted connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: Server

    async def read(self) -> bool:
        """Reads one request to its end and notes it; False when the client has closed."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return False
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        self.server.requests.append(Request(method, target, headers, body))
        return True

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def reset(self) -> None:
        """RST instead of FIN."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        )
        self.writer.transport.abort()

    async def silence(self) -> None:
        await asyncio.Event().wait()


@dataclass
class Request:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Server:
    port: int = 0
    connections: int = 0
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(*scripts: Script) -> AsyncIterator[Server]:
    """Runs the first script for the first connection, and so on; the last one for all that follow."""
    server = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = scripts[min(server.connections, len(scripts) - 1)]
        server.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await script(Connection(reader, writer, server))
        writer.close()

    listener = await asyncio.start_server(on_connection, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answer(
    status: int = 200, body: bytes = b"{}", headers: Mapping[str, str] | None = None, *, length: int | None = None
) -> bytes:
    """The bytes of an answer; `length` is what it claims where that differs from the truth."""
    named = {"content-length": str(len(body) if length is None else length), **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body


def answering(data: bytes) -> Script:
    """Reads requests and answers each with these bytes, as long as the client keeps the connection."""

    async def script(connection: Connection) -> None:
        while await connection.read():
            await connection.send(data)

    return script


def then(data: bytes, *, reset: bool = False, silence: bool = False) -> Script:
    """Reads a request, sends these bytes, and ends the connection in one of three ways."""

    async def script(connection: Connection) -> None:
        await connection.read()
        await connection.send(data)
        if silence:
            await connection.silence()
        if reset:
            await connection.reset()

    return script


async def reset_unread(connection: Connection) -> None:
    await connection.reset()


async def close_unread(_connection: Connection) -> None:
    """Returning closes."""


async def never_read(connection: Connection) -> None:
    connection.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    transport = connection.writer.transport
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()
    await connection.silence()


def unused_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
