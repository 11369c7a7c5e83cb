"""docs/reference/specs.md and docs/reference/errors.md, written from the models and the table of error codes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from bridge.core.errors import CODES
from bridge.core.tables import Table
from bridge.spec.base_spec import BaseSpec
from bridge.spec.edit import new_spec
from bridge.spec.fields import DIRECTIONS
from bridge.spec.model import KINDS

_INTRODUCTION = """\
# Spec files

A spec is a small TOML file, `NAME.asset.toml`, that says what art the game needs. Its **id** is its path without the
suffix, relative to the project: `art/hero.asset.toml` is `art/hero`. `assetbridge new KIND ID` writes one to start
from. Its first line, `#:schema …`, gives editors completion (Taplo, Even Better TOML); `assetbridge schema` writes that
schema.

- **Directions** are `south`, `south-east`, `east`, `north-east`, `north`, `north-west`, `west`, `south-west`, always in
  this order. `directions = 1` is south (east with `view = "side"`), `4` the four main ones, `8` all, or give a list.
- **Names** (clips, items, terrains, tiles) are lower-case letters, digits and `_`, starting with a letter.
- **References**: where a picture is asked for, give a path (beside the project's root) or another asset:
  `asset:art/hero`, `asset:art/hero#south` (one direction), `asset:art/hero#walk_south:2` (one frame, from 0),
  `asset:art/icons#iron_sword` (one item). Assets that use each other in a circle are an error.
- **Defaults**: `[defaults]` and `[defaults.KIND]` of `assetbridge.toml` stand under every spec; the spec wins,
  key by key.
- **Free and bought**: `fps`, `durations`, `loop`, `pick`, `mirror` of what is drawn, `[process]` and `[export]` never
  draw or buy anything again. What reaches the provider does, and `assetbridge plan` says so before it happens.
- A mistake is reported with file, line, column and the nearest valid key; all mistakes are reported at once.

Which provider makes which kind: `assetbridge providers`. Which words of a description the offline provider understands:
[words.md](words.md). How your own art is laid out for provider `files`:
[own_art.md](../guides/own_art.md). The project file: [config.md](config.md).
"""
_ERRORS = """\
# Error codes

Every error names what happened, the place and the way out. With `--json` it is
`{{"error": {{"code", "message", "hint", "where": {{"file", "line", "column", "field"}}}}}}`; scripts can rely
on the code.

| code | meaning |
|---|---|
{rows}

Exit codes: 0 done, 1 work failed, 2 usage or spec error, 3 provider error, 4 needs a decision, 5 changes
(`plan --detailed-exitcode`), 70 a defect of assetbridge. With several results the strongest counts: 2, 3, 1, 4, 5, 0.
"""
_SEPARATE = ("reference", "refine", "process", "export", "files")


def specs_page() -> str:
    """The text of specs.md: common fields once, then every kind with an example, its fields and its tables."""
    parts = [_INTRODUCTION, "Kinds: " + " · ".join(f"[{kind}](#{kind})" for kind in KINDS) + "\n"]
    for kind, model in KINDS.items():
        parts += [f"## {kind}\n", f"{model.__doc__}\n", f"```toml\n{_example(kind)}```\n"]
        own = [name for name in model.model_fields if name not in BaseSpec.model_fields and name != "kind"]
        parts.append(_fields(model, own))
        if model.not_applicable:
            parts.append(f"Without: {', '.join(f'`{name}`' for name in sorted(model.not_applicable))}.\n")
        parts += list(_own_tables(model))
    parts += ["## Fields of every kind\n"]
    parts.append(_fields(BaseSpec, [name for name in BaseSpec.model_fields if name not in _SEPARATE]))
    for name in _SEPARATE:
        for table in _reached(BaseSpec, [name]):
            parts += [f"### {table.__name__}\n", f"{_first_line(table)}\n", _fields(table, list(table.model_fields))]
    return _titled("\n".join(parts))


def errors_page() -> str:
    """The text of docs/reference/errors.md."""
    rows = "\n".join(f"| `{code}` | {meaning} |" for code, meaning in CODES.items())
    return _ERRORS.format(rows=rows)


def _example(kind: str) -> str:
    return new_spec(kind, "art/example").split("\n", 1)[1]


def _first_line(table: type[BaseModel]) -> str:
    return " ".join((table.__doc__ or "").split("\n\n", 1)[0].split())


def _tables_of(annotation: Any) -> Iterator[type[Table]]:
    if isinstance(annotation, type):
        if issubclass(annotation, Table):
            yield annotation
        return
    for part in getattr(annotation, "__args__", ()):
        yield from _tables_of(part)


def _reached(model: type[BaseModel], names: list[str]) -> list[type[Table]]:
    """The tables that these fields lead to, each once, outer before inner."""
    tables: list[type[Table]] = []
    for name in names:
        for table in _tables_of(model.model_fields[name].annotation):
            if table not in tables:
                tables.append(table)
                tables += [inner for inner in _reached(table, list(table.model_fields)) if inner not in tables]
    return tables


def _own_tables(model: type[BaseSpec]) -> Iterator[str]:
    own = [name for name in model.model_fields if name not in BaseSpec.model_fields]
    for table in _reached(model, own):
        yield f"### {model.model_fields['kind'].annotation.__args__[0]}: {table.__name__}\n"  # type: ignore[union-attr]
        yield f"{_first_line(table)}\n"
        yield _fields(table, list(table.model_fields))


def _titled(text: str) -> str:
    """Headings name tables as they are written in a spec, not by their class."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.startswith("### "):
            written, _, rest = lines[number + 2].partition(":")
            prefix = line[4:].rsplit(": ", 1)[0] + ": " if ": " in line else ""
            lines[number] = f"### {prefix}{written.rstrip('.')}"
            lines[number + 2] = rest.strip().capitalize() if rest.strip() else ""
    return "\n".join(_without_double_blanks(lines))


def _without_double_blanks(lines: list[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line


def _fields(model: type[BaseModel], names: list[str]) -> str:
    if not names:
        return ""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.get("$defs", {})
    rows = ["| key | value | default | what it says |", "|---|---|---|---|"]
    for name in names:
        info = model.model_fields[name]
        key = info.alias or name
        value = _value(schema["properties"][key], definitions)
        default = "required" if info.is_required() else _default(info.get_default(call_default_factory=True))
        rows.append(f"| `{key}` | {value} | {default} | {_cell(info.description or '')} |")
    return "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(value: Any) -> str:
    if value is None or isinstance(value, BaseModel) or value in ({}, []):
        return ""
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _value(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """What a key takes, in words, from its JSON Schema."""
    if "$ref" in schema:
        return "table"
    if schema.get("enum") == list(DIRECTIONS):
        return "a direction"
    if "anyOf" in schema:
        choices = [choice for choice in schema["anyOf"] if choice.get("type") != "null"]
        return ", or ".join(dict.fromkeys(_value(choice, definitions) for choice in choices))
    if "enum" in schema or "const" in schema:
        words = schema.get("enum", [schema.get("const")])
        return ", ".join(f"`{json.dumps(word)}`" for word in words)
    kind = schema.get("type")
    if kind == "array":
        return _array(schema, definitions)
    if kind == "object":
        inner = schema.get("additionalProperties")
        if isinstance(inner, Mapping) and "$ref" in inner:
            return "tables by name"
        return "table"
    if kind in ("integer", "number"):
        return ("whole number" if kind == "integer" else "number") + _range(schema)
    return {"string": _text(schema), "boolean": "`true`, `false`"}.get(str(kind), "any value")


def _array(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    inner = schema["items"]
    if "$ref" in inner:
        return "list of tables"
    words = _value(inner, definitions)
    if schema.get("minItems") == schema.get("maxItems") and "minItems" in schema:
        return f"list of {schema['minItems']}: {words}"
    return f"list: {words}"


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None or high is None:
        return ""
    return f" {low}–{high}"


def _text(schema: Mapping[str, Any]) -> str:
    pattern = schema.get("pattern", "")
    if pattern.startswith("^asset:"):
        return "`asset:ID`"
    if "#" in pattern:
        words = [word for word in ("auto", "none", "fix") if word in pattern]
        return ", ".join([*(f'`"{word}"`' for word in words), '`"#rrggbb"`'])
    if pattern.startswith("^https"):
        return "https URL"
    if pattern:
        return "name"
    return f"text, at most {schema['maxLength']}" if "maxLength" in schema else "text"
