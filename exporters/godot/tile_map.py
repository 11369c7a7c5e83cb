"""A map as `.tscn`: TileMapLayer nodes over the TileSets of the `godot` target, a Sprite2D for each picture, and a node
for each object.

Cells are `tile_map_data`: a 16-bit version 0, then for each cell x, y, source, column, row and alternative,
16 bits each, little endian; the flips of a cell are bits of the alternative (Godot's
TileSetAtlasSource.TRANSFORM_*).

Source: Godot class reference, "TileMapLayer" and "TileSetAtlasSource".
"""

from __future__ import annotations

import base64
import dataclasses
import struct
from collections.abc import Sequence

from exporters.base import ExportContext, embedded_link
from exporters.godot import values
from exporters.godot.map_objects import node_attributes, object_nodes, unique_name
from exporters.godot.scene import NEAREST, scene_header
from exporters.godot.textures import previous_path, res_path
from exporters.godot.tileset import ROLE as TILESET_ROLE
from exporters.godot.tres import Section, TresDocument, ext_resource, parse_tres
from exporters.godot.uid import uid_for
from exporters.model.asset import (
    FLIP_D,
    FLIP_H,
    FLIP_MASK,
    FLIP_V,
    NO_TINT,
    ImageLayer,
    MapLayer,
    TileLayer,
    TileMapAsset,
    TilesetAsset,
)

ROLE = "map"
# A file with a longer array has format 4, which Godot 4.3 introduced.
COMPATIBLE_BYTES = 64
TRANSFORMS = ((FLIP_H, 1 << 12), (FLIP_V, 1 << 13), (FLIP_D, 1 << 14))


def map_scene(asset: TileMapAsset, context: ExportContext, images: Sequence[Section]) -> TresDocument:
    """The scene of a map; its TileSets are those of `context.links`, or `embedded_link` of the map.

    images: references to the textures of its image layers.
    """
    used = sorted({layer.tileset for layer in asset.layers if isinstance(layer, TileLayer)})
    tilesets = {number: _tileset_reference(context, asset, number) for number in used}
    nodes = [_root_node(context)]
    resources: list[Section] = []
    names: set[str] = set()
    pictures = iter(images)
    for number, layer in enumerate(asset.layers):
        name = unique_name(layer.name or f"layer_{number + 1}", names)
        if isinstance(layer, TileLayer):
            properties = _layer_properties(asset, layer, tilesets[layer.tileset])
            nodes.append(Section("node", node_attributes(context.identity, name, "TileMapLayer", "."), properties))
        elif isinstance(layer, ImageLayer):
            shown = _layer_look(layer) | _position_keys(_picture_place(asset, layer))
            shown |= {"texture": f'ExtResource("{next(pictures).id}")', "centered": "false"}
            nodes.append(Section("node", node_attributes(context.identity, name, "Sprite2D", "."), shown))
        else:
            shown = _layer_look(layer) | _position_keys(layer.offset)
            nodes.append(Section("node", node_attributes(context.identity, name, "Node2D", "."), shown))
            children, shapes = object_nodes(asset, layer, context.identity, name)
            nodes += children
            resources += shapes
    header = scene_header(uid_for(context.identity, ROLE))
    if any('PackedByteArray("' in node.properties.get("tile_map_data", "") for node in nodes):
        header.attributes["format"] = "4"
    return TresDocument([header, *tilesets.values(), *images, *resources, *nodes])


def map_losses(asset: TileMapAsset) -> list[str]:
    """What a map has that the scene does not show.

    A Parallax2D moves with the top left of the screen, Tiled's layers with its middle: where they meet depends on the
    size of the window.
    """
    moving = [f"layer {layer.name}: its parallax" for layer in asset.layers if layer.parallax != (1, 1)]
    images = [layer for layer in asset.layers if isinstance(layer, ImageLayer) and any(layer.repeat)]
    return moving + [f"layer {layer.name}: the repetition of its picture" for layer in images]


def embedded_context(context: ExportContext, number: int) -> ExportContext:
    """The context of a tileset that came with the map itself."""
    link = embedded_link(context, number)
    return dataclasses.replace(
        context, stem=link.stem, identity=link.identity, previous_stem=previous_path(context, link.stem)
    )


def cell_bytes(layer: TileLayer, tileset: TilesetAsset) -> bytes:
    """`tile_map_data` of a layer: its cells row by row, empty ones left out."""
    rows, columns = layer.cells.nonzero()
    parts = [struct.pack("<H", 0)]
    for y, x, value in zip(rows.tolist(), columns.tolist(), layer.cells[rows, columns].tolist(), strict=True):
        tile = (value & ~FLIP_MASK) - 1
        alternative = sum(bit for flag, bit in TRANSFORMS if value & flag)
        cell = (tile % tileset.columns, tile // tileset.columns)
        parts.append(struct.pack("<2h4H", x, y, 0, *cell, alternative))
    return b"".join(parts)


def packed_bytes(data: bytes) -> str:
    """A PackedByteArray as Godot 4.3 and newer save it: numbers up to 64 bytes, base64 beyond."""
    if len(data) <= COMPATIBLE_BYTES:
        return f"PackedByteArray({', '.join(map(str, data))})"
    return f'PackedByteArray("{base64.b64encode(data).decode()}")'


def _root_node(context: ExportContext) -> Section:
    name = context.stem.rpartition("/")[2]
    attributes = node_attributes(context.identity, name, "Node2D", "")
    return Section("node", attributes, {"texture_filter": NEAREST})


def _layer_properties(asset: TileMapAsset, layer: TileLayer, tileset: Section) -> dict[str, str]:
    used = asset.tilesets[layer.tileset]
    properties = _layer_look(layer)
    if asset.orientation == "isometric" and used.tile_size[1] > used.grid_size[1]:
        properties["y_sort_enabled"] = "true"
    properties |= _position_keys(layer.offset)
    data = cell_bytes(layer, used)
    properties["tile_map_data"] = packed_bytes(data)
    properties["tile_set"] = f'ExtResource("{tileset.id}")'
    return properties


def _layer_look(layer: MapLayer) -> dict[str, str]:
    properties = {} if layer.visible else {"visible": "false"}
    if layer.opacity < 1 or layer.tint != NO_TINT:
        red, green, blue, alpha = (channel / 255 for channel in layer.tint)
        shares = [values.write_component(round(share, 4)) for share in (red, green, blue, alpha * layer.opacity)]
        properties["modulate"] = f"Color({', '.join(shares)})"
    return properties


def _position_keys(offset: tuple[float, float]) -> dict[str, str]:
    return {} if offset == (0, 0) else {"position": values.vector2(*offset)}


def _picture_place(asset: TileMapAsset, layer: ImageLayer) -> tuple[float, float]:
    """Godot counts from the left of the cell 0, 0, which in isometric maps lies half a map away from the left."""
    away = (asset.size[1] - 1) * asset.tile_size[0] / 2 if asset.orientation == "isometric" else 0.0
    return layer.offset[0] - away, layer.offset[1]


def _tileset_reference(context: ExportContext, asset: TileMapAsset, number: int) -> Section:
    link = context.links.get(asset.tilesets[number].id) or embedded_link(context, number)
    path = f"{link.stem}.tres"
    data = context.read(path)
    uid = (parse_tres(data, path).uid if data is not None else None) or uid_for(link.identity, TILESET_ROLE)
    return ext_resource("TileSet", uid, res_path(context, path), f"{number + 1}_tileset")
