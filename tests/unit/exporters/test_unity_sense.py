"""Do the files make sense to an editor: references, ids, places, times, counts?"""

from __future__ import annotations

import binascii
import dataclasses
import re
import struct
from collections import Counter
from typing import Any

import pytest

from exporters.unity.clips import frame_timing
from exporters.unity.controller import VECTORS
from exporters.unity.ids import internal_id
from tests.unit.exporters.unity_files import CORPUS, Document, load_meta, load_objects, references
from tests.unit.exporters.unity_project import VERSIONS, context, guids, walker, whole_project, written

BUILTIN = re.compile("0000000000000000[def]000000000000000")
PACKAGE_SCRIPTS = {"9d1514134bc4fbd41bb739b1b9a49231", "13b75c95f34a00d4e8c04f76b73312e6"}


def project(version: str = "6000.0") -> dict[str, bytes]:
    return whole_project(version)


def sprites(meta: dict[str, Any]) -> list[dict[str, Any]]:
    found = meta["TextureImporter"]["spriteSheet"]["sprites"]
    assert isinstance(found, list)
    return found


def sheets() -> dict[str, dict[str, Any]]:
    return {path: load_meta(data) for path, data in project().items() if path.endswith(".png.meta")}


def native_files(*suffixes: str) -> dict[str, list[Document]]:
    wanted = suffixes or (".anim", ".controller", ".overrideController", ".asset", ".prefab")
    return {path: load_objects(data) for path, data in project().items() if path.endswith(wanted)}


def numbers(text: dict[str, str], *keys: str) -> tuple[float, ...]:
    return tuple(float(text[key]) for key in keys)


def test_every_file_and_every_folder_of_an_asset_has_a_guid_of_its_own() -> None:
    found = guids(project())
    files = {path for path in project() if not path.endswith(".meta")}
    assert files <= found.keys()
    assert found.keys() - files == {"art/hero", "art/walker", "art/goblin", "art/ground", "art/iso", "art/blocks"} | {
        "maps/town_tiles"
    }
    assert max(Counter(found.values()).values()) == 1
    assert all(re.fullmatch("[0-9a-f]{32}", guid) and not BUILTIN.fullmatch(guid) for guid in found.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_every_reference_finds_its_object(version: str) -> None:
    by_guid = {guid: path for path, guid in guids(project(version)).items()}
    known = {path: anchors(path, project(version)) for path in by_guid.values()}
    count = 0
    for path, data in project(version).items():
        if path.endswith((".meta", ".png", ".wav")):
            continue
        own = known[path]
        for one in load_objects(data):
            for file_id, guid, kind in references(one.fields):
                count += 1
                if guid is None:
                    assert file_id == 0 or file_id in own, path
                elif not BUILTIN.fullmatch(guid) and guid not in PACKAGE_SCRIPTS:
                    assert file_id in known[by_guid[guid]], path
                    assert kind == (3 if by_guid[guid].endswith(".png") else 2)
    assert count > 1000


def anchors(path: str, disk: dict[str, bytes]) -> set[int]:
    if path.endswith(".png"):
        return {2800000} | {int(one["internalID"]) for one in sprites(load_meta(disk[f"{path}.meta"]))}
    if path.endswith(".wav") or path not in disk:
        return {8300000}
    return {one.anchor for one in load_objects(disk[path])}


def test_objects_have_ids_of_their_own_in_the_order_in_which_unity_saves_them() -> None:
    for path, found in native_files().items():
        ids = [one.anchor for one in found]
        assert ids == sorted(set(ids)), path


def test_the_main_object_is_the_one_that_the_meta_names() -> None:
    for path, found in native_files(".anim", ".controller", ".overrideController", ".asset").items():
        main = int(load_meta(project()[f"{path}.meta"])["NativeFormatImporter"]["mainObjectFileID"])
        (named,) = [one for one in found if one.anchor == main]
        assert named.fields["m_Name"] == path.rsplit("/", 1)[1].split(".")[0]


def test_sprite_ids_obey_unitys_relation_as_those_of_real_editors_do() -> None:
    assert internal_id("4b151d64dc186f44b91ae8e0c5fda30f") == -1958977238
    real = load_meta((CORPUS / "sheet_2022.2_sv12_a.png.meta").read_bytes())
    made = [one for one in sprites(real) if not one["spriteID"].endswith("0800000000000000")]
    assert sum(internal_id(one["spriteID"]) == int(one["internalID"]) for one in made) >= 1
    for path, meta in sheets().items():
        ours = sprites(meta)
        assert all(internal_id(one["spriteID"]) == int(one["internalID"]) for one in ours), path
        assert len({one["internalID"] for one in ours}) == len({one["name"] for one in ours}) == len(ours)


def test_both_tables_name_every_sprite() -> None:
    for meta in sheets().values():
        importer = meta["TextureImporter"]
        named = {one["name"]: one["internalID"] for one in sprites(meta)}
        table = importer["spriteSheet"]["nameFileIdTable"]
        assert table == named
        assert list(table) == sorted(table)
        assert {one["second"]: one["first"]["213"] for one in importer["internalIDToNameTable"]} == named


def test_sprites_lie_inside_the_picture_counted_from_the_bottom() -> None:
    for path, meta in sheets().items():
        width, height = struct.unpack(">II", project()[path.removesuffix(".meta")][16:24])
        importer = meta["TextureImporter"]
        assert int(importer["maxTextureSize"]) >= max(width, height)
        assert all(int(one["maxTextureSize"]) >= max(width, height) for one in importer["platformSettings"])
        for one in sprites(meta):
            x, y, wide, high = numbers(one["rect"], "x", "y", "width", "height")
            assert x >= 0
            assert y >= 0
            assert x + wide <= width
            assert y + high <= height
    icons = {one["name"]: numbers(one["rect"], "x", "y") for one in sprites(sheets()["art/icons.png.meta"])}
    # Two rows of cells of 18 pixels with their repeated edges; slot 3 is in the lower one.
    assert icons == {"icons_potion": (1, 19), "icons_sword": (19, 19), "icons_key": (19, 1)}


def test_pixel_art_stays_sharp_on_every_platform() -> None:
    for meta in sheets().values():
        importer = meta["TextureImporter"]
        assert importer["textureSettings"]["filterMode"] == "0"
        assert importer["mipmaps"]["enableMipMap"] == "0"
        assert [one["textureCompression"] for one in importer["platformSettings"]] == ["0"]
        assert (importer["nPOTScale"], importer["spriteMode"], importer["textureType"]) == ("0", "2", "8")
        assert importer["spritePixelsToUnits"] == "16"


def test_feet_stay_where_they_are_though_frames_are_trimmed() -> None:
    for one in sprites(sheets()["art/hero.png.meta"]):
        if one["name"] == "hero_idle_south_east_0":
            # The frame of 32 pixels is trimmed to columns 4..19 and rows 3..31: the feet are at column 16.
            assert numbers(one["rect"], "width", "height") == (16, 29)
            assert (one["alignment"], numbers(one["pivot"], "x", "y")) == ("9", (0.75, 0.0))
            return
    raise AssertionError("no such sprite")


def test_clips_end_one_step_after_their_last_key() -> None:
    for found in native_files(".anim").values():
        (clip,) = found
        (curve,) = clip.fields["m_PPtrCurves"]
        times = [float(key["time"]) for key in curve["curve"]]
        assert times == sorted(set(times))
        stop = float(clip.fields["m_AnimationClipSettings"]["m_StopTime"])
        assert stop == pytest.approx(times[-1] + 1 / float(clip.fields["m_SampleRate"]), abs=1e-6)
        mapping = clip.fields["m_ClipBindingConstant"]["pptrCurveMapping"]
        assert mapping == [key["value"] for key in curve["curve"]]
        (binding,) = clip.fields["m_ClipBindingConstant"]["genericBindings"]
        assert int(binding["path"]) == binascii.crc32(curve["path"].encode())


def test_the_clip_rule_holds_for_real_clips() -> None:
    for name in ("clip_2022.2.anim", "clip_6000.0.anim"):
        (clip,) = load_objects((CORPUS / name).read_bytes())
        last = float(clip.fields["m_PPtrCurves"][0]["curve"][-1]["time"])
        stop = float(clip.fields["m_AnimationClipSettings"]["m_StopTime"])
        assert stop == pytest.approx(last + 1 / float(clip.fields["m_SampleRate"]), abs=1e-6)


@pytest.mark.parametrize(
    ("durations", "rate", "times"),
    [
        ([100, 100, 100], 10, [0, 100, 200]),
        ([83, 83], 1000 / 83, [0, 83]),
        ([400], 2.5, [0]),
        ([80, 60, 120], 100, [0, 80, 140, 250]),
        ([100, 10], 100, [0, 100]),
        ([50, 4], 1000, [0, 50, 53]),
    ],
)
def test_times_are_those_of_the_frames(durations: list[int], rate: float, times: list[float]) -> None:
    made = frame_timing([(f"sprite {number}", duration) for number, duration in enumerate(durations)])
    assert made.rate == rate
    assert [key.time_ms for key in made.keys] == times
    assert made.stop_ms == sum(durations)
    assert made.keys[-1].sprite == f"sprite {len(durations) - 1}"


def test_loops_loop_and_swings_do_not() -> None:
    for path, (clip,) in native_files(".anim").items():
        loops = clip.fields["m_AnimationClipSettings"]["m_LoopTime"] == "1"
        assert loops == ("swing" not in path and "attack" not in path), path


def machine() -> tuple[dict[str, Document], dict[int, Document]]:
    found = native_files("walker.controller")["art/walker.controller"]
    states = {one.fields["m_Name"]: one for one in found if one.type == "AnimatorState"}
    return states, {one.anchor: one for one in found}


def test_a_character_gets_a_state_for_each_action_and_what_drives_them() -> None:
    states, by_id = machine()
    assert states.keys() == {"Idle", "Walk", "Swing"}
    parameters = by_id[9100000].fields["m_AnimatorParameters"]
    assert [(one["m_Name"], one["m_Type"]) for one in parameters] == [
        ("X", "1"),
        ("Y", "1"),
        ("IsMoving", "4"),
        ("Swing", "9"),
    ]
    assert parameters[1]["m_DefaultFloat"] == "-1"
    (graph,) = [one for one in by_id.values() if one.type == "AnimatorStateMachine"]
    assert int(graph.fields["m_DefaultState"]["fileID"]) == states["Idle"].anchor
    (swing,) = graph.fields["m_AnyStateTransitions"]
    assert way(by_id, swing) == ("Swing", [("1", "Swing")], "0")
    (walk,) = states["Idle"].fields["m_Transitions"]
    assert way(by_id, walk) == ("Walk", [("1", "IsMoving")], "0")
    (rest,) = states["Walk"].fields["m_Transitions"]
    assert way(by_id, rest) == ("Idle", [("2", "IsMoving")], "0")
    on, back = states["Swing"].fields["m_Transitions"]
    assert way(by_id, on) == ("Walk", [("1", "IsMoving")], "1")
    assert way(by_id, back) == ("Idle", [], "1")


def test_further_loops_begin_and_end_on_the_ground() -> None:
    fly = dataclasses.replace(walker().animations[0], name="glide")
    asset = dataclasses.replace(walker(), animations=(*walker().animations, fly))
    found = load_objects(written({}, asset, context(asset.id))["art/walker.controller"])
    by_id = {one.anchor: one for one in found}
    states = {one.fields["m_Name"]: one.fields for one in found if one.type == "AnimatorState"}
    ways = {name: [way(by_id, one) for one in fields["m_Transitions"]] for name, fields in states.items()}
    begin = ("Glide", [("1", "Glide")], "0")
    assert begin in ways["Idle"]
    assert begin in ways["Walk"]
    assert begin not in ways["Swing"]
    assert ways["Glide"] == [("Idle", [("2", "Glide")], "0")]


def test_a_single_swing_makes_a_controller_of_one_state() -> None:
    asset = dataclasses.replace(walker(), animations=walker().animations[-1:])
    found = load_objects(written({}, asset, context(asset.id))["art/walker.controller"])
    assert [one.fields["m_Name"] for one in found if one.type == "AnimatorState"] == ["Swing"]
    assert "BlendTree" not in {one.type for one in found}


def way(by_id: dict[int, Document], reference: dict[str, str]) -> tuple[str, list[tuple[str, str]], str]:
    fields = by_id[int(reference["fileID"])].fields
    target = by_id[int(fields["m_DstState"]["fileID"])].fields["m_Name"]
    conditions = [(one["m_ConditionMode"], one["m_ConditionEvent"]) for one in fields["m_Conditions"]]
    assert (fields["m_TransitionDuration"], fields["m_TransitionOffset"]) == ("0", "0")
    return target, conditions, fields["m_HasExitTime"]


def test_trees_show_the_clip_of_each_direction_and_the_nearest_where_there_is_none() -> None:
    states, by_id = machine()
    paths = {guid: path for path, guid in guids(project()).items()}
    for title, four in (("Walk", False), ("Swing", True)):
        tree = by_id[int(states[title].fields["m_Motion"]["fileID"])]
        assert tree.fields["m_BlendType"] == "1"
        shown = {}
        for child in tree.fields["m_Childs"]:
            (direction,) = [name for name, vector in VECTORS.items() if close(child["m_Position"], vector)]
            shown[direction] = paths[child["m_Motion"]["guid"]].removeprefix(f"art/walker/walker_{title.lower()}_")
        nearest = {"south_east": "east", "north_east": "east", "north_west": "west", "south_west": "west"}
        assert shown == {one: f"{nearest.get(one, one) if four else one}.anim" for one in VECTORS}


def close(place: dict[str, str], vector: tuple[float, float]) -> bool:
    return numbers(place, "x", "y") == pytest.approx(vector, abs=1e-6)


def test_an_override_takes_the_place_of_every_clip() -> None:
    (override,) = native_files(".overrideController")["art/goblin.overrideController"]
    paths = {guid: path for path, guid in guids(project()).items()}
    assert paths[override.fields["m_Controller"]["guid"]] == "art/hero.controller"
    pairs = {
        paths[one["m_OriginalClip"]["guid"]]: paths[one["m_OverrideClip"]["guid"]] for one in override.fields["m_Clips"]
    }
    clips = {path for path in paths.values() if path.startswith("art/hero/")}
    assert pairs == {path: path.replace("hero", "goblin") for path in clips}
    assert "art/goblin.controller" not in project()


def test_a_prefab_plays_what_its_controller_says_and_sorts_by_its_feet() -> None:
    found = {one.type: one.fields for one in native_files("walker.prefab")["art/walker.prefab"]}
    assert found["Animator"]["m_Controller"]["guid"] == guids(project())["art/walker.controller"]
    assert found["SpriteRenderer"]["m_SpriteSortPoint"] == "1"
    still = {one.type for one in native_files("rock.prefab")["art/rock.prefab"]}
    assert still == {"GameObject", "Transform", "SpriteRenderer"}


def test_counts_of_a_tilemap_are_those_of_its_cells() -> None:
    looked = 0
    for path, found in native_files(".prefab").items():
        for one in (one for one in found if one.type == "Tilemap"):
            looked += 1
            cells = [cell["second"] for cell in one.fields["m_Tiles"]]
            for index, table in (
                ("m_TileIndex", "m_TileAssetArray"),
                ("m_TileSpriteIndex", "m_TileSpriteArray"),
                ("m_TileMatrixIndex", "m_TileMatrixArray"),
                ("m_TileColorIndex", "m_TileColorArray"),
            ):
                uses = Counter(int(cell[index]) for cell in cells if cell[index] != "65535")
                assert [int(row["m_RefCount"]) for row in one.fields[table]] == [uses[k] for k in range(len(uses))], (
                    path
                )
            places = [numbers(cell["first"], "y", "x") for cell in one.fields["m_Tiles"]]
            assert places == sorted(set(places))
    assert looked == 6


def tilemap_of(layer: str) -> Document:
    found = native_files("town.prefab")["maps/town.prefab"]
    (owner,) = [one.anchor for one in found if one.fields.get("m_Name") == layer]
    tilemaps = [one for one in found if one.type == "Tilemap"]
    (ours,) = [one for one in tilemaps if int(one.fields["m_GameObject"]["fileID"]) == owner]
    return ours


def test_turned_cells_are_turned_as_tiled_turns_them() -> None:
    """Flags of the sample: none, sideways, upside down, along the diagonal, and diagonal with sideways."""
    turns = {
        tuple(int(row["m_Data"][key]) for key in ("e00", "e01", "e10", "e11"))
        for row in tilemap_of("top").fields["m_TileMatrixArray"]
    }
    assert turns == {(1, 0, 0, 1), (-1, 0, 0, 1), (1, 0, 0, -1), (0, -1, -1, 0), (0, 1, -1, 0)}


def test_the_map_is_the_right_way_up() -> None:
    ground = tilemap_of("ground")
    rows = {numbers(cell["first"], "y")[0] for cell in ground.fields["m_Tiles"]}
    assert rows == {-1, -2, -3, -4, -5}
    by_guid = {guid: path for path, guid in guids(project()).items()}
    tiles = [by_guid[row["m_Data"]["guid"]] for row in ground.fields["m_TileAssetArray"]]
    shown = {
        numbers(cell["first"], "x", "y"): tiles[int(cell["second"]["m_TileIndex"])] for cell in ground.fields["m_Tiles"]
    }
    # The sample's cell in column x of row y from the top is tile (5x + 3y) % 16.
    assert shown == {
        (x, -1 - y): f"maps/town_tiles/town_tiles_{(5 * x + 3 * y) % 16}.asset" for x in range(7) for y in range(5)
    }


def test_four_ways_make_trees_of_four() -> None:
    assert {animation.direction for animation in walker(count=4).animations} == {"south", "east", "north", "west"}
