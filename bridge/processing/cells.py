"""Many pixels → one: the colour that stands for a cell of a picture.

Positions are integers in 1/1024 pixel, so that fractional cells fall on the same pixels on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bridge.processing.edges import OPAQUE_FROM
from exporters.model.asset import Pixels

UNIT = 1024
_MOST_SAMPLES = 8
_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class Axis:
    """Cells along one side of a picture: where the first begins, how long each is (1/1024 pixel), how many."""

    start: int
    period: int
    count: int

    def samples(self, length: int, *, inner: bool) -> npt.NDArray[np.int64]:
        """Pixel positions (count, k) to look at; `inner` keeps to the middle half of each cell, off blurred rims."""
        span = self.period // 2 if inner else self.period
        offset = self.period // 4 if inner else 0
        k = max(1, min(_MOST_SAMPLES, -(-span // UNIT)))
        first = self.start + offset + np.arange(self.count, dtype=np.int64)[:, None] * self.period
        inside = (2 * np.arange(k, dtype=np.int64)[None, :] + 1) * span // (2 * k)
        places: npt.NDArray[np.int64] = np.clip((first + inside) // UNIT, 0, length - 1)
        return places


def sampled(pixels: Pixels, across: Axis, down: Axis, *, inner: bool = False) -> Pixels:
    """The picture with one pixel a cell: its most frequent colour, or the median where no colour prevails."""
    height, width = pixels.shape[:2]
    columns, rows = across.samples(width, inner=inner), down.samples(height, inner=inner)
    packed = np.ascontiguousarray(pixels).view("<u4")[..., 0]
    per_row = columns.size * rows.shape[1]
    step = max(1, _CHUNK // per_row)
    result = np.empty((down.count, across.count), dtype="<u4")
    for start in range(0, down.count, step):
        block = packed[rows[start : start + step, None, :, None], columns[None, :, None, :]]
        result[start : start + step] = _choose_colors(block.reshape(*block.shape[:2], -1))
    return result.view(np.uint8).reshape(down.count, across.count, 4)


def _choose_colors(samples: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """One colour for each cell of (rows, columns, samples)."""
    shape = samples.shape[:2]
    ordered = np.sort(samples.reshape(-1, samples.shape[2]), axis=1)
    order = np.arange(ordered.shape[1])
    new = np.ones(ordered.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    run = order - np.maximum.accumulate(np.where(new, order, 0), axis=1) + 1
    last = run.argmax(axis=1)
    cells = np.arange(len(ordered))
    result = ordered[cells, last]
    # In noisy pictures no two pixels are equal: the most frequent one would be a lottery.
    weak = run[cells, last] * 4 <= ordered.shape[1]
    if weak.any():
        result[weak] = _median_colors(ordered[weak])
    colors: npt.NDArray[np.uint32] = result.reshape(shape)
    return colors


def _median_colors(samples: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The median of each channel over the opaque samples (n, k); transparent where those are in the minority."""
    channels = np.ascontiguousarray(samples, dtype="<u4").view(np.uint8).reshape(*samples.shape, 4)
    there = channels[..., 3] >= OPAQUE_FROM
    count = there.sum(axis=1)
    values = np.where(there[..., None], channels.astype(np.int16), 256)
    middle = np.maximum(count - 1, 0) // 2
    chosen = np.sort(values, axis=1)[np.arange(len(values)), middle]
    chosen[count * 2 < samples.shape[1]] = 0
    return np.ascontiguousarray(chosen.astype(np.uint8)).view("<u4")[..., 0]
