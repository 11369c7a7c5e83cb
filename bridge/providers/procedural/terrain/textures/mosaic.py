"""Cells of stones and plates: a jittered, seamless grid of centres, each pixel belonging to the nearest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural import noise
from bridge.providers.procedural.noise import Field
from bridge.providers.procedural.terrain.canvas import TextureCanvas, round_up

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Arrays (height, width). `cell` numbers the cells, `border` are the joints, `lit` the upper left inner rim of
    every cell, `dim` its lower right inner rim; `tone` is 0 … 65535 per cell.
    """

    cell: Field
    border: Mask
    lit: Mask
    dim: Mask
    tone: Field


def build_mosaic(canvas: TextureCanvas, topic: str, size: int, jitter: int = 60, offset: bool = True) -> Mosaic:
    """Cells of about `size` brush dots; `jitter` percent of free movement; `offset` shifts every second row by half."""
    width, height = canvas.size
    across = round_up(width, size * canvas.unit)
    down = (
        max(2, 2 * ((round_up(height, size * canvas.unit) + 1) // 2))
        if offset
        else round_up(height, size * canvas.unit)
    )
    seed = noise.derive_seed(canvas.seed, topic)
    rows, columns = np.divmod(np.arange(across * down), across)
    # Places in 1/256 of a cell, so that all distances are whole numbers.
    shift = (rows % 2) * 128 if offset else rows * 0
    centre_x = columns * 256 + 128 + shift + (noise.hash_cells(seed, rows, columns, 1) - 32768) * jitter // 100 // 256
    centre_y = rows * 256 + 128 + (noise.hash_cells(seed, rows, columns, 2) - 32768) * jitter // 100 // 256
    x = ((2 * np.arange(width) + 1) * across * 128 // width)[None, :, None]
    y = ((2 * np.arange(height) + 1) * down * 128 // height)[:, None, None]
    gap_x, gap_y = np.abs(x - centre_x), np.abs(y - centre_y)
    gap_x = np.minimum(gap_x, across * 256 - gap_x) * width // across
    gap_y = np.minimum(gap_y, down * 256 - gap_y) * height // down
    cell = np.argmin(gap_x * gap_x + gap_y * gap_y, axis=2)
    border = find_joints(cell, canvas.unit)
    tone = noise.hash_cells(noise.derive_seed(seed, "tone"), np.arange(across * down))
    if canvas.variation:
        own = noise.hash_cells(noise.derive_seed(seed, "tone", canvas.variation), np.arange(across * down))
        tone = np.where(_inner_cells(cell, canvas, across * down), own, tone)
    return Mosaic(cell, border, *find_rims(border), tone[cell])


def find_joints(cell: Field, unit: int = 1) -> Mask:
    """The right and lower edge of each cell, `unit` pixels wide."""
    border = np.zeros(cell.shape, dtype=bool)
    for step in range(1, unit + 1):
        border |= (cell != np.roll(cell, -step, axis=1)) | (cell != np.roll(cell, -step, axis=0))
    return border


def find_rims(border: Mask) -> tuple[Mask, Mask]:
    """Inner pixels right below or right of a joint (lit), and right above or left of one (dim)."""
    lit = ~border & (np.roll(border, 1, axis=0) | np.roll(border, 1, axis=1))
    dim = ~border & ~lit & (np.roll(border, -1, axis=0) | np.roll(border, -1, axis=1))
    return lit, dim


def _inner_cells(cell: Field, canvas: TextureCanvas, count: int) -> Mask:
    """Cells that stay away from the tile's border ring."""
    touching = np.unique(cell[~canvas.inside_mask(2)])
    inner = np.ones(count, dtype=bool)
    inner[touching] = False
    return inner
