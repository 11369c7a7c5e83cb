"""Assets in which every text that a stranger chooses is hostile, and pieces to make such texts of."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from exporters import samples
from exporters.model.asset import (
    Asset,
    ItemsAsset,
    MapObject,
    ObjectLayer,
    SpriteAsset,
    TileLayer,
    TileMapAsset,
    TilesetAsset,
)

IN_NO_PATH = re.compile(r"[\x00-\x1f\x7f-\x9f\\:/]")
"""What no name of a file has: a part that names one has it taken out."""

PIECES = [
    '"',
    "'",
    "\\",
    "\n",
    "\r",
    "\t",
    "]",
    "[node]",
    "}",
    "&",
    "<script>",
    "-->",
    "]]>",
    "--- !u!1 &1",
    ": ",
    " #",
    "- ",
    "%",
    "res://",
    'ExtResource("1")',
    "\u202e",
    "\u2028",
    "\x85",
    "\x7f",
    "ü",
    "剣",
    "👩\u200d🚀",
    "\\u0041",
    "\\U00000041",
    "true",
    "null",
    "~",
]
INJECTION = (
    'a"\n[ext_resource type="Script" path="res://evil.gd" id="9"]\nscript = ExtResource("9")\n'
    '--- !u!114 &7\nMonoBehaviour:\n  m_Script: {fileID: 1}\n"/><script>&evil;</script><!-- %s'
)
TILES = samples.tileset(size=(8, 8))
# The two full tiles alone: what is asked here are names, and few files are read quickly.
FEW_TILES = dataclasses.replace(
    TILES,
    tiles=(TILES.tiles[0], TILES.tiles[15]),
    terrains=tuple(dataclasses.replace(one, tile=tile) for one, tile in zip(TILES.terrains, (0, 15), strict=True)),
)
MAP = samples.tile_map(tiles=samples.blocks())
SMALL_MAP = dataclasses.replace(
    MAP,
    layers=tuple(
        dataclasses.replace(layer, cells=layer.cells % 4) if isinstance(layer, TileLayer) else layer
        for layer in MAP.layers
    ),
)
ASSETS: list[tuple[Asset, str]] = [
    (samples.character(), "character"),
    (samples.items(), "items"),
    (samples.blocks(), "isometric_tiles"),
    (FEW_TILES, "tileset"),
    (SMALL_MAP, "map"),
]


def rename(asset: Asset, name: Callable[[str], str]) -> Asset:
    """The asset with every text in it put through `name`; what names files has fewer letters."""

    def properties(entries: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
        renamed = [(name(key), name(value) if isinstance(value, str) else value) for key, value in entries]
        return (*renamed, (name("text"), name("words")))

    def thing(entry: MapObject) -> MapObject:
        return dataclasses.replace(
            entry, name=name(entry.name), kind=name(entry.kind), properties=properties(entry.properties)
        )

    def file_name(old: str) -> str:
        return IN_NO_PATH.sub("", name(old))

    match asset:
        case SpriteAsset():
            clips = tuple(dataclasses.replace(clip, name=file_name(clip.name)) for clip in asset.animations)
            return dataclasses.replace(asset, animations=clips)
        case ItemsAsset():
            items = tuple(dataclasses.replace(item, name=file_name(item.name)) for item in asset.items)
            return dataclasses.replace(asset, items=items)
        case TilesetAsset():
            tiles = tuple(
                dataclasses.replace(
                    tile, name=tile.name and file_name(tile.name), properties=properties(tile.properties)
                )
                for tile in asset.tiles
            )
            terrains = tuple(dataclasses.replace(one, name=file_name(one.name)) for one in asset.terrains)
            return dataclasses.replace(asset, tiles=tiles, terrains=terrains)
        case TileMapAsset():
            layers = tuple(
                dataclasses.replace(layer, name=name(layer.name), objects=tuple(map(thing, layer.objects)))
                if isinstance(layer, ObjectLayer)
                else dataclasses.replace(layer, name=name(layer.name))
                for layer in asset.layers
            )
            tilesets = tuple(rename(tileset, name) for tileset in asset.tilesets)
            return dataclasses.replace(
                asset,
                layers=layers,
                tilesets=tuple(one for one in tilesets if isinstance(one, TilesetAsset)),
                properties=properties(asset.properties),
            )
    return asset
