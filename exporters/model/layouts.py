"""The layouts in which tools and engines expect the tiles of two terrains, and the 16 corner tiles in each of them.

A corner tile's mask is north-west 8 + north-east 4 + south-west 2 + south-east 1, a bit for each corner that shows
the upper terrain. Layouts of whole corner tiles are tables of masks. Blob sets and autotiles draw *cells* with their
neighbours instead: a quarter of a cell is the opposite quarter of the corner tile that stands on that corner of the
cell. What the corner tiles show of the transition on the lower terrain's side has no place in these.

Sources: the dual-grid template of J. Hammer's and of TileMapDual's "Standard" (equal to Godot 3's 2 × 2 autotile
template); Godot 3's 3 × 3 minimal template and Tilesetter's blob and Wang sheets; RPG Maker's A2 blocks of 2 × 3 tiles.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import product
from typing import TypeAlias

import numpy as np

from exporters.model.asset import Pixels, TilesetAsset
from exporters.model.wang import Corners

Table: TypeAlias = tuple[tuple[int, ...], ...]
Place: TypeAlias = tuple[int, int]

# A cell of the sheet that no tile has.
SPARE = -1
CORNER16: Table = ((0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10, 11), (12, 13, 14, 15))
PIXELLAB: Table = ((13, 10, 4, 12), (6, 8, 0, 1), (11, 3, 2, 5), (15, 14, 9, 7))
DUAL_GRID: Table = ((2, 5, 11, 3), (9, 7, 15, 14), (4, 12, 13, 10), (0, 1, 6, 8))
TILESETTER_WANG: Table = ((1, 3, 2, 14, 13), (5, 15, 10, 11, 7), (4, 12, 8, 9, 6))
# Blob masks: north 1, north-east 2, east 4, south-east 8, south 16, south-west 32, west 64, north-west 128.
BLOB_GODOT: Table = (
    (16, 20, 84, 80, 213, 92, 116, 87, 28, 125, 124, 112),
    (17, 21, 85, 81, 29, 127, 253, 113, 31, 119, SPARE, 245),
    (1, 5, 69, 65, 23, 223, 247, 209, 95, 255, 221, 241),
    (0, 4, 68, 64, 117, 71, 197, 93, 7, 199, 215, 193),
)
BLOB_TILESETTER: Table = (
    (28, 124, 112, 16, 20, 116, 92, 80, 84, 221, SPARE),
    (31, 255, 241, 17, 23, 247, 223, 209, 215, 119, SPARE),
    (7, 199, 193, 1, 29, 253, 127, 113, 125, 93, 117),
    (4, 68, 64, 0, 5, 197, 71, 65, 69, 87, 213),
    (SPARE, SPARE, SPARE, SPARE, 21, 245, 95, 81, 85, SPARE, SPARE),
)
# Places (column, row) of quarters in a block of 4 × 6, by the quarter's own place (right, below) and by whether the
# neighbours beside, above or below, and diagonal show the same terrain. Nothing there counts less than a side.
A2_FULL: Mapping[Place, Place] = {(0, 0): (2, 4), (1, 0): (1, 4), (0, 1): (2, 3), (1, 1): (1, 3)}
A2_INNER: Mapping[Place, Place] = {(0, 0): (2, 0), (1, 0): (3, 0), (0, 1): (2, 1), (1, 1): (3, 1)}
A2_BESIDE: Mapping[Place, Place] = {(0, 0): (2, 2), (1, 0): (1, 2), (0, 1): (2, 5), (1, 1): (1, 5)}
A2_ABOVE: Mapping[Place, Place] = {(0, 0): (0, 4), (1, 0): (3, 4), (0, 1): (0, 3), (1, 1): (3, 3)}
A2_OUTER: Mapping[Place, Place] = {(0, 0): (0, 2), (1, 0): (3, 2), (0, 1): (0, 5), (1, 1): (3, 5)}
# What each table stands for: whether the neighbours beside, above or below, and diagonal are of the same terrain.
_A2_KINDS = (
    (A2_FULL, (True, True, True)),
    (A2_INNER, (True, True, False)),
    (A2_BESIDE, (True, False, False)),
    (A2_ABOVE, (False, True, False)),
    (A2_OUTER, (False, False, False)),
)
_CORNER_BIT = {(0, 0): 8, (1, 0): 4, (0, 1): 2, (1, 1): 1}
_TABLES: Mapping[str, Table] = {
    "corner16": CORNER16,
    "pixellab": PIXELLAB,
    "dual_grid": DUAL_GRID,
    "tilesetter_wang": TILESETTER_WANG,
}
_BLOBS: Mapping[str, Table] = {"blob47": BLOB_GODOT, "blob47_tilesetter": BLOB_TILESETTER}
LAYOUTS = (*_TABLES, *_BLOBS, "rpgmaker_a2")


def complete_pairs(tileset: TilesetAsset) -> list[tuple[int | None, int]]:
    """Lower and upper terrain of every complete set of corner tiles; None stands for nothing below the only terrain."""
    return [pair for pair, missing in coverage(tileset).items() if not missing]


def coverage(tileset: TilesetAsset) -> dict[tuple[int | None, int], tuple[int, ...]]:
    """The masks that each pair of terrains lacks, in the order of the pairs.

    The terrain brush needs all 16: without one of them it undoes what was painted, or leaves a seam. Where nobody said
    which pairs there are, those count that follow each other or have a tile with both.
    """
    have = {tile.corners for tile in tileset.tiles if tile.corners is not None and not tile.animation_frame}
    return {
        (lower, upper): tuple(mask for mask in _pair_masks(lower) if corners_of(mask, lower, upper) not in have)
        for lower, upper in tileset.pairs or _probable_pairs(tileset, have)
    }


def pair_name(tileset: TilesetAsset, pair: tuple[int | None, int]) -> str:
    """`water and sand`; the name of the only terrain of an overlay."""
    return " and ".join(tileset.terrains[index].name for index in pair if index is not None)


def terrain_chain(tileset: TilesetAsset) -> list[int]:
    """Terrains from low to high, each with a complete set to the next one; empty without any."""
    complete = [(lower, upper) for lower, upper in complete_pairs(tileset) if lower is not None]
    longest: list[int] = []
    for start, _ in complete:
        path = [start]
        while above := [high for low, high in complete if low == path[-1] and high not in path]:
            path.append(above[0])
        longest = max(longest, path, key=len)
    return longest


def _pair_masks(lower: int | None) -> range:
    return range(0 if lower is not None else 1, 16)


def _probable_pairs(tileset: TilesetAsset, have: Collection[object]) -> list[tuple[int | None, int]]:
    if len(tileset.terrains) == 1:
        return [(None, 0)]
    return [
        (lower, upper)
        for upper in range(len(tileset.terrains))
        for lower in range(upper)
        if upper == lower + 1 or any(corners_of(mask, lower, upper) in have for mask in range(1, 15))
    ]


def corners_of(mask: int, lower: int | None, upper: int) -> Corners:
    """The corners of a mask's tile: north-west, north-east, south-west, south-east."""
    north_west, north_east, south_west, south_east = (upper if mask & bit else lower for bit in (8, 4, 2, 1))
    return north_west, north_east, south_west, south_east


def corner_tiles(tileset: TilesetAsset, lower: int | None, upper: int) -> dict[int, Pixels]:
    """The 16 tiles of a pair by mask, of equal ones the first; mask 0 is transparent over nothing."""
    by_corners: dict[object, Pixels] = {}
    for tile in sorted(tileset.tiles, key=lambda tile: tile.id):
        if tile.corners is not None and not tile.animation_frame:
            by_corners.setdefault(tile.corners, tile.pixels)
    width, height = tileset.tile_size
    empty = np.zeros((height, width, 4), dtype=np.uint8)
    return {mask: by_corners.get(corners_of(mask, lower, upper), empty) for mask in range(16)}


def sheet_of(layout: str, tiles: Mapping[int, Pixels]) -> Pixels:
    """The 16 corner tiles as a sheet of a layout, without margin or spacing.

    What a layout has no own place for goes where readers look for it: the full lower tile of tilesetter_wang stands in
    a fourth row, of blob sets in the first spare cell, of rpgmaker_a2 as a whole block left of the upper one's; it is
    left out when it is transparent.

    Raises:
        ValueError: blob sets and rpgmaker_a2 put cells together from quarters, so tiles need even sides.
    """
    lower = tiles[0] if tiles[0][..., 3].any() else None
    if layout in _TABLES:
        rows = list(_TABLES[layout])
        if layout == "tilesetter_wang" and lower is not None:
            rows.append((0, *([SPARE] * (len(rows[0]) - 1))))
        return _lay_out(tuple(rows), tiles)
    if any(side % 2 for side in tiles[0].shape[:2]):
        raise ValueError("a cell of this layout is put together from quarters, so tiles need even sides")
    if layout == "rpgmaker_a2":
        block = _a2_block(tiles)
        if lower is None:
            return block
        # Quarters come from the opposite side of a tile; half a tile further on the full one stays as it is.
        whole = np.roll(lower, (lower.shape[0] // 2, lower.shape[1] // 2), axis=(0, 1))
        return np.concatenate([_a2_block(dict.fromkeys(range(16), whole)), block], axis=1)
    table = _BLOBS[layout]
    cells = {mask: _blob_cell(mask, tiles) for row in table for mask in row if mask != SPARE}
    if lower is not None:
        cells[SPARE] = lower
    return _lay_out(table, cells, once=True)


def _lay_out(table: Table, cells: Mapping[int, Pixels], *, once: bool = False) -> Pixels:
    """Cells in the order of a table; what is not there stays transparent. once: a spare cell is filled only once."""
    height, width = next(iter(cells.values())).shape[:2]
    sheet = np.zeros((len(table) * height, len(table[0]) * width, 4), dtype=np.uint8)
    left = dict(cells)
    for row, masks in enumerate(table):
        for column, mask in enumerate(masks):
            if mask in left:
                sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = left[mask]
                if once and mask == SPARE:
                    del left[mask]
    return sheet


def _cut_quarter(tiles: Mapping[int, Pixels], corner: Place, same: tuple[bool, bool, bool]) -> Pixels:
    """A quarter of a cell of the upper terrain. place: right, below. same: whether the neighbours beside, above or
    below and diagonal, on that side, are of the same terrain.
    """
    right, below = corner
    beside, above, diagonal = same
    mask = _CORNER_BIT[1 - right, 1 - below]
    mask += _CORNER_BIT[right, 1 - below] * beside + _CORNER_BIT[1 - right, below] * above
    mask += _CORNER_BIT[right, below] * (beside and above and diagonal)
    tile = tiles[mask]
    height, width = tile.shape[0] // 2, tile.shape[1] // 2
    y, x = (1 - below) * height, (1 - right) * width
    return tile[y : y + height, x : x + width]


def _blob_cell(mask: int, tiles: Mapping[int, Pixels]) -> Pixels:
    cell = np.empty_like(tiles[0])
    height, width = cell.shape[0] // 2, cell.shape[1] // 2
    for right, below in product((0, 1), (0, 1)):
        beside, above = bool(mask & (4 if right else 64)), bool(mask & (16 if below else 1))
        diagonal = bool(mask & ((8 if below else 2) if right else (32 if below else 128)))
        piece = _cut_quarter(tiles, (right, below), (beside, above, diagonal))
        cell[below * height : (below + 1) * height, right * width : (right + 1) * width] = piece
    return cell


def _a2_block(tiles: Mapping[int, Pixels]) -> Pixels:
    """A block of 2 × 3 tiles; its first tile, which RPG Maker shows in the palette, stands alone."""
    height, width = tiles[0].shape[0] // 2, tiles[0].shape[1] // 2
    block = np.zeros((6 * height, 4 * width, 4), dtype=np.uint8)
    block[: 2 * height, : 2 * width] = _blob_cell(0, tiles)
    for places, same in _A2_KINDS:
        for position, (column, row) in places.items():
            piece = _cut_quarter(tiles, position, same)
            block[row * height : (row + 1) * height, column * width : (column + 1) * width] = piece
    return block
