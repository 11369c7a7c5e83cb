"""The contact sheet, its layout and font, and the moving scene."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bridge.preview import contact_sheet as sheet
from bridge.preview import font, layout, panels, scene
from bridge.preview.pixels import blend_onto, filled, gridded, trimmed
from exporters.model.asset import (
    Animation,
    Asset,
    AudioAsset,
    Frame,
    Item,
    ItemsAsset,
    Pixels,
    SpriteAsset,
    Terrain,
    Tile,
    TileFrame,
    TileLayer,
    TileMapAsset,
    TilesetAsset,
)
from tests.engines.demo_project import Demo

IMAGES = Path(__file__).parents[3] / "docs" / "images"
RED, BLUE = (200, 30, 30, 255), (30, 30, 200, 255)


def block(width: int, height: int, colour: tuple[int, int, int, int] = RED) -> Pixels:
    picture = np.zeros((height, width, 4), dtype=np.uint8)
    picture[:] = colour
    return picture


def still(name: str, width: int, height: int, colour: tuple[int, int, int, int] = RED) -> SpriteAsset:
    return SpriteAsset(name, "sprite", (Animation("default", (Frame(block(width, height, colour)),)),))


def walker(name: str = "art/walker", frames: int = 6) -> SpriteAsset:
    clips = [
        Animation(clip, tuple(Frame(block(10 + number, 12)[:, :10]) for number in range(frames)), direction)
        for clip in ("idle", "walk")
        for direction in ("south", "east")
    ]
    return SpriteAsset(name, "character", tuple(clips))


def shown(picture: Pixels, colour: tuple[int, int, int, int]) -> int:
    return int((picture == np.array(colour, dtype=np.uint8)).all(axis=-1).sum())


@pytest.mark.parametrize("name", ["contact_sheet.png", "moving.gif"])
def test_the_readme_shows_what_the_demo_makes(demo: Demo, name: str) -> None:
    with Image.open(demo.root / name) as made, Image.open(IMAGES / name) as kept:
        advice = f"docs/images/{name} is out of date: run `assetbridge demo DIR` and copy DIR/{name} over it"
        assert (made.size, getattr(made, "n_frames", 1)) == (kept.size, getattr(kept, "n_frames", 1)), advice
        for number in range(getattr(made, "n_frames", 1)):
            made.seek(number)
            kept.seek(number)
            assert np.array_equal(np.asarray(made.convert("RGB")), np.asarray(kept.convert("RGB"))), advice


def test_the_demos_pictures_fit_a_readme(demo: Demo) -> None:
    with Image.open(demo.root / "contact_sheet.png") as picture:
        assert picture.width == sheet.WIDTH
        assert picture.height <= 1700
    assert (demo.root / "moving.gif").stat().st_size < 1_500_000
    with Image.open(demo.root / "moving.gif") as moving:
        assert moving.info["loop"] == 0
        assert getattr(moving, "n_frames", 1) == scene.FRAMES


def test_nothing_is_cut_and_scales_are_whole() -> None:
    picture = sheet.contact_sheet([still("art/props/a", 700, 9), still("art/props/b", 20, 30, BLUE)])
    assert picture.shape[1] > sheet.WIDTH
    assert shown(picture, RED) == 700 * 9 * panels.SCALE**2
    assert shown(picture, BLUE) == 20 * 30 * panels.SCALE**2
    assert picture[..., 3].min() == 255


def test_a_sheet_of_nothing_is_an_empty_sheet() -> None:
    assert sheet.contact_sheet([]).shape == (2 * sheet.GAP, sheet.WIDTH, 4)


def test_the_order_of_equal_input_decides_nothing_else() -> None:
    assets = [walker(), still("art/props/a", 30, 30), still("art/props/b", 40, 50, BLUE)]
    assert np.array_equal(sheet.contact_sheet(assets), sheet.contact_sheet(assets))


def test_stills_of_a_folder_share_a_panel() -> None:
    found = panels.panels_of([still("art/props/a", 9, 9), walker(), still("art/props/b", 9, 9), still("c", 9, 9)])
    assert [(panel.title, panel.detail) for panel in found] == [
        ("props", "2 sprites"),
        ("walker", "2 directions, 24 frames"),
        ("sprites", "1 sprites"),
    ]


def test_a_character_shows_its_directions_and_some_frames_of_the_other_clips() -> None:
    (panel,) = panels.panels_of([walker(frames=20)])
    # 2 directions of the first clip, then 4 of the 20 frames of the second.
    assert {shown(picture, RED) for picture in panel.pictures} == {(2 + 4) * 10 * 12 * panels.SCALE**2}


def test_items_and_tiles_show_every_cell_but_no_animation_frames() -> None:
    items = ItemsAsset("icons", (8, 8), 4, tuple(Item(f"i{slot}", slot, block(8, 8)) for slot in (0, 2, 5)))
    tiles = TilesetAsset(
        "tiles", (8, 8), 4, tuple(Tile(number, block(8, 8), animation_frame=number > 4) for number in range(8))
    )
    first, second = panels.panels_of([items, tiles])
    assert {shown(picture, RED) for picture in first.pictures} == {3 * 64 * panels.SCALE**2}
    assert {shown(picture, RED) for picture in second.pictures} == {5 * 64 * panels.SCALE**2}
    assert (first.detail, second.detail) == ("3 items", "5 tiles")


def test_an_asset_without_cells_has_no_panel_on_the_sheet() -> None:
    assert sheet.contact_sheet([ItemsAsset("icons", (8, 8), 4, ())]).shape[0] == 2 * sheet.GAP


@pytest.mark.parametrize(("columns", "wide"), [(20, 20 * 16 * 2), (48, 48 * 16), (160, 854)])
def test_maps_shrink_by_whole_factors(columns: int, wide: int) -> None:
    tiles = TilesetAsset("tiles", (16, 16), 1, (Tile(0, block(16, 16)),))
    cells = np.ones((2, columns), dtype=np.uint32)
    (panel,) = panels.panels_of([TileMapAsset("map", (columns, 2), (16, 16), (tiles,), (TileLayer("g", cells),))])
    assert panel.pictures[0].shape[1] == wide


@pytest.mark.parametrize("length", [0, 10, 44100])
def test_sound_is_a_wave(length: int) -> None:
    samples = (np.arange(length, dtype=np.int64) % 2000 - 1000).astype(np.int16)[:, None]
    (panel,) = panels.panels_of([AudioAsset("song", samples, 22050)])
    assert panel.detail == f"music, {length // 22050} s"
    assert shown(panel.pictures[0], (*panels.WAVE, 255)) > 0


@settings(max_examples=25)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(5, 150), st.integers(5, 150)), min_size=1, max_size=3), min_size=1, max_size=7
    )
)
def test_boxes_hold_their_panels_and_never_overlap(shapes: list[list[tuple[int, int]]]) -> None:
    width, gap = 200, 4
    boxes, height = layout.lay_out(shapes, width, gap)
    assert [box.panel for box in boxes] == list(range(len(shapes)))
    for box in boxes:
        wide, high = shapes[box.panel][box.shape]
        assert box.width >= wide
        assert box.height >= high
        assert gap <= box.x
        assert box.x + box.width <= width - gap
        assert gap <= box.y
        assert box.y + box.height <= height - gap
    for one, two in itertools.combinations(boxes, 2):
        apart_x = one.x + one.width + gap <= two.x or two.x + two.width + gap <= one.x
        apart_y = one.y + one.height + gap <= two.y or two.y + two.height + gap <= one.y
        assert apart_x or apart_y


def test_letters_are_different_and_unknown_ones_are_spaces() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.,/"
    assert len({font.mask_of(letter).tobytes() for letter in letters}) == len(letters)
    assert not font.mask_of("_é ").any()
    assert np.array_equal(font.mask_of("hero"), font.mask_of("HERO"))
    assert font.mask_of("").shape == (font.HEIGHT, 0)
    assert font.mask_of("AB").shape == (font.HEIGHT, font.width_of("AB"))


def test_blending_is_exact_and_leaves_out_what_lies_outside() -> None:
    canvas = filled(4, 4, (100, 100, 100))
    blend_onto(canvas, block(2, 2, (200, 0, 100, 128)), 3, -1)
    assert canvas[0, 3].tolist() == [150, 50, 100, 255]
    assert int((canvas[..., 0] != 100).sum()) == 1
    blend_onto(canvas, block(2, 2), 9, 9)
    assert int((canvas[..., 0] != 100).sum()) == 1


def test_trimming_keeps_frames_aligned() -> None:
    one, two = np.zeros((8, 8, 4), dtype=np.uint8), np.zeros((8, 8, 4), dtype=np.uint8)
    one[2, 3], two[5, 6] = RED, RED
    assert [frame.shape for frame in trimmed([one, two])] == [(4, 4, 4), (4, 4, 4)]
    assert trimmed([np.zeros((8, 8, 4), dtype=np.uint8)])[0].shape == (1, 1, 4)


@pytest.mark.parametrize(("width", "shape"), [(100, (10, 56)), (40, (24, 32)), (5, (66, 8))])
def test_lines_of_a_grid_are_even(width: int, shape: tuple[int, int]) -> None:
    assert gridded([block(8, 10)] * 5, width, 4)[..., 3].shape == shape


def water_and_land() -> TilesetAsset:
    tiles = [
        Tile(mask, block(4, 4, (40 * (mask % 4), 60 * (mask // 4), 0, 255)), corners=corners)
        for mask, corners in enumerate((a, b, c, d) for a in (0, 1) for b in (0, 1) for c in (0, 1) for d in (0, 1))
    ]
    tiles[0] = Tile(0, tiles[0].pixels, corners=(0, 0, 0, 0), animation=(TileFrame(0, 100), TileFrame(16, 100)))
    tiles.append(Tile(16, block(4, 4, BLUE), animation_frame=True))
    tiles.append(Tile(17, block(4, 4, (9, 9, 9, 255)), corners=(1, 1, 1, 1)))
    terrains = (Terrain("water", (0, 0, 255), 0), Terrain("land", (0, 255, 0), 15))
    return TilesetAsset("tiles", (4, 4), 4, tuple(tiles), terrains)


def frames_of(data: bytes) -> list[Pixels]:
    found = []
    with Image.open(io.BytesIO(data)) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            found.append(np.asarray(picture.convert("RGBA")))
    return found


def test_a_scene_moves_its_actors_and_its_water() -> None:
    legs = (scene.Leg("walk", "east", 24, 8), scene.Leg("walk", "south", 24, -8))
    actors = (scene.Actor("art/walker", 6, 14, legs), scene.Actor("missing", 0, 0), scene.Actor("stone", 2, 4))
    play = scene.PreviewScene("tiles", "0000000\n0000000\n0000111\n1111111\n1111111", actors)
    assets: list[Asset] = [water_and_land(), walker(), still("stone", 3, 3, (1, 250, 1, 255))]
    frames = frames_of(scene.render_scene(play, assets))
    assert {frame.shape for frame in frames} == {(16 * scene.SCALE, 24 * scene.SCALE, 4)}

    def left_of(frame: Pixels) -> int:
        return int(np.flatnonzero((frame == np.array(RED)).all(axis=-1).any(axis=0))[0])

    assert left_of(frames[0]) == 1 * scene.SCALE
    assert max(left_of(frame) for frame in frames) == 9 * scene.SCALE
    assert shown(frames[0], BLUE) == 0
    assert shown(frames[2], BLUE) > 0
    assert scene.render_scene(play, assets) == scene.render_scene(play, assets)


def test_shadows_lie_under_the_feet_and_flyers_above_them() -> None:
    plain = scene.PreviewScene("tiles", "11111\n11111\n11111\n11111\n11111", (scene.Actor("stone", 8, 12),))
    flying = scene.PreviewScene("tiles", plain.land, (scene.Actor("stone", 8, 12, shadow=6, above=5),))
    assets: list[Asset] = [water_and_land(), still("stone", 3, 3)]
    low, high = (frames_of(scene.render_scene(play, assets))[0] for play in (plain, flying))
    rows = [np.flatnonzero((frame == np.array(RED)).all(axis=-1).any(axis=1)) for frame in (low, high)]
    assert rows[0][-1] - rows[1][-1] == 5 * scene.SCALE
    assert shown(low, RED) == shown(high, RED) == 9 * scene.SCALE**2
    assert len(np.unique(high.reshape(-1, 4), axis=0)) > len(np.unique(low.reshape(-1, 4), axis=0))


def test_colours_are_exact_up_to_256_and_near_beyond() -> None:
    few = np.stack(np.meshgrid(np.arange(16), np.arange(16), [7]), axis=-1).astype(np.uint8).reshape(1, 256, 3)
    table, places = scene._index_palette(few)
    assert np.array_equal(table[places], few)
    many = np.concatenate((few, few, np.full((1, 256, 3), (200, 0, 0), dtype=np.uint8)), axis=0)
    many[2, :3] = ((201, 0, 0), (15, 15, 8), (202, 0, 0))
    table, places = scene._index_palette(many)
    assert len(table) == 256
    assert int(np.abs(table[places].astype(int) - many).max()) <= 2


def test_a_scene_needs_its_tileset() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        scene.render_scene(scene.PreviewScene("nowhere", "11\n11", ()), [])
    with pytest.raises(KeyError, match="stone"):
        scene.render_scene(scene.PreviewScene("stone", "11\n11", ()), [still("stone", 3, 3)])
