"""Keeping keys out of texts that are written down or shown."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterable
from functools import lru_cache

MASK = "[key]"
# Shorter words are no keys, but may be part of ordinary ones.
SHORTEST = 8
# base64 encodes three bytes at a time, and a key may begin with any of the three.
_GROUP = 3

_known: set[str] = set()


def remember_secret(secret: str) -> None:
    """Has a secret masked in everything that this process shows from now on."""
    _known.add(secret)


def known_secrets() -> frozenset[str]:
    """Every secret that was read in this process."""
    return frozenset(_known)


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret of at least eight characters masked: as it is, over several lines, and encoded."""
    pattern = _secret_pattern(frozenset(secrets))
    return pattern.sub(MASK, text) if pattern else text


def secret_forms(secrets: Iterable[str]) -> list[str]:
    """All ways in which secrets may stand in a text, the longest first: a key may begin with another one.

    As they are, escaped for a URL, JSON, Python or HTML, as base64 of both alphabets, and as hexadecimal digits.
    """
    forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _encoded_forms(secret)}
    return sorted(forms, key=lambda form: (-len(form), form))


def _encoded_forms(secret: str) -> set[str]:
    from urllib.parse import quote

    raw = secret.encode()
    address, markup = quote(secret, safe=""), secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    forms = {secret, address, json.dumps(secret)[1:-1], repr(secret)[1:-1], markup}
    forms |= {re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), address)}
    forms |= {markup.replace('"', "&quot;").replace("'", apostrophe) for apostrophe in ("&#x27;", "&#39;", "&apos;")}
    forms |= {raw.hex(), raw.hex().upper()}
    for offset in range(_GROUP):
        # Whole groups only: the characters before and behind depend on the neighbours.
        skipped = -offset % _GROUP
        whole = raw[skipped : len(raw) - (len(raw) - skipped) % _GROUP]
        encoded = binascii.b2a_base64(whole, newline=False).decode()
        forms |= {encoded, encoded.replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= SHORTEST}


@lru_cache(maxsize=16)
def _secret_pattern(secrets: frozenset[str]) -> re.Pattern[str] | None:
    forms = secret_forms(secrets)
    # Whoever breaks long lines breaks keys as well: blanks and escaped line ends between two characters do not count.
    between = r"(?:\s|\\+[nrt])*"
    return re.compile("|".join(between.join(map(re.escape, form)) for form in forms)) if forms else None
