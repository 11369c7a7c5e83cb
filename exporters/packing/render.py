"""A tile map as one picture: what the JSON target ships, and what other readers' pictures are compared with.

Layers are drawn as Tiled draws them (right-down order, pictures aligned to the bottom left of their cell, clipped to
the map), with their tints and offsets, these in whole pixels. Object layers are not drawn. All arithmetic is in
integers.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from exporters.base import ExportContext, ExportError, OutputFile, image_path
from exporters.model.asset import (
    FLIP_D,
    FLIP_H,
    FLIP_MASK,
    FLIP_V,
    NO_TINT,
    ImageLayer,
    Pixels,
    TileLayer,
    TileMapAsset,
    TilesetAsset,
    Tint,
)
from exporters.model.png import encode_png

MOST_PIXELS = 128_000_000
"""Of a map's picture."""


def map_images(asset: TileMapAsset, context: ExportContext) -> list[OutputFile]:
    """The pictures of a map's image layers."""
    images = [layer for layer in asset.layers if isinstance(layer, ImageLayer)]
    return [OutputFile(image_path(context.stem, k), encode_png(layer.pixels)) for k, layer in enumerate(images)]


def map_size(asset: TileMapAsset) -> tuple[int, int]:
    """Width and height of a map's picture in pixels."""
    columns, rows = asset.size
    width, height = asset.tile_size
    if asset.orientation == "isometric":
        return (columns + rows) * width // 2, (columns + rows) * height // 2
    return columns * width, rows * height


def reduced_map(asset: TileMapAsset, most_pixels: int) -> TileMapAsset:
    """The map with every n-th pixel of its pictures, so that its own picture has no more than `most_pixels`.

    Of a map that is small enough it is the map itself. A tile is at least one pixel.
    """
    step, tile_size = 1, asset.tile_size
    while math.prod(map_size(dataclasses.replace(asset, tile_size=tile_size))) > most_pixels and max(tile_size) > 1:
        step += 1
        tile_size = (-(-asset.tile_size[0] // step), -(-asset.tile_size[1] // step))
    if step == 1:
        return asset
    tilesets = (
        dataclasses.replace(
            tileset,
            tiles=tuple(dataclasses.replace(tile, pixels=tile.pixels[::step, ::step]) for tile in tileset.tiles),
        )
        for tileset in asset.tilesets
    )
    layers = (
        dataclasses.replace(layer, pixels=layer.pixels[::step, ::step]) if isinstance(layer, ImageLayer) else layer
        for layer in asset.layers
    )
    return dataclasses.replace(
        asset,
        tile_size=tile_size,
        tilesets=tuple(tilesets),
        layers=tuple(
            dataclasses.replace(layer, offset=(layer.offset[0] / step, layer.offset[1] / step)) for layer in layers
        ),
    )


def render_map(asset: TileMapAsset) -> Pixels:
    """The picture of all visible tile and image layers; animated tiles show their first frame.

    Raises:
        ExportError: a cell names a tile that its tileset does not have, or the picture would have more than
            `MOST_PIXELS`.
    """
    width, height = map_size(asset)
    if width * height > MOST_PIXELS:
        raise ExportError(
            f"The map's picture would be {width:,}x{height:,} pixels; there may be {MOST_PIXELS:,} together.",
            hint="Make the map smaller, or leave this target out of export.targets.",
        )
    canvas = np.zeros((height, width, 4), dtype=np.uint8)
    for layer in asset.layers:
        if not layer.visible:
            continue
        opacity = round(min(max(layer.opacity, 0.0), 1.0) * 255)
        across, down = (round(pixels) for pixels in layer.offset)
        if isinstance(layer, TileLayer):
            pictures = {value: tinted(pixels, layer.tint) for value, pixels in _layer_pictures(asset, layer).items()}
            for value, x, y in _drawing_order(asset, layer.cells):
                _draw_picture(canvas, pictures[value], (x + across, y + down), opacity)
        elif isinstance(layer, ImageLayer):
            picture = tinted(layer.pixels, layer.tint)
            for x, y in _repeat_origins((across, down), layer, (width, height)):
                _draw_picture(canvas, picture, (x, y + picture.shape[0]), opacity)
    return canvas


def tinted(pixels: Pixels, tint: Tint) -> Pixels:
    """A picture with every pixel multiplied by a colour."""
    if tint == NO_TINT:
        return pixels
    return _divide_by_255(pixels.astype(np.uint32) * np.array(tint, dtype=np.uint32)).astype(np.uint8)


def _repeat_origins(top_left: tuple[int, int], layer: ImageLayer, size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The places of a layer's picture inside a map of this size in pixels."""
    height, width = layer.pixels.shape[:2]
    starts = []
    for start, step, end, repeat in zip(top_left, (width, height), size, layer.repeat, strict=True):
        starts.append(range(start % step - step, end, step) if repeat else [start])
    yield from ((x, y) for y in starts[1] for x in starts[0])


def flip_tile(pixels: Pixels, flags: int) -> Pixels:
    """A tile under Tiled's flip bits: first transposed (D), then mirrored left-right (H) and up-down (V)."""
    if flags & FLIP_D:
        pixels = pixels.transpose(1, 0, 2)
    if flags & FLIP_H:
        pixels = pixels[:, ::-1]
    if flags & FLIP_V:
        pixels = pixels[::-1]
    return pixels


def composite(under: Pixels, over: Pixels, opacity: int = 255) -> Pixels:
    """`over` with opacity 0..255 on `under`: straight alpha, rounded to nearest, in integers."""
    source_alpha = _divide_by_255(over[..., 3].astype(np.uint32) * opacity)
    rest = _divide_by_255(under[..., 3].astype(np.uint32) * (255 - source_alpha))
    alpha = source_alpha + rest
    weight = np.maximum(alpha, 1)[..., None]
    mixed = over[..., :3] * source_alpha[..., None] + under[..., :3] * rest[..., None]
    color = np.where(alpha[..., None] > 0, (mixed + weight // 2) // weight, 0)
    return np.concatenate((color, alpha[..., None]), axis=2).astype(np.uint8)


def _divide_by_255(values: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    return (values + 127) // 255


def _layer_pictures(asset: TileMapAsset, layer: TileLayer) -> dict[int, Pixels]:
    """Cell value → picture, for the values that occur."""
    tiles = _shown_pictures(asset.tilesets[layer.tileset])
    pictures: dict[int, Pixels] = {}
    for value in np.unique(layer.cells).tolist():
        tile = (value & ~FLIP_MASK) - 1
        if value == 0:
            continue
        if tile not in tiles:
            raise ExportError(
                f"Layer {layer.name!r} uses tile {tile}, which its tileset does not have.",
                hint="Build the tileset first, or draw the map anew from its present tiles.",
            )
        pictures[value] = flip_tile(tiles[tile], value & FLIP_MASK)
    return pictures


def _shown_pictures(tileset: TilesetAsset) -> dict[int, Pixels]:
    pixels = {tile.id: tile.pixels for tile in tileset.tiles}
    for tile in tileset.tiles:
        if tile.animation:
            pixels[tile.id] = pixels.get(tile.animation[0].tile, tile.pixels)
    return pixels


def _drawing_order(asset: TileMapAsset, cells: npt.NDArray[np.uint32]) -> Iterator[tuple[int, int, int]]:
    """Cell value and the bottom left corner of its picture in pixels, far cells first."""
    width, height = asset.tile_size
    rows, columns = np.nonzero(cells)
    if asset.orientation == "isometric":
        order = np.lexsort((columns, columns + rows))
        rows, columns = rows[order], columns[order]
        xs = (columns - rows) * width // 2 + (asset.size[1] - 1) * width // 2
        ys = (columns + rows) * height // 2 + height
    else:
        xs, ys = columns * width, (rows + 1) * height
    return zip(cells[rows, columns].tolist(), xs.tolist(), ys.tolist(), strict=True)


def _draw_picture(canvas: Pixels, picture: Pixels, bottom_left: tuple[int, int], opacity: int) -> None:
    height, width = picture.shape[:2]
    x, y = bottom_left[0], bottom_left[1] - height
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, canvas.shape[1]), min(y + height, canvas.shape[0])
    if left >= right or top >= bottom:
        return
    target = canvas[top:bottom, left:right]
    source = picture[top - y : bottom - y, left - x : right - x]
    alpha = source[..., 3]
    if opacity == 255 and alpha.min() == 255:
        target[:] = source
    else:
        target[:] = composite(target, source, opacity)
