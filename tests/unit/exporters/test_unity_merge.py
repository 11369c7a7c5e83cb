"""What users and the editor write into our files stays, and what is ours comes back."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporters import samples
from exporters.base import ExportContext, ExportError, ExportOptions, Policy
from exporters.model.asset import AudioAsset
from exporters.unity.exporter import UnityExporter
from exporters.unity.texture_meta import known_sprites
from exporters.unity.yaml import read_tree
from tests.unit.exporters.unity_files import CORPUS, key_paths, load_meta, load_objects, profile
from tests.unit.exporters.unity_project import context, guids, written

META = "art/hero.png.meta"
CONTROLLER = "art/hero.controller"
USER_GUID = "00112233445566778899aabbccddeeff"


def exported(disk: dict[str, bytes], where: ExportContext | None = None) -> dict[str, bytes]:
    return written(disk, samples.character(), where or context("art/hero"))


def edited(disk: dict[str, bytes], path: str, *changes: tuple[str, str]) -> dict[str, bytes]:
    text = disk[path].decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return disk | {path: text.encode()}


def importer(disk: dict[str, bytes]) -> dict[str, Any]:
    found = load_meta(disk[META])["TextureImporter"]
    assert isinstance(found, dict)
    return found


@pytest.fixture
def disk() -> dict[str, bytes]:
    return exported({})


def test_an_existing_guid_wins_and_all_who_refer_follow(disk: dict[str, bytes]) -> None:
    own = guids(disk)["art/hero.png"]
    changed = exported(edited(disk, META, (own, USER_GUID)))
    assert guids(changed)["art/hero.png"] == USER_GUID
    text = changed["art/hero/hero_walk_south_east.anim"].decode() + changed["art/hero.prefab"].decode()
    assert USER_GUID in text
    assert own not in text
    clip = guids(changed)["art/hero/hero_walk_south_east.anim"]
    moved = exported(edited(changed, "art/hero/hero_walk_south_east.anim.meta", (clip, "f" * 32)))
    assert "f" * 32 in moved[CONTROLLER].decode()


def test_settings_of_users_survive_while_slices_follow_the_art(disk: dict[str, bytes]) -> None:
    by_user = edited(
        disk,
        META,
        ("filterMode: 0", "filterMode: 1"),
        ("spritePixelsToUnits: 16", "spritePixelsToUnits: 32"),
        ("border: {x: 0, y: 0, z: 0, w: 0}", "border: {x: 2, y: 2, z: 2, w: 2}"),
        ("physicsShape: []", "physicsShape:\n      - - {x: -1, y: 1}\n        - {x: 1, y: 1}\n        - {x: 1, y: -1}"),
        ("assetBundleName: ", "assetBundleName: heroes"),
        ("TextureImporter:", "labels:\n- Hero\nTextureImporter:"),
    )
    moved = exported(by_user, context("art/hero", pixels_per_unit=24))
    again = exported(dict(moved), dataclasses.replace(context("art/hero"), options=ExportOptions(padding=4)))
    for now in (moved, again):
        found = importer(now)
        assert found["textureSettings"]["filterMode"] == "1"
        assert found["spritePixelsToUnits"] == "32"
        assert found["assetBundleName"] == "heroes"
        assert load_meta(now[META])["labels"] == ["Hero"]
        first = found["spriteSheet"]["sprites"][0]
        assert first["border"] == {"x": "2", "y": "2", "z": "2", "w": "2"}
        assert len(first["physicsShape"][0]) == 3
    rects = [one["rect"] for one in importer(again)["spriteSheet"]["sprites"]]
    assert rects != [one["rect"] for one in importer(moved)["spriteSheet"]["sprites"]]


def test_units_follow_the_spec_until_a_user_sets_them(disk: dict[str, bytes]) -> None:
    assert importer(exported(disk, context("art/hero", pixels_per_unit=32)))["spritePixelsToUnits"] == "32"
    note = importer(disk)["userData"]
    without = edited(disk, META, (f"userData: {note}", "userData: mine"))
    now = importer(exported(without, context("art/hero", pixels_per_unit=32)))
    assert (now["spritePixelsToUnits"], now["userData"]) == ("16", "mine")


def test_what_the_editor_made_for_a_picture_without_a_meta_gives_its_guid_only(disk: dict[str, bytes]) -> None:
    text = (CORPUS / "sheet_2022.2_sv12_a.png.meta").read_text().replace("filterMode: 0", "filterMode: 1")
    guid = load_meta(text.encode())["guid"]
    now = exported(disk | {META: text.encode()})
    assert guids(now)["art/hero.png"] == guid
    assert importer(now)["textureSettings"]["filterMode"] == "0"
    assert importer(now)["spriteSheet"]["sprites"] == importer(disk)["spriteSheet"]["sprites"]


def test_force_takes_settings_back_but_never_an_id(disk: dict[str, bytes]) -> None:
    own = guids(disk)["art/hero.png"]
    by_user = edited(disk, META, (own, USER_GUID), ("filterMode: 0", "filterMode: 1"))
    first = importer(by_user)["spriteSheet"]["sprites"][0]
    by_user = edited(by_user, META, (f"      spriteID: {first['spriteID']}", f"      spriteID: {'a' * 32}"))
    by_user = {**by_user, META: by_user[META].replace(first["internalID"].encode(), b"4711")}
    where = dataclasses.replace(context("art/hero"), before=by_user.get)
    files = {file.path: file.data for file in UnityExporter().export(samples.character(), where)}
    forced = importer(files)
    assert forced["textureSettings"]["filterMode"] == "0"
    kept = forced["spriteSheet"]["sprites"][0]
    assert (kept["name"], kept["spriteID"], kept["internalID"]) == (first["name"], "a" * 32, "4711")
    assert guids(files)["art/hero.png"] == USER_GUID


def test_a_sprite_that_a_user_cut_out_stays_while_it_lies_inside(disk: dict[str, bytes]) -> None:
    sprites = importer(disk)["spriteSheet"]["sprites"]
    own, rest = sprites[0], disk[META].decode().split("    sprites:\n")[1]
    block = rest.split("    - serializedVersion: 2\n")[1]
    mine = re.sub(r"(?m)^      name: .*$", "      name: MyHat", block).replace(own["spriteID"], "b" * 32)
    mine = mine.replace(own["internalID"], "99")
    by_user = edited(disk, META, ("    sprites:\n", f"    sprites:\n    - serializedVersion: 2\n{mine}"))
    now = importer(exported(by_user))["spriteSheet"]
    assert [one["name"] for one in now["sprites"]] == [*(one["name"] for one in sprites), "MyHat"]
    assert now["nameFileIdTable"]["MyHat"] == "99"
    outside = edited(by_user, META, (mine, re.sub(r"width: \d+", "width: 5000", mine)))
    gone = importer(exported(outside))["spriteSheet"]
    assert "MyHat" not in [one["name"] for one in gone["sprites"]]
    assert gone["nameFileIdTable"]["MyHat"] == "99"


def test_a_sprite_without_a_place_is_left_out(disk: dict[str, bytes]) -> None:
    first = importer(disk)["spriteSheet"]["sprites"][0]
    by_user = edited(disk, META, (f"name: {first['name']}", "name: Odd"), (first["spriteID"], "b" * 32))
    by_user = edited(by_user, META, (f"internalID: {first['internalID']}", "internalID: none"), ("width: ", "width: w"))
    assert UnityExporter().owned_hash(META, by_user[META])
    now = importer(exported(by_user))["spriteSheet"]["sprites"]
    assert "Odd" not in {one["name"] for one in now}


def test_a_sprite_renamed_in_the_editor_gets_its_name_back_and_keeps_its_id(disk: dict[str, bytes]) -> None:
    first = importer(disk)["spriteSheet"]["sprites"][0]
    by_user = {**disk, META: disk[META].replace(b" hero_idle_south_east_0", b" Standing")}
    back = importer(exported(by_user))["spriteSheet"]
    assert back["sprites"][0] == first
    assert "Standing" not in back["nameFileIdTable"]


def test_limits_of_platforms_never_fall_below_the_sheet() -> None:
    where = dataclasses.replace(context("art/wide"), options=ExportOptions(max_sheet=8192))
    asset = dataclasses.replace(samples.items("art/wide"), columns=200)
    disk = written({}, asset, where)
    assert load_meta(disk["art/wide.png.meta"])["TextureImporter"]["maxTextureSize"] == "4096"
    android = "  - serializedVersion: 3\n    buildTarget: Android\n    maxTextureSize: 256\n    overridden: 1\n"
    by_user = edited(disk, "art/wide.png.meta", ("  spriteSheet:\n", f"{android}  spriteSheet:\n"))
    now = load_meta(written(by_user, asset, where)["art/wide.png.meta"])["TextureImporter"]
    assert [one["maxTextureSize"] for one in now["platformSettings"]] == ["4096", "4096"]


def test_the_form_of_an_older_editor_is_brought_up_and_that_of_a_newer_one_left(disk: dict[str, bytes]) -> None:
    old = exported({}, context("art/hero", "2021.3"))
    now = importer(exported(old))
    required, optional = profile("TextureImporter sv13/platform4 +nameFileIdTable +swizzle")
    paths = key_paths(now)
    missing = {path for path in required if path not in paths}
    assert missing <= {".platformSettings[].ignorePlatformSupport"}
    assert not [path for path in paths if path not in required and path not in optional]
    assert now["spriteSheet"]["sprites"][0]["spriteID"] == importer(old)["spriteSheet"]["sprites"][0]["spriteID"]
    assert key_paths(importer(exported(disk, context("art/hero", "2021.3")))) == key_paths(importer(disk))


def test_two_editors_forms_of_one_real_sheet_are_read_alike() -> None:
    old, new = (
        known_sprites(read_tree((CORPUS / name).read_bytes()))
        for name in ("sheet_2021.1_sv11.png.meta", "sheet_6000.3_sv13_legacyids.png.meta")
    )
    assert old.ids == new.ids
    assert old.nodes.keys() == new.nodes.keys()
    assert len(old.nodes) > 3


def test_ids_of_older_editors_are_kept() -> None:
    name = "sheet_2021.1_sv11.png.meta"
    before = known_sprites(read_tree((CORPUS / name).read_bytes()))
    text = (CORPUS / name).read_text()
    for number, sprite in enumerate(sorted(before.nodes)[:4]):
        text = re.sub(rf"\b{re.escape(sprite)}$", f"hero_walk_south_east_{number}", text, flags=re.MULTILINE)
    now = importer(exported({META: text.encode()}))["spriteSheet"]
    kept = {one["name"]: int(one["internalID"]) for one in now["sprites"]}
    assert [kept[f"hero_walk_south_east_{n}"] for n in range(4)] == [before.ids[s] for s in sorted(before.nodes)[:4]]
    assert now["nameFileIdTable"].keys() >= kept.keys()


def test_a_controller_is_the_users_from_the_first_edit_on(disk: dict[str, bytes]) -> None:
    by_user = edited(disk, CONTROLLER, ("m_DefaultFloat: -1", "m_DefaultFloat: 1"))
    for where in (
        context("art/hero"),
        dataclasses.replace(context("art/hero"), options=ExportOptions(direction_names="screen")),
    ):
        now = exported(by_user, where)
        assert now[CONTROLLER] == by_user[CONTROLLER]
        assert exported(now, where)[CONTROLLER] == by_user[CONTROLLER]
    forced = dataclasses.replace(context("art/hero"), before=by_user.get)
    files = {file.path: file.data for file in UnityExporter().export(samples.character(), forced)}
    assert files[CONTROLLER] == by_user[CONTROLLER]
    del by_user[CONTROLLER]
    assert exported(by_user)[CONTROLLER] == disk[CONTROLLER]


def test_an_untouched_controller_follows_the_art(disk: dict[str, bytes]) -> None:
    fewer = dataclasses.replace(samples.character(), animations=samples.character().animations[:2])
    now = written(disk, fewer, context("art/hero"))
    states = {one.fields["m_Name"] for one in load_objects(now[CONTROLLER]) if one.type == "AnimatorState"}
    assert states == {"Idle", "Walk"}
    windows = disk | {CONTROLLER: disk[CONTROLLER].replace(b"\n", b"\r\n")}
    assert written(windows, fewer, context("art/hero"))[CONTROLLER] == now[CONTROLLER]


def test_an_edited_controller_moves_with_its_asset(disk: dict[str, bytes]) -> None:
    by_user = edited(disk, CONTROLLER, ("m_DefaultFloat: -1", "m_DefaultFloat: 1"))
    guid = guids(disk)[CONTROLLER]
    where = dataclasses.replace(context("art/knight"), identity=context("art/hero").identity, previous_stem="art/hero")
    now = written(by_user, samples.character("art/knight"), where)
    assert now["art/knight.controller"] == by_user[CONTROLLER].replace(b"m_Name: hero", b"m_Name: knight")
    assert guids(now)["art/knight.controller"] == guid
    assert not [path for path in now if "hero" in path]


def test_an_edit_of_what_users_may_edit_is_no_drift(disk: dict[str, bytes]) -> None:
    files = {file.path: file for file in UnityExporter().export(samples.character(), context("art/hero"))}
    exporter = UnityExporter()
    kept = {CONTROLLER, "art/hero.prefab"}
    assert {path for path, file in files.items() if file.policy is Policy.MERGE and "meta" not in path} == kept
    for path in kept:
        assert exporter.owned_hash(path, disk[path] + b"  mine: 1\n") == files[path].owned
    assert files["art/hero/hero_walk_south_east.anim"].policy is Policy.OWN
    ours = files[META].owned
    assert exporter.owned_hash(META, edited(disk, META, ("filterMode: 0", "filterMode: 1"))[META]) == ours
    first = importer(disk)["spriteSheet"]["sprites"][0]
    reformatted = re.sub(rb"(?m)^(        x: \d+)$", rb"\1.0", disk[META])
    assert exporter.owned_hash(META, reformatted) == ours
    for old, new in (
        (f"spriteID: {first['spriteID']}", f"spriteID: {'c' * 32}"),
        ("width: ", "width: 1"),
        ("guid: ", "guid: 0"),
        ("textureType: 8", "textureType: 0"),
    ):
        assert exporter.owned_hash(META, edited(disk, META, (old, new))[META]) != ours, old


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_damage_to_a_meta_is_more_than_an_error(data: st.DataObject) -> None:
    disk = exported({})
    lines = disk[META].decode().split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "double", "cut", "junk", "deeper"])):
            case "drop":
                lines[at : at + data.draw(st.integers(1, 30))] = []
            case "double":
                lines.insert(at, lines[at])
            case "cut":
                lines[at] = lines[at].split(":")[0]
            case "junk":
                lines[at] = lines[at].split(":")[0] + ": " + data.draw(st.text(max_size=5))
            case _:
                lines[at] = "  " + lines[at]
        if not lines:
            break
    damaged = disk | {META: "\n".join(lines).encode("utf-8", "replace")}
    UnityExporter().owned_hash(META, damaged[META])
    with contextlib.suppress(ExportError):
        now = exported(damaged)
        assert exported(now) == now
        settings_now = read_tree(now[META])["TextureImporter"]
        assert isinstance(settings_now, dict)
        assert settings_now["spriteMode"] == "2"


@pytest.mark.parametrize(
    "text",
    ["", "guid: 12\n", "fileFormatVersion: 2\nguid: zz\n", "a: 1\na: 2\n", "just words", "- 1\n- 2\n", "a:\n   b"],
)
def test_a_meta_that_nobody_can_read_is_an_error_with_a_way_out(text: str, disk: dict[str, bytes]) -> None:
    with pytest.raises(ExportError) as caught:
        exported(disk | {META: text.encode()})
    assert META in caught.value.message
    assert "delete" in caught.value.hint


def test_sharing_a_controller_that_is_not_there_says_so() -> None:
    with pytest.raises(ExportError) as caught:
        exported({}, context("art/hero", controller="asset:art/nobody"))
    assert "art/nobody" in caught.value.message


@pytest.mark.parametrize("version", ["2020.3.1f1", "2021.1", "5.6", "newest"])
def test_editors_without_lasting_ids_are_refused(version: str) -> None:
    with pytest.raises(ExportError) as caught:
        exported({}, context("art/hero", version))
    assert "version" in caught.value.hint


def test_music_is_ogg_where_that_is_wanted_and_long_music_streams() -> None:
    track = dataclasses.replace(samples.track(), ogg=b"OggS")
    paths = written({}, track, context("music/calm", audio="ogg")).keys()
    assert set(paths) == {"music/calm.ogg", "music/calm.ogg.meta"}
    long = AudioAsset("music/calm", samples.track().samples.repeat(150, axis=0), 22050)
    body = load_meta(written({}, long, context("music/calm"))["music/calm.wav.meta"])["AudioImporter"]
    assert body["defaultSettings"]["loadType"] == "2"


def test_without_the_package_tiles_are_plain() -> None:
    asset = samples.tileset(animated=3)
    disk = written({}, asset, context("art/ground", rule_tiles=False))
    assert not [path for path in disk if "rule" in path]
    scripts = {
        load_objects(data)[0].fields["m_Script"]["fileID"] for path, data in disk.items() if path.endswith("asset")
    }
    assert scripts == {"13312"}
