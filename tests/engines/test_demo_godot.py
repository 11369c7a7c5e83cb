"""The demo in the real Godot: it imports in silence, and shows every frame, time, terrain, tile and sound exactly."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from exporters.model.asset import AudioAsset, ItemsAsset, SpriteAsset, TileMapAsset, TilesetAsset
from tests.engines.demo_project import Demo
from tests.engines.engine import Engine
from tests.engines.godot_plan import GodotProject
from tests.engines.godot_runs import import_project, run_checks

GENERATED = "res://generated"


@pytest.fixture(scope="module")
def imported(godot: Engine, demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo after Godot has imported it, which it does without a word of complaint."""
    copy = demo.copy(tmp_path_factory.mktemp("imported") / "demo")
    import_project(godot, copy.game)
    return copy


def test_importing_leaves_our_files_as_they_were(demo: Demo, imported: Demo) -> None:
    before, after = demo.files(), imported.files()
    assert sorted(before) == sorted(after)
    changed = [path for path in before if before[path] != after[path]]
    assert {Path(path).suffix for path in changed} == {".import"}
    for path in changed:  # Godot writes the settings out that ours leaves to it
        assert set(before[path].splitlines()) <= set(after[path].splitlines())
    imported.plan_is_empty()


def test_a_build_with_force_after_the_import_changes_no_byte(imported: Demo, tmp_path: Path) -> None:
    copy = imported.copy(tmp_path / "copy")
    copy.assetbridge("build", "--force")
    before, after = imported.files(), copy.files()
    assert sorted(before) == sorted(after)
    assert [path for path in before if before[path] != after[path]] == []


def test_the_demo_scene_runs(godot: Engine, imported: Demo) -> None:
    done = godot.run(["--headless", "--path", ".", "--quit-after", "30"], cwd=imported.game)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ERROR" not in done.stdout


def test_godot_shows_the_neutral_pixels_times_and_terrains(godot: Engine, imported: Demo, tmp_path: Path) -> None:
    project = GodotProject(tmp_path / "game", output="generated")
    shutil.copytree(imported.game, project.root, dirs_exist_ok=True)
    assets = imported.assets()
    for asset_id, asset in assets.items():
        path = f"{GENERATED}/{asset_id}"
        if isinstance(asset, SpriteAsset):
            project.check_sprite(asset, path)
        elif isinstance(asset, ItemsAsset):
            project.check_items(asset, path)
        elif isinstance(asset, TilesetAsset):
            project.check_tileset(asset, path, origin=_origin(asset))
        elif isinstance(asset, TileMapAsset):
            project.check_map(asset, path)
        elif isinstance(asset, AudioAsset):
            project.check("sound", f"{path}.ogg", loop=asset.loop, seconds=len(asset.samples) / asset.rate)
    _check_scene_with_feet_at_the_origin(project, assets["art/hero"])
    project.saved_exactly()
    checked = {step["path"].split(".")[0].removeprefix(f"{GENERATED}/") for step in project.plan}
    assert checked >= set(assets)
    terrains = [step["path"] for step in project.plan if step["check"] == "terrains"]
    assert terrains == [f"{GENERATED}/art/dungeon.tres", f"{GENERATED}/art/overworld.tres"]
    run_checks(godot, project)


@pytest.mark.full
def test_a_wrong_pixel_or_time_would_be_seen(godot: Engine, imported: Demo, tmp_path: Path) -> None:
    project = GodotProject(tmp_path / "game", output="generated")
    shutil.copytree(imported.game, project.root, dirs_exist_ok=True)
    slime = imported.assets()["art/slime"]
    assert isinstance(slime, SpriteAsset)
    first, second, *others = slime.animations
    pixels = first.frames[0].pixels.copy()
    pixels[-1, 0] = (1, 2, 3, 255)
    spoilt = dataclasses.replace(first, frames=(dataclasses.replace(first.frames[0], pixels=pixels), *first.frames[1:]))
    slow = dataclasses.replace(
        second, frames=tuple(dataclasses.replace(frame, duration_ms=frame.duration_ms + 1) for frame in second.frames)
    )
    project.check_sprite(dataclasses.replace(slime, animations=(spoilt, slow, *others)), f"{GENERATED}/art/slime")
    with pytest.raises(AssertionError) as caught:
        run_checks(godot, project)
    assert f"{first.output_name()} 0 pixel 0, {pixels.shape[0] - 1}" in str(caught.value)
    assert f"{second.output_name()} frame 0 lasts" in str(caught.value)


def _origin(asset: TilesetAsset) -> tuple[int, int]:
    """Where Godot's tile is drawn (pixels): a picture taller than its cell stands on the cell's lower edge."""
    return 0, (asset.tile_size[1] - asset.grid_size[1]) // 2


def _check_scene_with_feet_at_the_origin(project: GodotProject, hero: object) -> None:
    assert isinstance(hero, SpriteAsset)
    shown = next(animation for animation in hero.animations if animation.output_name() == "idle_south")
    height, width = shown.frames[0].pixels.shape[:2]
    project.check(
        "scene",
        f"{GENERATED}/art/hero.tscn",
        node=".",
        animation="idle_south",
        autoplay="idle_south",
        picture=project.picture(shown.frames[0].pixels),
        corner=[-width / 2, -height],
    )
