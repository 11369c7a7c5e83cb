"""From shades to pixels: outlines, weathering by adjectives, colour limit, background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural.things.canvas import LINE, Mask, ThingCanvas, grow_mask
from bridge.providers.procedural.things.ramps import RGB, Ramp
from exporters.model.asset import Pixels

Scalar = TypeVar("Scalar", bound=np.generic)
INK: RGB = (24, 18, 30)


@dataclass(frozen=True, slots=True)
class Outline:
    """kind: `selective` (the line colour of what it surrounds), `single` (one dark hue), `black` or `none`."""

    kind: str = "selective"
    pixels: int = 1

    @property
    def margin(self) -> int:
        """Pixels that the drawing leaves free for it."""
        return 0 if self.kind == "none" else self.pixels


def apply_colors(canvas: ThingCanvas, outline: Outline, glow: Ramp | None = None) -> Pixels:
    """The picture (RGBA) with its outline; `glow` adds a bright fringe around it."""
    pixels = np.zeros((canvas.height, canvas.width, 4), np.uint8)
    if not canvas.ramps:
        return pixels
    table = np.array([[*ramp.shades, ramp.line] for ramp in canvas.ramps], np.uint8)
    opaque = canvas.opaque
    pixels[opaque, :3] = table[canvas.ramp[opaque], canvas.shade[opaque]]
    pixels[opaque, 3] = 255
    for _ in range(outline.margin):
        _draw_surround(pixels, canvas, table, outline.kind)
    if glow is not None:
        fringe = grow_mask(pixels[..., 3] > 0) & (pixels[..., 3] == 0)
        pixels[fringe] = (*glow.shades[3], 255)
    return pixels


def _draw_surround(pixels: Pixels, canvas: ThingCanvas, table: npt.NDArray[np.uint8], kind: str) -> None:
    """Adds one pixel of outline. Sides that face the light take a softer line, which reads as volume."""
    solid = pixels[..., 3] > 0
    lines = canvas.ramp.copy()
    taken = solid.copy()
    lit = np.zeros(solid.shape, np.bool_)
    for axis, step in ((0, -1), (1, -1), (1, 1), (0, 1)):
        shifted = _shift_values(solid, axis, step)
        fresh = shifted & ~taken
        lines[fresh] = _shift_values(canvas.ramp, axis, step)[fresh]
        # A step of −1 looks at the pixel below or to the right: this outline pixel lies above or left of it.
        lit |= fresh & (step < 0)
        taken |= fresh
    ring = taken & ~solid
    if kind == "black":
        pixels[ring, :3] = INK
    elif kind == "single":
        darkest = np.bincount(canvas.ramp[canvas.opaque]).argmax()
        pixels[ring, :3] = table[darkest, LINE]
    else:
        soft = (table[:, LINE].astype(np.int64) * 2 + table[:, 0].astype(np.int64)) // 3
        pixels[ring, :3] = np.where(lit[ring, None], soft[lines[ring]], table[lines[ring], LINE])
    pixels[ring, 3] = 255
    canvas.ramp[...] = lines


def _shift_values(values: npt.NDArray[Scalar], axis: int, step: int) -> npt.NDArray[Scalar]:
    moved = np.zeros_like(values)
    source = [slice(None), slice(None)]
    goal = [slice(None), slice(None)]
    source[axis], goal[axis] = (slice(1, None), slice(None, -1)) if step < 0 else (slice(None, -1), slice(1, None))
    moved[tuple(goal)] = values[tuple(source)]
    return moved


def draw_cracks(canvas: ThingCanvas, seed: int) -> None:
    """Breaks the thing: a jagged gap across it and splinters along the gap."""
    pen = canvas.pen().turned(-24 if seed % 2 else 24)
    teeth = [0.06, -0.05, 0.04, -0.07, 0.05, -0.04, 0.06]
    y = 0.56
    half = max(0.028, 1.5 * pen.px)
    points = [(-0.3 + index * 1.6 / 6, y + tooth, half) for index, tooth in enumerate(teeth)]
    gap = pen.path(points)
    before = canvas.opaque
    pen.erase(gap)
    edge = grow_mask(before & ~canvas.opaque) & canvas.opaque
    canvas.shade[edge] = 0


def overgrow_top(canvas: ThingCanvas, ramp: Ramp, seed: int, share: float) -> None:
    """Covers what faces up with moss or snow: a ragged cap along upper edges, patches below."""
    pen = canvas.pen()
    opaque = canvas.opaque
    depth = np.zeros(opaque.shape, np.int64)
    run = np.zeros(canvas.width, np.int64)
    for row in range(canvas.height):
        run = np.where(opaque[row], run + 1, 0)
        depth[row] = run
    reach = np.round(pen.noise(7, seed) * 1024) * share * canvas.side_y / 1024
    patch = np.round(pen.noise(5, seed + 1) * 1024) > 1024 - 420 * share
    mask: Mask = opaque & ((depth <= np.round(reach)) | (patch & (depth > 0) & (share > 0.3)))
    canvas.ramp[mask] = canvas.index(ramp)
    lit = mask & (depth <= 1)
    canvas.shade[mask] = np.clip(np.where(canvas.shade[mask] == LINE, 1, canvas.shade[mask]), 1, 4)
    canvas.shade[lit] = 3
    edge = grow_mask(mask) & ~mask & opaque & (canvas.shade > 0) & (canvas.shade < LINE)
    canvas.shade[edge] -= 1


def add_stains(canvas: ThingCanvas, seed: int) -> None:
    """Ages the thing: nicks and stains."""
    stains = np.round(canvas.pen().noise(11, seed) * 1024) > 760
    shade = canvas.shade
    mask = stains & (shade > 0) & (shade < LINE)
    shade[mask] -= 1


def limit_colors(pixels: Pixels, limit: int) -> Pixels:
    """The picture with at most `limit` colours (besides transparency): the nearest pair merges into the commoner."""
    opaque = pixels[..., 3] > 0
    colors, indices, counts = np.unique(pixels[opaque][:, :3], axis=0, return_inverse=True, return_counts=True)
    indices = indices.reshape(-1)
    values, weight = colors.astype(np.int64), counts.astype(np.int64)
    target = np.arange(len(values))
    alive = list(range(len(values)))
    while len(alive) > limit:
        part = values[alive]
        gaps = ((part[:, None] - part[None]) ** 2).sum(axis=2) * np.minimum(weight[alive][:, None], weight[alive])
        gaps[np.arange(len(alive)), np.arange(len(alive))] = np.iinfo(np.int64).max
        first, second = divmod(int(gaps.argmin()), len(alive))
        keep, drop = alive[first], alive[second]
        if weight[keep] < weight[drop]:
            keep, drop = drop, keep
        weight[keep] += weight[drop]
        target[target == drop] = keep
        alive.remove(drop)
    result = pixels.copy()
    result[opaque, :3] = colors[target[indices]]
    return result


def fill_background(pixels: Pixels, color: RGB) -> Pixels:
    """The picture on an opaque ground."""
    result = pixels.copy()
    result[pixels[..., 3] == 0] = (*color, 255)
    return result
