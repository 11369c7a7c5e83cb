"""Godot's text form of values (Variant), written and read.

Reading gives a list for an array, a dict (key text → value) for a dictionary, and the text itself for
everything else, so that writing it again changes nothing that we do not know.

Source: Godot's core/variant/variant_parser.cpp; documentation, "TSCN file format".
"""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from exporters.texts import require_text

Value: TypeAlias = "str | list[Value] | dict[str, Value]"

_NO_STRING = re.compile("[\x00\ud800-\udfff]")
# What is beyond ASCII stands as it is: Godot's reader of files takes escapes for bytes of UTF-8.
_ACTS = re.compile("[\x01-\x1f\x7f]")
_ESCAPE = re.compile(r"\\(?:(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6})|.|$)", re.DOTALL)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
OPENING = "([{"
CLOSING = ")]}"


class SyntaxFault(ValueError):
    """The text is not what Godot writes."""


def write_string(text: str) -> str:
    """A quoted string.

    Raises:
        ExportError: it has a character that no string of Godot has.
    """
    require_text(text, "Godot", _NO_STRING)
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return f'"{_ACTS.sub(_write_escape, text)}"'


def _write_escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def string_name(text: str) -> str:
    """A StringName."""
    return "&" + write_string(text)


def unquote(text: str) -> str:
    """The content of a string or StringName.

    Raises:
        SyntaxFault: the text is neither.
    """
    body = text.removeprefix("&")
    if len(body) < 2 or body[0] != '"' or body[-1] != '"':
        raise SyntaxFault(f"not a string: {text[:40]}")
    return _ESCAPE.sub(_read_escape, body[1:-1])


def _read_escape(match: re.Match[str]) -> str:
    if match[1]:
        number = int(match[1][1:], 16)
        return chr(number) if number <= sys.maxunicode else match[0]
    return _NAMED.get(match[0][1:], match[0][1:])


def write_real(number: float) -> str:
    """A float property: always with a point."""
    return repr(float(number))


def write_real32(number: float) -> str:
    """A float property that Godot keeps in 32 bits: the shortest text that is the same 32-bit float."""
    text = _shortest32(number)
    return text if "." in text or "e" in text else f"{text}.0"


def write_component(number: float) -> str:
    """A float inside a vector, without `.0`."""
    text = repr(float(number))
    return "0" if text == "-0.0" else text.removesuffix(".0")


def vector2(x: float, y: float) -> str:
    """A Vector2."""
    return f"Vector2({write_component(x)}, {write_component(y)})"


def vector2i(x: int, y: int) -> str:
    """A Vector2i."""
    return f"Vector2i({x}, {y})"


def rect2(x: float, y: float, width: float, height: float) -> str:
    """A Rect2."""
    return f"Rect2({', '.join(map(write_component, (x, y, width, height)))})"


def write_color(red: int, green: int, blue: int) -> str:
    """An opaque Color from bytes: the shortest text that is the same 32-bit float."""
    return f"Color({', '.join(_shortest32(channel / 255) for channel in (red, green, blue))}, 1)"


def packed_vector2(points: Iterable[Sequence[float]]) -> str:
    """A PackedVector2Array."""
    return f"PackedVector2Array({', '.join(write_component(number) for point in points for number in point)})"


def packed_strings(texts: Iterable[str]) -> str:
    """A PackedStringArray."""
    return f"PackedStringArray({', '.join(map(write_string, texts))})"


def _shortest32(number: float) -> str:
    exact = struct.pack("<f", number)
    (number,) = struct.unpack("<f", exact)
    for digits in range(1, 10):
        text = f"{number:.{digits}g}"
        if struct.pack("<f", float(text)) == exact:
            break
    return write_component(float(text))


def write_variant(value: str | float | bool) -> str:
    """A string, integer, float or bool."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return write_string(value)
    return str(value) if isinstance(value, int) else write_real(value)


def write_value(value: Value) -> str:
    """The text of a value in the form that Godot saves."""
    if isinstance(value, list):
        return "[" + ", ".join(map(write_value, value)) + "]"
    if isinstance(value, dict):
        if not value:
            return "{}"
        return "{\n" + ",\n".join(f"{key}: {write_value(entry)}" for key, entry in value.items()) + "\n}"
    return value


def read_value(text: str) -> Value:
    """The value of a text.

    Raises:
        SyntaxFault: it is not one value.
    """
    value, end = _read_at(text, _skip_space(text, 0))
    if _skip_space(text, end) != len(text):
        raise SyntaxFault(f"unexpected text: {text[end : end + 40]}")
    return value


def end_of_atom(text: str, start: int, stops: str) -> int:
    """Where a value's text ends: at the first of `stops` that is outside strings and brackets, or at the end.

    Raises:
        SyntaxFault: a string or a bracket is not closed.
    """
    depth = 0
    position = start
    while position < len(text):
        char = text[position]
        if depth == 0 and char in stops:
            return position
        if char == '"':
            position = _end_of_string(text, position)
            continue
        if char in OPENING:
            depth += 1
        elif char in CLOSING:
            depth -= 1
            if depth < 0:
                raise SyntaxFault(f"bracket without its opening: {text[start : position + 1][-40:]}")
        position += 1
    if depth:
        raise SyntaxFault(f"bracket that is not closed: {text[start : start + 40]}")
    return position


def _end_of_string(text: str, start: int) -> int:
    position = start + 1
    while position < len(text):
        if text[position] == "\\":
            position += 2
            continue
        if text[position] == '"':
            return position + 1
        position += 1
    raise SyntaxFault(f"string that is not closed: {text[start : start + 40]}")


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _read_at(text: str, start: int) -> tuple[Value, int]:
    if text[start : start + 1] == "[":
        return _read_list(text, start + 1)
    if text[start : start + 1] == "{":
        return _read_dict(text, start + 1)
    end = end_of_atom(text, start, ",]}:")
    if not text[start:end].strip():
        raise SyntaxFault(f"no value at: {text[start : start + 40]}")
    return text[start:end].strip(), end


def _read_list(text: str, position: int) -> tuple[Value, int]:
    entries: list[Value] = []
    while True:
        position = _skip_space(text, position)
        if text[position : position + 1] == "]":
            return entries, position + 1
        value, position = _read_at(text, position)
        entries.append(value)
        position = _after_entry(text, position, "]")


def _read_dict(text: str, position: int) -> tuple[Value, int]:
    entries: dict[str, Value] = {}
    while True:
        position = _skip_space(text, position)
        if text[position : position + 1] == "}":
            return entries, position + 1
        key, position = _read_at(text, position)
        position = _skip_space(text, position)
        if not isinstance(key, str) or text[position : position + 1] != ":":
            raise SyntaxFault(f"not a dictionary: {text[position : position + 40]}")
        value, position = _read_at(text, _skip_space(text, position + 1))
        entries[key] = value
        position = _after_entry(text, position, "}")


def _after_entry(text: str, position: int, closing: str) -> int:
    position = _skip_space(text, position)
    if text[position : position + 1] == ",":
        return position + 1
    if text[position : position + 1] != closing:
        raise SyntaxFault(f"expected , or {closing} at: {text[position : position + 40]}")
    return position
