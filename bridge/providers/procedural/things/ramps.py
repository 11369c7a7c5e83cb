"""Colour ramps: five shades of a material from dark to light and its line colour, with shifted hues.

Shadows turn towards violet and highlights towards yellow, as pixel artists paint them; a ramp that only changes
brightness looks like plastic. All sums are plain float additions and products, which every machine rounds alike.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

RGB: TypeAlias = tuple[int, int, int]

SHADES = 5
COOL_HUE = 0.70
WARM_HUE = 0.14


@dataclass(frozen=True, slots=True)
class Ramp:
    """`shades` dark to light, `line` for outlines; `gloss` raises the contrast of metal, glass and gems."""

    shades: tuple[RGB, RGB, RGB, RGB, RGB]
    line: RGB
    gloss: bool = False


def parse_rgb(code: str) -> RGB:
    """`#rrggbb` → red, green, blue."""
    value = int(code.removeprefix("#"), 16)
    return value >> 16, value >> 8 & 255, value & 255


def _make_ramp(*codes: str, gloss: bool = False) -> Ramp:
    line, *shades = (parse_rgb(code) for code in codes)
    return Ramp((shades[0], shades[1], shades[2], shades[3], shades[4]), line, gloss)


def _turn_hue(hue: float, goal: float, step: float) -> float:
    distance = (goal - hue + 0.5) % 1.0 - 0.5
    return (hue + max(-step, min(step, distance))) % 1.0


def _shift_tone(base: RGB, hue_goal: float, hue_step: float, light: float, saturation: float) -> RGB:
    hue, _, chroma = colorsys.rgb_to_hls(*(part / 255 for part in base))
    if chroma > 0.04:
        hue = _turn_hue(hue, hue_goal, hue_step)
    parts = colorsys.hls_to_rgb(hue, max(0.0, min(1.0, light)), max(0.0, min(1.0, chroma * saturation)))
    return round(parts[0] * 255), round(parts[1] * 255), round(parts[2] * 255)


@cache
def ramp_of(base: RGB, gloss: bool = False) -> Ramp:
    """A ramp around one colour, which becomes the middle shade."""
    light = colorsys.rgb_to_hls(*(part / 255 for part in base))[1]
    up, down = 1.0 - light, light
    return Ramp(
        (
            _shift_tone(base, COOL_HUE, 0.060, light - 0.50 * down, 0.90),
            _shift_tone(base, COOL_HUE, 0.030, light - 0.26 * down, 0.95),
            base,
            _shift_tone(base, WARM_HUE, 0.025, light + 0.30 * up, 1.0),
            _shift_tone(base, WARM_HUE, 0.050, light + 0.62 * up, 1.0),
        ),
        _shift_tone(base, COOL_HUE, 0.080, min(0.17, light * 0.36), 0.75),
        gloss,
    )


MATERIALS: dict[str, Ramp] = {
    "gold": _make_ramp("#4a2412", "#8a4a1c", "#c47a22", "#efb02f", "#fbd95a", "#fff6b8", gloss=True),
    "silver": _make_ramp("#272a3f", "#54607c", "#8490ab", "#b4c0d2", "#dbe4ee", "#ffffff", gloss=True),
    "iron": _make_ramp("#20222f", "#3d4358", "#5d667e", "#848fa5", "#b2bdcb", "#e6edf2", gloss=True),
    "steel": _make_ramp("#222536", "#48516c", "#6f7b97", "#9fadc3", "#cfdae6", "#fbfdff", gloss=True),
    "bronze": _make_ramp("#3a1c14", "#6e3a1f", "#9c5b2a", "#c98343", "#e6ae6c", "#fbdda8", gloss=True),
    "copper": _make_ramp("#401a16", "#7c3424", "#b0532f", "#d97b48", "#f0a878", "#ffdcbc", gloss=True),
    "rust": _make_ramp("#2e1a18", "#573026", "#7e4830", "#a4663f", "#c28a5c", "#d9b184"),
    "wood": _make_ramp("#2e1a17", "#573424", "#7d4f30", "#a5713f", "#c79457", "#e3bb7e"),
    "darkwood": _make_ramp("#21130f", "#3d251c", "#5b3827", "#7a5036", "#9a6c48", "#bb8f66"),
    "stone": _make_ramp("#272734", "#4a4b5c", "#6a6d7d", "#8e929e", "#b3b7bd", "#d8dbd9"),
    "crystal": _make_ramp("#1d2a5c", "#3157a6", "#3f8ddb", "#66c2f2", "#a8e8fb", "#f2ffff", gloss=True),
    "bone": _make_ramp("#3c2c2e", "#7b6658", "#a8927a", "#d6c5a2", "#eee3c6", "#fffbea"),
    "leather": _make_ramp("#2d1612", "#552b1f", "#7d432b", "#a4623c", "#c58757", "#e0b083"),
    "cloth": _make_ramp("#38303c", "#6f6470", "#9c9094", "#c9bdb6", "#e4dbcd", "#fbf6e9"),
    "paper": _make_ramp("#47301f", "#96714a", "#c4a06b", "#e8cf9a", "#f6e6bf", "#fffae6"),
    "glass": _make_ramp("#26334e", "#4d6a8c", "#7c9fba", "#aecbd9", "#d3e8ee", "#ffffff", gloss=True),
    "leaf": _make_ramp("#14281f", "#1e4630", "#2f6b37", "#4f9440", "#82bb4c", "#bfdd6e"),
    "pine": _make_ramp("#10262a", "#173f3c", "#215a48", "#357a54", "#5c9d62", "#94c27c"),
    "autumn": _make_ramp("#3e1715", "#7c2c1e", "#b54d20", "#e07b2a", "#f4ab42", "#fdd878"),
    "blossom": _make_ramp("#4a1d40", "#8c3a66", "#c35f8b", "#ec92b0", "#f9bdce", "#ffe6ea"),
    "bark": _make_ramp("#251613", "#442a21", "#60402f", "#7f5a40", "#a07a57", "#c09d77"),
    "moss": _make_ramp("#1c2b1a", "#33502a", "#4e7433", "#70983f", "#9aba57", "#c6d982"),
    "snow": _make_ramp("#3b4a6e", "#7f97bd", "#a9c0da", "#d2e2ef", "#eef6fb", "#ffffff"),
    "ice": _make_ramp("#1f3d66", "#3f7fb5", "#67b0dc", "#99d6f0", "#cdf1fb", "#ffffff", gloss=True),
    "fire": _make_ramp("#5a1414", "#a8231a", "#dd4a1c", "#f7862a", "#fdc544", "#fff3a6"),
    "water": _make_ramp("#152a55", "#1f4f92", "#2b79c4", "#4aa5e3", "#86cff2", "#d6f4fb", gloss=True),
    "brick": _make_ramp("#341a1c", "#63302c", "#8c4738", "#b3654a", "#cf8c69", "#e5b594"),
    "roof": _make_ramp("#3a1620", "#712a2f", "#a33d36", "#cf5a41", "#e8865a", "#f7b884"),
    "thatch": _make_ramp("#3a2617", "#75512a", "#a57b37", "#cfa64f", "#e7c877", "#f8e6a9"),
    "plaster": _make_ramp("#463634", "#8d7668", "#b8a08a", "#e0cdb0", "#f1e4cb", "#fdf7e7"),
    "slate": _make_ramp("#1d2136", "#353d5c", "#4c587c", "#6a799c", "#91a1bb", "#becbd8"),
    "coal": _make_ramp("#101019", "#21222f", "#343645", "#4d5061", "#70758a", "#a3a9bb"),
    "skin": _make_ramp("#4b2320", "#96553d", "#c58058", "#eab080", "#f8d1a5", "#fff0d6"),
}

COLORS: dict[str, RGB] = {
    "red": (208, 48, 48),
    "crimson": (170, 28, 58),
    "scarlet": (222, 54, 32),
    "maroon": (122, 32, 44),
    "orange": (232, 124, 36),
    "amber": (236, 160, 40),
    "yellow": (240, 206, 60),
    "lime": (150, 210, 60),
    "green": (64, 158, 68),
    "olive": (122, 130, 56),
    "teal": (40, 146, 140),
    "turquoise": (64, 196, 184),
    "cyan": (76, 200, 220),
    "blue": (56, 104, 208),
    "navy": (44, 60, 128),
    "azure": (78, 160, 232),
    "indigo": (84, 70, 180),
    "purple": (142, 68, 186),
    "violet": (150, 84, 210),
    "magenta": (204, 62, 160),
    "pink": (238, 128, 168),
    "rose": (224, 88, 124),
    "brown": (132, 84, 52),
    "tan": (204, 164, 112),
    "beige": (222, 200, 160),
    "white": (226, 230, 236),
    "ivory": (236, 226, 200),
    "grey": (132, 136, 146),
    "black": (62, 60, 76),
}


def color_ramp(name: str, gloss: bool = False) -> Ramp:
    """The ramp of a colour word of `COLORS`."""
    return ramp_of(COLORS[name], gloss)


def material_ramp(name: str) -> Ramp:
    """The ramp of a material of `MATERIALS`."""
    return MATERIALS[name]


def tint_ramp(ramp: Ramp, change: str) -> Ramp:
    """A ramp made `dark`, `light` or `dull` (aged)."""
    return Ramp(
        tuple(_change_tone(shade, change) for shade in ramp.shades),  # type: ignore[arg-type]
        _change_tone(ramp.line, change),
        ramp.gloss and change != "dull",
    )


def _change_tone(value: RGB, change: str) -> RGB:
    hue, light, chroma = colorsys.rgb_to_hls(*(part / 255 for part in value))
    factor, lift, saturation = {
        "dark": (0.66, 0.0, 1.0),
        "light": (0.72, 0.28, 1.0),
        "dull": (0.86, 0.04, 0.55),
    }[change]
    parts = colorsys.hls_to_rgb(hue, min(1.0, light * factor + lift), chroma * saturation)
    return round(parts[0] * 255), round(parts[1] * 255), round(parts[2] * 255)
