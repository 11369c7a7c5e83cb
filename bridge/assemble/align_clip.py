"""Clips of other hands on a character's own ground: at the scale of its still, feet on the same line.

A clip that was made from a still begins with it, so its first frame says where the still's figure has come to.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.processing.canvas import bounds_of, placed
from bridge.processing.cells import UNIT, Axis, sampled
from bridge.processing.matte import without_matte
from exporters.model.asset import Pixels

_ALIKE = 8
"""A figure that differs by less than an eighth in height was drawn at the same scale."""


def align_clip(frames: Sequence[Pixels], still: Pixels) -> list[Pixels]:
    """The frames with the figure of the first where that of the still stands; untouched where they have its size.

    They come out at least as high and as wide as the still's canvas: wider, by the same on both sides, and higher, at
    the top, where the motion needs it.
    """
    high, wide = still.shape[:2]
    if all(pixels.shape[:2] == (high, wide) for pixels in frames):
        return list(frames)
    shown = without_matte(frames, "auto")
    goal, box = bounds_of([still]), bounds_of(shown[:1])
    if goal is None or box is None:
        return shown
    wanted, there = goal[3] - goal[1], box[3] - box[1]
    if (there - wanted) * _ALIKE > wanted:
        shown = [_scale_down(pixels, there, wanted) for pixels in shown]
        box = bounds_of(shown[:1]) or box
    right_by = (goal[0] + goal[2] - box[0] - box[2]) // 2
    down_by = goal[3] - box[3]
    left, top, right, _ = bounds_of(shown) or box
    aside = max(0, -(left + right_by), right + right_by - wide)
    above = max(0, -(top + down_by))
    return [placed(pixels, wide + 2 * aside, high + above, right_by + aside, down_by + above) for pixels in shown]


def _scale_down(pixels: Pixels, there: int, wanted: int) -> Pixels:
    """The picture smaller by wanted / there."""
    period = -(-there * UNIT // wanted)
    high, wide = pixels.shape[:2]
    across, down = (Axis(0, period, max(1, side * UNIT // period)) for side in (wide, high))
    return sampled(pixels, across, down)
