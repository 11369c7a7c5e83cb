"""pydantic's findings in plain words, each at its place in the file."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from bridge.errors import BridgeError, UserError, Where
from bridge.spec.model import KINDS

_Place = tuple[str | int, ...]
_NOT_A_KEY = frozenset(
    {"int", "float", "str", "bool", "list", "dict", "constrained-int", "constrained-float", "constrained-str"}
)


def explain(
    error: ValidationError, data: Mapping[str, Any], kind: str, where: Callable[[_Place], Where]
) -> list[BridgeError]:
    """One error per place; where a value could have been several things, they are said together."""
    grouped: dict[_Place, list[dict[str, Any]]] = {}
    for found in error.errors(include_url=False):
        place = _place(found["loc"], data)
        grouped.setdefault(place, []).append(dict(found))
    return [_one(place, found, data, kind, where) for place, found in grouped.items()]


def _place(loc: Iterable[str | int], data: Any) -> _Place:
    """The path in the file: names of union branches that pydantic puts in between are left out."""
    path: list[str | int] = []
    value = data
    for part in loc:
        if isinstance(value, Mapping):
            path.append(part)
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int):
            path.append(part)
            value = value[part] if part < len(value) else None
        else:
            break
        if isinstance(part, str) and "[" in part:
            path.pop()
    return tuple(path)


def _one(
    place: _Place,
    found: list[dict[str, Any]],
    data: Mapping[str, Any],
    kind: str,
    where: Callable[[_Place], Where],
) -> BridgeError:
    first = found[0]
    field = ".".join(str(part) for part in place)
    if first["type"] == "extra_forbidden":
        return _unknown(place, kind, where(place))
    if first["type"] == "missing":
        return UserError("spec_invalid", f"{field} is missing", hint="Add it.", where=where(place))
    if first["type"] == "value_error":
        return _own_rule(place, str(first["ctx"]["error"]), where)
    value = _at(data, place)
    wishes = list(dict.fromkeys(_wish(one) for one in found))
    words = " or ".join(wishes)
    choices = [choice for one in found for choice in _choices(one)]
    close = difflib.get_close_matches(str(value), choices, n=1) if isinstance(value, str) else []
    return UserError(
        "spec_invalid",
        f"{field} must be {words}, not {_shown(value)}",
        hint=f'Did you mean "{close[0]}"?' if close else "",
        where=where(place),
    )


def _own_rule(place: _Place, message: str, where: Callable[[_Place], Where]) -> BridgeError:
    """Our validators say `field: rule` with the field relative to their table."""
    field, colon, rule = message.partition(": ")
    if colon and " " not in field:
        inner = tuple(int(part) if part.isdigit() else part for part in field.split("."))
        full = (*place, *inner)
        name = ".".join(str(part) for part in full)
        return UserError("spec_invalid", f"{name} {rule}", where=where(full))
    name = ".".join(str(part) for part in place)
    return UserError("spec_invalid", f"{name} {message}".strip(), where=where(place))


def _at(data: Any, place: _Place) -> Any:
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value[:40]}{"…" if len(value) > 40 else ""}"'
    if isinstance(value, Mapping):
        return "a table"
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _choices(found: Mapping[str, Any]) -> list[str]:
    if found["type"] != "literal_error":
        return []
    return [part.strip("'") for part in str(found["ctx"]["expected"]).replace(" or ", ", ").split(", ")]


_WORDS = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "int_from_float": "a whole number",
    "finite_number": "a finite number",
}


def _wish(found: Mapping[str, Any]) -> str:
    """What a value should have been."""
    kind, context = found["type"], found.get("ctx", {})
    if kind in _WORDS:
        return _WORDS[kind]
    if kind == "literal_error":
        choices = _choices(found)
        return choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        bound = next(iter(context.values()))
        return f"{'at least' if 'greater' in kind else 'at most'} {bound}"
    if kind in ("too_short", "too_long"):
        number = context.get("min_length", context.get("max_length"))
        return f"a list with {'at least' if kind == 'too_short' else 'at most'} {number} values"
    if kind == "string_too_long":
        return f"at most {context['max_length']} characters long"
    if kind == "string_pattern_mismatch":
        return _pattern(str(context["pattern"]))
    return str(found["msg"])[:1].lower() + str(found["msg"])[1:]


def _pattern(pattern: str) -> str:
    if "a-z0-9_" in pattern:
        return "a name of small letters, digits and _, beginning with a letter"
    if "https" in pattern:
        return "an https URL"
    words = [word for word in ("auto", "none") if word in pattern]
    return " or ".join([*words, 'a colour like "#1a2b3c"'])


def _unknown(place: _Place, kind: str, where: Where) -> BridgeError:
    key = str(place[-1])
    known = sorted(_keys_at(KINDS[kind], place[:-1]))
    close = difflib.get_close_matches(key, known, n=1)
    others = [name for name, model in KINDS.items() if name != kind and key in _keys_at(model, place[:-1])]
    table = ".".join(str(part) for part in place[:-1])
    if others:
        instead = f"write {close[0]} instead, or remove it" if close else "remove it here"
        return UserError(
            "spec_not_applicable",
            f"{key} does not apply to {kind}{f' [{table}]' if table else ''}",
            hint=f"It is a key of {', '.join(others)}: {instead}.",
            where=where,
        )
    hint = f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(known)}."
    place_text = f" in [{table}]" if table else f" in a {kind}"
    return UserError("spec_unknown_key", f"{key} is not known{place_text}", hint=hint, where=where)


def _keys_at(model: type[BaseModel], path: _Place) -> set[str]:
    """Valid keys of the table at a path below a kind."""
    current: type[BaseModel] | None = model
    for part in path:
        if current is None:
            return set()
        if isinstance(part, int):
            continue
        fields = {field.alias or name: field.annotation for name, field in current.model_fields.items()}
        if part in fields:
            inner = _table_in(fields[part])
            current = inner if inner is not None else None
    return {field.alias or name for name, field in current.model_fields.items()} if current is not None else set()


def _table_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _table_in(inner)
        if found is not None:
            return found
    return None
