from __future__ import annotations

import dataclasses

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters import samples
from exporters.base import ExportError
from exporters.model.asset import (
    FLIP_D,
    FLIP_H,
    FLIP_V,
    ImageLayer,
    Pixels,
    Tile,
    TileLayer,
    TileMapAsset,
    TilesetAsset,
)
from exporters.packing.render import composite, flip_tile, map_size, render_map

PIXELS = hnp.arrays(np.uint8, (3, 4, 4))


def one_layer(tiles: TilesetAsset, cells: list[list[int]], opacity: float = 1.0) -> TileMapAsset:
    array = np.array(cells, dtype=np.uint32)
    layer = TileLayer("ground", array, opacity=opacity)
    size = (array.shape[1], array.shape[0])
    return TileMapAsset("map", size, tiles.grid_size, (tiles,), (layer,), tiles.orientation)


def test_tiles_lie_beside_each_other() -> None:
    tiles = samples.tileset()
    image = render_map(one_layer(tiles, [[1, 0], [3, 16]]))
    assert (image[:16, :16] == tiles.tiles[0].pixels).all()
    assert not image[:16, 16:].any()
    assert (image[16:, :16] == tiles.tiles[2].pixels).all()
    assert (image[16:, 16:] == tiles.tiles[15].pixels).all()


def test_tall_tiles_stand_on_their_cell_and_are_clipped() -> None:
    tall = samples.picture(6, 10, 1)
    tiles = TilesetAsset("t", (6, 10), 1, (Tile(0, tall),), grid=(4, 4))
    image = render_map(one_layer(tiles, [[0], [0], [1]]))
    assert image.shape == (12, 4, 4)
    assert (image[2:] == tall[:, :4]).all()


def test_isometric_cells_lie_on_diamonds() -> None:
    blocks = samples.blocks()
    asset = one_layer(blocks, [[1, 0], [0, 2]])
    assert map_size(asset) == (64, 32)
    image = render_map(asset)
    expected = np.zeros((32, 64, 4), dtype=np.uint8)
    expected[:16, 16:48] = blocks.tiles[0].pixels[24:]
    expected[:, 16:48] = composite(expected[:, 16:48], blocks.tiles[1].pixels[8:])
    assert (image == expected).all()


def test_flips_are_those_of_tiled() -> None:
    pixels = np.arange(16, dtype=np.uint8).reshape(2, 2, 4)
    a, b, c, d = pixels[0, 0], pixels[0, 1], pixels[1, 0], pixels[1, 1]
    assert (flip_tile(pixels, FLIP_D) == [[a, c], [b, d]]).all()
    # Tiled writes a quarter turn clockwise as D and H together.
    assert (flip_tile(pixels, FLIP_D | FLIP_H) == [[c, a], [d, b]]).all()
    assert (flip_tile(pixels, FLIP_H | FLIP_V) == [[d, c], [b, a]]).all()


def test_hidden_layers_and_opacity() -> None:
    tiles = samples.tileset()
    asset = one_layer(tiles, [[1]], opacity=0.5)
    assert (render_map(asset)[..., 3] == 128).all()
    hidden = dataclasses.replace(asset.layers[0], visible=False)
    assert not render_map(dataclasses.replace(asset, layers=(hidden,))).any()


def test_animated_tiles_show_their_first_frame() -> None:
    tiles = samples.tileset(animated=3)
    assert (render_map(one_layer(tiles, [[1]])) == tiles.tiles[0].pixels).all()


def test_a_missing_tile_is_an_error_that_names_the_layer() -> None:
    with pytest.raises(ExportError, match="'ground' uses tile 98"):
        render_map(one_layer(samples.tileset(), [[99]]))


@given(PIXELS, PIXELS, st.integers(0, 255))
def test_composition_agrees_with_exact_fractions(under: Pixels, over: Pixels, opacity: int) -> None:
    result = composite(under, over, opacity).astype(int)
    source = np.rint(over[..., 3] * (opacity / 255.0))
    assert (np.abs(result[..., 3] - (source + under[..., 3] * (1 - source / 255))) <= 1.0).all()
    opaque = under.copy()
    opaque[..., 3] = 255
    weight = source[..., None] / 255
    exact = over[..., :3] * weight + under[..., :3] * (1 - weight)
    assert (np.abs(composite(opaque, over, opacity)[..., :3] - exact) <= 1.0).all()


@given(PIXELS, PIXELS)
def test_opaque_hides_and_transparent_shows(under: Pixels, over: Pixels) -> None:
    over[..., 3] = 255
    assert (composite(under, over) == over).all()
    over[..., 3] = 0
    shown = composite(under, over)
    visible = under[..., 3] > 0
    assert (shown[visible] == under[visible]).all()
    assert not shown[~visible].any()


def test_layers_are_tinted_and_moved() -> None:
    tiles = samples.tileset()
    asset = one_layer(tiles, [[1, 0], [0, 0]])
    (ground,) = asset.layers
    moved = dataclasses.replace(ground, tint=(255, 128, 0, 255), offset=(5.0, -3.0))
    image = render_map(dataclasses.replace(asset, layers=(moved,)))
    picture = tiles.tiles[0].pixels.astype(int)
    picture[..., 1] = (picture[..., 1] * 128 + 127) // 255
    picture[..., 2] = 0
    assert (image[:13, 5:21] == picture[3:]).all()
    assert not image[13:].any()


def test_pictures_lie_among_the_layers_once_or_without_end() -> None:
    asset = one_layer(samples.tileset(), [[0, 0], [0, 0]])
    picture = samples.picture(5, 7, 1)
    once = ImageLayer("sun", picture, offset=(30.0, -2.0))
    image = render_map(dataclasses.replace(asset, layers=(*asset.layers, once)))
    assert (image[:5, 30:] == picture[2:, :2]).all()
    assert not image[5:].any()
    endless = ImageLayer("sky", picture, (True, True), offset=(3.0, -100.0))
    image = render_map(dataclasses.replace(asset, layers=(endless,)))
    ys, xs = np.mgrid[0:32, 0:32]
    assert (image == picture[(ys + 100) % 7, (xs - 3) % 5]).all()
    hidden = dataclasses.replace(endless, visible=False)
    assert not render_map(dataclasses.replace(asset, layers=(hidden,))).any()
