"""Colours: distances as the eye sees them, palettes for a whole asset, ordered dithering.

Everything is integer arithmetic, so that every machine picks the same colour. Distances are taken in OKLab (B.
Ottosson, "A perceptual color space for image processing", 2020) with its matrices in fixed point. A palette counts
for all frames of an asset at once: colours that were chosen per frame would flicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.media.rgb import RGB
from exporters.model.asset import Pixels

Ints: TypeAlias = npt.NDArray[np.int64]

_LIGHT_BITS = 22
_MATRIX_BITS = 20
_LAB_BITS = 20
_TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], dtype=np.int64)
_CHUNK = 1 << 21


def _linear_light(value: int) -> int:
    """The light of an sRGB channel (IEC 61966-2-1), 0 … 2^22."""
    share = value / 255
    light = share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
    return round(light * (1 << _LIGHT_BITS))


LINEAR = np.array([_linear_light(value) for value in range(256)], dtype=np.int64)


def _fixed_point(matrix: Sequence[Sequence[float]], bits: int) -> Ints:
    return np.array([[round(cell * (1 << bits)) for cell in row] for row in matrix], dtype=np.int64)


_LMS_MATRIX = _fixed_point(_TO_LMS, _MATRIX_BITS)
_LAB_MATRIX = _fixed_point(_TO_LAB, _LAB_BITS)


def cube_root(values: Ints) -> Ints:
    """The exact integer cube root (rounded down) of values from 0 to 2^43."""
    root = np.rint(np.cbrt(values.astype(np.float64))).astype(np.int64)
    # The floating-point root may be one off, and differently so on another CPU.
    root -= (root**3 > values).astype(np.int64)
    root += ((root + 1) ** 3 <= values).astype(np.int64)
    return root


def oklab(rgb: npt.NDArray[np.integer]) -> Ints:
    """sRGB colours (n, 3) in 0 … 255 as OKLab (n, 3); lightness runs from 0 to about 16384."""
    light = LINEAR[np.asarray(rgb, dtype=np.int64)]
    return (cube_root(light @ _LMS_MATRIX.T) @ _LAB_MATRIX.T) >> _LAB_BITS


def nearest_indices(wanted: Ints, palette: Ints) -> Ints:
    """For each OKLab colour (n, 3) the place of the nearest of `palette` (p, 3); of equally near ones the first."""
    indices = np.empty(len(wanted), dtype=np.int64)
    step = max(1, _CHUNK // max(1, len(palette)))
    for start in range(0, len(wanted), step):
        difference = wanted[start : start + step, None, :] - palette[None, :, :]
        indices[start : start + step] = (difference * difference).sum(axis=2).argmin(axis=1)
    return indices


def packed(pixels: Pixels) -> npt.NDArray[np.uint32]:
    """RGB of every pixel as one number."""
    wide = pixels.astype(np.uint32)
    keys: npt.NDArray[np.uint32] = wide[..., 0] * 65536 + wide[..., 1] * 256 + wide[..., 2]
    return keys


def unpacked(keys: npt.NDArray[np.integer]) -> Ints:
    """Packed colours (n) as (n, 3)."""
    wide = keys.astype(np.int64)
    return np.stack([wide >> 16, (wide >> 8) & 255, wide & 255], axis=-1)


def used_colors(frames: Sequence[Pixels]) -> tuple[npt.NDArray[np.uint32], Ints]:
    """All visible colours of all frames as sorted RGB numbers, and how many pixels have each."""
    counts: dict[int, int] = {}
    for pixels in frames:
        keys, many = np.unique(packed(pixels)[pixels[..., 3] > 0], return_counts=True)
        for key, count in zip(keys.tolist(), many.tolist(), strict=True):
            counts[key] = counts.get(key, 0) + count
    ordered = sorted(counts)
    return np.array(ordered, dtype=np.uint32), np.array([counts[key] for key in ordered], dtype=np.int64)


def to_palette(frames: Sequence[Pixels], palette: Sequence[RGB], *, dither: bool = False) -> list[Pixels]:
    """The frames with every visible colour replaced by the nearest of `palette`; alpha stays.

    With `dither` colours between two of the palette become an ordered 4 × 4 pattern; colours of the palette
    themselves stay plain, so that a second pass changes nothing.
    """
    keys, _ = used_colors(frames)
    colors = np.array(palette, dtype=np.int64).reshape(-1, 3)
    if not len(keys) or not len(colors):
        return list(frames)
    wanted, offered = oklab(unpacked(keys)), oklab(colors)
    plain = nearest_indices(wanted, offered)
    table = np.tile(plain, (16, 1))
    if dither and len(colors) > 1:
        exact = (colors[plain] == unpacked(keys)).all(axis=1)
        spread = _median_spacing(offered)
        for level in range(16):
            shifted = wanted.copy()
            shifted[:, 0] += (2 * level - 15) * spread // 32
            table[level] = np.where(exact, plain, nearest_indices(shifted, offered))
    return [_replace_colors(pixels, keys, table, colors.astype(np.uint8)) for pixels in frames]


def _median_spacing(palette: Ints) -> int:
    """The median distance in lightness between neighbours of a palette."""
    steps = np.diff(np.unique(palette[:, 0]))
    return int(np.sort(steps)[len(steps) // 2]) if len(steps) else 0


def _replace_colors(pixels: Pixels, keys: npt.NDArray[np.uint32], table: Ints, colors: npt.NDArray[np.uint8]) -> Pixels:
    height, width = pixels.shape[:2]
    index = np.minimum(np.searchsorted(keys, packed(pixels)), len(keys) - 1)
    level = np.tile(_BAYER, (height // 4 + 1, width // 4 + 1))[:height, :width]
    result = pixels.copy()
    visible = pixels[..., 3] > 0
    result[..., :3][visible] = colors[table[level, index]][visible]
    return result


def reduced_palette(frames: Sequence[Pixels], count: int) -> tuple[RGB, ...]:
    """At most `count` colours that stand for all visible ones: a weighted median cut in OKLab.

    Each is a colour that the frames really have, so flat areas keep their exact tone.
    """
    keys, weights = used_colors(frames)
    lab = oklab(unpacked(keys)) if len(keys) else np.empty((0, 3), dtype=np.int64)
    boxes = [np.arange(len(keys))] if len(keys) else []
    spreads = [_widest_axis(lab[box], weights[box]) for box in boxes]
    while boxes and len(boxes) < count:
        chosen = max(range(len(boxes)), key=lambda index: (spreads[index][0], -index))
        spread, axis, mean = spreads[chosen]
        if spread == 0:
            break
        box = boxes[chosen]
        low = lab[box, axis] <= mean
        parts = [box[low], box[~low]]
        boxes[chosen : chosen + 1] = parts
        spreads[chosen : chosen + 1] = [_widest_axis(lab[part], weights[part]) for part in parts]
    chosen_keys = np.array([keys[_middle_color(box, lab, weights)] for box in boxes], dtype=np.int64)
    return tuple((int(red), int(green), int(blue)) for red, green, blue in unpacked(chosen_keys))


def _widest_axis(lab: Ints, weights: Ints) -> tuple[int, int, int]:
    """The largest weighted sum of squared differences from the mean over the three axes, its axis, and that mean."""
    total = int(weights.sum())
    best = (0, 0, 0)
    for axis in range(3):
        values = lab[:, axis]
        first, second = int((weights * values).sum()), int((weights * values * values).sum())
        spread = (total * second - first * first) // total
        if spread > best[0] and int(values.min()) < int(values.max()):
            best = (spread, axis, first // total)
    return best


def _middle_color(box: Ints, lab: Ints, weights: Ints) -> int:
    """The colour of a box that is nearest to its weighted mean."""
    total = int(weights[box].sum())
    mean = np.array([int((weights[box] * lab[box, axis]).sum()) // total for axis in range(3)])
    return int(box[nearest_indices(mean[None, :], lab[box])[0]])
