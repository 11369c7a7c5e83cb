"""Kinds items and isometric_tiles: named pictures in lasting cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bridge.assemble.parts import ImagePart, Part
from bridge.assemble.slots import SlotTable
from bridge.core.errors import WorkFailed
from exporters.model.asset import Item, ItemsAsset, Pixels, Tile, TilesetAsset

if TYPE_CHECKING:
    from bridge.spec.model import IsometricTilesSpec, ItemsSpec


def _pictures_by_name(asset_id: str, names: Sequence[str], parts: Sequence[Part]) -> dict[str, Pixels]:
    pictures = {part.name: part.pixels for part in parts if isinstance(part, ImagePart)}
    missing = [name for name in names if name not in pictures]
    if missing:
        raise WorkFailed("assemble_failed", f"{asset_id}: not delivered: {', '.join(missing)}", hint="Build it again.")
    return pictures


def assemble_items(asset_id: str, spec: ItemsSpec, parts: Sequence[Part], slots: SlotTable) -> ItemsAsset:
    """Items in the order of the spec; their cells are what the lock says, new ones come last."""
    pictures = _pictures_by_name(asset_id, [item.name for item in spec.items], parts)
    columns = slots.fix_columns(spec.columns)
    placed = tuple(Item(item.name, slots.get(item.name), pictures[item.name]) for item in spec.items)
    size = _cell_size(spec.size, [item.pixels for item in placed])
    return ItemsAsset(asset_id, size, columns, placed)


def _cell_size(wanted: Sequence[int] | None, pictures: Sequence[Pixels]) -> tuple[int, int]:
    width = max(picture.shape[1] for picture in pictures)
    height = max(picture.shape[0] for picture in pictures)
    return (max(width, wanted[0]), max(height, wanted[1])) if wanted else (width, height)


def assemble_isometric_tiles(
    asset_id: str, spec: IsometricTilesSpec, parts: Sequence[Part], slots: SlotTable
) -> TilesetAsset:
    """A plain isometric tileset; solid tiles get the ground diamond as collision polygon.

    What the spec says of a tile counts; where it says nothing, the provider's mark does.
    """
    marked = {part.name: part.solid for part in parts if isinstance(part, ImagePart) and part.solid is not None}
    pictures = _pictures_by_name(asset_id, [tile.name for tile in spec.tiles], parts)
    columns = slots.fix_columns(spec.columns)
    width, height = spec.tile_size
    grid = tuple(spec.grid) if spec.grid else (width, width // 2)
    middle = height - grid[1] / 2
    left = (width - grid[0]) / 2
    diamond = (
        (width / 2, height - float(grid[1])),
        (left + grid[0], middle),
        (width / 2, float(height)),
        (left, middle),
    )
    tiles = tuple(
        Tile(
            slots.get(tile.name),
            pictures[tile.name],
            name=tile.name,
            collision=diamond if (tile.solid if "solid" in tile.model_fields_set else marked.get(tile.name)) else (),
            properties=tuple(sorted({**tile.properties, **({"role": tile.role} if tile.role else {})}.items())),
        )
        for tile in spec.tiles
    )
    return TilesetAsset(
        asset_id,
        (width, height),
        columns,
        tuple(sorted(tiles, key=lambda tile: tile.id)),
        orientation="isometric",
        grid=(grid[0], grid[1]),
    )
