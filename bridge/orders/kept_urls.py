"""Addresses at which providers keep what they delivered: which are worth keeping, and which another one could use."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

from bridge.core.errors import UserError
from bridge.media.images import decode, pixel_hash
from bridge.orders.model import KeptUrl

if TYPE_CHECKING:
    from bridge.orders.journal import Journal
    from bridge.providers.api import ResultFile, StepResult

LONGEST = 2048
MARGIN = 600.0
"""Seconds that an address has to live on: the provider that is given it may fetch it only when its queue allows."""
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


def urls_of_result(result: StepResult, now: float, base_url: str) -> list[KeptUrl]:
    """The addresses of the single pictures of a result, which was delivered just now.

    base_url: of the provider's API; paths are on its host.
    """
    return [
        KeptUrl(pixels, url, None if address.lives is None else now + address.lives)
        for file in result.files
        if (address := file.address) is not None
        and (url := _absolute_url(address.url, base_url))
        and (pixels := _picture_hash(file))
    ]


def _absolute_url(url: str, base_url: str) -> str:
    """An address that can be given to others; empty for what is none."""
    absolute = urljoin(base_url, url) if url.startswith("/") and not url.startswith("//") else url
    return absolute if is_reachable(absolute, base_url) else ""


def _picture_hash(file: ResultFile) -> str:
    """The hash of the only picture of a file; empty for anything else."""
    if not file.media_type.startswith("image/"):
        return ""
    try:
        frames = decode(file.data, file.name)
    except UserError:
        return ""
    return pixel_hash(frames[0].pixels) if len(frames) == 1 else ""


def is_reachable(url: str, base_url: str) -> bool:
    """Whether a provider whose API is at `base_url` could fetch an address: https, or both are stand-ins on this
    machine."""
    try:
        parts, base = urlsplit(url), urlsplit(base_url)
        plain = not (parts.username or parts.password) and parts.port != 0
    except ValueError:
        return False
    fits = plain and len(url) <= LONGEST and url.isascii() and url.isprintable() and " " not in url
    return fits and bool(parts.hostname) and (parts.scheme == "https" or (_is_local(parts) and _is_local(base)))


def _is_local(parts: SplitResult) -> bool:
    return parts.scheme == "http" and parts.hostname in _HERE


def list_live_urls(journal: Journal, pixels: str, base_url: str) -> list[KeptUrl]:
    """Addresses of a picture that have not ended as far as is known, for a provider at `base_url`."""
    until = journal.clock.now() + MARGIN
    return [
        kept
        for kept in journal.kept_urls.list_for(pixels)
        if (kept.expires is None or kept.expires > until) and is_reachable(kept.url, base_url)
    ]
