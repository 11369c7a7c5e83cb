"""Frames on a canvas: cropping, placing, reducing what is too large, and standing on the ground.

Clips of an asset that differ in size are first put on a common frame, so that one scale counts for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from bridge.core import limits
from bridge.core.errors import WorkFailed
from bridge.processing.cells import UNIT, Axis, sampled
from bridge.processing.edges import opaque_mask
from exporters.model.asset import Pixels

Clip: TypeAlias = Sequence[Pixels]
Box: TypeAlias = tuple[int, int, int, int]
# Blocks of this side are meant, also where they show little.
_CLEAR_BLOCK = 4
# A clip whose feet are this near to the middle (share of the width) was drawn there on purpose.
_TOLERANCE = 16


def placed(pixels: Pixels, width: int, height: int, left: int, top: int) -> Pixels:
    """A canvas with the picture at (left, top); what lies outside is cut off."""
    result = np.zeros((height, width, 4), dtype=np.uint8)
    rows, columns = pixels.shape[:2]
    x0, y0, x1, y1 = max(0, left), max(0, top), min(width, left + columns), min(height, top + rows)
    if x0 < x1 and y0 < y1:
        result[y0:y1, x0:x1] = pixels[y0 - top : y1 - top, x0 - left : x1 - left]
    return result


def anchored(pixels: Pixels, width: int, height: int, *, bottom: bool) -> Pixels:
    """The picture in the middle of a canvas, or in the middle of its lower edge."""
    if pixels.shape[:2] == (height, width):
        return pixels
    rows, columns = pixels.shape[:2]
    left, top = (width - columns) // 2, height - rows
    return placed(pixels, width, height, left, top if bottom else top // 2)


def largest_size(clips: Sequence[Clip]) -> tuple[int, int]:
    """Width and height that hold every frame."""
    frames = [pixels for clip in clips for pixels in clip]
    return max(pixels.shape[1] for pixels in frames), max(pixels.shape[0] for pixels in frames)


def same_size(clips: Sequence[Clip], *, bottom: bool) -> list[list[Pixels]]:
    """All frames on the largest one's canvas.

    Raises:
        WorkFailed: `assemble_failed`: one large frame would make all of them too large.
    """
    width, height = largest_size(clips)
    if sum(map(len, clips)) * width * height > limits.ASSET_PIXELS:
        raise WorkFailed(
            "assemble_failed",
            f"{sum(map(len, clips)):,} frames on one canvas of {width:,} × {height:,} have more than "
            f"{limits.ASSET_PIXELS:,} pixels",
            hint="Bring the frames to one size, or divide the asset.",
        )
    return [[anchored(pixels, width, height, bottom=bottom) for pixels in clip] for clip in clips]


def bounds_of(frames: Clip) -> Box | None:
    """Left, top, right, bottom (exclusive) of everything opaque in frames of one size; None for nothing."""
    there = np.logical_or.reduce([opaque_mask(pixels) for pixels in frames])
    columns, rows = np.flatnonzero(there.any(axis=0)), np.flatnonzero(there.any(axis=1))
    if not len(columns):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def trimmed(clips: Sequence[Clip], *, bottom: bool) -> list[list[Pixels]]:
    """All frames cut to the box that holds whatever any of them shows."""
    whole = same_size(clips, bottom=bottom)
    box = bounds_of([pixels for clip in whole for pixels in clip])
    if box is None:
        return whole
    left, top, right, below = box
    return [[np.ascontiguousarray(pixels[top:below, left:right]) for pixels in clip] for clip in whole]


def fitted(clips: Sequence[Clip], width: int, height: int, *, bottom: bool) -> list[list[Pixels]]:
    """All frames on a canvas of this size; only where the art itself is larger, it is reduced, all by one scale."""
    clips = _without_blocks(clips, width, height)
    if all(pixels.shape[:2] == (height, width) for clip in clips for pixels in clip):
        return [list(clip) for clip in clips]
    whole = same_size(clips, bottom=bottom)
    box = bounds_of([pixels for clip in whole for pixels in clip])
    columns, rows = largest_size(whole)
    left, top = (width - columns) // 2, height - rows if bottom else (height - rows) // 2
    if box is not None:
        if box[2] - box[0] > width or box[3] - box[1] > height:
            reduced = _scale_down(trimmed(whole, bottom=bottom), width, height)
            return [[anchored(pixels, width, height, bottom=bottom) for pixels in clip] for clip in reduced]
        left = min(max(left, -box[0]), width - box[2])
        top = min(max(top, -box[1]), height - box[3])
    return [[placed(pixels, width, height, left, top) for pixels in clip] for clip in whole]


def _without_blocks(clips: Sequence[Clip], width: int, height: int) -> Sequence[Clip]:
    """Frames that are exactly so many times as large as the canvas, all of them in clean blocks, at one pixel a block.

    Cutting them to what they show first would reduce them by a factor that breaks their blocks.
    """
    frames = [pixels for clip in clips for pixels in clip]
    side = frames[0].shape[1] // width if frames else 1
    shape = (height * side, width * side)
    if side < 2 or any(pixels.shape[:2] != shape or not is_in_blocks(pixels, side) for pixels in frames):
        return clips
    box = bounds_of(frames)
    fits = box is not None and box[2] - box[0] <= width and box[3] - box[1] <= height
    # A plain shape that fits as it is may lie in small blocks by chance.
    if fits and side < _CLEAR_BLOCK:
        return clips
    return [[np.ascontiguousarray(pixels[::side, ::side]) for pixels in clip] for clip in clips]


def is_in_blocks(pixels: Pixels, side: int) -> bool:
    """Whether a picture consists of blocks of one colour, `side` pixels square, from its corner on."""
    height, width = pixels.shape[:2]
    columns = pixels.reshape(height, width // side, side, 4)
    if not bool((columns == columns[:, :, :1]).all()):
        return False
    rows = columns[:, :, 0].reshape(height // side, side, width // side, 4)
    return bool((rows == rows[:, :1]).all())


def _scale_down(clips: Sequence[Clip], width: int, height: int) -> list[list[Pixels]]:
    columns, rows = largest_size(clips)
    period = max(-(-columns * UNIT // width), -(-rows * UNIT // height))
    across = Axis(0, period, max(1, min(width, -(-columns * UNIT // period))))
    down = Axis(0, period, max(1, min(height, -(-rows * UNIT // period))))
    return [[sampled(pixels, across, down) for pixels in clip] for clip in clips]


def aligned(clip: Clip, how: str) -> list[Pixels]:
    """A clip moved as a whole, so that its jumps and steps stay.

    feet: its lowest row comes to the lower edge, its feet to the middle. center: its box comes to the middle.
    Nothing is ever pushed out of the frame.
    """
    box = bounds_of(clip) if clip and how != "none" else None
    if box is None:
        return list(clip)
    height, width = clip[0].shape[:2]
    left, top, right, below = box
    if how == "feet":
        # Arms and weapons swing; the lowest quarter is where the figure stands.
        middle = _doubled_middle(clip, below - max(1, (below - top) // 4), below)
        right_by, down_by = (width - middle) // 2, height - below
        if abs(right_by) <= max(1, width // _TOLERANCE):
            right_by = 0
    else:
        right_by, down_by = (width - left - right) // 2, (height - top - below) // 2
    right_by = min(max(right_by, -left), width - right)
    if not right_by and not down_by:
        return list(clip)
    return [placed(pixels, width, height, right_by, down_by) for pixels in clip]


def _doubled_middle(clip: Clip, top: int, below: int) -> int:
    """Twice the mean column of what is opaque between two rows, over all frames, rounded."""
    total = count = 0
    for pixels in clip:
        _, columns = np.nonzero(opaque_mask(pixels)[top:below])
        total += int((2 * columns + 1).sum())
        count += len(columns)
    return (2 * total + count) // (2 * count)
