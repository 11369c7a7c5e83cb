"""Where one terrain ends and the other begins, for all 16 corner masks at once.

A tile's corners are sampled from the map's vertices; between them the share of the upper terrain runs from 0 to
ONE. Two facts make every tile fit every neighbour:

- along an edge, and `plateau` pixels inwards, the share depends on the two corners of that edge only;
- the noise that bends the border repeats with the tile.

So the picture of a whole map is one function of the plane, and a tile is a cut-out of it. Whatever looks at pixels
at most `reach` away (rims, shadows, foam) sees beyond the edge exactly what the neighbour will show, because a
plateau is wider than the reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural import noise
from bridge.providers.procedural.noise import ONE, Field

Mask = npt.NDArray[np.bool_]

MASKS = 16
HALF = ONE // 2
# Rows are masks, columns the corners north-west, north-east, south-west, south-east.
CORNERS = np.array([[mask >> bit & 1 for bit in (3, 2, 1, 0)] for mask in range(MASKS)], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Border:
    """How a border runs. reach: pixels (across, down) that shading looks at; amount: 0 … ONE of noise, with bumps of
    `cell` pixels; `clean` removes what is smaller than a few pixels.
    """

    reach: tuple[int, int]
    amount: int
    cell: int
    clean: bool


def most_reach(length: int, *, steep: bool = False) -> int:
    """The largest reach that leaves room for a border in a tile of this many pixels a side; where it may be `steep`
    the corners get tighter for a longer reach.
    """
    rise = max(2, length // (8 if steep else 4))
    return max(0, (length - rise) // 2 - 2)


def _side_shares(length: int, reach: int, pad: int) -> Field:
    """0 … ONE along one side, from `pad` pixels before the tile to `pad` pixels behind it."""
    plateau = reach + 2
    twice = 2 * np.arange(-pad, length + pad, dtype=np.int64) + 1
    room = 2 * (length - 2 * plateau)
    return np.clip((twice - 2 * plateau) * ONE // room, 0, ONE)


def border_shares(size: tuple[int, int], border: Border, corners: Field) -> Field:
    """The upper terrain's share 0 … ONE, shape (tiles, height, width), each side longer by reach + 1 on both ends."""
    across = _side_shares(size[0], border.reach[0], border.reach[0] + 1)[None, None, :]
    down = _side_shares(size[1], border.reach[1], border.reach[1] + 1)[None, :, None]
    west_north, east_north, west_south, east_south = (corners[:, corner, None, None] for corner in range(4))
    north = west_north * (ONE - across) + east_north * across
    south = west_south * (ONE - across) + east_south * across
    mixed = (north * (ONE - down) + south * down) // ONE
    # Where two equal corners stand diagonally the border would run through the very middle: keep upper ones apart.
    diagonal = (west_north == east_south) & (east_north == west_south) & (west_north != east_north)
    saddle = across * (ONE - across) // ONE * (down * (ONE - down) // ONE) * 16 // ONE
    kept: Field = mixed - saddle // 5 * diagonal.astype(np.int64)
    return kept


def bend_border(size: tuple[int, int], border: Border, shares: Field, seed: int, band: int = 0) -> Field:
    """The share with the border's noise: above HALF is the terrain. Between equal corners it stays pure, also beyond
    a band of ± `band` around HALF.
    """
    if not border.amount:
        return shares
    cells = (max(2, size[0] // border.cell), max(2, size[1] // border.cell))
    field = noise.periodic_noise(noise.derive_seed(seed, "border"), size, cells)[0] - HALF
    pad_x, pad_y = border.reach[0] + 1, border.reach[1] + 1
    rows = np.arange(-pad_y, size[1] + pad_y) % size[1]
    columns = np.arange(-pad_x, size[0] + pad_x) % size[0]
    # The share rises within what the plateaus leave of the tile: a short rise needs more noise for the same bend.
    rise = min(size[0] - 2 * border.reach[0] - 4, size[1] - 2 * border.reach[1] - 4)
    amount = border.amount * min(size) // (2 * rise)
    offset = field[rows[:, None], columns[None, :]] * amount // HALF
    most = HALF - 8 - band
    result: Field = shares + np.clip(offset, -most, most)[None]
    return result


def solid_mask(border: Border, values: Field) -> Mask:
    """Where the terrain is; crumbs are swept up. One pixel shorter than `values` on every side."""
    mask = values > HALF
    if border.clean:
        around = sum(
            mask[:, 1 + dy : mask.shape[1] - 1 + dy, 1 + dx : mask.shape[2] - 1 + dx].astype(np.int64)
            for dy in (-1, 0, 1)
            for dx in (-1, 0, 1)
        )
        return np.asarray(around >= 5)
    inner = mask[:, 1:-1, 1:-1]
    sides = (mask[:, :-2, 1:-1], mask[:, 2:, 1:-1], mask[:, 1:-1, :-2], mask[:, 1:-1, 2:])
    lonely = inner & ~(sides[0] | sides[1] | sides[2] | sides[3])
    hole = ~inner & (sides[0] & sides[1] & sides[2] & sides[3])
    return (inner & ~lonely) | hole


def shift_mask(mask: Mask, right: int, down: int) -> Mask:
    """The mask moved by whole pixels. What enters at the far side lies outside the tile while moves stay in reach."""
    return np.roll(mask, (down, right), axis=(1, 2))


def grow_mask(mask: Mask, steps: int) -> Mask:
    """The mask and everything at most so many steps (up, down, left, right) beside it."""
    for _ in range(steps):
        mask = (
            mask | shift_mask(mask, 1, 0) | shift_mask(mask, -1, 0) | shift_mask(mask, 0, 1) | shift_mask(mask, 0, -1)
        )
    return mask
