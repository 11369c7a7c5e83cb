r"""Texts of files, names and answers as a terminal or a log may show them: all that acts or cannot be seen is escaped.

A control character moves the cursor or ends the line that it stands in, an ANSI sequence clears what was said before,
and bidirectional marks make a line read otherwise than it is (CVE-2021-42574, Unicode Technical Report 36, section 3).
They are shown as Python and JSON write them (`\x1b`, `\u202e`); letters, ideographs and emoji of all scripts stay.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from bridge.core.redact import known_secrets, redact

# Not printable by Unicode's categories, as other blanks and formats are not, but what people write with.
_BLANKS = "\u00a0\u202f\u3000"
# Printable by their categories, and drawn as nothing: fillers, variation selectors, the combining grapheme joiner.
_NOTHING = "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
_JOINER = "\u200d"
_PICTURES = "[\u2190-\u2bff\u3030\u303d\ufe0f\U0001f000-\U0001faff]"
# The colours that the command line itself writes: they change no text and hide none.
_OWN_COLOR = r"(\x1b\[(?:0|3[1-6])m)"


def show_text(text: str) -> str:
    r"""A text as one visible line: `\n` and `\t` are escaped as well. A joiner stays between the parts of an emoji."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if _is_visible(text, index) else ascii(character)[1:-1] for index, character in enumerate(text)
    )


def _is_visible(text: str, index: int) -> bool:
    character = text[index]
    if character == _JOINER:
        around = text[max(index - 1, 0)], text[index + 1 : index + 2]
        return all(re.fullmatch(_PICTURES, neighbour) for neighbour in around)
    return (character.isprintable() and not re.match(_NOTHING, character)) or character in _BLANKS


def show_lines(text: str) -> str:
    """A text of several lines: line feeds stay."""
    return "\n".join(map(show_text, text.split("\n")))


def write_json(document: Any) -> str:
    """A document as JSON in visible ASCII: a program reads the very same texts, and a terminal obeys none of them."""
    # DEL is the one character that acts and that JSON does not have to escape.
    return json.dumps(document).replace("\x7f", "\\u007f")


class VisibleStream:
    """A text stream that escapes what acts and masks keys in what is written to it; line feeds and our colours stay.

    plain: the stream behind it, for who moves the cursor on purpose.
    """

    def __init__(self, plain: TextIO) -> None:
        self.plain = plain

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)

    def write(self, text: str) -> int:
        """Writes a text; the length of what was given counts as written."""
        pieces = re.split(_OWN_COLOR, redact(text, known_secrets()))
        self.plain.write("".join(piece if number % 2 else show_lines(piece) for number, piece in enumerate(pieces)))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Writes texts one after another."""
        for line in lines:
            self.write(line)


@contextmanager
def guard_streams() -> Iterator[None]:
    """Has everything that is written to stdout and stderr go through a `VisibleStream`, by whatever library."""
    before = sys.stdout, sys.stderr
    guard_process()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def guard_process() -> None:
    """The same from now on, for a process that serves this one."""
    sys.stdout = cast("TextIO", VisibleStream(plain_stream(sys.stdout)))
    sys.stderr = cast("TextIO", VisibleStream(plain_stream(sys.stderr)))


def plain_stream(stream: TextIO) -> TextIO:
    """The stream behind a guarded one."""
    return stream.plain if isinstance(stream, VisibleStream) else stream
