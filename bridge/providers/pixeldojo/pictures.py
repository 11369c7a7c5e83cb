"""Laying a result over the picture that it was made from."""

from __future__ import annotations

import numpy as np

from bridge.processing.cells import UNIT, Axis, sampled
from bridge.processing.matte import without_matte
from exporters.model.asset import Pixels


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
