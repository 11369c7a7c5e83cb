"""Collision polygons out of alpha."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw

from bridge.assemble.collision import Polygon, trace_outline

SIDE = 16
Mask = npt.NDArray[np.bool_]


def picture(mask: Mask) -> npt.NDArray[np.uint8]:
    pixels = np.zeros((*mask.shape, 4), dtype=np.uint8)
    pixels[mask] = (90, 120, 60, 255)
    return pixels


def filled(polygon: Polygon) -> Mask:
    """What a polygon covers, by the middles of sixteenths of pixels that lie in it."""
    fine = 16
    image = Image.new("1", (SIDE * fine, SIDE * fine))
    ImageDraw.Draw(image).polygon([(x * fine, y * fine) for x, y in polygon], fill=1)
    cells = np.asarray(image).reshape(SIDE, fine, SIDE, fine).mean(axis=(1, 3))
    covered: Mask = cells > 0.5
    return covered


def corner(*names: str) -> Mask:
    """Quarters of a tile."""
    mask = np.zeros((SIDE, SIDE), dtype=bool)
    for name in names:
        rows = slice(0, 8) if name[0] == "n" else slice(8, 16)
        columns = slice(0, 8) if name[1] == "w" else slice(8, 16)
        mask[rows, columns] = True
    return mask


def test_a_full_picture_is_a_box_and_an_empty_one_has_no_shape() -> None:
    assert trace_outline(picture(np.ones((8, 12), dtype=bool))) == ((0, 0), (12, 0), (12, 8), (0, 8))
    assert trace_outline(picture(np.zeros((8, 12), dtype=bool))) == ()


@pytest.mark.parametrize("names", [("nw",), ("nw", "ne"), ("nw", "ne", "sw"), ("sw", "se")])
def test_quarters_are_traced_to_the_pixel(names: tuple[str, ...]) -> None:
    polygon = trace_outline(picture(corner(*names)))
    assert np.array_equal(filled(polygon), corner(*names))
    assert len(polygon) == (6 if len(names) == 3 else 4)


def test_pieces_that_touch_in_a_point_get_one_polygon_round_both() -> None:
    polygon = trace_outline(picture(corner("nw", "se")))
    assert set(polygon) == {(0, 0), (8, 0), (16, 8), (16, 16), (8, 16), (0, 8)}


def test_a_slope_is_a_line_and_a_speck_is_nothing() -> None:
    slope = np.tri(SIDE, dtype=bool)
    assert len(trace_outline(picture(slope))) <= 4
    specked = slope.copy()
    specked[0, SIDE - 1] = True
    assert trace_outline(picture(specked)) == trace_outline(picture(slope))


def test_holes_are_filled() -> None:
    ring = np.ones((SIDE, SIDE), dtype=bool)
    ring[4:12, 4:12] = False
    assert trace_outline(picture(ring)) == ((0, 0), (16, 0), (16, 16), (0, 16))


def test_a_ring_that_is_open_in_a_point_gets_its_hull() -> None:
    mask = np.ones((SIDE, SIDE), dtype=bool)
    mask[4:10, 4:10] = mask[10:, 10:] = False
    assert trace_outline(picture(mask)) == ((0, 0), (16, 0), (16, 10), (10, 16), (0, 16))


@given(arrays(np.bool_, (9, 7)) | arrays(np.bool_, (9, 7), elements=st.sampled_from([True, True, True, True, False])))
def test_any_picture_has_a_polygon_inside_of_it_that_does_not_cross_itself(mask: Mask) -> None:
    polygon = trace_outline(picture(mask))
    assert bool(polygon) == bool(mask.any())
    if polygon:
        assert len(polygon) >= 3
        assert len(set(polygon)) == len(polygon)
        assert all(0 <= x <= 7 and 0 <= y <= 9 for x, y in polygon)
        area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(polygon, [*polygon[1:], polygon[0]], strict=True))
        assert area > 0


@given(st.lists(st.integers(3, 12), min_size=SIDE, max_size=SIDE))
def test_the_polygon_keeps_to_the_outline_by_a_pixel(heights: list[int]) -> None:
    mask = np.array([[y >= SIDE - height for height in heights] for y in range(SIDE)])
    covered = filled(trace_outline(picture(mask)))
    grown = np.pad(mask, 2)
    near = np.zeros_like(mask)
    always = np.ones_like(mask)
    for y in range(5):
        for x in range(5):
            shifted = grown[y : y + SIDE, x : x + SIDE]
            near |= shifted
            always &= shifted
    assert not (covered & ~near).any()
    assert not (always & ~covered).any()
