"""Groups of pixels that touch: against the slow and simple way, and on shapes that take many rounds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bridge.processing.components import label_components

MASKS = arrays.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12)))


@given(MASKS)
def test_pixels_have_one_number_exactly_when_they_are_connected(
    mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> None:
    labels, count = label_components(mask)
    wanted = np.zeros(mask.shape, dtype=np.int64)
    number = 0
    for start in np.argwhere(mask).tolist():
        if wanted[tuple(start)]:
            continue
        number += 1
        edge = [tuple(start)]
        while edge:
            row, column = edge.pop()
            near = slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2)
            for down, right in np.argwhere(mask[near] & (wanted[near] == 0)).tolist():
                place = near[0].start + down, near[1].start + right
                wanted[place] = number
                edge.append(place)
        wanted[tuple(start)] = number
    assert count == number
    assert np.array_equal(labels, wanted)


def test_a_snake_through_the_whole_picture_is_one_group() -> None:
    snake = np.zeros((61, 40), dtype=bool)
    snake[::2] = True
    snake[1::4, -1] = snake[3::4, 0] = True
    assert label_components(snake)[1] == label_components(snake.T)[1] == 1
    snake[::2, 20] = False
    assert label_components(snake)[1] == 32


def test_an_empty_mask_has_no_groups() -> None:
    labels, count = label_components(np.zeros((3, 4), dtype=bool))
    assert count == 0
    assert not labels.any()
