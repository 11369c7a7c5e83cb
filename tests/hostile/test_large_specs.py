"""A spec that asks for gigabytes of art ends in one error of the plan, before anything is drawn or bought."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bridge.assemble.parts import ImagePart
from bridge.build import asset_loader
from bridge.build.asset_loader import AssetLoader
from bridge.cli import main
from bridge.core import limits
from bridge.core.errors import UserError, WorkFailed
from bridge.daemon.api.previews import clips_of
from bridge.operations.plan import make_plan
from bridge.plan.asset_size import COUNTERS, list_frames, require_bounded
from bridge.processing.pipeline import process_asset, run_stages
from bridge.processing.registry import PIPELINE
from bridge.processing.settings import ProcessSettings
from bridge.processing.steps.align import AlignStep
from bridge.processing.steps.step import ArtFacts, ProcessContext, ProcessStep
from bridge.processing.steps.upscale import UpscaleStep
from bridge.project import Project
from bridge.providers import registry
from bridge.providers.api import Step
from bridge.providers.files import steps
from bridge.providers.procedural.character.run_steps import run_step
from bridge.spec.load import Loaded, load_spec
from bridge.spec.model import KINDS
from bridge.spec.process_table import ProcessTable
from bridge.watch.session import WatchSession
from exporters.base import ExportError
from exporters.model.asset import (
    Animation,
    Frame,
    ImageLayer,
    Item,
    ItemsAsset,
    SpriteAsset,
    Tile,
    TileLayer,
    TileMapAsset,
    TilesetAsset,
)
from exporters.packing import render
from tests.hostile.large_specs import LARGEST_ALLOWED, REFUSED, LargeSpec, plan_failures, write_spec

MOST_SECONDS = 2.0
GROUND = LargeSpec("tileset", 'tile_size = 256\n[[terrains]]\nname = "grass"\n[[terrains]]\nname = "sand"\n', "")


def load(root: Path, name: str, large: LargeSpec) -> Loaded:
    """The spec as it is read from its file."""
    write_spec(root, name, large)
    with Project.open(root) as project:
        return load_spec(root / "art" / f"{name}.asset.toml", project.config)


def test_no_kind_is_forgotten() -> None:
    assert set(COUNTERS) == set(KINDS)
    assert {large.kind for large in REFUSED.values()} | set(LARGEST_ALLOWED) == set(KINDS)


@pytest.mark.parametrize("name", REFUSED)
def test_the_worst_of_every_kind_is_one_error_of_the_plan(
    stranger: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AssetLoader, "load_result", _never)
    monkeypatch.setattr(registry.get("procedural"), "run", _never, raising=False)
    write_spec(stranger, "large", REFUSED[name])
    began = time.process_time()
    (error,) = plan_failures(stranger)
    assert time.process_time() - began < MOST_SECONDS
    assert error.code == "asset_too_large", error
    assert error.where is not None
    assert (error.where.file, error.where.field) == ("art/large.asset.toml", REFUSED[name].field)
    assert error.where.line
    assert "there may be" in error.message
    assert error.hint
    assert "internal" not in error.message


def _never(*_values: Any, **_named: Any) -> Any:
    raise AssertionError("nothing may be drawn or read")


@pytest.mark.parametrize("kind", LARGEST_ALLOWED)
def test_the_largest_of_bounded_kinds_is_allowed(stranger: Path, kind: str) -> None:
    require_bounded(load(stranger, kind, LARGEST_ALLOWED[kind]))


def test_real_games_are_far_below(stranger: Path) -> None:
    clips = "".join(f'[animations.walk{number}]\nframes = 12\naction = "walk"\n' for number in range(20))
    hero = LargeSpec("character", f'description = "x"\nsize = [256, 256]\ndirections = 8\n{clips}', "")
    loaded = load(stranger, "hero", hero)
    require_bounded(loaded)
    assert sum(frames.count for frames in list_frames(loaded.spec)) == 8 * (1 + 20 * 12)
    icons = "".join(f'[[items]]\nname = "n{number}"\n' for number in range(256))
    require_bounded(load(stranger, "icons", LargeSpec("items", f"size = [512, 512]\n{icons}", "")))


def test_a_build_stops_at_it_and_makes_the_others(stranger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_spec(stranger, "large", REFUSED["large items"])
    assert main(["build", "--json", "--project", str(stranger)]) == 2
    answer = json.loads(capsys.readouterr().out)
    by_id = {asset["id"]: asset for asset in answer["assets"]}
    assert by_id["art/gem"]["state"] == "ready"
    assert by_id["art/large"]["error"]["code"] == "asset_too_large"
    assert (stranger / "export/art/gem.png").is_file()
    assert main(["check", "--project", str(stranger)]) == 2
    assert "there may be 128,000,000" in "".join(capsys.readouterr())


def test_watching_outlives_a_spec_that_grows_and_sees_it_shrink(stranger: Path) -> None:
    write_spec(stranger, "large", REFUSED["thousands of small clips"])
    events: list[Any] = []
    with Project.open(stranger) as project, project.owned():
        session = WatchSession(project.config, events.append)
        try:
            session.build()
            assert (stranger / "export/art/gem.png").is_file()
            assert not (stranger / "export/art/large.png").exists()
            write_spec(stranger, "large", LargeSpec("sprite", 'description = "blue gem"\nsize = [16, 16]\n', ""))
            session.build_changes(frozenset(["art/large.asset.toml"]))
            assert (stranger / "export/art/large.png").is_file()
        finally:
            session.close()


def test_the_picture_of_a_map_is_bounded_where_one_is_written(stranger: Path) -> None:
    write_spec(stranger, "ground", GROUND)
    write_spec(stranger, "world", LARGEST_ALLOWED["map"])
    errors = {error.where.file: error for error in plan_failures(stranger) if error.where}
    error = errors["art/world.asset.toml"]
    assert (error.code, error.where and error.where.field) == ("asset_too_large", "size")
    assert "131,072 × 131,072" in error.message
    assert "export.targets" in error.hint
    godot = '[targets.godot]\nroot = "game"\noutput = "art"\n'
    (stranger / "game").mkdir()
    (stranger / "game/project.godot").write_text("config_version=5\n", encoding="utf-8")
    settings = (stranger / "assetbridge.toml").read_text(encoding="utf-8")
    (stranger / "assetbridge.toml").write_text(settings.partition("[targets")[0] + godot, encoding="utf-8")
    assert "art/world.asset.toml" not in {error.where.file for error in plan_failures(stranger) if error.where}


def test_exporters_bound_the_picture_of_a_map_alike() -> None:
    assert render.MOST_PIXELS == limits.ASSET_PIXELS


SETTINGS: list[dict[str, Any]] = [
    *({"canvas": [40, 30]}, {"canvas": "trim"}, {"upscale": 3}, {"align": "center"}, {"align": "feet"}),
    *({"outline": "#102030"}, {"outline": "fix"}, {"steady": 4}, {"grid": 2}, {"colors": 4}, {"despeckle": 4}),
    *({"alpha": "binary"}, {"matte": "auto"}, {"palette": "a.hex"}, {"repeats": "drop"}),
]


def test_every_step_says_how_large_its_frames_may_become() -> None:
    used: set[type[ProcessStep]] = set()
    generator = np.random.default_rng(7)
    frames = [generator.integers(0, 256, (24, 16, 4), dtype=np.uint8) for _ in range(4)]
    for keys in SETTINGS:
        facts = ArtFacts("character", "pixellab", True, (16, 24), lambda _path: b"102030\nffffff\n")
        settings = ProcessSettings.from_table(ProcessTable.model_validate(keys), facts)
        used |= {type(step) for step in settings.steps}
        clips = [list(frames), list(frames[:1])]
        for step in settings.steps:
            most = step.resized((16, 24) if clips[0][0].shape == (24, 16, 4) else clips[0][0].shape[1::-1])
            clips = step.run(clips, ProcessContext((True, False), is_grounded=True))
            for pixels in (pixels for clip in clips for pixels in clip):
                assert pixels.shape[1] <= most[0]
                assert pixels.shape[0] <= most[1]
    assert used == set(PIPELINE)


def _still(side: int) -> Any:
    # One byte of memory, whatever its size.
    return np.broadcast_to(np.zeros(1, dtype=np.uint8), (side, side, 4))


def test_delivered_art_is_counted_again_before_it_is_processed() -> None:
    frames = tuple(Frame(_still(4096), 100) for _ in range(9))
    sprite = SpriteAsset("art/a", "character", (Animation("walk", frames),))
    upscale = ProcessSettings.of(UpscaleStep(2))
    with pytest.raises(WorkFailed, match="9 frames with 150,994,944 pixels") as caught:
        process_asset(sprite, ProcessSettings.of(AlignStep("center")))
    assert caught.value.code == "asset_too_large"
    small = SpriteAsset("art/a", "character", (Animation("walk", frames[:3]),))
    with pytest.raises(WorkFailed, match=r"process\.upscale would make 3 frames"):
        process_asset(small, upscale)
    with pytest.raises(WorkFailed, match=r"process\.upscale"):
        list(run_stages([[_still(4096)] * 3], upscale))
    items = ItemsAsset("art/b", (8, 8), 8, (Item("a", 0, _still(8)), Item("b", 1, _still(4096))))
    with pytest.raises(WorkFailed, match=r"process\.upscale"):
        process_asset(items, ProcessSettings.of(UpscaleStep(8)))


def test_results_are_counted_while_they_are_read(stranger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'description = "gem"\nsize = [16, 16]\n[[items]]\nname = "a"\n[[items]]\nname = "b"\n'
    write_spec(stranger, "items", LargeSpec("items", text, ""))
    assert main(["build", "--project", str(stranger)]) == 0
    read: list[str] = []

    def interpret(step: Any, _result: Any) -> list[ImagePart]:
        read.append(step.key)
        return [ImagePart(step.key.rpartition("/")[2], _still(8192))] * 2

    monkeypatch.setattr(asset_loader, "interpret_step", interpret)
    with Project.open(stranger) as project:
        planner, _ = make_plan(project)
        loader = AssetLoader(project, planner.evaluation)
        with pytest.raises(WorkFailed, match="there may be") as caught:
            loader.parts_of(planner.evaluation.states["art/items"])
    assert caught.value.code == "asset_too_large"
    assert read == ["item/a"]


def test_a_motion_of_a_large_picture_is_refused_before_it_is_drawn() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (2048, 2048)).save(buffer, "PNG")
    step = Step("clip/a", "procedural", "picture.motion", {"motion": "sway", "frames": 64, "size": None})
    with pytest.raises(WorkFailed, match="64 frames") as caught:
        run_step(step, {"source": buffer.getvalue()})
    assert caught.value.code == "asset_too_large"


@pytest.mark.parametrize("orientation", ["orthogonal", "isometric"])
def test_the_picture_of_a_large_map_is_refused_and_can_be_shown_smaller(orientation: str) -> None:
    tile = np.full((64, 64, 4), 255, dtype=np.uint8)
    ground = TilesetAsset("art/g", (64, 64), 8, (Tile(0, tile),), orientation=orientation)
    cells = np.ones((300, 300), dtype=np.uint32)
    world = TileMapAsset(
        "art/w",
        (300, 300),
        (64, 64),
        (ground,),
        (TileLayer("a", cells), ImageLayer("b", pixels=tile, offset=(128.0, 64.0))),
        orientation=orientation,
    )
    with pytest.raises(ExportError, match=r"19,200x19,200 pixels; there may be 128,000,000"):
        render.render_map(world)
    shown = render.render_map(render.reduced_map(world, 1_000_000))
    assert 250_000 < shown.shape[0] * shown.shape[1] <= 1_000_000
    assert shown[shown.shape[0] // 2, shown.shape[1] // 2].tolist() == [255] * 4
    assert render.reduced_map(world, 19_200 * 19_200) is world


def test_a_sheet_with_a_far_cell_is_not_drawn_for_a_preview() -> None:
    tile = Tile(10**9, np.zeros((8, 8, 4), dtype=np.uint8))
    with pytest.raises(WorkFailed, match="there may be"):
        clips_of(TilesetAsset("art/g", (8, 8), 8, (tile,)))
    with pytest.raises(WorkFailed, match="there may be"):
        clips_of(ItemsAsset("art/g", (8, 8), 8, (Item("a", 10**9, tile.pixels),)))


def test_own_files_are_counted_over_all_clips_and_names() -> None:
    count = steps.PixelCount()
    for _ in range(7):
        count.add("art/a.png", [_still(4096)])
    with pytest.raises(UserError, match=r"art/b\.png.*more than 128,000,000 pixels"):
        count.add("art/b.png", [_still(4096)])
