"""What `[webhooks]` may say, and what comes of it."""

from __future__ import annotations

import pytest

from bridge.core.web_address import host_and_port, is_reachable_url, new_secret, webhook_address


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1:8765", ("127.0.0.1", 8765)),
        ("localhost:1", ("localhost", 1)),
        ("[::1]:65535", ("::1", 65535)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
        ("::1:80", None),
        ("127.0.0.1", None),
        (":80", None),
        ("host:", None),
        ("host:65536", None),
        ("host:-1", None),
        ("host:²", None),
        (80, None),
    ],
)
def test_listen(text: object, found: object) -> None:
    assert host_and_port(text) == found


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://hooks.example.com", True),
        ("https://hooks.example.com/game/", True),
        ("http://127.0.0.1:80/x", True),
        ("http://hooks.example.com", False),
        ("https://", False),
        ("https://example.com/?a=b", False),
        ("https://example.com/#a", False),
        ("https://[", False),
        ("hooks.example.com", False),
        (None, False),
    ],
)
def test_public_url(url: object, good: bool) -> None:
    assert is_reachable_url(url) is good


def test_without_a_public_url_they_are_off() -> None:
    assert webhook_address({}) is None
    assert webhook_address({"listen": "127.0.0.1:1"}) is None


def test_every_order_gets_an_address_of_its_own() -> None:
    address = webhook_address({"public_url": "https://example.com/hooks/", "listen": "[::1]:9"})
    assert address is not None
    assert (address.host, address.port) == ("::1", 9)
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(secret) for secret in secrets} == {43}
    assert address.url_for("abc") == "https://example.com/hooks/abc"
