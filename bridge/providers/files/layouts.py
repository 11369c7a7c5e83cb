"""Sheets of terrain tiles in the layouts that artists and tools use → the 16 corner tiles.

A corner tile's mask is north-west 8 + north-east 4 + south-west 2 + south-east 1, a bit for each corner that shows
the upper terrain. Layouts of whole corner tiles are tables of masks. Blob sets and autotiles draw *cells* with their
neighbours instead: there a corner tile is put together from the quarters of the four cells round one point, over the
full tile of the lower terrain.

corner16: masks 0 … 15 in reading order, any number of columns.
pixellab, dual_grid: 4 × 4, the layouts of PixelLab's tilesets and of the dual-grid ("2 × 2") template.
tilesetter_wang: 5 × 3; mask 0 is the first cell of a fourth row.
blob47: 12 × 4 (Godot 3's 3 × 3 minimal template) or 11 × 5 (Tilesetter); the lower terrain's full tile stands in a
    spare cell.
rpgmaker_a2: blocks of 2 × 3 tiles; the upper terrain's block, and left of it the lower terrain's where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import TypeAlias

import numpy as np

from bridge.core.errors import UserError
from bridge.providers.files.grid import FileSheetGrid
from bridge.providers.files.steps import misfit
from exporters.model.asset import Pixels
from exporters.model.layouts import (
    A2_ABOVE,
    A2_BESIDE,
    A2_FULL,
    A2_INNER,
    A2_OUTER,
    BLOB_GODOT,
    BLOB_TILESETTER,
    DUAL_GRID,
    PIXELLAB,
    SPARE,
    TILESETTER_WANG,
)

Tiles: TypeAlias = dict[int, Pixels]
Quarter: TypeAlias = Callable[[int, int, bool, bool, bool], Pixels]


def corner_tiles(sheet: Pixels, layout: str, grid: FileSheetGrid, path: str, *, over_nothing: bool) -> Tiles:
    """The corner tiles of a sheet by mask; 16, or 15 without mask 0 where one terrain stands over nothing.

    Raises:
        UserError: `source_broken` when the sheet has not the cells of its layout.
    """
    cells = grid.cut(sheet, path)
    match layout:
        case "pixellab":
            tiles = _from_table(cells, PIXELLAB, layout, path)
        case "dual_grid":
            tiles = _from_table(cells, DUAL_GRID, layout, path)
        case "tilesetter_wang":
            tiles = _from_table(cells[:3], TILESETTER_WANG, layout, path)
            if len(cells) > 3:
                tiles[0] = cells[3][0]
        case "blob47":
            tiles = _from_blob(cells, path, over_nothing=over_nothing)
        case "rpgmaker_a2":
            tiles = _from_a2(cells, path, over_nothing=over_nothing)
        case _:
            flat = [cell for row in cells for cell in row]
            if len(flat) < 16:
                raise _wrong_size(layout, "16 cells", cells, path)
            tiles = dict(enumerate(flat[:16]))
    if over_nothing:
        tiles.pop(0, None)
    elif 0 not in tiles:
        raise misfit(
            path,
            "the full tile of the lower terrain is missing",
            "Put it into the first cell of a fourth row.",
        )
    return dict(sorted(tiles.items()))


def _wrong_size(layout: str, wanted: str, cells: Sequence[Sequence[Pixels]], path: str) -> UserError:
    columns = len(cells[0]) if cells else 0
    return misfit(
        path,
        f"the layout {layout} has {wanted}, the sheet {columns} × {len(cells)}",
        "Correct layout, tile_size, margin or spacing.",
    )


def _from_table(cells: Sequence[Sequence[Pixels]], table: Sequence[Sequence[int]], layout: str, path: str) -> Tiles:
    if len(cells) != len(table) or len(cells[0]) != len(table[0]):
        raise _wrong_size(layout, f"{len(table[0])} × {len(table)} cells", cells, path)
    return {mask: cells[row][column] for row, masks in enumerate(table) for column, mask in enumerate(masks)}


def _from_blob(cells: Sequence[Sequence[Pixels]], path: str, *, over_nothing: bool) -> Tiles:
    shape = (len(cells[0]), len(cells))
    table = {(12, 4): BLOB_GODOT, (11, 5): BLOB_TILESETTER}.get(shape)
    if table is None:
        raise _wrong_size("blob47", "12 × 4 or 11 × 5 cells", cells, path)
    by_mask: Tiles = {}
    spare: Pixels | None = None
    for row, masks in enumerate(table):
        for column, mask in enumerate(masks):
            cell = cells[row][column]
            if mask != SPARE:
                by_mask[mask] = cell
            elif spare is None and cell[..., 3].any():
                spare = cell
    if spare is None and not over_nothing:
        raise misfit(
            path,
            "a blob set draws only the upper terrain; the lower one's full tile is missing",
            "Put it into a spare cell of the sheet.",
        )
    lower = np.zeros_like(by_mask[255]) if over_nothing or spare is None else spare

    def quarter(right: int, below: int, beside: bool, above: bool, diagonal: bool) -> Pixels:
        mask = (4 if right else 64) * beside + (16 if below else 1) * above
        if beside and above and diagonal:
            mask += (8 if below else 2) if right else (32 if below else 128)
        return _quarter_of(by_mask[mask], right, below)

    return _composed(lower, quarter)


def _from_a2(cells: Sequence[Sequence[Pixels]], path: str, *, over_nothing: bool) -> Tiles:
    blocks = 1 if over_nothing else 2
    if len(cells) != 3 or len(cells[0]) != 2 * blocks:
        raise _wrong_size("rpgmaker_a2", f"{2 * blocks} × 3 cells for these terrains", cells, path)
    block = np.concatenate([np.concatenate(row[-2:], axis=1) for row in cells])
    height, width = cells[0][0].shape[0] // 2, cells[0][0].shape[1] // 2
    lower = np.zeros_like(cells[0][0])
    if not over_nothing:
        other = np.concatenate([np.concatenate(row[:2], axis=1) for row in cells])
        for right, below in product((0, 1), (0, 1)):
            _put(lower, right, below, _piece(other, A2_FULL[right, below], width, height))

    def quarter(right: int, below: int, beside: bool, above: bool, diagonal: bool) -> Pixels:
        table = _a2_table(beside, above, diagonal)
        return _piece(block, table[right, below], width, height)

    return _composed(lower, quarter)


def _a2_table(beside: bool, above: bool, diagonal: bool) -> Mapping[tuple[int, int], tuple[int, int]]:
    if beside and above:
        return A2_FULL if diagonal else A2_INNER
    if beside:
        return A2_BESIDE
    return A2_ABOVE if above else A2_OUTER


def _piece(block: Pixels, corner: tuple[int, int], width: int, height: int) -> Pixels:
    column, row = corner
    return block[row * height : (row + 1) * height, column * width : (column + 1) * width]


def _composed(lower: Pixels, quarter: Quarter) -> Tiles:
    """All corner tiles: each quarter comes from the upper terrain's cell at that corner, or is the lower terrain.

    quarter(right, below, beside, above, diagonal) is the quarter of a cell that lies right or left and below or above
    its middle, by whether the neighbours on that side have the same terrain.
    """
    tiles: Tiles = {}
    for mask in range(16):
        tile = lower.copy()
        corner = {(0, 0): bool(mask & 8), (1, 0): bool(mask & 4), (0, 1): bool(mask & 2), (1, 1): bool(mask & 1)}
        for (x, y), there in corner.items():
            if there:
                # The cell lies at the tile's corner, so its quarter towards the tile is the opposite one.
                piece = quarter(1 - x, 1 - y, corner[1 - x, y], corner[x, 1 - y], corner[1 - x, 1 - y])
                _put(tile, x, y, piece)
        tiles[mask] = tile
    return tiles


def _quarter_of(cell: Pixels, right: int, below: int) -> Pixels:
    height, width = cell.shape[0] // 2, cell.shape[1] // 2
    return _piece(cell, (right, below), width, height)


def _put(tile: Pixels, x: int, y: int, piece: Pixels) -> None:
    """Lays a quarter over a tile; where it is see-through the tile stays."""
    height, width = piece.shape[:2]
    target = tile[y * height : (y + 1) * height, x * width : (x + 1) * width]
    over = piece.astype(np.int64)
    under = target.astype(np.int64)
    alpha = over[..., 3:]
    below = under[..., 3:] * (255 - alpha) // 255
    total = alpha + below
    mixed = (over[..., :3] * alpha + under[..., :3] * below + total // 2) // np.maximum(1, total)
    target[...] = np.concatenate([mixed, total], axis=2).astype(np.uint8)
