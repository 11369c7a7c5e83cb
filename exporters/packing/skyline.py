"""The skyline bottom-left packer: boxes onto pages, in pure integers.

A page is filled from its top; the skyline is the lower edge of what is placed so far. Every box goes where
its top is highest, then leftmost.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import TypeAlias

Box: TypeAlias = tuple[int, int]
Page: TypeAlias = dict[int, tuple[int, int]]

# Page widths to try, in thousandths of the side of a square of all the boxes' area.
WIDTHS = (760, 850, 940, 1020, 1060, 1110, 1180, 1260, 1370)
MAX_ASPECT = 2


def place_boxes(boxes: Sequence[Box], side: int) -> list[Page]:
    """Pages of at most side x side pixels, each a dict box index → x, y; every box must fit on one."""
    order = sorted(range(len(boxes)), key=lambda index: (-boxes[index][1], -boxes[index][0], index))
    pages: list[Page] = []
    while order:
        page = _best_page(boxes, order, side)
        pages.append(page)
        order = [index for index in order if index not in page]
    return pages


def _best_page(boxes: Sequence[Box], order: Sequence[int], side: int) -> Page:
    """The smallest page that holds all boxes, else the fullest page."""
    area = sum(boxes[index][0] * boxes[index][1] for index in order)
    widest = max(boxes[index][0] for index in order)
    square = isqrt(area)
    widths = sorted({min(max(square * factor // 1000, widest), side) for factor in WIDTHS})
    best: Page = {}
    best_rank: tuple[int, int, int] | None = None
    for width in widths:
        page = _fill_page(boxes, order, width, side)
        if len(page) < len(order):
            continue
        used_width = max(x + boxes[index][0] for index, (x, _) in page.items())
        used_height = max(y + boxes[index][1] for index, (_, y) in page.items())
        strip = max(used_width, used_height) - MAX_ASPECT * min(used_width, used_height)
        rank = (max(strip, 0), used_width * used_height, used_width)
        if best_rank is None or rank < best_rank:
            best, best_rank = page, rank
    return best or _fill_page(boxes, order, side, side)


def _fill_page(boxes: Sequence[Box], order: Sequence[int], width: int, height: int) -> Page:
    """Places boxes in order; those that fit nowhere any more are left out."""
    xs, ys, widths = [0], [0], [width]
    page: Page = {}
    for index in order:
        box_width, box_height = boxes[index]
        best = -1
        best_y = height - box_height + 1
        for start, x in enumerate(xs):
            if x + box_width > width:
                break
            y, span, segment = ys[start], widths[start], start
            while span < box_width and y < best_y:
                segment += 1
                y = max(y, ys[segment])
                span += widths[segment]
            if y < best_y:
                best, best_y = start, y
        if best >= 0:
            page[index] = (xs[best], best_y)
            _raise_skyline(xs, ys, widths, best, box_width, best_y + box_height)
    return page


def _raise_skyline(xs: list[int], ys: list[int], widths: list[int], start: int, width: int, y: int) -> None:
    """Puts a segment of that width and new y at place `start`, over what it covers."""
    left = xs[start]
    right = left + width
    end = start
    while end < len(xs) and xs[end] + widths[end] <= right:
        end += 1
    if end < len(xs) and xs[end] < right:
        widths[end] -= right - xs[end]
        xs[end] = right
    xs[start:end] = [left]
    ys[start:end] = [y]
    widths[start:end] = [width]
    if start + 1 < len(xs) and ys[start + 1] == y:
        widths[start] += widths.pop(start + 1)
        del xs[start + 1], ys[start + 1]
    if start and ys[start - 1] == y:
        widths[start - 1] += widths.pop(start)
        del xs[start], ys[start]
