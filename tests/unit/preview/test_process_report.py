"""Sheets of `inspect`: what changed is on them, marked, and they stay of a size that a person can look at."""

from __future__ import annotations

import numpy as np

from bridge.preview.panels import MARK
from bridge.preview.process_report import COLUMNS, inspect_steps, measure_drift
from bridge.processing.pipeline import process_asset
from bridge.processing.settings import ProcessSettings
from bridge.processing.steps.despeckle import DespeckleStep
from bridge.processing.steps.palette import PaletteStep
from bridge.processing.steps.repeats import RepeatsStep
from bridge.processing.steps.steady import SteadyStep
from bridge.processing.steps.upscale import UpscaleStep
from exporters.model.asset import (
    Animation,
    Asset,
    AudioAsset,
    Frame,
    Item,
    ItemsAsset,
    Pixels,
    SpriteAsset,
    Tile,
    TilesetAsset,
)

SPECK = (250, 240, 30, 255)


def figure(width: int = 16, *, speck: bool = False) -> Pixels:
    pixels = np.zeros((width, width, 4), dtype=np.uint8)
    pixels[4:-2, 4:-4] = (90, 60, 160, 255)
    if speck:
        pixels[1, 1] = SPECK
    return pixels


def sprite(*clips: list[Pixels]) -> SpriteAsset:
    animations = [Animation(f"clip{number}", tuple(map(Frame, frames))) for number, frames in enumerate(clips)]
    return SpriteAsset("art/a", "character", tuple(animations))


def sheet(asset: Asset, settings: ProcessSettings, step: str) -> Pixels:
    return next(stage.sheet for stage in inspect_steps(asset, settings) if stage.step == step)


def shows(picture: Pixels, colour: tuple[int, ...]) -> bool:
    return bool((picture == (*colour[:3], 255)).all(axis=2).any())


def test_clips_and_frames_that_changed_are_on_the_sheet() -> None:
    still = [figure()] * 20
    late = [figure()] * 15 + [figure(speck=True)] + [figure()] * 4
    picture = sheet(sprite(*[still] * 12, late), ProcessSettings.of(DespeckleStep(1)), "despeckle")
    assert shows(picture, SPECK)
    assert shows(picture, MARK)


def test_items_and_tiles_fill_rows_with_what_changed_first() -> None:
    pictures = [figure()] * 100 + [figure(speck=True)]
    items = ItemsAsset("art/i", (16, 16), 8, tuple(Item(f"n{k}", k, pixels) for k, pixels in enumerate(pictures)))
    assert shows(sheet(items, ProcessSettings.of(DespeckleStep(1)), "despeckle"), SPECK)
    tiles = tuple(Tile(k, pixels) for k, pixels in enumerate(pictures))
    picture = sheet(
        TilesetAsset("art/t", (16, 16), 8, tiles), ProcessSettings.of(PaletteStep(((90, 60, 160),))), "colours"
    )
    assert shows(picture, SPECK)


def test_marks_are_left_out_where_everything_changed_or_moved() -> None:
    asset = sprite([figure(), figure()])
    assert not shows(sheet(asset, ProcessSettings.of(PaletteStep(((1, 2, 3),))), "colours"), MARK)
    assert not shows(sheet(asset, ProcessSettings.of(UpscaleStep(2)), "upscale"), MARK)


def test_large_frames_make_no_huge_sheets() -> None:
    asset = sprite(*[[figure(400)] * COLUMNS] * 3)
    height, width = sheet(asset, ProcessSettings.of(DespeckleStep(1)), "despeckle").shape[:2]
    assert height < 5400
    assert width < 5400


def test_a_clip_that_lost_its_last_frame_is_shown_with_one_less() -> None:
    swing = [np.roll(figure(), by, axis=1) for by in (0, 1, 2, 3, 2, 0)]
    (_, stage) = inspect_steps(sprite(swing), ProcessSettings.of(RepeatsStep()))
    assert (stage.step, stage.changed, stage.frames) == ("repeats", 1, 6)


def test_clips_say_where_they_stand_and_stills_do_not() -> None:
    settings = ProcessSettings.of(UpscaleStep(2), SteadyStep(2))
    before = sprite([figure(), np.roll(figure(), -1, axis=0)], [figure()])
    (one,) = measure_drift(before, process_asset(before, settings))
    assert one.clip == "clip0"
    assert (one.before.feet, one.after.feet) == ((14, 13), (28, 28))
    assert one.wander == (0, 0)
    empty = sprite([np.zeros((8, 8, 4), dtype=np.uint8)] * 2)
    assert measure_drift(empty, empty)[0].wander == (0, 0)
    music = AudioAsset("art/m", np.zeros((10, 2), dtype=np.int16), 44100)
    assert measure_drift(music, music) == []
    assert inspect_steps(music, settings) == []
