"""A corner set in which every pixel of every tile is different, so that no wrong quarter passes for the right one."""

from __future__ import annotations

import numpy as np

from exporters.model.asset import Terrain, Tile, TilesetAsset

PIXELS = np.full((16, 16, 4), 200, dtype=np.uint8)


def corner_set(*, over_nothing: bool = False) -> TilesetAsset:
    """16 tiles of 16 × 16 pixels (15 with one terrain over nothing): red is the mask, green and blue are the place."""
    rows, columns = np.mgrid[0:16, 0:16]
    tiles = []
    for mask in range(1 if over_nothing else 0, 16):
        pixels = np.stack([np.full((16, 16), mask * 16), rows * 16, columns * 16, np.full((16, 16), 255)], axis=-1)
        low, high = (None, 0) if over_nothing else (0, 1)
        corners = tuple(high if mask & bit else low for bit in (8, 4, 2, 1))
        tiles.append(Tile(mask, pixels.astype(np.uint8), corners))  # type: ignore[arg-type]
    terrains = (Terrain("sand", (1, 2, 3), 0), Terrain("grass", (4, 5, 6), 15))
    return TilesetAsset("art/ground", (16, 16), 4, tuple(tiles), terrains[1:] if over_nothing else terrains)
