"""What a place in a spec takes, read from the kind's JSON Schema: so that messages, docs and editors say the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from bridge.spec.fields import DIRECTIONS
from bridge.spec.schema import json_schema

KeyPath: TypeAlias = tuple[str | int, ...]
KEY = "[key]"
"""What pydantic puts at the end of a location when the name of a table is wrong, not its content."""


@lru_cache(maxsize=1)
def _load_definitions() -> Mapping[str, Any]:
    definitions: Mapping[str, Any] = json_schema()["definitions"]
    return definitions


@dataclass(frozen=True, slots=True)
class ExpectedNode:
    """A node of the schema."""

    node: Mapping[str, Any]

    @property
    def branches(self) -> list[ExpectedNode]:
        """The several things that may stand here; itself when it is only one."""
        return [_follow_references(branch) for branch in self.node.get("anyOf", (self.node,))]

    @property
    def keys(self) -> list[str]:
        """Keys of the table that may stand here."""
        return sorted({key for branch in self.branches for key in branch.node.get("properties", {})})

    @property
    def choices(self) -> list[str]:
        """The texts that may stand here, where they are a closed list."""
        return [word for branch in self.branches for word in branch.node.get("enum", ()) if isinstance(word, str)]

    def inside(self, part: str | int) -> ExpectedNode | None:
        """What may stand at a key or number below; None when nothing may."""
        for branch in self.branches:
            if isinstance(part, int):
                inner = branch.node.get("items")
            else:
                inner = branch.node.get("properties", {}).get(part, _by_name(branch.node))
            if isinstance(inner, Mapping):
                return _follow_references(inner)
        return None

    def at(self, path: KeyPath) -> ExpectedNode | None:
        """What may stand at a path below."""
        shape: ExpectedNode | None = self
        for part in path:
            if shape is None:
                return None
            shape = shape.inside(part)
        return shape


def expected_of(kind: str) -> ExpectedNode:
    """A kind's whole spec."""
    return _follow_references(_load_definitions()[f"kind_{kind}"])


def _by_name(node: Mapping[str, Any]) -> Any:
    """What stands under the names of a table whose keys are free: `[animations.NAME]`."""
    patterns = node.get("patternProperties")
    return next(iter(patterns.values())) if patterns else node.get("additionalProperties")


def _follow_references(node: Mapping[str, Any]) -> ExpectedNode:
    """Follows references; what stands beside one (a description, a default) is of no use here."""
    while "$ref" in node or "allOf" in node:
        reference = node["$ref"] if "$ref" in node else node["allOf"][0]["$ref"]
        node = _load_definitions()[reference.rsplit("/", 1)[1]]
    return ExpectedNode(node)


def follow_location(location: KeyPath, shape: ExpectedNode) -> tuple[KeyPath, bool]:
    """A location of pydantic → the path in the file, and whether it ends at a value that may be several things.

    Where a value may be several things, pydantic puts the name of the branch into the location; that is no key.
    """
    path: KeyPath = ()
    current: ExpectedNode | None = shape
    rest = list(location)
    while rest:
        if current is not None and len(current.branches) > 1:
            rest.pop(0)
            if not rest:
                return path, True
        part = rest.pop(0)
        if part == KEY and not rest:
            return (*path, KEY), False
        path = (*path, part)
        current = current.inside(part) if current is not None else None
    return path, False


def in_words(shape: ExpectedNode) -> str:
    """`a whole number from 8 to 2048`, `"auto", "none" or a colour like "#1a2b3c"`."""
    return _join_words([word for branch in shape.branches for word in _describe_node(branch.node, many=False)])


def _join_words(words: list[str]) -> str:
    words = list(dict.fromkeys(words))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _describe_node(node: Mapping[str, Any], *, many: bool) -> Iterator[str]:
    kind = node.get("type")
    if node.get("enum") == list(DIRECTIONS):
        directions = _join_words(list(DIRECTIONS))
        yield f"directions ({directions})" if many else f"a direction ({directions})"
    elif "enum" in node:
        yield from (json.dumps(word, ensure_ascii=False) for word in node["enum"])
    elif kind in ("integer", "number"):
        plain = "whole number" if kind == "integer" else "number"
        yield (f"{plain}s" if many else f"a {plain}") + _describe_range(node)
    elif kind == "boolean":
        yield from ("true", "false")
    elif kind == "string":
        yield from _describe_text(node, many=many)
    elif kind == "array":
        yield _describe_list(node)
    else:
        yield "tables" if many else "a table"


def _describe_range(node: Mapping[str, Any]) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    if low is not None and high is not None:
        return f" from {low:g} to {_format_number(high)}"
    return ""


def _format_number(number: float) -> str:
    # `g` would round a big whole number: 2147483647 has to be said in full.
    return str(number) if isinstance(number, int) else f"{number:g}"


def _describe_text(node: Mapping[str, Any], *, many: bool) -> Iterator[str]:
    pattern = str(node.get("pattern", ""))
    if "#" in pattern:
        yield from (f'"{word}"' for word in ("auto", "none", "fix") if word in pattern)
        yield 'colours like "#1a2b3c"' if many else 'a colour like "#1a2b3c"'
    elif "https" in pattern:
        yield "an https URL"
    elif pattern:
        yield "names" if many else "a name of small letters, digits and _ that begins with a letter"
    elif "maxLength" in node and not many:
        yield f"a text of at most {node['maxLength']} characters"
    else:
        yield "texts" if many else "a text"


def _describe_list(node: Mapping[str, Any]) -> str:
    low, high = node.get("minItems"), node.get("maxItems")
    items = _join_words(
        [
            word
            for branch in _follow_references(node["items"]).branches
            for word in _describe_node(branch.node, many=True)
        ]
    )
    if low is not None and low == high:
        return f"a list of {low} {items}"
    if low is not None and high is not None:
        return f"a list of {low} to {high} {items}"
    return f"a list of {items}"
