"""The receiver on a real socket: what strangers and senders may do to it, which is to end a wait and nothing else."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Self

import pytest

from bridge.core.clock import SystemClock
from bridge.core.web_address import WebhookAddress
from bridge.orders.webhooks.app import BODY_LIMIT
from bridge.orders.webhooks.hints import MOST_HINTS, Hints
from bridge.orders.webhooks.receiver import open_socket, receive_hints, serve_hints
from tests.configured import configure
from tests.emulator.postman import post

SECRET = "s3cret-of-an-order"


class Waiting:
    """A receiver, and an event loop in a thread in which somebody waits for job 7."""

    def __init__(self) -> None:
        self.rung = 0
        self.hints = Hints(lambda secret: f"http://127.0.0.1/{secret}")
        self._ready = threading.Event()
        self._heard = threading.Condition()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._wait()))

    def __enter__(self) -> Self:
        self._place = open_socket(WebhookAddress("127.0.0.1", 0, ""))
        self.url = f"http://127.0.0.1:{self._place.getsockname()[1]}"
        self._serving = serve_hints(self.hints, self._place)
        self._serving.__enter__()
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._waiter.cancel)
        self._thread.join()
        self._serving.__exit__(None, None, None)
        self._place.close()

    async def _wait(self) -> None:
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None
        self._waiter = task
        self.hints.expect(SECRET, 7)
        self._ready.set()
        try:
            while True:
                await self.hints.pause(SystemClock(), 7, 3600.0)
                with self._heard:
                    self.rung += 1
                    self._heard.notify_all()
        except asyncio.CancelledError:
            return

    def rang(self, times: int) -> bool:
        """Whether the wait ends so many times."""
        with self._heard:
            return self._heard.wait_for(lambda: self.rung >= times, timeout=10)


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    with Waiting() as running:
        yield running


def raw(url: str, data: bytes) -> bytes:
    """What is answered to bytes that need not be HTTP."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def test_a_hint_ends_the_wait(waiting: Waiting) -> None:
    assert post(f"{waiting.url}/{SECRET}", b'{"jobId": "x"}') == 204
    assert waiting.rang(1)


def test_what_stands_before_the_secret_is_the_proxys_business(waiting: Waiting) -> None:
    assert post(f"{waiting.url}/games/hooks/{SECRET}", b"") == 204
    assert waiting.rang(1)


def test_a_recorded_body_says_nothing_new(waiting: Waiting) -> None:
    for _ in range(100):
        assert post(f"{waiting.url}/{SECRET}", b'{"event": "completed"}') == 204
    assert waiting.rang(1)
    assert post(f"{waiting.url}/{SECRET}", b'{"event": "another"}') == 204
    assert waiting.rang(2)
    assert waiting.rung == 2


def test_nobody_can_make_us_ask_without_end(waiting: Waiting) -> None:
    for number in range(5 * MOST_HINTS):
        assert post(f"{waiting.url}/{SECRET}", str(number).encode()) == 204
    assert waiting.rung <= MOST_HINTS


@pytest.mark.parametrize("body", [b"", b"garbage \xff\x00", b"[" * 10_000, b"x" * BODY_LIMIT], ids=len)
def test_whatever_is_said_is_not_read(waiting: Waiting, body: bytes) -> None:
    assert post(f"{waiting.url}/{SECRET}", body) == 204
    assert waiting.rang(1)


@pytest.mark.parametrize("size", [BODY_LIMIT + 1, 1 << 20])
def test_a_large_body_is_refused(waiting: Waiting, size: int) -> None:
    assert post(f"{waiting.url}/{SECRET}", b"x" * size) == 413
    assert waiting.rung == 0


def test_a_body_in_pieces_is_measured_as_a_whole(waiting: Waiting) -> None:
    connection = HTTPConnection(waiting.url.removeprefix("http://"), timeout=10)
    connection.request("POST", f"/{SECRET}", body=iter([b"x" * 40_000] * 4), encode_chunked=True,
                       headers={"transfer-encoding": "chunked"})  # fmt: skip
    assert connection.getresponse().status == 413
    connection.close()
    assert waiting.rung == 0


WRONG: dict[str, Callable[[str], str]] = {
    "none": lambda _: "",
    "shorter": lambda secret: secret[:-1],
    "longer": lambda secret: secret + "x",
    "another": lambda secret: "x" * len(secret),
    "in a query": lambda secret: f"?{secret}",
    "with a slash": lambda secret: f"{secret}/",
    "not ASCII": lambda _: "%C3%A9%FF",
    "very long": lambda secret: "y" * 5000 + "/" + secret,
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_wrong_secret_finds_nothing(waiting: Waiting, name: str, method: str) -> None:
    assert post(f"{waiting.url}/{WRONG[name](SECRET)}", b"{}", method=method) == 404
    assert waiting.rung == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_only_posts_count(waiting: Waiting, method: str) -> None:
    assert post(f"{waiting.url}/{SECRET}", b"", method=method) == 405
    assert waiting.rung == 0


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /" + SECRET.encode() + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\nonly this",
        b"GET /" + SECRET.encode() + b" HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        b"A" * 100_000,
    ],
    ids=["TLS", "version", "broken off", "websocket", "endless head"],
)
def test_what_is_not_a_webhook_changes_nothing(waiting: Waiting, data: bytes) -> None:
    try:
        answer = raw(waiting.url, data)
    except ConnectionError:
        answer = b""
    assert b"204" not in answer.partition(b"\r\n")[0]
    assert post(f"{waiting.url}/{SECRET}", b"and then") == 204
    assert waiting.rang(1)
    assert waiting.rung == 1


def test_answers_say_nothing(waiting: Waiting) -> None:
    answer = raw(waiting.url, b"POST /wrong HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404")
    assert b"server" not in head.lower()
    assert body == b""


def test_after_the_run_a_hint_is_harmless() -> None:
    hints = Hints(lambda secret: secret)

    async def expects() -> None:
        hints.expect(SECRET, 1)

    asyncio.run(expects())
    hints.on_request(SECRET, b"late")
    hints.on_request("unknown", b"late")
    assert hints.is_known(SECRET)


def test_they_are_off_unless_configured(tmp_path: Path) -> None:
    notes: list[str] = []
    with receive_hints(configure(tmp_path, {"webhooks": {"listen": "127.0.0.1:0"}}), notes.append) as hints:
        assert hints.address is None
    assert notes == []


def test_a_taken_port_leaves_it_to_polling(tmp_path: Path) -> None:
    notes: list[str] = []
    with open_socket(WebhookAddress("127.0.0.1", 0, "")) as taken:
        table = {"listen": f"127.0.0.1:{taken.getsockname()[1]}", "public_url": "https://example.com"}
        with receive_hints(configure(tmp_path, {"webhooks": table}), notes.append) as hints:
            assert hints.address is None
    (note,) = notes
    assert "127.0.0.1" in note


def test_the_port_is_closed_at_the_end(tmp_path: Path) -> None:
    with open_socket(WebhookAddress("127.0.0.1", 0, "")) as place:
        port = place.getsockname()[1]
    table = {"listen": f"127.0.0.1:{port}", "public_url": f"http://127.0.0.1:{port}/"}
    config = configure(tmp_path, {"webhooks": table})
    for _ in range(2):
        with receive_hints(config, lambda _: None) as hints:
            assert hints.address is not None
            assert post(hints.address("wrong"), b"") == 404
        assert post(f"http://127.0.0.1:{port}/wrong", b"") == 0
