"""Colours: names, and ramps whose shadows lean to blue and whose lights lean to warm yellow."""

from __future__ import annotations

import colorsys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

RGB = tuple[int, int, int]

NAMES: dict[str, RGB] = {
    "red": (196, 48, 52),
    "crimson": (168, 30, 56),
    "scarlet": (212, 52, 44),
    "maroon": (120, 32, 44),
    "orange": (224, 122, 44),
    "amber": (232, 160, 48),
    "yellow": (236, 200, 66),
    "gold": (226, 174, 58),
    "golden": (226, 174, 58),
    "blonde": (232, 200, 110),
    "blond": (232, 200, 110),
    "lime": (150, 206, 64),
    "green": (74, 154, 70),
    "emerald": (44, 160, 106),
    "olive": (122, 128, 60),
    "teal": (46, 142, 142),
    "turquoise": (64, 190, 180),
    "cyan": (84, 198, 220),
    "azure": (84, 160, 228),
    "blue": (62, 100, 192),
    "navy": (44, 58, 118),
    "indigo": (78, 66, 160),
    "purple": (132, 72, 172),
    "violet": (150, 92, 200),
    "magenta": (198, 68, 156),
    "pink": (236, 142, 172),
    "brown": (132, 86, 54),
    "chestnut": (136, 78, 48),
    "tan": (202, 162, 112),
    "beige": (216, 194, 152),
    "cream": (236, 222, 188),
    "ginger": (208, 112, 52),
    "auburn": (144, 66, 44),
    "bronze": (176, 118, 62),
    "copper": (190, 104, 66),
    "silver": (178, 186, 200),
    "steel": (142, 154, 174),
    "grey": (134, 136, 146),
    "gray": (134, 136, 146),
    "white": (232, 232, 236),
    "ivory": (236, 230, 208),
    "black": (58, 56, 70),
    "ebony": (54, 48, 56),
}
SHIFTS: dict[str, tuple[float, float]] = {
    "dark": (0.66, 1.05),
    "deep": (0.72, 1.15),
    "light": (1.22, 0.68),
    "pale": (1.25, 0.5),
    "bright": (1.15, 1.15),
}
MATTE, METAL, GLOSS, GLOW = "matte", "metal", "gloss", "glow"
LEVELS = 6
LINE, DEEP, SHADOW, BASE, LIGHT, SHINE = range(LEVELS)
_VALUE = (0.30, 0.52, 0.76, 1.0, 1.17, 1.34)
_SATURATION = (1.12, 1.14, 1.08, 1.0, 0.86, 0.56)
_COLD, _WARM = 0.70, 0.13
_TURN = (0.30, 0.18, 0.09, 0.0, 0.12, 0.22)


@dataclass(frozen=True, slots=True)
class Paint:
    """A material: base colour and finish (matte, metal, gloss, glow)."""

    rgb: RGB
    finish: str = MATTE


def shift_color(rgb: RGB, word: str) -> RGB:
    """A colour after an adjective of `SHIFTS`."""
    value, saturation = SHIFTS[word]
    h, s, v = colorsys.rgb_to_hsv(*(c / 255 for c in rgb))
    return _rgb_from_hsv(h, s * saturation, v * value)


def _rgb_from_hsv(h: float, s: float, v: float) -> RGB:
    r, g, b = colorsys.hsv_to_rgb(h % 1.0, min(max(s, 0.0), 1.0), min(max(v, 0.0), 1.0))
    return round(r * 255), round(g * 255), round(b * 255)


def _turn_hue(hue: float, target: float, amount: float) -> float:
    way = (target - hue + 0.5) % 1.0 - 0.5
    return hue + way * amount


def build_ramp(rgb: RGB) -> list[RGB]:
    """The six colours of a material from its outline to its brightest spot."""
    h, s, v = colorsys.rgb_to_hsv(*(c / 255 for c in rgb))
    out: list[RGB] = []
    for level in range(LEVELS):
        target = _COLD if level < BASE else _WARM
        # Greys have no hue to turn: their shadows take a little blue instead.
        hue = _turn_hue(h, target, _TURN[level]) if s > 0.08 else (h if level == BASE else target)
        tint = 0.10 * (BASE - level) / BASE if level < BASE else 0.0
        value = v * _VALUE[level]
        if level > BASE:
            value = v + (1.0 - v) * (0.34 if level == LIGHT else 0.66)
        if level == LINE:
            value = max(0.11, min(value, 0.30))
        out.append(_rgb_from_hsv(hue, s * _SATURATION[level] + tint, value))
    return out


def build_table(
    paints: Mapping[str, Paint], *, limit: int | None, used: Collection[str], black_outline: RGB | None
) -> list[RGB]:
    """The colours of all paints in the order of their names, `LEVELS` each.

    limit: merges the nearest colours of the paints in `used` until so many are left. black_outline: replaces every
    outline colour.
    """
    colors = [color for name in sorted(paints) for color in build_ramp(paints[name].rgb)]
    if black_outline is not None:
        colors[::LEVELS] = [black_outline] * len(paints)
    if limit is None:
        return colors
    places = [i * LEVELS + level for i, name in enumerate(sorted(paints)) if name in used for level in range(LEVELS)]
    for index, color in zip(places, merge_colors([colors[index] for index in places], limit), strict=True):
        colors[index] = color
    return colors


def merge_colors(colors: Sequence[RGB], limit: int) -> list[RGB]:
    """The same list with at most `limit` different colours: nearest neighbours become one, again and again."""
    groups: dict[RGB, list[int]] = {}
    for index, color in enumerate(colors):
        groups.setdefault(color, []).append(index)
    while len(groups) > max(limit, 2):
        keys = sorted(groups)
        a, b = min(
            ((p, q) for i, p in enumerate(keys) for q in keys[i + 1 :]),
            key=lambda pair: (_color_distance(pair[0], pair[1]), pair),
        )
        keep, drop = (a, b) if len(groups[a]) >= len(groups[b]) else (b, a)
        groups[keep] += groups.pop(drop)
    out = list(colors)
    for color, members in groups.items():
        for index in members:
            out[index] = color
    return out


def _color_distance(a: RGB, b: RGB) -> int:
    """Perceived difference, the common "redmean" weighting in whole numbers."""
    red = a[0] + b[0]
    dr, dg, db = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    return (1024 + red) * dr * dr + 2048 * dg * dg + (1534 - red) * db * db
