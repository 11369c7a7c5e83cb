"""Palette files → colours. The content decides which format it is, not the name.

Read are: lists of hexadecimal colours (`.hex`, one `rrggbb` a line; also those of paint.net), GIMP palettes (`.gpl`),
pictures (`.png`, each colour once in reading order), Adobe Swatch Exchange (`.ase`: big-endian blocks, `ASEF`) and
Aseprite files (`.ase`, `.aseprite`: little-endian chunks, magic 0xA5E0; Aseprite's ase-file-specs.md, old palette
0x0004 and palette 0x2019).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from bridge.core import limits
from bridge.core.errors import UserError, Where
from bridge.media.rgb import RGB, parse_rgb

MOST_COLORS = limits.PALETTE_COLORS
_ALPHA = 2
# Its palettes have aarrggbb lines (paint.net, "Working with palettes"), where CSS and others write rrggbbaa.
_PAINT_NET = ";paint.net"
_GPL = re.compile(r"\s*(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})(?:\s|\Z)")
_ASEPRITE_MAGIC = 0xA5E0
_OLD_PALETTE = 0x0004
_PALETTE = 0x2019


class _Damaged(Exception):
    """Why a palette cannot be read."""


def read_palette(data: bytes, name: str, where: Where | None = None) -> tuple[RGB, ...]:
    """The colours of a palette file in their order, each once.

    Raises:
        UserError: `source_broken` when it is no palette, damaged, empty, or has more than 4,096 colours.
    """
    if len(data) > limits.PALETTE_BYTES:
        raise _broken_palette(name, limits.say_too_large(limits.PALETTE_BYTES), where)
    try:
        colors = tuple(dict.fromkeys(_read_colors(data, name)))
    except UserError as error:
        raise UserError(error.code, error.message, hint=error.hint, where=where) from error
    except (_Damaged, ValueError, struct.error, IndexError) as error:
        reason = str(error) if isinstance(error, _Damaged) else "its data is damaged"
        raise _broken_palette(name, reason, where) from error
    if not colors:
        raise _broken_palette(name, "it has no colours", where)
    if len(colors) > MOST_COLORS:
        raise _broken_palette(name, f"it has {len(colors):,} colours, more than {MOST_COLORS:,}", where)
    return colors


def _broken_palette(name: str, reason: str, where: Where | None) -> UserError:
    return UserError(
        "source_broken",
        f"the palette {name} cannot be read: {reason}",
        hint="Palettes are .hex (one rrggbb a line), .gpl, .png and .ase files, or a list of colours.",
        where=where,
    )


def _read_colors(data: bytes, name: str) -> Sequence[RGB]:
    if data[:4] == b"ASEF":
        return _read_swatches(data)
    if len(data) >= 128 and struct.unpack_from("<H", data, 4)[0] == _ASEPRITE_MAGIC:
        return _read_aseprite(data)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return _read_picture(data, name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Damaged("it is neither text nor a picture nor an .ase file") from None
    return _read_gimp(text) if text.lstrip().startswith("GIMP Palette") else _read_hex(text)


def _read_hex(text: str) -> list[RGB]:
    colors = []
    alpha_first = text.lstrip().lower().startswith(_PAINT_NET)
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split(";")[0].strip()
        if not words:
            continue
        digits = words.removeprefix("#")
        try:
            if len(digits) == 6 + _ALPHA:
                digits = digits[_ALPHA:] if alpha_first else digits[:-_ALPHA]
            colors.append(parse_rgb(digits))
        except ValueError:
            raise _Damaged(f"line {number} is not a colour like 1a1c2c") from None
    return colors


def _read_gimp(text: str) -> list[RGB]:
    colors = []
    for number, line in enumerate(text.splitlines()[1:], 2):
        if not line.strip() or line.lstrip().startswith("#") or re.match(r"\s*[A-Za-z]+:", line):
            continue
        match = _GPL.match(line)
        values = [int(part) for part in match.groups()] if match else [256]
        if max(values) > 255:
            raise _Damaged(f"line {number} is not three numbers from 0 to 255")
        colors.append((values[0], values[1], values[2]))
    return colors


def _read_picture(data: bytes, name: str) -> list[RGB]:
    import numpy as np

    from bridge.media.images import decode_still

    pixels = decode_still(data, name).reshape(-1, 4)
    colors = pixels[pixels[:, 3] > 0][:, :3]
    unique, first = np.unique(colors, axis=0, return_index=True)
    return [(int(red), int(green), int(blue)) for red, green, blue in unique[np.argsort(first)]]


def _read_swatches(data: bytes) -> list[RGB]:
    (blocks,) = struct.unpack_from(">I", data, 8)
    offset = 12
    colors: list[RGB] = []
    for _ in range(blocks):
        kind, length = struct.unpack_from(">HI", data, offset)
        if offset + 6 + length > len(data):
            raise _Damaged("the file is cut off")
        if kind == 0x0001:
            (letters,) = struct.unpack_from(">H", data, offset + 6)
            colors.append(_read_swatch(data, offset + 8 + 2 * letters))
        offset += 6 + length
    return colors


def _read_swatch(data: bytes, offset: int) -> RGB:
    model = data[offset : offset + 4]
    if model == b"RGB ":
        red, green, blue = (_channel_level(value) for value in struct.unpack_from(">3f", data, offset + 4))
        return red, green, blue
    if model == b"Gray":
        grey = _channel_level(struct.unpack_from(">f", data, offset + 4)[0])
        return grey, grey, grey
    if model == b"CMYK":
        cyan, magenta, yellow, black = struct.unpack_from(">4f", data, offset + 4)
        inks = [_channel_level((1 - ink) * (1 - black)) for ink in (cyan, magenta, yellow)]
        return inks[0], inks[1], inks[2]
    raise _Damaged(f"it has colours of the model {model.decode('ascii', 'replace').strip()}; use RGB")


def _channel_level(share: float) -> int:
    if not 0 <= share <= 1:
        raise _Damaged("a colour is outside 0 to 1")
    return int(share * 255 + 0.5)


def _read_aseprite(data: bytes) -> list[RGB]:
    (frame_size,) = struct.unpack_from("<I", data, 128)
    if 128 + frame_size > len(data):
        raise _Damaged("the file is cut off")
    (few,) = struct.unpack_from("<H", data, 134)
    (many,) = struct.unpack_from("<I", data, 140)
    offset = 144
    palettes: dict[int, list[RGB]] = {}
    for _ in range(many or few):
        size, kind = struct.unpack_from("<IH", data, offset)
        if size < 6:
            raise _Damaged("its data is damaged")
        if kind == _PALETTE:
            palettes[kind] = _palette_chunk(data, offset + 6)
        elif kind == _OLD_PALETTE:
            palettes[kind] = _old_palette_chunk(data, offset + 6)
        offset += size
    return palettes.get(_PALETTE) or palettes.get(_OLD_PALETTE) or []


def _palette_chunk(data: bytes, offset: int) -> list[RGB]:
    _, first, last = struct.unpack_from("<III", data, offset)
    offset += 20
    colors: list[RGB] = []
    for _ in range(first, last + 1):
        flags, red, green, blue, alpha = struct.unpack_from("<H4B", data, offset)
        offset += 6
        if flags & 1:
            offset += 2 + int(struct.unpack_from("<H", data, offset)[0])
        if alpha:
            colors.append((red, green, blue))
    return colors


def _old_palette_chunk(data: bytes, offset: int) -> list[RGB]:
    (packets,) = struct.unpack_from("<H", data, offset)
    offset += 2
    colors: list[RGB] = []
    for _ in range(packets):
        count = data[offset + 1] or 256
        offset += 2
        for _ in range(count):
            red, green, blue = struct.unpack_from("<3B", data, offset)
            colors.append((red, green, blue))
            offset += 3
    return colors
