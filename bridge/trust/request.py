"""What a project asks its user for, as values that can be kept, compared and shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# How a list begins of what somebody is asked about; each line says which of the three it is.
NEW, CHANGED, GONE = "new", "changed", "gone"


@dataclass(frozen=True, slots=True)
class TrustRequest:
    """One thing that a project asks for.

    key: the key of assetbridge.toml, dotted. value: what stands there, as canonical JSON. says: what it would do, safe
    to show: whatever is not plain ASCII stands there escaped.
    """

    key: str
    value: str
    says: str

    @classmethod
    def of(cls, key: str, value: Any, says: str) -> TrustRequest:
        """A request for a value as TOML has it."""
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
        return cls(escape_text(key), text, says)

    def as_dict(self) -> dict[str, str]:
        """The JSON form."""
        return {"key": self.key, "value": self.value, "says": self.says}


@dataclass(frozen=True, slots=True)
class RequestChange:
    """What became of a request since the project was trusted: `new`, `changed` or `gone`. before: its value then."""

    what: str
    request: TrustRequest
    before: str = ""

    def as_dict(self) -> dict[str, str | None]:
        """The JSON form."""
        return {"what": self.what, **self.request.as_dict(), "before": self.before or None}


def escape_text(text: str) -> str:
    """A text of a project as it can be shown: control, bidi and look-alike characters stand there as their numbers."""
    return text if text.isascii() and text.isprintable() else json.dumps(text)[1:-1].replace("\x7f", "\\u007f")


def digest_requests(requests: Iterable[TrustRequest]) -> str:
    """64 hex digits over what is asked for; order, comments and layout of the file have no part in it."""
    values = sorted((request.key, request.value) for request in requests)
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def compare_requests(before: Mapping[str, str], requests: Iterable[TrustRequest]) -> tuple[RequestChange, ...]:
    """What differs from the values that were trusted, by key."""
    now = {request.key: request for request in requests}
    changes = [
        RequestChange(CHANGED if key in before else NEW, request, before.get(key, ""))
        for key, request in now.items()
        if before.get(key) != request.value
    ]
    gone = [
        RequestChange(GONE, TrustRequest(key, value, "it is not asked for any more"), value)
        for key, value in before.items()
        if key not in now
    ]
    return tuple(sorted([*changes, *gone], key=lambda change: change.request.key))
