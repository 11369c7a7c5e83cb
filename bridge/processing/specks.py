"""Stray pixels: small groups that hang in the air beside the subject."""

from __future__ import annotations

import numpy as np

from bridge.processing.components import label_components
from bridge.processing.edges import opaque_mask
from exporters.model.asset import Pixels


def without_specks(pixels: Pixels, most: int) -> Pixels:
    """The picture without groups of at most `most` opaque pixels that touch no other, not even at a corner.

    Of a picture that has nothing larger, everything stays: it may be a spark.
    """
    labels, count = label_components(opaque_mask(pixels))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    small = np.concatenate([[False], sizes <= most])
    if most < 1 or small[1:].all():
        return pixels
    result = pixels.copy()
    result[small[labels]] = 0
    return result
