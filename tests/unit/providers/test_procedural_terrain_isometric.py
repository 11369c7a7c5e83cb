"""Isometric tiles: the diamond fits its neighbours, blocks fill the canvas, words change the picture."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest

from bridge.assemble.parts import ImagePart
from bridge.core.errors import UserError
from bridge.providers.api import Step
from bridge.providers.procedural import ProceduralProvider
from bridge.providers.procedural.terrain import props
from bridge.providers.procedural.terrain.isometric import diamond_mask, draw_tile, rise_of
from bridge.providers.testing import compile_checked
from bridge.spec.tiles import IsometricTilesSpec
from exporters.model.asset import Pixels
from tests.unit.providers.procedural_terrain_context import Context

PROVIDER = ProceduralProvider()
GROUNDS = ["grass", "dirt", "water", "stone", "brick", "planks", "snow", "lava", "ice", "crystal", "sand", "blorb"]


def steps(*names: str, **fields: Any) -> list[Step]:
    tiles = [{"name": name.replace(" ", "_"), "description": name} for name in names]
    spec = IsometricTilesSpec.model_validate({"kind": "isometric_tiles", "tiles": tiles, **fields})
    return list(compile_checked(PROVIDER, spec, Context()))


def picture(name: str, **fields: Any) -> Pixels:
    (step,) = steps(name, **fields)
    (part,) = PROVIDER.interpret(step, PROVIDER.run(step, {}, {}))
    assert isinstance(part, ImagePart)
    assert part.name == name.replace(" ", "_")
    return part.pixels


@pytest.mark.parametrize("grid", [(32, 16), (16, 8), (64, 32), (20, 10), (24, 16), (130, 66), (12, 20)])
def test_diamonds_cover_the_plane_once(grid: tuple[int, int]) -> None:
    width, height = grid
    plane = np.zeros((height * 4, width * 4), dtype=np.int64)
    for row in range(-2, 12):
        for column in range(-2, 6):
            top, left = row * height // 2, column * width + row % 2 * (width // 2)
            for y, x in zip(*np.nonzero(diamond_mask(grid)), strict=True):
                if 0 <= top + y < plane.shape[0] and 0 <= left + x < plane.shape[1]:
                    plane[top + y, left + x] += 1
    assert (plane == 1).all()


def test_a_two_to_one_diamond_has_the_usual_rows() -> None:
    rows = diamond_mask((32, 16)).sum(axis=1).tolist()
    assert rows == [2, 6, 10, 14, 18, 22, 26, 30, 30, 26, 22, 18, 14, 10, 6, 2]


@pytest.mark.parametrize("name", GROUNDS)
@pytest.mark.parametrize("tile", [[16, 16], [32, 32], [64, 64], [48, 40]])
def test_blocks_stand_on_the_canvas_and_fill_it(name: str, tile: list[int]) -> None:
    pixels = picture(name, tile_size=tile)
    assert pixels.shape == (tile[1], tile[0], 4)
    rows = np.flatnonzero(pixels[..., 3].any(axis=1))
    assert (rows[0], rows[-1]) == (0, tile[1] - 1)
    assert set(np.unique(pixels[..., 3]).tolist()) <= {0, 255}


def test_thin_is_lower_than_thick_is_lower_than_a_block() -> None:
    heights = [rise_of(shape, (32, 32), (32, 16)) for shape in ("thin", "thick", "block")]
    assert heights == sorted(set(heights))
    covered = [int((picture("stone", shape=shape)[..., 3] > 0).sum()) for shape in ("thin", "thick", "block")]
    assert covered == sorted(set(covered))


def test_the_right_side_is_darker_than_the_left_and_the_top_is_lightest() -> None:
    pixels = picture("dirt").astype(np.int64)
    top, left, right = pixels[4:12, 10:22, :3], pixels[20:24, 2:12, :3], pixels[20:24, 20:30, :3]
    assert top.mean() > left.mean() > right.mean()


@pytest.mark.parametrize("name", sorted(set(props.WORDS.values())))
@pytest.mark.parametrize("tile", [[16, 16], [32, 32], [64, 96]])
def test_things_stand_inside_the_canvas(name: str, tile: list[int]) -> None:
    pixels = picture(name, tile_size=tile)
    assert (pixels[..., 3] > 0).sum() > tile[0]
    assert not pixels[0, 0, 3]


def test_things_differ_from_each_other_and_stand_on_ground() -> None:
    names = sorted(set(props.WORDS.values()))
    assert len({picture(name).tobytes() for name in names}) == len(names)
    bare, grounded = picture("tree"), picture("tree on grass")
    assert (grounded[..., 3] > 0).sum() > (bare[..., 3] > 0).sum()


def test_colors_and_outline_words_count() -> None:
    assert len(np.unique(picture("grass", colors=5).reshape(-1, 4), axis=0)) <= 6
    black = picture("grass", outline="single color black outline")
    assert tuple(black[-1, 15]) == (20, 18, 26, 255)
    red = picture("red crate")
    opaque = red[red[..., 3] > 0][:, :3].mean(axis=0)
    assert opaque[0] > opaque[1] * 1.5


def test_a_step_a_tile_whose_params_ignore_free_fields() -> None:
    first, second = steps("grass", "stone")
    assert (first.key, second.key) == ("tile/grass", "tile/stone")
    assert steps("grass", columns=4)[0] == first


@pytest.mark.parametrize(
    ("fields", "code", "place"),
    [
        ({"grid": [30, 15]}, "provider_limit", "grid"),
        ({"tile_size": [30, 32]}, "provider_limit", "tile_size"),
        ({"tile_size": [8, 8]}, "provider_limit", "tile_size"),
        ({"view": "side"}, "spec_not_applicable", "view"),
        ({"transparent": False}, "spec_not_applicable", "transparent"),
        ({"enhance": True}, "spec_not_applicable", "enhance"),
    ],
)
def test_what_cannot_be_drawn_is_refused(fields: dict[str, Any], code: str, place: str) -> None:
    with pytest.raises(UserError) as caught:
        steps("grass", **fields)
    assert (caught.value.code, caught.value.args[1]) == (code, place)
    assert caught.value.hint


def test_tiles_of_other_providers_are_refused() -> None:
    spec = IsometricTilesSpec.model_validate(
        {"kind": "isometric_tiles", "tiles": [{"name": "grass", "builtin": "Terrain/Grass"}]}
    )
    with pytest.raises(UserError) as caught:
        compile_checked(PROVIDER, spec, Context())
    assert caught.value.args[1] == "tiles.0.builtin"


def test_the_same_words_give_the_same_pixels_everywhere() -> None:
    digest = hashlib.sha256()
    for name in [*GROUNDS, *sorted(set(props.WORDS.values())), "autumn tree on mossy rock"]:
        params: dict[str, Any] = {
            "tile": [32, 40],
            "grid": [32, 16],
            "shape": "block",
            "description": name,
            "style": "",
        }
        params |= {"outline": "", "shading": "", "detail": "", "colors": 0}
        digest.update(draw_tile(params, 7).tobytes())
    assert digest.hexdigest() == "7cbe1df1156aba684acd409afc446275242553f94b117408a6db3919694b0e6b"
