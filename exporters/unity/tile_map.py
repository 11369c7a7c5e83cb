"""A map in Unity: a prefab with a Grid and a Tilemap for each tile layer.

Tiled counts rows downwards, Unity upwards; in isometric maps both axes of Unity run to the back, those of Tiled to the
front. Objects and pictures of a map are not written: Unity has no form of its own for them.
"""

from __future__ import annotations

import dataclasses
import posixpath
from collections.abc import Mapping

import numpy as np

from exporters.base import ExportContext, ExportError, OutputFile, embedded_link
from exporters.model.asset import FLIP_D, FLIP_H, FLIP_MASK, FLIP_V, ImageLayer, ObjectLayer, TileLayer, TileMapAsset
from exporters.unity.native import editable_files
from exporters.unity.settings import UnitySettings
from exporters.unity.tilemap import Layer, Matrix, TilemapCell, tile_grid
from exporters.unity.tileset import tileset_files


def map_files(asset: TileMapAsset, context: ExportContext, settings: UnitySettings) -> list[OutputFile]:
    """The files of a map, with those of the tilesets that came with it.

    Raises:
        ExportError: a cell names a tile that its tileset does not have; see also `tileset_files`.
    """
    files: list[OutputFile] = []
    cells: list[Mapping[int, TilemapCell]] = []
    for number, tileset in enumerate(asset.tilesets):
        link = context.links.get(tileset.id)
        if link is None:
            link = embedded_link(context, number)
            own = dataclasses.replace(context, identity=link.identity)
            made = tileset_files(tileset, own, link.stem, settings)
            files += made.files
        else:
            other = dataclasses.replace(context, stem=link.stem, identity=link.identity, previous_stem=link.stem)
            made = tileset_files(tileset, other, link.stem, settings)
        cells.append(made.cells)
    layers = [
        Layer(
            layer.name,
            _layer_cells(layer, cells[layer.tileset], asset.orientation),
            layer.visible,
            _layer_color(layer),
            (layer.offset[0] / settings.pixels_per_unit, -layer.offset[1] / settings.pixels_per_unit),
        )
        for layer in asset.layers
        if isinstance(layer, TileLayer)
    ]
    path = f"{context.stem}.prefab"
    name = posixpath.basename(context.stem)
    isometric = asset.orientation == "isometric"
    size = settings.units(asset.tile_size)
    objects = tile_grid(name, context.identity, "map", settings.editor, layers, size, isometric=isometric)
    return [*files, *editable_files(context, path, "map", objects)]


def map_losses(asset: TileMapAsset) -> list[str]:
    """What a map has that the prefab does not show."""
    lost = []
    for layer in asset.layers:
        if isinstance(layer, ImageLayer):
            lost.append(f"layer {layer.name}: its picture")
        elif isinstance(layer, ObjectLayer):
            lost += [f"layer {layer.name}: its objects"] if layer.objects else []
        elif layer.parallax != (1, 1):
            lost.append(f"layer {layer.name}: its parallax")
    return lost


def _layer_color(layer: TileLayer) -> tuple[float, float, float, float]:
    red, green, blue, alpha = (round(channel / 255, 6) for channel in layer.tint)
    return red, green, blue, round(alpha * layer.opacity, 6)


def _layer_cells(layer: TileLayer, tiles: Mapping[int, TilemapCell], orientation: str) -> list[TilemapCell]:
    cells = []
    for row, column in zip(*np.nonzero(layer.cells), strict=True):
        value = int(layer.cells[row, column])
        number = (value & ~FLIP_MASK) - 1
        tile = tiles.get(number)
        if tile is None:
            raise ExportError(
                f"Layer {layer.name!r} uses tile {number}, which its tileset does not have.",
                hint="Build the tileset first, or draw the map anew from its present tiles.",
            )
        x, y = (-1 - int(row), -1 - int(column)) if orientation == "isometric" else (int(column), -1 - int(row))
        cells.append(dataclasses.replace(tile, x=x, y=y, matrix=_cell_matrix(value)))
    return cells


def _cell_matrix(value: int) -> Matrix:
    """The turn of a cell: along the falling diagonal first, then sideways, then upside down (TMX map format)."""
    xx, xy, yx, yy = (0, -1, -1, 0) if value & FLIP_D else (1, 0, 0, 1)
    if value & FLIP_H:
        xx, xy = -xx, -xy
    if value & FLIP_V:
        yx, yy = -yx, -yy
    return xx, xy, yx, yy
