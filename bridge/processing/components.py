"""Groups of pixels that touch each other, also at corners only.

A mask is taken as horizontal runs, which numpy finds and pairs without a loop over pixels; runs that touch then agree
on the smallest of their numbers, in few rounds because each jumps to the number that its number has.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.int64]


def label_components(mask: Mask) -> tuple[Labels, int]:
    """For every pixel the number of its group, from 1 in the order of their first pixels (0: not in the mask), and how
    many groups there are.
    """
    rows, starts, ends = find_runs(mask)
    roots, numbers = np.unique(join_runs(rows, starts, ends, mask.shape[1] + 2), return_inverse=True)
    labels = np.zeros(mask.shape, dtype=np.int64)
    labels[mask] = np.repeat(numbers + 1, ends - starts)
    return labels, len(roots)


def find_runs(mask: Mask) -> tuple[Labels, Labels, Labels]:
    """Row, start and exclusive end of every horizontal run of a mask, in reading order."""
    height, width = mask.shape
    # A closed column on both sides ends every run where its row ends.
    padded = np.zeros((height, width + 2), dtype=bool)
    padded[:, 1:-1] = mask
    flat = padded.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    rows = changes[::2] // (width + 2)
    return rows, changes[::2] - rows * (width + 2), changes[1::2] - rows * (width + 2)


def join_runs(rows: Labels, starts: Labels, ends: Labels, stride: int, *, corners: bool = True) -> Labels:
    """For each run (row, start, exclusive end) the first run of its group. stride: more than a row is wide.

    corners: whether runs that touch at a corner only belong together.
    """
    # The runs of the next row that end at or after this one's start and start at or before its end.
    below, overlap = (rows + 1) * stride, 0 if corners else 1
    first = np.searchsorted(rows * stride + ends, below + starts + overlap)
    after = np.searchsorted(rows * stride + starts, below + ends - overlap, side="right")
    counts = np.maximum(after - first, 0)
    upper = np.repeat(np.arange(len(rows)), counts)
    lower = np.arange(len(upper)) + np.repeat(first - np.cumsum(counts) + counts, counts)
    root = np.arange(len(rows))
    while len(upper):
        least = np.minimum(root[upper], root[lower])
        np.minimum.at(root, root[upper], least)
        np.minimum.at(root, root[lower], least)
        while not np.array_equal(further := root[root], root):
            root = further
        apart = root[upper] != root[lower]
        upper, lower = upper[apart], lower[apart]
    return root
