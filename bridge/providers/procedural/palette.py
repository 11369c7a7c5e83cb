"""Colour ramps for pixel art: a few shades of one material, from its line colour to its shine.

Shadows turn towards blue-violet and lights towards yellow, as pixel artists paint them. Colour sums are plain
additions and products of doubles that end in a rounding to whole numbers, so all machines agree.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

RGB: TypeAlias = tuple[int, int, int]
Ramp: TypeAlias = tuple[RGB, ...]

LINE, DARK, SHADE, BASE, LIGHT, SHINE = range(6)
SHADES = 6
_COLD, _WARM = 0.68, 0.14

COLORS: dict[str, str] = {
    "red": "#c63b3b", "crimson": "#a8243f", "scarlet": "#d63a24", "maroon": "#7a2733", "orange": "#dd7a2b",
    "amber": "#e0a032", "gold": "#d9a92f", "golden": "#d9a92f", "yellow": "#dcc046", "lime": "#97c944",
    "green": "#4c9a48", "emerald": "#2f9a68", "olive": "#7c8440", "teal": "#2f8f88", "turquoise": "#48bdb0",
    "cyan": "#52bfd0", "blue": "#3f6fc8", "navy": "#2f4080", "azure": "#4f9ee0", "indigo": "#5249ae",
    "purple": "#8447ac", "violet": "#9358c6", "magenta": "#c0439a", "pink": "#e08aa9", "rose": "#d65e80",
    "brown": "#855a38", "tan": "#c9a470", "beige": "#d9c69c", "cream": "#e9dcb8", "white": "#dde3ea",
    "grey": "#858993", "gray": "#858993", "silver": "#aab4c2", "black": "#3c3b4a", "rusty": "#a4562f",
    "copper": "#b8693f", "bronze": "#a87a40", "red-brown": "#8a4a34",
}  # fmt: skip


def parse_rgb(code: str) -> RGB:
    """`#rrggbb` → red, green, blue."""
    value = int(code.removeprefix("#"), 16)
    return value >> 16, (value >> 8) & 255, value & 255


def parse_ramp(codes: str) -> Ramp:
    """Colours written `#rrggbb #rrggbb …`, dark to light."""
    return tuple(parse_rgb(code) for code in codes.split())


def _to_hls(color: RGB) -> tuple[float, float, float]:
    return colorsys.rgb_to_hls(color[0] / 255, color[1] / 255, color[2] / 255)


def _from_hls(hue: float, light: float, chroma: float) -> RGB:
    parts = colorsys.hls_to_rgb(hue % 1.0, min(1.0, max(0.0, light)), min(1.0, max(0.0, chroma)))
    return round(parts[0] * 255), round(parts[1] * 255), round(parts[2] * 255)


def _turn_hue(hue: float, goal: float, most: float) -> float:
    distance = (goal - hue + 0.5) % 1.0 - 0.5
    return hue + max(-most, min(most, distance))


@cache
def ramp_around(base: RGB) -> Ramp:
    """A ramp of SHADES colours whose BASE is this colour."""
    hue, light, chroma = _to_hls(base)
    room = 1.0 - light
    return (
        _from_hls(_turn_hue(hue, _COLD, 0.07), light * 0.38, chroma * 0.9),
        _from_hls(_turn_hue(hue, _COLD, 0.05), light * 0.62, chroma * 0.95),
        _from_hls(_turn_hue(hue, _COLD, 0.02), light * 0.83, chroma),
        base,
        _from_hls(_turn_hue(hue, _WARM, 0.02), light + room * 0.20, chroma),
        _from_hls(_turn_hue(hue, _WARM, 0.04), light + room * 0.48, chroma),
    )


@cache
def recolor_ramp(shades: Ramp, color: RGB) -> Ramp:
    """The contrast of one ramp in another colour: a red version of grass still looks like grass."""
    hue, light, chroma = _to_hls(color)
    own_hue, own_light, own_chroma = _to_hls(shades[BASE])
    lift = (light - own_light) * 0.7
    changed = []
    for index, (h, li, c) in enumerate(map(_to_hls, shades)):
        turn = abs((h - own_hue + 0.5) % 1.0 - 0.5) * 0.5
        goal = _WARM if index > BASE else _COLD
        share = 0.5 + 0.5 * c / own_chroma if own_chroma > 0.02 else 1.0
        changed.append(_from_hls(_turn_hue(hue, goal, min(turn, 0.05)), li + lift, chroma * min(share, 1.3)))
    return tuple(changed)


@cache
def tune_ramp(shades: Ramp, light: float = 1.0, chroma: float = 1.0, lift: float = 0.0) -> Ramp:
    """A ramp with lightness and saturation multiplied, and lifted towards white (0 … 1)."""
    changed = []
    for hue, lightness, saturation in map(_to_hls, shades):
        value = lightness * light
        changed.append(_from_hls(hue, value + (1 - value) * lift, saturation * chroma))
    return tuple(changed)


@cache
def blend_ramps(one: Ramp, two: Ramp, share: int) -> Ramp:
    """A ramp between two, `share` percent of the second."""
    return tuple(
        (
            (a[0] * (100 - share) + b[0] * share + 50) // 100,
            (a[1] * (100 - share) + b[1] * share + 50) // 100,
            (a[2] * (100 - share) + b[2] * share + 50) // 100,
        )
        for a, b in zip(one, two, strict=True)
    )


def color_distance(one: RGB, two: RGB) -> int:
    """A cheap difference of two colours that weighs channels as eyes do (2·red, 4·green, 3·blue, squared)."""
    red, green, blue = one[0] - two[0], one[1] - two[1], one[2] - two[2]
    return 2 * red * red + 4 * green * green + 3 * blue * blue


def nearest_color(color: RGB, choices: Iterable[RGB]) -> RGB:
    """The most similar of the choices; the first of equals."""
    return min(choices, key=lambda choice: color_distance(color, choice))


def reduce_colors(colors: Sequence[RGB], count: int) -> list[RGB]:
    """The same colours with at most `count` different ones: BASE is kept first, then the ends of the ramp."""
    order = [BASE, LIGHT, SHADE, DARK, SHINE, LINE]
    kept = [colors[index] for index in order[: max(1, count)]]
    return [nearest_color(color, kept) for color in colors]


def color_table(colors: Sequence[RGB]) -> npt.NDArray[np.uint8]:
    """Colours as rows of opaque RGBA, to index with a picture of shades."""
    return np.array([(*color, 255) for color in colors], dtype=np.uint8)
