"""The depth buffer: which solid each pixel shows, how deep it is and which way its surface turns.

All solids of a shape in all frames are tested in one go: every pair (solid, frame) contributes the pixels of its
bounding box to one flat list. Depths are whole numbers of 1/32 pixel, so ties are broken the same way everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .camera import SOFT, THINNEST, SolidBatch, measure_batch
from .space import Array

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
DEPTH_STEPS = 32
_ENTRY_BITS = 26
_FAR = 1 << 20


@dataclass(frozen=True, slots=True)
class VisibleSurface:
    """What the visible pixels show; flat arrays, one entry a pixel.

    pixel: index into frames × height × width. solid: place in the list of all tags. depth: 1/32 pixel towards the
    viewer. normal: (3, n), x right, y down, z to the viewer, length 1.
    """

    pixel: Ints
    solid: Ints
    depth: Ints
    normal: Array


@dataclass(frozen=True, slots=True)
class _Hits:
    """Covered pixels of one batch before the depth test."""

    pair: Ints
    pixel: Ints
    dx: Array
    dy: Array
    z: Array


def _cover_pixels(batch: SolidBatch, width: int, height: int) -> tuple[Ints, Ints, Array, Array]:
    """For all pairs solid × frame: pair index, pixel index, and pixel centre x, y of the bounding boxes."""
    solids, frames = batch.points.shape[2:]
    left, top, right, bottom = measure_batch(batch)
    x0 = np.clip(np.floor(left - 0.5), 0, width).astype(np.int64).ravel()
    y0 = np.clip(np.floor(top - 0.5), 0, height).astype(np.int64).ravel()
    x1 = np.clip(np.ceil(right + 0.5), 0, width).astype(np.int64).ravel()
    y1 = np.clip(np.ceil(bottom + 0.5), 0, height).astype(np.int64).ravel()
    across = x1 - x0
    count = across * (y1 - y0)
    ends = np.cumsum(count)
    pair = np.repeat(np.arange(solids * frames), count)
    offset = np.arange(pair.shape[0]) - (ends - count)[pair]
    row = offset // np.maximum(across, 1)[pair]
    y = y0[pair] + row
    x = x0[pair] + offset - row * across[pair]
    pixel = ((pair % frames) * height + y) * width + x
    return pair, pixel, x + 0.5, y + 0.5


def _flatten_pairs(values: Array) -> Array:
    return values.reshape(*values.shape[:-2], -1)


def _solve_quadric(batch: SolidBatch) -> tuple[Array, ...]:
    """Outline and depth of ellipsoids: inverse 2-D form (3 numbers), slope of the middle plane, depth variance."""
    v = _flatten_pairs(batch.vectors)
    xx, xy, yy, xz, yz, zz = (
        v[0, i] * v[0, j] + v[1, i] * v[1, j] + v[2, i] * v[2, j]
        for i, j in ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2))
    )
    xx, yy, zz = xx + SOFT, yy + SOFT, zz + SOFT
    det = xx * yy - xy * xy
    a, b, c = yy / det, -xy / det, xx / det
    mx, my = a * xz + b * yz, b * xz + c * yz
    rest = np.maximum(zz - mx * xz - my * yz, 1e-6)
    return a, b, c, mx, my, rest


def _ellipsoid_hits(batch: SolidBatch, width: int, height: int) -> _Hits:
    pair, pixel, x, y = _cover_pixels(batch, width, height)
    p = _flatten_pairs(batch.points)[0]
    a, b, c, mx, my, rest = _solve_quadric(batch)
    dx, dy = x - p[0][pair], y - p[1][pair]
    q = a[pair] * dx * dx + 2.0 * b[pair] * dx * dy + c[pair] * dy * dy
    hit = np.floor(q * 4096.0) < 4096.0
    pair, pixel, dx, dy, q = pair[hit], pixel[hit], dx[hit], dy[hit], q[hit]
    z = p[2][pair] + mx[pair] * dx + my[pair] * dy + np.sqrt((1.0 - q) * rest[pair])
    return _Hits(pair, pixel, dx, dy, z)


def _ellipsoid_normals(batch: SolidBatch, pair: Ints, dx: Array, dy: Array) -> Array:
    a, b, c, mx, my, rest = (part[pair] for part in _solve_quadric(batch))
    q = a * dx * dx + 2.0 * b * dx * dy + c * dy * dy
    g = np.sqrt(np.maximum(1.0 - q, 1e-6) / rest)
    return np.stack([a * dx + b * dy - mx * g, b * dx + c * dy - my * g, g])


def _capsule_line(batch: SolidBatch) -> tuple[Array, Array, Array, Array]:
    p = _flatten_pairs(batch.points)
    r = np.maximum(_flatten_pairs(batch.radii), THINNEST)
    span = p[1] - p[0]
    squared = np.maximum(span[0] * span[0] + span[1] * span[1], 1e-9)
    return p[0], span, r, squared


def _capsule_at(batch: SolidBatch, pair: Ints, dx: Array, dy: Array) -> tuple[Array, Array, Array, Array]:
    """Offset from the nearest point of the axis, radius there, and depth of the axis there."""
    start, span, r, squared = _capsule_line(batch)
    sx, sy = span[0][pair], span[1][pair]
    t = np.clip((dx * sx + dy * sy) / squared[pair], 0.0, 1.0)
    # Seen along its axis a capsule has no line to walk along: the end nearer to the viewer is what shows.
    t = np.where(squared[pair] < 0.25, np.where(span[2][pair] > 0.0, 1.0, 0.0), t)
    radius = r[0][pair] + (r[1][pair] - r[0][pair]) * t
    return dx - sx * t, dy - sy * t, radius, start[2][pair] + span[2][pair] * t


def _capsule_hits(batch: SolidBatch, width: int, height: int) -> _Hits:
    pair, pixel, x, y = _cover_pixels(batch, width, height)
    p = _flatten_pairs(batch.points)[0]
    dx, dy = x - p[0][pair], y - p[1][pair]
    ox, oy, radius, axis = _capsule_at(batch, pair, dx, dy)
    room = radius * radius - ox * ox - oy * oy
    hit = np.floor(room * 1024.0) > 0.0
    z = axis[hit] + np.sqrt(room[hit])
    return _Hits(pair[hit], pixel[hit], dx[hit], dy[hit], z)


def _capsule_normals(batch: SolidBatch, pair: Ints, dx: Array, dy: Array) -> Array:
    ox, oy, radius, _ = _capsule_at(batch, pair, dx, dy)
    return np.stack([ox, oy, np.sqrt(np.maximum(radius * radius - ox * ox - oy * oy, 1e-6))])


def _box_faces(batch: SolidBatch) -> tuple[Array, Array]:
    """Rows of the inverse of the axes: box coordinates per pixel offset (3 × 3), for slab tests."""
    u, v, w = _flatten_pairs(batch.vectors)
    rows = np.stack([_cross_product(v, w), _cross_product(w, u), _cross_product(u, v)])
    det = u[0] * rows[0, 0] + u[1] * rows[0, 1] + u[2] * rows[0, 2]
    det = np.where(np.abs(det) < 1e-6, 1e-6, det)
    rows = rows / det
    small = np.abs(rows[:, 2]) < 1e-6
    rows[:, 2] = np.where(small, 1e-6, rows[:, 2])
    return rows, np.sign(rows[:, 2])


def _cross_product(a: Array, b: Array) -> Array:
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def _box_depths(batch: SolidBatch, pair: Ints, dx: Array, dy: Array) -> tuple[Array, Array, Array]:
    """Per axis where the ray leaves the slab towards the viewer, and where it enters."""
    rows, sign = _box_faces(batch)
    near, far = [], []
    for i in range(3):
        level = rows[i, 0][pair] * dx + rows[i, 1][pair] * dy
        slope = rows[i, 2][pair]
        s = sign[i][pair]
        near.append((s - level) / slope)
        far.append((-s - level) / slope)
    return np.stack(near), np.stack(far), rows


def _box_hits(batch: SolidBatch, width: int, height: int) -> _Hits:
    pair, pixel, x, y = _cover_pixels(batch, width, height)
    p = _flatten_pairs(batch.points)[0]
    dx, dy = x - p[0][pair], y - p[1][pair]
    near, far, _ = _box_depths(batch, pair, dx, dy)
    front = near.min(axis=0)
    hit = np.floor((front - far.max(axis=0)) * 256.0) > 0.0
    z = p[2][pair[hit]] + front[hit]
    return _Hits(pair[hit], pixel[hit], dx[hit], dy[hit], z)


def _box_normals(batch: SolidBatch, pair: Ints, dx: Array, dy: Array) -> Array:
    near, _, rows = _box_depths(batch, pair, dx, dy)
    face = np.floor(near * 256.0).argmin(axis=0)
    _, sign = _box_faces(batch)
    return np.asarray(rows[face, :, pair].T * sign[face, pair])


def _triangle_hits(batch: SolidBatch, width: int, height: int) -> _Hits:
    pair, pixel, x, y = _cover_pixels(batch, width, height)
    p = _flatten_pairs(batch.points)
    a, ab, ac = p[0], p[1] - p[0], p[2] - p[0]
    det = ab[0] * ac[1] - ab[1] * ac[0]
    det = np.where(np.abs(det) < 1e-6, 1e-6, det)
    dx, dy = x - a[0][pair], y - a[1][pair]
    u = (dx * ac[1][pair] - dy * ac[0][pair]) / det[pair]
    v = (ab[0][pair] * dy - ab[1][pair] * dx) / det[pair]
    edge = np.floor(np.minimum(np.minimum(u, v), 1.0 - u - v) * 4096.0)
    hit = edge >= 0.0
    z = a[2][pair] + u * ab[2][pair] + v * ac[2][pair]
    return _Hits(pair[hit], pixel[hit], dx[hit], dy[hit], z[hit])


def _triangle_normals(batch: SolidBatch, pair: Ints, dx: Array, dy: Array) -> Array:  # noqa: ARG001
    p = _flatten_pairs(batch.points)
    normal = _cross_product(p[1] - p[0], p[2] - p[0])
    normal = normal * np.where(normal[2] < 0.0, -1.0, 1.0)
    return normal[:, pair]


_HITS: dict[str, Callable[[SolidBatch, int, int], _Hits]] = {
    "ellipsoid": _ellipsoid_hits,
    "capsule": _capsule_hits,
    "box": _box_hits,
    "triangle": _triangle_hits,
}
_NORMALS: dict[str, Callable[[SolidBatch, Ints, Array, Array], Array]] = {
    "ellipsoid": _ellipsoid_normals,
    "capsule": _capsule_normals,
    "box": _box_normals,
    "triangle": _triangle_normals,
}


def find_visible(batches: list[SolidBatch], width: int, height: int, scale: float) -> VisibleSurface:
    """The nearest surface at every covered pixel of all frames. `scale` turns depth bonuses into pixels."""
    frames = batches[0].points.shape[-1]
    hits = [_HITS[b.shape](b, width, height) for b in batches]
    keys, solids, first = [], [], 0
    for batch, hit in zip(batches, hits, strict=True):
        lift = np.array([t.lift * scale for t in batch.tags])
        solid = hit.pair // frames
        depth = np.floor((hit.z + lift[solid]) * DEPTH_STEPS + 0.5).astype(np.int64) + _FAR
        solids.append(solid + first)
        first += len(batch.tags)
        keys.append(depth)
    depth = np.concatenate(keys)
    pixel = np.concatenate([h.pixel for h in hits])
    entry = np.arange(depth.shape[0])
    buffer = np.zeros(frames * height * width, dtype=np.int64)
    np.maximum.at(buffer, pixel, (depth << _ENTRY_BITS) | entry)
    shown = np.flatnonzero(buffer)
    winner = buffer[shown] & ((1 << _ENTRY_BITS) - 1)
    normal = np.empty((3, shown.shape[0]))
    start = 0
    for batch, hit in zip(batches, hits, strict=True):
        mine = np.flatnonzero((winner >= start) & (winner < start + hit.pair.shape[0]))
        chosen = winner[mine] - start
        normal[:, mine] = _NORMALS[batch.shape](batch, hit.pair[chosen], hit.dx[chosen], hit.dy[chosen])
        start += hit.pair.shape[0]
    size = np.sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2])
    return VisibleSurface(shown, np.concatenate(solids)[winner], depth[winner] - _FAR, normal / np.maximum(size, 1e-9))
