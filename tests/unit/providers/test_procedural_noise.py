"""Integer noise and colour ramps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.providers.procedural import noise, palette


def test_numbers_are_the_same_on_every_machine() -> None:
    assert noise.derive_seed(7, "grass", 3) == 4024732790752299102
    assert noise.hash_cells(7, np.arange(-2, 3), 5).tolist() == [57451, 22373, 54948, 63738, 43103]
    assert noise.layered_noise(7, (6, 2), (2, 1), 2).tolist() == [
        [[290, 301, 285, 291, 327, 297], [290, 301, 285, 291, 327, 297]]
    ]
    dice = noise.Dice(7, "topic")
    assert [dice.number(100) for _ in range(5)] == [70, 92, 57, 74, 39]


@given(st.integers(0, 2**63), st.integers(2, 40), st.integers(2, 40), st.integers(1, 9), st.integers(1, 9))
def test_noise_stays_in_range_and_has_its_shape(seed: int, width: int, height: int, across: int, down: int) -> None:
    field = noise.periodic_noise(seed, (width, height), (across, down), 4)
    assert field.shape == (4, height, width)
    assert field.min() >= 0
    assert field.max() < noise.ONE


def test_noise_repeats_without_a_seam() -> None:
    field = noise.periodic_noise(3, (32, 32), (3, 3))[0]
    inside = np.abs(np.diff(field, axis=1)).max()
    assert np.abs(field[:, 0] - field[:, -1]).max() <= inside
    assert np.abs(field[0] - field[-1]).max() <= np.abs(np.diff(field, axis=0)).max()


def test_scattered_places_keep_their_distance_also_across_the_seam() -> None:
    places = noise.scatter_points(noise.Dice(5), (24, 24), 9, 4)
    assert len(places) > 4
    for number, one in enumerate(places):
        assert all(noise.torus_gap((24, 24), one, two) >= 16 for two in places[:number])


@pytest.mark.parametrize("name", sorted(palette.COLORS))
def test_ramps_run_from_dark_to_light_around_their_color(name: str) -> None:
    color = palette.parse_rgb(palette.COLORS[name])
    ramp = palette.ramp_around(color)
    light = [2 * red + 5 * green + blue for red, green, blue in ramp]
    assert len(ramp) == palette.SHADES
    assert ramp[palette.BASE] == color
    assert light == sorted(light)


def test_reduced_ramps_keep_the_base_color() -> None:
    ramp = palette.ramp_around((90, 160, 70))
    for count in range(1, 7):
        found = palette.reduce_colors(ramp, count)
        assert len(set(found)) <= count
        assert found[palette.BASE] == ramp[palette.BASE]
