"""Files for Tiled as the readers of games see them: pytiled-parser and, where it can, pytmx."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import pytiled_parser
import pytmx
from pytiled_parser.parsers.tmx.tileset import parse as parse_tileset

from exporters import samples
from exporters.base import ExportContext, ExportOptions, Link
from exporters.model.asset import (
    FLIP_MASK,
    Asset,
    AudioAsset,
    ItemsAsset,
    MapObject,
    ObjectLayer,
    SpriteAsset,
    TileLayer,
    TileMapAsset,
    TilesetAsset,
)
from exporters.tiled.exporter import TiledExporter

ENCODINGS = ("csv", "base64", "zlib")
WIDE = samples.tileset("art/wide", terrains=3, animated=3)


def write(folder: Path, asset: Asset, encoding: str = "csv", links: dict[str, Link] | None = None) -> Path:
    """Exports an asset; the path of its last file."""
    options = ExportOptions(engine={"encoding": encoding})
    path = folder
    for file in TiledExporter().export(asset, ExportContext(asset.id, "", "id", options, links=links or {})):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
    return path


def town(columns: int = 7, rows: int = 5, *, infinite: bool = False) -> TileMapAsset:
    """A map with flips over two tilesets."""
    base = samples.tile_map()
    ys, xs = np.mgrid[0:rows, 0:columns].astype(np.uint32)
    top, second = base.layers[1], ((xs * 7 + ys) % 31 + 1).astype(np.uint32)
    assert isinstance(top, TileLayer)
    flips = np.resize(top.cells, (rows, columns)).astype(np.uint32)
    picture = MapObject(9, "crate", x=16.0, y=32.0, width=16.0, height=16.0, gid=18)
    layers = (
        dataclasses.replace(top, cells=flips),
        TileLayer("second", second, tileset=1),
        base.layers[2],
        ObjectLayer("tiles", (picture,), visible=False),
    )
    return dataclasses.replace(
        base, size=(columns, rows), tilesets=(base.tilesets[0], WIDE), layers=layers, infinite=infinite
    )


def gids(asset: TileMapAsset, number: int) -> npt.NDArray[np.uint32]:
    """Global ids of a layer: the first tileset has 16 cells in its sheet, so the second begins at 17."""
    layer = asset.layers[number]
    assert isinstance(layer, TileLayer)
    return layer.cells + np.uint32(16 if layer.tileset else 0)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_pytiled_parser_reads_the_cells_of_a_map(tmp_path: Path, encoding: str) -> None:
    asset = town()
    read = pytiled_parser.parse_map(write(tmp_path, asset, encoding))
    assert (read.map_size.width, read.map_size.height) == asset.size
    assert sorted(read.tilesets) == [1, 17]
    assert [layer.name for layer in read.layers] == ["top", "second", "things", "tiles"]
    for number in (0, 1):
        layer = read.layers[number]
        assert isinstance(layer, pytiled_parser.TileLayer)
        assert np.array_equal(np.array(layer.data, np.uint32), gids(asset, number))
    assert [layer.opacity for layer in read.layers] == [0.5, 1, 1, 1]
    assert [layer.visible for layer in read.layers] == [True, True, True, False]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_pytiled_parser_reads_an_infinite_map(tmp_path: Path, encoding: str) -> None:
    asset = town(37, 20, infinite=True)
    read = pytiled_parser.parse_map(write(tmp_path, asset, encoding))
    assert read.infinite
    for number in (0, 1):
        layer = read.layers[number]
        assert isinstance(layer, pytiled_parser.TileLayer)
        assert layer.chunks
        whole = np.zeros((32, 48), np.uint32)
        for chunk in layer.chunks:
            x, y = int(chunk.coordinates.x), int(chunk.coordinates.y)
            whole[y : y + 16, x : x + 16] = chunk.data
        assert np.array_equal(whole[:20, :37], gids(asset, number))
        assert not whole[20:].any()
        assert not whole[:, 37:].any()


def test_pytiled_parser_reads_objects_of_every_shape(tmp_path: Path) -> None:
    asset = samples.tile_map()
    polygon = MapObject(5, "isle", x=1.0, y=2.0, shape="polygon", points=((0.0, 0.0), (8.0, 0.0), (4.0, 6.5)))
    things = asset.layers[2]
    assert isinstance(things, ObjectLayer)
    layers = (*asset.layers[:2], dataclasses.replace(things, objects=(*things.objects, polygon)))
    layer = pytiled_parser.parse_map(write(tmp_path, dataclasses.replace(asset, layers=layers))).layers[2]
    assert isinstance(layer, pytiled_parser.ObjectLayer)
    found = {item.name: item for item in layer.tiled_objects}
    shapes = {name: type(item).__name__ for name, item in found.items()}
    assert shapes == {"start": "Point", "zone": "Rectangle", "road": "Polyline", "pond": "Ellipse", "isle": "Polygon"}
    assert found["start"].coordinates == (24, 40)
    assert found["start"].class_ == "spawn"
    assert found["zone"].properties == {"level": 3}
    assert (found["pond"].size.width, found["pond"].size.height) == (16, 8)
    assert [tuple(point) for point in vars(found["isle"])["points"]] == [(0, 0), (8, 0), (4, 6.5)]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_pytmx_reads_a_map(tmp_path: Path, encoding: str) -> None:
    asset = town()
    read = pytmx.TiledMap(str(write(tmp_path, asset, encoding)))
    assert (read.width, read.height, read.tilewidth, read.tileheight) == (7, 5, 16, 16)
    assert [layer.name for layer in read.layers] == ["top", "second", "things", "tiles"]
    for number in (0, 1):
        wanted = gids(asset, number)
        flags = wanted & np.uint32(FLIP_MASK)
        for y, x in np.ndindex(wanted.shape):
            real = read.tiledgidmap.get(read.get_tile_gid(x, y, number), 0)
            assert real == int(wanted[y, x] & ~flags[y, x])
    crate = read.get_object_by_name("crate")
    assert read.tiledgidmap[crate.gid] == 18  # id 17 of the model is the second tileset's first tile, whose gid is 17
    assert read.get_object_by_name("zone").properties == {"level": 3}


@pytest.mark.parametrize(
    "asset",
    [pytest.param(asset, id=asset.id) for asset, _ in samples.sample_assets() if not isinstance(asset, AudioAsset)],
)
def test_every_tileset_opens(tmp_path: Path, asset: Asset) -> None:
    write(tmp_path, asset)
    paths = sorted(tmp_path.rglob("*.tsx"))
    assert paths
    for path in paths:
        read = parse_tileset(ET.parse(path).getroot(), 1, "utf-8")
        assert read.image is not None
        assert path.with_name(read.image.name).is_file()
        margin, spacing = read.margin, read.spacing
        assert read.image_width == 2 * margin + read.columns * (read.tile_width + spacing) - spacing
        match asset:
            case SpriteAsset():
                names = [clip.output_name() for clip in asset.animations]
                tiles = (read.tiles or {}).values()
                assert [tile.properties["animation"] for tile in tiles if tile.properties] == names
            case ItemsAsset():
                found = {slot: (tile.properties or {}).get("name") for slot, tile in (read.tiles or {}).items()}
                assert found == {item.slot: item.name for item in asset.items}
            case TilesetAsset():
                assert (read.tile_width, read.tile_height) == asset.tile_size


def test_a_tileset_has_its_terrains_animations_and_shapes(tmp_path: Path) -> None:
    write(tmp_path, WIDE)
    read = parse_tileset(ET.parse(tmp_path / "art/wide.tsx").getroot(), 1, "utf-8")
    assert read.wang_sets is not None
    (wang,) = read.wang_sets
    assert wang.wang_type == "corner"
    assert [(colour.name, colour.tile, colour.probability) for colour in wang.wang_colors] == [
        (terrain.name, terrain.tile, 1.0) for terrain in WIDE.terrains
    ]
    corners = {tile.id: tile.corners for tile in WIDE.tiles if tile.corners}
    assert wang.wang_tiles.keys() == corners.keys()
    for number, wanted in corners.items():
        north_west, north_east, south_west, south_east = ((corner or 0) + 1 for corner in wanted)
        assert wang.wang_tiles[number].wang_id == [0, north_east, 0, south_east, 0, south_west, 0, north_west]
    tile = (read.tiles or {})[0]
    assert [(frame.tile_id, frame.duration) for frame in tile.animation or ()] == [(0, 200), (32, 200), (64, 200)]
    assert isinstance(tile.objects, pytiled_parser.ObjectLayer)
    assert tile.objects.tiled_objects[0].name == "assetbridge"


def test_maps_name_linked_tilesets_by_relative_paths(tmp_path: Path) -> None:
    ground = samples.tileset()
    write(tmp_path, dataclasses.replace(ground, id="tiles/deep/ground"))
    links = {ground.id: Link("tiles/deep/ground", "id")}
    path = write(tmp_path, samples.tile_map(tiles=ground), links=links)
    assert [found.name for found in path.parent.iterdir()] == ["town.tmx"]
    assert ET.parse(path).getroot().find("tileset[@source='../tiles/deep/ground.tsx']") is not None
    assert pytiled_parser.parse_map(path).tilesets[1].name == "ground"


def test_previews_have_no_empty_cell(tmp_path: Path) -> None:
    read = pytiled_parser.parse_map(write(tmp_path, WIDE))
    layer = read.layers[0]
    assert isinstance(layer, pytiled_parser.TileLayer)
    cells = np.array(layer.data)
    assert cells.min() > 0
    full = {terrain.tile + 1 for terrain in WIDE.terrains}
    assert full <= set(cells.ravel().tolist())


@pytest.mark.parametrize(
    "asset",
    [
        dataclasses.replace(WIDE, tiles=WIDE.tiles[:1], terrains=WIDE.terrains[:1]),
        dataclasses.replace(WIDE, tiles=WIDE.tiles[:12]),
        samples.blocks(),
    ],
    ids=["one terrain", "missing tiles", "no terrains"],
)
def test_no_preview_without_a_full_set(tmp_path: Path, asset: TilesetAsset) -> None:
    assert write(tmp_path, asset).suffix == ".tsx"
