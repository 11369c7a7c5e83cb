"""What the gate lets through, over real HTTP: Host × Origin × token, methods, content types, sizes."""

from __future__ import annotations

import itertools
import socket

import pytest

from bridge.daemon.api.routes import ENDPOINTS
from bridge.daemon.limits import LIMITS
from tests.pipeline.daemon_client import Client

HOSTS = {
    "own": "127.0.0.1:{port}",
    "localhost": "localhost:{port}",
    "ipv6": "[::1]:{port}",
    "evil": "evil.example",
    "rebinding": "attacker.example:{port}",
    "nip": "127.0.0.1.nip.example:{port}",
    "trailing dot": "localhost.:{port}",
    "upper case": "LOCALHOST:{port}",
    "without port": "127.0.0.1",
    "other port": "127.0.0.1:1",
    "missing": None,
}
ORIGINS = {"none": None, "null": "null", "evil": "https://evil.example", "own": "http://127.0.0.1:{port}"}
TOKENS = {"none": None, "wrong": "Bearer " + "0" * 64, "right": "Bearer {token}", "bare": "{token}"}
METHODS = ("GET", "POST")


def _filled(text: str | None, client: Client) -> str | None:
    return text and text.format(port=client.runtime.port, token=client.runtime.token)


@pytest.mark.parametrize(
    ("host", "origin", "token", "method"), list(itertools.product(HOSTS, ORIGINS, TOKENS, METHODS))
)
def test_the_header_matrix(client: Client, host: str, origin: str, token: str, method: str) -> None:
    answer = client.ask(
        method,
        "/v1/health" if method == "GET" else "/v1/assets/0000000000000000/build",
        None if method == "GET" else {},
        {
            "Host": _filled(HOSTS[host], client),
            "Origin": _filled(ORIGINS[origin], client),
            "Authorization": _filled(TOKENS[token], client),
        },
    )
    if host == "missing":
        # HTTP/1.1 itself demands a Host (RFC 9112, 3.2): refused before it is ours to refuse.
        assert answer.status == 400
        return
    if host not in ("own", "localhost", "ipv6") or origin != "none":
        assert (answer.status, answer.code) == (403, "forbidden")
    elif token != "right":
        assert (answer.status, answer.code) == (401, "unauthorized")
    elif method == "GET":
        assert answer.status == 200
    else:
        assert (answer.status, answer.code) == (404, "unknown_asset")
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("site", "status"), [("none", 200), ("same-origin", 200), ("same-site", 403), ("cross-site", 403), ("x", 403)]
)
def test_what_browsers_say_of_themselves(client: Client, site: str, status: int) -> None:
    assert client.ask("GET", "/v1/health", headers={"Sec-Fetch-Site": site}).status == status


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 404),
        ("application/json; charset=utf-8", 404),
        ("APPLICATION/JSON", 404),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonp", 415),
        (None, 415),
    ],
)
def test_writes_are_json(client: Client, kind: str | None, status: int) -> None:
    path = client.asset("art/none", "/build")
    assert client.ask("POST", path, {}, {"Content-Type": kind}).status == status


@pytest.mark.parametrize("header", ["Host", "Authorization", "Origin", "Content-Type"])
def test_a_deciding_header_that_comes_twice_is_refused(client: Client, header: str) -> None:
    runtime = client.runtime
    lines = {
        "Host": f"127.0.0.1:{runtime.port}",
        "Authorization": f"Bearer {runtime.token}",
        "Content-Type": "application/json",
    }
    text = "GET /v1/health HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    text += f"{header}: {lines.get(header, 'null')}\r\n" * (2 if header == "Origin" else 1) + "\r\n"
    with socket.create_connection(("127.0.0.1", runtime.port), timeout=10) as connection:
        connection.sendall(text.encode())
        assert connection.recv(4096).split(b"\r\n")[0].split(b" ")[1] == b"400"


def test_a_body_of_the_limit_is_read_and_one_byte_more_is_not(client: Client) -> None:
    path = client.asset("art/rock", "/build")
    most = b'{"a": "' + b"x" * (LIMITS.body_bytes - 9) + b'"}'
    assert len(most) == LIMITS.body_bytes
    assert client.ask("POST", path, most).status == 400
    assert client.ask("POST", path, most + b" ").status == 413
    assert client.ask("POST", path, most * 3).status == 413


def test_a_body_in_chunks_has_the_same_limit(client: Client) -> None:
    runtime = client.runtime
    head = (
        f"POST /v1/build HTTP/1.1\r\nHost: 127.0.0.1:{runtime.port}\r\nAuthorization: Bearer {runtime.token}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", runtime.port), timeout=10) as connection:
        connection.sendall(head.encode() + chunk * 17 + b"0\r\n\r\n")
        assert connection.recv(4096).split(b" ")[1] == b"413"


def test_nothing_is_read_of_who_has_no_token(client: Client) -> None:
    answer = client.ask("POST", "/v1/build", b"not json", {"Authorization": None, "Content-Type": "text/plain"})
    assert answer.status == 401


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v1/health/", "/..", "/v1/jobs/1/steal"])
def test_unknown_addresses_have_the_error_shape(client: Client, path: str) -> None:
    method = "POST" if "jobs" in path else "GET"
    answer = client.ask(method, path, {} if method == "POST" else None)
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_wrong_method_has_the_error_shape(client: Client) -> None:
    answer = client.ask("DELETE", "/v1/assets", {})
    assert (answer.status, answer.code) == (405, "not_found")


def test_a_preflight_is_answered_with_nothing_that_allows(client: Client) -> None:
    answer = client.ask("OPTIONS", "/v1/build", {}, {"Access-Control-Request-Method": "POST"})
    assert answer.status == 405
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "key",
    [
        "..%2f..%2fassetbridge.toml",
        "%2e%2e",
        "art%2frock",
        "art/rock",
        "....//",
        "0" * 16,
        "%00",
        "a" * 4000,
        "C:%5Cwindows",
    ],
)
@pytest.mark.parametrize("rest", ["", "/preview.png", "/variants"])
def test_keys_lead_to_assets_and_nowhere_else(client: Client, key: str, rest: str) -> None:
    answer = client.ask("GET", f"/v1/assets/{key}{rest}")
    assert answer.status == 404
    assert answer.code in ("not_found", "unknown_asset")


@pytest.mark.parametrize("asset_id", ["../outside", "/etc/x", "art/../../x", "con", "a\\b", "art//x", "art/.hidden"])
def test_new_specs_stay_in_the_project(client: Client, asset_id: str) -> None:
    before = sorted(client.root.parent.rglob("*.asset.toml"))
    answer = client.ask("POST", "/v1/specs", {"kind": "sprite", "id": asset_id})
    assert (answer.status, answer.code) == (400, "id_invalid")
    assert sorted(client.root.parent.rglob("*.asset.toml")) == before


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff", b'{"ids": "x"}', b'{"ids": [1]}', b"{}", b"[" * 5000])
def test_bodies_that_make_no_sense_are_refused(client: Client, body: bytes) -> None:
    answer = client.ask("POST", "/v1/build", body)
    assert (answer.status, answer.code) == (400, "bad_request")


def test_every_address_is_described(client: Client) -> None:
    paths = client.get("/v1/openapi.json")["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert described == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    assert all(operation["summary"] for methods in paths.values() for operation in methods.values())
