"""Where the frames of a sheet are: nobody says, so the pixels do."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.providers.api import ResultFile
from bridge.providers.sprixen import sheets
from exporters.model.asset import Pixels


def sheet(columns: int, rows: int, count: int, cell: tuple[int, int] = (16, 16), room: int = 2) -> Pixels:
    """Filled boxes with `room` empty pixels round each, in a grid."""
    wide, high = cell
    pixels = np.zeros((rows * high, columns * wide, 4), np.uint8)
    for number in range(count):
        row, column = divmod(number, columns)
        top, left = row * high + room, column * wide + room
        pixels[top : (row + 1) * high - room, left : (column + 1) * wide - room] = (number + 1, 0, 0, 255)
    return pixels


@pytest.mark.parametrize(
    ("columns", "rows", "count"),
    [(8, 1, 8), (1, 8, 8), (4, 2, 8), (2, 4, 8), (3, 3, 8), (3, 3, 7), (4, 3, 12), (3, 2, 5), (1, 1, 1), (5, 1, 5)],
)
@pytest.mark.parametrize("strip", [True, False])
def test_grids_are_found(columns: int, rows: int, count: int, strip: bool) -> None:
    pixels = sheet(columns, rows, count)
    assert sheets.grid(pixels, count, strip=strip) == (columns, rows)
    found = sheets.cells(pixels, columns, rows, count)
    assert [int(cell[..., 0].max()) for cell in found] == list(range(1, count + 1))


def test_frames_that_touch_are_still_a_strip() -> None:
    assert sheets.grid(sheet(6, 1, 6, room=0), 6, strip=True) == (6, 1)


def test_items_are_not_cut() -> None:
    """Eight wide items below each other in a square: four columns would be squarer, and cut each of them."""
    assert sheets.grid(sheet(2, 4, 8, cell=(32, 16)), 8, strip=False) == (2, 4)


def test_what_does_not_divide_is_not_guessed() -> None:
    assert sheets.grid(sheet(1, 1, 1, cell=(17, 13)), 4, strip=True) is None
    assert sheets.grid(np.zeros((16, 64, 4), np.uint8), 4, strip=True) is None


def test_a_broken_file_has_no_grid() -> None:
    assert sheets.guessed(ResultFile("0.png", "image/png", b"no picture"), 4, strip=True) is None
