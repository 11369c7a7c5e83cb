"""The bytes of an .aseprite file: header, frames, chunks; all numbers little-endian.

Source: "Aseprite File Format (.ase/.aseprite) Specifications", among the documents of Aseprite's source.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from exporters.base import ExportError
from exporters.model.asset import Pixels
from exporters.texts import require_text

FILE_MAGIC = 0xA5E0
FRAME_MAGIC = 0xF1FA
RGBA_BITS = 32
HAS_LAYER_OPACITY = 1
LAYER, CEL, PROFILE, TAGS, PALETTE, SLICE = 0x2004, 0x2005, 0x2007, 0x2018, 0x2019, 0x2022
VISIBLE_EDITABLE = 3
COMPRESSED_CEL = 2
SRGB = 1
HAS_PIVOT = 2
OPAQUE = 255
SPEED_MS = 100
GRID = (16, 16)
COMPRESSION_LEVEL = 6
_MOST = 0xFFFF


@dataclass(frozen=True, slots=True)
class AseTag:
    """A tag over frames `first` to `last`, counted from 0. repeat: rounds; 0 is for ever."""

    name: str
    first: int
    last: int
    repeat: int


def pack_file(frames: Sequence[bytes], size: tuple[int, int], colors: int) -> bytes:
    """The whole file of packed frames; size: width and height in pixels, colors: of the palette, 0 without one."""
    head = struct.pack("<HHHHHIH8x", FILE_MAGIC, len(frames), *size, RGBA_BITS, HAS_LAYER_OPACITY, SPEED_MS)
    # Transparent index 0, square pixels, and Aseprite's own grid.
    header = head + struct.pack("<B3xHBBhhHH84x", 0, colors, 1, 1, 0, 0, *GRID)
    body = b"".join(frames)
    return struct.pack("<I", 4 + len(header) + len(body)) + header + body


def pack_frame(chunks: Sequence[bytes], duration_ms: int) -> bytes:
    """A frame with its chunks."""
    body = b"".join(chunks)
    head = struct.pack("<IHHH2xI", 16 + len(body), FRAME_MAGIC, min(len(chunks), _MOST), duration_ms, len(chunks))
    return head + body


def pack_profile() -> bytes:
    """The colours are sRGB."""
    return _chunk(PROFILE, struct.pack("<HHI8x", SRGB, 0, 0))


def pack_layer(name: str) -> bytes:
    """A visible layer of pictures."""
    return _chunk(LAYER, struct.pack("<HHHHHHB3x", VISIBLE_EDITABLE, 0, 0, 0, 0, 0, OPAQUE) + _text(name))


def pack_palette(colors: Sequence[tuple[int, int, int, int]]) -> bytes:
    """A palette of RGBA colours."""
    entries = b"".join(struct.pack("<H4B", 0, *color) for color in colors)
    return _chunk(PALETTE, struct.pack("<III8x", len(colors), 0, len(colors) - 1) + entries)


def pack_tags(tags: Sequence[AseTag]) -> bytes:
    """All tags; their frames are played forward."""
    entries = (struct.pack("<HHBH6x3xx", tag.first, tag.last, 0, tag.repeat) + _text(tag.name) for tag in tags)
    return _chunk(TAGS, struct.pack("<H8x", len(tags)) + b"".join(entries))


def pack_pivot(size: tuple[int, int], pivot: tuple[int, int]) -> bytes:
    """A slice over the whole canvas with the pivot, in pixels."""
    key = struct.pack("<IiiIIii", 0, 0, 0, *size, *pivot)
    return _chunk(SLICE, struct.pack("<III", 1, HAS_PIVOT, 0) + _text("pivot") + key)


def pack_cel(pixels: Pixels, left: int, top: int) -> bytes:
    """A picture on the first layer with its top left at that pixel of the canvas."""
    height, width = pixels.shape[:2]
    head = struct.pack("<HhhBHh5xHH", 0, left, top, OPAQUE, COMPRESSED_CEL, 0, width, height)
    return _chunk(CEL, head + zlib.compress(pixels.tobytes(), COMPRESSION_LEVEL))


def _chunk(kind: int, data: bytes) -> bytes:
    return struct.pack("<IH", 6 + len(data), kind) + data


def _text(text: str) -> bytes:
    data = require_text(text, "Aseprite").encode()
    if len(data) > _MOST:
        raise ExportError(f"the name {text[:40]}… is too long for Aseprite", hint="Shorten it.")
    return struct.pack("<H", len(data)) + data
