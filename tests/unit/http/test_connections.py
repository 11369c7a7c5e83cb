"""Connections of strangers and of trusted clients against a real server with small limits, in this process."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import uvicorn

from bridge.http.connections import ConnectionLimits, ConnectionTable, GuardedServer, guard_connections

LIMITS = ConnectionLimits(trusted=4, strangers=4, header_seconds=0.4, body_seconds=0.4, stalled_seconds=0.4)
FRIEND = b"GET / HTTP/1.1\r\nHost: x\r\nauthorization: friend\r\n"
LONG = b"x" * 40_000


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Trusts whoever says `friend`; `/much` answers more than any buffer takes."""
    headers = dict(scope["headers"])
    status = 401
    if headers.get(b"authorization") == b"friend":
        status = 200 if scope["state"]["connection"].trust() else 503
    if scope["method"] == "POST":
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            more = message.get("more_body", False)
    much = scope["path"] == "/much"
    length = [] if much else [(b"content-length", b"2")]
    closing = [] if status == 200 else [(b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": [*length, *closing]})
    for _ in range(500 if much else 0):
        await send({"type": "http.response.body", "body": LONG, "more_body": True})
    await send({"type": "http.response.body", "body": b"" if much else b"ok"})


@contextlib.contextmanager
def serving(limits: ConnectionLimits = LIMITS) -> Iterator[int]:
    """A server in a thread; its port."""
    table = ConnectionTable(limits, lambda problem: json.dumps({"problem": problem}).encode())
    config = uvicorn.Config(
        application,
        lifespan="off",
        log_config=None,
        log_level="error",
        ws="none",
        h11_max_incomplete_event_size=4096,
        timeout_graceful_shutdown=1,
        **guard_connections(table),
    )
    server = GuardedServer(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield int(listening.getsockname()[1])
        server.should_exit = True
        thread.join(5)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as number:
        yield number


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def read_all(connection: socket.socket) -> bytes:
    """Everything up to the end of the connection; the test's own time-out fails it."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            data += piece
    return data


def status_of(connection: socket.socket) -> int:
    """The status of an answer, read to its end, which is `ok`."""
    data = b""
    while not data.endswith(b"\r\n\r\nok"):
        piece = connection.recv(65536)
        assert piece, data
        data += piece
    return int(data.split(b" ")[1])


def test_silent_and_slow_headers_end_in_time(port: int) -> None:
    with connect(port) as silent, connect(port) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\n")
        began = time.monotonic()
        for _ in range(3):
            # Bytes now and then buy no time.
            time.sleep(0.1)
            slow.sendall(b"a: b\r\n")
        answer = read_all(slow)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"header did not arrive in time" in answer
        assert read_all(silent) == b""
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("length", [b"Content-Length: 10\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"])
def test_a_slow_body_ends_in_time(port: int, length: bytes) -> None:
    with connect(port) as connection:
        connection.sendall(FRIEND.replace(b"GET", b"POST") + length)
        answer = read_all(connection)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"body did not arrive in time" in answer


def test_a_body_that_nobody_reads_ends_in_time(port: int) -> None:
    """The answer is out, and the sender goes on for ever."""
    with connect(port) as connection:
        connection.sendall(FRIEND + b"Content-Length: 100000\r\n\r\nx")
        assert status_of(connection) == 200
        assert read_all(connection) == b""


def test_a_second_request_has_its_own_deadline(port: int) -> None:
    with connect(port) as connection:
        for _ in range(4):
            connection.sendall(FRIEND + b"\r\n")
            assert status_of(connection) == 200
            time.sleep(0.15)
        connection.sendall(b"GET / HT")
        assert read_all(connection).startswith(b"HTTP/1.1 408 ")


def test_who_does_not_read_is_cut_off(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(FRIEND.replace(b"/", b"/much", 1) + b"\r\n")
        time.sleep(0.8)
        assert len(read_all(connection)) < 500 * len(LONG)


def test_half_closed_connections_end(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == b""


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\na: " + b"x" * 10_000, 431),
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x00\xa5\x01\x00", 400),
        (FRIEND + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
        (FRIEND + b"Content-Length: " + b"9" * 3000 + b"\r\n\r\n", 400),
        (FRIEND + b"Content-Length: -1\r\n\r\n", 400),
        (FRIEND + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (FRIEND + b"Transfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ],
)
def test_what_is_no_http_gets_one_answer(
    port: int, text: bytes, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    with connect(port) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(text)
        answer = read_all(connection)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.count(b"content-length") == 1
    assert "problem" in json.loads(answer.partition(b"\r\n\r\n")[2])
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("head", [FRIEND.replace(b"GET", b"POST"), b"POST / HTTP/1.1\r\nHost: x\r\n"])
def test_a_body_that_breaks_off_into_nonsense_is_told_once(
    port: int, head: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """The application is at work when the nonsense comes: nothing of it may reach the log."""
    with connect(port) as connection:
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 400 ")
    with connect(port) as connection:
        connection.sendall(FRIEND + b"\r\n")
        assert status_of(connection) == 200
    assert capfd.readouterr().err == ""


def test_the_oldest_stranger_makes_room_and_friends_stay() -> None:
    with serving(replace(LIMITS, header_seconds=30)) as number, contextlib.ExitStack() as stack:
        friend = stack.enter_context(connect(number))
        friend.sendall(FRIEND + b"\r\n")
        assert status_of(friend) == 200
        strangers = [stack.enter_context(connect(number)) for _ in range(12)]
        for stranger in strangers[:8]:
            assert read_all(stranger) == b""
        friend.sendall(FRIEND + b"\r\n")
        assert status_of(friend) == 200
        # Those that are left are the last ones, and still asked for their header.
        strangers[-1].sendall(FRIEND + b"\r\n")
        assert status_of(strangers[-1]) == 200


def test_an_idle_friend_makes_room_and_a_busy_one_does_not() -> None:
    with serving(replace(LIMITS, body_seconds=30)) as number, contextlib.ExitStack() as stack:
        friends = []
        for _ in range(5):
            friends.append(stack.enter_context(connect(number)))
            friends[-1].sendall(FRIEND + b"\r\n")
            assert status_of(friends[-1]) == 200
        assert read_all(friends[0]) == b""
        for friend in friends[1:]:
            friend.sendall(FRIEND.replace(b"GET", b"POST") + b"Content-Length: 2\r\n\r\n")
        time.sleep(0.1)
        with connect(number) as late:
            late.sendall(FRIEND + b"\r\n")
            assert status_of(late) == 503
        for friend in friends[1:]:
            friend.sendall(b"ok")
            assert status_of(friend) == 200


def test_a_flood_of_strangers_keeps_nobody_out() -> None:
    with serving() as number, contextlib.ExitStack() as stack:
        flood = [stack.enter_context(connect(number)) for _ in range(200)]
        for connection in flood[::2]:
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"GET / HTTP/1.1\r\n")
        for _ in range(5):
            with connect(number) as friend:
                friend.sendall(FRIEND + b"\r\n")
                assert status_of(friend) == 200
