"""An address in an answer or a spec leads nowhere inside, and a key goes to its own service alone."""

from __future__ import annotations

import ast
import asyncio
import ssl
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from bridge.http.download import DownloadRules
from bridge.http.outcome import Answer, Outcome, TransportError
from tests.unit.http.lines import KEY, line
from tests.unit.http.scripted_server import answer, answering, serving
from tests.unit.test_repository import modules, name_of, text_of

API = "https://api.example.com/v2"
HOSTS = (".storage.example",)
PUBLIC = "93.184.216.34"
# The service of a cloud that gives keys to whoever asks from inside, in every spelling that some resolver takes.
METADATA = [
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0xa9.0xfe.0xa9.0xfe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.254.169.254.",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[::169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::a9fe:a9fe]",
    "[2002:a9fe:a9fe::]",
    "[2001:0:a9fe:a9fe::]",
    "[2606:2800:220:1:0:5efe:a9fe:a9fe]",
    "[fd00:ec2::254]",
    "[fe80::1%25eth0]",
    "100.100.100.200",
    "metadata.google.internal",
    "localhost",
    "127.1",
    "0",
]
# Names that look like one that is allowed.
LOOKALIKES = [
    "https://api.example.com@evil.example/x",
    "https://api.example.com:443@evil.example/x",
    "https://key:word@api.example.com/x",
    "https://evil.example#@api.example.com/x",
    "https://evil.example\\@api.example.com/x",
    "https://api.example.com.evil.example/x",
    "https://api.example.com./x",
    "https://evilstorage.example/x",
    "https://.storage.example/x",
    "https://a..storage.example/x",
    "https://\u0430pi.example.com/x",
    "https://api\u3002example.com/x",
    "https://api.example\uff0ecom/x",
    "https://xn--pi-7kc.example.com/x",
    "https://api.example.com\u200b/x",
    "https://api.example.com%2f@evil.example/x",
    "https://api.example.com\n.evil.example/x",
    "https://api.example.com\x00.storage.example/x",
    "https://api.example.com:99999/x",
    "https://api.example.com:-1/x",
    "http://api.example.com/x",
    "//api.example.com/x",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    "file:///etc/passwd",
    "gopher://api.example.com/x",
]
INSIDE = [
    "169.254.169.254",
    "100.100.100.200",
    "100.127.255.255",
    "192.88.99.1",
    "198.19.255.255",
    "203.0.113.7",
    "233.252.0.1",
    "250.1.2.3",
    "fd00:ec2::254",
    "fe80::1%eth0",
    "::ffff:10.0.0.1",
    "::10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:a00:1::1",
    "2001:0:a00:1::1",
    "2606:2800:220:1:0:5efe:a00:1",
    "2606:2800:220:1:200:5efe:a00:1",
    "100::1",
    "3fff::1",
    "5f00::1",
    "2001:db8::1",
    "ff0e::1",
]


class Resolver:
    """Answers the first question with the first addresses, and so on: a name that changes where it leads."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def check_refused(url: str, *addresses: str) -> str:
    resolver = Resolver(addresses or (PUBLIC,))
    with pytest.raises(TransportError) as caught:
        asyncio.run(DownloadRules(API, HOSTS, resolver).check_url(url))
    assert caught.value.kind == "unsafe"
    return caught.value.detail


@pytest.mark.parametrize("host", METADATA)
def test_no_spelling_of_an_inner_address_is_asked(host: str) -> None:
    check_refused(f"https://{host}/latest/meta-data/")


@pytest.mark.parametrize("url", LOOKALIKES, ids=ascii)
def test_no_name_that_looks_like_another_is_asked(url: str) -> None:
    check_refused(url)


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("beside", [(), (PUBLIC,)])
def test_a_good_name_that_leads_inside_is_refused(address: str, beside: tuple[str, ...]) -> None:
    assert "private network" in check_refused("https://one.storage.example/x", *beside, address)


def test_a_name_is_looked_up_once_and_the_connection_goes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between check and use the name leads inside: nobody looks again."""
    resolver = Resolver([PUBLIC], ["127.0.0.1"])
    sent: list[httpx.Request] = []

    async def handle(_transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b"png"))

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)

    async def run() -> Answer:
        async with line(API, hosts=HOSTS, resolver=resolver) as opened:
            return await opened.download("https://one.storage.example/x")

    assert asyncio.run(run()).body == b"png"
    assert resolver.asked == ["one.storage.example"]
    [request] = sent
    assert request.url.host == PUBLIC
    assert request.extensions["sni_hostname"] == "one.storage.example"
    assert request.headers["host"] == "one.storage.example"
    assert KEY not in str(request.headers.raw)


def test_every_redirect_is_looked_up_and_checked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver([PUBLIC], ["169.254.169.254"])
    sent: list[str] = []

    async def handle(_transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        sent.append(request.url.host)
        return httpx.Response(302, headers={"location": "https://two.storage.example/x"}, stream=httpx.ByteStream(b""))

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)

    async def run() -> None:
        async with line(API, hosts=HOSTS, resolver=resolver) as opened:
            await opened.download("https://one.storage.example/x")

    with pytest.raises(TransportError, match="private network"):
        asyncio.run(run())
    assert sent == [PUBLIC]


def test_an_answer_that_sends_a_request_elsewhere_is_not_followed() -> None:
    async def run() -> tuple[str, Outcome, int]:
        async with serving(answering(answer())) as elsewhere:
            moved = answer(307, b"", {"location": f"{elsewhere.url}/steal"})
            async with serving(answering(moved)) as api, line(f"{api.url}/v2") as opened:
                with pytest.raises(TransportError) as caught:
                    await opened.get("/jobs/1")
                sent = await opened.submit("/generate", b"{}")
            return caught.value.kind, sent.outcome, elsewhere.connections

    assert asyncio.run(run()) == ("unsafe", Outcome.UNKNOWN, 0)


@pytest.mark.parametrize(
    "path",
    ["//evil.example/x", "/../x", "/%2e%2e/x", "/x?key=1", "/x#y", "/@evil.example\\", "/x\r\nHost: evil", "x"],
)
def test_an_id_of_an_answer_leads_nowhere_else(path: str) -> None:
    async def run() -> int:
        async with serving(answering(answer())) as api, line(f"{api.url}/v2") as opened:
            with pytest.raises(TransportError):
                await opened.get(f"{path}")
            return api.connections

    assert asyncio.run(run()) == 0


def test_neither_proxies_nor_passwords_of_the_environment_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password thief\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    async def run() -> tuple[int, list[str]]:
        async with serving(answering(answer())) as proxy:
            for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
                monkeypatch.setenv(name, proxy.url)
            async with serving(answering(answer())) as api, line(f"{api.url}/v2") as opened:
                await opened.get("/jobs/1")
                await opened.submit("/generate", b"{}")
                await opened.download(f"{api.url}/x")
            return proxy.connections, [request.headers["authorization"] for request in api.requests]

    assert asyncio.run(run()) == (0, [f"Bearer {KEY}"] * 3)


def test_certificates_are_checked_against_those_of_the_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts: list[ssl.SSLContext] = []
    plain = httpx.create_ssl_context

    def note(*, trust_env: bool) -> ssl.SSLContext:
        contexts.append(plain(trust_env=trust_env))
        return contexts[-1]

    monkeypatch.setattr(httpx, "create_ssl_context", note)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "thief.pem"))

    async def run() -> None:
        async with line(API):
            pass

    asyncio.run(run())
    [context] = contexts
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize(
    "base",
    ["http://10.0.0.1/v2", "http://api.example.com", "https://user:word@api.example.com", "https://[fe80::1%25x]/"],
)
def test_an_api_is_reached_by_https_and_without_passwords(base: str) -> None:
    with pytest.raises(TransportError):
        DownloadRules(base, HOSTS)


def test_one_module_speaks_to_the_web() -> None:
    """Everything that leaves this machine goes through the rules above; `http.client` speaks to our own daemon."""
    clients = {
        "httpx",
        "requests",
        "aiohttp",
        "urllib3",
        "urllib.request",
        "http.client",
        "ftplib",
        "smtplib",
        "telnetlib",
    }
    users = {
        (name_of(path), module)
        for path in modules("bridge", "exporters")
        for node in ast.walk(ast.parse(text_of(path)))
        for module in _imported(node)
        if module in clients
    }
    assert users == {("bridge/http/client.py", "httpx"), ("bridge/daemon/runtime.py", "http.client")}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []
