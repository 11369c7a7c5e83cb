"""The camera: from a scene in model space to solids in canvas pixels, and their fit into the canvas.

The projection is orthographic. View coordinates are x right, y down (both in pixels of the canvas) and z towards the
viewer (pixels too).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .scene import FigureScene, SolidTag
from .space import Array, Scalar, cosd, sind

# The ground vector of "forward" for each direction: screen right, and towards the viewer. South looks at the viewer.
_DIAGONAL = 0.70711
FACING: dict[str, tuple[float, float]] = {
    "south": (0.0, 1.0),
    "south-east": (_DIAGONAL, _DIAGONAL),
    "east": (1.0, 0.0),
    "north-east": (_DIAGONAL, -_DIAGONAL),
    "north": (0.0, -1.0),
    "north-west": (-_DIAGONAL, -_DIAGONAL),
    "west": (-1.0, 0.0),
    "south-west": (-_DIAGONAL, _DIAGONAL),
}
PITCH = {"side": 0.0, "low top-down": 20.0, "high top-down": 38.0, "isometric": 30.0}
THINNEST = 0.6  # pixels: no limb gets thinner, or blades and strings would break into dots
SINK = 0.4  # pixels that feet sink into the ground: round soles then cover the centres of their lowest row
SOFT = 0.16  # squared pixels added to ellipsoids, so that flat ones still cover pixel centres


@dataclass(frozen=True, slots=True)
class Camera:
    """Where figures are seen from. `facing` is (2, frames); `fall` tips the picture to the right (degrees), `topple`
    rolls the model about its own forward axis before that.
    """

    facing: Array
    pitch: float
    scale: float
    centre: Scalar
    ground: Scalar
    fall: Scalar = 0.0
    topple: Scalar = 0.0

    def ground_slope(self) -> Array:
        """Heights that keep a unit to the right and a unit forward on one line of the picture, (2, frames)."""
        return np.stack([self.facing[0], self.facing[1]]) * (self.tilt / self.up)

    @property
    def up(self) -> float:
        """How much of a height is seen."""
        return float(cosd(self.pitch)[0])

    @property
    def tilt(self) -> float:
        """How much of a ground distance is seen as height."""
        return float(sind(self.pitch)[0])


@dataclass(frozen=True, slots=True)
class SolidBatch:
    """All solids of one shape. points (k, 3, solids, frames), vectors (m, 3, …), radii (n, solids, frames)."""

    shape: str
    tags: tuple[SolidTag, ...]
    points: Array
    vectors: Array
    radii: Array


def project_scene(scene: FigureScene, camera: Camera) -> list[SolidBatch]:
    """The scene in view coordinates."""
    out: list[SolidBatch] = []
    frames = scene.frames
    groups: tuple[tuple[str, list[tuple[Any, ...]], int, int], ...] = (
        ("ellipsoid", list(scene.ellipsoids), 1, 3),
        ("box", list(scene.boxes), 1, 3),
        ("capsule", list(scene.capsules), 2, 0),
        ("triangle", list(scene.triangles), 3, 0),
    )
    for shape, solids, points, vectors in groups:
        if not solids:
            continue
        tags = tuple(solid[0] for solid in solids)
        arrays = [[solid[1 + i] for solid in solids] for i in range(points)]
        axes = [[solid[1 + points + i] for solid in solids] for i in range(vectors)]
        radii = [[s[3] for s in solids], [s[4] for s in solids]] if shape == "capsule" else []
        out.append(
            SolidBatch(
                shape,
                tags,
                _project(np.array(arrays), camera, is_point=True),
                _project(np.array(axes), camera, is_point=False) if axes else np.zeros((0, 3, len(tags), frames)),
                np.array(radii) * camera.scale if radii else np.zeros((0, len(tags), frames)),
            )
        )
    return out


def _project(v: Array, camera: Camera, *, is_point: bool) -> Array:
    """Vectors (n, solids, 3, frames) in view coordinates as (n, 3, solids, frames); points get the canvas origin."""
    x, y, z = v[:, :, 0], v[:, :, 1], v[:, :, 2]
    s, c = sind(camera.topple), cosd(camera.topple)
    x, z = x * c + z * s, z * c - x * s
    fx, ft = camera.facing
    across = y * fx - x * ft
    near = x * fx + y * ft
    height = z * camera.up - near * camera.tilt
    depth = near * camera.up + z * camera.tilt
    s, c = sind(camera.fall), cosd(camera.fall)
    across, height = across * c + height * s, height * c - across * s
    out = np.empty((v.shape[0], 3, *x.shape[1:]))
    out[:, 0] = across * camera.scale + (camera.centre if is_point else 0.0)
    out[:, 1] = (camera.ground if is_point else 0.0) - height * camera.scale
    out[:, 2] = depth * camera.scale
    return out


def project_points(points: Array, camera: Camera) -> Array:
    """Points (n, 3, frames) in view coordinates as (3, n, frames)."""
    return np.asarray(_project(points[None], camera, is_point=True)[0])


def project_vectors(vectors: Array, camera: Camera) -> Array:
    """Unit directions (n, 3, frames) in view coordinates as (3, n, frames)."""
    return np.asarray(_project(vectors[None], camera, is_point=False)[0] / camera.scale)


def measure_batch(batch: SolidBatch) -> tuple[Array, Array, Array, Array]:
    """Left, top, right and bottom of every solid in every frame (pixels)."""
    p = batch.points[:, :2]
    if batch.shape == "triangle":
        low, high = p.min(axis=0), p.max(axis=0)
    elif batch.shape == "capsule":
        r = np.maximum(batch.radii, THINNEST)[:, None]
        low, high = (p - r).min(axis=0), (p + r).max(axis=0)
    else:
        a, b, c = batch.vectors[:, :2]
        box = batch.shape == "box"
        half = np.abs(a) + np.abs(b) + np.abs(c) if box else np.sqrt(a * a + b * b + c * c + SOFT)
        low, high = p[0] - half, p[0] + half
    return low[0], low[1], high[0], high[1]


def measure_bounds(batches: list[SolidBatch], *, with_equipment: bool) -> Array:
    """Left, top, right, bottom of the whole figure per frame, shape (4, frames). gear: with what hands hold."""
    parts = []
    for batch in batches:
        keep = [i for i, t in enumerate(batch.tags) if not t.spark and (with_equipment or t.held is None)]
        if keep:
            low_x, low_y, high_x, high_y = (side[keep] for side in measure_batch(batch))
            parts.append((low_x.min(axis=0), low_y.min(axis=0), high_x.max(axis=0), high_y.max(axis=0)))
    return np.array(
        [
            np.min([p[0] for p in parts], axis=0),
            np.min([p[1] for p in parts], axis=0),
            np.max([p[2] for p in parts], axis=0),
            np.max([p[3] for p in parts], axis=0),
        ]
    )


def shorten_equipment(
    batches: list[SolidBatch], hands: Array, width: int, height: int, margin: float
) -> list[SolidBatch]:
    """Shrinks held gear towards its hand in the frames in which it would leave the canvas.

    hands: (3, holds, frames) in view coordinates. A blade that comes towards the viewer looks shorter anyway.
    """
    out = []
    for batch in batches:
        held = np.array([-1 if t.held is None else t.held for t in batch.tags])
        if (held < 0).all():
            out.append(batch)
            continue
        factor = np.ones((len(batch.tags), batch.points.shape[-1]))
        for hold in sorted(set(held[held >= 0].tolist())):
            factor[held == hold] = _measure_room(batches, hold, hands[:, hold], width, height, margin)
        anchor = hands[:, np.maximum(held, 0)]
        out.append(
            replace(
                batch,
                points=anchor + (batch.points - anchor) * factor,
                vectors=batch.vectors * factor,
            )
        )
    return out


def _measure_room(batches: list[SolidBatch], hold: int, hand: Array, width: int, height: int, margin: float) -> Array:
    """Per frame the factor (0.35 to 1) by which gear of this hold has to shrink to stay inside."""
    factor = np.ones(hand.shape[-1])
    for batch in batches:
        keep = [i for i, t in enumerate(batch.tags) if t.held == hold and not t.spark]
        if not keep:
            continue
        left, top, right, bottom = (side[keep] for side in measure_batch(batch))
        for over, room in (
            (right.max(axis=0) - hand[0], width - margin - hand[0]),
            (hand[0] - left.min(axis=0), hand[0] - margin),
            (hand[1] - top.min(axis=0), hand[1] - margin),
            (bottom.max(axis=0) - hand[1], height - margin - hand[1]),
        ):
            ratio = np.maximum(room, 0.0) / np.maximum(over, 1e-6)
            factor = np.where(over > room, np.minimum(factor, ratio), factor)
    return np.maximum(factor, 0.35)


def fit_inside(batches: list[SolidBatch], width: int, height: int, margin: float) -> tuple[Array, Array, Array]:
    """Per frame the shrink factor and the shift (x, y in whole pixels) that bring the figure into the canvas."""
    left, top, right, bottom = measure_bounds(batches, with_equipment=True)
    # A shift is whole pixels: one pixel of slack keeps it from pushing the other side out.
    room_x, room_y = width - 2 * margin - 1.0, height - 2 * margin - 1.0
    factor = np.minimum(
        1.0, np.minimum(room_x / np.maximum(right - left, 1e-6), room_y / np.maximum(bottom - top, 1e-6))
    )
    factor = np.floor(factor * 64.0) / 64.0
    middle = width / 2.0
    left, right = middle + (left - middle) * factor, middle + (right - middle) * factor
    top = bottom - (bottom - top) * factor
    shift_x = np.ceil(np.maximum(margin - left, 0.0)) - np.ceil(np.maximum(right - (width - margin), 0.0))
    shift_y = np.ceil(np.maximum(margin - top, 0.0)) - np.ceil(np.maximum(bottom - (height - margin) - 0.49, 0.0))
    return factor, shift_x, shift_y


def move_batches(
    batches: list[SolidBatch], factor: Array, shift_x: Array, shift_y: Array, pivot: tuple[float, Array]
) -> list[SolidBatch]:
    """Every batch shrunk about the pivot and shifted."""
    base = np.zeros((3, 1, factor.shape[0]))
    base[0], base[1] = pivot
    shift = np.zeros_like(base)
    shift[0], shift[1] = shift_x, shift_y
    return [
        replace(
            b,
            points=base + (b.points - base) * factor + shift,
            vectors=b.vectors * factor,
            radii=b.radii * factor,
        )
        for b in batches
    ]
