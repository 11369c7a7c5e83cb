"""Tilesets of Tiled (.tsx or inside a map) → the neutral model; tile ids stay what maps refer to.

Image collections become a grid of cells of the largest picture's size, each picture at the lower left, as Tiled
draws them.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bridge.core import limits
from bridge.media.images import decode_still
from bridge.processing.canvas import placed
from bridge.providers.files import names, tmx_files
from bridge.providers.files.grid import FileSheetGrid
from bridge.providers.files.steps import misfit
from bridge.providers.files.tmx_objects import properties
from exporters.model.asset import Pixels, Polygon, Terrain, Tile, TileFrame, TilesetAsset
from exporters.tiled.content import unproject_points

_COLLECTION_COLUMNS = 8
# Places of the corners north-west, north-east, south-west, south-east in a wangid.
_CORNERS = (7, 1, 5, 3)


class PixelBudget:
    """How many pixels the pictures, tiles and layers of one map may still have."""

    def __init__(self) -> None:
        self._left = limits.MAP_PIXELS

    def take(self, pixels: int, path: str) -> None:
        """Counts what is about to be made.

        Raises:
            UserError: `source_broken`: that is more than is left.
        """
        self._left -= pixels
        if self._left < 0:
            reason = f"the pictures and tiles of the map have more than {limits.MAP_PIXELS:,} pixels together"
            raise misfit(path, reason, "Use smaller pictures, fewer tiles, or several maps.")


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """The stored files of a map by project-relative path, as they lie below `root` for the reader."""

    root: Path
    contents: Mapping[str, bytes]
    budget: PixelBudget

    def ref(self, path: Path, base: Path) -> str:
        """The project-relative path of a file the reader names."""
        return Path(os.path.relpath(os.path.normpath(base / path), self.root)).as_posix()

    def picture(self, path: Path, base: Path) -> Pixels:
        """A decoded picture.

        Raises:
            UserError: `source_broken` when it cannot be read, or all that was asked for has too many pixels.
        """
        ref = self.ref(path, base)
        pixels = decode_still(self.contents[ref], ref)
        self.budget.take(pixels.shape[0] * pixels.shape[1], ref)
        return pixels

    def layer_picture(self, layer: Any, base: Path) -> Pixels | None:
        """The picture of an image layer; None for one that was not delivered with the map."""
        if self.ref(layer.image, base) not in self.contents:
            return None
        return _cut_out(self.picture(layer.image, base), layer.transparent_color)


def read_tileset(source: Any, base: Path, files: SourceFiles, orientation: str) -> TilesetAsset:
    """A parsed tileset as asset; its id is its name.

    Raises:
        UserError: `source_broken` when its picture is damaged or too small for its tiles.
    """
    grid = FileSheetGrid(int(source.tile_width), int(source.tile_height), source.margin, source.spacing)
    if source.image is not None:
        columns = max(1, int(source.columns))
        pictures = _sheet_tiles(source, base, files, grid)
        size = (grid.width, grid.height)
    else:
        columns = _COLLECTION_COLUMNS
        pictures, size = _collection(source, base, files)
    wangset = next((one for one in source.wang_sets or () if one.wang_type in ("corner", "mixed")), None)
    cell = (int(source.grid.width), int(source.grid.height)) if source.grid is not None else None
    # The sheet's own grid counts only for isometric tilesets; maps of plain ones use the size of their tiles.
    diamonds = source.grid is not None and source.grid.orientation == "isometric"
    isometric = orientation == "isometric" or diamonds
    tiles = _tiles(source, pictures, wangset, _probabilities(source, files))
    if diamonds and cell is not None:
        # Tiled's collision editor draws on the tileset's grid.
        tiles = [
            _with_shapes(tile, [unproject_points(polygon, size, cell) for polygon in tile.polygons]) for tile in tiles
        ]
    return TilesetAsset(
        names.clip_name(source.name) or "tiles",
        size,
        columns,
        tuple(tiles),
        _terrains(wangset),
        orientation="isometric" if isometric else "orthogonal",
        grid=cell if isometric else None,
    )


def _sheet_tiles(source: Any, base: Path, files: SourceFiles, grid: FileSheetGrid) -> dict[int, Pixels]:
    sheet = _cut_out(files.picture(source.image, base), source.transparent_color)
    columns = max(1, int(source.columns))
    if (
        int(source.tile_count) > limits.MAP_TILES
        or min(grid.width, grid.height) < 1
        or min(grid.margin, grid.spacing) < 0
    ):
        raise misfit(
            files.ref(source.image, base),
            f"the tileset {source.name} has impossible sizes, or more than {limits.MAP_TILES:,} tiles",
            "Save the tileset again from Tiled.",
        )
    if grid.count(sheet.shape[1], grid.width) < columns or (
        grid.count(sheet.shape[0], grid.height) * columns < int(source.tile_count)
    ):
        raise misfit(
            files.ref(source.image, base),
            f"its {sheet.shape[1]} × {sheet.shape[0]} pixels have no room for the {source.tile_count} tiles of the "
            f"tileset {source.name}",
            "Save the tileset again from Tiled.",
        )
    files.budget.take(int(source.tile_count) * grid.width * grid.height, files.ref(source.image, base))
    tiles = {}
    for tile in range(int(source.tile_count)):
        top = grid.margin + tile // columns * (grid.height + grid.spacing)
        left = grid.margin + tile % columns * (grid.width + grid.spacing)
        tiles[tile] = np.ascontiguousarray(sheet[top : top + grid.height, left : left + grid.width])
    return tiles


def _cut_out(pixels: Pixels, color: Any) -> Pixels:
    """A picture with its transparent colour made transparent, if it has one."""
    if color is None:
        return pixels
    keyed = (pixels[..., :3] == np.array(color[:3], dtype=np.uint8)).all(axis=2)
    pixels = pixels.copy()
    pixels[keyed] = 0
    return pixels


def _collection(source: Any, base: Path, files: SourceFiles) -> tuple[dict[int, Pixels], tuple[int, int]]:
    read = cache(lambda path: files.picture(path, base))
    pictures = {
        int(number): _region(tile, read(tile.image)) for number, tile in (source.tiles or {}).items() if tile.image
    }
    width = max((pixels.shape[1] for pixels in pictures.values()), default=int(source.tile_width))
    height = max((pixels.shape[0] for pixels in pictures.values()), default=int(source.tile_height))
    files.budget.take(len(pictures) * width * height, source.name)
    cells = {
        number: placed(pixels, width, height, 0, height - pixels.shape[0])
        for number, pixels in sorted(pictures.items())
    }
    return cells, (width, height)


def _region(tile: Any, pixels: Pixels) -> Pixels:
    """A tile of a collection may show a part of its picture (Tiled 1.9)."""
    if tile.width and tile.height and (tile.x or tile.y or (tile.height, tile.width) != pixels.shape[:2]):
        return pixels[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width]
    return pixels


def _probabilities(source: Any, files: SourceFiles) -> dict[int, float]:
    for ref, data in sorted(files.contents.items()):
        if ref.lower().endswith((".tsx", ".tmx")):
            root = tmx_files.parse_xml(data, ref)
            for element in [root, *root.findall("tileset")]:
                if element.tag == "tileset" and element.get("name") == source.name and element.get("tilewidth"):
                    return tmx_files.tile_probabilities(element)
    return {}


def _tiles(source: Any, pictures: Mapping[int, Pixels], wangset: Any, weights: Mapping[int, float]) -> list[Tile]:
    details = source.tiles or {}
    # Cells that only other tiles' animations show are frames, unless they move or are painted themselves.
    shown = {frame.tile_id for tile in details.values() for frame in tile.animation or ()}
    painted = {number for number, tile in details.items() if tile.animation} | set(
        wangset.wang_tiles if wangset else ()
    )
    tiles = []
    for number, pixels in pictures.items():
        detail = details.get(number)
        animation = tuple(
            TileFrame(int(frame.tile_id), max(1, int(frame.duration)))
            for frame in (detail.animation if detail is not None else None) or ()
        )
        tile = Tile(
            number,
            pixels,
            corners=_corners(wangset, number),
            name=None,
            probability=weights.get(number, 1.0),
            animation=animation,
            animation_frame=number in shown - painted,
            properties=properties(detail.properties) if detail is not None else (),
        )
        tiles.append(_with_shapes(tile, [shape for shape in map(_polygon, _shapes(detail)) if shape]))
    return tiles


def _with_shapes(tile: Tile, shapes: Sequence[Polygon]) -> Tile:
    first, further = (shapes[0], tuple(shapes[1:])) if shapes else ((), ())
    return dataclasses.replace(tile, collision=first, further_collision=further)


def _corners(wangset: Any, number: int) -> tuple[int | None, int | None, int | None, int | None] | None:
    tile = wangset.wang_tiles.get(number) if wangset is not None else None
    if tile is None or len(tile.wang_id) != 8:
        return None
    one, two, three, four = (tile.wang_id[index] - 1 if tile.wang_id[index] else None for index in _CORNERS)
    return one, two, three, four


def _terrains(wangset: Any) -> tuple[Terrain, ...]:
    if wangset is None:
        return ()
    return tuple(
        Terrain(
            names.clip_name(color.name) or f"terrain_{index}",
            (color.color.red, color.color.green, color.color.blue),
            int(color.tile),
            probability=float(color.probability),
        )
        for index, color in enumerate(wangset.wang_colors)
    )


def left_out(source: Any) -> list[str]:
    """What of a parsed tileset's collision shapes has no form in engines: they know polygons only."""
    return [
        f"tile {number} of {source.name}: a collision shape that is no polygon or rectangle ({type(shape).__name__})"
        for number, detail in sorted((source.tiles or {}).items())
        for shape in _shapes(detail)
        if not _polygon(shape)
    ]


def _shapes(detail: Any) -> Sequence[Any]:
    return getattr(getattr(detail, "objects", None), "tiled_objects", None) or ()


def _polygon(shape: Any) -> Polygon:
    """A polygon or rectangle of a tile's collision editor, turned as it is there; from the tile's top left."""
    points = [(float(point.x), float(point.y)) for point in getattr(shape, "points", None) or ()]
    width, height = float(shape.size.width), float(shape.size.height)
    if type(shape).__name__ == "Rectangle" and width and height:
        points = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    elif type(shape).__name__ != "Polygon":
        return ()
    start = (float(shape.coordinates.x), float(shape.coordinates.y))
    return tuple(_turned(start, point, float(shape.rotation)) for point in points)


def _turned(start: tuple[float, float], point: tuple[float, float], degrees: float) -> tuple[float, float]:
    """A point counted from `start`, turned clockwise about it."""
    if not degrees:
        return start[0] + point[0], start[1] + point[1]
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    x, y = point[0] * cosine - point[1] * sine, point[0] * sine + point[1] * cosine
    # Sines differ in their last digits from machine to machine.
    return round(start[0] + x, 6), round(start[1] + y, 6)
