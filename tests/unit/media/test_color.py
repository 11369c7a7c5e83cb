"""Palettes, colour counts and dithering: known truths, and properties over any picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bridge.media.color import LINEAR, cube_root, nearest_indices, oklab, reduced_palette, to_palette
from bridge.media.rgb import RGB, parse_rgb
from exporters.model.asset import Pixels

PICTURES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(4)))
PALETTES = st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=12, unique=True)


def colours_of(pixels: Pixels) -> set[RGB]:
    return {(int(r), int(g), int(b)) for r, g, b, a in pixels.reshape(-1, 4).tolist() if a}


@given(st.lists(st.integers(0, 2**43), min_size=1, max_size=50))
def test_cube_roots_are_exact(values: list[int]) -> None:
    for value, root in zip(values, cube_root(np.array(values, dtype=np.int64)).tolist(), strict=True):
        assert root**3 <= value < (root + 1) ** 3


def test_no_light_value_lies_where_two_machines_could_round_differently() -> None:
    for value in range(256):
        share = value / 255
        light = share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        exact = light * 2**22
        assert abs(exact % 1 - 0.5) > 1e-6
        assert LINEAR[value] == round(exact)


def test_oklab_agrees_with_the_published_values() -> None:
    # White, red, green and blue as given with the definition of OKLab, in thousandths.
    wanted = [(1000, 0, 0), (628, 225, 126), (866, -234, 179), (452, -32, -312)]
    found = oklab(np.array([(255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255)]))
    assert np.abs(found * 1000 / 16384 - wanted).max() <= 1


@given(PALETTES, st.tuples(*[st.integers(0, 255)] * 3))
def test_nearest_finds_the_least_distance_and_of_equal_ones_the_first(palette: list[RGB], colour: RGB) -> None:
    offered, wanted = oklab(np.array(palette)), oklab(np.array([colour]))
    distances = ((offered - wanted) ** 2).sum(axis=1).tolist()
    assert nearest_indices(wanted, offered)[0] == distances.index(min(distances))


@pytest.mark.parametrize("dither", [False, True])
@given(picture=PICTURES, palette=PALETTES)
def test_a_palette_leaves_only_its_colours_keeps_alpha_and_changes_nothing_twice(
    dither: bool, picture: Pixels, palette: list[RGB]
) -> None:
    before = picture.copy()
    once = to_palette([picture], palette, dither=dither)[0]
    assert np.array_equal(picture, before)
    assert colours_of(once) <= set(palette)
    assert np.array_equal(once[..., 3], picture[..., 3])
    assert np.array_equal(to_palette([once], palette, dither=dither)[0], once)


@given(st.lists(PICTURES, min_size=1, max_size=3), st.integers(2, 20))
def test_reducing_invents_no_colour_and_keeps_few_ones_exactly(pictures: list[Pixels], count: int) -> None:
    palette = reduced_palette(pictures, count)
    own = set().union(*(colours_of(picture) for picture in pictures))
    assert len(palette) <= count
    assert set(palette) <= own
    if len(own) <= count:
        lab = {tuple(row) for row in oklab(np.array(sorted(own)).reshape(-1, 3)).tolist()}
        assert len(palette) == len(lab)


def test_noise_round_few_colours_is_reduced_to_them() -> None:
    rng = np.random.default_rng(7)
    truth = np.zeros((40, 40, 4), dtype=np.uint8)
    truth[..., 3] = 255
    truth[:20, :, :3], truth[20:, :, :3], truth[10:30, 10:30, :3] = (40, 60, 160), (60, 150, 60), (220, 200, 90)
    noisy = truth.copy()
    noisy[..., :3] = np.clip(truth[..., :3].astype(int) + rng.integers(-6, 7, (40, 40, 3)), 0, 255)
    reduced = to_palette([noisy], reduced_palette([noisy], 3))[0]
    assert len(colours_of(reduced)) == 3
    assert np.abs(reduced.astype(int) - truth).max() <= 8
    flat = {tuple(reduced[y, x]) for y, x in ((2, 2), (15, 15), (38, 2))}
    assert len(flat) == 3


def test_all_frames_share_one_palette() -> None:
    ramp = np.zeros((1, 256, 4), dtype=np.uint8)
    ramp[0, :, 0], ramp[..., 3] = np.arange(256), 255
    halves = [ramp[:, :128].copy(), ramp[:, 128:].copy()]
    palette = reduced_palette(halves, 8)
    assert len(palette) == 8
    assert {colour[0] < 128 for colour in palette} == {True, False}


def test_dithering_mixes_where_plain_mapping_is_flat() -> None:
    grey = np.full((8, 8, 4), 118, dtype=np.uint8)
    grey[..., 3] = 255
    black_white = [(0, 0, 0), (255, 255, 255)]
    assert len(colours_of(to_palette([grey], black_white)[0])) == 1
    mixed = to_palette([grey], black_white, dither=True)[0]
    assert colours_of(mixed) == set(black_white)
    assert np.array_equal(mixed[:4, :4], mixed[4:, 4:])


@pytest.mark.parametrize("text", ["#12345", "1234567", "#gggggg", "", "#+12345"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a colour"):
        parse_rgb(text)
