"""pydantic's findings in plain words, each at its place in the file."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from bridge.core import limits
from bridge.core.errors import BridgeError, UserError, Where
from bridge.spec.expected import KEY, ExpectedNode, KeyPath, expected_of, follow_location, in_words
from bridge.spec.fields import DIRECTIONS, SPELLINGS
from bridge.spec.model import KINDS

_LONGEST = 40
_VERBS = ("is", "are", "has", "must", "cannot", "needs")


def explain_errors(
    error: ValidationError, data: Mapping[str, Any], kind: str, where: Callable[[KeyPath], Where]
) -> list[BridgeError]:
    """One error per place; where a value could have been several things, they are said together.

    Args:
        error: what pydantic found.
        data: the spec's data, defaults merged.
        kind: the spec's kind.
        where: the place of a path in the files.
    """
    shape = expected_of(kind)
    errors: dict[KeyPath, Mapping[str, Any]] = {}
    open_paths: set[KeyPath] = set()
    # Each is looked up in the schema, which takes its time; the rest is told once these are mended.
    for one in error.errors(include_url=False)[: 4 * limits.ERRORS_SHOWN]:
        path, is_open = follow_location(one["loc"], shape)
        if path and path[0] in KINDS[kind].not_applicable:
            continue
        errors.setdefault(path, dict(one))
        if is_open:
            open_paths.add(path)
    return [
        _explain_error(path, one, data, kind, where)
        for path, one in errors.items()
        if not (path in open_paths and _has_inner(path, errors))
    ]


def _has_inner(path: KeyPath, errors: Mapping[KeyPath, object]) -> bool:
    """Whether something deeper was found: `[0, 16]` is a list with a wrong number, not a wrong word."""
    return any(len(other) > len(path) and other[: len(path)] == path for other in errors)


def _explain_error(
    path: KeyPath, details: Mapping[str, Any], data: Mapping[str, Any], kind: str, where: Callable[[KeyPath], Where]
) -> BridgeError:
    if path and path[-1] == KEY:
        return _bad_name(path[:-1], where(path[:-1]))
    if details["type"] == "extra_forbidden":
        return _unknown_key(path, kind, where(path))
    if details["type"] == "value_error":
        return _own_rule(path, str(details["ctx"]["error"]), data, where)
    shape = expected_of(kind).at(path)
    if shape is None:
        message = str(details["msg"])
        return UserError("spec_invalid", f"{_dot_path(path)}: {message[:1].lower()}{message[1:]}", where=where(path))
    if details["type"] == "missing":
        hint = f"Add {_how_to_write(path, shape) or f'{path[-1]}, {in_words(shape)}'}."
        return UserError("spec_invalid", f"{_dot_path(path)} is missing", hint=hint, where=where(path))
    value = _value_at(data, path)
    table = _how_to_write(path, shape)
    hint = _suggest(value, shape.choices) or (f"Write it as {table}." if table else "")
    return UserError(
        "spec_invalid",
        f"{_dot_path(path)} must be {in_words(shape)}, not {_show_value(value)}",
        hint=hint,
        where=where(path),
    )


def _dot_path(path: KeyPath) -> str:
    return ".".join(str(part) for part in path)


def _how_to_write(path: KeyPath, shape: ExpectedNode) -> str:
    """How a table, or a list of tables, is written; empty for what is neither or may be something else."""
    if len(shape.branches) > 1:
        return ""
    if shape.node.get("type") == "object":
        return f"a table: {_table_header(path)}"
    inner = shape.inside(0)
    return f"tables: {_table_header((*path, 0))}" if inner is not None and inner.node.get("type") == "object" else ""


def _table_header(path: KeyPath) -> str:
    """`[process]`, `[[items]]`: how the table at a path begins; empty for the spec itself."""
    names = ".".join(str(part) for part in path if not isinstance(part, int))
    if not names:
        return ""
    return f"[[{names}]]" if isinstance(path[-1], int) else f"[{names}]"


def _own_rule(path: KeyPath, message: str, data: Mapping[str, Any], where: Callable[[KeyPath], Where]) -> BridgeError:
    """Our validators say `field: rule` with the field relative to their table, or only the rule."""
    field, colon, rule = message.partition(": ")
    if colon and " " not in field:
        path = (*path, *(int(part) if part.isdigit() else part for part in field.split(".")))
    else:
        rule = message
    hint = ""
    if rule.startswith("must be "):
        value = _value_at(data, path)
        hint = _suggest(value, DIRECTIONS) if "direction" in rule else ""
        rule += f", not {_show_value(value)}"
    elif rule == "is no direction":
        hint = _suggest(path[-1], DIRECTIONS) or f"Directions are {', '.join(DIRECTIONS)}."
    elif rule.startswith("cannot stand beside"):
        hint = "Remove one of the two."
    between = " " if rule.split(" ", 1)[0] in _VERBS else ": "
    return UserError("spec_invalid", f"{_dot_path(path)}{between}{rule}", hint=hint, where=where(path))


def _bad_name(path: KeyPath, where: Where) -> BridgeError:
    """A table `[animations.NAME]`, or a key that is a name, with letters that outputs cannot have."""
    name = str(path[-1])
    near = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    rule = "Names begin with a small letter and have at most 48 small letters, digits and _"
    hint = f"{rule}: {near}." if re.fullmatch(r"[a-z][a-z0-9_]{0,47}", near) else f"{rule}."
    return UserError("spec_invalid", f"{_dot_path(path)} is not a valid name", hint=hint, where=where)


def _value_at(data: Any, path: KeyPath) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _show_value(value: Any) -> str:
    """A value as it stands in TOML, cut when it is long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        long = f" ({len(value)} characters)" if len(value) > _LONGEST else ""
        cut = f"{value[:_LONGEST]}…" if long else value
        return json.dumps(cut, ensure_ascii=False) + long
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        text = f"[{', '.join(_show_value(item) for item in value)}]"
        return text if len(text) <= _LONGEST else f"a list of {len(value)}"
    return str(value)


def _suggest(value: Any, choices: list[str] | tuple[str, ...]) -> str:
    if not isinstance(value, str):
        return ""
    turned = SPELLINGS.get(value.lower(), "")
    near = [turned] if turned in choices else difflib.get_close_matches(value.lower(), choices, n=1)
    return f'Did you mean "{near[0]}"?' if near else ""


def _unknown_key(path: KeyPath, kind: str, where: Where) -> BridgeError:
    key, path = str(path[-1]), path[:-1]
    here = expected_of(kind).at(path)
    known = here.keys if here is not None else []
    table = _table_header(path)
    others = [other for other in KINDS if other != kind and _has_key(other, path, key)]
    # Whoever wrote a key of another kind knew what it is called: only a very near one can be meant instead.
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.8 if others else 0.6)
    if others:
        instead = f"write {close[0]} instead, or remove it" if close else "remove it here"
        return UserError(
            "spec_not_applicable",
            f"{key} does not apply to {kind}{f' {table}' if table else ''}",
            hint=f"It is a key of {', '.join(others)}: {instead}.",
            where=where,
        )
    hint = f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(known)}."
    inside = table or f"a spec of kind {kind}"
    return UserError("spec_unknown_key", f"{key} is not known in {inside}", hint=hint, where=where)


def _has_key(kind: str, path: KeyPath, key: str) -> bool:
    table = expected_of(kind).at(path)
    return table is not None and key in table.keys
