"""Free requests: tried again while that is sensible, then a clear error."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bridge.http import waits
from bridge.http.outcome import Answer, TransportError
from tests.unit.http.lines import KEY, SHORT, Clock, line
from tests.unit.http.scripted_server import (
    Connection,
    Script,
    Server,
    answer,
    answering,
    close_unread,
    reset_unread,
    serving,
    then,
    unused_port,
)

GOOD = answering(answer(200, b'{"status": "done"}'))


def get(*scripts: Script, clock: Clock | None = None, **options: Any) -> tuple[Answer | TransportError, Server]:
    async def run() -> tuple[Answer | TransportError, Server]:
        async with serving(*scripts) as server, line(server.url, clock=clock, **options) as opened:
            try:
                return await opened.get("/jobs/1", {"page": 2, "tag": "a&b"}), server
            except TransportError as error:
                return error, server

    return asyncio.run(run())


def failure(*scripts: Script, clock: Clock | None = None) -> tuple[TransportError, Server]:
    result, server = get(*scripts, clock=clock)
    assert isinstance(result, TransportError)
    return result, server


def test_the_request_names_the_key_and_the_parameters() -> None:
    result, server = get(GOOD)

    assert isinstance(result, Answer)
    assert result.json() == {"status": "done"}
    [request] = server.requests
    assert (request.method, request.target) == ("GET", "/jobs/1?page=2&tag=a%26b")
    assert request.headers["authorization"] == f"Bearer {KEY}"


PASSING = [
    pytest.param(reset_unread, "interrupted", id="reset before reading"),
    pytest.param(close_unread, "interrupted", id="close before reading"),
    pytest.param(then(b"", reset=True), "interrupted", id="read, then reset"),
    pytest.param(then(b"", silence=True), "interrupted", id="silence"),
    pytest.param(then(b"HTTP/1.1 20"), "interrupted", id="half a status line"),
    pytest.param(then(answer(200, b'{"id', length=40)), "interrupted", id="half a body"),
    pytest.param(then(answer(408)), "interrupted", id="408"),
    pytest.param(then(answer(425)), "interrupted", id="425"),
    pytest.param(then(answer(429)), "rate_limited", id="429"),
    pytest.param(then(answer(529)), "rate_limited", id="529"),
    pytest.param(then(answer(500)), "server", id="500"),
    pytest.param(then(answer(503)), "server", id="503"),
]


@pytest.mark.parametrize(("script", "kind"), PASSING)
def test_what_may_pass_is_tried_again(script: Script, kind: str) -> None:
    del kind
    clock = Clock()
    result, server = get(script, script, GOOD, clock=clock)

    assert isinstance(result, Answer)
    assert server.connections == 3
    assert clock.slept == [0.5, 1.0]


@pytest.mark.parametrize(("script", "kind"), PASSING)
def test_after_four_tries_it_is_an_error(script: Script, kind: str) -> None:
    error, server = failure(script)

    assert error.kind == kind
    assert error.is_temporary
    assert server.connections == 4
    assert KEY not in repr(error)
    assert "127.0.0.1" not in str(error)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 410, 422, 423])
def test_a_refusal_is_not_tried_again_and_keeps_the_answer(status: int) -> None:
    error, server = failure(answering(answer(status, b'{"detail": "no"}', {"Retry-After": "9"})))

    assert (error.kind, error.status, error.retry_after, error.is_temporary) == ("refused", status, 9.0, False)
    assert error.answer is not None
    assert error.answer.json() == {"detail": "no"}
    assert len(server.requests) == 1


def test_the_api_itself_may_not_redirect() -> None:
    error, server = failure(answering(answer(302, b"", {"location": "http://169.254.169.254/"})))

    assert (error.kind, error.status) == ("unsafe", 302)
    assert len(server.requests) == 1


def test_nobody_at_home_is_offline() -> None:
    clock = Clock()

    async def run() -> None:
        async with line(f"http://127.0.0.1:{unused_port()}", clock=clock) as opened:
            await opened.get("/jobs/1")

    with pytest.raises(TransportError) as caught:
        asyncio.run(run())
    assert caught.value.kind == "offline"
    assert clock.slept == [0.5, 1.0, 2.0]


def test_an_answer_that_only_drips_ends_at_the_deadline() -> None:
    async def drip(connection: Connection) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        while True:
            await connection.send(b".")
            await asyncio.sleep(0.02)

    result, _ = get(drip, patience=replace(SHORT, read=5.0, total=0.15))
    assert isinstance(result, TransportError)
    assert result.kind == "interrupted"


@pytest.mark.parametrize(
    ("headers", "slept"),
    [
        pytest.param({"Retry-After": "17"}, 17.0, id="seconds"),
        pytest.param({"Retry-After": "Fri, 15 Jan 2027 08:00:42 GMT"}, 42.0, id="a date"),
        pytest.param({"Retry-After": "0"}, 0.5, id="at once is too soon"),
        pytest.param({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800000055"}, 55.0, id="reset as a moment"),
        pytest.param({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "21"}, 21.0, id="reset in seconds"),
        pytest.param({"X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "21"}, 0.5, id="some remain"),
    ],
)
def test_a_wait_that_the_answer_asks_for_is_kept(headers: Mapping[str, str], slept: float) -> None:
    clock = Clock()
    result, _ = get(then(answer(429, b"", headers)), GOOD, clock=clock)

    assert isinstance(result, Answer)
    assert clock.slept == [slept]


def test_a_very_long_wait_is_the_callers_to_decide() -> None:
    clock = Clock()
    error, server = failure(then(answer(429, b"", {"Retry-After": "3600"})), GOOD, clock=clock)

    assert error.retry_after == 3600.0
    assert clock.slept == []
    assert len(server.requests) == 1


def test_an_idle_connection_that_was_closed_is_opened_anew() -> None:
    async def run() -> tuple[Server, Clock]:
        clock = Clock()
        async with serving(then(answer()), GOOD) as server, line(server.url, clock=clock) as opened:
            await opened.get("/one")
            await asyncio.sleep(0.05)
            await opened.get("/two")
            return server, clock

    server, clock = asyncio.run(run())
    assert [request.target for request in server.requests] == ["/one", "/two"]
    assert clock.slept == []


def test_status_requests_share_a_connection() -> None:
    async def run() -> Server:
        async with serving(GOOD) as server, line(server.url) as opened:
            for _ in range(3):
                await opened.get("/jobs/1")
            return server

    server = asyncio.run(run())
    assert (server.connections, len(server.requests)) == (1, 3)


def test_every_try_asks_the_rate_limit_and_is_heard() -> None:
    events: list[object] = []

    async def before() -> None:
        events.append("before")

    def heard(_headers: Mapping[str, str], status: int) -> None:
        events.append(status)

    get(then(answer(503)), GOOD, before_request=before, on_answer=heard)
    assert events == ["before", 503, "before", 200]


def test_cookies_are_not_kept() -> None:
    async def run() -> Server:
        async with serving(answering(answer(200, b"", {"set-cookie": "a=b"}))) as server, line(server.url) as opened:
            await opened.get("/one")
            await opened.get("/two")
            return server

    assert "cookie" not in asyncio.run(run()).requests[1].headers


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Fri, 99 Foo 2027 08:00:42 GMT"}, None),
        ({"retry-after": "Fri, 15 Jan 2027 07:00:00 GMT"}, 0.0),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 15 Jan 2027 09:00:30 +0100"}, 30.0),
        ({"x-ratelimit-reset": "12"}, None),
        ({"x-ratelimit-remaining": "0"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000010"}, 10.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000010500"}, 10.5),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000000"}, 0.0),
        ({"retry-after": "2", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "12"}, 2.0),
    ],
)
def test_waits_are_read_in_all_their_forms(headers: Mapping[str, str], seconds: float | None) -> None:
    assert waits.asked_wait(headers, 1_800_000_000.0) == seconds


def test_waits_double_and_spread() -> None:
    assert [waits.backoff(attempt, 0.0) for attempt in range(3)] == [0.5, 1.0, 2.0]
    assert [waits.backoff(attempt, 0.5) for attempt in range(3)] == [0.75, 1.5, 3.0]
