"""Files in which version control left a merge unfinished: the markers, and the texts of both sides.

Source: the manual of git merge, "How conflicts are presented".
"""

from __future__ import annotations

from dataclasses import dataclass

_MARKERS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")


@dataclass(frozen=True, slots=True)
class ConflictSides:
    """The texts of both sides of a file with conflict markers; `base` is empty where version control left it out."""

    ours: str
    theirs: str
    base: str


def has_conflict_markers(text: str) -> bool:
    """Whether version control left a merge of this file unfinished."""
    return any(line.startswith(_MARKERS[0]) for line in text.splitlines())


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
