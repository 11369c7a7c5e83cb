"""Cells of a uniform grid for the frames of clips: what had a cell keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def assign_cells(counts: Mapping[str, int], stride: int, known: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """Cells of every clip: those it had, then free ones: the rest of its last row, then rows after all others.

    counts: frames by clip, in order. stride: cells of a row of a clip, which begins at a multiple of it. known: cells
    by clip, as they were. Cells of clips that are gone stay empty.
    """
    taken = {cell for cells in known.values() for cell in cells}
    free = -(-(max(taken, default=-1) + 1) // stride) * stride
    placed: dict[str, list[int]] = {}
    for name, count in counts.items():
        cells = list(known.get(name, ()))[:count]
        while len(cells) < count:
            following = cells[-1] + 1 if cells else free
            if following % stride == 0 or following in taken:
                following, free = free, free + stride
            cells.append(following)
            taken.add(following)
        placed[name] = cells
    return placed
