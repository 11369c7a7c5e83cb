"""Values that keys of several kinds have, and the checks of directions, mirrors and names."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from bridge.core.tables import Reference

DIRECTIONS = ("south", "south-east", "east", "north-east", "north", "north-west", "west", "south-west")
FOUR = ("south", "east", "north", "west")
_SCREEN = {"south": "down", "north": "up", "east": "right", "west": "left"}


def _collect_spellings() -> dict[str, str]:
    spellings: dict[str, str] = {}
    for direction in DIRECTIONS:
        parts = direction.split("-")
        for words in (parts, [_SCREEN[part] for part in parts], [part[0] for part in parts]):
            for order in (words, words[::-1]):
                for between in ("-", "_", " ", ""):
                    spellings[between.join(order)] = direction
    # North-east is also written right-up; single letters of screen directions (d, l, r, u) mean nothing else.
    spellings.update({"front": "south", "back": "north", "d": "south", "u": "north", "l": "west", "r": "east"})
    return spellings


SPELLINGS: Mapping[str, str] = _collect_spellings()
"""Every spelling of a direction in small letters → the direction: south, s, down, front; south-east, se, …"""

Direction = Literal["south", "south-east", "east", "north-east", "north", "north-west", "west", "south-west"]
View = Literal["side", "low top-down", "high top-down"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
Text = Annotated[str, Field(max_length=2000)]
Seed = Annotated[int, Field(ge=1, le=2147483647)]
Ref = Annotated[str, Reference()]
"""A path, or `asset:ID#PART`."""


def _check_finite(value: Any) -> Any:
    """Refuses what no request can carry, however deep it stands.

    Raises:
        ValueError: a number is not finite.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must have finite numbers only")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_finite(inner)
    return value


ProviderOptions = Annotated[dict[str, Any], AfterValidator(_check_finite)]


def canonical_directions(chosen: Sequence[str]) -> tuple[str, ...]:
    """Directions in the fixed order of all outputs."""
    return tuple(direction for direction in DIRECTIONS if direction in chosen)


def expand_directions(value: int | Sequence[str], view: str | None) -> tuple[str, ...]:
    """1 → south (east when seen from the side), 4 → the main ones, 8 → all, a list → itself in the fixed order."""
    if value == 1:
        return ("east",) if view == "side" else ("south",)
    if value == 4:
        return canonical_directions(FOUR)
    if value == 8:
        return DIRECTIONS
    return canonical_directions(value if not isinstance(value, int) else ())


def check_mirror(mirror: Mapping[str, str] | None, directions: Sequence[str]) -> None:
    """Mirrored directions belong to the result, and what they mirror is drawn.

    Raises:
        ValueError: a key is no direction of the result, or a value is not drawn.
    """
    for key, value in (mirror or {}).items():
        if key not in directions:
            raise ValueError(f"mirror.{key}: is not one of the directions {', '.join(directions)}")
        if value not in directions or value in (mirror or {}):
            raise ValueError(f"mirror.{key}: {value} is not drawn itself")


def check_unique(names: Iterator[str], what: str) -> None:
    """Names of a list must differ.

    Raises:
        ValueError: the second of two equal names, with its place.
    """
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            raise ValueError(f"{what}.{index}.name: {name} is there twice")
        seen.add(name)


def _check_direction_count(value: Any) -> Any:
    if isinstance(value, bool) or (isinstance(value, int) and value not in (1, 4, 8)):
        raise ValueError("must be 1, 4, 8 or a list of directions")
    return value


def _check_different(value: int | list[str]) -> int | list[str]:
    if isinstance(value, list) and len(set(value)) != len(value):
        raise ValueError("a direction is there twice")
    return value


def _check_mirror_keys(value: dict[str, str]) -> dict[str, str]:
    for key, direction in value.items():
        if key not in DIRECTIONS:
            raise ValueError(f"{key}: is no direction")
        if direction not in DIRECTIONS:
            raise ValueError(f"{key}: must be a direction")
    return value


_DIRECTION_SCHEMA = {"type": "string", "enum": list(DIRECTIONS)}
Mirror = Annotated[
    dict[str, str],
    AfterValidator(_check_mirror_keys),
    WithJsonSchema({"type": "object", "propertyNames": _DIRECTION_SCHEMA, "additionalProperties": _DIRECTION_SCHEMA}),
]
Directions = Annotated[
    Literal[1, 4, 8] | Annotated[list[Direction], Field(min_length=1, max_length=8)],
    BeforeValidator(_check_direction_count),
    AfterValidator(_check_different),
]
