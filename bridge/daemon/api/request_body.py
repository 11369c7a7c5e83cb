"""JSON bodies of requests, field by field; what is unknown or of another type is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from bridge.core.errors import UserError

if TYPE_CHECKING:
    from starlette.requests import Request


class Body:
    """An object from a request. Take the fields out, then call `end`."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = dict(fields)

    @classmethod
    async def of(cls, request: Request) -> Body:
        """The body of a request; none is an empty object.

        Raises:
            UserError: `bad_request`.
        """
        raw = await request.body()
        try:
            fields = json.loads(raw) if raw else {}
        except (ValueError, RecursionError):
            raise UserError("bad_request", "the body is not valid JSON") from None
        if not isinstance(fields, dict):
            raise UserError("bad_request", "the body is not a JSON object")
        return cls(fields)

    def has(self, name: str) -> bool:
        """Whether a field is given (null counts as not given)."""
        if self._fields.get(name) is None:
            self._fields.pop(name, None)
            return False
        return True

    def text(self, name: str) -> str:
        """A text that must be there.

        Raises:
            UserError: `bad_request`, as of all that follow.
        """
        value = self._fields.pop(name, None)
        if not isinstance(value, str) or not value:
            raise UserError("bad_request", f"{name} must be a text")
        return value

    def names(self, name: str) -> list[str]:
        """A list of texts that must be there."""
        value = self._fields.pop(name, None)
        if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
            raise UserError("bad_request", f"{name} must be a list of texts")
        return value

    def number(self, name: str) -> int:
        """A whole number from 1 that must be there."""
        value = self._fields.pop(name, None)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise UserError("bad_request", f"{name} must be a whole number from 1")
        return value

    def flag(self, name: str) -> bool:
        """True or false; false when not given."""
        value = self._fields.pop(name, False)
        if not isinstance(value, bool):
            raise UserError("bad_request", f"{name} must be true or false")
        return value

    def caps(self, name: str) -> dict[str, Decimal]:
        """Most per unit: `{"generations": "20"}`, amounts as text or whole numbers; empty when not given."""
        value = self._fields.pop(name, None)
        if value is None:
            return {}
        try:
            caps = {unit: Decimal(str(amount)) for unit, amount in value.items() if isinstance(amount, (str, int))}
            if len(caps) == len(value) and all(cap.is_finite() and cap >= 0 for cap in caps.values()):
                return caps
        except (AttributeError, InvalidOperation):
            pass
        raise UserError("bad_request", f'{name} must be a table like {{"generations": "20"}}')

    def end(self) -> None:
        """Refuses what nobody took out."""
        if self._fields:
            raise UserError("bad_request", f"unknown: {', '.join(sorted(self._fields))}")
