"""Which rectangles of a sheet are sprites, what they are called, and where their pivots lie.

A sprite's key says what the picture is and never changes; its name is what users see and may.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass

from exporters.base import ExportContext
from exporters.model.asset import Animation, ItemsAsset, Polygon, SpriteAsset, Tile, TilesetAsset
from exporters.packing.grid import SheetGrid
from exporters.packing.pack import Placement
from exporters.packing.sprite_sheet import SpriteSheet

STILL = "default"


@dataclass(frozen=True, slots=True)
class Slice:
    """A sprite of a sheet. x, y, width, height: pixels, y upwards from the sheet's bottom.

    previous: its name before a rename of the asset, else the same. pivot: from the bottom left of the rectangle in its
    own size, outside 0..1 where the frame was trimmed. physics: polygons of the collider in pixels from the centre.
    """

    key: str
    name: str
    previous: str
    x: int
    y: int
    width: int
    height: int
    pivot: tuple[float, float]
    physics: tuple[tuple[tuple[float, float], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """What the sprites and files of an asset are called: its own name in front, today and before a rename."""

    now: str
    before: str

    def slice_names(self, suffix: str) -> tuple[str, str]:
        """Name and previous name of a sprite."""
        return (f"{self.now}_{suffix}", f"{self.before}_{suffix}") if suffix else (self.now, self.before)


def names_of(context: ExportContext, stem: str) -> Names:
    """The names for files that begin with `stem`, which is the asset's own or lies under it."""
    before = stem
    if context.previous_stem is not None and stem.startswith(context.stem):
        before = context.previous_stem + stem[len(context.stem) :]
    return Names(posixpath.basename(stem), posixpath.basename(before))


def is_still(asset: SpriteAsset) -> bool:
    """Whether the asset is one picture, which needs no clip."""
    return len(asset.animations) == 1 and len(asset.animations[0].frames) == 1 and asset.animations[0].direction is None


def frame_key(animation: Animation, number: int) -> str:
    """What a frame is: independent of how directions are called in names."""
    return f"{animation.output_name()}/{number}"


def sprite_slices(asset: SpriteAsset, sheet: SpriteSheet, names: Names) -> list[list[Slice]]:
    """The slices of each page; frames that look alike share a place but are sprites of their own."""
    pages: list[list[Slice]] = [[] for _ in sheet.pages]
    still = is_still(asset)
    for animation, placed in zip(asset.animations, sheet.animations, strict=True):
        for number, frame in enumerate(placed.frames):
            placement = frame.placement
            now, before = names.slice_names("" if still else f"{placed.name}_{number}")
            height = sheet.pages[placement.page].shape[0]
            pages[placement.page].append(
                Slice(
                    frame_key(animation, number),
                    now,
                    before,
                    placement.x,
                    height - placement.y - placement.height,
                    placement.width,
                    placement.height,
                    _trimmed_pivot(placement, asset.pivot),
                )
            )
    return pages


def _trimmed_pivot(placement: Placement, pivot: tuple[float, float]) -> tuple[float, float]:
    """The pivot of the whole frame as seen from the trimmed rectangle."""
    x = (pivot[0] * placement.source_width - placement.offset_x) / placement.width
    y = (pivot[1] * placement.source_height - placement.offset_y) / placement.height
    return round(x, 6), round(1 - y, 6)


def item_slices(asset: ItemsAsset, grid: SheetGrid, names: Names) -> list[Slice]:
    """A slice for each item."""
    x, y = asset.pivot
    pivot = (round(x, 6), round(1 - y, 6))
    return [
        _cell_slice(grid, item.slot, f"item/{item.name}", names.slice_names(item.name), pivot) for item in asset.items
    ]


def tile_slices(asset: TilesetAsset, grid: SheetGrid, names: Names) -> list[Slice]:
    """A slice for each tile, in order of ids; the pivot is the middle of the map cell at its bottom left."""
    width, height = asset.tile_size
    pivot = (round(asset.grid_size[0] / 2 / width, 6), round(asset.grid_size[1] / 2 / height, 6))
    slices = []
    for tile in sorted(asset.tiles, key=lambda tile: tile.id):
        shape = () if is_full(tile, asset) else [_center_polygon(polygon, width, height) for polygon in tile.polygons]
        slices.append(_cell_slice(grid, tile.id, tile_key(tile), names.slice_names(tile_suffix(tile)), pivot, shape))
    return slices


def tile_key(tile: Tile) -> str:
    """What a tile is: its cell, for ever."""
    return f"tile/{tile.id}"


def tile_suffix(tile: Tile) -> str:
    """How a tile is called behind the tileset's name."""
    return tile.name or str(tile.id)


def is_full(tile: Tile, asset: TilesetAsset) -> bool:
    """Whether the collider is the whole cell."""
    width, height = asset.tile_size
    corners = {(0, 0), (width, 0), (width, height), (0, height)}
    return any(set(polygon) == corners for polygon in tile.polygons)


def _center_polygon(polygon: Polygon, width: int, height: int) -> Polygon:
    return tuple((x - width / 2, height / 2 - y) for x, y in polygon)


def _cell_slice(
    grid: SheetGrid,
    slot: int,
    key: str,
    names: tuple[str, str],
    pivot: tuple[float, float],
    physics: Iterable[tuple[tuple[float, float], ...]] = (),
) -> Slice:
    x, y = grid.origin(slot)
    width, height = grid.cell
    return Slice(key, *names, x, grid.size[1] - y - height, width, height, pivot, tuple(physics))
