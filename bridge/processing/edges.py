"""What belongs to the subject, its alpha and its neighbours: pure functions on one picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from exporters.model.asset import Pixels

OPAQUE_FROM = 128


def opaque_mask(pixels: Pixels) -> npt.NDArray[np.bool_]:
    """Which pixels belong to the subject: alpha of at least 128."""
    return pixels[..., 3] >= OPAQUE_FROM


def hidden_mask(pixels: Pixels) -> npt.NDArray[np.bool_]:
    """Where there is a colour under alpha 0."""
    packed = np.ascontiguousarray(pixels).view("<u4")[..., 0]
    mask: npt.NDArray[np.bool_] = (packed < 1 << 24) & (packed != 0)
    return mask


def cleaned(pixels: Pixels) -> Pixels:
    """Black under alpha 0, so that equal pictures are equal bytes and no engine's filter bleeds hidden colours."""
    unseen = hidden_mask(pixels)
    if not unseen.any():
        return pixels
    result = pixels.copy()
    result[unseen] = 0
    return result


def binary_alpha(pixels: Pixels) -> Pixels:
    """Every pixel fully there (alpha of at least 128) or not at all."""
    result = pixels.copy()
    there = opaque_mask(pixels)
    result[..., 3] = np.where(there, 255, 0)
    result[~there] = 0
    return result


def neighbor_mask(mask: npt.NDArray[np.bool_], *, diagonal: bool = False) -> npt.NDArray[np.bool_]:
    """Pixels with a neighbour (of four, or of eight) in the mask; the mask's own pixels may be among them."""
    height, width = mask.shape
    padded = np.pad(mask, 1)
    result = np.zeros_like(mask)
    for down in (0, 1, 2):
        for right in (0, 1, 2):
            if (down, right) != (1, 1) and (diagonal or 1 in (down, right)):
                result |= padded[down : down + height, right : right + width]
    return result
