"""A picture of the seams: each pair of tiles side by side, enlarged, its bad places marked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bridge.lint.tiles import Seam
from bridge.showcase.pixels import Colour, blend, enlarged, filled, flowed
from exporters.model import Pixels, TilesetAsset

SCALE = 6
MOST = 24
WIDTH = 1200
GAP = 4
MARK: Colour = (255, 40, 90)
BACKGROUND: Colour = (28, 33, 48)


def seam_picture(tileset: TilesetAsset, seams: Sequence[Seam]) -> Pixels:
    """The first MOST seams on an opaque sheet about WIDTH pixels wide, a bar on each side of every bad place."""
    tiles = {tile.id: tile.pixels for tile in tileset.tiles}
    pairs = [_pair(tiles[seam.first], tiles[seam.second], seam) for seam in seams[:MOST]]
    sheet = flowed(pairs, WIDTH, GAP * SCALE, GAP * SCALE)
    height, width = sheet.shape[:2]
    border = 2 * GAP * SCALE
    canvas = filled(width + 2 * border, height + 2 * border, BACKGROUND)
    blend(canvas, sheet, border, border)
    return canvas


def _pair(first: Pixels, second: Pixels, seam: Seam) -> Pixels:
    """Two tiles as they meet, with a mark of one pixel of the art beside each bad place, outside of the tiles."""
    both = enlarged(np.concatenate([first, second], axis=0 if seam.below else 1), SCALE)
    edge = 2 * SCALE
    canvas = np.zeros((both.shape[0] + 2 * edge, both.shape[1] + 2 * edge, 4), dtype=np.uint8)
    canvas[edge:-edge, edge:-edge] = both
    height, width = first.shape[:2]
    for place in seam.places:
        along = slice(edge + place * SCALE, edge + (place + 1) * SCALE)
        middle = edge + (height if seam.below else width) * SCALE
        across = slice(middle - 1, middle + 1)
        canvas[(across, along) if seam.below else (along, across)] = (*MARK, 255)
    return canvas
