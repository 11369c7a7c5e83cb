"""What the command line says, and the only module that says it: whatever a stranger called things is shown escaped."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import Any

from bridge.core.redact import known_secrets, redact
from bridge.core.visible import show_lines, show_text, write_json

_COLORS = {
    "create": "32",
    "update": "33",
    "export": "36",
    "rename": "36",
    "orphan": "35",
    "blocked": "31",
    "error": "31",
    "ready": "32",
    "failed": "31",
    "invalid": "31",
    "drifted": "33",
    "needs_pick": "33",
    "needs_approval": "33",
    "needs_trust": "33",
    "uncertain": "35",
}


class ColoredWord(str):
    """A word of ours at the beginning of what is printed, in its colour where a person watches."""

    __slots__ = ()


def color_word(word: str, width: int = 0) -> ColoredWord:
    """An action or a state in its colour, filled up to a width."""
    text = f"{show_text(word):<{width}}"
    return ColoredWord(f"\x1b[{_COLORS[word]}m{text}\x1b[0m" if is_on_terminal() and word in _COLORS else text)


def print_line(*parts: str) -> None:
    """Prints parts as one line on stdout; line ends in them are escaped like everything that acts."""
    sys.stdout.write(_make_line(parts))


def print_note(*parts: str) -> None:
    """Prints parts as one line on stderr."""
    sys.stderr.write(_make_line(parts))


def print_notes(lines: Iterable[str]) -> None:
    """Prints lines on stderr."""
    sys.stderr.write("".join(_make_line((line,)) for line in lines))


def print_text(text: str) -> None:
    """Prints a page of our own on stdout; its line ends stay."""
    sys.stdout.write(f"{show_lines(text)}\n")


def print_json(document: Any) -> None:
    """Prints a JSON document on stdout, in visible ASCII, so that no pipe's encoding can spoil it."""
    sys.stdout.write(f"{redact(write_json(document), known_secrets())}\n")


def print_json_text(text: str) -> None:
    """Prints a JSON document that is written already."""
    if text.isascii() and text.isprintable():
        sys.stdout.write(f"{redact(text, known_secrets())}\n")
    else:
        print_json(json.loads(text))


def flush_output() -> None:
    """Hands over what was printed: whoever reads a pipe waits for this very line."""
    sys.stdout.flush()


def ask_yes(question: str, *, on_stderr: bool = False) -> bool:
    """Asks a person; the answer is no where nothing is typed. on_stderr: where the question is shown.

    Raises:
        click.Abort: Ctrl-C, or the end of the input.
    """
    import click

    return click.confirm(_clean_text(question), default=False, err=on_stderr)


def ask_secret(question: str) -> str:
    """Asks a person for what the screen does not show.

    Raises:
        click.Abort: Ctrl-C, or the end of the input.
    """
    import click

    return str(click.prompt(_clean_text(question), hide_input=True, err=True))


def is_on_terminal() -> bool:
    """Whether a person watches (and did not ask for plain text by NO_COLOR)."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _make_line(parts: Iterable[str]) -> str:
    return "".join(part if isinstance(part, ColoredWord) else _clean_text(part) for part in parts) + "\n"


def _clean_text(text: str) -> str:
    return show_text(redact(text, known_secrets()))
