"""Frames cut to what they show: many at once, for the work on one small frame is mostly numpy's calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from exporters.model.asset import Pixels

_Mask: TypeAlias = npt.NDArray[np.bool_]

# So much at once stays in the processor's cache; more only costs memory.
_AT_ONCE = 1 << 20
_OPAQUE = 1 << 24


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What a frame shows: its pixels, where they lie in the frame, and the frame's size (pixels)."""

    pixels: Pixels
    left: int
    top: int
    source_width: int
    source_height: int


def trimmed(frames: Iterable[Pixels]) -> Iterator[Trimmed]:
    """Each frame cut to the pixels whose alpha is not 0, with transparent black where alpha is 0.

    A fully transparent frame becomes one transparent pixel: engines refuse empty regions.
    """
    for group in _group_alike(frames):
        # Stacked as C arrays, for numpy would keep the order of columns or channels that the frames have in common.
        stack: Pixels = np.ascontiguousarray(np.stack(group)) if len(group) > 1 else clear_hidden(group[0])[None]
        # RGBA as one number whose highest byte is alpha.
        values = stack.view("<u4")[..., 0]
        visible: _Mask = values >= _OPAQUE
        if len(group) > 1:
            values[~visible] = 0
        _, height, width = visible.shape
        rows: _Mask = np.logical_or.reduce(visible, axis=2)
        columns: _Mask = np.logical_or.reduce(visible, axis=1)
        tops, belows = rows.argmax(axis=1), height - rows[:, ::-1].argmax(axis=1)
        lefts, rights = columns.argmax(axis=1), width - columns[:, ::-1].argmax(axis=1)
        boxes = np.stack((rows.any(axis=1), lefts, tops, rights, belows), axis=1).tolist()
        for picture, (there, left, top, right, below) in zip(stack, boxes, strict=True):
            if there:
                yield Trimmed(picture[top:below, left:right], left, top, width, height)
            else:
                yield Trimmed(np.zeros((1, 1, 4), dtype=np.uint8), 0, 0, width, height)


def clear_hidden(frame: Pixels) -> Pixels:
    """The frame with transparent black wherever alpha is 0."""
    hidden = frame[..., 3] == 0
    if not frame[hidden].any():
        return np.ascontiguousarray(frame)
    cleared = frame.copy()
    cleared[hidden] = 0
    return cleared


def _group_alike(frames: Iterable[Pixels]) -> Iterator[list[Pixels]]:
    """Neighbours of one size, together at most `_AT_ONCE` bytes or a single frame."""
    group: list[Pixels] = []
    for frame in frames:
        if group and (frame.shape != group[0].shape or (len(group) + 1) * frame.nbytes > _AT_ONCE):
            yield group
            group = []
        group.append(frame)
    if group:
        yield group
