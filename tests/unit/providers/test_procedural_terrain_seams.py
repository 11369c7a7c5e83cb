"""A map put together from tiles equals one picture: the border runs on beyond every edge as the neighbour shows it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.providers.procedural.noise import ONE
from bridge.providers.procedural.terrain.field import (
    CORNERS,
    Border,
    bend_border,
    border_shares,
    most_reach,
    solid_mask,
)

CASES = st.tuples(
    st.sampled_from([8, 11, 16, 24, 33, 48, 64]),
    st.sampled_from([8, 10, 16, 32, 64]),
    st.booleans(),
    st.integers(0, 600),
    st.integers(0, 430),
    st.integers(2, 9),
    st.booleans(),
    st.integers(0, 2**32),
)


@settings(max_examples=80, deadline=None)
@given(CASES)
def test_what_lies_beyond_an_edge_is_what_the_neighbour_shows(
    case: tuple[int, int, bool, int, int, int, bool, int],
) -> None:
    width, height, steep, amount, band, cell, clean, seed = case
    reach = (most_reach(width), most_reach(height, steep=steep))
    border = Border(reach, amount, cell, clean)
    values = bend_border((width, height), border, border_shares((width, height), border, CORNERS), seed, band)
    masks = solid_mask(border, values)
    x, y = reach
    for one in range(16):
        for two in range(16):
            if CORNERS[one][1] == CORNERS[two][0] and CORNERS[one][3] == CORNERS[two][2]:
                beyond = masks[one, y : y + height, x + width :]
                assert np.array_equal(beyond, masks[two, y : y + height, x : x + x])
            if CORNERS[one][2] == CORNERS[two][0] and CORNERS[one][3] == CORNERS[two][1]:
                beyond = masks[one, y + height :, x : x + width]
                assert np.array_equal(beyond, masks[two, y : y + y, x : x + width])


@settings(max_examples=40, deadline=None)
@given(CASES)
def test_tiles_of_one_terrain_are_pure_and_beyond_the_band(
    case: tuple[int, int, bool, int, int, int, bool, int],
) -> None:
    width, height, steep, amount, band, cell, clean, seed = case
    border = Border((most_reach(width), most_reach(height, steep=steep)), amount, cell, clean)
    values = bend_border((width, height), border, border_shares((width, height), border, CORNERS), seed, band)
    assert values[0].max() < ONE // 2 - band
    assert values[15].min() > ONE // 2 + band
    assert not solid_mask(border, values)[0].any()
    assert solid_mask(border, values)[15].all()


def test_diagonal_corners_stay_apart() -> None:
    border = Border((1, 1), 0, 4, True)
    mask = solid_mask(border, border_shares((16, 16), border, CORNERS))[0b0110, 1:-1, 1:-1]
    middle = mask[7:9, 7:9]
    assert mask[0, -1]
    assert mask[-1, 0]
    assert not middle.any()
