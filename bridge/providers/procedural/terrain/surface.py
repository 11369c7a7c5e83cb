"""A painted terrain: the shades and colours of its full tile and of the variations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural import noise
from bridge.providers.procedural.palette import BASE, LIGHT, RGB, SHADE, SHADES, nearest_color, reduce_colors
from bridge.providers.procedural.terrain.canvas import TextureCanvas
from bridge.providers.procedural.terrain.decor import decorate
from bridge.providers.procedural.terrain.textures import PAINTERS
from bridge.providers.procedural.terrain.words import TerrainTexture

_DETAIL = {"low": 60, "medium": 100, "high": 140}


@dataclass(frozen=True, slots=True)
class TileStyle:
    """How a set is drawn. size: pixels of a tile; colors: most colours a terrain may have (0: no limit)."""

    size: tuple[int, int]
    seed: int
    detail: str = ""
    shading: str = ""
    colors: int = 0


@dataclass(frozen=True, slots=True)
class TerrainSurface:
    """shades (frames, height, width) are places in `colors`, whose first SHADES are the ramp."""

    look: TerrainTexture
    shades: npt.NDArray[np.uint8]
    colors: tuple[RGB, ...]


def paint_surface(
    look: TerrainTexture, text: str, style: TileStyle, frames: int = 1, variation: int = 0, diamond: bool = False
) -> TerrainSurface:
    """The full tile of a terrain. It depends on the description and the style only, never on the neighbours.

    variation: 0, or the number of a tile with another inside and the same border.
    """
    amount = look.amount * detail_amount(style.detail) // 100
    canvas = TextureCanvas(
        style.size, look.ramp, noise.derive_seed(style.seed, text), frames, amount, variation, diamond
    )
    PAINTERS[look.material.texture](canvas)
    for mark in look.marks:
        decorate(canvas, f"{mark}/named", mark, 1)
    kinds = look.marks or look.material.decor
    # Even variations only move the marks of the texture: a map needs calm tiles more than things.
    if variation % 2 and kinds:
        decorate(canvas, f"{variation}", kinds[variation // 2 % len(kinds)], 2, inside=True)
    shades = _flatten_light(canvas.shades, style.shading)
    return TerrainSurface(look, shades, tuple(_limit_colors(canvas.colors, style.colors)))


def detail_amount(words: str) -> int:
    """The percentage of marks for the words of `detail` ("low detail", "highly detailed")."""
    text = words.lower()
    for word, amount in _DETAIL.items():
        if word in text:
            return amount
    return 140 if "detailed" in text else 100


def _flatten_light(shades: npt.NDArray[np.uint8], shading: str) -> npt.NDArray[np.uint8]:
    """Fewer steps of light for flat and basic shading."""
    text = shading.lower()
    steps = np.arange(256, dtype=np.uint8)
    if "flat" in text:
        steps[:SHADES] = [SHADE, SHADE, BASE, BASE, BASE, LIGHT]
    elif "basic" in text:
        steps[:SHADES] = [1, 1, SHADE, BASE, LIGHT, LIGHT]
    else:
        return shades
    return steps[shades]


def _limit_colors(colors: list[RGB], most: int) -> list[RGB]:
    if not most:
        return colors
    ramp = reduce_colors(colors[:SHADES], most)
    return ramp + [nearest_color(color, ramp) for color in colors[SHADES:]]
