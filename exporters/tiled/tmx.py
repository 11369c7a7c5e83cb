"""`.tmx`: maps as Tiled itself would save them.

Source: Tiled 1.12, manual "TMX Map Format" and `mapwriter.cpp`. Cells are global tile ids: a tileset's first id, plus
the tile's id, with the flip bits on top. Layer data is CSV unless the spec asks for base64 or zlib.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from exporters.model.asset import (
    FLIP_MASK,
    NO_TINT,
    ImageLayer,
    MapLayer,
    MapObject,
    ObjectLayer,
    TileLayer,
    TileMapAsset,
)
from exporters.tiled import xml
from exporters.tiled.xml import Node, make_node

CHUNK = 16
Cells = npt.NDArray[np.uint32]


def write_tmx(asset: TileMapAsset, sources: Sequence[str], encoding: str, images: Sequence[str] = ()) -> bytes:
    """The file's bytes. sources: path of each tileset's `.tsx`, images: of each image layer's picture, relative to the
    map.
    """
    firsts = first_ids(asset)
    objects = [item for layer in asset.layers if isinstance(layer, ObjectLayer) for item in layer.objects]
    attributes: dict[str, xml.Value] = {
        "version": xml.FORMAT_VERSION,
        "tiledversion": xml.TILED_VERSION,
        "orientation": asset.orientation,
        "renderorder": "right-down",
        "width": asset.size[0],
        "height": asset.size[1],
        "tilewidth": asset.tile_size[0],
        "tileheight": asset.tile_size[1],
        "infinite": int(asset.infinite),
        **_optional_pair("parallaxorigin", asset.parallax_origin, (0.0, 0.0)),
        "nextlayerid": len(asset.layers) + 1,
        "nextobjectid": max((item.id for item in objects), default=0) + 1,
    }
    children = xml.property_nodes(dict(asset.properties))
    for first, source in zip(firsts, sources, strict=True):
        children.append(make_node("tileset", {"firstgid": first, "source": source}))
    pictures = iter(images)
    for number, layer in enumerate(asset.layers, start=1):
        if isinstance(layer, TileLayer):
            children.append(_tile_layer(asset, layer, number, firsts, encoding))
        elif isinstance(layer, ImageLayer):
            children.append(_image_layer(layer, number, next(pictures)))
        else:
            children.append(_object_layer(asset, layer, number, firsts))
    return xml.write_document(make_node("map", attributes, children))


def first_ids(asset: TileMapAsset) -> list[int]:
    """The first global tile id of each tileset: Tiled counts every cell of a sheet."""
    firsts, next_id = [], 1
    for tileset in asset.tilesets:
        firsts.append(next_id)
        next_id += tileset.columns * tileset.rows
    return firsts


def _layer_attributes(layer: MapLayer, number: int, size: tuple[int, int] | None = None) -> dict[str, xml.Value]:
    """size: of a tile layer, in cells."""
    attributes: dict[str, xml.Value] = {"id": number, "name": layer.name} if layer.name else {"id": number}
    if size is not None:
        attributes |= {"width": size[0], "height": size[1]}
    if not layer.visible:
        attributes["visible"] = 0
    if layer.opacity != 1.0:
        attributes["opacity"] = float(layer.opacity)
    if layer.tint != NO_TINT:
        red, green, blue, alpha = layer.tint
        attributes["tintcolor"] = f"#{'' if alpha == 255 else f'{alpha:02x}'}{red:02x}{green:02x}{blue:02x}"
    attributes |= _optional_pair("offset", layer.offset, (0.0, 0.0))
    for axis, factor in zip("xy", layer.parallax, strict=True):
        if factor != 1.0:
            attributes[f"parallax{axis}"] = float(factor)
    return attributes


def _optional_pair(name: str, value: tuple[float, float], usual: tuple[float, float]) -> dict[str, xml.Value]:
    """Two attributes that Tiled writes together, or neither."""
    return {} if value == usual else {f"{name}x": float(value[0]), f"{name}y": float(value[1])}


def _tile_layer(asset: TileMapAsset, layer: TileLayer, number: int, firsts: Sequence[int], encoding: str) -> Node:
    attributes = _layer_attributes(layer, number, asset.size)
    cells = layer.cells.astype(np.uint32)
    first = np.uint32(firsts[layer.tileset] - 1) if firsts else np.uint32(0)
    plain = cells & np.uint32(~FLIP_MASK & 0xFFFFFFFF)
    gids = np.where(plain > 0, cells + first, np.uint32(0)).astype(np.uint32)
    how: dict[str, xml.Value] = {"encoding": "csv" if encoding == "csv" else "base64"}
    if encoding == "zlib":
        how["compression"] = "zlib"
    data = make_node("data", how)
    if asset.infinite:
        data.children = _chunk_nodes(gids, encoding)
    else:
        data.text = _encode_cells(gids, encoding)
    return make_node("layer", attributes, [data])


def _encode_cells(gids: Cells, encoding: str) -> str:
    """The text of layer data, and of chunks too: Tiled indents them as if they stood one level higher."""
    if encoding == "csv":
        rows = ",\n".join(",".join(map(str, row)) for row in gids.tolist())
        return f"\n{rows}\n"
    raw = gids.astype("<u4").tobytes()
    if encoding == "zlib":
        raw = zlib.compress(raw)
    return f"\n   {base64.b64encode(raw).decode()}\n  "


def _chunk_nodes(gids: Cells, encoding: str) -> list[Node]:
    """Blocks of 16×16 cells, row by row; empty ones are left out."""
    height, width = gids.shape
    chunks = []
    for y in range(0, height, CHUNK):
        for x in range(0, width, CHUNK):
            block = np.zeros((CHUNK, CHUNK), dtype=np.uint32)
            part = gids[y : y + CHUNK, x : x + CHUNK]
            block[: part.shape[0], : part.shape[1]] = part
            if block.any():
                chunk = make_node("chunk", {"x": x, "y": y, "width": CHUNK, "height": CHUNK})
                chunk.text = _encode_cells(block, encoding)
                chunks.append(chunk)
    return chunks


def _object_layer(asset: TileMapAsset, layer: ObjectLayer, number: int, firsts: Sequence[int]) -> Node:
    attributes = _layer_attributes(layer, number)
    return make_node("objectgroup", attributes, [_object_node(asset, item, firsts) for item in layer.objects])


def _image_layer(layer: ImageLayer, number: int, source: str) -> Node:
    attributes = _layer_attributes(layer, number)
    for axis, repeated in zip("xy", layer.repeat, strict=True):
        if repeated:
            attributes[f"repeat{axis}"] = 1
    height, width = layer.pixels.shape[:2]
    return make_node(
        "imagelayer", attributes, [make_node("image", {"source": source, "width": width, "height": height})]
    )


def _object_node(asset: TileMapAsset, item: MapObject, firsts: Sequence[int]) -> Node:
    attributes: dict[str, xml.Value] = {"id": item.id}
    if item.name:
        attributes["name"] = item.name
    if item.kind:
        attributes["type"] = item.kind
    if item.gid is not None:
        attributes["gid"] = _global_id(asset, item.gid, firsts)
    attributes |= {"x": float(item.x), "y": float(item.y)}
    if item.width:
        attributes["width"] = float(item.width)
    if item.height:
        attributes["height"] = float(item.height)
    if item.rotation:
        attributes["rotation"] = float(item.rotation)
    children = xml.property_nodes(dict(item.properties))
    if item.shape in ("polygon", "polyline") and item.points:
        points = " ".join(f"{xml.write_number(float(x))},{xml.write_number(float(y))}" for x, y in item.points)
        children.append(make_node(item.shape, {"points": points}))
    elif item.shape in ("ellipse", "point"):
        children.append(make_node(item.shape))
    return make_node("object", attributes, children)


def _global_id(asset: TileMapAsset, gid: int, firsts: Sequence[int]) -> int:
    """The model counts a tileset's ids up to its largest one; Tiled counts all cells of its sheet."""
    flags, plain = gid & FLIP_MASK, gid & ~FLIP_MASK
    start = 1
    for tileset, first in zip(asset.tilesets, firsts, strict=True):
        count = max((tile.id for tile in tileset.tiles), default=-1) + 1
        if plain < start + count:
            return (plain - start + first) | flags
        start += count
    return gid
