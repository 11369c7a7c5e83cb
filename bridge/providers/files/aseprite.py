""".aseprite and .ase files: frames as Aseprite shows them, with times and tags.

Visible picture layers of all three colour modes are laid over each other with blend mode Normal; what else a file may
hold is one error that says how to get rid of it. A cel unpacks to what its size says and to nothing more.

Source: "Aseprite File Format (.ase/.aseprite) Specifications", among the documents of Aseprite's source.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from bridge.core import limits
from bridge.providers.files.frame_json import FrameTag, order_frames
from bridge.providers.files.steps import misfit
from exporters.model.asset import Pixels

_FILE_MAGIC, _FRAME_MAGIC = 0xA5E0, 0xF1FA
_WAYS = ("forward", "reverse", "pingpong", "pingpong_reverse")
_BYTES = {32: 4, 16: 2, 8: 1}
_GROUP, _TILES = 1, 2
_RAW, _LINKED, _COMPRESSED = 0, 1, 2
_REFERENCE = 64
_FLATTEN = "Flatten the sprite in Aseprite (Layer > Flatten), or export it as a sheet with JSON."


class _UnusableError(Exception):
    """The file holds what cannot be read; the text says what."""


@dataclass(frozen=True, slots=True)
class _AseLayer:
    """visible: with all groups that it is in. kind: picture, group, tiles."""

    name: str
    kind: int
    level: int
    visible: bool
    opacity: int
    blend: int


@dataclass(frozen=True, slots=True)
class _AseCel:
    """A picture of a layer on a frame; link: the frame that it is the same as. left, top in pixels of the canvas."""

    layer: int
    left: int
    top: int
    opacity: int
    depth: int
    link: int | None
    pixels: Pixels | None


@dataclass(slots=True)
class AseFile:
    """A parsed file; size: width and height in pixels, durations in milliseconds."""

    size: tuple[int, int]
    bits: int
    transparent: int
    has_layer_opacity: bool
    durations: list[int] = field(default_factory=list)
    tags: list[FrameTag] = field(default_factory=list)
    layers: list[_AseLayer] = field(default_factory=list)
    palette: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)
    cels: list[list[_AseCel]] = field(default_factory=list)

    def draw_frame(self, number: int) -> Pixels:
        """What Aseprite shows of a frame."""
        canvas = np.zeros((self.size[1], self.size[0], 4), dtype=np.uint8)
        cels = [cel for cel in self.cels[number] if self.layers[cel.layer].visible]
        for cel in sorted(cels, key=lambda cel: (cel.layer + cel.depth, cel.depth)):
            source = cel
            if cel.link is not None:
                source = next((other for other in self.cels[cel.link] if other.layer == cel.layer), cel)
            if source.pixels is not None:
                layer = self.layers[cel.layer]
                opacity = _multiply(cel.opacity, layer.opacity if self.has_layer_opacity else 255)
                _lay_over(canvas, source.pixels, (source.left, source.top), int(opacity))
        return canvas


def parse_aseprite(data: bytes, path: str) -> AseFile:
    """The content of a file.

    Raises:
        UserError: `source_broken` for what is damaged, too large, or cannot be read.
    """
    try:
        return _read_file(data)
    except _UnusableError as error:
        raise misfit(path, str(error), _FLATTEN) from None
    except (struct.error, IndexError, ValueError, zlib.error) as error:
        raise misfit(path, f"it is no whole .aseprite file ({error})", "Save it again in Aseprite.") from error


def render_frames(data: bytes, path: str) -> list[Pixels]:
    """All frames of a file.

    Raises:
        UserError: see `parse_aseprite`.
    """
    file = parse_aseprite(data, path)
    try:
        return [file.draw_frame(number) for number in range(len(file.durations))]
    except (IndexError, ValueError) as error:
        raise misfit(path, f"it is no whole .aseprite file ({error})", "Save it again in Aseprite.") from error


def _read_file(data: bytes) -> AseFile:
    size, magic, count, width, height, bits, flags = struct.unpack_from("<IHHHHHI", data)
    if magic != _FILE_MAGIC:
        raise ValueError("it does not begin as one")
    if size > len(data) or bits not in _BYTES:
        raise ValueError("it is cut off" if bits in _BYTES else f"pixels of {bits} bits")
    if not (0 < width <= limits.PICTURE_SIDE and 0 < height <= limits.PICTURE_SIDE):
        raise ValueError(f"{width} × {height} pixels")
    if not 0 < count <= limits.SHEET_FRAMES or count * width * height > limits.CLIP_PIXELS:
        raise ValueError(f"{count} frames of {width} × {height} pixels")
    file = AseFile((width, height), bits, data[28], bool(flags & 1))
    at = 128
    for _ in range(count):
        length, frame_magic, old_count, duration, new_count = struct.unpack_from("<IHHH2xI", data, at)
        if frame_magic != _FRAME_MAGIC or length < 16:
            raise ValueError("a frame is damaged")
        file.durations.append(max(1, duration))
        file.cels.append([])
        for kind, body in _iterate_chunks(data[at + 16 : at + length], new_count or old_count):
            _read_chunk(file, kind, body)
        at += length
    _check_links(file)
    return file


def _iterate_chunks(data: bytes, count: int) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(count):
        length, kind = struct.unpack_from("<IH", data, at)
        if length < 6 or at + length > len(data):
            raise ValueError("a chunk is damaged")
        yield kind, data[at + 6 : at + length]
        at += length


def _read_chunk(file: AseFile, kind: int, body: bytes) -> None:
    match kind:
        case 0x2004:
            file.layers.append(_read_layer(file, body))
        case 0x2005:
            file.cels[-1].append(_read_cel(file, body))
        case 0x2018:
            file.tags += _read_tags(body)
        case 0x2019:
            _read_palette(file, body)
        case 0x0004 if not file.palette:
            _read_old_palette(file, body)


def _read_layer(file: AseFile, body: bytes) -> _AseLayer:
    flags, kind, level, _, _, blend, opacity = struct.unpack_from("<HHHHHHB", body)
    name, _ = _read_text(body, 16)
    # A layer is inside of the nearest one before it that is a level higher.
    parent = next((layer for layer in reversed(file.layers) if layer.level < level), None)
    visible = bool(flags & 1) and not flags & _REFERENCE and (parent is None or parent.visible)
    if visible and kind == _TILES:
        raise _UnusableError(f"the layer {name!r} is a tilemap")
    if visible and blend != 0:
        raise _UnusableError(f"the layer {name!r} has a blend mode other than Normal")
    if visible and kind == _GROUP and opacity not in (0, 255):
        raise _UnusableError(f"the group {name!r} is half transparent")
    return _AseLayer(name, kind, level, visible, opacity, blend)


def _read_cel(file: AseFile, body: bytes) -> _AseCel:
    layer, left, top, opacity, kind, depth = struct.unpack_from("<HhhBHh", body)
    if layer >= len(file.layers):
        raise ValueError("a picture is on no layer")
    if kind == _LINKED:
        (link,) = struct.unpack_from("<H", body, 16)
        return _AseCel(layer, left, top, opacity, depth, link, None)
    if not file.layers[layer].visible:
        return _AseCel(layer, left, top, opacity, depth, None, None)
    if kind not in (_RAW, _COMPRESSED):
        raise _UnusableError(f"the layer {file.layers[layer].name!r} holds tiles")
    width, height = struct.unpack_from("<HH", body, 16)
    if width * height > limits.PICTURE_PIXELS:
        raise ValueError(f"a picture of {width} × {height} pixels")
    size = width * height * _BYTES[file.bits]
    raw = body[20:]
    if kind == _COMPRESSED:
        raw = zlib.decompressobj().decompress(body[20:], size + 1)
    if len(raw) != size:
        raise ValueError("a picture has another size than it says")
    values = np.frombuffer(raw, dtype=np.uint8).reshape(height, width, _BYTES[file.bits])
    return _AseCel(layer, left, top, opacity, depth, None, _as_rgba(file, values))


def _as_rgba(file: AseFile, values: Pixels) -> Pixels:
    if file.bits == 32:
        return values
    if file.bits == 16:
        return np.concatenate([np.repeat(values[..., :1], 3, axis=2), values[..., 1:]], axis=2)
    table = np.zeros((256, 4), dtype=np.uint8)
    for index, color in file.palette.items():
        table[index] = color
    table[file.transparent] = 0
    return table[values[..., 0]]


def _read_tags(body: bytes) -> list[FrameTag]:
    (count,) = struct.unpack_from("<H", body)
    tags, at = [], 10
    for _ in range(count):
        first, last, way, repeat = struct.unpack_from("<HHBH", body, at)
        name, at = _read_text(body, at + 17)
        if not first <= last < limits.SHEET_FRAMES or way >= len(_WAYS):
            raise ValueError(f"the tag {name} goes from {first} to {last}")
        tags.append(FrameTag(name, order_frames(first, last, _WAYS[way]), False if repeat else None))
        if sum(len(tag.order) for tag in tags) > limits.SHEET_FRAMES * 2:
            raise ValueError(f"its tags have more than {limits.SHEET_FRAMES * 2:,} frames together")
    return tags


def _read_palette(file: AseFile, body: bytes) -> None:
    _, first, last = struct.unpack_from("<III", body)
    at = 20
    for index in range(first, last + 1):
        flags, *color = struct.unpack_from("<H4B", body, at)
        at += 6
        if flags & 1:
            _, at = _read_text(body, at)
        if index < 256:
            file.palette[index] = (color[0], color[1], color[2], color[3])


def _read_old_palette(file: AseFile, body: bytes) -> None:
    (packets,) = struct.unpack_from("<H", body)
    index, at = 0, 2
    for _ in range(packets):
        skipped, count = body[at], body[at + 1] or 256
        index, at = index + skipped, at + 2
        for _ in range(count):
            red, green, blue = body[at : at + 3]
            if index < 256:
                file.palette[index] = (red, green, blue, 255)
            index, at = index + 1, at + 3


def _read_text(body: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<H", body, at)
    end = at + 2 + length
    if end > len(body):
        raise ValueError("a name is cut off")
    text = body[at + 2 : end].decode("utf-8")
    if len(text) > limits.FRAME_NAME_LETTERS:
        raise ValueError(f"a name has {len(text):,} characters; there may be {limits.FRAME_NAME_LETTERS}")
    return text, end


def _check_links(file: AseFile) -> None:
    count = len(file.durations)
    if any(cel.link is not None and cel.link >= count for cels in file.cels for cel in cels):
        raise ValueError("a picture is linked to a frame that is not there")
    if any(max(tag.order) >= count for tag in file.tags):
        raise ValueError("a tag goes beyond the last frame")


def _multiply(one: int, other: int) -> int:
    """The product of two numbers that count 255 as 1, as Aseprite rounds it."""
    product = one * other + 128
    return ((product >> 8) + product) >> 8


def _lay_over(canvas: Pixels, pixels: Pixels, origin: tuple[int, int], opacity: int) -> None:
    """Blends a picture over the canvas, where it lies on it."""
    left, top = origin
    height, width = canvas.shape[:2]
    x, y = max(left, 0), max(top, 0)
    right, below = min(left + pixels.shape[1], width), min(top + pixels.shape[0], height)
    if x >= right or y >= below:
        return
    over = pixels[y - top : below - top, x - left : right - left].astype(np.int32)
    under = canvas[y:below, x:right].astype(np.int32)
    product = over[..., 3] * opacity + 128
    alpha = ((product >> 8) + product) >> 8
    both = under[..., 3] * alpha + 128
    total = under[..., 3] + alpha - (((both >> 8) + both) >> 8)
    divisor = np.maximum(total, 1)[..., None]
    step = (over[..., :3] - under[..., :3]) * alpha[..., None]
    # Rounded towards nothing, as integers are divided in Aseprite.
    mixed = under[..., :3] + np.sign(step) * (np.abs(step) // divisor)
    color = np.where(under[..., 3:] == 0, over[..., :3], mixed)
    result = np.concatenate([color, total[..., None]], axis=2)
    result[alpha == 0] = under[alpha == 0]
    canvas[y:below, x:right] = result.astype(np.uint8)
