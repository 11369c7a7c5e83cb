"""A picture of the seams: each pair of tiles side by side, enlarged, its bad places marked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bridge.lint.tiles import Seam
from bridge.media.rgb import RGB
from bridge.preview.panels import MARK
from bridge.preview.pixels import blend_onto, enlarged, filled, flowed
from exporters.model.asset import Pixels, TilesetAsset

SCALE = 6
MOST = 24
WIDTH = 1200
GAP = 4
BACKGROUND: RGB = (28, 33, 48)


def seam_picture(tileset: TilesetAsset, seams: Sequence[Seam]) -> Pixels:
    """The first MOST seams on an opaque sheet about WIDTH pixels wide, with a line where tiles do not go on."""
    tiles = {tile.id: tile.pixels for tile in tileset.tiles}
    pairs = [_pair_picture(tiles[seam.first], tiles[seam.second], seam) for seam in seams[:MOST]]
    sheet = flowed(pairs, WIDTH, GAP * SCALE, GAP * SCALE)
    height, width = sheet.shape[:2]
    border = 2 * GAP * SCALE
    canvas = filled(width + 2 * border, height + 2 * border, BACKGROUND)
    blend_onto(canvas, sheet, border, border)
    return canvas


def _pair_picture(first: Pixels, second: Pixels, seam: Seam) -> Pixels:
    """Two tiles as they meet, with a line of two pixels of the sheet between them at each bad place."""
    canvas = enlarged(np.concatenate([first, second], axis=0 if seam.below else 1), SCALE)
    middle = first.shape[0 if seam.below else 1] * SCALE
    across = slice(middle - 1, middle + 1)
    for index in seam.places:
        along = slice(index * SCALE, (index + 1) * SCALE)
        canvas[(across, along) if seam.below else (along, across)] = (*MARK, 255)
    return canvas
