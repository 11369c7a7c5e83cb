"""Points, rotations and phases of the rig.

Model space: x to the character's right, y forward, z up; the unit is about the figure's height. A point of a clip is an
array of shape (3, frames), so that one expression poses all frames at once.

Pictures must be equal on every processor. Addition, multiplication, division and square root are exactly rounded
everywhere (IEEE 754); sines are not, so they are rounded to five digits here, and nothing else uses them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Scalar = float | Array


@lru_cache(maxsize=8192)
def _rounded_sine(degrees: float) -> float:
    return round(math.sin(math.radians(degrees)), 5)


def sind(degrees: Scalar) -> Array:
    """Sine of degrees, rounded to five digits."""
    flat = np.atleast_1d(np.asarray(degrees, dtype=np.float64))
    return np.array([_rounded_sine(a) for a in flat.tolist()])


def cosd(degrees: Scalar) -> Array:
    """Cosine of degrees, rounded to five digits."""
    return sind(np.asarray(degrees, dtype=np.float64) + 90.0)


def sine_wave(turns: Scalar) -> Array:
    """Sine of whole turns: the motion of everything that repeats."""
    return sind(np.asarray(turns, dtype=np.float64) * 360.0)


def make_point(frames: int, x: Scalar, y: Scalar, z: Scalar) -> Array:
    """A point (3, frames) from numbers or per-frame arrays."""
    out = np.empty((3, frames))
    out[0], out[1], out[2] = x, y, z
    return out


def pitch(v: Array, degrees: Scalar) -> Array:
    """Turns about the right axis: positive leans "up" forward."""
    return _pitch_by(v, sind(degrees), cosd(degrees))


def _pitch_by(v: Array, s: Array, c: Array) -> Array:
    return np.stack(np.broadcast_arrays(v[0], v[1] * c + v[2] * s, v[2] * c - v[1] * s))


def yaw(v: Array, degrees: Scalar) -> Array:
    """Turns about the vertical: positive turns "forward" to the left."""
    return _yaw_by(v, sind(degrees), cosd(degrees))


def _yaw_by(v: Array, s: Array, c: Array) -> Array:
    return np.stack(np.broadcast_arrays(v[0] * c - v[1] * s, v[0] * s + v[1] * c, v[2]))


def roll(v: Array, degrees: Scalar) -> Array:
    """Turns about the forward axis: positive leans "up" to the right."""
    return _roll_by(v, sind(degrees), cosd(degrees))


def _roll_by(v: Array, s: Array, c: Array) -> Array:
    return np.stack(np.broadcast_arrays(v[0] * c + v[2] * s, v[1], v[2] * c - v[0] * s))


def vector_length(v: Array) -> Array:
    """Lengths per frame, never zero."""
    squared: Array = v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
    return np.asarray(np.sqrt(squared) + 1e-9)


def cross_product(a: Array, b: Array) -> Array:
    """Vector product per frame."""
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def unit_vector(v: Array) -> Array:
    """The direction of v."""
    return v / vector_length(v)


def mix(a: Array, b: Array, t: Scalar) -> Array:
    """The point at t between a and b."""
    return a + (b - a) * t


@dataclass(frozen=True, slots=True)
class Basis:
    """A bone's frame: where it is and its axes (right, forward, up), each of shape (3, frames)."""

    origin: Array
    right: Array
    forward: Array
    up: Array

    def point_at(self, x: Scalar, y: Scalar, z: Scalar) -> Array:
        """A point given in this frame."""
        return self.origin + self.right * x + self.forward * y + self.up * z

    def direction_to(self, x: Scalar, y: Scalar, z: Scalar) -> Array:
        """A direction given in this frame."""
        return self.right * x + self.forward * y + self.up * z

    def moved(self, x: Scalar, y: Scalar, z: Scalar) -> Basis:
        """The same axes at another place."""
        return Basis(self.point_at(x, y, z), self.right, self.forward, self.up)

    def turned(self, *, lean: Scalar = 0.0, turn: Scalar = 0.0, tilt: Scalar = 0.0) -> Basis:
        """Turned about its own axes (degrees): lean forward, then turn left, then tilt right."""
        frames = self.origin.shape[1]
        leaning, tilting, turning = ((sind(angle), cosd(angle)) for angle in (lean, tilt, turn))
        axes = [
            _yaw_by(_roll_by(_pitch_by(make_point(frames, *axis), *leaning), *tilting), *turning)
            for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
        ]
        right, forward, up = (self.direction_to(a[0], a[1], a[2]) for a in axes)
        return Basis(self.origin, right, forward, up)


def upright_basis(origin: Array) -> Basis:
    """A frame at a point with the model's axes."""
    frames = origin.shape[1]
    return Basis(origin, make_point(frames, 1, 0, 0), make_point(frames, 0, 1, 0), make_point(frames, 0, 0, 1))


def align_basis(origin: Array, up: Array, hint: Array) -> Basis:
    """A frame whose up is `up` and whose forward is as near to `hint` as it can be."""
    top = unit_vector(up)
    right = unit_vector(cross_product(hint, top))
    return Basis(origin, right, cross_product(top, right), top)


def bend_limb(hip: Array, ankle: Array, upper: float, lower: float, bend: Array) -> Array:
    """The middle joint of a two-bone limb, bent towards `bend`.

    Where the end is out of reach the limb is straight and a little longer: feet stay where they were put.
    """
    reach = ankle - hip
    distance = vector_length(reach)
    limit = np.minimum(distance, (upper + lower) * 0.999)
    direction = reach / distance
    share = np.where(distance > limit, distance * 0.5, (upper * upper - lower * lower + limit * limit) / (2.0 * limit))
    height = np.where(distance > limit, 0.0, np.sqrt(np.maximum(upper * upper - share * share, 0.0)))
    side = cross_product(cross_product(direction, bend), direction)
    return hip + direction * share + unit_vector(side) * height


def sample_curve(t: Array, keys: Sequence[tuple[float, float]]) -> Array:
    """A value over phases t through (phase, value) keys, easing in and out of each."""
    out = np.full(t.shape, keys[0][1])
    for (t0, v0), (t1, v1) in pairwise(keys):
        u = np.minimum(np.maximum((t - t0) / (t1 - t0), 0.0), 1.0)
        eased = u * u * (3.0 - 2.0 * u)
        out = np.where(t >= t0, v0 + (v1 - v0) * eased, out)
    return out
