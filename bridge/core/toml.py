"""TOML with positions: `tomllib` reads the values, a small scanner says where each key and value stands.

The scanner runs only over text that tomllib accepted, so it may be simple: it follows TOML 1.0's grammar for keys,
tables, arrays of tables, inline tables, arrays and the four kinds of strings, and skips everything else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from bridge.core import limits
from bridge.core.conflict_markers import describe_conflicts, find_conflicts
from bridge.core.errors import UserError
from bridge.core.paths import is_text

# What a basic string of TOML 1.0 may not hold as it is, and what a reader of the file would not see.
_ESCAPED = re.compile(
    '[\x00-\x1f\x7f-\x9f"\\\\\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]'
)
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
KeyPath: TypeAlias = tuple[str | int, ...]
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR_END = re.compile(r"[,\]}#\r\n]")
_TOO_LARGE = "a whole number does not fit into 64 bits"
_TOO_DEEP = f"tables, arrays or parts of a key are nested too deeply: more than {limits.TOML_DEPTH} levels"
_TOO_MANY = f"it has more than {limits.TOML_VALUES:,} keys and values"
# Texts (a cut-off one reaches to the end), comments, and the marks that make tables, arrays, keys and values.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+(?:"|$|\Z)'
    r"|'[^'\n]*+(?:'|$|\Z)"
    r"|\#[^\n]*+|[\[\]{}=,.\n]",
    re.DOTALL | re.MULTILINE,
)
_AT_POSITION = re.compile(r"\(at line (\d+), column (\d+)\)")


_MERGE_HINT = "Keep one side of each, and take out the lines that begin with <<<<<<<, ======= and >>>>>>>."


class TomlError(Exception):
    """Text that is not TOML; line and column count from 1. hint: the way out, where there is a particular one."""

    def __init__(self, message: str, line: int, column: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """Data and its text."""

    data: dict[str, Any]
    text: str

    def locate(self, path: KeyPath) -> tuple[int, int]:
        """Line and column (from 1) of the key at `path`; of the nearest table above when it is not in the text."""
        positions = self.key_offsets()
        while path:
            if path in positions:
                return _line_column(self.text, positions[path])
            path = path[:-1]
        return 1, 1

    def key_offsets(self) -> dict[KeyPath, int]:
        """Path of every key and array element → its offset in the text. A table stands at its first mention."""
        return _Scanner(self.text).scan()


def parse_toml(text: str) -> TomlDocument:
    """TOML text → data with positions.

    Raises:
        TomlError: the text is not TOML 1.0, or beyond a limit.
    """
    _check_bounds(text)
    conflicts = describe_conflicts(text)
    if conflicts:
        # In a text of several lines they would be valid, and part of what is bought.
        first = next(find_conflicts(text))[0]
        raise TomlError(f"{conflicts} hold both sides of an unfinished merge", first, 1, _MERGE_HINT)
    try:
        document = TomlDocument(tomllib.loads(text), text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        position = _AT_POSITION.search(message)
        if position:
            line, column = int(position[1]), int(position[2])
        else:
            lines = text.split("\n")
            line, column = len(lines), len(lines[-1]) + 1
        plain = _AT_POSITION.sub("", message).replace("(at end of document)", "at the end of the file").strip()
        raise TomlError(plain[:1].lower() + plain[1:], line, column) from None
    except ValueError:
        # Python converts no decimal number of more than 4300 digits and does not say which one it was.
        line, column = _line_column(text, _first_long_number(text))
        raise TomlError(_TOO_LARGE, line, column) from None
    too_large = next(_beyond_64_bits(document.data, ()), None)
    if too_large is not None:
        raise TomlError(_TOO_LARGE, *document.locate(too_large))
    return document


def quote_text(text: str) -> str:
    """A text as a basic string; what acts or hides is escaped.

    Raises:
        UserError: `usage`: it is no Unicode.
    """
    if not is_text(text):
        raise UserError("usage", f"{text} is no Unicode text", hint="Give it as UTF-8.")
    return f'"{_ESCAPED.sub(_escape_character, text)}"'


def _escape_character(match: re.Match[str]) -> str:
    number = ord(match[0])
    return _SHORT.get(match[0]) or (f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}")


def _check_bounds(text: str) -> None:
    """Counts depth, keys and values before `tomllib` makes objects of them: a dotted key of 100 kB takes it 10 GB.

    Raises:
        TomlError: there are too many, or too deep.
    """
    # Nearly all files have fewer marks than that, of whatever kind.
    if text.count(".") + text.count("[") + text.count("{") <= limits.TOML_DEPTH and len(text) <= limits.TOML_VALUES:
        return
    depth = dots = count = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "[{":
            depth, dots, count = depth + 1, 0, count + 1
        elif mark == ".":
            dots, count = dots + 1, count + 1
        elif mark in "=,\n":
            dots, count = 0, count + (mark != "\n")
        elif mark in "]}":
            depth = max(0, depth - 1)
        if max(depth, dots) > limits.TOML_DEPTH:
            raise TomlError(_TOO_DEEP, *_line_column(text, token.start()))
        if count > limits.TOML_VALUES:
            raise TomlError(_TOO_MANY, *_line_column(text, token.start()))


def _first_long_number(text: str) -> int:
    number = re.search(r"[0-9_]{4301,}", text)
    return number.start() if number else 0


def _beyond_64_bits(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    """Numbers that TOML 1.0 (section Integer) lets a reader refuse; most programs could not hold them."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _beyond_64_bits(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _beyond_64_bits(item, (*path, number))
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        yield path


def _line_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.offsets: dict[KeyPath, int] = {}
        self.arrays: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        """Path of every key and array element → offset in the text."""
        prefix: KeyPath = ()
        while self._skip_blanks():
            if self.text[self.at] == "[":
                prefix = self._read_header()
            else:
                self._read_pair(prefix)
        return self.offsets

    def _skip_blanks(self, *, commas: bool = False) -> bool:
        """Moves over blanks and comments; False at the end."""
        blank = " \t\r\n," if commas else " \t\r\n"
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif character in blank or character == "\ufeff":
                self.at += 1
            else:
                return True
        return False

    def _read_header(self) -> KeyPath:
        start = self.at
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys = self._read_keys()
        self.at = self.text.index("]", self.at) + (2 if many else 1)
        path: KeyPath = ()
        for index, (key, at) in enumerate(keys):
            path = (*path, key)
            self.offsets.setdefault(path, at)
            last = index == len(keys) - 1
            if path in self.arrays and not (last and many):
                path = (*path, self.arrays[path])
        if many:
            self.arrays[path] = self.arrays.get(path, -1) + 1
            path = (*path, self.arrays[path])
            self.offsets[path] = start
        return path

    def _read_keys(self) -> list[tuple[str, int]]:
        keys = []
        while True:
            self._skip_blanks()
            start = self.at
            if self.text[self.at] in "\"'":
                self._skip_string()
                keys.append((str(tomllib.loads(f"v = {self.text[start : self.at]}")["v"]), start))
            else:
                match = _BARE.match(self.text, self.at)
                if match is None:
                    raise AssertionError("the scanner met a key that tomllib would refuse")
                self.at = match.end()
                keys.append((match[0], start))
            self._skip_blanks()
            if self.text[self.at] != ".":
                return keys
            self.at += 1

    def _read_pair(self, prefix: KeyPath) -> None:
        path = prefix
        for key, start in self._read_keys():
            path = (*path, key)
            self.offsets.setdefault(path, start)
        self.at = self.text.index("=", self.at) + 1
        self._skip_value(path)

    def _skip_value(self, path: KeyPath) -> None:
        while self.text[self.at] in " \t":
            self.at += 1
        character = self.text[self.at]
        if character in "\"'":
            self._skip_string()
        elif character == "[":
            self.at += 1
            number = 0
            while self._skip_blanks(commas=True) and self.text[self.at] != "]":
                self.offsets[(*path, number)] = self.at
                self._skip_value((*path, number))
                number += 1
            self.at += 1
        elif character == "{":
            self.at += 1
            while self._skip_blanks(commas=True) and self.text[self.at] != "}":
                self._read_pair(path)
            self.at += 1
        else:
            end = _SCALAR_END.search(self.text, self.at)
            self.at = end.start() if end else len(self.text)

    def _skip_string(self) -> None:
        """Moves over a string."""
        quote = self.text[self.at]
        mark = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(mark)
        while not self.text.startswith(mark, self.at):
            self.at += 2 if self.text[self.at] == "\\" and quote == '"' else 1
        self.at += len(mark)
        # Up to two quotes may stand right before the closing three.
        while len(mark) == 3 and self.text.startswith(quote, self.at):
            self.at += 1


class KeyPositions:
    """Lines and columns of a document's keys, scanned when first asked for."""

    def __init__(self, document: TomlDocument) -> None:
        self._document = document

    @cached_property
    def _offsets(self) -> dict[KeyPath, int]:
        return self._document.key_offsets()

    def locate(self, path: KeyPath) -> tuple[int, int] | None:
        """Line and column of a key, None when it does not stand in this text."""
        offset = self._offsets.get(path)
        return None if offset is None else _line_column(self._document.text, offset)
