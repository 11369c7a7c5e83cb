"""A tileset in Unity: sheet, a tile asset for each tile, a RuleTile for each pair of terrains, and a palette.

Tiles lie in the folder of the tileset's name and are called by their id, which is their cell for ever, or by the name
that the spec gives them.

Source: Unity manual, "Tile palettes".
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from exporters.base import ExportContext, OutputFile
from exporters.model.asset import Tile, TilesetAsset
from exporters.model.png import encode_png
from exporters.packing.grid import tileset_grid, tileset_sheet
from exporters.unity import tiles
from exporters.unity.ids import SCRIPTED
from exporters.unity.meta import folder_meta, guid_of
from exporters.unity.native import editable_files
from exporters.unity.settings import UnitySettings
from exporters.unity.slices import names_of, tile_key, tile_slices, tile_suffix
from exporters.unity.texture_meta import sheet_meta
from exporters.unity.tilemap import Layer, TilemapCell, tile_grid
from exporters.unity.yaml import YamlObject, object_reference

LOCK_TRANSFORM = 2


@dataclass(frozen=True, slots=True)
class TilesetFiles:
    """Files of a tileset, and by tile id the references that a map needs."""

    files: tuple[OutputFile, ...]
    cells: Mapping[int, TilemapCell]


def tileset_files(asset: TilesetAsset, context: ExportContext, stem: str, settings: UnitySettings) -> TilesetFiles:
    """The files of a tileset whose names begin with `stem`.

    Raises:
        ExportError: the sheet is too large, or a present file cannot be read.
    """
    options = context.options
    grid = tileset_grid(asset, options.extrude)
    sheet = tileset_sheet(asset, extrude=options.extrude, max_side=options.max_sheet)
    names = names_of(context, stem)
    path = f"{stem}.png"
    meta = sheet_meta(
        context,
        path,
        "texture",
        tile_slices(asset, grid, names),
        grid.size,
        settings.editor,
        settings.pixels_per_unit,
    )
    sprites = {tile.id: object_reference(meta.sprites[tile_key(tile)], meta.guid) for tile in asset.tiles}
    files = [OutputFile(path, encode_png(sheet)), meta.file, folder_meta(context, stem).file]
    cells: dict[int, TilemapCell] = {}
    for tile in sorted(asset.tiles, key=lambda tile: tile.id):
        if not tile.animation_frame:
            tile_path = f"{stem}/{names.now}_{tile_suffix(tile)}.asset"
            made = _tile_asset(asset, tile, tile_path, sprites, settings)
            files += editable_files(context, tile_path, f"tile:{tile.id}", [made], SCRIPTED)
            cells[tile.id] = _palette_cell(
                asset, tile, guid_of(context, tile_path, f"tile:{tile.id}"), sprites, settings
            )
    rules = _rule_tiles(asset, context, stem, names.now, sprites) if settings.rule_tiles else []
    for _, rule_files in rules:
        files += rule_files
    files += _palette_files(asset, context, stem, settings, [*cells.values(), *(cell for cell, _ in rules)])
    return TilesetFiles(tuple(files), cells)


def _tile_asset(
    asset: TilesetAsset, tile: Tile, path: str, sprites: Mapping[int, str], settings: UnitySettings
) -> YamlObject:
    name = posixpath.splitext(posixpath.basename(path))[0]
    shape = tiles.collider_type(tile, asset)
    if tile.animation and settings.rule_tiles:
        return tiles.animated_tile(name, tile, sprites, shape)
    return tiles.tile_asset(name, sprites[tile.id], shape)


def _palette_cell(
    asset: TilesetAsset, tile: Tile, guid: str, sprites: Mapping[int, str], settings: UnitySettings
) -> TilemapCell:
    """The tile at its place in the palette, which is that in the sheet."""
    x, y = tile.id % asset.columns, -1 - tile.id // asset.columns
    moving = tiles.film(tile, sprites) if tile.animation and settings.rule_tiles else None
    return TilemapCell(x, y, object_reference(SCRIPTED, guid, 2), sprites[tile.id], tiles.LOCK_COLOR, film=moving)


def _rule_tiles(
    asset: TilesetAsset, context: ExportContext, stem: str, name: str, sprites: Mapping[int, str]
) -> list[tuple[TilemapCell, list[OutputFile]]]:
    """The RuleTiles, in the palette above the tiles of the sheet."""
    rules = []
    for number, pair in enumerate(tiles.terrain_pairs(asset)):
        lower = "" if pair.lower is None else f"_on_{asset.terrains[pair.lower].name}"
        called = f"{name}_rule_{asset.terrains[pair.upper].name}{lower}"
        path, role = f"{stem}/{called}.asset", f"rule:{pair.lower}:{pair.upper}"
        files = editable_files(context, path, role, [tiles.rule_tile(called, asset, pair, sprites)], SCRIPTED)
        default = tiles.default_tile(asset, pair)
        sprite = None if default is None else sprites[default]
        cell = TilemapCell(
            number, 1, object_reference(SCRIPTED, guid_of(context, path, role), 2), sprite, LOCK_TRANSFORM
        )
        rules.append((cell, files))
    return rules


def _palette_files(
    asset: TilesetAsset, context: ExportContext, stem: str, settings: UnitySettings, cells: list[TilemapCell]
) -> list[OutputFile]:
    path = f"{stem}_palette.prefab"
    name = posixpath.splitext(posixpath.basename(path))[0]
    isometric = asset.orientation == "isometric"
    size = settings.units(asset.grid_size)
    layers = [Layer("Layer1", cells)]
    role = "palette" if stem == context.stem else f"palette:{stem[len(context.stem) :]}"
    objects = tile_grid(name, context.identity, role, settings.editor, layers, size, isometric=isometric)
    return editable_files(
        context, path, role, [*objects, tiles.palette_settings(context.identity, role, automatic=not isometric)]
    )
