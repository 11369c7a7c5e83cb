"""Inputs made dangerous: bytes flipped, cut, repeated; numbers, texts and structures replaced by the worst of all."""

from __future__ import annotations

import json
import random
import re
import struct
import zlib
from collections.abc import Callable
from typing import Any

WORST_NUMBERS = (0, 1, -1, 2, 63, 64, 127, 255, 256, 4095, 32767, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**63)
WORST_TEXTS = (
    *("", "\0", "\x1b[2J", "\u202e", "é", "\U0001f600", "nan", "inf", "-inf", "NaN", "-0", "1e309", "..", "../../x"),
    *("/etc/passwd", "C:\\x", "\\\\h\\s", "asset:", "asset:x#", "a" * 300, "a/" * 200, "{" * 50, "{frame}" * 20),
    *("*" * 40, "**/" * 30, "<", "]]>", "&x;", "%s%n", "1" * 50, "9" * 5000, "completed", "failed", "0"),
)
_ODD_JSON = (
    *("NaN", "Infinity", "1e999", "-1e999", "9" * 5000, "1e-400", '"\\ud800"', '"\\udc00\\ud800"', "null", "true"),
    *("[]", "{}", "[[]]", '{"":{}}', "[" * 70 + "]" * 70, '{"a":' * 70 + "0" + "}" * 70, '"' + "x" * 3000 + '"'),
    *("-1", "0", "4294967295", "9223372036854775808", "0.5", "[1,2,3]", '["a"]', '{"x":1,"x":2}'),
)
_JSON_VALUE = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null')
_TOML_VALUE = re.compile(r"(?m)(?<== )[^\n]+")
_ATTRIBUTE = re.compile(rb'(?<==")[^"]*')
_ODD_TOML = (
    *("nan", "-inf", "1e400", "9" * 5000, "0x7fffffffffffffff", "-1", "0", "4294967295", "true", "[]", "{}", '""'),
    *("[" * 40 + "]" * 40, "{a.b.c.d={}}", '"' + "a" * 3000 + '"', '["a", "b"]', "[1, 2]", "1979-05-27T07:32:00Z"),
    *("[[1, 2], [3]]", '"\\u0000"', '"asset:x#y"', '"**/**/**"', '"{a}{b}{c}"', "0.1", "1e-9", '{south = "west"}'),
)


def mutate(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """A damaged version of bytes, at most a megabyte. others: seeds to take pieces of."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        data = chance.choice(_MUTATIONS)(data, chance, others)[:1_000_000]
    return data


def _flip(data: bytes, chance: random.Random, _others: list[bytes]) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def _overwrite(data: bytes, chance: random.Random, _others: list[bytes]) -> bytes:
    at = chance.randrange(len(data) + 1)
    number = chance.choice(WORST_NUMBERS) & 0xFFFFFFFF
    packed = struct.pack(chance.choice(("<I", ">I")), number)[: chance.choice((1, 2, 4))]
    return data[:at] + packed + data[at + len(packed) :]


def _cut(data: bytes, chance: random.Random, _others: list[bytes]) -> bytes:
    first, last = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
    return chance.choice((data[:first], data[last:], data[:first] + data[last:]))


def _repeat(data: bytes, chance: random.Random, _others: list[bytes]) -> bytes:
    first, last = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
    piece = data[first : min(last, first + 200)]
    return data[:first] + piece * chance.choice((2, 3, 50, 2000)) + data[first:]


def _splice(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    other = chance.choice(others)
    at, start = chance.randrange(len(data) + 1), chance.randrange(len(other) + 1)
    return data[:at] + other[start:]


def _insert(data: bytes, chance: random.Random, _others: list[bytes]) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(WORST_TEXTS).encode() + data[at:]


_Mutation = Callable[[bytes, random.Random, list[bytes]], bytes]
_MUTATIONS: tuple[_Mutation, ...] = (_flip, _overwrite, _overwrite, _cut, _repeat, _splice, _insert)


def mutate_json(data: bytes, chance: random.Random) -> bytes:
    """JSON with some values replaced by others that are valid JSON, or nearly."""
    return _replace_matches(_JSON_VALUE, data, chance, _ODD_JSON)


def mutate_toml(data: bytes, chance: random.Random) -> bytes:
    """TOML with some values replaced."""
    return _replace_matches(_TOML_VALUE, data, chance, (*_ODD_TOML, *map(json.dumps, WORST_TEXTS)))


def _replace_matches(expression: re.Pattern[str], data: bytes, chance: random.Random, odd: tuple[str, ...]) -> bytes:
    text = data.decode("utf-8", "replace")
    matches = list(expression.finditer(text))
    for match in sorted(chance.sample(matches, min(len(matches), chance.choice((1, 1, 2, 5)))), key=_end, reverse=True):
        text = text[: match.start()] + chance.choice(odd) + text[match.end() :]
    return text.encode("utf-8", "surrogatepass")


def _end(match: re.Match[Any]) -> int:
    return match.end()


def mutate_xml(data: bytes, chance: random.Random) -> bytes:
    """XML with some attributes replaced by the worst numbers and texts."""
    matches = list(_ATTRIBUTE.finditer(data))
    for match in sorted(chance.sample(matches, min(len(matches), chance.choice((1, 1, 2, 5)))), key=_end, reverse=True):
        value = chance.choice((str(chance.choice(WORST_NUMBERS)), chance.choice(WORST_TEXTS).replace('"', "")))
        data = data[: match.start()] + value.encode() + data[match.end() :]
    return data


def mutate_png(data: bytes, chance: random.Random) -> bytes:
    """A PNG with a chunk's content replaced, repeated or removed, and its checksum right again."""
    chunks, at = [], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    if not chunks:
        return data
    number = chance.randrange(len(chunks))
    kind, content = chunks[number]
    match chance.randrange(4):
        case 0:
            chunks[number] = (kind, _overwrite(content, chance, []))
        case 1:
            chunks[number:number] = [(kind, content)] * chance.choice((1, 20, 3000))
        case 2:
            del chunks[number]
        case _:
            packed = zlib.compress(bytes(chance.choice((1000, 5_000_000))))
            bomb = {b"iTXt": b"k\0\1\0\0\0" + packed, b"zTXt": b"k\0\0" + packed, b"iCCP": b"k\0\0" + packed}
            kind = chance.choice(sorted(bomb))
            chunks[1:1] = [(kind, bomb[kind])] * chance.choice((1, 1, 30))
    parts = [data[:8]]
    for kind, content in chunks:
        parts.append(struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content)))
    return b"".join(parts)
