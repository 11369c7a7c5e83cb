"""Fingerprints: versioned hashes of what reaches a provider, and of what an output is made from.

Canonical form: JSON with sorted keys, no spaces, UTF-8; numbers that are whole are written as integers so that `1`
and `1.0` are one wish. The version is part of the text; an upgrade that needs another form must keep reading the
old one, because a changed fingerprint can cost money.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bridge.providers.api import Step

STEP_VERSION = 1
OUTPUT_VERSION = 1


_PLAIN = frozenset({str, int, bool, type(None)})


def _normal(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    # Plain types come first and leaves are not called for: asking for an abstract type costs most of a large plan.
    if kind is dict or (kind is not list and isinstance(value, Mapping)):
        return {str(key): item if type(item) in _PLAIN else _normal(item) for key, item in value.items()}
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, str | int):
        return value
    if isinstance(value, Sequence):
        return [item if type(item) in _PLAIN else _normal(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: Any) -> bytes:
    """Canonical JSON of plain values (dict, list, str, int, float, bool, None, Decimal)."""
    return json.dumps(
        _normal(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()


def digest(value: Any) -> str:
    """sha256 of the canonical form, 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def step_fingerprint(step: Step, needed: Mapping[str, str], *, with_seed: bool = True) -> str | None:
    """The fingerprint of a step: `f1:` and 40 hex digits; None while an input's content is not known yet.

    needed: fingerprints of the steps named in `step.after`. Without the seed it tells renames.
    """
    inputs = {}
    for item in step.inputs:
        if item.sha256 is None:
            return None
        inputs[item.role] = item.sha256
    if any(key not in needed for key in step.after):
        return None
    wish: dict[str, Any] = {
        "provider": step.provider,
        "operation": step.operation,
        "params": step.params,
        "inputs": inputs,
        "after": [needed[key] for key in step.after],
    }
    if with_seed:
        wish["seed"] = step.seed
    return f"f{STEP_VERSION}:{digest(wish)[:40]}"


def output_fingerprint(facts: Mapping[str, Any]) -> str:
    """The fingerprint of everything that a target's files of an asset are made from: `o1:` and 40 hex digits."""
    return f"o{OUTPUT_VERSION}:{digest(facts)[:40]}"
