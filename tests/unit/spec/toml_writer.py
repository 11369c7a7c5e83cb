"""Writes random TOML and notes where each key and element stands: the other half of the scanner's property."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from bridge.core.toml import KeyPath

T = TypeVar("T")
KEYS = (
    "a",
    "key-",
    "_",
    "0",
    "3",
    "ключ",
    "with space ",
    "dot.",
    'quo"te',
    "it's ",
    "br]ack[",
    "eq = ",
    "# no ",
    "{",
    "\\",
)
SCALARS = (
    "1", "0x1F", "+1_000", "0.5", "-1e9", "inf", "nan", "true", "false", "1979-05-27",
    "1979-05-27 07:32:00Z", "07:32:00.5", '""', "''", '"a # b"', '"]"', '"\\"]\\\\"', "'\\'", "'#]}'", '"é\\u00e9"',
    '"""one"""', '""""two" quotes"""""', '"""three\n]\n"" \\""" x = 1\n[y]"""', "'''four\n[z]\nk = \"\"\" '''",
    "'''''five'''''",
)  # fmt: skip
GAPS = ("", " ", "\t", "  ")
BREAKS = ("", " ", "\n", " # ] } , = [x]\n", "\n\t\n")


class Writer:
    """`choose` takes one of several things; `text` and `places` grow with every statement."""

    def __init__(self, choose: Callable[[Sequence[T]], T], newline: str) -> None:
        self.choose = choose
        self.newline = newline
        self.text = ""
        self.places: dict[KeyPath, int] = {}
        self.count = 0

    def put(self, text: str) -> None:
        """Appends; inside strings too the file's newlines are those of its editor."""
        self.text += text.replace("\n", self.newline)

    def pick(self, options: Sequence[str]) -> str:
        """One of several texts."""
        return self.choose(options)  # type: ignore[arg-type, return-value]

    def number(self, most: int) -> int:
        """0 to `most`."""
        return self.choose(range(most + 1))  # type: ignore[arg-type, return-value]

    def key(self) -> tuple[str, str]:
        """A new key and how it is written."""
        self.count += 1
        key = f"{self.pick(KEYS)}{self.count}"
        ways = [json.dumps(key, ensure_ascii=False)]
        if re.fullmatch(r"[A-Za-z0-9_-]+", key):
            ways.append(key)
        if "'" not in key:
            ways.append(f"'{key}'")
        return key, self.pick(ways)

    def dotted(self, prefix: KeyPath, most: int) -> KeyPath:
        """A key of one or more new parts, each noted."""
        path = prefix
        for part in range(1 + self.number(most)):
            key, written = self.key()
            self.put(f"{self.pick(GAPS)}.{self.pick(GAPS)}" if part else "")
            path = (*path, key)
            self.places[path] = len(self.text)
            self.put(written)
        return path

    def pair(self, prefix: KeyPath, depth: int) -> None:
        """`key = value`."""
        path = self.dotted(prefix, 2)
        self.put(f"{self.pick(GAPS)}={self.pick(GAPS)}")
        self.value(path, depth)

    def value(self, path: KeyPath, depth: int) -> None:
        """A scalar, an array or an inline table."""
        form = self.pick(("scalar", "scalar", "array", "inline")) if depth else "scalar"
        if form == "scalar":
            self.put(self.pick(SCALARS))
        elif form == "array":
            self.array(path, depth)
        else:
            self.put("{")
            for number in range(self.number(2)):
                self.put(f"{',' if number else ''}{self.pick(GAPS)}")
                self.pair(path, depth - 1)
                self.put(self.pick(GAPS))
            self.put("}")

    def array(self, path: KeyPath, depth: int) -> None:
        """An array over one or several lines, with comments."""
        size = self.number(3)
        self.put("[" + self.pick(BREAKS))
        for number in range(size):
            self.places[(*path, number)] = len(self.text)
            self.value((*path, number), depth - 1)
            last = number == size - 1
            self.put(self.pick(BREAKS) + (self.pick(("", ",")) if last else ",") + self.pick(BREAKS))
        self.put("]")

    def lines(self, prefix: KeyPath) -> None:
        """Some pairs, each on its line."""
        for _ in range(self.number(3)):
            self.put(self.pick(("", "# = [x]\n", "\n", " \t")))
            self.pair(prefix, 2)
            self.put(self.pick(("\n", " # x = 1\n")))

    def table(self) -> None:
        """`[a.b]` with its pairs."""
        self.put(f"[{self.pick(GAPS)}")
        path = self.dotted((), 2)
        self.put(f"{self.pick(GAPS)}]{self.pick(BREAKS[2:])}")
        self.lines(path)

    def array_of_tables(self) -> None:
        """`[[a]]` several times, each with pairs, `[a.sub]` and `[[a.inner]]`."""
        key, written = self.key()
        for number in range(1 + self.number(2)):
            self.places.setdefault((key,), len(self.text) + 2)
            self.places[(key, number)] = len(self.text)
            self.put(f"[[{written}]]\n")
            self.lines((key, number))
            for brackets in (1, 2):
                sub, sub_written = self.key()
                path: KeyPath = (key, number, sub)
                header = f"{'[' * brackets}{written}.{sub_written}{']' * brackets}\n"
                self.places[path] = len(self.text) + header.index(f".{sub_written}", len(written)) + 1
                if brackets == 2:
                    path = (*path, 0)
                    self.places[path] = len(self.text)
                self.put(header)
                self.lines(path)

    def document(self) -> None:
        """Pairs first, then tables."""
        self.lines(())
        for _ in range(self.number(3)):
            if self.number(1):
                self.table()
            else:
                self.array_of_tables()
