"""The art lint: every rule finds its own flaw where it was put, and nothing in clean art."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.options import LINT, LINT_DEFAULTS
from bridge.lint.art import lint_asset
from bridge.lint.model import ArtFinding, LintRules
from bridge.lint.picture import seam_picture
from bridge.lint.tiles import Seam
from bridge.preview.panels import MARK
from bridge.preview.pixels import enlarged
from bridge.processing.settings import ProcessSettings
from bridge.processing.steps.align import AlignStep
from bridge.processing.steps.outline import OutlineStep
from bridge.processing.steps.palette import PaletteStep
from bridge.processing.steps.upscale import UpscaleStep
from exporters.model.asset import Animation, Frame, Item, ItemsAsset, Pixels, SpriteAsset, Terrain, Tile, TilesetAsset

ON_THE_GROUND = ProcessSettings.of(AlignStep("feet"))
PLAIN = ProcessSettings.of()
GREEN, SAND = (70, 150, 60), (225, 200, 140)


def figure(shift: int = 0, arm: int = 0) -> Pixels:
    """An opaque figure of three colours, standing `shift` pixels above the lower edge."""
    pixels = np.zeros((24, 20, 4), dtype=np.uint8)
    top, below = 6 - shift, 24 - shift
    pixels[top:below, 6:14] = (60, 70, 160, 255)
    pixels[top : top + 6, 7:13] = (230, 190, 150, 255)
    pixels[top + 8 : top + 10, 6 - arm : 6] = (230, 190, 150, 255)
    pixels[top + 2, 9] = (20, 20, 30, 255)
    return pixels


def sprite(*clips: tuple[str, list[Pixels]], loop: bool = True) -> SpriteAsset:
    animations = tuple(Animation(name, tuple(Frame(pixels) for pixels in frames), None, loop) for name, frames in clips)
    return SpriteAsset("art/hero", "character", animations)


def walk() -> list[Pixels]:
    return [figure(arm=arm) for arm in (0, 2, 4, 2, 1, 3)]


def found(
    asset: SpriteAsset | ItemsAsset | TilesetAsset, rules: LintRules | None = None, **options: bool
) -> list[ArtFinding]:
    return lint_asset(asset, ON_THE_GROUND, rules or LintRules(), **options)[0]


def test_clean_art_has_no_findings() -> None:
    assert found(sprite(("walk", walk()), ("idle", [figure(), figure()]))) == []


def test_half_transparent_pixels_are_counted_and_boxed() -> None:
    frames = walk()
    frames[2][10:12, 7:10, 3] = 120
    frames[4][20, 8, 3] = 1
    (finding,) = found(sprite(("walk", frames)))
    assert (finding.rule, finding.part, finding.frame, finding.box, finding.amount, finding.others) == (
        "soft_alpha", "walk", 2, (7, 10, 3, 2), 6, (4,)
    )  # fmt: skip
    assert found(sprite(("walk", frames)), soft_allowed=True) == []


def test_colours_off_the_palette_are_found_and_the_assets_own_palette_wins() -> None:
    own = ((60, 70, 160), (230, 190, 150), (20, 20, 30))
    asset = sprite(("walk", walk()))
    assert {finding.rule for finding in found(asset, LintRules(palette=own[:2]))} == {"off_palette"}
    assert found(asset, LintRules(palette=own)) == []
    kept = ProcessSettings.of(PaletteStep(own), OutlineStep((0, 0, 0)))
    assert lint_asset(asset, kept, LintRules(palette=((1, 2, 3),)))[0] == []


def test_lone_pixels_are_only_looked_for_when_asked() -> None:
    frames = walk()
    frames[1][1, 1] = (255, 255, 255, 255)
    asset = sprite(("walk", frames))
    assert found(asset) == []
    (finding,) = found(asset, LintRules.of({"stray": 0}))
    assert (finding.rule, finding.frame, finding.box) == ("stray", 1, (1, 1, 1, 1))
    assert finding.message == "1 pixel without a neighbour"


def test_a_frame_without_pixels_is_found() -> None:
    frames = walk()
    frames[3][:] = 0
    (finding,) = found(sprite(("walk", frames), loop=False))
    assert (finding.rule, finding.frame, finding.box) == ("empty_frame", 3, (0, 0, 20, 24))


@pytest.mark.parametrize("side", [2, 3, 8])
def test_fake_pixels_are_found_with_their_size(side: int) -> None:
    (finding,) = found(
        sprite(("walk", [enlarged(pixels, side) for pixels in walk()])), LintRules.of({"baseline": False})
    )
    assert (finding.rule, finding.amount) == ("fake_pixels", side)
    assert (finding.frame, finding.box) == (0, (6 * side, 6 * side, 8 * side, 18 * side))


def test_clips_of_different_size_are_found_with_the_canvas_that_holds_both() -> None:
    (finding,) = found(sprite(("walk", walk()), ("hurt", [figure()[2:, 1:]])))
    assert (finding.rule, finding.part, finding.amount) == ("canvas", "walk", 2)
    assert (finding.frame, finding.box) == (0, (0, 0, 20, 24))
    assert "[20, 24]" in finding.fix


def test_jumping_feet_are_found_in_loops_on_the_ground_only() -> None:
    frames = walk()
    frames[3] = figure(shift=3, arm=1)
    asset = sprite(("walk", frames))
    (finding,) = found(asset)
    assert (finding.rule, finding.frame, finding.box, finding.amount) == ("baseline", 3, (0, 21, 20, 3), 3)
    assert lint_asset(asset, PLAIN, LintRules())[0] == []
    assert found(sprite(("jump", frames), loop=False)) == []
    assert found(asset, LintRules.of({"baseline": 3})) == []


def test_a_flicker_of_one_pixel_is_found_and_a_held_frame_is_not() -> None:
    frames = walk()
    flicker = frames[2].copy()
    flicker[12, 8] = (61, 70, 160, 255)
    asset = sprite(("walk", [*frames[:3], flicker, frames[2], frames[2], *frames[3:]]))
    (finding,) = found(asset)
    assert (finding.rule, finding.frame, finding.box, finding.others) == ("near_duplicate", 3, (8, 12, 1, 1), (4,))


def test_a_loop_that_ends_with_its_first_picture_is_found() -> None:
    frames = walk()
    (finding,) = found(sprite(("walk", [*frames, frames[0]])))
    assert (finding.rule, finding.frame, finding.box) == ("loop", 6, (6, 6, 8, 18))
    assert found(sprite(("walk", [*frames, frames[0]]), loop=False)) == []
    assert found(sprite(("idle", [figure()] * 8))) == []


def test_a_last_picture_with_a_little_noise_is_the_first_again() -> None:
    frames = walk()
    worn = frames[0].copy()
    worn[10:14, 8:12, :3] += 5
    (finding,) = found(sprite(("walk", [*frames, worn])))
    assert (finding.rule, finding.frame, finding.fix.partition(",")[0]) == ("loop", 6, 'Set [process] repeats = "drop"')


def test_a_pause_at_the_end_of_a_loop_is_told_apart() -> None:
    frames = walk()
    asset = sprite(("walk", [*frames, frames[0], frames[0]]))
    (finding,) = found(asset)
    assert (finding.rule, finding.frame, finding.others, finding.amount) == ("loop", 6, (7,), 2)
    assert "[lint] loop = 2" in finding.fix
    assert found(asset, LintRules.of({"loop": 2})) == []


def test_the_way_out_of_jumping_feet_is_the_step_that_holds_them() -> None:
    frames = walk()
    frames[3] = figure(shift=3, arm=1)
    (finding,) = found(sprite(("walk", frames)))
    assert finding.fix.startswith("Set [process] steady = 3")
    high = [np.pad(pixels, ((30, 0), (0, 0), (0, 0))) for pixels in frames]
    high[3] = np.roll(high[3], -17, axis=0)
    (finding,) = found(sprite(("walk", high)))
    assert finding.fix.startswith("Reroll the clip")


def test_limits_count_pixels_of_the_art_where_it_was_enlarged() -> None:
    enlarged_on_purpose = ProcessSettings.of(*ON_THE_GROUND.steps, UpscaleStep(2))
    frames = walk()
    asset = sprite(("walk", [enlarged(pixels, 2) for pixels in frames]))
    assert lint_asset(asset, enlarged_on_purpose, LintRules())[0] == []
    frames[2][10:12, 7:10, 3] = 120
    frames[4][0, 2] = (9, 9, 9, 255)
    asset = sprite(("walk", [enlarged(pixels, 2) for pixels in frames]))
    soft, stray = lint_asset(asset, enlarged_on_purpose, LintRules.of({"stray": 0}))[0]
    assert (soft.rule, soft.box, soft.amount) == ("soft_alpha", (14, 20, 6, 4), 6)
    assert (stray.rule, stray.box) == ("stray", (4, 0, 2, 2))
    items = ItemsAsset("art/icons", (40, 48), 4, (Item("sword", 0, enlarged(figure(), 2)),))
    assert lint_asset(items, enlarged_on_purpose, LintRules())[0] == []


def ground(colour: tuple[int, int, int], size: int = 16) -> Pixels:
    rows, columns = np.mgrid[0:size, 0:size]
    speckle = ((rows * 7 + columns * 13) % 11 == 0).astype(np.int16) * 18
    pixels = np.full((size, size, 4), 255, dtype=np.uint8)
    pixels[..., :3] = np.clip(np.array(colour, dtype=np.int16) - speckle[..., None], 0, 255).astype(np.uint8)
    return pixels


def tileset(upper: tuple[int, int, int] = GREEN) -> TilesetAsset:
    """A corner Wang set of two terrains, each corner a quarter of the tile."""
    low, high = ground(SAND), ground(upper)
    tiles = []
    for mask in range(16):
        corners = tuple(mask >> bit & 1 for bit in (3, 2, 1, 0))
        pixels = low.copy()
        for corner, (rows, columns) in zip(
            corners, [(slice(0, 8), slice(0, 8)), (slice(0, 8), slice(8, 16)), (slice(8, 16), slice(0, 8)),
                      (slice(8, 16), slice(8, 16))], strict=True
        ):  # fmt: skip
            if corner:
                pixels[rows, columns] = high[rows, columns]
        tiles.append(Tile(mask, pixels, corners))  # type: ignore[arg-type]
    terrains = (Terrain("sand", SAND, 0), Terrain("grass", upper, 15))
    return TilesetAsset("art/ground", (16, 16), 4, tuple(tiles), terrains)


def with_tile(asset: TilesetAsset, number: int, change: Callable[[Pixels], Pixels]) -> TilesetAsset:
    tiles = [
        dataclasses.replace(tile, pixels=change(tile.pixels)) if tile.id == number else tile for tile in asset.tiles
    ]
    return dataclasses.replace(asset, tiles=tuple(tiles))


def test_a_set_whose_edges_meet_has_no_seams() -> None:
    findings, seams = lint_asset(tileset(), PLAIN, LintRules())
    assert findings == []
    assert seams == []


@given(st.sampled_from([1, 3, 5, 7, 9, 11, 13, 14]))
def test_a_tile_painted_the_wrong_way_round_leaves_seams_at_itself_only(number: int) -> None:
    turned = with_tile(tileset(), number, lambda pixels: np.ascontiguousarray(pixels[::-1, ::-1]))
    findings, seams = lint_asset(turned, PLAIN, LintRules())
    if not np.array_equal(tileset().tiles[number].pixels[..., :3] > 150, turned.tiles[number].pixels[..., :3] > 150):
        assert [finding.rule for finding in findings] == ["seam"]
        assert all(number in (seam.first, seam.second) for seam in seams)


def test_another_shade_of_the_same_ground_is_a_seam() -> None:
    darker = with_tile(tileset(), 15, lambda p: (p * np.array([0.7, 0.7, 0.7, 1])).astype(np.uint8))
    findings, seams = lint_asset(darker, PLAIN, LintRules())
    assert [finding.rule for finding in findings] == ["seam"]
    assert 15 in {seam.first for seam in seams}
    assert findings[0].box is not None


def test_seams_of_isometric_sets_are_not_guessed() -> None:
    darker = with_tile(tileset(), 15, lambda p: (p // 2).astype(np.uint8))
    assert lint_asset(dataclasses.replace(darker, orientation="isometric"), PLAIN, LintRules())[1] == []


def test_missing_corner_tiles_are_named() -> None:
    whole = tileset()
    holes = dataclasses.replace(whole, tiles=tuple(tile for tile in whole.tiles if tile.id not in (6, 9)))
    (finding,) = lint_asset(holes, PLAIN, LintRules())[0]
    assert (finding.rule, finding.part, finding.amount) == ("incomplete_pair", "sand and grass", 2)
    assert "masks 6, 9" in finding.message
    assert lint_asset(holes, PLAIN, LintRules.of({"incomplete_pair": 2}))[0] == []


def test_terrains_that_look_alike_are_found() -> None:
    findings, _ = lint_asset(tileset((220, 198, 142)), PLAIN, LintRules())
    assert [(finding.rule, finding.part) for finding in findings] == [("terrain_contrast", "sand, grass")]
    assert findings[0].box == (0, 0, 16, 16)


def test_fake_pixels_of_tiles_are_not_for_a_step_that_tiles_cannot_have() -> None:
    asset = tileset()
    tiles = tuple(dataclasses.replace(tile, pixels=enlarged(tile.pixels, 2)) for tile in asset.tiles)
    large = dataclasses.replace(asset, tiles=tiles, tile_size=(32, 32))
    (finding,) = [one for one in lint_asset(large, PLAIN, LintRules())[0] if one.rule == "fake_pixels"]
    assert (finding.part, finding.box) == ("tile 0 and 15 more", (0, 0, 32, 32))
    assert "2 times smaller" in finding.fix


def test_items_are_looked_at_one_by_one() -> None:
    good, bad = figure(), figure()
    bad[8, 8, 3] = 9
    asset = ItemsAsset("art/icons", (20, 24), 4, (Item("sword", 0, good), Item("potion", 1, bad)))
    assert [(finding.rule, finding.part) for finding in found(asset)] == [("soft_alpha", "potion")]


def test_the_picture_of_seams_marks_the_bad_places() -> None:
    asset = tileset()
    picture = seam_picture(asset, [Seam(0, 15, False, (3, 4)), Seam(0, 15, True, (0,))])
    marked = (picture[..., :3] == MARK).all(axis=2)
    assert marked.any()
    assert (picture[..., 3] == 255).all()
    assert not (seam_picture(asset, [Seam(0, 15, False, ())])[..., :3] == MARK).all(axis=2).any()


def test_every_rule_can_be_switched_off() -> None:
    frames = [enlarged(pixels, 2) for pixels in walk()]
    frames[1][:] = 0
    frames[2][5, 14, 3] = 7
    asset = sprite(("walk", [*frames, frames[0]]), ("hurt", [figure(3)]))
    assert len({finding.rule for finding in found(asset)}) >= 4
    assert found(asset, LintRules.of(dict.fromkeys(LINT_DEFAULTS, False))) == []
    assert set(LINT) == {"palette", *LINT_DEFAULTS}


def test_the_page_about_clean_pixels_names_every_rule() -> None:
    page = (Path(__file__).parents[3] / "docs" / "guides" / "art.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(LINT_DEFAULTS)
