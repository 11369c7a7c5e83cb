"""Settings of specs, and all steps together over whole assets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bridge.core.errors import UserError
from bridge.processing.edges import binary_alpha, cleaned
from bridge.processing.outline import outlined
from bridge.processing.pipeline import process_asset, process_clips
from bridge.processing.settings import ProcessSettings
from bridge.processing.steps.align import AlignStep
from bridge.processing.steps.alpha import AlphaStep
from bridge.processing.steps.canvas import CanvasStep
from bridge.processing.steps.colors import ColorsStep
from bridge.processing.steps.despeckle import DespeckleStep
from bridge.processing.steps.grid import GridStep
from bridge.processing.steps.matte import MatteStep
from bridge.processing.steps.outline import OutlineStep
from bridge.processing.steps.palette import PaletteStep
from bridge.processing.steps.upscale import UpscaleStep
from bridge.spec.model import KINDS
from bridge.spec.process_rules import process_settings, refused_process_keys
from exporters.model.asset import (
    Animation,
    AudioAsset,
    Frame,
    Item,
    ItemsAsset,
    Pixels,
    SpriteAsset,
    Terrain,
    Tile,
    TilesetAsset,
)

PICTURES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(4)))
BASE: dict[str, dict[str, Any]] = {
    "sprite": {"description": "rock"},
    "items": {"items": [{"name": "key"}]},
    "character": {"description": "knight"},
    "tileset": {"terrains": [{"name": "grass"}]},
    "isometric_tiles": {"tiles": [{"name": "grass"}]},
    "music": {"preset": "calm"},
}


def settings(kind: str, process: dict[str, Any] | None = None, **fields: Any) -> ProcessSettings:
    data = {"kind": kind, **BASE[kind], **fields, **({"process": process} if process else {})}
    spec: Any = KINDS[kind].model_validate(data)
    return process_settings(spec, lambda _: b"000000\nffffff\n")


def test_drawn_and_own_art_is_left_as_it_is() -> None:
    own: dict[str, Any] = {"provider": "files", "source": "a.png"}
    assert settings("sprite", **own).is_identity
    assert settings("sprite", **own, size=[16, 16]).find(CanvasStep) == CanvasStep((16, 16))
    assert settings("sprite").fingerprint_data() == {"canvas": [1, [32, 32]]}
    assert settings("character").fingerprint_data() == {"align": [1, "feet"]}
    assert settings("tileset").is_identity


def test_delivered_art_loses_its_background_and_half_transparency() -> None:
    bought = settings("sprite", provider="pixellab")
    assert (bought.find(MatteStep), bought.find(AlphaStep)) == (MatteStep("auto"), AlphaStep())
    assert settings("sprite", provider="pixellab", transparent=False).find(MatteStep) is None
    assert settings("tileset", provider="pixellab").is_identity


def test_what_the_spec_says_counts() -> None:
    found = settings(
        "sprite",
        {"matte": "#ff00ff", "grid": 4, "canvas": "trim", "align": "center", "palette": "a.hex", "dither": True,
         "alpha": "binary", "despeckle": 2, "outline": "#102030", "upscale": 3},
    )  # fmt: skip
    assert found == ProcessSettings.of(
        MatteStep("#ff00ff"),
        GridStep(4, (32, 32)),
        CanvasStep("trim"),
        AlignStep("center"),
        PaletteStep(((0, 0, 0), (255, 255, 255)), is_dithered=True),
        AlphaStep(),
        DespeckleStep(2),
        OutlineStep((16, 32, 48)),
        UpscaleStep(3),
    )
    assert list(found.fingerprint_data()) == [
        "matte", "grid", "canvas", "align", "palette", "alpha", "despeckle", "outline", "upscale"
    ]  # fmt: skip


def test_a_list_of_colours_is_a_palette_without_repeats() -> None:
    palette = settings("sprite", {"palette": ["#000000", "#FF0000", "#000000"]}).find(PaletteStep)
    assert palette == PaletteStep(((0, 0, 0), (255, 0, 0)))


def test_steps_that_do_nothing_are_in_no_fingerprint() -> None:
    process = {"matte": "none", "grid": "none", "align": "none", "dither": True, "outline": "none", "alpha": "keep"}
    assert settings("sprite", {**process, "canvas": "native"}).is_identity
    assert settings("character", {"align": "none", "grid": 1}).is_identity


@pytest.mark.parametrize(
    ("chosen", "colour", "mends", "fingerprint"),
    [
        ("none", None, False, None),
        ("#102030", (16, 32, 48), False, [2, "102030"]),
        ("fix", None, True, [2, ["fix", None]]),
        ("fix #102030", (16, 32, 48), True, [2, ["fix", "102030"]]),
    ],
)
def test_an_outline_is_added_or_mended(
    chosen: str, colour: tuple[int, int, int] | None, mends: bool, fingerprint: Any
) -> None:
    found = settings("sprite", {"outline": chosen, "canvas": "native"})
    outline = found.find(OutlineStep) or OutlineStep(None)
    assert (outline.color, outline.is_mended) == (colour, mends)
    assert found.fingerprint_data() == ({"outline": fingerprint} if fingerprint else {})


def test_the_stated_size_counts_only_for_the_automatic_grid() -> None:
    assert settings("sprite", {"grid": 4}).fingerprint_data()["grid"] == [3, [4, None]]
    assert settings("sprite", {"grid": "auto"}).fingerprint_data()["grid"] == [3, ["auto", [32, 32]]]


def test_a_broken_palette_is_an_error_of_the_spec() -> None:
    spec: Any = KINDS["sprite"].model_validate({"kind": "sprite", "description": "x", "process": {"palette": "a.hex"}})
    with pytest.raises(UserError, match=r"a\.hex"):
        process_settings(spec, lambda _: b"what")


def test_tiles_take_only_colour_steps_and_say_so() -> None:
    assert [key for key, _ in refused_process_keys("tileset", ["palette", "matte", "canvas", "alpha"])] == [
        "matte",
        "canvas",
    ]
    assert [key for key, _ in refused_process_keys("music", ["palette"])] == ["palette"]
    assert refused_process_keys("sprite", ["palette", "matte"]) == []
    found = settings("isometric_tiles", {"matte": "auto", "align": "feet", "palette": ["#ffffff"], "alpha": "binary"})
    assert list(found.fingerprint_data()) == ["palette", "alpha"]


def test_steps_on_clips_are_refused_where_there_are_none() -> None:
    keys = ["steady", "palette", "repeats"]
    assert [key for key, _ in refused_process_keys("sprite", keys)] == ["steady", "repeats"]
    assert [key for key, _ in refused_process_keys("items", keys)] == ["steady", "repeats"]
    assert refused_process_keys("character", keys) == refused_process_keys("animation", keys) == []


@given(PICTURES)
def test_binary_alpha_is_all_or_nothing_and_stable(picture: Pixels) -> None:
    once = binary_alpha(picture)
    assert set(np.unique(once[..., 3])) <= {0, 255}
    assert not once[once[..., 3] == 0].any()
    assert np.array_equal(binary_alpha(once), once)
    there = picture[..., 3] >= 128
    assert np.array_equal(once[there][:, :3], picture[there][:, :3])


@given(PICTURES)
def test_cleaning_changes_only_what_nobody_sees(picture: Pixels) -> None:
    found = cleaned(picture)
    seen = picture[..., 3] > 0
    assert np.array_equal(found[seen], picture[seen])
    assert not found[~seen].any()


def test_an_outline_lies_outside_without_corners() -> None:
    picture = np.zeros((5, 5, 4), dtype=np.uint8)
    picture[2, 2] = (1, 2, 3, 255)
    found = outlined(picture, (9, 8, 7))
    assert found[2, 2].tolist() == [1, 2, 3, 255]
    assert {(y, x) for y, x in np.argwhere(found[..., 0] == 9).tolist()} == {(1, 2), (3, 2), (2, 1), (2, 3)}


def test_feet_on_the_lower_edge_leave_room_for_their_outline() -> None:
    picture = np.zeros((5, 5, 4), dtype=np.uint8)
    picture[3:, 2] = (1, 2, 3, 255)
    standing = ProcessSettings.of(AlignStep("feet"), OutlineStep((9, 8, 7)))
    ((found,),) = process_clips([[picture]], standing)
    assert np.flatnonzero(found[..., 0] == 1).tolist() == [12, 17]
    assert found[4, 2].tolist() == [9, 8, 7, 255]
    tall = np.zeros((5, 5, 4), dtype=np.uint8)
    tall[:, 2] = (1, 2, 3, 255)
    ((low,), (cut,)) = process_clips([[picture], [tall]], standing)
    assert low[4, 2].tolist() == cut[0, 2].tolist() == [1, 2, 3, 255], "nothing is cut, and all stand on one line"


def sprite_asset(*clips: list[Pixels]) -> SpriteAsset:
    animations = tuple(
        Animation(f"clip{number}", tuple(Frame(pixels, 40 + number) for pixels in clip), loop=False)
        for number, clip in enumerate(clips)
    )
    return SpriteAsset("a", "character", animations, (0.5, 1.0))


COLORS = st.one_of(
    st.builds(PaletteStep, st.just(((0, 0, 0), (250, 240, 230))), st.booleans()),
    st.builds(ColorsStep, st.sampled_from([2, 5]), st.booleans()),
)
STEPS = st.tuples(
    st.sampled_from([None, MatteStep("auto"), MatteStep("#ffffff")]),
    st.sampled_from([None, GridStep("auto"), GridStep(2)]),
    st.sampled_from([None, CanvasStep("trim"), CanvasStep((6, 9))]),
    st.sampled_from([None, AlignStep("feet"), AlignStep("center")]),
    st.none() | COLORS,
    st.sampled_from([None, AlphaStep()]),
    st.sampled_from([None, OutlineStep((1, 2, 3))]),
).map(lambda steps: ProcessSettings.of(*filter(None, steps)))


@given(st.lists(PICTURES, min_size=1, max_size=3), STEPS)
def test_any_combination_keeps_clips_times_and_the_asset_it_was_given(
    pictures: list[Pixels], steps: ProcessSettings
) -> None:
    asset = sprite_asset(pictures[:1] * 2, *([picture] for picture in pictures[1:]))
    before = [picture.copy() for picture in pictures]
    found = process_asset(asset, steps)
    assert all(np.array_equal(one, other) for one, other in zip(before, pictures, strict=True))
    assert isinstance(found, SpriteAsset)
    assert [clip.name for clip in found.animations] == [clip.name for clip in asset.animations]
    for clip, old in zip(found.animations, asset.animations, strict=True):
        assert [frame.duration_ms for frame in clip.frames] == [frame.duration_ms for frame in old.frames]
        assert len({frame.pixels.shape for frame in clip.frames}) == 1
        for frame in clip.frames:
            assert frame.pixels.dtype == np.uint8
            if steps.find(CanvasStep) == CanvasStep((6, 9)):
                assert frame.pixels.shape == (9, 6, 4)


def test_without_steps_the_asset_is_the_same_object() -> None:
    asset = sprite_asset([np.zeros((4, 4, 4), dtype=np.uint8)])
    assert process_asset(asset, ProcessSettings.of()) is asset
    audio = AudioAsset("m", np.zeros((4, 1), dtype=np.int16), 8000)
    assert process_asset(audio, ProcessSettings.of(AlphaStep())) is audio


def test_colours_under_alpha_0_go_without_any_step_too() -> None:
    picture = np.zeros((4, 4, 4), dtype=np.uint8)
    picture[...] = (123, 45, 67, 0)
    picture[1, 1] = (123, 45, 67, 1)
    shown = np.zeros_like(picture)
    shown[1, 1] = picture[1, 1]
    found = process_asset(sprite_asset([picture]), ProcessSettings.of())
    assert isinstance(found, SpriteAsset)
    assert np.array_equal(found.animations[0].frames[0].pixels, shown)
    tiles = TilesetAsset("t", (4, 4), 1, (Tile(0, picture),))
    cut = process_asset(tiles, ProcessSettings.of())
    assert isinstance(cut, TilesetAsset)
    assert np.array_equal(cut.tiles[0].pixels, shown)


def test_one_scale_and_one_palette_count_for_all_clips() -> None:
    ramp = np.zeros((8, 8, 4), dtype=np.uint8)
    ramp[..., 0], ramp[..., 3] = np.arange(64).reshape(8, 8) * 4, 255
    clips = process_clips(
        [[ramp], [255 - ramp + np.array([0, 0, 0, 255], dtype=np.uint8)]], ProcessSettings.of(ColorsStep(4))
    )
    seen = {tuple(colour) for clip in clips for frame in clip for colour in frame.reshape(-1, 4).tolist()}
    assert len(seen) <= 4


def test_items_come_out_in_the_size_of_their_cells() -> None:
    small, large = np.full((4, 6, 4), 255, dtype=np.uint8), np.full((10, 8, 4), 255, dtype=np.uint8)
    asset = ItemsAsset("i", (32, 32), 4, (Item("a", 0, small), Item("b", 2, large)))
    found = process_asset(asset, ProcessSettings.of())
    assert isinstance(found, ItemsAsset)
    assert found.size == (8, 10)
    assert [item.pixels.shape for item in found.items] == [(10, 8, 4)] * 2
    assert [item.slot for item in found.items] == [0, 2]
    sized = process_asset(asset, ProcessSettings.of(CanvasStep((16, 16))))
    assert isinstance(sized, ItemsAsset)
    assert sized.size == (16, 16)
    assert process_asset(ItemsAsset("i", (8, 8), 4, ()), ProcessSettings.of(AlphaStep())).items == ()  # type: ignore[union-attr]


def test_tiles_change_their_colours_only() -> None:
    soft = np.full((8, 8, 4), 100, dtype=np.uint8)
    hard = np.full((8, 8, 4), 255, dtype=np.uint8)
    asset = TilesetAsset("t", (8, 8), 4, (Tile(0, soft, (0, 0, 0, 0)), Tile(3, hard)), (Terrain("a", (0, 0, 0), 0),))
    found = process_asset(
        asset, ProcessSettings.of(CanvasStep((4, 4)), PaletteStep(((0, 0, 0),)), AlphaStep(), OutlineStep((9, 9, 9)))
    )
    assert isinstance(found, TilesetAsset)
    assert [(tile.id, tile.corners, tile.pixels.shape) for tile in found.tiles] == [
        (0, (0, 0, 0, 0), (8, 8, 4)),
        (3, None, (8, 8, 4)),
    ]
    assert not found.tiles[0].pixels.any()
    assert (found.tiles[1].pixels == (0, 0, 0, 255)).all()


def test_a_delivered_picture_goes_through_all_steps_in_order() -> None:
    truth = np.zeros((16, 16, 4), dtype=np.uint8)
    truth[3:14, 5:11] = (200, 40, 40, 255)
    truth[6:9, 6:10] = (40, 40, 200, 255)
    large = truth.repeat(8, axis=0).repeat(8, axis=1)
    large[large[..., 3] == 0] = (0, 255, 0, 255)
    rng = np.random.default_rng(2)
    large[..., :3] = np.clip(large[..., :3].astype(int) + rng.integers(-5, 6, (128, 128, 3)), 0, 255)
    steps = ProcessSettings.of(
        MatteStep("auto"),
        GridStep("auto", (16, 16)),
        CanvasStep((16, 16)),
        AlignStep("feet"),
        PaletteStep(((200, 40, 40), (40, 40, 200))),
        AlphaStep(),
    )
    found = process_clips([[large]], steps)[0][0]
    wanted = np.roll(truth, 2, axis=0)
    assert np.array_equal(found, wanted)
