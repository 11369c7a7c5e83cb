"""Stray pixels: small groups that hang in the air beside the subject."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from bridge.processing.edges import opaque
from exporters.model import Pixels


def without_specks(pixels: Pixels, most: int) -> Pixels:
    """The picture without groups of at most `most` opaque pixels that touch no other, not even at a corner.

    Of a picture that has nothing larger, everything stays: it may be a spark.
    """
    groups = list(_groups(opaque(pixels)))
    sizes = [sum(end - start for _, start, end in group) for group in groups]
    if most < 1 or max(sizes, default=0) <= most:
        return pixels
    result = pixels.copy()
    for group, size in zip(groups, sizes, strict=True):
        if size <= most:
            for row, start, end in group:
                result[row, start:end] = 0
    return result


def _groups(mask: npt.NDArray[np.bool_]) -> Iterator[list[tuple[int, int, int]]]:
    """The runs (row, start, end) of every group of pixels that are connected over eight neighbours."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    runs = [(int(row), int(start), int(end)) for (row, start), (_, end) in zip(starts, ends, strict=True)]
    above = list(range(len(runs)))

    def top(run: int) -> int:
        while above[run] != run:
            above[run] = above[above[run]]
            run = above[run]
        return run

    first = 0
    for place, (row, start, end) in enumerate(runs):
        while runs[first][0] < row - 1:
            first += 1
        other = first
        while other < place and runs[other][0] < row:
            _, from_, to = runs[other]
            if runs[other][0] == row - 1 and from_ <= end and to >= start:
                above[top(place)] = top(other)
            other += 1
    groups: dict[int, list[tuple[int, int, int]]] = {}
    for place, run in enumerate(runs):
        groups.setdefault(top(place), []).append(run)
    yield from groups.values()
