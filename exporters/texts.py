"""Texts that users chose, in the files that we write: what acts or hides is escaped, and refused where a format cannot.

A name with a line end, a bracket or a quote stays a name, and in JSON and YAML a review sees what is in it:
bidirectional marks and invisible characters are written as escapes (CVE-2021-42574).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from exporters.base import ExportError

HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
"""Controls of both sets, bidirectional and invisible formats, separators of lines, tags, halves of pairs."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def escape_hidden(text: str, write_code: Callable[[int], str]) -> str:
    """A text with all that acts or hides written by `write_code`, which gets the number of a character."""
    return HIDDEN.sub(lambda match: write_code(ord(match[0])), text)


def visible_text(text: str) -> str:
    """A text as one line of a message."""
    return escape_hidden(text, lambda number: ascii(chr(number))[1:-1])


def json_text(value: Any) -> str:
    """A value as JSON on one line, with letters of all scripts as they are.

    Raises:
        ExportError: a number is infinite or none.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise ExportError("a number is infinite or none, which JSON cannot hold") from error
    # What is hidden can only stand inside of strings.
    return escape_hidden(text, _json_code)


def _json_code(number: int) -> str:
    return json.dumps(chr(number))[1:-1] if number != 0x7F else "\\u007f"


def require_text(text: str, engine: str, forbidden: re.Pattern[str] = _SURROGATE) -> str:
    """The text, where a file of the engine can hold it.

    Raises:
        ExportError: it has a half of a surrogate pair, or what else `forbidden` finds.
    """
    match = forbidden.search(text)
    if match is None:
        return text
    raise ExportError(
        f'the text "{text[:60]}" holds the character U+{ord(match[0]):04X}, which no file of {engine} can hold',
        hint="Take it out where the name or the text comes from.",
    )
