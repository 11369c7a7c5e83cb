"""JSON of tilesets and maps, with the key names of Tiled's JSON format where both say the same thing.

Tileset: `image`, `imagewidth`, `imageheight`, `tilewidth`, `tileheight`, `columns`, `rows`, `margin`,
`spacing`, `orientation`, `grid`, `terrains` and `tiles`. A tile's `corners` are terrain names in the order
north-west, north-east, south-west, south-east (null: empty); `animation` has `tileid` and `duration` in
milliseconds; `collision` is a polygon in pixels from the tile's top left, `further_collision` are those beside it.

Map: `width`, `height` in tiles, `tilesets` with paths relative to the map, `layers`. A cell of `data` is tile
id + 1 in the layer's tileset (0: empty), with Tiled's flip bits 0x80000000 (horizontal), 0x40000000
(vertical) and 0x20000000 (diagonal). `tintcolor`, `offsetx`, `offsety`, `parallaxx` and `parallaxy` of a layer, and the
map's `parallaxoriginx` and `parallaxoriginy`, stand there where they change something.

Source: Tiled manual, "JSON Map Format".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from exporters.model.asset import (
    NO_TINT,
    ImageLayer,
    MapLayer,
    MapObject,
    ObjectLayer,
    Tile,
    TileLayer,
    TileMapAsset,
    TilesetAsset,
)
from exporters.packing.grid import SheetGrid
from exporters.texts import json_text


def tileset_json(asset: TilesetAsset, grid: SheetGrid, image: str) -> bytes:
    """The document of a tileset; `image` is the file name of its sheet."""
    head: dict[str, Any] = {
        "image": image,
        "imagewidth": grid.size[0],
        "imageheight": grid.size[1],
        "tilewidth": grid.cell[0],
        "tileheight": grid.cell[1],
        "columns": grid.columns,
        "rows": grid.rows,
        "margin": grid.margin,
        "spacing": grid.spacing,
        "orientation": asset.orientation,
        "grid": {"width": asset.grid_size[0], "height": asset.grid_size[1]},
    }
    terrains = [
        {
            "name": terrain.name,
            "color": "#{:02x}{:02x}{:02x}".format(*terrain.color),
            "tile": terrain.tile,
            "solid": terrain.solid,
            "probability": terrain.probability,
        }
        for terrain in asset.terrains
    ]
    tiles = [_tile_entry(asset, tile) for tile in sorted(asset.tiles, key=lambda tile: tile.id)]
    return encode_lists(head, {"terrains": terrains, "tiles": tiles})


def map_json(asset: TileMapAsset, tilesets: Sequence[str], image: str, images: Sequence[str] = ()) -> bytes:
    """The document of a map; `tilesets` are relative paths of tileset documents, `image` the map's picture, `images`
    those of its image layers.
    """
    head: dict[str, Any] = {
        "image": image,
        "width": asset.size[0],
        "height": asset.size[1],
        "tilewidth": asset.tile_size[0],
        "tileheight": asset.tile_size[1],
        "orientation": asset.orientation,
        "infinite": asset.infinite,
        "tilesets": [{"source": path} for path in tilesets],
        "properties": dict(asset.properties),
    }
    if asset.parallax_origin != (0, 0):
        head |= {"parallaxoriginx": asset.parallax_origin[0], "parallaxoriginy": asset.parallax_origin[1]}
    pictures = iter(images)
    layers = [_layer_entry(number, layer, pictures) for number, layer in enumerate(asset.layers, 1)]
    return encode_lists(head, {"layers": layers})


def encode_lists(head: dict[str, Any], lists: dict[str, list[Any]]) -> bytes:
    """An object with one line for every key and for every entry of its lists."""
    lines = [f" {json_text(key)}: {json_text(value)}" for key, value in head.items()]
    for key, entries in lists.items():
        rows = ",\n".join(f"  {json_text(entry)}" for entry in entries)
        lines.append(f" {json_text(key)}: [\n{rows}\n ]" if entries else f" {json_text(key)}: []")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _tile_entry(asset: TilesetAsset, tile: Tile) -> dict[str, Any]:
    row: dict[str, Any] = {"id": tile.id}
    if tile.name is not None:
        row["name"] = tile.name
    if tile.corners is not None:
        row["corners"] = [None if index is None else asset.terrains[index].name for index in tile.corners]
    if tile.probability != 1.0:
        row["probability"] = tile.probability
    if tile.animation:
        row["animation"] = [{"tileid": f.tile, "duration": f.duration_ms} for f in tile.animation]
    if tile.animation_frame:
        row["animation_frame"] = True
    if tile.collision:
        row["collision"] = [list(point) for point in tile.collision]
    if tile.further_collision:
        row["further_collision"] = [[list(point) for point in polygon] for polygon in tile.further_collision]
    if tile.properties:
        row["properties"] = dict(tile.properties)
    return row


def _layer_entry(number: int, layer: TileLayer | ObjectLayer | ImageLayer, pictures: Iterator[str]) -> dict[str, Any]:
    head: dict[str, Any] = {"id": number, "name": layer.name, "visible": layer.visible, **_layer_look(layer)}
    if isinstance(layer, ObjectLayer):
        opacity = {} if layer.opacity == 1.0 else {"opacity": layer.opacity}
        return head | {"type": "objectgroup", **opacity, "objects": [_object_entry(entry) for entry in layer.objects]}
    if isinstance(layer, ImageLayer):
        repeat = {"repeatx": layer.repeat[0], "repeaty": layer.repeat[1]}
        return head | {"type": "imagelayer", "opacity": layer.opacity, "image": next(pictures), **repeat}
    return head | {
        "type": "tilelayer",
        "opacity": layer.opacity,
        "tileset": layer.tileset,
        "data": layer.cells.ravel().tolist(),
    }


def _layer_look(layer: MapLayer) -> dict[str, Any]:
    look: dict[str, Any] = {}
    if layer.tint != NO_TINT:
        red, green, blue, alpha = layer.tint
        look["tintcolor"] = f"#{alpha:02x}{red:02x}{green:02x}{blue:02x}"
    if layer.offset != (0, 0):
        look |= {"offsetx": layer.offset[0], "offsety": layer.offset[1]}
    if layer.parallax != (1, 1):
        look |= {"parallaxx": layer.parallax[0], "parallaxy": layer.parallax[1]}
    return look


def _object_entry(entry: MapObject) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": entry.id,
        "name": entry.name,
        "type": entry.kind,
        "shape": entry.shape,
        "x": entry.x,
        "y": entry.y,
        "width": entry.width,
        "height": entry.height,
        "rotation": entry.rotation,
    }
    if entry.points:
        row["points"] = [{"x": x, "y": y} for x, y in entry.points]
    if entry.gid is not None:
        row["gid"] = entry.gid
    if entry.properties:
        row["properties"] = dict(entry.properties)
    return row
