"""Values in a provider's JSON. Nothing is taken for granted: gateways in front of it have answers of their own."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

_MOST_SAID = 300


def fields(document: Any) -> Mapping[str, Any]:
    """The fields of an answer or of an object in it; empty when it is none."""
    return document if isinstance(document, dict) else {}


def text(value: Any) -> str:
    """A text in one line, at most 300 characters; empty for anything else."""
    return " ".join(value.split())[:_MOST_SAID] if isinstance(value, str) else ""


def number(value: Any) -> Decimal | None:
    """A finite number, also one written as a text, as a decimal; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
