"""Palette files of every format, whole and broken."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
import pytest

from bridge.core.errors import UserError, Where
from bridge.media.images import encode_png
from bridge.media.rgb import RGB
from bridge.processing.palettes import read_palette

COLOURS: list[RGB] = [(26, 28, 44), (93, 39, 93), (177, 62, 83), (239, 125, 87)]


def block(kind: int, body: bytes) -> bytes:
    return struct.pack(">HI", kind, len(body)) + body


def swatch(model: bytes, values: Sequence[float]) -> bytes:
    name = "dusk\0".encode("utf-16-be")
    return block(1, struct.pack(">H", 5) + name + model + struct.pack(f">{len(values)}f", *values) + b"\0\0")


def exchange(*swatches: bytes) -> bytes:
    group = block(0xC001, struct.pack(">H", 2) + "g\0".encode("utf-16-be"))
    parts = [group, *swatches, block(0xC002, b"")]
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(parts)) + b"".join(parts)


def chunk(kind: int, body: bytes) -> bytes:
    return struct.pack("<IH", len(body) + 6, kind) + body


def sprite_file(*chunks: bytes) -> bytes:
    body = b"".join(chunks)
    frame = struct.pack("<IHHHHI", 16 + len(body), 0xF1FA, len(chunks), 100, 0, len(chunks)) + body
    header = struct.pack("<IHHHHH", 128 + len(frame), 0xA5E0, 1, 16, 16, 8)
    return header.ljust(128, b"\0") + frame


def new_palette() -> bytes:
    entries = b""
    for number, (red, green, blue) in enumerate(COLOURS):
        name = b"dusk" if number == 1 else b""
        entries += struct.pack("<H4B", 1 if name else 0, red, green, blue, 255)
        entries += struct.pack("<H", len(name)) + name if name else b""
    return chunk(0x2019, struct.pack("<III8x", len(COLOURS), 0, len(COLOURS) - 1) + entries)


def old_palette(colours: Sequence[RGB]) -> bytes:
    entries = b"".join(bytes(colour) for colour in colours)
    return chunk(0x0004, struct.pack("<HBB", 1, 0, len(colours)) + entries)


def picture() -> bytes:
    pixels = np.zeros((2, 4, 4), dtype=np.uint8)
    for place, colour in enumerate([*COLOURS, *COLOURS[:2]]):
        pixels[place // 4, place % 4] = (*colour, 255)
    return encode_png(pixels)


FILES = {
    "hex": "\n".join(f"{r:02x}{g:02x}{b:02x}" for r, g, b in COLOURS).encode(),
    "hex with marks": b"\xef\xbb\xbf; dusk\r\n"
    + b"\r\n".join(f"#{r:02X}{g:02X}{b:02X}ff".encode() for r, g, b in COLOURS),
    "paint.net": b";paint.net Palette File\r\n"
    + b"\r\n".join(f"FF{r:02X}{g:02X}{b:02X}".encode() for r, g, b in COLOURS),
    "gpl": (
        "GIMP Palette\nName: Dusk\nColumns: 4\n# a comment\n"
        + "\n".join(f"{r:3d} {g:3d} {b:3d}\tUntitled" for r, g, b in COLOURS)
    ).encode(),
    "png": picture(),
    "adobe": exchange(*(swatch(b"RGB ", [value / 255 for value in colour]) for colour in COLOURS)),
    "aseprite": sprite_file(old_palette([(1, 2, 3)]), new_palette()),
    "aseprite of an early version": sprite_file(old_palette(COLOURS)),
}


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_colours_in_order(name: str) -> None:
    assert read_palette(FILES[name], "dusk.pal") == tuple(COLOURS)


def test_adobe_grey_and_ink_are_converted() -> None:
    data = exchange(swatch(b"Gray", [0.5]), swatch(b"CMYK", [0, 1, 1, 0.2]))
    assert read_palette(data, "dusk.ase") == ((128, 128, 128), (204, 0, 0))


BROKEN = {
    "empty": (b"", "no colours"),
    "only comments": (b"; nothing\n", "no colours"),
    "line": (b"1a1c2c\nred\n", "line 2 is not a colour"),
    "gpl line": (b"GIMP Palette\n10 20 300\n", "line 2 is not three numbers"),
    "binary": (b"\x80\x81\x82" * 90, "neither text nor a picture"),
    "cut png": (picture()[:40], "cut off"),
    "cut adobe": (FILES["adobe"][:50], "cut off"),
    "cut adobe header": (b"ASEF\0\1", "damaged"),
    "lab adobe": (exchange(swatch(b"LAB ", [0.5, 0, 0])), "the model LAB"),
    "wild adobe": (exchange(swatch(b"RGB ", [2.0, 0, 0])), "outside 0 to 1"),
    "not a number": (exchange(swatch(b"RGB ", [float("nan"), 0, 0])), "outside 0 to 1"),
    "cut aseprite": (FILES["aseprite"][:-8], "cut off"),
    "aseprite chunk": (sprite_file(struct.pack("<IH", 2, 0x2019)), "damaged"),
    "too many": ("\n".join(f"{value:06x}" for value in range(5000)).encode(), "more than 4,096"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_palette_is_named_with_the_reason(case: str) -> None:
    data, reason = BROKEN[case]
    with pytest.raises(UserError) as raised:
        read_palette(data, "art/dusk.pal", Where("art/hero.asset.toml", 3))
    assert raised.value.code == "source_broken"
    assert "art/dusk.pal" in raised.value.message
    assert reason in raised.value.message
    assert raised.value.where == Where("art/hero.asset.toml", 3)
