"""Fake pixels: pictures that show pixel art in large, often blurred and not quite regular blocks.

The edges of blocks come back at one distance, so the changes between neighbouring columns (and rows) have a strong
fundamental frequency. It is looked for in their Fourier spectrum, for columns and rows and all frames together: blocks
are square, and of one size in a clip. Where lines waver, higher harmonics fade and the fundamental stays; of
frequencies that are about as strong the lowest is taken, so that clean blocks are not halved. The lines of a clip lie
in the same places, except in frames that jitter by parts of a block: those have lines of their own.

Where the spec says how large the art is to be, frequencies near that are tried first, and believed sooner; but what is
only a ripple beside a much stronger one is not. Art with real pixels may have such a rhythm too (bricks, windows): what
is found counts only when its blocks are flat inside. Guessing would ruin art that is already right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.processing.canvas import is_in_blocks
from bridge.processing.cells import UNIT, Axis, sampled
from bridge.processing.edges import OPAQUE_FROM
from exporters.model.asset import Pixels

Profile: TypeAlias = npt.NDArray[np.int64]
Profiles: TypeAlias = tuple[Profile, Profile]

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
# Near the stated size counts what has so many percent of the strongest frequency anywhere. Less is only a ripple beside
# that one; its double, which art of twice the size has too, is stronger.
_NOT_ASIDE = 60
# Of the strongest frequency's strength, percent: a lower one that has it is the fundamental.
_AS_STRONG = 85
# Most variance inside of blocks, in percent of that between neighbouring ones.
_ROUGHEST = 30
_SMALL = 6 * UNIT
_LARGE = 256
# A frame's own lines count where they lie farther from the clip's than a period divided by this, and are this strong.
_FAR, _CLEAR = 5, 5000
# A cell that is cut off may count where it shows more than one part of so many.
_SHOWN = 4
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
        axes = (_whole_cells(width, grid * UNIT, 0), _whole_cells(height, grid * UNIT, 0))
        return [sampled(pixels, *axes) for pixels in frames] if grid > 1 else list(frames)
    exact = _exact_side(frames)
    likely = _likely_side(frames, expected)
    # Frames that jitter by half a block are clean blocks of half the side.
    if exact > 1 and (likely is None or exact * UNIT * 100 >= likely * _NEAR[0]):
        return [np.ascontiguousarray(pixels[::exact, ::exact]) for pixels in frames]
    cells = estimate_cells(frames, expected)
    if cells is None:
        return [np.ascontiguousarray(pixels[::exact, ::exact]) for pixels in frames] if exact > 1 else list(frames)
    return [sampled(pixels, *axes, inner=True) for pixels, axes in zip(frames, cells, strict=True)]


def is_unclear(frames: Sequence[Pixels], expected: tuple[int, int] | None) -> bool:
    """Whether frames of one size should have blocks and `auto` finds none.

    They should where they are at least twice as large as expected, or larger than pixel art usually is.
    """
    likely = _likely_side(frames, expected)
    large = min(frames[0].shape[:2]) >= _LARGE if likely is None else likely >= 2 * UNIT
    return large and _exact_side(frames) == 1 and estimate_cells(frames, expected) is None


def _likely_side(frames: Sequence[Pixels], expected: tuple[int, int] | None) -> int | None:
    """The side of a block (1/1024 pixel) where the art is to have this width and height."""
    if expected is None:
        return None
    (height, width), (columns, rows) = frames[0].shape[:2], expected
    return max(int(width) * UNIT // columns, int(height) * UNIT // rows)


def block_side(frames: Sequence[Pixels]) -> int:
    """Pixels along a side of the blocks that frames of one size consist of, rounded; 1 for real pixels."""
    exact = _exact_side(frames)
    cells = estimate_cells(frames) if exact == 1 else None
    return (cells[0][0].period + UNIT // 2) // UNIT if cells else exact


def _exact_side(frames: Sequence[Pixels]) -> int:
    """The largest side of which all frames are clean blocks from the corner on; 1 for real or no pixels."""
    height, width = frames[0].shape[:2]
    if all(bool((pixels == pixels[:1, :1]).all()) for pixels in frames):
        return 1
    sides = [side for side in range(min(height, width) // 2, 1, -1) if not height % side and not width % side]
    return next((side for side in sides if all(is_in_blocks(pixels, side) for pixels in frames)), 1)


def estimate_cells(frames: Sequence[Pixels], expected: tuple[int, int] | None = None) -> list[tuple[Axis, Axis]] | None:
    """The cells across and down of each frame, of one size and number; None where no blocks stand out.

    expected: width and height of the art, if known.
    """
    height, width = frames[0].shape[:2]
    likely = _likely_side(frames, expected)
    if likely is not None and likely < 2 * UNIT:
        return None
    changes = [(_change_profile(pixels, 1), _change_profile(pixels, 0)) for pixels in frames]
    together = (
        _above_grain(np.sum([across for across, _ in changes], axis=0)),
        _above_grain(np.sum([down for _, down in changes], axis=0)),
    )
    alone = [(_above_grain(across), _above_grain(down)) for across, down in changes]
    # Lines of frames that jitter lie between each other; the liveliest frame may have enough of its own.
    tried = [together, *([max(alone, key=_sum_changes)] if len(frames) > 1 else [])]
    # Near the likely size first; else wherever lines stand out by themselves.
    for side, profiles in product((likely, None) if likely is not None else (None,), tried):
        period = _find_period(profiles, (width, height), side)
        if period is not None:
            columns, rows = expected or (None, None)
            common = _fit_cells(width, profiles[0], period, columns), _fit_cells(height, profiles[1], period, rows)
            cells = [(_own_lines(common[0], own[0]), _own_lines(common[1], own[1])) for own in alone]
            return cells if _is_flat(frames, cells) else None
    return None


def _find_period(profiles: Profiles, size: tuple[int, int], likely: int | None) -> int | None:
    """The period of the lines (1/1024 pixel), near the likely one if there is one."""
    longest = min(size) * UNIT // FEWEST_CELLS
    if likely is None:
        return _find_fundamental(profiles, SHORTEST, longest, (_STRENGTH, _EXCESS))
    shortest_near, longest_near = max(SHORTEST, likely * _NEAR[0] // 100), likely * _NEAR[1] // 100
    strongest = _top_strength(profiles, SHORTEST, max(longest, longest_near))
    enough = max(_STRENGTH_EXPECTED, strongest * _NOT_ASIDE // 100), _EXCESS_EXPECTED
    return _find_fundamental(profiles, shortest_near, longest_near, enough)


def _top_strength(profiles: Profiles, shortest: int, longest: int) -> int:
    """The strength of the strongest frequency between two periods."""
    spectrum, _ = _spectrum_band(profiles, shortest, longest)
    return int(spectrum.max(initial=0))


def _spectrum_band(profiles: Profiles, shortest: int, longest: int) -> tuple[Profile, int]:
    """The spectra of both profiles between two periods, added, and the wave of the first of it."""
    waves = _STEPS * max(len(profile) for profile in profiles)
    first, last = -(-waves * UNIT // longest), waves * UNIT // shortest
    # Whole numbers from here on: the last bits of a spectrum differ from one processor to another.
    return _spectrum_of(profiles[0], waves)[first : last + 1] + _spectrum_of(profiles[1], waves)[
        first : last + 1
    ], first


def _sum_changes(profiles: Profiles) -> int:
    return int(profiles[0].sum()) + int(profiles[1].sum())


def _change_profile(pixels: Pixels, axis: int) -> Profile:
    """How much changes between each position and the one before it, without noise."""
    shown = pixels[..., :3].astype(np.int16)
    if not bool((pixels[..., 3] == 255).all()):
        shown = (shown.astype(np.int32) * pixels[..., 3:] // 255).astype(np.int16)
    change = np.abs(np.diff(shown, axis=axis))
    summed = change[..., 0] + change[..., 1] + change[..., 2]
    total = np.zeros(pixels.shape[axis], dtype=np.int64)
    total[1:] = np.maximum(summed - _NOISE, 0).sum(axis=1 - axis, dtype=np.int64)
    return total


def _above_grain(total: Profile) -> Profile:
    """Changes without what half of all places have: those lie inside of blocks."""
    return np.maximum(total - int(np.sort(total)[len(total) // 2]), 0)


def _find_fundamental(profiles: Profiles, shortest: int, longest: int, enough: tuple[int, int]) -> int | None:
    """The period (1/1024 pixel) of the lines in both profiles; None where the spectrum is too weak."""
    waves = _STEPS * max(len(profile) for profile in profiles)
    spectrum, first = _spectrum_band(profiles, shortest, longest)
    strength, excess = enough
    top = int(spectrum.max(initial=0))
    if not len(spectrum) or top < strength:
        return None
    index = int(np.flatnonzero(spectrum * 100 >= top * _AS_STRONG)[0])
    # The first good frequency is on the slope of a peak: climb it.
    while index + 1 < len(spectrum) and spectrum[index + 1] > spectrum[index]:
        index += 1
    over = sum(_excess_of(profile, int(_spectrum_of(profile, waves)[first + index])) for profile in profiles)
    return _refine_period(profiles, first + index, waves) if over >= excess else None


def _excess_of(profile: Profile, strength: int) -> int:
    """A strength against that of the same lines in random places, in hundredths."""
    squares = int((profile.astype(np.float64) ** 2).sum())
    return strength * int(profile.sum()) // (100 * max(1, math.isqrt(squares)))


def _spectrum_of(profile: Profile, waves: int) -> Profile:
    strengths: Profile = np.rint(
        np.abs(np.fft.rfft(profile.astype(np.float64), waves)) * (10_000 / max(1, int(profile.sum())))
    ).astype(np.int64)
    return strengths


def _refine_period(profiles: Profiles, wave: int, waves: int) -> int:
    """The period at the strongest frequency within half a step of one, so that lines drift by little over a side."""
    tried = np.arange(-8, 9) / 16 + wave
    strength = np.zeros(len(tried), dtype=np.int64)
    for profile in profiles:
        angles = np.outer(tried, np.arange(len(profile))) * (2 * np.pi / waves)
        met = np.hypot(np.cos(angles) @ profile, np.sin(angles) @ profile)
        strength += np.rint(met * (10_000 / max(1, int(profile.sum())))).astype(np.int64)
    best = 16 * wave - 8 + int(strength.argmax())
    return (16 * waves * UNIT + best // 2) // best


def _find_crest(profile: Profile, period: int) -> tuple[int, int]:
    """The place of the first line (1/1024 pixel, less than a period): where the fundamental has its crest.

    And the fundamental's strength, of 10,000.
    """
    angles = np.arange(len(profile)) * (2 * np.pi * UNIT / period)
    sine, cosine = float(np.sin(angles) @ profile), float(np.cos(angles) @ profile)
    phase = round(math.atan2(sine, cosine) / (2 * math.pi) * period) % period
    return phase, round(math.hypot(sine, cosine) * 10_000 / max(1, int(profile.sum())))


def _fit_cells(length: int, profile: Profile, period: int, wanted: int | None) -> Axis:
    """The cells of a side; where it is unclear whether one that is cut off counts, as many as are wanted."""
    axis = _whole_cells(length, period, _find_crest(profile, period)[0])
    before, after = axis.start, length * UNIT - axis.start - axis.count * period
    if wanted == axis.count - 1:
        return Axis(axis.start + period if before < after else axis.start, period, wanted)
    if wanted == axis.count + 1 and max(before, after) * _SHOWN >= period:
        return Axis(axis.start - period if before > after else axis.start, period, wanted)
    return axis


def _own_lines(axis: Axis, profile: Profile) -> Axis:
    """The cells of one frame of a clip: where its lines are clear and lie far from those of the clip, these."""
    phase, strength = _find_crest(profile, axis.period)
    by = (phase - axis.start) % axis.period
    by -= axis.period if by * 2 > axis.period else 0
    far = abs(by) * _FAR > axis.period and strength >= _CLEAR
    return Axis(axis.start + by, axis.period, axis.count) if far else axis


def _is_flat(frames: Sequence[Pixels], cells: Sequence[tuple[Axis, Axis]]) -> bool:
    """Whether blocks are of one colour inside: their variance is small against that between neighbours."""
    inside = between = 0
    # The middle of a small block is one pixel, which is always flat.
    inner = cells[0][0].period >= _SMALL
    for pixels, (across, down) in zip(frames, cells, strict=True):
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


def _whole_cells(length: int, period: int, phase: int) -> Axis:
    """The cells of a side; cut-off ones at its ends count when at least half of them is there."""
    start = phase if phase * 2 < period else phase - period
    count = max(1, (length * UNIT - start + period // 2) // period)
    return Axis(start, period, count)
