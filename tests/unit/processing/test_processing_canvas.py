"""Canvas and alignment: sizes, what may be lost, what must stay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bridge.processing.canvas import aligned, anchored, bounds_of, fitted, trimmed
from exporters.model.asset import Pixels

PICTURES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(4)))


def figure(width: int, height: int, left: int, top: int, wide: int, high: int) -> Pixels:
    pixels = np.zeros((height, width, 4), dtype=np.uint8)
    pixels[top : top + high, left : left + wide] = (200, 40, 40, 255)
    return pixels


@given(PICTURES, st.integers(1, 24), st.integers(1, 24), st.booleans())
def test_a_canvas_has_its_size_and_no_new_colours(picture: Pixels, width: int, height: int, bottom: bool) -> None:
    found = fitted([[picture]], width, height, bottom=bottom)[0][0]
    assert found.shape == (height, width, 4)
    if picture.shape[:2] != (height, width) and (picture[..., 3] == 255).all():
        own = {tuple(value) for value in picture.reshape(-1, 4).tolist()} | {(0, 0, 0, 0)}
        if width >= picture.shape[1] and height >= picture.shape[0]:
            assert {tuple(value) for value in found.reshape(-1, 4).tolist()} <= own


def test_small_art_on_a_large_frame_is_cut_out_not_reduced() -> None:
    found = fitted([[figure(64, 64, 40, 30, 10, 20)]], 32, 32, bottom=False)[0][0]
    assert int(found[..., 3].astype(bool).sum()) == 200


def test_large_art_is_reduced_by_the_most_frequent_colour_with_one_scale_for_all() -> None:
    tall, small = figure(64, 64, 0, 0, 64, 64), figure(64, 64, 16, 32, 32, 32)
    tall[::4, ::4] = (0, 0, 255, 255)
    first, second = (clip[0] for clip in fitted([[tall], [small]], 16, 16, bottom=True))
    assert first.shape == second.shape == (16, 16, 4)
    assert (first == (200, 40, 40, 255)).all()
    assert bounds_of([second]) == (4, 8, 12, 16)


def test_reduced_art_keeps_its_proportions() -> None:
    found = fitted([[figure(60, 30, 0, 0, 60, 30)]], 16, 16, bottom=True)[0][0]
    assert bounds_of([found]) == (0, 8, 16, 16)


def test_trimming_keeps_frames_in_step() -> None:
    clips = [[figure(32, 32, 10, 12, 5, 6), figure(32, 32, 12, 10, 5, 6)], [figure(32, 32, 11, 14, 3, 3)]]
    found = trimmed(clips, bottom=True)
    assert {frame.shape for clip in found for frame in clip} == {(8, 7, 4)}
    assert bounds_of([found[0][0]]) == (0, 2, 5, 8)
    assert bounds_of([found[0][1]]) == (2, 0, 7, 6)


def test_trimming_nothing_keeps_the_frame() -> None:
    assert trimmed([[figure(8, 8, 0, 0, 0, 0)]], bottom=False)[0][0].shape == (8, 8, 4)


def test_feet_come_to_the_lower_edge_and_jumps_stay() -> None:
    stand, jump = figure(32, 32, 4, 10, 6, 12), figure(32, 32, 4, 3, 6, 12)
    first, second = aligned([stand, jump], "feet")
    assert bounds_of([first]) == (13, 20, 19, 32)
    assert bounds_of([second]) == (13, 13, 19, 25)


def test_a_swinging_arm_does_not_push_the_feet_away() -> None:
    stand = figure(48, 48, 21, 20, 6, 28)
    stand[24:27, 27:46] = (9, 9, 9, 255)
    assert bounds_of(aligned([stand], "feet")) == bounds_of([stand])


def test_feet_near_the_middle_stay_where_they_were_drawn() -> None:
    stand = figure(32, 32, 14, 20, 6, 12)
    assert np.array_equal(aligned([stand], "feet")[0], stand)


def test_alignment_pushes_nothing_out_of_the_frame() -> None:
    wide = figure(32, 32, 0, 10, 32, 4)
    wide[14:20, 2:6] = (9, 9, 9, 255)
    found = aligned([wide], "feet")[0]
    assert found[..., 3].astype(bool).sum() == wide[..., 3].astype(bool).sum()


def test_center_puts_the_box_of_the_whole_clip_in_the_middle() -> None:
    first, second = aligned([figure(20, 20, 0, 0, 4, 4), figure(20, 20, 4, 4, 4, 4)], "center")
    assert bounds_of([first, second]) == (6, 6, 14, 14)


@given(PICTURES, st.sampled_from(["feet", "center", "none"]))
def test_alignment_is_stable_and_loses_nothing(picture: Pixels, how: str) -> None:
    picture[..., 3] = np.where(picture[..., 3] > 127, 255, 0)
    picture[picture[..., 3] == 0] = 0
    once = aligned([picture], how)
    assert int(once[0].astype(np.int64).sum()) == int(picture.astype(np.int64).sum())
    assert np.array_equal(aligned(once, how)[0], once[0])


@pytest.mark.parametrize(("bottom", "top"), [(True, 6), (False, 3)])
def test_pictures_are_anchored_in_the_middle_or_on_the_lower_edge(bottom: bool, top: int) -> None:
    assert bounds_of([anchored(figure(4, 4, 0, 0, 4, 4), 10, 10, bottom=bottom)]) == (3, top, 7, top + 4)


def test_clean_blocks_come_back_to_their_pixels() -> None:
    """256 pixels for a size of 64: one pixel a block, however large the art is on its canvas."""
    art = np.random.default_rng(1).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    art[..., 3] = 255
    large = art.repeat(4, axis=0).repeat(4, axis=1)
    [[made]] = fitted([[large]], 64, 64, bottom=False)
    assert np.array_equal(made, art)
    # One pixel that is no block makes it an ordinary large picture.
    large[1, 1] = 255 - large[1, 1]
    large[1, 1, 3] = 255
    [[other]] = fitted([[large]], 64, 64, bottom=False)
    assert other.shape == (64, 64, 4)
