"""A canvas of shades: every pixel holds a ramp and a shade of it; colours come last.

Shapes are signed distances (negative inside) on the grid of pixel centres, in units of the drawing box, whose corners
are (0, 0) top left and (1, 1) bottom right. Only additions, products, quotients and square roots are used, which IEEE
754 rounds alike everywhere, and distances and light are rounded to a coarse grid before they are compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural.things.ramps import SHADES, Ramp

Field: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Point: TypeAlias = tuple[float, float]

EMPTY = -1
LINE = SHADES
FLAT = 0.5
LIGHT_X, LIGHT_Y = -0.6, -0.8
# Which shades of a ramp a drawing with so many tones uses.
TONES = {1: (2,), 2: (1, 3), 3: (1, 2, 3), 4: (1, 2, 3, 4), 5: (0, 1, 2, 3, 4)}


class ThingCanvas:
    """Pixels of `width` × `height`; the drawing box is centred and leaves `margin` pixels for the outline."""

    def __init__(self, width: int, height: int, margin: int, tones: int, *, stretch: bool = False) -> None:
        self.width, self.height = width, height
        self.side_x, self.side_y = width - 2 * margin, height - 2 * margin
        if not stretch:
            self.side_x = self.side_y = min(self.side_x, self.side_y)
        self.left = (width - self.side_x) // 2
        self.top = (height - self.side_y) // 2
        self.tones = TONES[tones]
        self.shade = np.full((height, width), EMPTY, np.int8)
        self.ramp = np.zeros((height, width), np.int16)
        self.ramps: list[Ramp] = []

    def pen(self) -> Pen:
        """A pen in the coordinates of the drawing box."""
        columns = (np.arange(self.width) - self.left + 0.5) / self.side_x
        rows = (np.arange(self.height) - self.top + 0.5) / self.side_y
        x, y = np.meshgrid(columns, rows)
        return Pen(self, x, y, 1.0 / min(self.side_x, self.side_y))

    def index(self, ramp: Ramp) -> int:
        """The number of a ramp on this canvas."""
        if ramp not in self.ramps:
            self.ramps.append(ramp)
        return self.ramps.index(ramp)

    @property
    def opaque(self) -> Mask:
        """What is painted."""
        return np.asarray(self.shade != EMPTY)


def grow_mask(mask: Mask) -> Mask:
    """The mask and its four-neighbours."""
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    wide[:, 1:] |= mask[:, :-1]
    wide[:, :-1] |= mask[:, 1:]
    return wide


def tones_of(light: Field, tones: Sequence[int], gloss: bool) -> npt.NDArray[np.int8]:
    """Brightness 0–1 → shades; glossy materials have more contrast and a highlight."""
    if gloss:
        light = FLAT + (light - FLAT) * 1.25
    steps = np.round(light * 1024).astype(np.int64)
    index = np.clip(steps * len(tones) // 1024, 0, len(tones) - 1)
    shades = np.asarray(tones, np.int8)[index]
    if gloss:
        shades[steps > 890] = SHADES - 1
    return shades


@dataclass(frozen=True)
class Pen:
    """Paints on a canvas in coordinates of its own: turned, moved, scaled or mirrored.

    x, y: every pixel centre in the pen's coordinates. px: the width of a pixel in them. cos, sin: how far the pen's
    axes are turned clockwise against the screen's. flip: −1 for a mirrored pen.
    """

    canvas: ThingCanvas
    x: Field
    y: Field
    px: float
    cos: float = 1.0
    sin: float = 0.0
    flip: float = 1.0

    def turned(self, degrees: float, cx: float = 0.5, cy: float = 0.5) -> Pen:
        """A pen turned clockwise about a point."""
        cos = round(math.cos(math.radians(degrees)), 6)
        sin = round(math.sin(math.radians(degrees)), 6)
        dx, dy = self.x - cx, self.y - cy
        return replace(
            self,
            x=cx + dx * cos + dy * sin,
            y=cy + dy * cos - dx * sin,
            cos=self.cos * cos - self.sin * sin,
            sin=self.sin * cos + self.cos * sin,
        )

    def scaled(self, factor: float, cx: float = 0.5, cy: float = 0.5) -> Pen:
        """A pen whose drawings are `factor` times as large about a point."""
        return replace(self, x=cx + (self.x - cx) / factor, y=cy + (self.y - cy) / factor, px=self.px / factor)

    def moved(self, dx: float, dy: float) -> Pen:
        """A pen whose drawings are shifted."""
        return replace(self, x=self.x - dx, y=self.y - dy)

    def mirrored(self) -> Pen:
        """A pen whose drawings are flipped left to right; the light stays where it is."""
        return replace(self, x=1.0 - self.x, flip=-self.flip)

    # Shapes: signed distances.

    def disc(self, cx: float, cy: float, radius: float) -> Field:
        """A circle."""
        dx, dy = self.x - cx, self.y - cy
        return np.asarray(np.sqrt(dx * dx + dy * dy) - radius, np.float64)

    def oval(self, cx: float, cy: float, rx: float, ry: float) -> Field:
        """An ellipse (the distance is approximate, its sign exact)."""
        dx, dy = (self.x - cx) / rx, (self.y - cy) / ry
        return np.asarray((np.sqrt(dx * dx + dy * dy) - 1.0) * min(rx, ry), np.float64)

    def box(self, x0: float, y0: float, x1: float, y1: float, round_by: float = 0.0) -> Field:
        """A rectangle from its top left to its bottom right, with rounded corners."""
        dx = np.abs(self.x - (x0 + x1) / 2) - ((x1 - x0) / 2 - round_by)
        dy = np.abs(self.y - (y0 + y1) / 2) - ((y1 - y0) / 2 - round_by)
        outside = np.sqrt(np.maximum(dx, 0.0) ** 2 + np.maximum(dy, 0.0) ** 2)
        return np.asarray(outside + np.minimum(np.maximum(dx, dy), 0.0) - round_by, np.float64)

    def poly(self, points: Sequence[Point]) -> Field:
        """A closed polygon; crossings decide what is inside."""
        nearest = np.full(self.x.shape, 1e9)
        inside = np.zeros(self.x.shape, np.bool_)
        for (ax, ay), (bx, by) in zip(points, [*points[1:], points[0]], strict=True):
            ex, ey = bx - ax, by - ay
            if ex == 0 and ey == 0:
                continue
            dx, dy = self.x - ax, self.y - ay
            along = np.clip((dx * ex + dy * ey) / (ex * ex + ey * ey), 0.0, 1.0)
            nearest = np.minimum(nearest, (dx - ex * along) ** 2 + (dy - ey * along) ** 2)
            if ay != by:
                cross = (self.y < ay) != (self.y < by)
                inside ^= cross & (dx < dy * ex / ey)
        distance = np.sqrt(nearest)
        return np.asarray(np.where(inside, -distance, distance), np.float64)

    def path(self, points: Sequence[tuple[float, float, float]]) -> Field:
        """A line through (x, y, half width) that thickens evenly; never thinner than about a pixel."""
        least = 0.55 * self.px
        result = np.full(self.x.shape, 1e9)
        for (ax, ay, ar), (bx, by, br) in pairwise(points):
            ex, ey = bx - ax, by - ay
            dx, dy = self.x - ax, self.y - ay
            length = ex * ex + ey * ey
            along = np.clip((dx * ex + dy * ey) / length, 0.0, 1.0) if length else np.zeros(self.x.shape)
            radius = np.maximum(ar + (br - ar) * along, least)
            result = np.minimum(result, np.sqrt((dx - ex * along) ** 2 + (dy - ey * along) ** 2) - radius)
        return result

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float) -> Field:
        """A straight bar with round ends."""
        return self.path([(x0, y0, width / 2), (x1, y1, width / 2)])

    def lathe(self, cx: float, profile: Sequence[Point]) -> Field:
        """A turned body: (y, half width) from top to bottom, symmetric about x = cx."""
        right = [(cx + half, y) for y, half in profile]
        left = [(cx - half, y) for y, half in reversed(profile)]
        return self.poly([*right, *left])

    # Light: brightness 0–1 of every pixel.

    def facing(self, nx: Field, ny: Field) -> Field:
        """The brightness of a surface whose normal has these parts in the pen's coordinates (length ≤ 1)."""
        nx = nx * self.flip
        sx = nx * self.cos - ny * self.sin
        sy = nx * self.sin + ny * self.cos
        nz = np.sqrt(np.maximum(1.0 - sx * sx - sy * sy, 0.0))
        return FLAT + 0.5 * (sx * LIGHT_X + sy * LIGHT_Y) - 0.22 * (1.0 - nz)

    def ball(self, cx: float, cy: float, rx: float, ry: float | None = None) -> Field:
        """The light on an ellipsoid."""
        dx, dy = (self.x - cx) / rx, (self.y - cy) / (ry or rx)
        far = np.maximum(np.sqrt(dx * dx + dy * dy), 1.0)
        return self.facing(dx / far, dy / far)

    def bevel(self, distance: Field, width: float) -> Field:
        """The light on a shape that is flat inside and rounded towards its edge over `width`."""
        ny, nx = np.gradient(np.clip(distance, -width, width * 2))
        length = np.sqrt(nx * nx + ny * ny)
        length = np.where(length < 1e-9, 1.0, length)
        steep = np.clip(1.0 + distance / width, 0.0, 1.0)
        sx, sy = nx / length * steep, ny / length * steep
        nz = np.sqrt(np.maximum(1.0 - steep * steep, 0.0))
        return FLAT + 0.5 * (sx * LIGHT_X + sy * LIGHT_Y) - 0.22 * (1.0 - nz)

    def tube(self, across: Field, lift: float = 0.0) -> Field:
        """The light on a cylinder along y; `across` is −1 … 1 from its left to its right side."""
        across = np.clip(across, -1.0, 1.0)
        return self.facing(across, np.zeros(across.shape)) + lift

    def turned_body(self, cx: float, profile: Sequence[Point]) -> Field:
        """The light on a `lathe` body."""
        half = np.interp(self.y, [y for y, _ in profile], [max(width, 1e-3) for _, width in profile])
        return self.tube((self.x - cx) / half)

    # Painting.

    def fill(
        self,
        distance: Field,
        ramp: Ramp,
        light: Field | float = FLAT,
        *,
        seam: int | None = 0,
        inside: Mask | None = None,
    ) -> Mask:
        """Paints a shape. `seam`: the shade that surrounding paint takes along its edge (None: no seam).

        inside: paint only there. Returns what was painted.
        """
        canvas = self.canvas
        mask = np.round(distance * 4096) < 0
        if inside is not None:
            mask &= inside
        brightness = np.broadcast_to(np.asarray(light, np.float64), mask.shape)
        shades = tones_of(brightness, canvas.tones, ramp.gloss)
        if seam is not None:
            edge = grow_mask(mask) & ~mask & canvas.opaque
            canvas.shade[edge] = np.minimum(canvas.shade[edge], seam) if seam != LINE else LINE
        canvas.shade[mask] = shades[mask]
        canvas.ramp[mask] = canvas.index(ramp)
        return mask

    def mark(self, distance: Field, shade: int, *, ramp: Ramp | None = None, inside: Mask | None = None) -> Mask:
        """Draws in one shade on paint that is there (grooves, cracks, glints)."""
        mask = (np.round(distance * 4096) < 0) & self.canvas.opaque
        if inside is not None:
            mask &= inside
        self.canvas.shade[mask] = shade
        if ramp is not None:
            self.canvas.ramp[mask] = self.canvas.index(ramp)
        return mask

    def erase(self, distance: Field) -> None:
        """Takes paint away."""
        self.canvas.shade[np.round(distance * 4096) < 0] = EMPTY

    def dot(self, x: float, y: float, ramp: Ramp, shade: int, *, over: bool = True) -> None:
        """Paints the one pixel nearest to a point; `over` False only where paint is."""
        gap = (self.x - x) ** 2 + (self.y - y) ** 2
        row, column = divmod(int(np.argmin(np.round(gap * 1048576))), self.canvas.width)
        if over or self.canvas.shade[row, column] != EMPTY:
            self.canvas.shade[row, column] = shade
            self.canvas.ramp[row, column] = self.canvas.index(ramp)

    def relit(self, mask: Mask, steps: int) -> None:
        """Makes paint so many shades lighter or darker."""
        shade = self.canvas.shade
        mask = mask & (shade >= 0) & (shade < SHADES)
        shade[mask] = np.clip(shade[mask] + steps, 0, SHADES - 1)

    def reramped(self, mask: Mask, ramp: Ramp) -> None:
        """Gives paint another material and keeps its light."""
        mask = mask & self.canvas.opaque
        self.canvas.ramp[mask] = self.canvas.index(ramp)

    def inside(self, distance: Field) -> Mask:
        """The pixels of a shape."""
        return np.asarray(np.round(distance * 4096) < 0)

    def noise(self, cells: float, seed: int, stretch: float = 1.0) -> Field:
        """Smooth noise 0–1 with so many cells across the box (`stretch`: cells are that much longer in x)."""
        gx, gy = self.x * cells / stretch + 64, self.y * cells + 64
        x0, y0 = np.floor(gx).astype(np.int64), np.floor(gy).astype(np.int64)
        fx, fy = gx - x0, gy - y0
        fx, fy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
        top = _lattice_noise(x0, y0, seed) * (1 - fx) + _lattice_noise(x0 + 1, y0, seed) * fx
        low = _lattice_noise(x0, y0 + 1, seed) * (1 - fx) + _lattice_noise(x0 + 1, y0 + 1, seed) * fx
        return top * (1 - fy) + low * fy


def _lattice_noise(x: npt.NDArray[np.int64], y: npt.NDArray[np.int64], seed: int) -> Field:
    value = (x * 374761393 + y * 668265263 + seed * 974634777) & 0xFFFFFFFF
    value = ((value ^ (value >> 13)) * 1274126177) & 0xFFFFFFFF
    return ((value ^ (value >> 16)) & 1023) / 1023.0
