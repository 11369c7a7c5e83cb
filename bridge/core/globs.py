"""Patterns of paths, as version control and editors write them."""

from __future__ import annotations

import re
from functools import lru_cache

from bridge.core import limits


@lru_cache(maxsize=32)
def compile_glob(glob: str) -> re.Pattern[str]:
    """A glob over project-relative paths: `*` and `?` inside one folder, `**` over folders.

    Whatever the pattern, matching takes no longer than the lengths of pattern and path multiplied, since what one
    wildcard has taken is never tried again (`(?>`) once another wildcard of the same reach follows.

    Raises:
        ValueError: the pattern is too long, or has `**` beside other characters more than once.
    """
    if len(glob) > limits.PATTERN_LETTERS:
        raise ValueError(f"a pattern has more than {limits.PATTERN_LETTERS:,} characters")
    parts = re.sub(r"(?:\*\*/)+", "**/", re.sub(r"\*{3,}", "**", glob)).split("/")
    mixed = [part for part in parts if "**" in part and part != "**"]
    if len(mixed) + (parts[-1] == "**") > 1:
        raise ValueError("a pattern has `**` beside other characters in several places: write `**/`")
    if mixed and glob.count("*") > 3:
        raise ValueError("a pattern with `**` beside other characters has many wildcards: write `**/`")
    if mixed:
        # `**` inside a name reaches over folders as well: one such wildcard is tried everywhere.
        return re.compile(_any_reach(glob) + r"\Z")
    blocks: list[list[str]] = [[]]
    for part in parts[:-1]:
        if part == "**":
            blocks.append([])
        else:
            blocks[-1].append(_match_name(part) + "/")
    last = ".*" if parts[-1] == "**" else _match_name(parts[-1])
    expression = "".join(blocks[0])
    for number, block in enumerate(blocks[1:], 2):
        if number < len(blocks):
            expression += f"(?>(?:[^/]+/)*?{''.join(block)})"
        else:
            expression += f"(?:[^/]+/)*{''.join(block)}"
    return re.compile(expression + last + r"\Z")


def _match_name(glob: str) -> str:
    """The expression of a name with `*` and `?`."""
    first, *rest = (
        "".join("[^/]" if character == "?" else re.escape(character) for character in literal)
        for literal in glob.split("*")
    )
    return (
        first + "".join(f"(?>[^/]*?{literal})" for literal in rest[:-1]) + "".join(f"[^/]*{end}" for end in rest[-1:])
    )


def _any_reach(glob: str) -> str:
    out = ""
    rest = glob
    while rest:
        if rest.startswith("**/"):
            out, rest = out + "(?:[^/]+/)*", rest[3:]
        elif rest.startswith("**"):
            out, rest = out + ".*", rest[2:]
        elif rest[0] == "*":
            out, rest = out + "[^/]*", rest[1:]
        elif rest[0] == "?":
            out, rest = out + "[^/]", rest[1:]
        else:
            out, rest = out + re.escape(rest[0]), rest[1:]
    return out
