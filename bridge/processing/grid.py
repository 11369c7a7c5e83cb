"""Fake pixels: pictures that show pixel art in large, often blurred and not quite regular blocks.

The edges of blocks come back at one distance, so the changes between neighbouring columns (and rows) have a strong
fundamental frequency. It is looked for in their Fourier spectrum, for columns and rows and all frames together: a clip
does not tremble, and blocks are square. Where lines waver, higher harmonics fade and the fundamental stays; of
frequencies that are about as strong the lowest is taken, so that clean blocks are not halved.

Where the spec says how large the art is to be, only frequencies near that are tried. Art with real pixels may have
such a rhythm too (bricks, windows): what is found counts only when its blocks are flat inside. Guessing would ruin art
that is already right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bridge.processing.cells import UNIT, Axis, sampled
from bridge.processing.edges import OPAQUE_FROM
from exporters.model import Pixels

FEWEST_CELLS = 8
SHORTEST = 3 * UNIT
_NEAR = (85, 115)
# Frequencies are tried in steps of a quarter wave over the longer side.
_STEPS = 4
# What the spectrum has to reach (of 20,000: columns and rows, 10,000 each for lines that are all in their places), and
# by how much (in hundredths) it has to exceed what lines in random places have. Art with real pixels stays below
# 10,500 and 420, the weakest fake pixels are above 11,000 and 650.
_STRENGTH, _EXCESS = 9000, 530
_STRENGTH_EXPECTED, _EXCESS_EXPECTED = 3000, 300
# Of the strongest frequency's strength, percent: a lower one that has it is the fundamental.
_AS_STRONG = 85
# Most variance inside of blocks, in percent of that between neighbouring ones.
_ROUGHEST = 30
_SMALL = 6 * UNIT
# Changes up to this (sum of three channels) are noise, as JPEG leaves it.
_NOISE = 24


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


def block_side(frames: Sequence[Pixels]) -> int:
    """Pixels along a side of the blocks that frames of one size consist of, rounded; 1 for real pixels."""
    exact = _exact(frames)
    found = estimate(frames) if exact == 1 else None
    return (found[0].period + UNIT // 2) // UNIT if found else exact


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
    """The cells across and down, or None where no blocks stand out.

    expected: width and height of the art, if known.
    """
    height, width = frames[0].shape[:2]
    profiles = (_profile(frames, 1), _profile(frames, 0))
    shortest, longest = SHORTEST, min(width, height) * UNIT // FEWEST_CELLS
    enough = _STRENGTH, _EXCESS
    if expected is not None:
        likely = max(width * UNIT // expected[0], height * UNIT // expected[1])
        if likely < 2 * UNIT:
            return None
        shortest, longest = max(SHORTEST, likely * _NEAR[0] // 100), likely * _NEAR[1] // 100
        enough = _STRENGTH_EXPECTED, _EXCESS_EXPECTED
    period = _fundamental(profiles, shortest, longest, enough)
    if period is None:
        return None
    across, down = (
        _whole(length, period, _phase(profile, period))
        for length, profile in zip((width, height), profiles, strict=True)
    )
    return (across, down) if _flat(frames, across, down) else None


def _profile(frames: Sequence[Pixels], axis: int) -> npt.NDArray[np.int64]:
    """How much changes between each position and the one before it, summed over all frames, without noise."""
    total = np.zeros(frames[0].shape[axis], dtype=np.int64)
    for pixels in frames:
        shown = pixels[..., :3].astype(np.int16)
        if not bool((pixels[..., 3] == 255).all()):
            shown = (shown.astype(np.int32) * pixels[..., 3:] // 255).astype(np.int16)
        change = np.abs(np.diff(shown, axis=axis))
        summed = change[..., 0] + change[..., 1] + change[..., 2]
        total[1:] += np.maximum(summed - _NOISE, 0).sum(axis=1 - axis, dtype=np.int64)
    # Half of all places lie inside of blocks: what they have is grain.
    return np.maximum(total - int(np.sort(total)[len(total) // 2]), 0)


def _fundamental(
    profiles: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]], shortest: int, longest: int, enough: tuple[int, int]
) -> int | None:
    """The period (1/1024 pixel) of the lines in both profiles; None where the spectrum is too weak."""
    waves = _STEPS * max(len(profile) for profile in profiles)
    first, last = -(-waves * UNIT // longest), waves * UNIT // shortest
    if last < first:
        return None
    # Whole numbers from here on: the last bits of a spectrum differ from one processor to another.
    spectrum = _spectrum(profiles[0], waves)[first : last + 1] + _spectrum(profiles[1], waves)[first : last + 1]
    strength, excess = enough
    top = int(spectrum.max())
    if top < strength:
        return None
    place = int(np.flatnonzero(spectrum * 100 >= top * _AS_STRONG)[0])
    # The first good frequency is on the slope of a peak: climb it.
    while place + 1 < len(spectrum) and spectrum[place + 1] > spectrum[place]:
        place += 1
    over = sum(_excess(profile, int(_spectrum(profile, waves)[first + place])) for profile in profiles)
    return _finer(profiles, first + place, waves) if over >= excess else None


def _excess(profile: npt.NDArray[np.int64], strength: int) -> int:
    """A strength against that of the same lines in random places, in hundredths."""
    squares = int((profile.astype(np.float64) ** 2).sum())
    return strength * int(profile.sum()) // (100 * max(1, math.isqrt(squares)))


def _spectrum(profile: npt.NDArray[np.int64], waves: int) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = np.rint(
        np.abs(np.fft.rfft(profile.astype(np.float64), waves)) * (10_000 / max(1, int(profile.sum())))
    ).astype(np.int64)
    return found


def _finer(profiles: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]], wave: int, waves: int) -> int:
    """The period at the strongest frequency within half a step of one, so that lines drift by little over a side."""
    tried = np.arange(-8, 9) / 16 + wave
    strength = np.zeros(len(tried), dtype=np.int64)
    for profile in profiles:
        angles = np.outer(tried, np.arange(len(profile))) * (2 * np.pi / waves)
        met = np.hypot(np.cos(angles) @ profile, np.sin(angles) @ profile)
        strength += np.rint(met * (10_000 / max(1, int(profile.sum())))).astype(np.int64)
    best = 16 * wave - 8 + int(strength.argmax())
    return (16 * waves * UNIT + best // 2) // best


def _phase(profile: npt.NDArray[np.int64], period: int) -> int:
    """The place of the first line (1/1024 pixel, less than a period): where the fundamental has its crest."""
    angles = np.arange(len(profile)) * (2 * np.pi * UNIT / period)
    turned = float(np.arctan2(np.sin(angles) @ profile, np.cos(angles) @ profile)) / (2 * np.pi)
    return round(turned * period) % period


def _flat(frames: Sequence[Pixels], across: Axis, down: Axis) -> bool:
    """Whether blocks are of one colour inside: their variance is small against that between neighbours."""
    inside = between = 0
    # The middle of a small block is one pixel, which is always flat.
    inner = across.period >= _SMALL
    for pixels in frames:
        height, width = pixels.shape[:2]
        rows, columns = down.samples(height, inner=inner), across.samples(width, inner=inner)
        shown = pixels[..., :3].astype(np.int64) * (pixels[..., 3:] >= OPAQUE_FROM)
        # Means of the samples of a row of blocks first: a picture of a million pixels is looked at once.
        block = shown[rows[:, :, None, None], columns[None, None, :, :]]
        count = block.shape[1] * block.shape[3]
        total = block.sum(axis=(1, 3))
        inside += int((block * block).sum()) - int((total * total).sum()) // count
        mean = total // count
        across_steps, down_steps = np.diff(mean, axis=1), np.diff(mean, axis=0)
        between += (int((across_steps**2).sum()) + int((down_steps**2).sum())) * count // 2
    return inside * 100 <= between * _ROUGHEST


def _whole(length: int, period: int, phase: int) -> Axis:
    """The cells of a side; cut-off ones at its ends count when at least half of them is there."""
    start = phase if phase * 2 < period else phase - period
    count = max(1, (length * UNIT - start + period // 2) // period)
    return Axis(start, period, count)
