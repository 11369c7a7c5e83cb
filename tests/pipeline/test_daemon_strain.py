"""Bodies, sockets and streams that ask too much of a real daemon: it serves others, stays small, and ends in time."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bridge.daemon.limits import LIMITS
from bridge.daemon.process import control
from tests.pipeline.conftest import Workspace
from tests.pipeline.daemon_client import Client, ended

STREAMS = 200
SLOW = 200
HUGE = 1 << 30
# What is on its way in the buffers of both ends does not count as taken in.
BUFFERS = 32 * LIMITS.body_bytes
MIB = 1 << 20


@pytest.fixture
def client(built_plain: Workspace) -> Iterator[Client]:
    """A daemon that has built what there was to build when it started."""
    made = Client(built_plain.root, control.start_daemon(built_plain.root)[0])
    made.until_done(made.post("/v1/build", {"all": True}))
    yield made
    control.stop_daemon(built_plain.root)
    assert (built_plain.root / ".assetbridge" / "daemon.log").read_bytes() == b""


def memory(client: Client) -> int:
    """Resident memory of the daemon in bytes; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{client.runtime.pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def head(client: Client, *more: str, token: str | None = None) -> bytes:
    """The first lines of a build request; the empty line that ends them is left to the caller."""
    lines = [
        "POST /v1/build HTTP/1.1",
        f"Host: 127.0.0.1:{client.runtime.port}",
        f"Authorization: Bearer {token or client.runtime.token}",
        "Content-Type: application/json",
        *more,
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def connected(client: Client) -> socket.socket:
    return socket.create_connection(("127.0.0.1", client.runtime.port), timeout=20)


def poured(connection: socket.socket, piece: bytes, most: int) -> int:
    """Sends until the other end has had enough; returns how many bytes went out."""
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < most:
            connection.sendall(piece)
            sent += len(piece)
    return sent


@pytest.mark.parametrize(("token", "status"), [(None, b"413"), ("0" * 64, b"401")])
def test_a_declared_gigabyte_is_refused_before_it_is_sent(client: Client, token: str | None, status: bytes) -> None:
    before = memory(client)
    with connected(client) as connection:
        connection.sendall(head(client, f"Content-Length: {HUGE}", token=token) + b"\r\n")
        assert connection.recv(4096).split(b" ")[1] == status
        assert poured(connection, b"x" * MIB, HUGE) <= BUFFERS
    assert memory(client) - before < BUFFERS
    assert client.get("/v1/health")["ok"] is True


def test_a_gigabyte_in_chunks_is_cut_off(client: Client) -> None:
    before = memory(client)
    with connected(client) as connection:
        connection.sendall(head(client, "Transfer-Encoding: chunked") + b"\r\n")
        piece = b"%x\r\n" % MIB + b" " * MIB + b"\r\n"
        assert poured(connection, piece, HUGE) <= BUFFERS
    assert memory(client) - before < BUFFERS
    assert client.get("/v1/health")["ok"] is True


def times(client: Client, count: int = 30) -> list[float]:
    """How long requests take, in seconds."""
    found = []
    for _ in range(count):
        began = time.perf_counter()
        client.get("/v1/assets")
        found.append(time.perf_counter() - began)
    return found


def test_slow_sockets_hold_nobody_up(client: Client) -> None:
    idle = statistics.median(times(client))
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connected(client)) for _ in range(SLOW)]
        for number, connection in enumerate(slow):
            half = head(client) if number % 2 else head(client, "Content-Length: 1000") + b"\r\n{"
            connection.sendall(half)
        for connection in slow[::2]:
            connection.sendall(b" ")
        # The same machine in the same minute; ten times is far beyond what waiting for slow ones would hide in.
        assert statistics.median(times(client)) < 10 * idle + 0.05
        assert client.until_done(client.post("/v1/build", {"all": True}))[-1]["error"] is None


@contextlib.contextmanager
def streams(client: Client, count: int) -> Iterator[list[http.client.HTTPResponse]]:
    """Open event streams, each past its greeting."""
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            connection = http.client.HTTPConnection("127.0.0.1", client.runtime.port, timeout=30)
            stack.callback(connection.close)
            connection.request("GET", "/v1/events", headers={"Authorization": f"Bearer {client.runtime.token}"})
            answer = stack.enter_context(connection.getresponse())
            assert (answer.readline(), answer.readline()) == (b"retry: 1000\n", b"\n")
            found.append(answer)
        yield found


def lines_of(answer: http.client.HTTPResponse, count: int) -> Iterator[bytes]:
    """The next lines of a stream, without the comments that keep a quiet one open and the blank lines after them."""
    while count:
        line = answer.readline()
        if line.startswith(b":"):
            answer.readline()
            continue
        count -= 1
        yield line


def events_of(answer: http.client.HTTPResponse, ids: Sequence[str]) -> Iterator[bytes]:
    """The events of a stream up to the last of these, without others: the daemon may still tell of its start."""
    wanted = [f"id: {one}\n".encode() for one in ids]
    while True:
        event = b"".join(lines_of(answer, 4))
        found = next((one for one in wanted if one in event), None)
        if found is not None:
            yield event
        if found == wanted[-1]:
            return


def test_every_stream_hears_every_event(client: Client) -> None:
    with streams(client, STREAMS) as heard:
        told = client.until_done(client.post("/v1/build", {"all": True, "every": True}))
        assert [event["type"] for event in told] == ["asset", "asset", "done"]
        ids = [event["seq"] for event in told]
        texts = {b"".join(events_of(answer, ids)) for answer in heard}
    (text,) = texts
    assert text.count(b"\ndata: ") == len(told)
    assert all(f"id: {event['seq']}\n".encode() in text for event in told)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM: /v1/shutdown is used there")
def test_sigterm_ends_it_in_time_with_all_streams_open(client: Client) -> None:
    with streams(client, STREAMS) as heard:
        os.kill(client.runtime.pid, signal.SIGTERM)
        assert ended(client.runtime.pid, 3)
        for answer in heard:
            with contextlib.suppress(http.client.IncompleteRead, ConnectionError):
                answer.read()


@pytest.mark.skipif(sys.platform != "linux", reason="reads memory and open files from /proc")
def test_streams_that_nobody_reads_cost_neither_memory_nor_files(client: Client) -> None:
    files = Path(f"/proc/{client.runtime.pid}/fd")
    open_before = len(list(files.iterdir()))
    with streams(client, 50):
        before = memory(client)
        for _ in range(8):
            queued = [client.post("/v1/build", {"all": True, "every": True}) for _ in range(40)]
            client.until_done(queued[-1])
        # 320 builds told 50 streams some 30 MB.
        assert memory(client) - before < 20 * MIB
    deadline = time.monotonic() + 20
    while len(list(files.iterdir())) > open_before + 5:
        assert time.monotonic() < deadline
        client.get("/v1/health")
