"""Masks of a picture that grow: a flood through a mask, and a rim round it."""

from __future__ import annotations

import numpy as np

from bridge.processing.components import Mask, find_runs, join_runs


def flooded(open_: Mask, seeds: Mask | None = None) -> Mask:
    """The parts of a mask that are connected (over four neighbours) with the border of the picture.

    seeds: pixels from which it is flooded too.
    """
    height, width = open_.shape
    rows, starts, ends = find_runs(open_)
    source = (rows == 0) | (rows == height - 1) | (starts == 0) | (ends == width)
    stride = width + 2
    if seeds is not None:
        seed_rows, seed_columns = np.nonzero(seeds & open_)
        places = np.searchsorted(rows * stride + starts, seed_rows * stride + seed_columns, side="right")
        source[places - 1] = True
    root = join_runs(rows, starts, ends, stride, corners=False)
    wet = np.zeros(len(rows), dtype=bool)
    wet[root[source]] = True
    reached = wet[root]
    steps = np.zeros(height * stride, dtype=np.int8)
    steps[(rows * stride + starts)[reached]] = 1
    steps[(rows * stride + ends)[reached]] = -1
    wet_mask: Mask = np.cumsum(steps, dtype=np.int8).view(bool).reshape(height, stride)[:, :width]
    return wet_mask


def widened(mask: Mask, by: int = 1) -> Mask:
    """The mask and everything within `by` pixels of it, over eight neighbours; of many masks (n, …) each."""
    across = mask.copy()
    for step in range(1, by + 1):
        across[..., step:] |= mask[..., :-step]
        across[..., :-step] |= mask[..., step:]
    result = across.copy()
    for step in range(1, by + 1):
        result[..., step:, :] |= across[..., :-step, :]
        result[..., :-step, :] |= across[..., step:, :]
    return result
