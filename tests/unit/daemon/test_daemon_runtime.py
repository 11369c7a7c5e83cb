"""Whoever is on the port of an old record: HTML, silence, drops, megabytes. Bounded in bytes and seconds."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge.core.errors import BridgeError
from bridge.daemon import runtime
from bridge.daemon.client import DaemonClient
from bridge.daemon.runtime import Runtime

NONCE = "0" * 16
OK = b"HTTP/1.1 200 OK\r\n"


@contextlib.contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[Runtime]:
    """A program on a port of its own; the record of a daemon that once was there."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, contextlib.suppress(OSError):
                        connection.recv(65536)
                        answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield Runtime(os.getpid(), server.getsockname()[1], "secret", nonce=NONCE)
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def say(text: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(text)


def hang(connection: socket.socket) -> None:
    connection.recv(1)


def drip(start: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    """Something now and then, so that no time-out of a single wait ever comes."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(piece)
            time.sleep(0.02)

    return answer


def pour(start: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(b"x" * 65536)

    return answer


STRANGERS = {
    "html": say(OK + b"Content-Type: text/html\r\n\r\n<html>"),
    "nothing": say(b""),
    "no http": say(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "a list": say(OK + b"\r\n[]"),
    "nested": say(OK + b"\r\n" + b"[" * 100_000),
    "a long number": say(OK + b'\r\n{"nonce": ' + b"9" * 10_000 + b"}"),
    "another daemon": say(OK + b'\r\n{"nonce": "1111111111111111", "root": "/"}'),
    "a bad length": say(OK + b"Content-Length: 99999999999999999999\r\n\r\n{}"),
    "no utf-8": say(OK + b"\r\n\xff\xfe"),
    "silence": hang,
    "drops of a header": drip(OK, b"a: b\r\n"),
    "drops of a line": drip(b"HTTP/1.1 200 ", b"x"),
    "drops of a body": drip(OK + b"\r\n", b" "),
    "drops of chunks": drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "an endless body": pour(OK + b"\r\n"),
    "an endless line": pour(OK + b"a: "),
}


@pytest.mark.parametrize("kind", STRANGERS)
def test_a_stranger_on_the_port_is_no_daemon_and_holds_nobody_up(kind: str, tmp_path: Path) -> None:
    with answering(STRANGERS[kind]) as recorded:
        began = time.monotonic()
        assert not runtime.is_answering(recorded, tmp_path, patience_seconds=0.3)
        assert time.monotonic() - began < 2


def test_the_right_answer_is_believed(tmp_path: Path) -> None:
    document = json.dumps({"nonce": NONCE, "root": os.path.realpath(tmp_path)}).encode()
    with answering(say(OK + b"\r\n" + document)) as recorded:
        assert runtime.is_answering(recorded, tmp_path)
        assert not runtime.is_answering(recorded, tmp_path / "copy")


@pytest.mark.parametrize("document", [b"{}", b'{"error": 1}', b'{"error": {"code": "x"}}', b'{"errors": [1]}'])
def test_errors_of_somebody_else_are_a_daemon_that_is_gone(document: bytes) -> None:
    with answering(say(b"HTTP/1.1 500 X\r\n\r\n" + document)) as recorded, pytest.raises(BridgeError) as told:
        DaemonClient(recorded).get("/v1/plan")
    assert told.value.code == "daemon_failed"
