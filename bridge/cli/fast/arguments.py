"""The command line of commands that answer before click is imported; whatever is not plain is click's to judge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class FastOptions(NamedTuple):
    """`--project DIR` and the flags that were given."""

    start: Path
    flags: frozenset[str]


def parse_options(words: Sequence[str], flags: frozenset[str]) -> FastOptions | None:
    """The options of a command that takes no arguments; None when there is anything but `--project` and `flags`."""
    start, given = Path(), set()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in flags:
            given.add(word)
        elif word == "--project" and rest:
            start = Path(rest.pop(0))
        elif word.startswith("--project="):
            start = Path(word.partition("=")[2])
        else:
            return None
    return FastOptions(start.absolute(), frozenset(given))
