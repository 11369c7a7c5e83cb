"""Pictures as requests carry them: on one canvas, in base64, and with a matte that is not one of their colours.

The service draws without transparency: it lays pictures on a matte, and the clip comes back on it. A colour that the
pictures do not have can be taken away again afterwards.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from bridge.media.images import LONGEST_SIDE, MOST_PIXELS, encode_png
from bridge.processing.edges import neighbor_mask
from exporters.model.asset import Pixels

OPAQUE_MATTE = "#808080"
"""Sent for pictures without transparency: there is nothing to lay on it, and nothing to take away afterwards."""
# Pure hues first, magenta above all: hardly any art has them, and what mixes with them at a rim can be told.
_FIRST = ("ff00ff", "00ff00", "00ffff", "0000ff", "ffff00", "ff0000", "ff8000", "8000ff", "00ff80", "ff0080")
_FAR = 96
_LEVELS = (0, 64, 128, 192, 255)
_LEAST_CHROMA = 96


def padded(pixels: Pixels, width: int, height: int) -> Pixels:
    """The picture bottom-centre on a transparent canvas that is at least as large."""
    high, wide = pixels.shape[:2]
    canvas = np.zeros((height, width, 4), dtype=np.uint8)
    left = (width - wide) // 2
    canvas[height - high :, left : left + wide] = pixels
    return canvas


def flattened(pixels: Pixels, matte: str) -> Pixels:
    """The picture laid on a colour, opaque; half-transparent pixels are mixed, rounded to the nearest."""
    alpha = pixels[..., 3:].astype(np.int64)
    ground = np.frombuffer(bytes.fromhex(matte.removeprefix("#")), dtype=np.uint8).astype(np.int64)
    mixed = (pixels[..., :3].astype(np.int64) * alpha + ground * (255 - alpha) + 127) // 255
    return np.dstack([mixed, np.full_like(alpha, 255)]).astype(np.uint8)


def matte_for(pictures: Sequence[Pixels]) -> str:
    """A colour (`#rrggbb`) far from all that can be seen in the pictures; `OPAQUE_MATTE` where all are opaque.

    The first usual key colour that differs by 96 of 255 in some channel from every pixel, else the one of a grid of
    vivid colours that differs most.
    """
    if all(bool((pixels[..., 3] == 255).all()) for pixels in pictures):
        return OPAQUE_MATTE
    seen = np.unique(np.concatenate([pixels[pixels[..., 3] > 0][:, :3] for pixels in pictures]), axis=0).astype(
        np.int64
    )
    for name in _FIRST:
        if _distance(bytes.fromhex(name), seen) >= _FAR:
            return f"#{name}"
    vivid = [
        bytes((red, green, blue))
        for red in _LEVELS
        for green in _LEVELS
        for blue in _LEVELS
        if max(red, green, blue) - min(red, green, blue) >= _LEAST_CHROMA
    ]
    # Of equally far ones max takes the first, so the choice is the same everywhere.
    return f"#{max(vivid, key=lambda colour: _distance(colour, seen)).hex()}"


def _distance(colour: bytes, seen: npt.NDArray[np.int64]) -> int:
    if not len(seen):
        return 255
    return int(np.abs(seen - np.frombuffer(colour, dtype=np.uint8).astype(np.int64)).max(axis=1).min())


def file_of(pixels: Pixels, most: int) -> bytes | None:
    """A PNG of at most `most` bytes; None when even a thorough one is larger."""
    data = encode_png(pixels)
    if len(data) > most:
        buffer = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", optimize=True)
        data = buffer.getvalue()
    return data if len(data) <= most else None


def text_of(data: bytes) -> str:
    """Base64, as bodies carry files."""
    return base64.b64encode(data).decode("ascii")


def output_format(width: int, height: int, frames: int) -> str:
    """A strip is without loss and keeps equal frames apart; where it would be too large to be read, a WebP."""
    readable = width * frames <= LONGEST_SIDE and width * height * frames <= MOST_PIXELS
    return "spritesheet" if readable else "webp"


def trusted(delivered: Sequence[Pixels], cut: Sequence[Pixels]) -> list[Pixels]:
    """The cut-out frames, with those pixels of the rim as delivered whose colour the clip has inside too.

    Taking the matte away also takes it out of mixed colours along the rim; a colour of the subject may look like one.
    """
    inside = [
        np.unique(_colours(pixels)[(pixels[..., 3] > 0) & ~neighbor_mask(pixels[..., 3] == 0, diagonal=True)])
        for pixels in cut
    ]
    known = np.unique(np.concatenate(inside))
    return [
        np.where(np.isin(_colours(raw), known)[..., None], raw, pixels)
        for raw, pixels in zip(delivered, cut, strict=True)
    ]


def _colours(pixels: Pixels) -> npt.NDArray[np.int64]:
    """One number for each pixel's colour."""
    red, green, blue = (pixels[..., channel].astype(np.int64) for channel in range(3))
    return red << 16 | green << 8 | blue
