"""The clips of the emulated Pixel Engine: opaque, on their matte, in the colours asked for, as strip, WebP or GIF."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from tests.emulator import pictures
from tests.emulator.pictures import Pixels

FRAME_MS = 125


def flattened(pixels: Pixels, matte: str) -> Pixels:
    """The picture laid on its matte, opaque."""
    ground = np.array(list(bytes.fromhex(matte.removeprefix("#"))), np.int64)
    alpha = pixels[..., 3:].astype(np.int64)
    mixed = (pixels[..., :3].astype(np.int64) * alpha + ground * (255 - alpha) + 127) // 255
    result = np.full(pixels.shape, 255, np.uint8)
    result[..., :3] = mixed
    return result


def animated(picture: Pixels, body: Mapping[str, Any], count: int, matte: str) -> list[Pixels]:
    """The picture itself, then the picture swaying by a pixel, with a spark whose colour the request decides."""
    return [_swayed(picture, body, frame, matte) for frame in range(count)]


def between(shown: Mapping[int, Pixels], body: Mapping[str, Any], count: int, matte: str) -> list[Pixels]:
    """Keyframes where they belong, elsewhere the nearest one before (or the first), swaying."""
    frames = []
    for frame in range(count):
        before = max((index for index in shown if index <= frame), default=min(shown))
        frames.append(shown[frame] if frame in shown else _swayed(shown[before], body, 1 + frame, matte))
    return frames


def retaken(frames: Sequence[Pixels], body: Mapping[str, Any], first: int, last: int, matte: str) -> list[Pixels]:
    """All frames as they were but those of the region."""
    return [
        _swayed(pixels, body, 100 + place, matte) if first <= place <= last else pixels
        for place, pixels in enumerate(frames)
    ]


def reduced(picture: Pixels) -> Pixels:
    """The picture at the size of its pixel grid: the largest of 16 … 1 that all of its blocks are uniform in."""
    high, wide = picture.shape[:2]
    for size in range(16, 1, -1):
        if high % size or wide % size:
            continue
        small = picture[::size, ::size]
        if (small.repeat(size, axis=0).repeat(size, axis=1) == picture).all():
            return small
    return picture


def still(pixels: Pixels) -> tuple[bytes, str, dict[str, Any]]:
    """A PNG, its type and its metadata."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG")
    return buffer.getvalue(), "image/png", {"width": pixels.shape[1], "height": pixels.shape[0]}


def _swayed(picture: Pixels, body: Mapping[str, Any], frame: int, matte: str) -> Pixels:
    if not frame:
        return picture
    ground = np.array([*bytes.fromhex(matte.removeprefix("#")), 255], np.uint8)
    step = (0, 1, 0, -1)[frame % 4]
    result = np.roll(picture, step, axis=1)
    if step:
        result[:, 0 if step > 0 else -1] = ground
    inside = np.argwhere((result != ground).any(axis=-1))
    if len(inside):
        row, column = inside[len(inside) // 2]
        red, green, blue, _ = pictures.colour(body.get("prompt"), body.get("seed"), frame)
        result[row, column, :3] = (red, green, blue)
    return result


def in_colours(pixels: Pixels, config: Mapping[str, Any]) -> Pixels:
    """One frame in its own most frequent colours, or in those of the palette: nothing is shared between frames."""
    if "palette" in config:
        colours = np.array([[*bytes.fromhex(text.removeprefix("#")), 255] for text in config["palette"]], np.uint8)
    else:
        found, many = np.unique(pixels.reshape(-1, 4), axis=0, return_counts=True)
        colours = found[np.argsort(-many, kind="stable")[: config.get("colors", 24)]]
    return pictures.in_colours_of(pixels, colours[None])


def written(frames: Sequence[Pixels], form: str) -> tuple[bytes, str, dict[str, Any]]:
    """Bytes, content type and metadata of a clip."""
    height, width = frames[0].shape[:2]
    count = len(frames)
    if form == "spritesheet":
        metadata = {"width": width * count, "height": height, "output_format": form, "frame_count": count}
        return (
            pictures.png(np.concatenate(frames, axis=1)),
            "image/png",
            metadata | {"frame_w": width, "frame_h": height},
        )
    images = [Image.fromarray(np.ascontiguousarray(pixels[..., :3])) for pixels in frames]
    buffer = io.BytesIO()
    if form == "gif":
        images[0].save(buffer, "GIF", save_all=True, append_images=images[1:], duration=120, loop=0)
    else:
        images[0].save(
            buffer, "WEBP", save_all=True, append_images=images[1:], duration=FRAME_MS, lossless=True, loop=0
        )
    return buffer.getvalue(), f"image/{form}", {"width": width, "height": height, "frame_count": count, "fps": 8.0}
