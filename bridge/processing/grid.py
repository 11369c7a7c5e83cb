"""Fake pixels: pictures that show pixel art in large, often blurred and not quite regular blocks.

The size of a block is found by laying a comb over the changes between neighbouring columns and rows: the comb whose
teeth meet the most change has the right period. One comb counts for all frames, so that a clip does not tremble.
Where the spec says how large the art is to be, only periods near that are tried, which rules out multiples and
fractions. Without enough contrast nothing is done: guessing would ruin art that is already right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bridge.processing.cells import UNIT, Axis, sampled
from exporters.model import Pixels

FEWEST_CELLS = 8
SHORTEST = 3 * UNIT
_NEAR = (85, 115)
# What a tooth has to meet beyond the mean change, in percent of it. Art with real pixels stays below 25; near an
# expected period less is proof enough.
_CONTRAST = 60
_CONTRAST_EXPECTED = 25
# Multiples of the right period meet more than itself by chance, its fractions much less: the shortest that has this
# share (percent) of the best one's contrast is right.
_AS_GOOD = 50
# What a comb's contrast loses (per mille) for each percent that its period is away from the expected one.
_PER_PERCENT = 40


@dataclass(frozen=True, slots=True)
class _Comb:
    """A period with its best places (1/1024 pixel), and what its teeth meet beyond the mean (percent)."""

    contrast: int
    period: int
    across: int
    down: int


def snapped(frames: Sequence[Pixels], grid: str | int, expected: tuple[int, int] | None) -> list[Pixels]:
    """Frames of one size with a pixel for each block.

    grid: `auto`, or the side of a block in pixels. expected: width and height of the art after this, if known.
    """
    if not frames or grid == "none":
        return list(frames)
    height, width = frames[0].shape[:2]
    if isinstance(grid, int):
        axes = (_whole(width, grid * UNIT, 0), _whole(height, grid * UNIT, 0))
        return [sampled(pixels, *axes) for pixels in frames] if grid > 1 else list(frames)
    exact = _exact(frames)
    if exact > 1:
        return [np.ascontiguousarray(pixels[::exact, ::exact]) for pixels in frames]
    found = estimate(frames, expected)
    return [sampled(pixels, *found, inner=True) for pixels in frames] if found else list(frames)


def _exact(frames: Sequence[Pixels]) -> int:
    """The largest side of which all frames are clean blocks from the corner on; 1 for real or no pixels."""
    height, width = frames[0].shape[:2]
    if all(bool((pixels == pixels[:1, :1]).all()) for pixels in frames):
        return 1
    sides = [side for side in range(min(height, width) // 2, 1, -1) if not height % side and not width % side]
    return next((side for side in sides if all(_is_blocks(pixels, side) for pixels in frames)), 1)


def _is_blocks(pixels: Pixels, side: int) -> bool:
    height, width = pixels.shape[:2]
    columns = pixels.reshape(height, width // side, side, 4)
    if not bool((columns == columns[:, :, :1]).all()):
        return False
    rows = columns[:, :, 0].reshape(height // side, side, width // side, 4)
    return bool((rows == rows[:, :1]).all())


def estimate(frames: Sequence[Pixels], expected: tuple[int, int] | None = None) -> tuple[Axis, Axis] | None:
    """The cells across and down, or None where no comb stands out."""
    height, width = frames[0].shape[:2]
    profiles = (_profile(frames, 1), _profile(frames, 0))
    if expected is None:
        combs = _combs(profiles, SHORTEST, min(width, height) * UNIT // FEWEST_CELLS)
        best = _shortest_good(combs)
    else:
        likely = max(width * UNIT // expected[0], height * UNIT // expected[1])
        if likely < 2 * UNIT:
            return None
        combs = _combs(profiles, max(SHORTEST, likely * _NEAR[0] // 100), likely * _NEAR[1] // 100)
        best = _nearest_good(combs, likely)
    if best is None:
        return None
    return _whole(width, best.period, best.across), _whole(height, best.period, best.down)


def _profile(frames: Sequence[Pixels], axis: int) -> npt.NDArray[np.int64]:
    """How much changes between each position and the one before it, summed over all frames, spread to neighbours."""
    total = np.zeros(frames[0].shape[axis], dtype=np.int64)
    for pixels in frames:
        shown = pixels[..., :3].astype(np.int32) * pixels[..., 3:] // 255
        change = np.abs(np.diff(shown, axis=axis)).sum(axis=2)
        # Squares let the edges of blocks stand out of noise.
        total[1:] += (change * change // 16).sum(axis=1 - axis)
    spread = 2 * total
    spread[1:] += total[:-1]
    spread[:-1] += total[1:]
    return spread


def _combs(profiles: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]], shortest: int, longest: int) -> list[_Comb]:
    """The best comb of every period between two, fine enough to drift by no more than half a pixel over a side."""
    means = [max(1, int(profile.sum()) // len(profile)) for profile in profiles]
    longer = max(len(profile) for profile in profiles)
    tried: list[_Comb] = []
    period = shortest
    while period <= longest:
        shares, phases = [], []
        for profile, mean in zip(profiles, means, strict=True):
            met, phase = _phase(profile, period)
            shares.append(met * 100 // mean - 100)
            phases.append(phase)
        tried.append(_Comb(min(sum(shares) // 2, 2 * min(shares)), period, phases[0], phases[1]))
        period += max(1, period // (2 * longer))
    return tried


def _shortest_good(combs: Sequence[_Comb]) -> _Comb | None:
    top = max((comb.contrast for comb in combs), default=0)
    if top < _CONTRAST:
        return None
    first = next(place for place, comb in enumerate(combs) if comb.contrast * 100 >= top * _AS_GOOD)
    # The first good comb is on the slope of a peak: climb it.
    climbed = [comb for comb in combs[first:] if comb.period * 100 <= combs[first].period * 108]
    return max(climbed, key=lambda comb: (comb.contrast, -comb.period))


def _nearest_good(combs: Sequence[_Comb], likely: int) -> _Comb | None:
    """The best comb near an expected period; each percent away from it has to be earned by more contrast."""
    good = [comb for comb in combs if comb.contrast >= _CONTRAST_EXPECTED]

    def earned(comb: _Comb) -> int:
        return comb.contrast * (1000 - _PER_PERCENT * 100 * abs(comb.period - likely) // likely)

    return max(good, key=lambda comb: (earned(comb), -comb.period), default=None)


def _phase(profile: npt.NDArray[np.int64], period: int) -> tuple[int, int]:
    """The best phase of a comb: the mean change at its teeth, and the place of its first tooth (1/1024 pixel)."""
    starts = np.arange(0, period, UNIT // 2, dtype=np.int64)
    teeth = np.arange(max(1, len(profile) * UNIT // period + 1), dtype=np.int64) * period
    places = (starts[:, None] + teeth[None, :] + UNIT // 2) // UNIT
    inside = (places > 0) & (places < len(profile))
    sums = np.where(inside, profile[np.where(inside, places, 0)], 0).sum(axis=1)
    means = sums // np.maximum(1, inside.sum(axis=1))
    best = int(means.argmax())
    return int(means[best]), int(starts[best])


def _whole(length: int, period: int, phase: int) -> Axis:
    """The cells of a side; cut-off ones at its ends count when at least half of them is there."""
    start = phase if phase * 2 < period else phase - period
    count = max(1, (length * UNIT - start + period // 2) // period)
    return Axis(start, period, count)
