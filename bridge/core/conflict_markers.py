"""Files in which version control left a merge unfinished: the markers, and the texts of both sides.

Source: the manual of git merge, "How conflicts are presented".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_MOST_SHOWN = 5
_MARKERS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")


class ConflictSides(NamedTuple):
    """The texts of both sides of a file with conflict markers; `base` is empty where version control left it out."""

    ours: str
    theirs: str
    base: str


def has_conflict_markers(text: str) -> bool:
    """Whether version control left a merge of this file unfinished."""
    return text.startswith(_MARKERS[0]) or f"\n{_MARKERS[0]}" in text


def find_conflicts(text: str) -> Iterator[tuple[int, int]]:
    """The first and last line, from 1, of every place where both sides stand; a last one may have no end."""
    first = 0
    for number, line in enumerate(text.split("\n") if has_conflict_markers(text) else (), 1):
        if line.startswith(_MARKERS[0]):
            first = first or number
        elif first and line.startswith(_MARKERS[3]):
            yield first, number
            first = 0
    if first:
        yield first, text.count("\n") + 1


def describe_conflicts(text: str) -> str:
    """Which lines hold both sides, for a message (`lines 3 to 9 and 20 to 24`); empty where none do."""
    places = [f"{first} to {last}" for first, last in find_conflicts(text)]
    shown = places if len(places) <= _MOST_SHOWN else [*places[:_MOST_SHOWN], f"{len(places) - _MOST_SHOWN} more"]
    return "lines " + " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else ""


def keep_ours(data: bytes) -> bytes:
    """A file with the side that was checked out where both stand; as it is where the markers do not pair up."""
    try:
        return split_conflict(data.decode("utf-8")).ours.encode()
    except ValueError:
        return data


def split_conflict(text: str) -> ConflictSides:
    """Takes a file with conflict markers apart (git merge documentation, "How conflicts are presented").

    Raises:
        ValueError: the markers do not pair up.
    """
    sides: dict[str, list[str]] = {"ours": [], "theirs": [], "base": []}
    has_base = False
    inside: str | None = None
    for line in text.splitlines(keepends=True):
        marker = line[:7] if line[:7] in _MARKERS and line[7:8] in ("", " ", "\n", "\r") else ""
        expected = {None: "<<<<<<<", "ours": "|||||||=======", "base": "=======", "theirs": ">>>>>>>"}[inside]
        if marker and marker not in expected:
            raise ValueError(f"a line {marker} where none belongs")
        if marker:
            inside = {"<<<<<<<": "ours", "|||||||": "base", "=======": "theirs", ">>>>>>>": None}[marker]
            has_base |= marker == "|||||||"
        else:
            for name in (inside,) if inside else sides:
                sides[name].append(line)
    if inside is not None:
        raise ValueError("the last conflict has no end")
    return ConflictSides("".join(sides["ours"]), "".join(sides["theirs"]), "".join(sides["base"]) if has_base else "")
