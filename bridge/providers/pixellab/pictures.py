"""Pictures as PixelLab's JSON carries them: PNG in base64, with or without a data-URL prefix, or raw RGBA bytes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from bridge.core.errors import UserError
from bridge.media.images import decode_still, encode_png, picture_kind
from bridge.providers.api import ResultFile
from exporters.model.asset import Pixels

COLOUR_SIDE = 64
"""The colour picture has to be 64 × 64: others are accepted, and then the job fails."""


def encode_picture(png: bytes) -> dict[str, str]:
    """A PNG as a request carries it."""
    return {"type": "base64", "base64": base64.b64encode(png).decode("ascii"), "format": "png"}


def picture_to_send(picture: Mapping[str, Any]) -> bytes:
    """The PNG behind `encoded`."""
    return base64.b64decode(picture["base64"])


def read_delivered(picture: Any, size: tuple[int, int] | None) -> tuple[str, bytes] | None:
    """Media type and bytes of a picture of an answer; None when it is none.

    size: (width, height) asked for, where raw RGBA bytes do not say their own. Raw bytes become a PNG; a PNG, WebP,
    GIF or JPEG stays as it is.
    """
    data = _bytes(picture)
    if not data:
        return None
    if not is_readable(data):
        raw = _raw(data, picture if isinstance(picture, Mapping) else {}, size)
        return None if raw is None else ("image/png", encode_png(raw))
    return f"image/{picture_kind(data)}", data


def is_readable(data: bytes) -> bool:
    """Whether bytes are a whole picture."""
    try:
        decode_still(data, "the picture")
    except UserError:
        return False
    return True


def _bytes(picture: Any) -> bytes:
    text = picture.get("base64") if isinstance(picture, Mapping) else picture
    if not isinstance(text, str):
        return b""
    prefix, comma, rest = text.partition(",")
    if comma and prefix.startswith("data:"):
        text = rest
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _raw(data: bytes, said: Mapping[str, Any], size: tuple[int, int] | None) -> Pixels | None:
    own = (said.get("width"), said.get("height"))
    for width, height in (own, size or (None, None)):
        whole = isinstance(width, int) and isinstance(height, int)
        if whole and width > 0 and height > 0 and width * height * 4 == len(data):  # type: ignore[operator]
            return np.frombuffer(data, dtype=np.uint8).reshape(height, width, 4)  # type: ignore[arg-type]
    return None


def damaged_files(pictures: Any) -> tuple[ResultFile, ...]:
    """What stands in an answer in the place of pictures, as it came: bytes where it is base64, else the text."""
    came = []
    for number, picture in enumerate(pictures if isinstance(pictures, list) else [pictures]):
        text = picture.get("base64") if isinstance(picture, Mapping) else picture
        data = _bytes(picture) or (text.encode() if isinstance(text, str) else b"")
        if data:
            came.append(ResultFile(f"{number}.bin", "application/octet-stream", data))
    return tuple(came)


def files(pictures: Any, names: Sequence[str], size: tuple[int, int] | None) -> tuple[ResultFile, ...] | None:
    """Result files of the pictures of an answer, one per name; None when one is missing or is no picture."""
    if not isinstance(pictures, list) or len(pictures) < len(names):
        return None
    result_files = []
    for name, picture in zip(names, pictures, strict=False):
        read = read_delivered(picture, size)
        if read is None:
            return None
        result_files.append(ResultFile(name, *read))
    return tuple(result_files)


def colour_picture(colors: Iterable[tuple[int, int, int]]) -> bytes:
    """A PNG of 64 × 64 pixels with each colour in about as many pixels, in their order."""
    row = np.array([(*color, 255) for color in colors], dtype=np.uint8)
    places = np.arange(COLOUR_SIDE * COLOUR_SIDE) * len(row) // (COLOUR_SIDE * COLOUR_SIDE)
    return encode_png(row[places].reshape(COLOUR_SIDE, COLOUR_SIDE, 4))


def placed(pixels: Pixels, width: int, height: int) -> Pixels | None:
    """The picture bottom-centre on a larger transparent canvas; None when it does not fit."""
    high, wide = pixels.shape[:2]
    if wide > width or high > height:
        return None
    canvas = np.zeros((height, width, 4), dtype=np.uint8)
    left = (width - wide) // 2
    canvas[height - high :, left : left + wide] = pixels
    return canvas
