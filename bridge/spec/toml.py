"""TOML with positions: `tomllib` reads the values, a small scanner says where each key and value stands.

The scanner runs only over text that tomllib accepted, so it may be simple: it follows TOML 1.0's grammar for keys,
tables, arrays of tables, inline tables, arrays and the four kinds of strings, and skips everything else.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR_END = re.compile(r"[,\]}#\r\n]")
_AT_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


class TomlError(Exception):
    """Text that is not TOML; line and column count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Document:
    """Data and its text."""

    data: dict[str, Any]
    text: str

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column (from 1) of the key at `path`; of the nearest table above when it is not in the text."""
        positions = self._positions()
        while path:
            if path in positions:
                return self._line_column(positions[path])
            path = path[:-1]
        return 1, 1

    def _positions(self) -> dict[Path, int]:
        return _Scanner(self.text).scan()

    def _line_column(self, offset: int) -> tuple[int, int]:
        before = self.text[:offset]
        line = before.count("\n") + 1
        return line, offset - (before.rfind("\n") + 1) + 1


def parse(text: str) -> Document:
    """TOML text → data with positions.

    Raises:
        TomlError: the text is not TOML 1.0.
    """
    try:
        return Document(tomllib.loads(text), text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = _AT_PLACE.search(message)
        if found:
            line, column = int(found[1]), int(found[2])
        else:
            lines = text.splitlines() or [""]
            line, column = len(lines), len(lines[-1]) + 1
        plain = _AT_PLACE.sub("", message).replace("(at end of document)", "at the end of the file").strip()
        raise TomlError(plain[:1].lower() + plain[1:], line, column) from None
    except RecursionError:
        raise TomlError("tables or arrays are nested too deeply", 1, 1) from None


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, int] = {}
        self.arrays: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        """Path of every key and array element → offset in the text."""
        prefix: Path = ()
        while self._skip():
            if self.text[self.at] == "[":
                prefix = self._header()
            else:
                self._pair(prefix)
        return self.found

    def _skip(self, *, commas: bool = False) -> bool:
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

    def _header(self) -> Path:
        start = self.at
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys = self._keys()
        self.at = self.text.index("]", self.at) + (2 if many else 1)
        path: Path = ()
        for place, (key, _) in enumerate(keys):
            path = (*path, key)
            last = place == len(keys) - 1
            if path in self.arrays and not (last and many):
                path = (*path, self.arrays[path])
        if many:
            self.arrays[path] = self.arrays.get(path, -1) + 1
            self.found.setdefault(path, start)
            path = (*path, self.arrays[path])
        self._record(path, start)
        return path

    def _record(self, path: Path, offset: int) -> None:
        for length in range(1, len(path) + 1):
            self.found.setdefault(path[:length], offset)

    def _keys(self) -> list[tuple[str, int]]:
        keys = []
        while True:
            self._skip()
            start = self.at
            if self.text[self.at] in "\"'":
                keys.append((self._string(), start))
            else:
                match = _BARE.match(self.text, self.at)
                if match is None:
                    raise AssertionError("the scanner met a key that tomllib would refuse")
                self.at = match.end()
                keys.append((match[0], start))
            self._skip()
            if self.text[self.at] != ".":
                return keys
            self.at += 1

    def _pair(self, prefix: Path) -> None:
        path = prefix
        for key, start in self._keys():
            path = (*path, key)
            self.found.setdefault(path, start)
        self.at = self.text.index("=", self.at) + 1
        self._value(path)

    def _value(self, path: Path) -> None:
        while self.text[self.at] in " \t":
            self.at += 1
        character = self.text[self.at]
        if character in "\"'":
            self._string()
        elif character == "[":
            self.at += 1
            number = 0
            while self._skip(commas=True) and self.text[self.at] != "]":
                self.found[(*path, number)] = self.at
                self._value((*path, number))
                number += 1
            self.at += 1
        elif character == "{":
            self.at += 1
            while self._skip(commas=True) and self.text[self.at] != "}":
                self._pair(path)
            self.at += 1
        else:
            end = _SCALAR_END.search(self.text, self.at)
            self.at = end.start() if end else len(self.text)

    def _string(self) -> str:
        """Moves over a string and returns its value."""
        start = self.at
        quote = self.text[self.at]
        if self.text.startswith(quote * 3, self.at):
            self.at += 3
            while True:
                self.at = self._closing(quote * 3)
                # Up to two quotes may stand right before the closing three.
                while self.text.startswith(quote, self.at):
                    self.at += 1
                break
        else:
            self.at += 1
            self.at = self._closing(quote)
        value = tomllib.loads(f"v = {self.text[start : self.at]}")["v"]
        return str(value)

    def _closing(self, mark: str) -> int:
        at = self.at
        while not self.text.startswith(mark, at):
            at += 2 if self.text[at] == "\\" and mark[0] == '"' else 1
        return at + len(mark)


class Positions:
    """Lines and columns of a document's keys, scanned when first asked for."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def _found(self) -> dict[Path, int]:
        return self._document._positions()

    def place(self, path: Path) -> tuple[int, int] | None:
        """Line and column of a key, None when it does not stand in this text."""
        offset = self._found.get(path)
        return None if offset is None else self._document._line_column(offset)
