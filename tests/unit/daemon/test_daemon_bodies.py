"""Bodies that JSON readers disagree on, or break at: one 4xx each, whatever the address; never a 500 or a traceback."""

from __future__ import annotations

import json

import pytest

from bridge.daemon.api.routes import ENDPOINTS
from bridge.daemon.limits import LIMITS
from tests.pipeline.daemon_client import Client

HALF = "\\ud800"
ADDRESSES = sorted(
    endpoint.path for endpoint in ENDPOINTS if endpoint.method == "POST" and endpoint.operation != "shutdown"
)
NO_JSON = {
    "nan": b'{"max_cost": NaN}',
    "infinity": b'{"max_cost": {"a": Infinity}}',
    "minus infinity": b"[-Infinity]",
    "nested lists": b"[" * 100_000,
    "nested objects": b'{"a":' * 100_000,
    "nested and closed": b"[" * 20_000 + b"]" * 20_000,
    "a number of a megabyte": b'{"variant": ' + b"9" * 900_000 + b"}",
    "a name twice": b'{"all": true, "all": false}',
    "a name twice inside": b'{"max_cost": {"a": 1, "a": 2}}',
    "half a pair as a name": f'{{"{HALF}": 1}}'.encode(),
    "latin-1": b'{"description": "\xe9"}',
    "utf-16": '{"all": true}'.encode("utf-16"),
    "a mark": b'\xef\xbb\xbf{"all": true}',
    "a half pair in utf-8": b'{"description": "\xed\xa0\x80"}',
    "two documents": b"{}{}",
    "a control character": b'{"a": "\x00"}',
    "a list": b"[]",
    "null": b"null",
    "a text": b'"all"',
}
HUGE = "9" * 4000
NO_SENSE: dict[str, dict[str, object]] = {
    "/v1/build": {
        "a cap of thousands of digits": {"all": True, "max_cost": {"a": int(HUGE)}},
        "a cap beyond numbers": {"all": True, "max_cost": {"a": "1e999999999"}},
        "not a number": {"all": True, "max_cost": {"a": "NaN"}},
        "a signaling one": {"all": True, "max_cost": {"a": "sNaN"}},
        "negative": {"all": True, "max_cost": {"a": "-1"}},
        "true": {"all": True, "max_cost": {"a": []}},
        "half a pair": {"ids": ["\ud800"]},
    },
    "/v1/specs": {
        "half a pair": {"kind": "sprite", "id": "art/x", "description": "\udfff"},
        "an id of one": {"kind": "sprite", "id": "art/\ud83d"},
        "a kind of one": {"kind": "\ud83d", "id": "art/x"},
        "a provider of one": {"kind": "sprite", "id": "art/x", "provider": "\ud83d"},
        "a zero": {"kind": "sprite", "id": "art/\u0000"},
        "a huge tile": {"kind": "tileset", "id": "art/x", "tile_size": int(HUGE)},
    },
    "/v1/approve": {"half a pair": {"digest": "\ud800"}},
}


@pytest.mark.parametrize("kind", NO_JSON)
def test_what_is_no_json_object_is_refused(client: Client, kind: str) -> None:
    answer = client.ask("POST", "/v1/build", NO_JSON[kind])
    assert (answer.status, answer.code) == (400, "bad_request")
    assert len(answer.body) < 1000


def test_no_address_takes_it(client: Client) -> None:
    """All addresses read bodies in one place; addresses of assets and orders that exist not are 404 before that."""
    key = client.asset("art/rock").rpartition("/")[2]
    for path in ADDRESSES:
        for kind in ("nan", "nested lists", "a name twice", "utf-16", "half a pair as a name"):
            answer = client.ask("POST", path.replace("{key}", key).replace("{number}", "1"), NO_JSON[kind])
            assert answer.status in (400, 404), (path, kind)


@pytest.mark.parametrize(("path", "kind"), [(path, kind) for path, documents in NO_SENSE.items() for kind in documents])
def test_values_that_nothing_can_hold_are_refused(client: Client, path: str, kind: str) -> None:
    answer = client.ask("POST", path, json.dumps(NO_SENSE[path][kind]).encode())
    assert 400 <= answer.status < 500, answer
    assert not list(client.root.glob("art/x*"))


@pytest.mark.parametrize("part", ["variant", "part"])
def test_picks_that_nothing_can_hold_are_refused(client: Client, part: str) -> None:
    body = {"variant": int(HUGE)} if part == "variant" else {"variant": 1, "part": "\ud800"}
    answer = client.ask("POST", client.asset("art/rock", "/pick"), json.dumps(body).encode())
    assert 400 <= answer.status < 500
    assert len(answer.body) < 10_000


@pytest.mark.parametrize(
    "path",
    [
        "/v1/events?wait=0&after=" + "9" * 5000,
        "/v1/events?wait=" + "9" * 5000,
        "/v1/events?wait=%F0%9D%9F%97",
        "/v1/events?after=%ED%A0%80&wait=0",
        "/v1/jobs?all=%00",
        "/v1/spend?by=%FF",
        "/v1/builds/" + "9" * 5000,
        "/v1/builds/%F0%9D%9F%97",
        "/v1/assets/%FF",
        "/v1/assets/" + "%2e" * 3000,
        "/%FF%FE",
    ],
)
def test_addresses_that_make_no_sense_have_one_answer(client: Client, path: str) -> None:
    answer = client.ask("GET", path)
    assert answer.status in (200, 400, 404)
    if answer.status == 200:
        assert answer.json["events"][0]["type"] == "reset"


def test_a_header_that_comes_at_once_has_the_same_limit(client: Client) -> None:
    answer = client.ask("GET", "/v1/health", headers={"X-Long": "x" * LIMITS.header_bytes})
    assert (answer.status, answer.code) == (431, "bad_request")
