"""Where the subject of a clip stands frame by frame, and bringing frames that tremble back to one place.

Generators draw each frame anew, so a figure that walks on the spot slips by a pixel or two. Feet are compared by their
line. Sideways the upper half of each frame is laid over that of the others, because arms and legs swing but head and
chest do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bridge.processing.canvas import Clip, bounds_of, placed, same_size
from bridge.processing.components import Mask
from bridge.processing.edges import opaque_mask
from exporters.model.asset import Pixels

# First over the first frame, then over what most frames show.
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Drift:
    """Where the subject stands, frame by frame, in pixels; None for a frame without one.

    feet: rows from the top to below its lowest pixel. centre: mean column of its pixels, counted from 0.
    """

    feet: tuple[int | None, ...]
    centre: tuple[int | None, ...]

    @classmethod
    def of(cls, frames: Clip) -> Drift:
        """The drift of a clip."""
        masks = [opaque_mask(pixels) for pixels in frames]
        return cls(tuple(map(_feet_line, masks)), tuple(map(_mean_column, masks)))

    @property
    def usual_feet(self) -> int | None:
        """The median of the feet lines; None without any."""
        return _median_of(self.feet)

    def as_dict(self) -> dict[str, list[int | None]]:
        """The JSON form in `inspect --json`."""
        return {"feet": list(self.feet), "centre": list(self.centre)}


def spread_of(places: Sequence[int | None]) -> tuple[int, int] | None:
    """The least and the greatest of what is known; None for nothing."""
    known = [position for position in places if position is not None]
    return (min(known), max(known)) if known else None


def _median_of(places: Sequence[int | None]) -> int | None:
    known = sorted(position for position in places if position is not None)
    return known[len(known) // 2] if known else None


def _feet_line(there: Mask) -> int | None:
    rows = np.flatnonzero(there.any(axis=1))
    return int(rows[-1]) + 1 if len(rows) else None


def _mean_column(there: Mask) -> int | None:
    columns = np.nonzero(there)[1]
    return (2 * int(columns.sum()) + len(columns)) // (2 * len(columns)) if len(columns) else None


def steadied(clip: Clip, most: int) -> list[Pixels]:
    """The clip with frames moved back by whole pixels, up or down to one feet line, and sideways over each other.

    A clip whose frames wander by more than `most` pixels moves on purpose in that direction, and is left alone in it.
    Nothing is pushed out of the frame.
    """
    (frames,) = same_size([clip], bottom=True) if clip else ([],)
    if len(frames) < 2:
        return list(clip)
    drift = Drift.of(frames)
    usual = drift.usual_feet or 0
    down = _within_limit([0 if line is None else usual - line for line in drift.feet], most)
    aside = _within_limit(_find_slips(frames, drift, most), most)
    if not any(down) and not any(aside):
        return list(clip)
    return [_move_frame(pixels, *by) for pixels, *by in zip(frames, down, aside, strict=True)]


def _within_limit(moves: Sequence[int], most: int) -> Sequence[int]:
    return moves if max(moves) - min(moves) <= most else [0] * len(moves)


def _find_slips(frames: Clip, drift: Drift, most: int) -> list[int]:
    """How far each frame has to go to the right to lie over the others, in pixels, by at most one more than `most`."""
    # All on one feet line: who jumps is compared with what stands.
    level = {
        index: placed(pixels, pixels.shape[1], len(pixels), 0, len(pixels) - line)
        for index, (pixels, line) in enumerate(zip(frames, drift.feet, strict=True))
        if line is not None
    }
    box = bounds_of(list(level.values())) if level else None
    if box is None:
        return [0] * len(frames)
    left, top, right, below = box
    room = most + 1
    upper = [opaque_mask(pixels)[top : top + max(1, (below - top) // 2), left:right] for pixels in level.values()]
    upper = [np.pad(mask, ((0, 0), (room, room))) for mask in upper]
    ways = sorted(range(-room, room + 1), key=abs)
    model = upper[0]
    for _ in range(_ROUNDS):
        shifts = [_best_shift(mask, model, ways) for mask in upper]
        laid = np.stack([np.roll(mask, by, axis=1) for mask, by in zip(upper, shifts, strict=True)])
        model = 2 * laid.sum(axis=0) > len(upper)
    moves = dict(zip(level, (by - sorted(shifts)[len(shifts) // 2] for by in shifts), strict=True))
    return [moves.get(index, 0) for index in range(len(frames))]


def _best_shift(mask: Mask, model: Mask, ways: Sequence[int]) -> int:
    """Of the ways to the right the one that leaves the fewest pixels different; of equal ones the first."""
    left = [int((np.roll(mask, by, axis=1) ^ model).sum()) for by in ways]
    return ways[left.index(min(left))]


def _move_frame(pixels: Pixels, down: int, right: int) -> Pixels:
    box = bounds_of([pixels])
    if box is None or (not down and not right):
        return pixels
    height, width = pixels.shape[:2]
    down = min(max(down, -box[1]), height - box[3])
    right = min(max(right, -box[0]), width - box[2])
    return placed(pixels, width, height, right, down)
