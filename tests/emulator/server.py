"""The emulator: a real socket on 127.0.0.1, served by an asyncio loop in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from tests.emulator import http
from tests.emulator.faults import Delivery, Fault
from tests.emulator.http import BadRequest, Request, Response
from tests.emulator.ledger import Ledger, Row, digest
from tests.emulator.personality import Call, Personality
from tests.emulator.script import Rule, Script

HOST = "127.0.0.1"
WRONG_BY = 64  # bytes by which a wrong Content-Length is wrong
UNREAD_PAUSE = 0.02  # seconds: a small request is sent completely before the connection breaks, as in real life

P = TypeVar("P", bound=Personality)


class Emulator(Generic[P]):
    """An emulated service on a port of its own; use it as a context manager.

    personality: the service. faults: what goes wrong; `Emulator.faults` may be extended while running. seed: of faults
    by chance. state: a file the ledger is mirrored to. clock: seconds, rising; inject one to step through time.
    port: 0 for a free one. After `stop`, hanging connections are cut.
    """

    def __init__(
        self,
        personality: P,
        *,
        faults: Script | Sequence[Rule] = (),
        seed: int = 0,
        state: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        port: int = 0,
    ) -> None:
        self.personality = personality
        self.faults = faults if isinstance(faults, Script) else Script(faults, seed)
        self.ledger = Ledger(state)
        self._clock = clock
        self._started = clock()
        self._wanted_port = port
        self._port = 0
        self._requests = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._thread: threading.Thread | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._dead: socket.socket | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{HOST}:{self._port}"

    @property
    def url(self) -> str:
        """The base URL for clients, with the version prefix."""
        return self.origin + self.personality.base_path

    @property
    def now(self) -> float:
        """Seconds of its clock since it started."""
        return self._clock() - self._started

    @property
    def closed_url(self) -> str:
        """A base URL on a port that refuses every connection for as long as the emulator runs."""
        if self._dead is None:
            self._dead = socket.socket()  # bound, never listening: nobody else can take the port, nobody can connect
            self._dead.bind((HOST, 0))
        return f"http://{HOST}:{self._dead.getsockname()[1]}{self.personality.base_path}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Binds the port and returns when it accepts connections. Raises OSError where the port is taken."""
        listening = socket.create_server((HOST, self._wanted_port), reuse_port=False, backlog=128)
        self._port = self._wanted_port = listening.getsockname()[1]
        running = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(listening, running)), name="emulator", daemon=True
        )
        self._thread.start()
        running.wait()

    def stop(self) -> None:
        """Closes the port and every connection, at once; `start` opens the same port again."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
            self._loop = self._thread = None
        if self._dead is not None:
            self._dead.close()
            self._dead = None

    async def _run(self, listening: socket.socket, running: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        server = await asyncio.start_server(self._accept, sock=listening, limit=http.MAX_HEAD)
        running.set()
        await self._stopping.wait()
        server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client left, or the emulator stops: both end the conversation
        finally:
            self._connections.discard(task)
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                request = await http.read_head(reader)
                if request is None or not await self._serve(request, reader, writer):
                    return
            except BadRequest as error:
                writer.write(_whole(Response(400, str(error).encode(), "text/plain"), keep_alive=False))
                await writer.drain()
                return

    async def _serve(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether the connection is good for another."""
        index, self._requests = self._requests, self._requests + 1
        route = self._route(request)
        fault = self.faults.next(index, route) or Fault("")
        if fault.reads:
            request = await http.read_body(request, reader, writer)
        else:
            await asyncio.sleep(UNREAD_PAUSE)
        response = self._answer(index, route, request, fault)
        if response.delay:
            await asyncio.sleep(response.delay)
        return await _deliver(response, fault, request.keep_alive, writer)

    def _route(self, request: Request) -> str:
        base = self.personality.base_path + "/"
        path = request.path.removeprefix(base.rstrip("/")) if request.path.startswith(base) else request.path
        return f"{request.method} {path}"

    def _answer(self, index: int, route: str, request: Request, fault: Fault) -> Response:
        body = digest(request.body) if fault.reads else ""
        call = Call(request, self.origin, round(self._clock() - self._started, 6), route, body, fault.fate)
        response = self.personality.answer(call) if fault.executes else Response(200, b"{}")
        if fault.change is not None:
            response = fault.change(response)
        unanswered = {Delivery.RESET, Delivery.CLOSE, Delivery.SILENCE, Delivery.HALF_CLOSE}
        row = Row(
            index=index,
            time=call.now,
            route=route,
            key_ok=call.key_ok,
            body=body,
            status=0 if fault.delivery in unanswered else response.status,
            executed=fault.executes,
            fault=fault.name,
            unit=call.charge.unit if call.charge else "",
            amount=call.charge.amount if call.charge else 0.0,
            remote_id=call.charge.remote_id if call.charge else "",
        )
        for refund in call.refunds:
            charge = refund.charge
            given_back = replace(row, route=refund.route, body=refund.body, status=0, fault="", unit=charge.unit)
            self.ledger.append(replace(given_back, amount=charge.amount, remote_id=charge.remote_id))
        self.ledger.append(row)
        return response


def _whole(response: Response, *, keep_alive: bool) -> bytes:
    return response.head(keep_alive=keep_alive) + response.body


async def _deliver(response: Response, fault: Fault, keep_alive: bool, writer: asyncio.StreamWriter) -> bool:
    """Sends an answer the way the fault wants it; whether the connection is good for another request."""
    match fault.delivery:
        case Delivery.WHOLE:
            writer.write(_whole(response, keep_alive=keep_alive))
            await writer.drain()
            return keep_alive
        case Delivery.WHOLE_THEN_CLOSE:
            writer.write(_whole(response, keep_alive=True))
            await writer.drain()
        case Delivery.RESET:
            http.reset(writer)
        case Delivery.CLOSE:
            pass
        case Delivery.SILENCE:
            await _silence()
        case Delivery.HALF_CLOSE:
            writer.write_eof()
            await _silence()
        case Delivery.DRIP:
            for byte in _whole(response, keep_alive=False):
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(fault.pause)
        case Delivery.HEAD_ONLY:
            writer.write(response.head())
            await writer.drain()
            await _silence()
        case _:
            writer.write(_cut(response, fault.delivery))
            await writer.drain()
    return False


def _cut(response: Response, delivery: Delivery) -> bytes:
    whole = _whole(response, keep_alive=False)
    length = len(response.body)
    match delivery:
        case Delivery.HALF_STATUS_LINE:
            return whole[: len(b"HTTP/1.1 2")]
        case Delivery.HALF_BODY:
            return whole[: len(whole) - (length + 1) // 2]
        case Delivery.TOO_LONG:
            return response.head(length + WRONG_BY, keep_alive=False) + response.body
        case _:
            return response.head(max(length - WRONG_BY, length // 2), keep_alive=False) + response.body


async def _silence() -> None:
    """Until the emulator stops."""
    await asyncio.Event().wait()
