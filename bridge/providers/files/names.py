"""What the names of an artist's files and tags say: clip, direction, frame."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridge.spec.fields import SPELLINGS as DIRECTION_SPELLINGS

PLACEHOLDERS = ("animation", "direction", "frame", "item", "tile", "lower", "upper")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# No clip has a frame of more than 18 digits, and Python turns no text of thousands of them into a number.
_FRAME_NUMBER = re.compile(r"^(.*?)[\s_.\-#(\[/]*(\d{1,18})[\])]?$")
# Names of clips and files have no hyphens.
SPELLINGS: Mapping[str, str] = {word: turn.replace("-", "_") for word, turn in DIRECTION_SPELLINGS.items()}
_LONGEST_FIRST = sorted(SPELLINGS, key=lambda word: (-len(word), word))
_DIRECTION = "|".join(re.escape(word) for word in _LONGEST_FIRST)
_ENDING = re.compile(rf"^(?:(.*?)[\s_.\-/]+)?({_DIRECTION})$", re.IGNORECASE)
_PATTERNS = {
    "animation": r"[^/]*?[^/\d]",
    "direction": f"(?i:{_DIRECTION})",
    "frame": r"\d{1,18}",
    "item": r"[^/]+?",
    "tile": r"[^/]+?",
    "lower": r"[^/]+?",
    "upper": r"[^/]+?",
}


def clip_name(text: str) -> str:
    """A valid clip, item or tile name: small letters, digits and underscores; empty where nothing is left."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text.strip())
    name = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return f"n{name}"[:48] if name[:1].isdigit() else name[:48]


def split_direction(text: str) -> tuple[str, str | None]:
    """`walk_down_right` → (`walk`, `south_east`); without a direction at its end (`walk`, None)."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text.strip())
    match = _ENDING.match(spaced)
    # A lone letter may be the whole name of a clip, but hardly a direction.
    if match is None or (match[1] is None and len(match[2]) == 1):
        return clip_name(text), None
    return clip_name(match[1] or ""), SPELLINGS[match[2].lower()]


def split_frame(text: str) -> tuple[str, int | None]:
    """`walk_south_003.png` → (`walk_south`, 3)."""
    stem = re.sub(r"\.(png|gif|webp|jpe?g|aseprite|ase|psd)$", "", text, flags=re.IGNORECASE)
    match = _FRAME_NUMBER.match(stem)
    return (match[1], int(match[2])) if match else (stem, None)


class PatternError(ValueError):
    """A pattern has a placeholder that does not exist."""


@dataclass(frozen=True, slots=True)
class Match:
    """A file that fits a pattern, and the texts of its placeholders."""

    path: str
    values: Mapping[str, str]

    @property
    def frame(self) -> int | None:
        """The number of the frame."""
        return int(self.values["frame"]) if "frame" in self.values else None

    @property
    def direction(self) -> str | None:
        """The direction with underscores."""
        return SPELLINGS[self.values["direction"].lower()] if "direction" in self.values else None


def placeholders(pattern: str) -> list[str]:
    """The placeholders of a pattern, each once.

    Raises:
        PatternError: one of them is not known.
    """
    names_used = list(dict.fromkeys(_PLACEHOLDER.findall(pattern)))
    for name in names_used:
        if name not in PLACEHOLDERS:
            raise PatternError(f"{{{name}}} is not a placeholder")
    return names_used


def filled_in(pattern: str, values: Mapping[str, str]) -> str:
    """The pattern with these placeholders replaced; others stay."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), pattern)


def glob_of(pattern: str) -> str:
    """The pattern with `*` for each placeholder; characters that mean something in globs are quoted."""
    parts = _PLACEHOLDER.split(pattern)
    return "".join("*" if index % 2 else re.sub(r"([*?\[])", r"[\1]", part) for index, part in enumerate(parts))


def matches(pattern: str, paths: Sequence[str]) -> list[Match]:
    """The paths that fit a pattern, in order of clip, direction and frame number."""
    expression = []
    seen: set[str] = set()
    for index, part in enumerate(_PLACEHOLDER.split(pattern.removeprefix("./"))):
        if index % 2 == 0:
            expression.append(re.escape(part))
        elif part in seen:
            expression.append(f"(?P={part})")
        else:
            seen.add(part)
            expression.append(f"(?P<{part}>{_PATTERNS[part]})")
    compiled = re.compile(r"(?:.*/)?" + "".join(expression))
    matching = [Match(path, match.groupdict()) for path in paths if (match := compiled.fullmatch(path))]
    return sorted(
        matching, key=lambda one: (one.values.get("animation", ""), one.direction or "", one.frame or 0, one.path)
    )
