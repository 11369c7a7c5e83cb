"""Masks of edits: which part of a picture is painted anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from exporters.model.asset import Pixels

_LIGHT = 128


def mask_of(wish: Any, source: Pixels, picture: Pixels | None) -> Pixels:
    """A mask of the source's size, opaque: white where it is painted anew, else black.

    wish: "transparent" (where the source is), `[x, y, width, height]` in pixels, or None for the given picture, in
    which white is what is light and can be seen.

    Raises:
        ValueError: the mask has another size than the source, or chooses nothing.
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
