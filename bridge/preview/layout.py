"""Tiles a sheet with panels: rows of columns of panels, all stretched so that no gap is left.

Packing rectangles well is hard, but a sheet has a dozen of them: many seeded tries are made and the lowest sheet
is kept. Everything is in whole pixels, so the same panels give the same sheet everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.providers.procedural.noise import Dice

TRIES = 4000
_START, _BESIDE = 100, (30, 50, 70)


@dataclass(frozen=True, slots=True)
class Box:
    """Where a panel lies (pixels), and which of its shapes was taken."""

    panel: int
    shape: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Placed:
    panel: int
    shape: int
    width: int
    height: int
    worth: int


_Column = list[_Placed]
_Row = list[_Column]


def lay_out(shapes: Sequence[Sequence[tuple[int, int]]], width: int, gap: int) -> tuple[list[Box], int]:
    """Boxes for panels, in the order of the panels, and the height of the sheet.

    `shapes` lists the least (width, height) in which each panel can be shown; a shape wider than the sheet is not
    used unless it is the narrowest. Boxes are as large as their shape or larger, `gap` apart and from the sheet's edge.
    """
    inner = width - 2 * gap
    choices = [choice for panel, sizes in enumerate(shapes) for choice in _panel_choices(panel, sizes, inner)]
    tries = (_fill_rows(choices, inner, gap, Dice(number, "layout")) for number in range(TRIES))
    best = min(tries, key=lambda rows: (_sheet_height(rows, gap), _squared_slack(rows)))
    boxes = _place_boxes(best, inner, gap)
    return sorted(boxes, key=lambda box: box.panel), _sheet_height(best, gap)


def _panel_choices(panel: int, sizes: Sequence[tuple[int, int]], inner: int) -> list[_Placed]:
    # Large panels are hard to place later, and a shape that is roomier than the panel's tightest wastes the sheet.
    least = min(wide * high for wide, high in sizes)
    placed = [
        _Placed(panel, shape, wide, high, least * least // (wide * high)) for shape, (wide, high) in enumerate(sizes)
    ]
    return [choice for choice in placed if choice.width <= inner] or [min(placed, key=lambda choice: choice.width)]


def _fill_rows(choices: Sequence[_Placed], inner: int, gap: int, dice: Dice) -> list[_Row]:
    """Rows from the top: a panel starts one and sets its height, what fits best beside and below fills it."""
    left = list(choices)
    luck = dice.pick(_BESIDE)
    rows: list[_Row] = []
    while left:
        first = _best_choice(left, inner, dice, _START) or left[0]
        left = _without_panel(left, first)
        row: _Row = [[first]]
        room = inner - first.width - gap
        while (panel := _best_choice(left, room, dice, luck, first.height)) is not None:
            column = [panel]
            left = _without_panel(left, panel)
            below = first.height - panel.height - gap
            while (lower := _best_choice(left, panel.width, dice, luck, below)) is not None:
                column.append(lower)
                left = _without_panel(left, lower)
                below -= lower.height + gap
            row.append(column)
            room -= panel.width + gap
        rows.append(row)
    return rows


def _best_choice(
    left: Sequence[_Placed], width: int, dice: Dice, luck: int, height: int | None = None
) -> _Placed | None:
    """The choice of most worth that fits and fills the height; `luck` percent of it are left to the dice."""
    best, most = None, -1
    for choice in left:
        if choice.width <= width and (height is None or choice.height <= height):
            filled = choice.worth if height is None else choice.worth * choice.height // height
            worth = filled * (100 - luck + dice.number(luck + 1))
            if worth > most:
                best, most = choice, worth
    return best


def _without_panel(left: Sequence[_Placed], gone: _Placed) -> list[_Placed]:
    return [choice for choice in left if choice.panel != gone.panel]


def _sheet_height(rows: Sequence[_Row], gap: int) -> int:
    return gap + sum(row[0][0].height + gap for row in rows)


def _squared_slack(rows: Sequence[_Row]) -> int:
    """How uneven a sheet is filled: the squared free height of its columns."""
    return sum((row[0][0].height - sum(panel.height for panel in column)) ** 2 for row in rows for column in row)


def _place_boxes(rows: Sequence[_Row], inner: int, gap: int) -> list[Box]:
    boxes = []
    y = gap
    for row in rows:
        height = row[0][0].height
        x = gap
        widths = [max(panel.width for panel in column) for column in row]
        for column, width in zip(row, _stretch_sizes(widths, inner - gap * (len(row) - 1)), strict=True):
            top = y
            heights = _stretch_sizes([panel.height for panel in column], height - gap * (len(column) - 1))
            for panel, tall in zip(column, heights, strict=True):
                boxes.append(Box(panel.panel, panel.shape, x, top, width, tall))
                top += tall + gap
            x += width + gap
        y += height + gap
    return boxes


def _stretch_sizes(sizes: Sequence[int], total: int) -> list[int]:
    """The sizes with what is missing to the total shared out evenly."""
    spare = max(0, total - sum(sizes))
    share, rest = divmod(spare, len(sizes))
    return [size + share + (index < rest) for index, size in enumerate(sizes)]
