"""Putting pictures beside, below and over each other, in whole pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bridge.media.rgb import RGB
from exporters.model.asset import Pixels


def filled(width: int, height: int, color: RGB) -> Pixels:
    """An opaque picture of one colour."""
    canvas = np.empty((height, width, 4), dtype=np.uint8)
    canvas[:] = (*color, 255)
    return canvas


def blend_onto(canvas: Pixels, picture: Pixels, x: int, y: int) -> None:
    """Draws a picture over an opaque canvas at x, y (pixels), in integers; what lies outside is left out."""
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + picture.shape[1], canvas.shape[1]), min(y + picture.shape[0], canvas.shape[0])
    if left >= right or top >= bottom:
        return
    source = picture[top - y : bottom - y, left - x : right - x].astype(np.uint16)
    view = canvas[top:bottom, left:right]
    alpha = source[..., 3:]
    view[..., :3] = ((source[..., :3] * alpha + view[..., :3] * (255 - alpha) + 127) // 255).astype(np.uint8)


def enlarged(picture: Pixels, scale: int) -> Pixels:
    """Every pixel as a square of scale × scale."""
    return picture.repeat(scale, axis=0).repeat(scale, axis=1)


def trimmed(frames: Sequence[Pixels]) -> list[Pixels]:
    """Frames of one size without the border that is empty in all of them; at least a pixel is left."""
    seen = np.logical_or.reduce([frame[..., 3] > 0 for frame in frames])
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if rows.size == 0:
        return [frame[:1, :1] for frame in frames]
    return [frame[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] for frame in frames]


def join_beside(pictures: Sequence[Pixels], gap: int) -> Pixels:
    """Pictures from left to right, standing on one line, on transparency."""
    height = max(picture.shape[0] for picture in pictures)
    canvas = np.zeros((height, sum(picture.shape[1] + gap for picture in pictures) - gap, 4), dtype=np.uint8)
    x = 0
    for picture in pictures:
        canvas[height - picture.shape[0] :, x : x + picture.shape[1]] = picture
        x += picture.shape[1] + gap
    return canvas


def join_below(pictures: Sequence[Pixels], gap: int) -> Pixels:
    """Pictures from top to bottom, centred, on transparency."""
    width = max(picture.shape[1] for picture in pictures)
    canvas = np.zeros((sum(picture.shape[0] + gap for picture in pictures) - gap, width, 4), dtype=np.uint8)
    y = 0
    for picture in pictures:
        x = (width - picture.shape[1]) // 2
        canvas[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
        y += picture.shape[0] + gap
    return canvas


def flowed(pictures: Sequence[Pixels], width: int, gap: int, row_gap: int) -> Pixels:
    """Pictures in lines like words of a text: as many in a line as `width` holds, and at least one."""
    lines: list[list[Pixels]] = [[]]
    used = 0
    for picture in pictures:
        if lines[-1] and used + gap + picture.shape[1] > width:
            lines.append([])
            used = 0
        used += picture.shape[1] + (gap if lines[-1] else 0)
        lines[-1].append(picture)
    return join_below([join_beside(line, gap) for line in lines], row_gap)


def gridded(pictures: Sequence[Pixels], width: int, gap: int) -> Pixels:
    """Pictures of one size in lines of (nearly) the same length, no longer than `width` holds, and at least one."""
    fitting = max(1, (width + gap) // (pictures[0].shape[1] + gap))
    lines = -(-len(pictures) // fitting)
    length = -(-len(pictures) // lines)
    return join_below(
        [join_beside(pictures[start : start + length], gap) for start in range(0, len(pictures), length)], gap
    )
