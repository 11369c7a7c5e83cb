from __future__ import annotations

import base64
import dataclasses
import math
import struct

import numpy as np
import pytest

from exporters import samples
from exporters.base import ExportContext, ExportOptions, Link, OutputFile, Policy
from exporters.godot.exporter import GodotExporter
from exporters.godot.map_objects import unique_name
from exporters.godot.tile_map import cell_bytes, packed_bytes
from exporters.godot.tres import TresDocument, parse_tres
from exporters.godot.uid import uid_for
from exporters.model.asset import FLIP_D, FLIP_H, FLIP_V, Asset, ImageLayer, MapObject, ObjectLayer, TileLayer

LINKS = {"art/ground": Link("art/ground", "0123abcd:ground")}


def exported(
    asset: Asset, present: dict[str, bytes] | None = None, links: dict[str, Link] | None = None
) -> list[OutputFile]:
    context = ExportContext(
        asset.id,
        "gen",
        "0123abcd:map",
        ExportOptions(),
        read=(present or {}).get,
        links=LINKS if links is None else links,
    )
    return GodotExporter().export(asset, context)


def scene(asset: Asset, present: dict[str, bytes] | None = None) -> TresDocument:
    return parse_tres(exported(asset, present)[-1].data, "map.tscn")


def test_cells_with_flips() -> None:
    cells = np.array([[0, 11 | FLIP_H], [1 | FLIP_V | FLIP_D, 0]], dtype=np.uint32)
    data = cell_bytes(TileLayer("a", cells), samples.tileset())
    assert struct.unpack("<H2h4H2h4H", data) == (0, 1, 0, 0, 2, 1, 0x1000, 0, 1, 0, 0, 0, 0x6000)


@pytest.mark.parametrize("length", [0, 64, 65])
def test_long_arrays_are_base64(length: int) -> None:
    data = bytes(range(length))
    text = packed_bytes(data)
    if length <= 64:
        assert text == f"PackedByteArray({', '.join(map(str, data))})"
    else:
        assert base64.b64decode(text.split('"')[1]) == data


def test_layers_name_the_tileset_by_uid_and_path() -> None:
    document = scene(samples.tile_map())
    reference = document.of_kind("ext_resource")[0].attributes
    assert reference["uid"] == f'"{uid_for("0123abcd:ground", "tileset")}"'
    assert reference["path"] == '"res://gen/art/ground.tres"'
    nodes = {node.attributes["name"]: node for node in document.of_kind("node")}
    assert nodes['"town"'].properties == {"texture_filter": "1"}
    assert nodes['"top"'].properties["modulate"] == "Color(1, 1, 1, 0.5)"
    assert document.header.attributes["format"] == "4"


def test_the_present_uid_of_the_tileset_wins() -> None:
    present = {"art/ground.tres": b'[gd_resource type="TileSet" format=3 uid="uid://bseen"]\n'}
    assert scene(samples.tile_map(), present).of_kind("ext_resource")[0].attributes["uid"] == '"uid://bseen"'


def test_a_tileset_that_came_with_the_map_is_written_beside_it() -> None:
    files = exported(samples.tile_map(), links={})
    assert [file.path for file in files] == [
        "maps/town_tiles.png",
        "maps/town_tiles.png.import",
        "maps/town_tiles.tres",
        "maps/town.tscn",
    ]
    assert files[-1].policy is Policy.OWN
    tileset = parse_tres(files[2].data, "t").uid
    assert tileset is not None
    assert tileset.encode() in files[-1].data


def test_objects_become_nodes() -> None:
    nodes = {n.attributes["name"].strip('"'): n for n in scene(samples.tile_map()).of_kind("node")}
    assert {name: nodes[name].attributes["type"] for name in ("start", "zone", "road", "pond")} == {
        "start": '"Marker2D"',
        "zone": '"Area2D"',
        "road": '"Path2D"',
        "pond": '"Area2D"',
    }
    assert nodes["start"].properties == {"position": "Vector2(24, 40)", "metadata/kind": '"spawn"'}
    assert nodes["zone"].properties["metadata/level"] == "3"
    assert nodes["start"].attributes["parent"] == '"things"'


def test_isometric_objects_lie_on_the_screen() -> None:
    tiles = samples.tileset(isometric=True, size=(32, 16))
    thing = MapObject(1, "a", x=16.0, y=0.0, shape="point")
    asset = samples.tile_map(tiles=tiles)
    asset = dataclasses.replace(asset, layers=(ObjectLayer("things", (thing,)),))
    # One cell to the right along the diamond's edge, from the top corner of the first cell at x = 16.
    assert scene(asset).of_kind("node")[-1].properties["position"] == "Vector2(32, 8)"


def test_rotation_names_and_hidden_layers() -> None:
    things = (
        MapObject(1, "a/b", width=4, height=4, rotation=90.0),
        MapObject(2, "a:b", gid=7, x=1.0),
        MapObject(3, properties=(("walk speed", 2.5),)),
    )
    asset = dataclasses.replace(samples.tile_map(), layers=(ObjectLayer("x", things, visible=False),))
    nodes = {n.attributes["name"].strip('"'): n for n in scene(asset).of_kind("node")}
    assert nodes["x"].properties == {"visible": "false"}
    assert float(nodes["a_b"].properties["rotation"]) == pytest.approx(math.pi / 2, abs=1e-6)
    assert nodes["a_b2"].properties["metadata/gid"] == "7"
    assert nodes["object_3"].properties["metadata/walk_speed"] == "2.5"


def test_names_that_godot_refuses() -> None:
    taken: set[str] = set()
    assert [unique_name(name, taken) for name in ("a.b", "a_b", "", " ", 'x"%@')] == [
        "a_b",
        "a_b2",
        "node",
        "node2",
        "x___",
    ]


def test_audio_and_its_import_files() -> None:
    track = samples.track()
    wav = exported(track)
    assert [file.path for file in wav] == ["music/calm.wav", "music/calm.wav.import"]
    assert b'importer="wav"' in wav[1].data
    ogg = exported(dataclasses.replace(track, ogg=b"OggS"))
    assert [file.path for file in ogg] == ["music/calm.ogg", "music/calm.ogg.import"]
    assert b"loop=true\nloop_offset=0.0045351" in ogg[1].data
    assert all(file.policy is Policy.CREATE for file in (wav[1], ogg[1]))


def test_layers_look_and_lie_as_they_are_to() -> None:
    ground, top, things = samples.tile_map().layers
    picture = ImageLayer("sky", samples.picture(8, 6, 1), offset=(4.0, -2.5), parallax=(0.5, 1.0), repeat=(True, False))
    layers = (
        picture,
        dataclasses.replace(ground, tint=(255, 128, 0, 102), opacity=0.5, offset=(3.0, 0.0)),
        top,
        dataclasses.replace(things, tint=(0, 0, 255, 255), offset=(0.0, 8.0)),
        ImageLayer("sun", samples.picture(3, 3, 2)),
    )
    asset = dataclasses.replace(samples.tile_map(), layers=layers)
    nodes = {node.attributes["name"].strip('"'): node for node in scene(asset).of_kind("node")}
    assert nodes["sky"].attributes["type"] == '"Sprite2D"'
    assert nodes["sky"].properties == {
        "position": "Vector2(4, -2.5)",
        "texture": 'ExtResource("1_image")',
        "centered": "false",
    }
    assert nodes["sun"].properties == {"texture": 'ExtResource("2_image")', "centered": "false"}
    assert nodes["ground"].properties["modulate"] == "Color(1, 0.502, 0, 0.2)"
    assert nodes["ground"].properties["position"] == "Vector2(3, 0)"
    assert nodes["things"].properties == {"modulate": "Color(0, 0, 1, 1)", "position": "Vector2(0, 8)"}
    paths = [file.path for file in exported(asset)]
    assert paths[:4] == [
        "maps/town_image.png",
        "maps/town_image.png.import",
        "maps/town_image_2.png",
        "maps/town_image_2.png.import",
    ]
    assert GodotExporter().losses(asset) == ["layer sky: its parallax", "layer sky: the repetition of its picture"]
    assert GodotExporter().losses(samples.tile_map()) == []


def test_pictures_of_isometric_maps_count_from_the_left_of_the_map() -> None:
    asset = samples.tile_map(tiles=samples.tileset(isometric=True, size=(32, 16)))
    asset = dataclasses.replace(asset, layers=(ImageLayer("sky", samples.picture(8, 6, 1), offset=(80.0, 4.0)),))
    assert asset.size[1] == 5
    assert scene(asset).of_kind("node")[-1].properties["position"] == "Vector2(16, 4)"
