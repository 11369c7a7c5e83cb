"""Unity's YAML, written as the editor writes it and read without losing anything.

Unity's files are a subset of YAML 1.1: block mappings and lists of two spaces, list dashes at the column of their key,
and flow maps on one line (Unity manual, "Format of text serialized files"). A scalar is kept here as the text that
stands in the file, so a guid of digits alone stays a text and whatever a user or a newer editor wrote comes back as it
was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, Union

import numpy as np

from exporters.texts import require_text

Node: TypeAlias = Union[str, int, "dict[str, Node]", "list[Node]"]
Tree: TypeAlias = dict[str, Node]

HEADER = "%YAML 1.1\n%TAG !u! tag:unity3d.com,2011:\n"
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ .-]*(?<! )")
WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null"})
QUOTES_AND_BRACKETS = ("{", "[", '"', "'")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONG_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\U([0-9A-Fa-f]{8})")
_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'\[\]{}#&*!|>%@`-][^#]*?|-[^\s#][^#]*?):(?: (.*)|)$""")


class YamlFault(ValueError):
    """The text is none that Unity would write."""


@dataclass(frozen=True, slots=True)
class YamlObject:
    """A document of a file: class id, local file id (64 bits, signed), type name and fields."""

    class_id: int
    anchor: int
    type: str
    fields: Mapping[str, Node]


def write_number(value: float) -> str:
    """The shortest text of a 32-bit float: `0.083333336`, and `1` instead of `1.0`."""
    single = np.float32(value)
    if single == np.trunc(single):
        return str(int(single))
    return str(np.format_float_positional(single, unique=True, trim="-"))


def write_text(value: str) -> str:
    """A text as a scalar, in double quotes where it could be read as something else.

    Raises:
        ExportError: it has half of a surrogate pair.
    """
    if not value or (PLAIN.fullmatch(value) and value.lower() not in WORDS):
        return value
    return "".join(map(_write_character, json.dumps(require_text(value, "Unity"), ensure_ascii=False)))


def _write_character(character: str) -> str:
    if character.isascii() and character != "\x7f":
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def read_scalar(raw: str) -> str:
    """The text that a scalar stands for."""
    if raw[:1] == '"' and raw[-1:] == '"' and len(raw) > 1:
        try:
            # A backslash that is escaped itself begins no escape.
            return str(json.loads(_LONG_ESCAPE.sub(lambda match: match[1] + chr(int(match[2], 16)), raw)))
        except ValueError:
            return raw
    if raw[:1] == "'" and raw[-1:] == "'" and len(raw) > 1:
        return raw[1:-1].replace("''", "'")
    return raw


def flow(**values: float | str) -> str:
    """A map on one line: `{x: 0.5, y: 0}`."""
    return "{" + ", ".join(f"{k}: {v if isinstance(v, str) else write_number(v)}" for k, v in values.items()) + "}"


def object_reference(file_id: int, guid: str | None = None, kind: int = 3) -> str:
    """A reference to an object: in the same file without guid; kind 3 is an imported asset, 2 a native one."""
    if guid is None:
        return f"{{fileID: {file_id}}}"
    return f"{{fileID: {file_id}, guid: {guid}, type: {kind}}}"


NOTHING = object_reference(0)


def write_tree(tree: Mapping[str, Node]) -> str:
    """The text of a mapping without header, as in a `.meta` file."""
    return "\n".join(_mapping_lines(tree, 0)) + "\n"


def write_objects(objects: Iterable[YamlObject]) -> bytes:
    """A file of objects in the order of their local file ids, which is the order in which Unity saves them."""
    parts = [HEADER]
    for one in sorted(objects, key=lambda one: one.anchor):
        parts.append(f"--- !u!{one.class_id} &{one.anchor}\n{one.type}:\n")
        parts.append("\n".join(_mapping_lines(one.fields, 2)) + "\n")
    return "".join(parts).encode()


def _mapping_lines(tree: Mapping[str, Node], indent: int) -> list[str]:
    lines = []
    for key, value in tree.items():
        lines += _entry_lines(f"{' ' * indent}{key}:", value, indent)
    return lines


def _entry_lines(head: str, value: Node, indent: int) -> list[str]:
    match value:
        case dict() if value:
            return [head, *_mapping_lines(value, indent + 2)]
        case list() if value:
            return [head, *_list_lines(value, indent)]
        case dict():
            return [f"{head} {{}}"]
        case list():
            return [f"{head} []"]
        case _:
            return [f"{head} {value}"]


def _list_lines(items: Sequence[Node], indent: int) -> list[str]:
    lines: list[str] = []
    for item in items:
        if isinstance(item, dict) and item:
            inner = _mapping_lines(item, indent + 2)
        elif isinstance(item, list) and item:
            inner = _list_lines(item, indent + 2)
        else:
            inner = [f"{' ' * (indent + 2)}{'{}' if item == {} else '[]' if item == [] else item}"]
        lines += [f"{' ' * indent}- {inner[0][indent + 2 :]}", *inner[1:]]
    return lines


def read_tree(data: bytes) -> Tree:
    """A mapping without header, as in a `.meta` file; newlines may be those of Windows.

    Raises:
        YamlFault: the bytes are no such text.
    """
    try:
        source = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise YamlFault("not UTF-8") from error
    if _CONTROL.search(source):
        raise YamlFault("it holds control characters")
    lines = [line for line in source.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    tree, end = _YamlReader(lines).block(0, 0)
    if end != len(lines) or not isinstance(tree, dict):
        raise YamlFault(f"unexpected line: {lines[end] if end < len(lines) else ''}")
    return tree


def _is_open(start: str) -> bool:
    """Whether a flow map, flow list or quoted text goes on in the next line."""
    if start[:1] in ("{", "["):
        return sum(map(start.count, "{[")) > sum(map(start.count, "}]"))
    return start[:1] in ('"', "'") and (len(start) == 1 or start[-1] != start[0])


class _YamlReader:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def indent(self, at: int) -> int:
        """The column where a line begins, -1 behind the last one."""
        if at >= len(self.lines):
            return -1
        return len(self.lines[at]) - len(self.lines[at].lstrip(" "))

    def dashed(self, at: int) -> bool:
        body = self.lines[at].lstrip(" ")
        return body.startswith("- ") or body == "-"

    def block(self, at: int, indent: int) -> tuple[Node, int]:
        """The mapping or list that begins at a line, and the line behind it."""
        if self.indent(at) == indent and self.dashed(at):
            return self.items(at, indent)
        return self.mapping(at, indent)

    def mapping(self, at: int, indent: int) -> tuple[Node, int]:
        tree: Tree = {}
        while self.indent(at) == indent and not self.dashed(at):
            match = _KEY.fullmatch(self.lines[at].strip(" "))
            if match is None:
                raise YamlFault(f"not a key: {self.lines[at].strip()}")
            key, rest = match[1], (match[2] or "").strip(" ")
            if key in tree:
                raise YamlFault(f"the key {key} stands twice")
            if rest:
                tree[key], at = self.scalar(rest, at + 1, indent)
            elif self.indent(at + 1) > indent or (self.indent(at + 1) == indent and self.dashed(at + 1)):
                tree[key], at = self.block(at + 1, self.indent(at + 1))
            else:
                tree[key], at = "", at + 1
        return tree, at

    def items(self, at: int, indent: int) -> tuple[Node, int]:
        items: list[Node] = []
        while self.indent(at) == indent and self.dashed(at):
            rest = self.lines[at][indent + 2 :].lstrip(" ")
            if rest.startswith(("- ", "-\n")) or (rest[:1] not in "{[" and _KEY.fullmatch(rest)):
                # The dash is part of the indentation of what it introduces.
                self.lines[at] = " " * (indent + 2) + rest
                item, at = self.block(at, indent + 2)
            else:
                item, at = self.scalar(rest, at + 1, indent)
            items.append(item)
        return items, at

    def scalar(self, start: str, at: int, indent: int) -> tuple[str, int]:
        """A scalar; older editors break long ones into lines of deeper indentation."""
        while self.indent(at) > indent:
            line = self.lines[at].strip(" ")
            if not _is_open(start) and (start[:1] in QUOTES_AND_BRACKETS or self.dashed(at) or _KEY.fullmatch(line)):
                raise YamlFault(f"unexpected indentation: {line}")
            start += " " + line
            at += 1
        return start, at
