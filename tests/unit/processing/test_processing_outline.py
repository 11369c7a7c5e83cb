"""Outlines: added around the subject, or mended without touching what is none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bridge.processing.outline import line_color, mended, outlined
from bridge.processing.pipeline import process_clips
from bridge.processing.settings import ProcessSettings
from bridge.processing.steps.outline import OutlineStep
from exporters.model.asset import Pixels

LINE, NEAR, FILL, EYE, BLADE = (26, 28, 44), (40, 30, 52), (200, 90, 70), (10, 10, 12), (190, 200, 210)
INK = {"#": LINE, "n": NEAR, "o": FILL, "e": EYE, "|": BLADE}
HEAD = (
    "...######...",
    "..#oooooo#..",
    ".#oooooooo#.",
    "#oooeooeooo#",
    "#oooeooeooo#",
    "#oooooooooo#",
    "#oooeeeeooo#",
    ".#oooooooo#.",
    "..#oooooo#..",
    "...######...",
)


def painted(rows: Sequence[str], border: int = 2) -> Pixels:
    """Letters of INK, `.` for nothing; with room around."""
    pixels = np.zeros((len(rows), len(rows[0]), 4), dtype=np.uint8)
    for y, row in enumerate(rows):
        for x, letter in enumerate(row):
            if letter != ".":
                pixels[y, x] = (*INK[letter], 255)
    return np.pad(pixels, ((border, border), (border, border), (0, 0)))


def shown(pixels: Pixels, border: int = 2) -> tuple[str, ...]:
    letters = {(*colour, 255): letter for letter, colour in INK.items()} | {(0, 0, 0, 0): "."}
    inner = pixels[border:-border, border:-border]
    return tuple("".join(letters[tuple(cell.tolist())] for cell in row) for row in inner)


def changed(rows: Sequence[str], places: dict[tuple[int, int], str]) -> list[str]:
    """The rows with other letters at (row, column)."""
    grid = [list(row) for row in rows]
    for (y, x), letter in places.items():
        grid[y][x] = letter
    return ["".join(row) for row in grid]


def fixed(rows: Sequence[str]) -> tuple[str, ...]:
    return shown(mended([painted(rows)])[0])


def test_a_clean_line_stays_as_it_is() -> None:
    assert line_color([painted(HEAD)]) == LINE
    assert fixed(HEAD) == HEAD


@pytest.mark.parametrize(
    "places",
    [
        {(0, 5): ".", (4, 0): ".", (9, 6): "."},
        {(1, 2): ".", (7, 10): "."},
        {(0, 5): ".", (0, 6): ".", (4, 11): ".", (5, 11): "."},
        {(2, 1): ".", (1, 2): "."},
    ],
    ids=["straight", "diagonal", "two straight", "two diagonal"],
)
def test_missing_pixels_come_back_where_they_were(places: dict[tuple[int, int], str]) -> None:
    assert fixed(changed(HEAD, places)) == HEAD


@pytest.mark.parametrize(
    "places",
    [{(0, 5): "o", (4, 0): "o"}, {(1, 2): "o", (8, 9): "|"}, {(5, 11): "|", (6, 11): "|"}],
    ids=["straight", "diagonal", "two"],
)
def test_pixels_of_another_colour_become_the_line_again(places: dict[tuple[int, int], str]) -> None:
    assert fixed(changed(HEAD, places)) == HEAD


def test_near_black_colours_become_one() -> None:
    mixed = changed(HEAD, dict.fromkeys([(0, 3), (0, 4), (1, 9), (5, 0), (9, 7)], "n"))
    assert fixed(mixed) == HEAD


def test_doubled_corners_of_slopes_go_and_those_of_boxes_stay() -> None:
    assert fixed(changed(HEAD, {(0, 2): "#", (1, 10): "#", (8, 1): "#", (9, 9): "#"})) == HEAD
    box = ("######", "#oooo#", "#oooo#", "#oooo#", "######")
    assert fixed(box) == box


def test_features_of_one_pixel_and_details_inside_stay() -> None:
    sword = changed(
        ["............", "............", *HEAD], {(0, 5): "|", (1, 5): "|", (2, 5): "|", (0, 8): "#", (1, 8): "#"}
    )
    assert fixed(sword) == tuple(sword)


def test_long_stretches_without_a_line_are_a_style() -> None:
    flame = changed(HEAD, {(0, x): "." for x in range(3, 9)} | {(1, x): "|" for x in range(2, 10)})
    flame = changed(flame, {(2, 1): "|", (2, 10): "|"})
    assert fixed(flame) == tuple(flame)


def test_art_without_a_line_is_left_alone() -> None:
    bare = painted([row.replace("#", ".") for row in HEAD])
    dark = painted([row.replace("o", "#").replace("e", "#") for row in HEAD])
    for pixels in (bare, dark, np.zeros((4, 5, 4), dtype=np.uint8), np.full((3, 3, 4), 255, dtype=np.uint8)):
        assert line_color([pixels]) is None
        assert mended([pixels])[0] is pixels
    assert mended([]) == []


def test_one_colour_counts_for_all_frames_and_can_be_chosen() -> None:
    other = painted([row.replace("#", "n") for row in HEAD])
    first, second, third = mended([painted(HEAD), painted(HEAD), other])
    assert np.array_equal(first, second)
    assert np.array_equal(first, third)
    (blue,) = mended([painted(HEAD)], (1, 2, 200))
    assert set(map(tuple, blue[painted(HEAD)[..., :3].sum(axis=2) == sum(LINE)].tolist())) == {(1, 2, 200, 255)}


def test_the_step_takes_its_colours_from_the_whole_asset() -> None:
    clips = [[painted(HEAD)], [painted([row.replace("#", "n") for row in HEAD])] * 2]
    one, two = process_clips(clips, ProcessSettings.of(OutlineStep(None, is_mended=True)))
    assert shown(one[0]) == tuple(row.replace("#", "n") for row in HEAD)
    assert np.array_equal(one[0], two[1])


def test_what_touches_the_border_of_the_frame_is_recoloured_only() -> None:
    cut = painted(HEAD, border=0)[3:]
    worn = cut.copy()
    worn[-1, 4] = worn[-1, 8] = (*NEAR, 255)
    assert np.array_equal(mended([worn])[0], cut)


SMALL = arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 2))


@given(SMALL)
def test_mending_adds_and_removes_line_only(cells: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    colours = np.array([(0, 0, 0, 0), (*LINE, 255), (*FILL, 255)], dtype=np.uint8)
    before = colours[cells]
    (after,) = mended([before])
    differs = (before != after).any(axis=2)
    assert set(map(tuple, after[differs].tolist())) <= {(*LINE, 255), (0, 0, 0, 0)}
    gone = (before[..., 3] > 0) & (after[..., 3] == 0)
    assert (before[gone] == (*LINE, 255)).all()


def test_an_added_line_lies_outside() -> None:
    assert shown(outlined(painted(["oo", "oo"]), LINE), border=1) == (".##.", "#oo#", "#oo#", ".##.")
