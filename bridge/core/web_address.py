"""`[webhooks]`: where hints are received, and how the outside reaches it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

DEFAULT_LISTEN = "127.0.0.1:8765"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """host, port: what is listened on (port 0: a free one). public_url: without a trailing slash."""

    host: str
    port: int
    public_url: str

    def url_for(self, secret: str) -> str:
        """The address that a provider is given for one order."""
        return f"{self.public_url}/{secret}"


def webhook_address(table: Mapping[str, Any]) -> WebhookAddress | None:
    """The checked `[webhooks]` table; None where webhooks are off, which they are without a public URL."""
    url = str(table.get("public_url", "")).rstrip("/")
    if not url:
        return None
    host, port = host_and_port(table.get("listen", DEFAULT_LISTEN)) or ("", 0)
    return WebhookAddress(host, port, url)


def new_secret() -> str:
    """256 random bits as 43 characters that an address may hold."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def host_and_port(text: Any) -> tuple[str, int] | None:
    """`127.0.0.1:8765` or `[::1]:8765` taken apart; None for anything else."""
    if not isinstance(text, str):
        return None
    host, sign, port = text.rpartition(":")
    whole = host.startswith("[") and host.endswith("]")
    host = host.strip("[]")
    if not sign or not host or (":" in host and not whole) or not port.isascii() or not port.isdigit():
        return None
    return (host, int(port)) if int(port) < 1 << 16 else None


def is_reachable_url(url: Any) -> bool:
    """Whether an address can be given to a provider: https, or this machine itself (a stand-in for tests)."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or plain) and not (parts.query or parts.fragment)
