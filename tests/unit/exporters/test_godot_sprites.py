from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from exporters import samples
from exporters.base import ExportContext, ExportError, ExportOptions, OutputFile, Policy
from exporters.godot.exporter import GodotExporter
from exporters.model.asset import Animation, Asset, Frame, SpriteAsset

EXPORTER = GodotExporter()
GOLDEN = """\
[gd_resource type="SpriteFrames" format=3 uid="uid://dtpvpiplkebi1"]

[ext_resource type="Texture2D" uid="uid://djf5t3c0tltcx" path="res://art/generated/art/coin.png" id="1_sheet"]

[sub_resource type="AtlasTexture" id="AtlasTexture_land_0"]
atlas = ExtResource("1_sheet")
region = Rect2(0, 0, 4, 4)

[sub_resource type="AtlasTexture" id="AtlasTexture_spin_1"]
atlas = ExtResource("1_sheet")
region = Rect2(5, 0, 2, 3)
margin = Rect2(1, 0, 2, 1)

[resource]
animations = [{
"frames": [{
"duration": 1.0,
"texture": SubResource("AtlasTexture_land_0")
}],
"loop": false,
"name": &"land",
"speed": 4.0
}, {
"frames": [{
"duration": 2.0,
"texture": SubResource("AtlasTexture_land_0")
}, {
"duration": 3.0,
"texture": SubResource("AtlasTexture_spin_1")
}],
"loop": true,
"name": &"spin",
"speed": 20.0
}]
metadata/assetbridge_animations = PackedStringArray("land", "spin")
"""
USER_ANIMATION = """\
animations = [{
"frames": [{
"duration": 1.0,
"texture": SubResource("AtlasTexture_mine")
}, {
"duration": 1.0,
"texture": SubResource("AtlasTexture_spin_1")
}],
"loop": true,
"name": &"custom",
"speed": 5.0
}, {"""


def coin() -> SpriteAsset:
    full = np.full((4, 4, 4), 200, dtype=np.uint8)
    part = np.zeros((4, 4, 4), dtype=np.uint8)
    part[:3, 1:3] = 90
    spin = Animation("spin", (Frame(full, 100), Frame(part, 150)))
    return SpriteAsset("art/coin", "animation", (spin, Animation("land", (Frame(full, 250),), loop=False)))


def exported(
    asset: Asset, present: Mapping[str, bytes] | None = None, stem: str | None = None, **engine: Any
) -> dict[str, OutputFile]:
    context = ExportContext(
        stem or asset.id,
        "art/generated",
        "0123abcd:coin",
        ExportOptions(engine=engine),
        read=dict(present or {}).get,
        previous_stem=asset.id,
    )
    return {file.path: file for file in EXPORTER.export(asset, context)}


def with_user_animation(text: bytes) -> bytes:
    own = (
        '[ext_resource type="Texture2D" uid="uid://bmine" path="res://mine.png" id="7_own"]\n\n'
        '[sub_resource type="AtlasTexture" id="AtlasTexture_mine"]\natlas = ExtResource("7_own")\n'
        "region = Rect2(0, 0, 8, 8)\n\n"
        '[sub_resource type="AtlasTexture" id="AtlasTexture_land_0"]'
    )
    head = text.decode().replace('\n[sub_resource type="AtlasTexture" id="AtlasTexture_land_0"]', own, 1)
    return head.replace("animations = [{", USER_ANIMATION, 1).encode()


def test_the_text_is_that_of_godot() -> None:
    assert exported(coin())["art/coin.tres"].data.decode() == GOLDEN


def test_files_and_their_policies() -> None:
    files = exported(coin(), scene=True)
    assert {path: file.policy for path, file in files.items()} == {
        "art/coin.png": Policy.OWN,
        "art/coin.png.import": Policy.CREATE,
        "art/coin.tres": Policy.MERGE,
        "art/coin.tscn": Policy.MERGE,
    }


@pytest.mark.parametrize("durations", [(100,), (33, 67), (1, 5000), (80, 80, 120), (7, 7)])
def test_times_are_exact(durations: tuple[int, ...]) -> None:
    frames = tuple(Frame(samples.picture(4, 4, 1), ms) for ms in durations)
    asset = SpriteAsset("art/x", "animation", (Animation("a", frames),))
    text = exported(asset)["art/x.tres"].data.decode()
    speed = float(text.split('"speed": ')[1].split("\n")[0])
    parts = [float(part.split(",")[0]) for part in text.split('"duration": ')[1:]]
    assert [round(1000 * part / speed, 6) for part in parts] == list(durations)
    assert all(part.is_integer() for part in parts)


def test_several_pages() -> None:
    clip = Animation("spin", tuple(Frame(samples.picture(30, 30, seed)) for seed in range(6)))
    asset = SpriteAsset("art/big", "animation", (clip,))
    context = ExportContext("art/big", "", "id", ExportOptions(max_sheet=64))
    files = {file.path: file.data for file in EXPORTER.export(asset, context)}
    assert list(files) == [
        "art/big.png",
        "art/big.png.import",
        "art/big_2.png",
        "art/big_2.png.import",
        "art/big.tres",
    ]
    text = files["art/big.tres"].decode()
    assert 'path="res://art/big_2.png" id="2_sheet"' in text
    assert text.count('atlas = ExtResource("2_sheet")') == 2


def test_animations_of_the_user_stay_and_ours_go() -> None:
    first = exported(coin())["art/coin.tres"].data
    edited = with_user_animation(first)
    less = dataclasses.replace(coin(), animations=coin().animations[:1])
    text = exported(less, {"art/coin.tres": edited})["art/coin.tres"].data.decode()
    assert '&"custom"' in text
    assert '&"land"' not in text
    assert 'path="res://mine.png" id="7_own"' in text
    assert 'SubResource("AtlasTexture_mine")' in text
    assert text.endswith('metadata/assetbridge_animations = PackedStringArray("spin")\n')
    again = exported(less, {"art/coin.tres": text.encode()})["art/coin.tres"].data.decode()
    assert again == text


def test_additions_are_no_drift_but_edits_of_ours_are() -> None:
    first = exported(coin())["art/coin.tres"].data
    plain = EXPORTER.owned_hash("art/coin.tres", first)
    assert EXPORTER.owned_hash("art/coin.tres", with_user_animation(first)) == plain
    renamed = first.replace(b"AtlasTexture_land_0", b"AtlasTexture_x1y2z")
    assert EXPORTER.owned_hash("art/coin.tres", renamed) == plain
    stamped = first.replace(b"format=3", b"load_steps=4 format=3")
    assert EXPORTER.owned_hash("art/coin.tres", stamped) == plain
    for old, new in ((b'"speed": 4.0', b'"speed": 5.0'), (b'"loop": false', b'"loop": true'), (b"(5, 0", b"(6, 0")):
        assert EXPORTER.owned_hash("art/coin.tres", first.replace(old, new)) != plain


@pytest.mark.parametrize(
    "broken", [b"", b"\xff", b"<<<<<<< HEAD\n", b'[gd_resource type="SpriteFrames"]\nanimations = {}']
)
def test_an_unreadable_file_is_drift(broken: bytes) -> None:
    first = exported(coin())["art/coin.tres"].data
    assert EXPORTER.owned_hash("art/coin.tres", broken) != EXPORTER.owned_hash("art/coin.tres", first)


def test_the_present_uid_stays() -> None:
    first = exported(coin())["art/coin.tres"].data.replace(b"uid://dtpvpiplkebi1", b"uid://user1")
    assert b'uid="uid://user1"]' in exported(coin(), {"art/coin.tres": first})["art/coin.tres"].data


def test_a_rename_takes_uids_parameters_and_additions_along() -> None:
    before = exported(coin())
    imported = (
        b'[remap]\n\nimporter="texture"\ntype="CompressedTexture2D"\nuid="uid://bseen"\n'
        b'path="res://.godot/imported/x.ctex"\n\n[deps]\n\nsource_file="res://x.png"\n\n'
        b"[params]\n\ncompress/mode=2\nmipmaps/generate=true\n"
    )
    present = {
        "art/coin.tres": with_user_animation(before["art/coin.tres"].data),
        "art/coin.png.import": imported,
    }
    after = exported(coin(), present, stem="art/medal")
    sidecar = after["art/medal.png.import"].data.decode()
    assert 'uid="uid://bseen"' in sidecar
    assert "compress/mode=2\nmipmaps/generate=true" in sidecar
    assert "path=" not in sidecar
    text = after["art/medal.tres"].data.decode()
    assert 'uid="uid://bseen" path="res://art/generated/art/medal.png"' in text
    assert 'uid="uid://dtpvpiplkebi1"]' in text
    assert '&"custom"' in text


@pytest.mark.parametrize("animations", ["{}", "[1]", '[{"name": &"a"}]', "[{"])
def test_animations_that_cannot_be_read(animations: str) -> None:
    text = f'[gd_resource type="SpriteFrames" format=3]\n\n[resource]\nanimations = {animations}\n'
    with pytest.raises(ExportError, match="cannot be read") as caught:
        exported(coin(), {"art/coin.tres": text.encode()})
    assert "--force" in caught.value.hint


def test_the_scene_stands_on_its_pivot() -> None:
    text = exported(samples.character(), scene=True)["art/hero.tscn"].data.decode()
    assert 'type="AnimatedSprite2D"' in text
    assert "offset = Vector2(0, -16)" in text
    assert 'autoplay = "idle_south_east"' in text
    assert "texture_filter = 1" in text
    centered = dataclasses.replace(samples.character(), pivot=(0.5, 0.5))
    assert "offset" not in exported(centered, scene=True)["art/hero.tscn"].data.decode()


def test_a_scene_keeps_what_the_user_made_of_it() -> None:
    first = exported(coin(), scene=True)["art/coin.tscn"].data.decode()
    edited = first.replace("texture_filter = 1", "texture_filter = 2\nposition = Vector2(9, 9)")
    edited += '\n[node name="Hat" type="Node2D" parent="."]\n'
    moved = dataclasses.replace(coin(), pivot=(0.5, 1.0))
    text = exported(moved, {"art/coin.tscn": edited.encode()}, scene=True)["art/coin.tscn"].data.decode()
    assert "texture_filter = 2\nposition = Vector2(9, 9)" in text
    assert '[node name="Hat"' in text
    assert "offset = Vector2(0, -2)" in text
    plain = EXPORTER.owned_hash("a.tscn", first.encode())
    assert EXPORTER.owned_hash("a.tscn", edited.encode()) == plain
    assert EXPORTER.owned_hash("a.tscn", text.encode()) != plain


def test_a_scene_without_the_sprite_is_left_alone() -> None:
    own = '[gd_scene format=3]\n\n[node name="Mine" type="Node2D"]\n'
    assert exported(coin(), {"art/coin.tscn": own.encode()}, scene=True)["art/coin.tscn"].data.decode() == own


def test_items_are_animations_and_icons() -> None:
    files = exported(samples.items())
    assert list(files) == [
        "art/icons.png",
        "art/icons.png.import",
        "art/icons/potion.tres",
        "art/icons/sword.tres",
        "art/icons/key.tres",
        "art/icons.tres",
    ]
    icon = files["art/icons/key.tres"].data.decode()
    assert "region = Rect2(16, 16, 16, 16)" in icon
    assert '&"potion"' in files["art/icons.tres"].data.decode()


def test_properties_added_to_an_icon_stay() -> None:
    files = exported(samples.items())
    path = "art/icons/key.tres"
    edited = files[path].data + b"filter_clip = true\n"
    assert exported(samples.items(), {path: edited})[path].data == edited
    assert EXPORTER.owned_hash(path, edited) == EXPORTER.owned_hash(path, files[path].data)


def test_tight_sheets_clip_their_regions() -> None:
    context = ExportContext("art/coin", "", "id", ExportOptions(padding=0))
    assert b"filter_clip = true" in EXPORTER.export(coin(), context)[-1].data
