from __future__ import annotations

import dataclasses
import io
import json
import struct
import wave

import numpy as np
import pytest
from PIL import Image

from exporters import samples
from exporters.base import ExportContext, ExportError, ExportOptions, Link
from exporters.generic.exporter import JsonExporter
from exporters.generic.wav import encode_wav
from exporters.model.asset import Asset, ImageLayer, ObjectLayer, TileLayer
from exporters.packing.render import render_map


def exported(asset: Asset, links: dict[str, Link] | None = None, **engine: str) -> dict[str, bytes]:
    context = ExportContext(asset.id, "", "id", ExportOptions(engine=engine), links=links or {})
    return {file.path: file.data for file in JsonExporter().export(asset, context)}


def test_a_tileset_says_where_and_what_its_tiles_are() -> None:
    asset = samples.tileset(terrains=3, animated=3)
    files = exported(asset)
    document = json.loads(files["art/ground.json"])
    sheet = np.asarray(Image.open(io.BytesIO(files["art/ground.png"])).convert("RGBA"))
    assert (document["imagewidth"], document["imageheight"]) == (sheet.shape[1], sheet.shape[0])
    assert [terrain["name"] for terrain in document["terrains"]] == ["water", "sand", "grass"]
    assert document["terrains"][0]["color"] == "#2060a0"
    tiles = {tile["id"]: tile for tile in document["tiles"]}
    for tile in asset.tiles:
        x, y = tile.id % document["columns"] * 16, tile.id // document["columns"] * 16
        assert (sheet[y : y + 16, x : x + 16] == tile.pixels).all()
    assert tiles[1]["corners"] == ["water", "water", "water", "sand"]
    assert tiles[0]["animation"] == [{"tileid": cell, "duration": 200} for cell in (0, 32, 64)]
    assert tiles[32]["animation_frame"] is True
    assert tiles[0]["collision"] == [[0, 0], [16, 0], [16, 16], [0, 16]]


def test_names_and_properties_of_blocks() -> None:
    document = json.loads(exported(samples.blocks())["art/blocks.json"])
    assert document["grid"] == {"width": 32, "height": 16}
    assert [(tile["name"], tile["properties"]) for tile in document["tiles"]] == [
        ("grass", {"solid": False}),
        ("stone", {"solid": True}),
        ("crate", {"solid": False}),
    ]


def test_a_map_refers_to_its_tileset_by_relative_path() -> None:
    asset = samples.tile_map()
    files = exported(asset, {"art/ground": Link("art/ground", "other")})
    assert list(files) == ["maps/town.png", "maps/town.json"]
    document = json.loads(files["maps/town.json"])
    assert document["tilesets"] == [{"source": "../art/ground.json"}]
    image = np.asarray(Image.open(io.BytesIO(files["maps/town.png"])).convert("RGBA"))
    assert (image == render_map(asset)).all()
    for layer, entry in zip(asset.layers, document["layers"], strict=True):
        assert entry["name"] == layer.name
        if isinstance(layer, TileLayer):
            assert entry["data"] == layer.cells.ravel().tolist()
        if isinstance(layer, ObjectLayer):
            assert [row["shape"] for row in entry["objects"]] == ["point", "rectangle", "polyline", "ellipse"]


def test_a_tileset_that_came_with_the_map_is_written_beside_it() -> None:
    files = exported(samples.tile_map())
    assert list(files) == [
        "maps/town_tiles.png",
        "maps/town_tiles.json",
        "maps/town.png",
        "maps/town.json",
    ]
    assert json.loads(files["maps/town.json"])["tilesets"] == [{"source": "town_tiles.json"}]


def test_a_track_is_wav_and_ogg_as_wanted() -> None:
    track = dataclasses.replace(samples.track(), ogg=b"OggS")
    assert list(exported(track)) == ["music/calm.ogg", "music/calm.wav"]
    assert list(exported(track, audio="ogg")) == ["music/calm.ogg"]
    assert list(exported(track, audio="wav")) == ["music/calm.wav"]
    assert list(exported(samples.track(), audio="ogg")) == ["music/calm.wav"]


@pytest.mark.parametrize("loop", [True, False])
def test_wav_holds_the_samples_and_the_loop(loop: bool) -> None:
    track = samples.track(loop=loop)
    data = encode_wav(track)
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 22050, 2)
        samples_read = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    assert (samples_read == track.samples).all()
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    assert (b"smpl" in data) is loop
    if loop:
        body = data[data.index(b"smpl") + 8 :]
        assert struct.unpack("<15I", body)[-6:] == (0, 0, 100, 2204, 0, 0)


def test_a_track_without_samples_is_refused() -> None:
    silent = dataclasses.replace(samples.track(), samples=np.zeros((0, 1), dtype=np.int16))
    with pytest.raises(ExportError, match="no samples"):
        encode_wav(silent)


def test_layers_say_how_they_look_and_image_layers_name_their_pictures() -> None:
    ground, _, things = samples.tile_map().layers
    layers = (
        ImageLayer("sky", samples.picture(8, 6, 1), (True, False), parallax=(0.5, 1.0)),
        dataclasses.replace(ground, tint=(255, 128, 0, 64), offset=(3.0, -1.5)),
        dataclasses.replace(things, opacity=0.5),
    )
    asset = dataclasses.replace(samples.tile_map(), layers=layers, parallax_origin=(4.0, 0.0))
    files = exported(asset)
    document = json.loads(files["maps/town.json"])
    sky, tiles, objects = document["layers"]
    assert (sky["type"], sky["image"], sky["repeatx"], sky["repeaty"]) == ("imagelayer", "town_image.png", True, False)
    assert (sky["parallaxx"], sky["parallaxy"], document["parallaxoriginx"]) == (0.5, 1.0, 4.0)
    picture = np.asarray(Image.open(io.BytesIO(files["maps/town_image.png"])).convert("RGBA"))
    assert np.array_equal(picture, samples.picture(8, 6, 1))
    assert (tiles["tintcolor"], tiles["offsetx"], tiles["offsety"]) == ("#40ff8000", 3.0, -1.5)
    assert "tintcolor" not in objects
    assert objects["opacity"] == 0.5


def test_further_collision_shapes_stand_beside_the_first() -> None:
    asset = samples.tileset()
    corner = ((0, 0), (4, 0), (0, 4))
    first = dataclasses.replace(asset.tiles[0], further_collision=(corner,))
    files = exported(dataclasses.replace(asset, tiles=(first, *asset.tiles[1:])))
    tile = json.loads(files["art/ground.json"])["tiles"][0]
    assert tile["collision"] == [[0, 0], [16, 0], [16, 16], [0, 16]]
    assert tile["further_collision"] == [[[0, 0], [4, 0], [0, 4]]]
