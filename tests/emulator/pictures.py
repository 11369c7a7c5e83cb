"""Small deterministic drawings for emulated services: they differ by what was asked, and tests can tell them apart.

Everything is integer arithmetic on SHA-256 digits, so that the pixels are the same on every machine.
"""

from __future__ import annotations

import base64
import binascii
import colorsys
import io
from hashlib import sha256
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

Pixels: TypeAlias = NDArray[np.uint8]  # (height, width, 4), RGBA
Colour: TypeAlias = tuple[int, int, int, int]

CLEAR: Colour = (0, 0, 0, 0)
CELLS = 8  # a figure is a mirrored pattern of CELLS x CELLS blocks
FACING = {
    "south": (0, 1),
    "south-east": (1, 1),
    "east": (2, 0),
    "north-east": (1, -1),
    "north": (0, -1),
    "north-west": (-1, -1),
    "west": (-2, 0),
    "south-west": (-1, 1),
}


class NotAnImage(ValueError):
    """Bytes or text that hold no picture."""


def digit(*parts: object) -> int:
    """32 bits that depend on all parts and on nothing else."""
    return int.from_bytes(sha256("/".join(map(str, parts)).encode()).digest()[:4], "big")


def colour(*parts: object, light: int = 60) -> Colour:
    """An opaque, rather saturated colour for the parts; `light` in percent."""
    hue = digit("hue", *parts) % 360
    red, green, blue = colorsys.hls_to_rgb(hue / 360, light / 100, 0.6)
    return (round(red * 255), round(green * 255), round(blue * 255), 255)


def figure(
    look: str,
    size: tuple[int, int],
    *,
    direction: str = "",
    frame: int = 0,
    belt: str = "",
    share: int = 90,
    opaque: bool = False,
) -> Pixels:
    """A mirrored little creature of `share` percent of the canvas, on its feet at the bottom centre of its box.

    `look` decides shape and colours; `direction` moves the eyes, `frame` (from 0) moves the feet and the body.
    The belt has a colour of its own for every look, direction, frame and `belt`.
    """
    width, height = size
    block = max(1, min(width, height) * share // (100 * CELLS))
    mask = np.zeros((CELLS, CELLS), np.uint8)
    for row, column in product(range(CELLS), range(CELLS // 2)):
        inner = column >= CELLS // 2 - 2 and 0 < row < CELLS - 1
        if inner or digit(look, row, column) % 3 == 0:
            mask[row, column] = mask[row, CELLS - 1 - column] = 1 + digit(look, "tone", row // 2) % 2
    mask[CELLS - 1] = 0
    foot = CELLS // 2 - 2 + frame % 2
    mask[CELLS - 1, [foot, CELLS - 1 - foot]] = 3
    mask[CELLS - 3, 2 : CELLS - 2] = 4
    across, down = FACING.get(direction, (0, 1))
    if down >= 0:
        eyes = (CELLS // 2 - 1, CELLS // 2) if across == 0 else (CELLS // 2 - (across < 0) + across // 2,)
        mask[2, list(eyes)] = 5
    palette = np.array(
        [
            colour(look, "ground", light=80) if opaque else CLEAR,
            colour(look, "skin"),
            colour(look, "skin", light=45),
            colour(look, "skin", light=30),
            _bright(digit(look, "belt", belt, direction, frame)),
            (255, 255, 255, 255),
        ],
        np.uint8,
    )
    canvas = np.full((height, width, 4), palette[0], np.uint8)
    body = np.kron(mask, np.ones((block, block), np.uint8))
    side = CELLS * block
    left = (width - side) // 2
    top = height - (height - side) // 2 - side - (1 if frame % 4 in (1, 2) and height - side >= 2 else 0)
    area = canvas[top : top + side, left : left + side]
    area[body > 0] = palette[body[body > 0]]
    return canvas


def _bright(bits: int) -> Colour:
    return (128 | bits & 127, 128 | bits >> 7 & 127, 128 | bits >> 14 & 127, 255)


def centred(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The picture in the middle of a canvas that is at least as big."""
    width, height = size
    top, left = (height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2
    canvas = np.zeros((height, width, 4), np.uint8)
    canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return canvas


def in_colours_of(pixels: Pixels, palette: Pixels) -> Pixels:
    """Every visible pixel in the nearest opaque colour of another picture."""
    allowed = np.unique(palette[palette[..., 3] > 0][:, :3], axis=0).astype(np.int64)
    if not len(allowed):
        return pixels
    far = ((pixels[..., None, :3].astype(np.int64) - allowed) ** 2).sum(axis=-1)
    result = pixels.copy()
    result[..., :3] = np.where(pixels[..., 3:] > 0, allowed[far.argmin(axis=-1)], pixels[..., :3])
    return result


def png(pixels: Pixels) -> bytes:
    """The picture as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def decoded(text: str) -> Pixels:
    """The picture in base64 text, with or without a data-URL prefix. Raises NotAnImage."""
    try:
        data = base64.b64decode(text.rpartition(",")[2], validate=True)
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
            return np.array(image.convert("RGBA"))
    except (binascii.Error, UnidentifiedImageError, OSError, SyntaxError):
        raise NotAnImage("Invalid image data") from None
