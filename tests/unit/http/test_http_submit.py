"""What a paid POST came to, against a real server for each way it can fail."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bridge.http.api import Api
from bridge.http.client import ProviderConnection
from bridge.http.outcome import Outcome, Sent, TransportError
from tests.unit.http.lines import KEY, SHORT, Clock, line
from tests.unit.http.scripted_server import (
    Connection,
    Script,
    Server,
    answer,
    answering,
    close_unread,
    never_read,
    reset_unread,
    serving,
    then,
    unused_port,
)

BODY = b'{"prompt": "a hero"}'


def submit(script: Script, body: bytes = BODY, clock: Clock | None = None, **options: Any) -> tuple[Sent, Server]:
    async def run() -> tuple[Sent, Server]:
        async with serving(script) as server, line(server.url, clock=clock, **options) as opened:
            return await opened.submit("/v2/create", body), server

    return asyncio.run(run())


def no_leaks(sent: Sent) -> bool:
    return KEY not in repr(sent) and "127.0.0.1" not in sent.detail


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(reset_unread, id="reset before reading"),
        pytest.param(close_unread, id="close before reading"),
        pytest.param(then(b"", reset=True), id="read, then reset"),
        pytest.param(then(b""), id="read, then close"),
        pytest.param(then(b"", silence=True), id="read, then silence"),
        pytest.param(then(b"HTTP/1.1 20"), id="half a status line"),
        pytest.param(then(b"HTTP/1.1 20", silence=True), id="half a status line, then silence"),
        pytest.param(then(b"220 mail.example ESMTP\r\n"), id="not HTTP"),
        pytest.param(then(answer(200, b'{"id": "ab', length=40)), id="half a body, then close"),
        pytest.param(then(answer(200, b'{"id": "ab', length=40), reset=True), id="half a body, then reset"),
        pytest.param(then(answer(200, b"", length=40), silence=True), id="head, then silence"),
        pytest.param(then(b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"id'), id="half a chunk"),
        pytest.param(then(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n{}"), id="length that is no number"),
        pytest.param(then(b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 200_000), id="endless header"),
        pytest.param(
            then(answer(200, gzip.compress(BODY)[:-6], {"content-encoding": "gzip"})), id="gzip ends too early"
        ),
        pytest.param(then(answer(200, b"not gzip", {"content-encoding": "gzip"})), id="gzip that is none"),
        pytest.param(then(answer(200, b"??", {"content-encoding": "br"})), id="a coding nobody asked for"),
        pytest.param(then(answer(402, b'{"err', length=40)), id="half a refusal"),
    ],
)
def test_without_a_whole_answer_nobody_knows(script: Script) -> None:
    sent, server = submit(script)

    assert sent.outcome is Outcome.UNKNOWN
    assert sent.answer is None
    assert sent.detail
    assert no_leaks(sent)
    assert server.connections == 1


def test_a_big_body_that_is_never_read_may_have_been_enough() -> None:
    sent, _ = submit(never_read, body=b"x" * 20_000_000)

    assert sent.outcome is Outcome.UNKNOWN


def test_a_gzip_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(80_000_000), 9)
    sent, _ = submit(then(answer(200, bomb, {"content-encoding": "gzip"})))

    assert sent.outcome is Outcome.UNKNOWN
    assert "larger than" in sent.detail


def test_a_closed_port_has_received_nothing() -> None:
    async def run() -> Sent:
        async with line(f"http://127.0.0.1:{unused_port()}") as opened:
            return await opened.submit("/create", BODY)

    sent = asyncio.run(run())
    assert sent.outcome is Outcome.NOT_SENT
    assert sent.detail == "no connection could be made"
    assert no_leaks(sent)


async def no_tls(connection: Connection) -> None:
    await connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_failed_tls_handshake_has_received_nothing() -> None:
    async def run() -> tuple[Sent, Server]:
        async with serving(no_tls) as server:
            api = Api(f"https://127.0.0.1:{server.port}", "SOME_API_KEY")
            async with ProviderConnection(api, KEY, Clock(), "1.2", patience=SHORT) as opened:
                return await opened.submit("/create", BODY), server

    sent, server = asyncio.run(run())
    assert sent.outcome is Outcome.NOT_SENT
    assert sent.detail == "no secure connection could be made"
    assert server.requests == []


def concrete_errors() -> list[type[httpx.TransportError]]:
    found, waiting = [], [httpx.TransportError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting.extend(kind.__subclasses__())
    return sorted(set(found), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", concrete_errors(), ids=lambda kind: kind.__name__)
def test_only_three_errors_prove_that_nothing_was_sent(
    kind: type[httpx.TransportError], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_self: httpx.AsyncHTTPTransport, _request: httpx.Request) -> httpx.Response:
        raise kind(f"Illegal header value b'Bearer {KEY}'")

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", fail)
    sent, _ = submit(then(b""))

    proof = kind in (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    assert sent.outcome is (Outcome.NOT_SENT if proof else Outcome.UNKNOWN)
    assert no_leaks(sent)


STATUSES = {
    200: Outcome.OK,
    201: Outcome.OK,
    202: Outcome.OK,
    204: Outcome.OK,
    **dict.fromkeys((400, 401, 402, 403, 404, 405, 413, 415, 422), Outcome.REJECTED),
    **dict.fromkeys((429, 529), Outcome.RATE_LIMITED),
    **dict.fromkeys((301, 302, 307, 308, 406, 408, 409, 410, 418, 423, 425, 500, 502, 503, 504), Outcome.UNKNOWN),
}


@pytest.mark.parametrize(("status", "outcome"), STATUSES.items())
def test_a_whole_answer_is_judged_by_its_status(status: int, outcome: Outcome) -> None:
    body = b"" if status == 204 else b'{"detail": "so"}'
    sent, server = submit(answering(answer(status, body, {"location": "/elsewhere"})))

    assert sent.outcome is outcome
    assert sent.answer is not None
    assert (sent.answer.status, sent.answer.body) == (status, body)
    assert (sent.detail == "") == (outcome is Outcome.OK)
    assert len(server.requests) == 1, "a redirect or a failure must not send the order again"


def test_a_providers_own_table_wins() -> None:
    async def run() -> list[Outcome]:
        async with serving(answering(answer(409))) as server:
            api = Api(server.url, "SOME_API_KEY")
            outcomes = []
            for statuses in (api.statuses, {409: Outcome.RATE_LIMITED}):
                async with ProviderConnection(
                    replace(api, statuses=statuses), KEY, Clock(), "1.2", patience=SHORT
                ) as opened:
                    outcomes.append((await opened.submit("/create", BODY)).outcome)
            return outcomes

    assert asyncio.run(run()) == [Outcome.UNKNOWN, Outcome.RATE_LIMITED]


def test_a_page_instead_of_json_is_an_answer_that_the_provider_judges() -> None:
    sent, _ = submit(answering(answer(200, b"<html>hello</html>", {"content-type": "text/html"})))

    assert sent.outcome is Outcome.OK
    assert sent.answer is not None
    assert sent.answer.json() is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800000012"}, 12.0),
        ({}, None),
    ],
)
@pytest.mark.parametrize("status", [429, 529])
def test_rate_limits_say_when_to_come_back(status: int, headers: Mapping[str, str], seconds: float | None) -> None:
    sent, _ = submit(answering(answer(status, b"{}", headers)))

    assert sent.outcome is Outcome.RATE_LIMITED
    assert sent.retry_after == seconds


def test_the_request_is_what_was_journaled() -> None:
    async def run() -> Server:
        async with serving(answering(answer(202))) as server, line(f"{server.url}/v2") as opened:
            await opened.submit("/create/it", BODY, {"Idempotency-Key": "job-1"})
            return server

    [request] = asyncio.run(run()).requests
    assert (request.method, request.target, request.body) == ("POST", "/v2/create/it", BODY)
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-key"] == "job-1"
    assert request.headers["user-agent"] == "Mozilla/5.0 (compatible; assetbridge/1.2)"
    assert request.headers["connection"] == "close"


def test_each_order_has_its_own_connection() -> None:
    async def run() -> Server:
        async with serving(answering(answer())) as server, line(server.url) as opened:
            for _ in range(3):
                assert (await opened.submit("/create", BODY)).outcome is Outcome.OK
            return server

    assert asyncio.run(run()).connections == 3


def test_nothing_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port()}")

    assert submit(answering(answer()))[0].outcome is Outcome.OK


def test_a_paid_request_goes_out_at_once_and_its_answer_is_told() -> None:
    """Its turn was waited for before the intent was written down: nothing may wait in between."""
    events: list[object] = []

    async def before() -> None:
        events.append("before")

    def heard(headers: Mapping[str, str], status: int) -> None:
        events.append((headers["x-ratelimit-remaining"], status))

    submit(answering(answer(200, b"{}", {"X-RateLimit-Remaining": "3"})), before_request=before, on_answer=heard)
    assert events == [("3", 200)]


def test_failpoints_enclose_the_one_moment_that_cannot_be_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[str] = []

    async def script(connection: Connection) -> None:
        await connection.read()
        passed.append("received")
        await connection.send(answer())

    monkeypatch.setattr("bridge.http.client.failpoint", passed.append)
    submit(script, on_answer=lambda _headers, _status: passed.append("on_answer"))
    assert passed == ["submit.before_send", "received", "submit.answered", "on_answer"]


def test_a_stop_while_waiting_is_no_outcome() -> None:
    """Whoever stops the program knows what it means; the journal already says that something was sent."""

    async def run() -> None:
        arrived = asyncio.Event()

        async def script(connection: Connection) -> None:
            await connection.read()
            arrived.set()
            await connection.silence()

        async with serving(script) as server, line(server.url, patience=replace(SHORT, submit_read=60.0)) as opened:
            task = asyncio.create_task(opened.submit("/create", BODY))
            await arrived.wait()
            task.cancel()
            await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())


def test_an_answer_that_only_drips_ends_unknown() -> None:
    async def drip(connection: Connection) -> None:
        await connection.read()
        await connection.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        while True:
            await connection.send(b".")
            await asyncio.sleep(0.02)

    sent, _ = submit(drip, patience=replace(SHORT, submit_read=5.0, submit_total=0.15))
    assert sent.outcome is Outcome.UNKNOWN


def test_a_hook_that_fails_does_not_lose_the_answer() -> None:
    def heard(_headers: Mapping[str, str], _status: int) -> None:
        raise OSError("the disk is full")

    assert submit(answering(answer(200, b'{"id": 1}')), on_answer=heard)[0].outcome is Outcome.OK


def test_an_answer_that_quotes_the_key_does_not_carry_it_on() -> None:
    quoting = answer(401, f'{{"detail": "bad key {KEY}"}}'.encode(), {"x-echo": KEY})
    sent, _ = submit(answering(quoting))

    assert sent.answer is not None
    assert sent.answer.json() == {"detail": "bad key [key]"}
    assert no_leaks(sent)


@pytest.mark.parametrize(
    "path",
    ["create", "", "/", "//evil.example/x", "@evil.example/", "/a/../b", "/a/%2e%2e/b", "/a%2F..%2Fb", "/a" * 3000],
)
def test_no_path_leads_away_from_the_api(path: str) -> None:
    async def run() -> Server:
        async with serving(answering(answer())) as server, line(server.url) as opened:
            with pytest.raises(TransportError) as caught:
                await opened.submit(path, BODY)
            assert caught.value.kind == "unsafe"
            return server

    assert asyncio.run(run()).connections == 0


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "naïve"])
def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(TransportError) as caught:
        ProviderConnection(Api("https://api.example", "SOME_API_KEY"), key, Clock(), "1.2")
    assert key not in repr(caught.value)


def test_a_key_never_travels_unencrypted() -> None:
    with pytest.raises(TransportError, match="https"):
        ProviderConnection(Api("http://api.example", "SOME_API_KEY"), KEY, Clock(), "1.2")
