"""From visible surfaces to pixels: quantised light, inner lines, clean-up, face touches and the outline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from exporters.model.asset import Pixels

from .camera import SolidBatch
from .palette import BASE, DEEP, GLOSS, GLOW, LEVELS, LIGHT, LINE, MATTE, METAL, RGB, SHADOW, SHINE, Paint
from .raster import DEPTH_STEPS, VisibleSurface

Codes = npt.NDArray[np.int32]
# Light from the upper left in front, in 1/1024: x right, y down, z to the viewer.
_LIGHT = (-410.0, -620.0, 705.0)
# Lower bounds of light (in 1/1024) of deep, shadow, base, light, shine per finish; a level without a bound is absent.
_BOUNDS: dict[str, dict[str, tuple[tuple[int, int], ...]]] = {
    "flat": {
        MATTE: ((BASE, -2048),),
        METAL: ((BASE, -2048), (LIGHT, 930)),
        GLOSS: ((BASE, -2048), (SHINE, 985)),
        GLOW: ((BASE, -2048), (SHINE, 880)),
    },
    "basic": {
        MATTE: ((SHADOW, -2048), (BASE, 330), (LIGHT, 930)),
        METAL: ((DEEP, -2048), (SHADOW, 60), (BASE, 440), (SHINE, 915)),
        GLOSS: ((SHADOW, -2048), (BASE, 330), (LIGHT, 850), (SHINE, 975)),
        GLOW: ((SHADOW, -2048), (BASE, 400), (LIGHT, 700), (SHINE, 900)),
    },
    "medium": {
        MATTE: ((DEEP, -2048), (SHADOW, 20), (BASE, 440), (LIGHT, 850)),
        METAL: ((DEEP, -2048), (SHADOW, 150), (BASE, 480), (LIGHT, 760), (SHINE, 925)),
        GLOSS: ((DEEP, -2048), (SHADOW, 40), (BASE, 400), (LIGHT, 800), (SHINE, 960)),
        GLOW: ((SHADOW, -2048), (BASE, 400), (LIGHT, 680), (SHINE, 880)),
    },
    "detailed": {
        MATTE: ((DEEP, -2048), (SHADOW, 80), (BASE, 470), (LIGHT, 800), (SHINE, 985)),
        METAL: ((DEEP, -2048), (SHADOW, 240), (BASE, 520), (LIGHT, 740), (SHINE, 900)),
        GLOSS: ((DEEP, -2048), (SHADOW, 120), (BASE, 430), (LIGHT, 770), (SHINE, 945)),
        GLOW: ((SHADOW, -2048), (BASE, 350), (LIGHT, 640), (SHINE, 860)),
    },
}


@dataclass(frozen=True, slots=True)
class Finish:
    """How a picture is finished. shading: a key of the light tables; lines: inner lines (0 none, 1 soft, 2 firm)."""

    shading: str = "medium"
    outline: bool = True
    lines: int = 2


@dataclass(frozen=True, slots=True)
class Touch:
    """A decal in canvas pixels: rectangle per frame (left, top), its size, colour code, and the part it sits on."""

    left: npt.NDArray[np.int64]
    top: npt.NDArray[np.int64]
    width: int
    height: int
    code: int
    part: int
    shown: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Layers:
    """Per pixel (frames, height + 2, width + 2, one pixel of border): colour code or −1, part, depth, no outline."""

    code: Codes
    part: Codes
    depth: Codes
    spark: npt.NDArray[np.bool_]


def light_levels(
    surface: VisibleSurface, batches: list[SolidBatch], paints: Mapping[str, Paint], shading: str
) -> Codes:
    """The ramp level of every visible pixel."""
    tags = [tag for batch in batches for tag in batch.tags]
    finish_of = np.array([list(_BOUNDS["flat"]).index(paints[t.paint].finish) for t in tags])
    shade_of = np.array([t.shade for t in tags])
    n = surface.normal
    light = np.floor(n[0] * _LIGHT[0] + n[1] * _LIGHT[1] + n[2] * _LIGHT[2] + 0.5).astype(np.int32)
    facing = np.floor(n[2] * 1024.0 + 0.5).astype(np.int32)
    finish = finish_of[surface.solid]
    level = np.zeros(light.shape, dtype=np.int32)
    for index, bounds in enumerate(_BOUNDS[shading].values()):
        mine = np.flatnonzero(finish == index)
        # What glows is brightest where it faces the viewer: it has no lit side.
        value = facing[mine] if index == list(_BOUNDS[shading]).index(GLOW) else light[mine]
        steps = np.searchsorted(np.array([low for _, low in bounds[1:]]), value, side="right")
        level[mine] = np.array([step for step, _ in bounds])[steps]
    lowest = BASE if shading == "flat" else DEEP
    shade = shade_of[surface.solid] if shading != "flat" else 0
    return np.asarray(np.clip(level + shade, lowest, SHINE), dtype=np.int32)


def paint_layers(
    surface: VisibleSurface,
    batches: list[SolidBatch],
    paints: Mapping[str, Paint],
    shape: tuple[int, int, int],
    finish: Finish,
) -> Layers:
    """The first picture: each visible pixel's colour code (paint × levels + level)."""
    frames, height, width = shape
    order = {name: i for i, name in enumerate(sorted(paints))}
    tags = [tag for batch in batches for tag in batch.tags]
    paint_of = np.array([order[t.paint] for t in tags], dtype=np.int32)
    part_of = np.array([t.part for t in tags], dtype=np.int32)
    spark_of = np.array([t.spark for t in tags])
    level = light_levels(surface, batches, paints, finish.shading)
    values = (
        paint_of[surface.solid] * LEVELS + level,
        part_of[surface.solid],
        surface.depth.astype(np.int32),
        spark_of[surface.solid],
    )
    out = []
    for value, empty in zip(values, (-1, -1, 0, False), strict=True):
        plane = np.full(frames * height * width, empty, dtype=value.dtype)
        plane[surface.pixel] = value
        full = np.full((frames, height + 2, width + 2), empty, dtype=value.dtype)
        full[:, 1:-1, 1:-1] = plane.reshape(frames, height, width)
        out.append(full)
    return Layers(out[0], out[1], out[2], out[3])


_SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1))


def _inner_plane(plane: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return plane[:, 1:-1, 1:-1]


def _neighbour_plane(plane: npt.NDArray[Any], side: tuple[int, int]) -> npt.NDArray[Any]:
    dy, dx = side
    height, width = plane.shape[1:]
    return plane[:, 1 + dy : height - 1 + dy, 1 + dx : width - 1 + dx]


def draw_inner_lines(image: Layers, strength: int) -> None:
    """Darkens pixels right behind the edge of a nearer part, as an artist's inner line does (in place)."""
    if strength == 0:
        return
    code, part, depth = _inner_plane(image.code), _inner_plane(image.part), _inner_plane(image.depth)
    behind = np.zeros(code.shape, dtype=np.int32)
    for side in _SIDES:
        other = (_neighbour_plane(image.part, side) != part) & (_neighbour_plane(image.part, side) >= 0) & (part >= 0)
        jump = _neighbour_plane(image.depth, side).astype(np.int32) - depth.astype(np.int32)
        solid = other & ~_neighbour_plane(image.spark, side).astype(np.bool_)
        behind = np.where(solid, np.maximum(behind, jump), behind)
    level = code % LEVELS
    soft = (behind > DEPTH_STEPS) & (level > DEEP)
    firm = behind > 2 * DEPTH_STEPS if strength > 1 else np.zeros_like(soft)
    lower = np.where(firm, np.minimum(np.maximum(level - 2, LINE), DEEP), np.where(soft, level - 1, level))
    image.code[:, 1:-1, 1:-1] = np.where(code >= 0, code - level + lower, code)


def trim_effects(image: Layers) -> None:
    """Takes light effects off the outermost pixels of the canvas (in place): an arc may end there."""
    edge = np.zeros(image.spark.shape[1:], dtype=np.bool_)
    edge[1, :] = edge[-2, :] = edge[:, 1] = edge[:, -2] = True
    cut = image.spark & edge
    image.code[cut] = -1
    image.part[cut] = -1
    image.spark[cut] = False


def remove_lone_pixels(image: Layers) -> None:
    """Replaces lone pixels of a shade between equal neighbours (in place): the usual noise of small renders."""
    code = _inner_plane(image.code)
    up, down, left, right = (_neighbour_plane(image.code, side) for side in ((-1, 0), (1, 0), (0, -1), (0, 1)))
    lone = (code >= 0) & (code != up) & (code != down) & (code != left) & (code != right)
    paint = code // LEVELS
    across = lone & (left == right) & (left // LEVELS == paint)
    upright = lone & (up == down) & (up // LEVELS == paint) & ~across
    image.code[:, 1:-1, 1:-1] = np.where(across, left, np.where(upright, up, code))


def paint_touches(image: Layers, touches: list[Touch]) -> None:
    """Paints decals where their part is visible (in place)."""
    height, width = image.code.shape[1] - 2, image.code.shape[2] - 2
    for t in touches:
        for frame in np.flatnonzero(t.shown).tolist():
            x0, y0 = max(int(t.left[frame]), 0), max(int(t.top[frame]), 0)
            x1, y1 = min(int(t.left[frame]) + t.width, width), min(int(t.top[frame]) + t.height, height)
            if x0 >= x1 or y0 >= y1:
                continue
            window = (frame, slice(y0 + 1, y1 + 1), slice(x0 + 1, x1 + 1))
            fits = image.part[window] == t.part
            image.code[window] = np.where(fits, t.code, image.code[window])


def draw_outline(image: Layers) -> None:
    """Draws the outer line in the darkest hue of what it surrounds (in place)."""
    code = _inner_plane(image.code)
    line = np.full(code.shape, -1, dtype=np.int32)
    for side in _SIDES:
        near = _neighbour_plane(image.code, side).astype(np.int32)
        solid = (near >= 0) & ~_neighbour_plane(image.spark, side).astype(np.bool_) & (line < 0)
        line = np.where(solid, near - near % LEVELS + LINE, line)
    core_spark = _inner_plane(image.spark)
    empty = (code < 0) | core_spark
    image.code[:, 1:-1, 1:-1] = np.where(empty & (line >= 0), line, code)


def apply_colors(image: Layers, table: list[RGB], flash: npt.NDArray[np.bool_]) -> Pixels:
    """RGBA frames (frames, height, width, 4). Frames of `flash` show the figure in its brightest tints."""
    code = _inner_plane(image.code).astype(np.int32)
    level = code % LEVELS
    bright = np.where(level > SHADOW, SHINE, np.where(level > LINE, level + 2, level))
    code = np.where(flash[:, None, None] & (code >= 0), code - level + bright, code)
    colors = np.zeros((len(table) + 1, 4), dtype=np.uint8)
    colors[1:, :3] = table
    colors[1:, 3] = 255
    return colors[code + 1]
