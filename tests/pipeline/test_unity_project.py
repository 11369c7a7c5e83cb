"""A Unity project from `init` on: what a user finds in it, and what stays when everything changes."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline.conftest import Answer, Workspace

OUT = "Assets/Art/Generated"
HERO = """\
kind = "character"
description = "brave knight"
size = [16, 16]
directions = 4
[animations.walk]
[animations.attack]
[export.unity]
prefab = true
"""
GROUND = """\
kind = "tileset"
tile_size = 8
[[terrains]]
name = "water"
solid = true
animated = 2
[[terrains]]
name = "sand"
"""


def set_editor(project: Workspace, version: str) -> None:
    path = project.write("ProjectSettings/ProjectVersion.txt", f"m_EditorVersion: {version}\n")
    # Old enough to be trusted without reading it again.
    told = path.stat().st_mtime_ns - 10_000_000_000
    os.utime(path, ns=(told, told))


@pytest.fixture
def unity(tmp_path: Path, run_words: Callable[..., Answer]) -> Workspace:
    project = Workspace(tmp_path, run_words)
    (tmp_path / "Assets").mkdir()
    set_editor(project, "2022.3.9f1")
    project.run("init")
    project.write("art/hero.asset.toml", HERO)
    project.write("art/ground.asset.toml", GROUND)
    project.run("build")
    return project


def meta(project: Workspace, path: str) -> str:
    return (project.root / OUT / f"{path}.meta").read_text(encoding="utf-8")


def importer_version(project: Workspace) -> str:
    found = re.search(r"^  serializedVersion: (\d+)$", meta(project, "art/hero.png"), re.MULTILINE)
    assert found
    return found[1]


def test_init_finds_the_project_and_build_fills_it(unity: Workspace) -> None:
    settings = (unity.root / "assetbridge.toml").read_text(encoding="utf-8")
    assert "[targets.unity]" in settings
    assert "[targets.json]" not in settings
    found = set(unity.files(OUT))
    for path in ("hero.png", "hero/hero_walk_south.anim", "hero.controller", "hero.prefab", "ground_palette.prefab"):
        assert {f"{OUT}/art/{path}", f"{OUT}/art/{path}.meta"} <= found
    assert importer_version(unity) == "12"
    assert unity.run("check").code == 0


def test_nothing_outside_the_output_folder_is_touched(unity: Workspace) -> None:
    ours = {path.relative_to(unity.root).as_posix() for path in (unity.root / "Assets").rglob("*") if path.is_file()}
    assert all(path.startswith(f"{OUT}/") for path in ours)
    settings = {path.name for path in (unity.root / "ProjectSettings").iterdir()}
    assert settings == {"ProjectVersion.txt"}


def test_another_editor_is_noticed(unity: Workspace) -> None:
    assert "nothing to do" in unity.run("plan").out
    set_editor(unity, "6000.0.42f1")
    assert unity.plan()["art/hero"]["action"] == "export"
    unity.run("build")
    assert importer_version(unity) == "13"
    unity.replace("assetbridge.toml", "pixels_per_unit = 16", 'pixels_per_unit = 8\nversion = "2021.3"')
    unity.run("build")
    assert "spritePixelsToUnits: 8" in meta(unity, "art/hero.png")


def test_a_renamed_asset_keeps_every_guid(unity: Workspace) -> None:
    before = {path: data for path, data in unity.files(OUT).items() if path.endswith(".meta") and "/hero" in path}
    (unity.root / "art/hero.asset.toml").rename(unity.root / "art/knight.asset.toml")
    assert unity.plan()["art/knight"]["action"] == "rename"
    unity.run("build")
    after = unity.files(OUT)
    assert not [path for path in after if "hero" in path]
    for path, data in before.items():
        assert after[path.replace("hero", "knight")].split(b"\n")[1] == data.split(b"\n")[1]


def test_an_edited_controller_is_neither_drift_nor_overwritten(unity: Workspace) -> None:
    path = f"{OUT}/art/hero.controller"
    unity.replace(path, "m_Speed: 1", "m_Speed: 2")
    mine = (unity.root / path).read_bytes()
    assert unity.run("check").code == 0
    unity.write("art/hero.asset.toml", HERO.replace("[export", "[animations.hurt]\n[export"))
    unity.run("build", "--force")
    assert (unity.root / path).read_bytes() == mine
    assert (unity.root / f"{OUT}/art/hero/hero_hurt_south.anim").is_file()


def test_settings_of_the_inspector_survive_and_a_lost_meta_comes_back(unity: Workspace) -> None:
    first = meta(unity, "art/hero.png")
    unity.replace(f"{OUT}/art/hero.png.meta", "filterMode: 0", "filterMode: 1")
    assert unity.run("check").code == 0
    (unity.root / f"{OUT}/art/ground.png.meta").unlink()
    unity.replace("art/hero.asset.toml", "[16, 16]", "[24, 24]")
    unity.run("build")
    now = meta(unity, "art/hero.png")
    assert "filterMode: 1" in now
    assert now != first
    assert (unity.root / f"{OUT}/art/ground.png.meta").is_file()
    assert unity.run("check").code == 0


def test_a_shared_controller_is_built_first(unity: Workspace) -> None:
    goblin = HERO.replace("brave knight", "goblin") + 'controller = "asset:art/hero"\n'
    unity.write("art/goblin.asset.toml", goblin)
    unity.run("build")
    assert (unity.root / f"{OUT}/art/goblin.overrideController").is_file()
    assert not (unity.root / f"{OUT}/art/goblin.controller").exists()
    unity.replace("art/goblin.asset.toml", "asset:art/hero", "asset:art/goblin")
    answer = unity.run("build", expect=None)
    assert answer.code != 0
    assert "art/goblin" in answer.err


def test_doctor_says_what_the_editor_lacks(unity: Workspace) -> None:
    unity.write("Packages/manifest.json", '{"dependencies": {}}')
    assert "2D Tilemap Extras" in unity.run("doctor", expect=None).out
    unity.write("Packages/manifest.json", '{"dependencies": {"com.unity.feature.2d": "2.0.1"}}')
    assert "2D Tilemap Extras" not in unity.run("doctor", expect=None).out
    (unity.root / "ProjectSettings/ProjectVersion.txt").write_bytes(b"\xff")
    assert "not known" in unity.run("doctor", expect=None).out


def test_an_editor_that_is_too_old_is_refused_with_a_way_out(unity: Workspace) -> None:
    set_editor(unity, "2019.4.1f1")
    unity.write("art/hero.asset.toml", HERO.replace("brave", "old"))
    answer = unity.run("build", expect=None)
    assert answer.code != 0
    assert "2021.3" in answer.err


def folder_metas(project: Workspace) -> dict[str, bytes]:
    return {path: data for path, data in project.files(OUT).items() if b"folderAsset: yes" in data}


def test_folders_that_assets_share_have_the_same_guid_in_every_clone(unity: Workspace, tmp_path: Path) -> None:
    unity.write("art/deep/er/rock.asset.toml", 'kind = "sprite"\ndescription = "rock"\nsize = [8, 8]\n')
    changed = unity.run("build", "--json").json["assets"]
    assert f"{OUT}/art/deep/er.meta" in {path for asset in changed for path in asset["changed"]}
    ours = folder_metas(unity)
    assert set(ours) == {
        f"{OUT}/{folder}.meta" for folder in ("art", "art/deep", "art/deep/er", "art/hero", "art/ground")
    }
    assert len({data.split(b"\n")[1] for data in ours.values()}) == len(ours)
    clone = Workspace(tmp_path / "clone", unity.run_words)
    for path in ("assetbridge.toml", "art", "ProjectSettings", "assetbridge.lock"):
        source, copy = unity.root / path, clone.root / path
        copy.parent.mkdir(exist_ok=True)
        shutil.copytree(source, copy) if source.is_dir() else shutil.copy(source, copy)
    clone.run("build")
    assert folder_metas(clone) == ours


def test_the_meta_of_a_folder_is_never_overwritten_and_goes_with_its_folder(unity: Workspace) -> None:
    unitys = re.sub(rb"guid: \w{4}", b"guid: ffff", (unity.root / f"{OUT}/art.meta").read_bytes())
    unity.write(f"{OUT}/theirs.meta", unitys)
    for name in ("ours/deep/rock", "theirs/rock"):
        unity.write(f"{name}.asset.toml", 'kind = "sprite"\ndescription = "rock"\nsize = [8, 8]\n')
    unity.run("build")
    assert (unity.root / f"{OUT}/theirs.meta").read_bytes() == unitys
    assert {f"{OUT}/ours.meta", f"{OUT}/ours/deep.meta"} <= set(folder_metas(unity))
    before = folder_metas(unity)
    (unity.root / "moved").mkdir()
    (unity.root / "ours/deep/rock.asset.toml").rename(unity.root / "moved/rock.asset.toml")
    unity.run("build")
    assert set(folder_metas(unity)) - set(before) == {f"{OUT}/moved.meta"}
    assert set(before) - set(folder_metas(unity)) == {f"{OUT}/ours.meta", f"{OUT}/ours/deep.meta"}
    for spec in ("moved/rock", "theirs/rock"):
        (unity.root / f"{spec}.asset.toml").unlink()
    removed = unity.run("clean", "--yes", "--json").json["removed"]
    assert f"{OUT}/moved.meta" in removed
    assert not (unity.root / OUT / "moved.meta").exists()
    assert not (unity.root / OUT / "theirs").exists()
    assert (unity.root / OUT / "theirs.meta").read_bytes() == unitys
    assert f"{OUT}/art.meta" in folder_metas(unity)
    assert unity.run("check").code == 0
