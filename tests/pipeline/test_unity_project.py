"""A Unity project from `init` on: what a user finds in it, and what stays when everything changes."""

from __future__ import annotations

import os
import re
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
