"""Corner Wang tiles on a grid of vertices: which tile a cell gets.

A cell (x, y) has the vertices (x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1): its corners north-west, north-east,
south-west, south-east. Tiles with equal corners (variations) are chosen by their probabilities with an integer hash
of the cell, so that a map looks the same on every machine and a changed cell changes no other.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from exporters.model.asset import TilesetAsset

Corners: TypeAlias = tuple[int | None, int | None, int | None, int | None]
_SCALE = 1 << 16
_MASK = (1 << 32) - 1


def wang_table(tileset: TilesetAsset) -> dict[Corners, list[tuple[int, float]]]:
    """Corners → (tile id, probability) of every tile with them, in order of ids."""
    table: dict[Corners, list[tuple[int, float]]] = {}
    for tile in sorted(tileset.tiles, key=lambda tile: tile.id):
        if tile.corners is not None and not tile.animation_frame:
            table.setdefault(tile.corners, []).append((tile.id, tile.probability))
    return table


def cell_hash(x: npt.NDArray[np.uint64], y: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.uint64]:
    """A number from 0 to 65535 per cell: two rounds of multiply and shift over 32 bits."""
    value = (x * np.uint64(0x9E3779B1) + y * np.uint64(0x85EBCA77) + np.uint64(seed & _MASK)) & np.uint64(_MASK)
    for factor in (0x7FEB352D, 0x846CA68B):
        value ^= value >> np.uint64(16)
        value = (value * np.uint64(factor)) & np.uint64(_MASK)
    result: npt.NDArray[np.uint64] = (value ^ (value >> np.uint64(15))) & np.uint64(_SCALE - 1)
    return result


def solve(tileset: TilesetAsset, vertices: npt.NDArray[np.uint8], seed: int = 0) -> npt.NDArray[np.uint32]:
    """Cells of a map, shape (height, width): tile id + 1, or 0 where no tile has the corners.

    Tiles of probability 0 are never taken; where all with these corners have it, the first is: a map has no holes.

    vertices: terrain indices, shape (height + 1, width + 1).
    """
    height, width = vertices.shape[0] - 1, vertices.shape[1] - 1
    corners = np.stack([vertices[:-1, :-1], vertices[:-1, 1:], vertices[1:, :-1], vertices[1:, 1:]], axis=-1)
    packed = corners.astype(np.uint32)
    keys = packed[..., 0] << 24 | packed[..., 1] << 16 | packed[..., 2] << 8 | packed[..., 3]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.uint64)
    chance = cell_hash(columns, rows, seed)
    cells = np.zeros((height, width), dtype=np.uint32)
    table = wang_table(tileset)
    for key in np.unique(keys):
        number = int(key)
        corners_here = (number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255)
        equal = table.get(corners_here, [])
        choices = [choice for choice in equal if choice[1] > 0] or equal[:1]
        if not choices:
            continue
        here = keys == key
        total = sum(probability for _, probability in choices) or 1.0
        bounds = np.cumsum([round(probability / total * _SCALE) for _, probability in choices])
        chosen = np.searchsorted(bounds[:-1], chance[here], side="right")
        cells[here] = np.array([tile for tile, _ in choices], dtype=np.uint32)[chosen] + np.uint32(1)
    return cells
