"""Are the fields of our files those that real editors write, in their order, for each generation?"""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from unityparser import UnityDocument

from tests.unit.exporters.unity_files import (
    CORPUS,
    Document,
    corpus_object,
    key_paths,
    load_meta,
    load_objects,
    profile,
)
from tests.unit.exporters.unity_project import VERSIONS, whole_project

TEXTURES = {
    "2021.3": "TextureImporter sv11/platform3 +nameFileIdTable",
    "2022.3": "TextureImporter sv12/platform3 +nameFileIdTable +swizzle",
    "6000.0": "TextureImporter sv13/platform4 +nameFileIdTable +swizzle",
}
CLIPS = {
    "2021.3": "AnimationClip sv7 -flags",
    "2022.3": "AnimationClip sv7 +flags",
    "6000.0": "AnimationClip sv7 +flags",
}
MACHINES = {
    "AnimatorController": "AnimatorController sv5",
    "AnimatorStateMachine": "AnimatorStateMachine sv6",
    "AnimatorState": "AnimatorState sv6",
    "AnimatorStateTransition": "AnimatorStateTransition sv3",
    "BlendTree": "BlendTree svNone",
}


def project(version: str) -> dict[str, bytes]:
    return whole_project(version)


def objects(version: str, suffix: str) -> list[Document]:
    return [one for path, data in project(version).items() if path.endswith(suffix) for one in load_objects(data)]


def of_type(version: str, suffix: str, kind: str) -> list[Document]:
    found = [one for one in objects(version, suffix) if one.type == kind]
    assert found, kind
    return found


def assert_conforms(paths: list[str], name: str) -> None:
    required, optional = profile(name)
    assert [path for path in required if path not in paths] == []
    assert [path for path in paths if path not in optional and path not in required] == []
    assert [path for path in paths if path in required] == required


@pytest.mark.parametrize("version", VERSIONS)
def test_sheets_have_the_fields_of_their_editor(version: str) -> None:
    metas = [load_meta(data) for path, data in project(version).items() if path.endswith(".png.meta")]
    assert len(metas) == 9
    for meta in metas:
        assert list(meta) == ["fileFormatVersion", "guid", "TextureImporter"]
        assert_conforms(key_paths(meta["TextureImporter"]), TEXTURES[version])


@pytest.mark.parametrize("version", VERSIONS)
def test_clips_have_the_fields_of_their_editor(version: str) -> None:
    for one in of_type(version, ".anim", "AnimationClip"):
        assert_conforms(key_paths(one.fields), CLIPS[version])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", MACHINES)
def test_controllers_have_the_fields_of_real_ones(version: str, kind: str) -> None:
    for one in of_type(version, ".controller", kind):
        assert_conforms(key_paths(one.fields), MACHINES[kind])


@pytest.mark.parametrize("version", VERSIONS)
def test_tiles_have_the_fields_of_real_ones(version: str) -> None:
    by_script: dict[str, list[list[str]]] = {}
    for one in of_type(version, ".asset", "MonoBehaviour"):
        by_script.setdefault(one.fields["m_Script"]["guid"], []).append(key_paths(one.fields))
    tile, animated, ruled = "tile_2023.1.asset", "animatedtile_techdemos.asset", "ruletile_techdemos.asset"
    wanted = {
        "0000000000000000e000000000000000": corpus_object(tile, "MonoBehaviour"),
        "13b75c95f34a00d4e8c04f76b73312e6": corpus_object(animated, "MonoBehaviour"),
        "9d1514134bc4fbd41bb739b1b9a49231": rule_fields(corpus_object(ruled, "MonoBehaviour")),
    }
    assert by_script.keys() == wanted.keys()
    for script, found in by_script.items():
        assert all(paths == wanted[script] for paths in found), script


def rule_fields(paths: list[str]) -> list[str]:
    """The one deliberate difference: since version 2 of the package a rule has two speeds instead of one."""
    rule = ".m_TilingRules[]"
    at = paths.index(f"{rule}.m_AnimationSpeed")
    return [*paths[:at], f"{rule}.m_MinAnimationSpeed", f"{rule}.m_MaxAnimationSpeed", *paths[at + 1 :]]


@pytest.mark.parametrize(
    ("version", "file"),
    [("2021.3", "prefab_2022.2.prefab"), ("2022.3", "prefab_2022.2.prefab"), ("6000.0", "objects_6000.0.unity")],
)
@pytest.mark.parametrize("kind", ["SpriteRenderer", "Animator"])
def test_prefabs_of_characters_have_the_fields_of_real_ones(version: str, file: str, kind: str) -> None:
    wanted = corpus_object(file, kind)
    if (version, kind) == ("2021.3", "Animator"):
        # The fields before 2022.1; no file of such an editor with a free licence was at hand.
        wanted = [path for path in wanted if not path.endswith("OnDisable")] + [
            ".m_KeepAnimatorControllerStateOnDisable"
        ]
    for one in of_type(version, "hero.prefab", kind):
        assert key_paths(one.fields) == wanted


@pytest.mark.parametrize(
    ("version", "file"),
    [("2021.3", "prefab_2022.2.prefab"), ("2022.3", "palette_2023.1.prefab"), ("6000.0", "palette_6000.0.prefab")],
)
@pytest.mark.parametrize("kind", ["GameObject", "Transform"])
def test_objects_of_prefabs_have_the_fields_of_real_ones(version: str, file: str, kind: str) -> None:
    wanted = [path for path in corpus_object(file, kind) if ".m_Children[]" not in path]
    for one in of_type(version, ".prefab", kind):
        assert [path for path in key_paths(one.fields) if ".m_Children[]" not in path] == wanted


@pytest.mark.parametrize(
    ("version", "file"),
    [("2021.3", "palette_2021.1.prefab"), ("2022.3", "palette_2023.1.prefab"), ("6000.0", "palette_6000.0.prefab")],
)
@pytest.mark.parametrize("kind", ["Grid", "Tilemap", "TilemapRenderer"])
def test_palettes_have_the_fields_of_real_ones(version: str, file: str, kind: str) -> None:
    wanted = [path for path in corpus_object(file, kind) if not path.startswith(".m_AnimatedTiles[]")]
    later = {".m_StaticShadowCaster", ".m_RayTraceProcedural"} if version == "2021.3" else set()
    for one in of_type(version, "_palette.prefab", kind):
        paths = [path for path in key_paths(one.fields) if not path.startswith(".m_AnimatedTiles[]")]
        assert later <= set(paths) or kind != "TilemapRenderer"
        assert [path for path in paths if path not in later] == wanted


@pytest.mark.parametrize("version", ["2022.3", "6000.0"])
def test_animated_cells_have_the_fields_of_real_ones(version: str) -> None:
    wanted = [path for path in corpus_object("palette_6000.0.prefab", "Tilemap") if "m_AnimatedTiles[]" in path]
    (ground,) = [one for one in objects(version, "ground_palette.prefab") if one.type == "Tilemap"]
    assert [path for path in key_paths(ground.fields) if "m_AnimatedTiles[]" in path] == wanted


def test_the_palette_has_the_object_that_makes_it_one() -> None:
    wanted = key_paths(load_objects((CORPUS / "palette_6000.0.prefab").read_bytes())[-1].fields)
    for version in VERSIONS:
        for one in of_type(version, "_palette.prefab", "MonoBehaviour"):
            assert one.fields["m_Name"] == "Palette Settings"
            assert key_paths(one.fields) == wanted


@pytest.mark.parametrize(
    ("suffix", "file"),
    [
        ("hero.meta", "folder_6000.3.meta"),
        (".anim.meta", "clip_2022.2.anim.meta"),
        (".controller.meta", "controller_6000.0.controller.meta"),
        (".asset.meta", "clip_2022.2.anim.meta"),
        (".overrideController.meta", "controller_6000.0.controller.meta"),
        (".prefab.meta", "palette_6000.3.prefab.meta"),
    ],
)
def test_metas_have_the_fields_of_real_ones(suffix: str, file: str) -> None:
    wanted = key_paths(load_meta((CORPUS / file).read_bytes()))
    found = [load_meta(data) for path, data in project("6000.0").items() if path.endswith(suffix)]
    assert found
    assert all(key_paths(meta) == wanted for meta in found)


def test_preloading_of_audio_stands_where_each_editor_looks_for_it() -> None:
    for version, place in (("2021.3", []), ("2022.3", ["defaultSettings"]), ("6000.0", ["defaultSettings"])):
        body = load_meta(project(version)["music/calm.wav.meta"])["AudioImporter"]
        assert body["serializedVersion"] == ("7" if place else "6")
        assert ("preloadAudioData" in body) == (not place)
        assert ("preloadAudioData" in body["defaultSettings"]) == bool(place)


@pytest.mark.parametrize("version", VERSIONS)
def test_unityparser_reads_every_file_and_writes_it_back_the_same(version: str, tmp_path: Path) -> None:
    texts = {path: data for path, data in project(version).items() if not path.endswith((".png", ".wav"))}
    assert len(texts) > 100
    # Of the many tiles that differ by an id only, one in eight.
    tiles = [path for path in sorted(texts) if ".asset" in path and "rule" not in path]
    samples = texts.keys() - tiles | set(tiles[::8])
    place, copy = tmp_path / "file", tmp_path / "copy"
    with warnings.catch_warnings():
        # The library leaves its files to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        for path in sorted(samples):
            place.write_bytes(texts[path])
            document = UnityDocument.load_yaml(str(place))
            document.dump_yaml(file_path=str(copy))
            assert copy.read_bytes() == texts[path], path
