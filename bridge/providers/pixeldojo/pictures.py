"""Masks, and laying a result over the picture that it was made from."""

from __future__ import annotations

from typing import Any

import numpy as np

from bridge.processing.cells import UNIT, Axis, sampled
from bridge.processing.matte import without_matte
from exporters.model import Pixels

_LIGHT = 128


def mask_of(wish: Any, source: Pixels, picture: Pixels | None) -> Pixels:
    """A mask of the source's size, opaque: white where it is repainted, else black.

    wish: "transparent" (where the source is), `[x, y, width, height]`, or None for the given picture: white is what
    is light and can be seen.

    Raises:
        ValueError: the mask has another size than the source, or repaints nothing.
    """
    high, wide = source.shape[:2]
    chosen = np.zeros((high, wide), dtype=bool)
    if picture is not None:
        if picture.shape[:2] != (high, wide):
            given = f"{picture.shape[1]}×{picture.shape[0]}"
            raise ValueError(f"the mask is {given} pixels and the source {wide}×{high}")
        light = picture[..., :3].astype(np.int64).sum(axis=-1) >= 3 * _LIGHT
        chosen = light & (picture[..., 3] >= _LIGHT)
    elif wish == "transparent":
        chosen = source[..., 3] < _LIGHT
    else:
        x, y, width, height = wish
        chosen[y : y + height, x : x + width] = True
    if not chosen.any():
        raise ValueError("the mask repaints nothing")
    painted = np.zeros((high, wide, 4), dtype=np.uint8)
    painted[..., 3] = 255
    painted[chosen, :3] = 255
    return painted


def laid_over(source: Pixels, mask: Pixels, painted: Pixels) -> Pixels:
    """The result in the mask and the source elsewhere, exactly; the size is the source's.

    The result is scaled to the source, each pixel by what prevails in it. Where the source has transparency, a plain
    background of the result is taken away first, for these models draw none.
    """
    if bool((source[..., 3] < 255).any()):
        (painted,) = without_matte([painted], "auto")
    high, wide = source.shape[:2]
    if painted.shape[:2] != (high, wide):
        down, across = (
            Axis(0, side * UNIT // count, count) for side, count in zip(painted.shape, (high, wide), strict=False)
        )
        painted = sampled(painted, across, down)
    return np.where(mask[..., :1] > 0, painted, source)
