"""What a picture stands on: a background of one colour, or one that changes slowly (a ramp, a glow, a vignette).

A slow one is a surface of the second degree for each channel, fitted to the border by least squares and then to all
of the background that was found. It is solved in whole numbers, so that every machine finds the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.media.color import Ints
from bridge.media.rgb import RGB
from bridge.processing.components import Mask
from exporters.model.asset import Pixels

Distances: TypeAlias = npt.NDArray[np.int16]

TOLERANCE = 28
_CORNER = 3
# Places run from -512 to 512 over each side: sums of their fourth powers stay whole numbers of 64 bits.
_HALF = 512
_BITS = 20
_ROUNDS = 6
_BORDER_POINTS, _MOST_POINTS = 1 << 11, 1 << 14
# A surface counts where at least this share (percent) of the border lies within so many levels of it.
_FITTING, _FIT = 75, 12
# Thousandths of a level that a border is off its colour by on average, up to which no surface is looked for.
_FLAT = 500


@dataclass(frozen=True, slots=True)
class Background:
    """The background: its colour (in the middle), and for a slow one the six weights of each channel."""

    color: RGB
    weights: Ints | None = None

    def distance(self, pixels: Pixels) -> Distances:
        """How far each pixel is from it, in the channel that differs most (levels)."""
        shape = pixels.shape[:2]
        distances = np.zeros(shape, dtype=np.int16)
        for channel in range(3):
            own = pixels[..., channel].astype(np.int16)
            own -= self._channel_at(channel, *shape)
            np.maximum(distances, np.abs(own, out=own), out=distances)
        return distances

    def at(self, shape: tuple[int, int], rows: Ints, columns: Ints) -> Ints:
        """Its colours (n, 3) at some places of a picture of this height and width."""
        if self.weights is None:
            return np.broadcast_to(np.array(self.color, dtype=np.int64), (len(rows), 3))
        return np.stack([self._channel_at(channel, *shape)[rows, columns] for channel in range(3)], axis=1)

    def _channel_at(self, channel: int, height: int, width: int) -> npt.NDArray[np.int16]:
        if self.weights is None:
            return np.array(self.color[channel], dtype=np.int16)
        one, x, y, xx, xy, yy = (int(weight) for weight in self.weights[:, channel])
        across, down = _positions(width), _positions(height)
        rows = (one + (1 << _BITS >> 1) + y * down + yy * down * down).astype(np.int32)
        flat = rows[:, None] + (x * across + xx * across * across).astype(np.int32)[None, :]
        if xy:
            flat += (xy * down).astype(np.int32)[:, None] * across.astype(np.int32)[None, :]
        flat >>= _BITS
        levels: npt.NDArray[np.int16] = np.clip(flat, 0, 255, out=flat).astype(np.int16)
        return levels


def _positions(length: int) -> Ints:
    return (2 * np.arange(length, dtype=np.int64) - length + 1) * _HALF // max(1, length - 1)


def background_of(frames: Sequence[Pixels]) -> Background | None:
    """The background that frames of one size share; None where there is none, or it is transparent."""
    color = corner_color(frames)
    plain = None if color is None else Background(color)
    places = outermost(frames[0].shape)
    border = np.concatenate([pixels[places][:, :3] for pixels in frames]).astype(np.int64)

    def off(ground: Background) -> int:
        """How far the border is from it, in thousandths of a level a pixel; figures there count as little."""
        own = np.tile(ground.at(frames[0].shape[:2], *places), (len(frames), 1))
        return int(np.minimum(np.abs(border - own).max(axis=1), _FIT).sum()) * 1000 // len(border)

    # Where grain is cut off at an end of the scale its mean lies elsewhere than its most frequent colour.
    least = None if plain is None else min(off(plain), off(_mean_ground(border, plain)))
    if least is not None and least <= _FLAT:
        return plain
    slow = _slow_ground(frames)
    if least is None or (slow is not None and off(slow) * 3 < least * 2):
        return slow
    return plain


def corner_color(frames: Sequence[Pixels]) -> RGB | None:
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


def outermost(shape: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Rows and columns of the outermost pixels."""
    frame = np.zeros(shape[:2], dtype=bool)
    frame[0], frame[-1], frame[:, 0], frame[:, -1] = True, True, True, True
    rows, columns = np.nonzero(frame)
    return rows, columns


def _mean_ground(border: Ints, plain: Background) -> Background:
    """A plain background with the mean colour of what is near it at the border."""
    near = border[np.abs(border - np.array(plain.color)).max(axis=1) <= TOLERANCE]
    red, green, blue = (near.sum(axis=0) // max(1, len(near))).tolist()
    return Background((red, green, blue))


def _slow_ground(frames: Sequence[Pixels]) -> Background | None:
    rows, columns = outermost(frames[0].shape)
    if any(bool((pixels[rows, columns, 3] < 255).any()) for pixels in frames):
        return None
    step = max(1, len(rows) * len(frames) // _BORDER_POINTS)
    rows, columns = rows[::step], columns[::step]
    colors = np.concatenate([pixels[rows, columns, :3] for pixels in frames]).astype(np.int64)
    terms = np.tile(_surface_terms(frames[0].shape, rows, columns), (len(frames), 1))
    kept = np.ones(len(terms), dtype=bool)
    for _ in range(_ROUNDS):
        solved = _solve_weights(terms[kept], colors[kept])
        if solved is None:
            return None
        weights = solved
        away = np.abs(((terms @ weights) >> _BITS) - colors).max(axis=1)
        # Figures stand on the border too: what fits worst is left out.
        closer = away <= max(_FIT // 2, 2 * int(np.sort(away)[len(away) // 2]))
        if np.array_equal(closer, kept):
            break
        kept = closer
    return _surface_ground(weights) if int((away <= _FIT).sum()) * 100 >= _FITTING * len(away) else None


def refitted(ground: Background, frames: Sequence[Pixels], masks: Sequence[Mask]) -> Background:
    """A slow background again, from all that was found of it; a plain one as it is."""
    if ground.weights is None:
        return ground
    terms, colors = [], []
    for pixels, mask in zip(frames, masks, strict=True):
        rows, columns = np.nonzero(mask)
        step = max(1, len(rows) * len(frames) // _MOST_POINTS)
        rows, columns = rows[::step], columns[::step]
        terms.append(_surface_terms(pixels.shape, rows, columns))
        colors.append(pixels[rows, columns, :3].astype(np.int64))
    weights = _solve_weights(np.concatenate(terms), np.concatenate(colors))
    return ground if weights is None else _surface_ground(weights)


def _surface_ground(weights: Ints) -> Background:
    red, green, blue = (min(255, max(0, int(value) >> _BITS)) for value in weights[0])
    return Background((red, green, blue), weights)


def _surface_terms(shape: tuple[int, ...], rows: Ints, columns: Ints) -> Ints:
    """1, x, y, xx, xy, yy of places (n, 6)."""
    x, y = _positions(shape[1])[columns], _positions(shape[0])[rows]
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def _solve_weights(terms: Ints, colors: Ints) -> Ints | None:
    """The weights (6, 3), in 2^-20, of the least squares; None where the places do not suffice, or for a wild surface.

    Gauss's elimination in exact fractions over the normal equations.
    """
    size = terms.shape[1]
    rows = [[Fraction(int(value)) for value in row] for row in np.hstack([terms.T @ terms, terms.T @ colors])]
    for step in range(size):
        pivot = next((row for row in range(step, size) if rows[row][step]), None)
        if pivot is None:
            return None
        rows[step], rows[pivot] = rows[pivot], rows[step]
        scale = rows[step][step]
        rows[step] = [value / scale for value in rows[step]]
        for row in range(size):
            factor = rows[row][step]
            if row != step and factor:
                rows[row] = [own - factor * other for own, other in zip(rows[row], rows[step], strict=True)]
    weights = np.array([[round(value * (1 << _BITS)) for value in row[size:]] for row in rows], dtype=np.int64)
    # Within these limits all places have values of 32 bits.
    steepest = (np.abs(weights) * np.array([[1], [_HALF], [_HALF], [_HALF**2], [_HALF**2], [_HALF**2]])).sum(axis=0)
    return weights if int(steepest.max()) < 1 << 30 else None
