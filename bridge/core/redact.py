"""Keeping keys out of texts that are written down or shown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote

MASK = "[key]"
# Shorter words are no keys, but may be part of ordinary ones.
SHORTEST = 8


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret of at least eight characters masked, also where it is escaped for a URL or JSON."""
    for form in secret_forms(secrets):
        text = text.replace(form, MASK)
    return text


def secret_forms(secrets: Iterable[str]) -> list[str]:
    """All ways in which secrets may stand in a text, the longest first: a key may begin with another one."""
    forms = {
        form
        for secret in secrets
        if len(secret) >= SHORTEST
        for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])
    }
    return sorted(forms, key=lambda form: (-len(form), form))
