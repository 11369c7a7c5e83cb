"""How a background strays from its colour, and whether subjects run over into it: measured over a whole clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bridge.media.color import Ints
from bridge.processing.background import TOLERANCE, Distances
from bridge.processing.components import Mask
from bridge.processing.regions import widened
from exporters.model.asset import Pixels

# Levels in a row that no more than one pixel of so many has: there the background's scatter ends.
_GAP, _RARE = 4, 4096
# Percent of the background's pixels beside the subject that hold some of it, from which on the rim is soft.
_ELEVATED = 8
# Colours that outlines have there at most: an eighth as many as pixels, but between these.
_FEW, _MOST = 8, 16
# Those of nearly a key colour.
_FEW_KEYS = 2
# Levels that the middle of a small gap is off by where all is blurred.
_BLURRED = 8
# Levels that a fitted surface is off by.
_SLACK = 2


@dataclass(frozen=True, slots=True)
class Scatter:
    """Levels between background and its colour: of most of it, and at most. soft: subjects are mixed with it."""

    core: int
    reach: int
    soft: bool


def scatter_of(
    frames: Sequence[Pixels], distances: Sequence[Distances], reached: Sequence[Mask], *, slow: bool, key: bool
) -> Scatter:
    """distances: levels between each pixel and the background. reached: what may be background.

    slow: whether its colour changes over the picture, and so is known to within some levels only. key: whether art
    hardly has its colour.

    Beside a soft subject the background is farther from its colour than at the border, in many colours; an outline of
    nearly its colour has few. Where nothing is mixed, little more than what is usual at the border counts.
    """
    away, back = np.stack(distances), np.stack(reached)
    others = ~back
    edge = widened(others) & back
    border = back.copy()
    border[:, 1:-1, 1:-1] = False
    every, beside, outer = (np.bincount(away[mask], minlength=256) for mask in (back, edge, border))
    core = _level_at(every, 75)
    # A subject of nearly its colour may stand on the border, but not on most of it.
    usual = 0 if int(outer[0]) * 2 > int(outer.sum()) else _level_at(outer, 90)
    elevated = edge & (away > usual + 1)
    many = int(elevated.sum())
    few = _FEW_KEYS if key else min(_MOST, max(_FEW, many // 8))
    soft = many * 100 >= _ELEVATED * int(beside.sum()) and _count_colors(frames, elevated) > few
    # Beside clean subjects the background is as it is elsewhere.
    if soft:
        return Scatter(max(core, _BLURRED), _level_below_gap(every, core), soft=True)
    clean = min(_level_below_gap(every, usual), usual + (usual + 1) // 2 + (_SLACK if slow else 0))
    return Scatter(min(core, clean), clean, soft=False)


def _count_colors(frames: Sequence[Pixels], chosen: Mask) -> int:
    """How many colours some pixels of all frames have."""
    packed = [np.ascontiguousarray(pixels[mask]).view("<u4") for pixels, mask in zip(frames, chosen, strict=True)]
    return len(np.unique(np.concatenate(packed)))


def _level_at(counts: Ints, percent: int) -> int:
    """The level up to which so many percent lie."""
    return int(np.searchsorted(np.cumsum(counts) * 100, percent * int(counts.sum())))


def _level_below_gap(counts: Ints, core: int) -> int:
    """The last level below the first gap, at most TOLERANCE."""
    rare = counts <= int(counts.sum()) // _RARE
    levels = range(core, TOLERANCE)
    return next((level for level in levels if bool(rare[level + 1 : level + 1 + _GAP].all())), TOLERANCE)
