"""Sprites for Tiled: a uniform grid whose first tile of each clip is animated, so that figures can stand on maps.

Maps store tile ids, so the first tile of a clip never moves: where it was is read from the present file.
"""

from __future__ import annotations

import numpy as np

from exporters.base import ExportError, ExportOptions
from exporters.model import Pixels, SpriteAsset
from exporters.sheet.grid import Grid, grid_sheet
from exporters.tiled.content import TileContent, TilesetContent
from exporters.tiled.xml import Node

COLUMNS = 8


def clips_content(asset: SpriteAsset, name: str, options: ExportOptions, present: Node | None) -> TilesetContent:
    """The tileset of a sprite. Smaller frames stand at the bottom, in the middle of their cells.

    Raises:
        ExportError: the sheet would be larger than `max_sheet`.
    """
    width = max(frame.pixels.shape[1] for clip in asset.animations for frame in clip.frames)
    height = max(frame.pixels.shape[0] for clip in asset.animations for frame in clip.frames)
    longest = max(len(clip.frames) for clip in asset.animations)
    old = int(present.attributes.get("columns", "0")) if present is not None else 0
    columns = old or max(1, min(COLUMNS, longest, options.max_sheet // width))
    cells = _cells(asset, options, columns, _known(present))
    rows = max(cell for clip in cells.values() for cell in clip) // columns + 1
    grid = Grid((width, height), columns, rows, options.extrude)
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
            pictures[cell] = _standing(frame.pixels, width, height)
        frames = tuple((cell, frame.duration_ms) for cell, frame in zip(placed, clip.frames, strict=True))
        tiles[placed[0]] = TileContent(properties={"animation": output}, animation=frames if len(frames) > 1 else ())
    sheet = grid_sheet(grid, sorted(pictures.items(), key=lambda entry: entry[0]))
    return TilesetContent(name, (width, height), columns, rows, sheet, grid.spacing, grid.margin, "bottom", tiles=tiles)


def _known(present: Node | None) -> dict[str, list[int]]:
    """Clip → its cells in the present file."""
    found: dict[str, list[int]] = {}
    for tile in present.all("tile") if present is not None else ():
        table, animation = tile.child("properties"), tile.child("animation")
        for entry in table.all("property") if table is not None else ():
            if entry.attributes.get("name") == "animation":
                frames = [int(frame.attributes["tileid"]) for frame in animation.children] if animation else []
                first = int(tile.attributes["id"])
                found[entry.attributes.get("value", "")] = frames if frames[:1] == [first] else [first]
    return found


def _cells(
    asset: SpriteAsset, options: ExportOptions, columns: int, known: dict[str, list[int]]
) -> dict[str, list[int]]:
    """Cells of every clip: those it had, then whole new rows. Cells of clips that are gone stay empty."""
    taken = {cell for cells in known.values() for cell in cells}
    row = -(-(max(taken, default=-1) + 1) // columns)
    placed: dict[str, list[int]] = {}
    for clip in asset.animations:
        name, count = clip.output_name(options.direction_names), len(clip.frames)
        cells = known.get(name, [])[:count]
        missing = count - len(cells)
        if missing:
            cells = [*cells, *range(row * columns, row * columns + missing)]
            row += -(-missing // columns)
        placed[name] = cells
    return placed


def _standing(pixels: Pixels, width: int, height: int) -> Pixels:
    if pixels.shape[:2] == (height, width):
        return pixels
    canvas = np.zeros((height, width, 4), dtype=np.uint8)
    left = (width - pixels.shape[1]) // 2
    canvas[height - pixels.shape[0] :, left : left + pixels.shape[1]] = pixels
    return canvas
