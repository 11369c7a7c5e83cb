"""Checking a request against a model's JSON Schema: the keywords that such schemas use, the rest is let through.

The service checks again, and a refusal costs nothing; what counts here is to refuse nothing wrongly.
Source: JSON Schema 2020-12, "Validation" sections 6.1 to 6.5; nullable of OpenAPI 3.0.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

DOCUMENTED: Schema = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string", "minLength": 1},
        "image_url": {"type": "string", "minLength": 1},
        "aspect_ratio": {"type": "string", "minLength": 1},
        "duration": {"type": "number", "exclusiveMinimum": 0},
        "seed": {"type": "integer"},
    },
}
"""What the documentation says of all models together ("Request Parameters"); models differ, so more is allowed."""
_NUMBERS = (int, float)
_LIMITS: Mapping[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "minimum": ("at least", operator.ge),
    "maximum": ("at most", operator.le),
    "exclusiveMinimum": ("more than", operator.gt),
    "exclusiveMaximum": ("less than", operator.lt),
}


def mistake(value: Mapping[str, Any], schema: Schema) -> tuple[str, str] | None:
    """The field of a request that breaks the schema, and why; None where nothing does."""
    properties = _table(schema.get("properties"))
    for name in schema.get("required") or ():
        if name not in value:
            return str(name), "the model needs it"
    for name, given in value.items():
        if name in properties:
            reason = _reason(given, _table(properties[name]))
            if reason:
                return name, f"{reason} (it is {given!r})"[:200]
        elif schema.get("additionalProperties") is False:
            return name, "the model does not know it"
    return None


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _reason(value: Any, schema: Schema) -> str:
    """Why a value does not fit; empty where it does."""
    if value is None and schema.get("nullable") is True:
        return ""
    for name in ("anyOf", "oneOf"):
        choices = [choice for choice in schema.get(name) or () if isinstance(choice, Mapping)]
        reasons = [_reason(value, choice) for choice in choices]
        if reasons and all(reasons):
            return reasons[0]
    return _kind(value, schema) or _choice(value, schema) or _bounds(value, schema) or _length(value, schema)


def _kind(value: Any, schema: Schema) -> str:
    wanted = schema.get("type")
    names = [wanted] if isinstance(wanted, str) else [name for name in wanted or () if isinstance(name, str)]
    if not names or any(_is(value, name) for name in names):
        return ""
    return f"it should be {' or '.join(names)}"


def _is(value: Any, name: str) -> bool:
    if name in ("integer", "number"):
        if isinstance(value, bool) or not isinstance(value, _NUMBERS):
            return False
        return name == "number" or float(value).is_integer()
    known = {"string": str, "boolean": bool, "array": list, "object": Mapping, "null": type(None)}
    return name not in known or isinstance(value, known[name])


def _choice(value: Any, schema: Schema) -> str:
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    if not isinstance(choices, list) or any(
        choice == value and isinstance(choice, bool) == isinstance(value, bool) for choice in choices
    ):
        return ""
    return f"it should be one of {', '.join(map(str, choices))}"


def _bounds(value: Any, schema: Schema) -> str:
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        return ""
    for name, (words, fits) in _LIMITS.items():
        limit = schema.get(name)
        if _number(limit) and not fits(value, limit):
            return f"it should be {words} {limit}"
    step = schema.get("multipleOf")
    # Decimals: 0.3 is a multiple of 0.1, which floats deny.
    if _number(step) and step and Decimal(str(value)) % Decimal(str(step)):
        return f"it should be a multiple of {step}"
    return ""


def _number(value: Any) -> bool:
    return isinstance(value, _NUMBERS) and not isinstance(value, bool)


def _length(value: Any, schema: Schema) -> str:
    if not isinstance(value, str | list):
        return ""
    what, ends = ("characters", "Length") if isinstance(value, str) else ("items", "Items")
    least, most = schema.get(f"min{ends}", 0), schema.get(f"max{ends}", len(value))
    if _number(least) and len(value) < least:
        return f"it should have at least {least} {what}"
    if _number(most) and len(value) > most:
        return f"it should have at most {most} {what}"
    if isinstance(value, list):
        inner = _table(schema.get("items"))
        return next((reason for item in value if (reason := _reason(item, inner))), "")
    return ""
