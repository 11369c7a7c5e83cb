"""Sheets with a fixed grid: tilesets and items, where a picture's cell is its address for ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from exporters.base import ExportError
from exporters.model.asset import ItemsAsset, Pixels, TilesetAsset


@dataclass(frozen=True, slots=True)
class SheetGrid:
    """Geometry of a sheet: `cell` is width, height in pixels; cell k is column k % columns, row k // columns.

    `extrude` repeats the border pixels of every cell outwards by so many pixels, which keeps neighbours from
    bleeding in at fractional zoom; margin and spacing grow with it.
    """

    cell: tuple[int, int]
    columns: int
    rows: int
    extrude: int = 0

    @property
    def margin(self) -> int:
        """Pixels left of and above the first cell."""
        return self.extrude

    @property
    def spacing(self) -> int:
        """Pixels between neighbouring cells."""
        return 2 * self.extrude

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the sheet in pixels."""
        width, height = self.cell
        return self.columns * (width + self.spacing), self.rows * (height + self.spacing)

    def origin(self, slot: int) -> tuple[int, int]:
        """The top left pixel of a cell."""
        width, height = self.cell
        column, row = slot % self.columns, slot // self.columns
        return self.margin + column * (width + self.spacing), self.margin + row * (height + self.spacing)


def grid_sheet(grid: SheetGrid, cells: Iterable[tuple[int, Pixels]], max_side: int | None = None) -> Pixels:
    """The sheet with each picture in its cell; cells nobody fills stay transparent.

    Raises:
        ExportError: a picture has not the size of a cell, a cell lies outside the grid or is used twice, or
        the
            sheet is larger than `max_side` pixels (a fixed grid cannot go on to a second page).
    """
    width, height = grid.size
    if max_side is not None and max(width, height) > max_side:
        raise ExportError(
            f"The sheet would be {width}x{height} pixels, more than max_sheet = {max_side}.",
            hint="Raise max_sheet under [export], or split the asset.",
        )
    sheet = np.zeros((height, width, 4), dtype=np.uint8)
    used: set[int] = set()
    for slot, pixels in cells:
        if pixels.shape != (grid.cell[1], grid.cell[0], 4):
            raise ExportError(
                f"The picture in cell {slot} is {pixels.shape[1]}x{pixels.shape[0]} pixels, "
                f"the cells are {grid.cell[0]}x{grid.cell[1]}.",
                hint="All pictures of a grid have one size: check size, tile_size and [process] canvas.",
            )
        if slot in used or not 0 <= slot < grid.columns * grid.rows:
            raise ExportError(f"Cell {slot} is used twice or lies outside the {grid.columns}x{grid.rows} grid.")
        used.add(slot)
        paste_extruded(sheet, pixels, grid.origin(slot), grid.extrude)
    return sheet


def paste_extruded(sheet: Pixels, pixels: Pixels, origin: tuple[int, int], extrude: int) -> None:
    """Writes a picture into the sheet at x, y, its border repeated `extrude` pixels outwards."""
    x, y = origin
    height, width = pixels.shape[:2]
    if extrude:
        frame = np.pad(pixels, ((extrude, extrude), (extrude, extrude), (0, 0)), mode="edge")
        sheet[y - extrude : y + height + extrude, x - extrude : x + width + extrude] = frame
    else:
        sheet[y : y + height, x : x + width] = pixels


def tileset_grid(asset: TilesetAsset, extrude: int = 0) -> SheetGrid:
    """The grid of a tileset's sheet."""
    return SheetGrid(asset.tile_size, asset.columns, asset.rows, extrude)


def tileset_sheet(asset: TilesetAsset, *, extrude: int = 0, max_side: int | None = None) -> Pixels:
    """The sheet of a tileset.

    Raises:
        ExportError: see `grid_sheet`.
    """
    grid = tileset_grid(asset, extrude)
    return grid_sheet(grid, ((tile.id, tile.pixels) for tile in asset.tiles), max_side)


def items_grid(asset: ItemsAsset, extrude: int = 0) -> SheetGrid:
    """The grid of an items sheet."""
    return SheetGrid(asset.size, asset.columns, asset.rows, extrude)


def items_sheet(asset: ItemsAsset, *, extrude: int = 0, max_side: int | None = None) -> Pixels:
    """The sheet of an items asset.

    Raises:
        ExportError: see `grid_sheet`.
    """
    grid = items_grid(asset, extrude)
    return grid_sheet(grid, ((item.slot, item.pixels) for item in asset.items), max_side)
