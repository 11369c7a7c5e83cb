"""Backgrounds of one colour → transparent.

`auto` takes the colour that the corners share and floods from the border, so that the same colour inside the subject
stays. Islands that the flood cannot reach (between an arm and the body) go too when the background is a colour that
hardly occurs in art, as the usual key colours are; white and black ones could be eyes. At last the blend of subject
and background along the edge is undone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bridge.processing.colours import RGB, parse_rgb
from bridge.processing.edges import neighbours
from exporters.model import Pixels

Mask = npt.NDArray[np.bool_]

TOLERANCE = 28
_ISLAND_TOLERANCE = 40
_CORNER = 3
_KEY_CHROMA = 96
_SOFT_SHARE = 50


def without_matte(frames: Sequence[Pixels], matte: str) -> list[Pixels]:
    """Frames of a clip without their background; untouched where it is transparent already or not uniform.

    matte: `auto`, `none` or `#rrggbb`.
    """
    if matte == "none" or not frames:
        return list(frames)
    colour = corner_colour(frames) if matte == "auto" else parse_rgb(matte)
    if colour is None:
        return list(frames)
    return [_cut_out(pixels, colour, islands=matte != "auto" or _is_key(colour)) for pixels in frames]


def _is_key(colour: RGB) -> bool:
    return max(colour) - min(colour) >= _KEY_CHROMA


def corner_colour(frames: Sequence[Pixels]) -> RGB | None:
    """The colour that at least three of four corners share in all frames together; None where there is none."""
    corners = []
    for pixels in frames:
        c = min(_CORNER, *pixels.shape[:2])
        patches = (pixels[:c, :c], pixels[:c, -c:], pixels[-c:, :c], pixels[-c:, -c:])
        corners += [np.sort(patch.reshape(-1, 4), axis=0)[(c * c) // 2] for patch in patches]
    values = np.array(corners, dtype=np.int64)
    if (values[:, 3] < 255).sum() * 4 > len(values):
        return None
    distance = np.abs(values[:, None, :3] - values[None, :, :3]).max(axis=2)
    alike = (distance <= TOLERANCE).sum(axis=1)
    best = int(alike.argmax())
    if int(alike[best]) * 4 < 3 * len(values):
        return None
    near = values[distance[best] <= TOLERANCE][:, :3]
    red, green, blue = (int(channel) for channel in np.sort(near, axis=0)[len(near) // 2])
    return red, green, blue


def _cut_out(pixels: Pixels, colour: RGB, *, islands: bool) -> Pixels:
    rgb = pixels[..., :3].astype(np.int64)
    distance = np.abs(rgb - np.array(colour)).max(axis=2)
    gone = flooded(distance <= TOLERANCE)
    if islands:
        gone |= distance <= (_ISLAND_TOLERANCE if _is_key(colour) else TOLERANCE // 2)
    result = pixels.copy()
    result[gone] = 0
    if gone.any() and not gone.all():
        _undo_blend(result, gone, np.array(colour, dtype=np.int64), key=_is_key(colour))
    return result


def flooded(open_: Mask) -> Mask:
    """The part of a mask that is connected (over four neighbours) with the border of the picture."""
    reached = np.zeros_like(open_)
    reached[0], reached[-1], reached[:, 0], reached[:, -1] = open_[0], open_[-1], open_[:, 0], open_[:, -1]
    before = -1
    while (count := int(reached.sum())) != before:
        before = count
        reached = _along_rows(open_, reached)
        reached = _along_rows(open_.T, reached.T).T
    return reached


def _along_rows(open_: Mask, reached: Mask) -> Mask:
    """Whole horizontal runs of the mask, where any pixel of them is reached."""
    starts = open_.copy()
    starts[:, 1:] &= ~open_[:, :-1]
    run = np.cumsum(starts.ravel()) * open_.ravel()
    touched = np.zeros(int(run.max(initial=0)) + 1, dtype=bool)
    touched[run[reached.ravel()]] = True
    touched[0] = False
    found: Mask = touched[run].reshape(open_.shape)
    return found


def _undo_blend(result: Pixels, gone: Mask, colour: npt.NDArray[np.int64], *, key: bool) -> None:
    """Removes or recolours pixels of the rim that are a mixture of the background and what lies inside of them."""
    rim = neighbours(gone, diagonal=True) & ~gone
    inside, count = _inner_colour(result, ~gone & ~rim)
    rim &= count > 0
    if not rim.any():
        return
    own = result[rim][:, :3].astype(np.int64)
    inner = inside[rim] // count[rim][:, None]
    line = inner - colour
    length = np.maximum(1, (line * line).sum(axis=1))
    part = ((own - colour) * line).sum(axis=1) * 100 // length
    off = np.abs(own - colour - line * part[:, None] // 100).max(axis=1)
    mixed = (part > 5) & (part < 100) & (off <= TOLERANCE)
    # Clean art has lighter and darker rims of its own; only where most of the rim is mixed was it antialiased.
    if not key and int((mixed & (part < 90)).sum()) * 100 < _SOFT_SHARE * len(mixed):
        return
    rows, columns = np.nonzero(rim)
    mostly_back = mixed & (part < 50)
    mostly_subject = mixed & ~mostly_back
    result[rows[mostly_back], columns[mostly_back]] = 0
    result[rows[mostly_subject], columns[mostly_subject], :3] = inner[mostly_subject]


def _inner_colour(pixels: Pixels, inner: Mask) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Sum of the colours of the eight neighbours that are inside, and how many there are."""
    height, width = inner.shape
    colours = np.pad(np.where(inner[..., None], pixels[..., :3], 0).astype(np.int64), ((1, 1), (1, 1), (0, 0)))
    there = np.pad(inner.astype(np.int64), 1)
    total = np.zeros((height, width, 3), dtype=np.int64)
    count = np.zeros((height, width), dtype=np.int64)
    for down in (0, 1, 2):
        for right in (0, 1, 2):
            total += colours[down : down + height, right : right + width]
            count += there[down : down + height, right : right + width]
    return total, count
