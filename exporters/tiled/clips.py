"""Sprites for Tiled: a uniform grid whose first tile of each clip is animated, so that figures can stand on maps.

Maps store tile ids, so the first tile of a clip never moves: where it was is read from the present file.

Source: Tiled manual, "Editing Tilesets" (animations).
"""

from __future__ import annotations

import math

import numpy as np

from exporters.base import ExportError, ExportOptions
from exporters.model.asset import Pixels, SpriteAsset
from exporters.packing.cells import assign_cells
from exporters.packing.grid import SheetGrid, grid_sheet
from exporters.tiled.content import TilesetContent, TsxTile
from exporters.tiled.xml import Node

CLIP_COLUMNS = 8  # a longer clip goes on in the cells after it


def clips_content(asset: SpriteAsset, name: str, options: ExportOptions, present: Node | None) -> TilesetContent:
    """The tileset of a sprite. Smaller frames stand at the bottom, in the middle of their cells.

    Raises:
        ExportError: the sheet would be larger than `max_sheet`.
    """
    width = max(frame.pixels.shape[1] for clip in asset.animations for frame in clip.frames)
    height = max(frame.pixels.shape[0] for clip in asset.animations for frame in clip.frames)
    longest = max(len(clip.frames) for clip in asset.animations)
    old = _read_number(present.attributes.get("columns")) or 0 if present is not None else 0
    stride = max(1, min(CLIP_COLUMNS, longest, (old or options.max_sheet) // (1 if old else width)))
    columns = old or stride * _side_by_side(asset, stride, (width, height), options.max_sheet)
    counts = {clip.output_name(options.direction_names): len(clip.frames) for clip in asset.animations}
    cells = assign_cells(counts, stride, _present_cells(present))
    rows = max(cell for clip in cells.values() for cell in clip) // columns + 1
    grid = SheetGrid((width, height), columns, rows, options.extrude)
    if max(grid.size) > options.max_sheet:
        raise ExportError(
            f"The sheet would be {grid.size[0]}x{grid.size[1]} pixels, more than max_sheet = {options.max_sheet}.",
            hint="Raise max_sheet under [export.tiled], or leave tiled out of export.targets.",
        )
    pictures: dict[int, Pixels] = {}
    tiles = {}
    for clip in asset.animations:
        output = clip.output_name(options.direction_names)
        placed = cells[output]
        for cell, frame in zip(placed, clip.frames, strict=True):
            pictures[cell] = _stand_on_cell(frame.pixels, width, height)
        frames = tuple((cell, frame.duration_ms) for cell, frame in zip(placed, clip.frames, strict=True))
        tiles[placed[0]] = TsxTile(properties={"animation": output}, animation=frames if len(frames) > 1 else ())
    sheet = grid_sheet(grid, sorted(pictures.items(), key=lambda entry: entry[0]))
    return TilesetContent(name, (width, height), columns, rows, sheet, grid.spacing, grid.margin, "bottom", tiles=tiles)


def _present_cells(present: Node | None) -> dict[str, list[int]]:
    """Clip → its cells in the present file; a clip with a damaged number in it is unknown."""
    cells_by_clip: dict[str, list[int]] = {}
    for tile in present.all("tile") if present is not None else ():
        table, animation = tile.child("properties"), tile.child("animation")
        first = _read_number(tile.attributes.get("id"))
        frames = [_read_number(frame.attributes.get("tileid")) for frame in animation.children] if animation else []
        cells = [cell for cell in (frames if frames[:1] == [first] else [first]) if cell is not None]
        if table is None or None in (first, *frames):
            continue
        for entry in table.all("property"):
            if entry.attributes.get("name") == "animation":
                cells_by_clip[entry.attributes.get("value", "")] = cells
    return cells_by_clip


def _read_number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _side_by_side(asset: SpriteAsset, stride: int, cell: tuple[int, int], max_side: int) -> int:
    """How many clips a row of a new sheet has, so that it is about square.

    The number of columns is for ever (tile ids count by it): a narrow sheet would soon be too tall to grow.
    """
    rows = sum(-(-len(clip.frames) // stride) for clip in asset.animations)
    width, height = stride * cell[0], rows * cell[1]
    return max(1, min(math.isqrt(max(height // width, 1) - 1) + 1, max_side // width))


def _stand_on_cell(pixels: Pixels, width: int, height: int) -> Pixels:
    if pixels.shape[:2] == (height, width):
        return pixels
    canvas = np.zeros((height, width, 4), dtype=np.uint8)
    left = (width - pixels.shape[1]) // 2
    canvas[height - pixels.shape[0] :, left : left + pixels.shape[1]] = pixels
    return canvas
