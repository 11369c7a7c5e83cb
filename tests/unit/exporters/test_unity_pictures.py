"""Drawn as Unity draws them, do sprites and tilemaps show the pixels of the asset?"""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from exporters import samples
from exporters.base import ExportError, Link
from exporters.model.asset import ImageLayer, Pixels, SpriteAsset, TileLayer, TileMapAsset
from exporters.packing.render import composite, map_size, render_map
from exporters.unity.exporter import UnityExporter
from tests.unit.exporters.unity_files import Document, load_meta, load_objects
from tests.unit.exporters.unity_project import context, guids, walker, written

UNIT = 16


@dataclasses.dataclass(frozen=True)
class Sprite:
    """A cut-out and its pivot in pixels from its bottom left."""

    pixels: Pixels
    pivot: tuple[float, float]


def sprites(disk: dict[str, bytes]) -> dict[tuple[str, str], Sprite]:
    """Every sprite by guid and id."""
    found = {}
    for path, data in disk.items():
        if path.endswith(".png.meta"):
            meta = load_meta(data)
            sheet = np.asarray(Image.open(io.BytesIO(disk[path.removesuffix(".meta")])).convert("RGBA"))
            for one in meta["TextureImporter"]["spriteSheet"]["sprites"]:
                found[meta["guid"], one["internalID"]] = cut(sheet, one)
    return found


def cut(sheet: Pixels, one: dict[str, Any]) -> Sprite:
    x, y, width, height = (int(one["rect"][key]) for key in ("x", "y", "width", "height"))
    top = sheet.shape[0] - y - height
    alignments = {"0": (0.5, 0.5), "7": (0.5, 0.0), "9": (float(one["pivot"]["x"]), float(one["pivot"]["y"]))}
    u, v = alignments[one["alignment"]]
    return Sprite(sheet[top : top + height, x : x + width], (u * width, v * height))


def draw(canvas: Pixels, sprite: Sprite, x: float, y: float, opacity: int = 255) -> None:
    """Puts a sprite with its pivot at x, y (upwards from the canvas' top left), what lies outside is cut off."""
    height, width = sprite.pixels.shape[:2]
    left, top = x - sprite.pivot[0], -(y - sprite.pivot[1]) - height
    assert abs(left - round(left)) < 1e-3
    assert abs(top - round(top)) < 1e-3
    wide = np.zeros((canvas.shape[0] + 2 * height, canvas.shape[1] + 2 * width, 4), dtype=np.uint8)
    inner = wide[height:-height, width:-width]
    inner[:] = canvas
    rows = slice(round(top) + height, round(top) + 2 * height)
    columns = slice(round(left) + width, round(left) + 2 * width)
    wide[rows, columns] = composite(wide[rows, columns], sprite.pixels, opacity)
    canvas[:] = inner


@pytest.mark.parametrize("pivot", [(0.5, 1.0), (0.5, 0.5), (0.25, 0.75)])
@pytest.mark.parametrize("asset", [samples.character(), walker(), samples.still()], ids=lambda asset: asset.id)
def test_every_frame_stands_where_it_stood(asset: SpriteAsset, pivot: tuple[float, float]) -> None:
    asset = dataclasses.replace(asset, pivot=pivot)
    disk = written({}, asset, context(asset.id))
    known = sprites(disk)
    name = asset.id.rsplit("/", 1)[1]
    for animation in asset.animations:
        clip = disk.get(f"{asset.id}/{name}_{animation.output_name()}.anim")
        keys = load_objects(clip)[0].fields["m_PPtrCurves"][0]["curve"] if clip else None
        for number, frame in enumerate(animation.frames):
            height, width = frame.pixels.shape[:2]
            canvas = np.zeros_like(frame.pixels)
            sprite = next(iter(known.values()))
            if keys is not None:
                value = keys[number]["value"]
                sprite = known[value["guid"], value["fileID"]]
            draw(canvas, sprite, pivot[0] * width, -pivot[1] * height)
            visible = frame.pixels[..., 3:] > 0
            assert np.array_equal(canvas, np.where(visible, frame.pixels, 0))


def scene(disk: dict[str, bytes], asset: TileMapAsset) -> Pixels:
    """The map's prefab, drawn layer by layer from the back."""
    known = sprites(disk)
    objects = load_objects(disk[f"{asset.id}.prefab"])
    by_owner = {
        (one.type, one.fields["m_GameObject"]["fileID"]): one for one in objects if "m_GameObject" in one.fields
    }
    width, height = map_size(asset)
    canvas = np.zeros((height, width, 4), dtype=np.uint8)
    (grid,) = [one for one in objects if one.type == "Grid"]
    drawn = [one for one in objects if one.type == "TilemapRenderer"]
    for one in sorted(drawn, key=lambda one: int(one.fields["m_SortingOrder"])):
        layer = by_owner["Tilemap", one.fields["m_GameObject"]["fileID"]]
        cells = [(int(cell["first"]["x"]), int(cell["first"]["y"]), cell["second"]) for cell in layer.fields["m_Tiles"]]
        # Sort order 3 begins at the top right, 0 at the bottom left.
        back = one.fields["m_SortOrder"] == "3"
        for x, y, cell in sorted(cells, key=lambda cell: (cell[1], cell[0]), reverse=back):
            sprite = turned(known, layer, cell)
            draw(canvas, sprite, *middle(grid, asset, x, y), round(float(layer.fields["m_Color"]["a"]) * 255))
    return canvas


def turned(known: dict[tuple[str, str], Sprite], layer: Document, cell: dict[str, str]) -> Sprite:
    value = layer.fields["m_TileSpriteArray"][int(cell["m_TileSpriteIndex"])]["m_Data"]
    matrix = layer.fields["m_TileMatrixArray"][int(cell["m_TileMatrixIndex"])]["m_Data"]
    sprite = known[value["guid"], value["fileID"]]
    xx, xy, yx, yy = (int(matrix[key]) for key in ("e00", "e01", "e10", "e11"))
    if (xx, xy, yx, yy) == (1, 0, 0, 1):
        return sprite
    height, width = sprite.pixels.shape[:2]
    assert sprite.pivot == (width / 2, height / 2)
    pixels = np.empty_like(sprite.pixels)
    for row, column in np.ndindex(height, width):
        # Points from the centre, doubled, y upwards.
        u, v = 2 * column + 1 - width, height - 1 - 2 * row
        s, t = xx * u + xy * v, yx * u + yy * v
        pixels[(height - 1 - t) // 2, (s + width - 1) // 2] = sprite.pixels[row, column]
    return Sprite(pixels, sprite.pivot)


def middle(grid: Document, asset: TileMapAsset, x: int, y: int) -> tuple[float, float]:
    """The middle of a cell in pixels, y upwards, counted from the picture's top left."""
    width, height = (float(grid.fields["m_CellSize"][key]) * UNIT for key in ("x", "y"))
    if grid.fields["m_CellLayout"] == "2":
        return (x - y) * width / 2 + asset.size[1] * width / 2, (x + y + 1) * height / 2
    return (x + 0.5) * width, (y + 0.5) * height


def flat(asset: TileMapAsset) -> TileMapAsset:
    """Without turned cells: what is higher than its cell turns about another point in Unity."""
    layers = tuple(
        dataclasses.replace(one, cells=one.cells & np.uint32(0x1FFFFFFF)) if isinstance(one, TileLayer) else one
        for one in asset.layers
    )
    return dataclasses.replace(asset, layers=layers)


@pytest.mark.parametrize("version", ["2021.3", "6000.0"])
def test_an_orthogonal_map_looks_as_it_does_elsewhere(version: str) -> None:
    asset = samples.tile_map()
    disk = written({}, asset, context(asset.id, version))
    assert np.array_equal(scene(disk, asset), render_map(asset))


def test_an_isometric_map_looks_as_it_does_elsewhere() -> None:
    asset = flat(samples.tile_map(tiles=samples.tileset(isometric=True, size=(32, 16))))
    disk = written({}, asset, context(asset.id))
    assert np.array_equal(scene(disk, asset), render_map(asset))


def test_blocks_stand_on_their_cells_and_hide_those_behind() -> None:
    cells = (np.arange(30).reshape(5, 6) % 3 + 1).astype(np.uint32)
    blocks = samples.blocks()
    asset = TileMapAsset("maps/yard", (6, 5), blocks.grid_size, (blocks,), (TileLayer("all", cells),), "isometric")
    disk = written({}, asset, context(asset.id))
    assert np.array_equal(scene(disk, asset), render_map(asset))


def test_a_map_over_a_tileset_of_its_own_asset_uses_its_files() -> None:
    asset = samples.tile_map()
    ground = asset.tilesets[0]
    disk = written({}, ground, context(ground.id))
    links = {ground.id: Link(ground.id, context(ground.id).identity)}
    both = written(disk, asset, dataclasses.replace(context(asset.id), links=links))
    assert both.keys() - disk.keys() == {"maps/town.prefab", "maps/town.prefab.meta"}
    assert np.array_equal(scene(both, asset), render_map(asset))
    assert guids(disk).items() <= guids(both).items()


def test_a_cell_without_a_tile_is_an_error_with_a_way_out() -> None:
    asset = samples.tile_map()
    layer = TileLayer("ground", np.full((5, 7), 99, dtype=np.uint32))
    with pytest.raises(ExportError) as caught:
        written({}, dataclasses.replace(asset, layers=(layer,)), context(asset.id))
    assert "98" in caught.value.message
    assert caught.value.hint


def test_layers_are_tinted_and_moved_and_what_is_not_shown_is_named() -> None:
    asset = samples.tile_map()
    ground, top, things = asset.layers
    ground = dataclasses.replace(ground, tint=(255, 51, 0, 255), opacity=0.5, offset=(8.0, 4.0), parallax=(0.5, 1.0))
    picture = ImageLayer("sky", samples.picture(4, 4, 1))
    asset = dataclasses.replace(asset, layers=(picture, ground, top, things))
    objects = load_objects(written({}, asset, context(asset.id))["maps/town.prefab"])
    colors = [one.fields["m_Color"] for one in objects if one.type == "Tilemap"]
    shares = {tuple(float(color[channel]) for channel in "rgba") for color in colors}
    assert shares == {(1, 0.2, 0, 0.5), (1, 1, 1, 0.5)}
    places = [one.fields["m_LocalPosition"] for one in objects if one.type == "Transform"]
    assert {"x": "0.5", "y": "-0.25", "z": "0"} in places
    assert UnityExporter().losses(asset) == [
        "layer sky: its picture",
        "layer ground: its parallax",
        "layer things: its objects",
    ]
    assert UnityExporter().losses(samples.tileset()) == []


def test_a_tile_with_several_shapes_has_them_all_in_its_collider() -> None:
    base = samples.tileset()
    square, corner = ((0, 0), (4, 0), (4, 4), (0, 4)), ((16, 16), (8, 16), (16, 8))
    first = dataclasses.replace(base.tiles[0], collision=square, further_collision=(corner,))
    asset = dataclasses.replace(base, tiles=(first, *base.tiles[1:]))
    meta = load_meta(written({}, asset, context(asset.id))["art/ground.png.meta"])
    shape = meta["TextureImporter"]["spriteSheet"]["sprites"][0]["physicsShape"]
    points = [[(float(point["x"]), float(point["y"])) for point in polygon] for polygon in shape]
    assert points == [[(-8, 8), (-4, 8), (-4, 4), (-8, 4)], [(8, -8), (0, -8), (8, 0)]]
