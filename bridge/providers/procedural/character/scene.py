"""A scene: the solids of one figure in all frames of a clip, before the camera sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from .space import Array, Basis, Scalar, make_point


@dataclass(frozen=True, slots=True)
class SolidTag:
    """What the painter must know of a solid.

    paint: the paint's name. part: pixels of different parts get a line between them where the depth jumps.
    lift: depth bonus in model units (a fringe wins over the face it touches). shade: levels added to the light.
    held: the hand point that long gear shrinks towards when it would leave the canvas. spark: light effects; they
    get no outline and do not count for the figure's size.
    """

    paint: str
    part: int
    lift: float = 0.0
    shade: int = 0
    held: int | None = None
    spark: bool = False


@dataclass(frozen=True, slots=True)
class Decal:
    """A flat touch on a surface: a rectangle of whole pixels around a point.

    part: it shows only where this part is visible. normal: it shows only where this turns to the camera.
    size: width and height in model units, at least one pixel each. level: of the paint's ramp.
    """

    where: Array
    normal: Array
    size: tuple[float, float]
    paint: str
    level: int
    part: int
    grow: bool = True


@dataclass(slots=True)
class FigureScene:
    """Solids by shape. All points are (3, frames), all radii are numbers or (frames,).

    pixel: model units of one pixel of height, 0 while the size is not known. slope: (2, frames), the height that one
    unit to the right and one unit forward need to stay on the same line of the picture.
    """

    frames: int
    pixel: float = 0.0
    slope: Array = field(default_factory=lambda: np.zeros((2, 1)))
    ellipsoids: list[tuple[SolidTag, Array, Array, Array, Array]] = field(default_factory=list)
    capsules: list[tuple[SolidTag, Array, Array, Array, Array]] = field(default_factory=list)
    boxes: list[tuple[SolidTag, Array, Array, Array, Array]] = field(default_factory=list)
    triangles: list[tuple[SolidTag, Array, Array, Array]] = field(default_factory=list)
    decals: list[Decal] = field(default_factory=list)
    holds: list[Array] = field(default_factory=list)
    _parts: int = 0
    _part: int = 0
    _held: int | None = None

    def start_part(self) -> int:
        """Starts a new part and returns its number."""
        self._parts += 1
        self._part = self._parts
        return self._part

    def continue_part(self, part: int) -> None:
        """Goes on with an earlier part."""
        self._part = part

    def hold_at(self, hand: Array | None) -> None:
        """From here on solids are gear held at `hand`; None ends it."""
        if hand is None:
            self._held = None
        else:
            self.holds.append(hand)
            self._held = len(self.holds) - 1

    def _make_tag(self, paint: str, lift: float, shade: int, spark: bool = False) -> SolidTag:
        return SolidTag(paint, self._part, lift, shade, self._held, spark)

    def snap_shift(self, value: Scalar) -> Scalar:
        """Rounds a shift to whole pixels, so that what moves together keeps its pixels."""
        if self.pixel <= 0.0:
            return value
        return np.floor(np.asarray(value) / self.pixel + 0.5) * self.pixel

    def ground_height(self, x: Scalar, y: Scalar) -> Array:
        """The height at which a foot moved by x, y stays on its line of the picture.

        A camera from above would draw a step towards the viewer lower, and the figure would dance on its baseline.
        """
        return np.asarray(self.slope[0] * np.asarray(x) + self.slope[1] * np.asarray(y))

    def add_ball(
        self,
        basis: Basis,
        centre: tuple[Scalar, Scalar, Scalar],
        radii: tuple[Scalar, Scalar, Scalar],
        paint: str,
        *,
        lift: float = 0.0,
        shade: int = 0,
        spark: bool = False,
    ) -> None:
        """An ellipsoid along the axes of `basis`."""
        tag = self._make_tag(paint, lift, shade, spark)
        axes = (basis.right * radii[0], basis.forward * radii[1], basis.up * radii[2])
        self.ellipsoids.append((tag, basis.point_at(*centre), *axes))

    def add_limb(
        self,
        a: Array,
        b: Array,
        ra: Scalar,
        rb: Scalar,
        paint: str,
        *,
        lift: float = 0.0,
        shade: int = 0,
        spark: bool = False,
    ) -> None:
        """A capsule from a to b whose radius runs from ra to rb."""
        frames = self.frames
        radii = np.empty((2, frames))
        radii[0], radii[1] = ra, rb
        self.capsules.append((self._make_tag(paint, lift, shade, spark), a, b, radii[0], radii[1]))

    def add_box(
        self,
        basis: Basis,
        centre: tuple[Scalar, Scalar, Scalar],
        half: tuple[Scalar, Scalar, Scalar],
        paint: str,
        *,
        lift: float = 0.0,
        shade: int = 0,
    ) -> None:
        """A box along the axes of `basis`, given by its half sizes."""
        tag = self._make_tag(paint, lift, shade)
        axes = (basis.right * half[0], basis.forward * half[1], basis.up * half[2])
        self.boxes.append((tag, basis.point_at(*centre), *axes))

    def add_sheet(
        self, corners: list[Array], paint: str, *, lift: float = 0.0, shade: int = 0, spark: bool = False
    ) -> None:
        """A flat fan of triangles around the first corner, seen from both sides."""
        tag = self._make_tag(paint, lift, shade, spark)
        for b, c in pairwise(corners[1:]):
            self.triangles.append((tag, corners[0], b, c))

    def add_mark(
        self,
        basis: Basis,
        centre: tuple[Scalar, Scalar, Scalar],
        facing: tuple[float, float, float],
        size: tuple[float, float],
        paint: str,
        level: int = 3,
        *,
        grow: bool = True,
    ) -> None:
        """A decal on the current part. `grow` False leaves it out where it is less than half a pixel."""
        self.decals.append(
            Decal(basis.point_at(*centre), basis.direction_to(*facing), size, paint, level, self._part, grow)
        )

    def point_at(self, x: Scalar = 0.0, y: Scalar = 0.0, z: Scalar = 0.0) -> Array:
        """A point of the model, for all frames."""
        return make_point(self.frames, x, y, z)
