"""Downloads: only from where a provider keeps results, never from inside, and the key stays with the API."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.http.download import DownloadRules, DownloadTarget, Resolver, follow_redirects, resolve_host, split_url
from bridge.http.outcome import Answer, TransportError
from tests.unit.http.lines import KEY, Clock, line
from tests.unit.http.scripted_server import (
    Connection,
    Server,
    answer,
    answering,
    reset_unread,
    serving,
    then,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
PUBLIC = "93.184.216.34"
HOSTS = ("files.example.net", ".storage.example")


def resolver(*addresses: str) -> Resolver:
    async def look_up(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return look_up


def target(url: str, *addresses: str, base: str = "https://api.example.com/v2") -> DownloadTarget:
    return asyncio.run(DownloadRules(base, HOSTS, resolver(*(addresses or (PUBLIC,)))).check_url(url))


def refused(url: str, *addresses: str, base: str = "https://api.example.com/v2") -> TransportError:
    with pytest.raises(TransportError) as caught:
        target(url, *addresses, base=base)
    assert caught.value.kind == "unsafe"
    return caught.value


@pytest.mark.parametrize(
    ("url", "authority", "raw_path"),
    [
        ("https://api.example.com/v2/jobs/1/file", "api.example.com", "/v2/jobs/1/file"),
        ("https://API.Example.com:443", "api.example.com", "/"),
        ("https://files.example.net/a%20b/ü.png?sig=a%2Fb+c&t=1#top", "files.example.net", None),
        ("https://one.storage.example:8443/x", "one.storage.example:8443", "/x"),
        ("https://one.two.storage.example/x?", "one.two.storage.example", "/x"),
    ],
)
def test_allowed_addresses_pass_unchanged(url: str, authority: str, raw_path: str | None) -> None:
    passed = target(url)

    assert passed.origin.authority == authority
    assert passed.raw_path == (raw_path or "/a%20b/%C3%BC.png?sig=a%2Fb+c&t=1")
    assert passed.addresses == (PUBLIC,)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/x",
        "ftp://api.example.com/x",
        "file:///etc/passwd",
        "//api.example.com/x",
        "api.example.com/x",
        "",
        "https://",
        "https://evil.example/x",
        "https://example.com/x",
        "https://api.example.com.evil.example/x",
        "https://notfiles.example.net/x",
        "https://storage.example/x",
        "https://evilstorage.example/x",
        "https://api.example.com@evil.example/x",
        "https://evil.example@api.example.com/x",
        "https://user:word@api.example.com/x",
        "https://evil.example\\@api.example.com/x",
        "https://evil.example/\\api.example.com",
        "https://api.example.com\t.evil.example/x",
        " https://api.example.com/x",
        "https://api.example.com/x\r\nHost: evil.example",
        "https://api.example.com./x",
        "https://api.example.com:99999/x",
        "https://api.example.com:x/x",
        "https://[::1/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://ａpi.example.com/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://api.example.com/" + "x" * 70_000,
        "data:image/png;base64,iVBORw0KGgo=",
    ],
    ids=lambda url: ascii(url[:60]),
)
def test_every_other_address_is_refused(url: str) -> None:
    refused(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.216.34",
        "::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::10.0.0.1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "not an address",
    ],
)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    assert "private network" in str(refused("https://files.example.net/x", address))
    assert "private network" in str(refused("https://files.example.net/x", PUBLIC, address))


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_public_addresses_are_pinned(address: str) -> None:
    assert target("https://files.example.net/x", address).addresses == (address,)


def test_an_api_on_this_machine_hands_out_addresses_of_this_machine_only() -> None:
    for base in ("http://127.0.0.1:8000/v2", "http://localhost:8000", "http://[::1]:8000"):
        assert target("http://files.example.net:9/x", "127.0.0.1", base=base).addresses == ("127.0.0.1",)
        refused("http://files.example.net/x", PUBLIC, base=base)
        refused("http://files.example.net/x", "169.254.169.254", base=base)
        refused("http://elsewhere.example/x", "127.0.0.1", base=base)


@pytest.mark.parametrize("base", ["http://api.example.com", "http://192.168.0.2", "ftp://127.0.0.1", "api.example.com"])
def test_other_apis_have_to_be_encrypted(base: str) -> None:
    with pytest.raises(TransportError):
        DownloadRules(base)


@pytest.mark.parametrize(("raised", "kind"), [(OSError("no such name"), "offline"), (UnicodeError("label"), "unsafe")])
def test_names_that_cannot_be_looked_up(raised: Exception, kind: str) -> None:
    async def look_up(_host: str, _port: int) -> Sequence[str]:
        raise raised

    with pytest.raises(TransportError) as caught:
        asyncio.run(DownloadRules("https://api.example.com", HOSTS, look_up).check_url("https://files.example.net/x"))
    assert caught.value.kind == kind


def test_this_machine_can_look_itself_up() -> None:
    assert "127.0.0.1" in asyncio.run(resolve_host("127.0.0.1", 80))


def chain(*urls: str) -> tuple[list[tuple[str, bool]], Answer | TransportError]:
    """What follows from a first address and redirects to all the others: who was asked, with the key or without."""
    asked: list[tuple[str, bool]] = []

    async def fetch(step: DownloadTarget, with_key: bool) -> Answer:
        asked.append((step.origin.authority + step.raw_path, with_key))
        following = urls[len(asked)] if len(asked) < len(urls) else ""
        return Answer(302, {"location": following}, b"") if following else Answer(200, {}, PNG)

    async def run() -> Answer | TransportError:
        try:
            return await follow_redirects(
                urls[0], DownloadRules("https://api.example.com/v2", HOSTS, resolver(PUBLIC)), fetch
            )
        except TransportError as error:
            return error

    return asked, asyncio.run(run())


def test_the_key_goes_to_the_api_and_not_along_with_redirects() -> None:
    asked, result = chain(
        "https://api.example.com/v2/file", "/v2/other", "https://files.example.net/x", "https://api.example.com/v2/back"
    )

    assert isinstance(result, Answer)
    assert asked == [
        ("api.example.com/v2/file", True),
        ("api.example.com/v2/other", True),
        ("files.example.net/x", False),
        ("api.example.com/v2/back", False),
    ]


def test_another_port_of_the_api_is_another_place() -> None:
    asked, _ = chain("https://api.example.com:8443/x")
    assert asked == [("api.example.com:8443/x", False)]


def test_four_redirects_are_too_many() -> None:
    asked, result = chain(*(f"https://files.example.net/{number}" for number in range(5)))
    assert isinstance(result, TransportError)
    assert (result.kind, len(asked)) == ("unsafe", 4)


@pytest.mark.parametrize(
    "location",
    ["https://evil.example/x", "http://files.example.net/x", "http://169.254.169.254/", "file:///etc/passwd", "//[::1"],
)
def test_redirects_pass_the_same_rules(location: str) -> None:
    asked, result = chain("https://api.example.com/v2/file", location)
    assert isinstance(result, TransportError)
    assert (result.kind, len(asked)) == ("unsafe", 1)


async def collected(server: Server, url: str, **options: Any) -> Answer | TransportError:
    async with line(f"{server.url}/v2", hosts=HOSTS, resolver=resolver("127.0.0.1"), **options) as opened:
        try:
            return await opened.download(url, most=100_000)
        except TransportError as error:
            return error


def test_a_file_comes_whole() -> None:
    async def run() -> tuple[Answer | TransportError, Server]:
        async with serving(answering(answer(200, gzip.compress(PNG), {"content-encoding": "gzip"}))) as server:
            return await collected(server, f"{server.url}/files/a.png?t=1"), server

    result, server = asyncio.run(run())
    assert isinstance(result, Answer)
    assert result.body == PNG
    [request] = server.requests
    assert (request.target, request.headers["authorization"]) == ("/files/a.png?t=1", f"Bearer {KEY}")
    assert request.headers["user-agent"].startswith("Mozilla/5.0 (compatible; assetbridge/")


@given(
    st.text("abc0%/?:@!$&'()*+,;=~-._ü[]|\"<>^`{}", max_size=30).map(
        lambda text: re.sub("%(?![0-9a-f]{2})", "%25", text)
    )
)
@settings(max_examples=25)
def test_signed_addresses_arrive_as_they_were_checked(text: str) -> None:
    async def run() -> tuple[Server, str]:
        async with serving(answering(answer(200, PNG))) as server:
            url = f"{server.url}/files/a.png?sig={text}"
            await collected(server, url)
            return server, split_url(url)[1]

    server, raw_path = asyncio.run(run())
    assert [request.target for request in server.requests] == [raw_path]


def test_a_foreign_host_gets_its_own_name_and_no_key() -> None:
    heard: list[int] = []

    async def run() -> tuple[Answer | TransportError, Server, Server]:
        async with serving(answering(answer(200, PNG))) as storage:
            location = f"http://files.example.net:{storage.port}/x.png"
            async with serving(answering(answer(307, b"", {"location": location}))) as api:
                result = await collected(
                    api, f"{api.url}/v2/file", on_answer=lambda _headers, status: heard.append(status)
                )
                return result, api, storage

    result, api, storage = asyncio.run(run())
    assert isinstance(result, Answer)
    assert result.body == PNG
    assert api.requests[0].headers["authorization"] == f"Bearer {KEY}"
    [request] = storage.requests
    assert request.headers["host"] == f"files.example.net:{storage.port}"
    assert KEY not in repr(request)
    assert heard == [307], "a storage host says nothing about the API's rate limits"


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest/meta-data/", "http://evil.example/x"])
def test_a_redirect_to_a_forbidden_place_is_not_followed(location: str) -> None:
    async def run() -> tuple[Answer | TransportError, Server]:
        async with serving(answering(answer(302, b"", {"location": location}))) as server:
            return await collected(server, f"{server.url}/v2/file"), server

    result, server = asyncio.run(run())
    assert isinstance(result, TransportError)
    assert result.kind == "unsafe"
    assert len(server.requests) == 1, "trying again does not make it safe"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(answer(200, bytes(100_001)), id="declared"),
        pytest.param(answer(200, gzip.compress(bytes(50_000_000)), {"content-encoding": "gzip"}), id="bomb"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"c350\r\n" + bytes(50_000) + b"\r\n"
            b"c351\r\n" + bytes(50_001) + b"\r\n0\r\n\r\n",
            id="chunked",
        ),
    ],
)
def test_more_than_the_cap_is_refused(data: bytes) -> None:
    async def run() -> tuple[Answer | TransportError, Server]:
        async with serving(answering(data)) as server:
            return await collected(server, f"{server.url}/x"), server

    result, server = asyncio.run(run())
    assert isinstance(result, TransportError)
    assert result.kind == "too_large"
    assert len(server.requests) == 1


def test_exactly_the_cap_is_allowed() -> None:
    async def run() -> Answer | TransportError:
        packed = gzip.compress(bytes(60_000)) + gzip.compress(bytes(40_000))
        async with serving(answering(answer(200, packed, {"content-encoding": "gzip"}))) as server:
            return await collected(server, f"{server.url}/x")

    result = asyncio.run(run())
    assert isinstance(result, Answer)
    assert len(result.body) == 100_000


def test_a_broken_download_is_tried_again() -> None:
    clock = Clock()

    async def run() -> Answer | TransportError:
        half = then(answer(200, PNG[:20], length=len(PNG)))
        async with serving(reset_unread, half, answering(answer(200, PNG))) as server:
            return await collected(server, f"{server.url}/x", clock=clock)

    result = asyncio.run(run())
    assert isinstance(result, Answer)
    assert result.body == PNG
    assert clock.slept == [0.5, 1.0]


def test_an_address_that_takes_no_connection_is_passed_over() -> None:
    async def run() -> Answer:
        # Only 127.0.0.1 is listened at.
        both = resolver("::1", "127.0.0.1")
        async with serving(answering(answer(200, PNG))) as server, line(server.url, hosts=HOSTS, resolver=both) as it:
            return await it.download(f"http://files.example.net:{server.port}/x")

    assert asyncio.run(run()).body == PNG


def test_the_tls_handshake_names_the_host_and_goes_to_the_pinned_address() -> None:
    hellos: list[bytes] = []

    async def note(connection: Connection) -> None:
        hellos.append(await connection.reader.read(4096))

    async def run() -> Answer | TransportError:
        async with serving(note) as server:
            return await collected(server, f"https://one.storage.example:{server.port}/x")

    result = asyncio.run(run())
    assert isinstance(result, TransportError)
    assert result.kind == "offline"
    assert all(b"one.storage.example" in hello for hello in hellos)
    assert len(hellos) == 4


@pytest.mark.parametrize(("status", "kind"), [(403, "refused"), (404, "refused"), (410, "refused"), (300, "unsafe")])
def test_a_file_that_is_not_there_is_said_with_its_status(status: int, kind: str) -> None:
    async def run() -> Answer | TransportError:
        async with serving(answering(answer(status, b"<Error/>"))) as server:
            return await collected(server, f"{server.url}/x")

    result = asyncio.run(run())
    assert isinstance(result, TransportError)
    assert (result.kind, result.status) == (kind, status)


def test_an_origin_is_compared_without_the_default_port() -> None:
    assert split_url("https://Api.example.com:443/a")[0] == split_url("https://api.example.com/b")[0]
    assert split_url("http://[::1]:80/")[0].authority == "[::1]"
