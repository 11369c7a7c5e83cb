"""How a sheet is divided: the service says how many frames or items there are, and not where."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bridge.core import limits
from bridge.core.errors import UserError
from bridge.media.images import decode_still
from bridge.providers.api import ResultFile
from exporters.model.asset import Pixels

_LONGEST = 2
"""How many times as long as wide a cell of a strip may be; figures are drawn on squarish canvases."""


def guessed(file: ResultFile, count: int, *, strip: bool) -> tuple[int, int] | None:
    """Columns and rows of a sheet file; None where nothing fits, it cannot be read, or no sheet has so many cells."""
    if count > limits.SHEET_FRAMES:
        return None
    try:
        return grid(decode_still(file.data, file.name), count, strip=strip)
    except UserError:
        return None


def grid(sheet: Pixels, count: int, *, strip: bool) -> tuple[int, int] | None:
    """Columns and rows of equal cells with exactly `count` pictures, row by row; None where nothing fits.

    strip: one row of squarish cells is believed before everything else, as for animations. Else the grid wins that cuts
    the fewest pictures, then the squarest one, then the one with the fewest empty cells.
    """
    candidates = list(_candidates(sheet, count))
    if strip and (count, 1) in candidates and _longer(sheet, count, 1) <= _LONGEST * _shorter(sheet, count, 1):
        return count, 1
    return min(candidates, key=lambda cells: _badness(sheet, *cells), default=None)


def cells(sheet: Pixels, columns: int, rows: int, count: int) -> list[Pixels]:
    """The first `count` cells, row by row."""
    high, wide = sheet.shape[0] // rows, sheet.shape[1] // columns
    places = [divmod(number, columns) for number in range(count)]
    return [sheet[row * high : (row + 1) * high, column * wide : (column + 1) * wide] for row, column in places]


def _candidates(sheet: Pixels, count: int) -> Iterator[tuple[int, int]]:
    """Grids of whole cells, the first `count` of them with something in it and the rest empty."""
    height, width = sheet.shape[:2]
    # What is said of a sheet may be anything: it has no more columns than pixels.
    for columns in range(1, min(count, width) + 1):
        # One row more than needed at most: square grids for numbers that are none.
        for rows in {-(-count // columns), columns}:
            if width % columns or height % rows or rows * columns < count:
                continue
            filled = [bool(cell[..., 3].any()) for cell in cells(sheet, columns, rows, columns * rows)]
            if all(filled[:count]) and not any(filled[count:]):
                yield columns, rows


def _longer(sheet: Pixels, columns: int, rows: int) -> int:
    return int(max(sheet.shape[1] // columns, sheet.shape[0] // rows))


def _shorter(sheet: Pixels, columns: int, rows: int) -> int:
    return int(min(sheet.shape[1] // columns, sheet.shape[0] // rows))


def _badness(sheet: Pixels, columns: int, rows: int) -> tuple[int, int, int, int]:
    # In thousandths: integers compare alike on every machine.
    long = _longer(sheet, columns, rows) * 1000 // _shorter(sheet, columns, rows)
    return _cut(sheet, columns, rows), long, columns * rows, rows


def _cut(sheet: Pixels, columns: int, rows: int) -> int:
    """Visible pixels on both sides of a border between cells."""
    seen = sheet[..., 3] > 0
    wide, high = sheet.shape[1] // columns, sheet.shape[0] // rows
    upright = np.arange(1, columns) * wide
    level = np.arange(1, rows) * high
    across = seen[:, upright - 1] & seen[:, upright]
    down = seen[level - 1] & seen[level]
    return int(across.sum()) + int(down.sum())
