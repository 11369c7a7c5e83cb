"""Growing ground: grass, meadow, jungle, forest litter, moss, straw."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.palette import BASE, DARK, LIGHT, SHADE, SHINE, parse_rgb
from bridge.providers.procedural.terrain.canvas import Stamp, TextureCanvas
from bridge.providers.procedural.terrain.textures.ground import paint_patches, paint_speckles

# Each tuft comes upright and bent to the right: an animation sways between the two.
TUFTS: tuple[tuple[Stamp, Stamp], ...] = (
    (["4.4", "242", ".2."], ["4.4", ".42", ".2."]),
    (["4..", "424", ".2."], [".4.", "424", ".2."]),
    (["4", "2"], ["4", "2"]),
    ([".4.4", "4242", ".22."], ["..44", "4242", ".22."]),
    (["4.", "42"], [".4", "42"]),
)


def _paint_tufts(canvas: TextureCanvas, topic: str, per_tile: int) -> None:
    for mark in canvas.spread_marks(topic, per_tile):
        upright, bent = TUFTS[canvas.choose_at(topic, mark, len(TUFTS))]
        for frame in range(canvas.frames):
            # The wind runs from west to east: a tuft further right bends later.
            phase = (frame * 4 // canvas.frames - mark[0] * 4 // canvas.size[0]) % 4 if canvas.frames > 1 else 1
            canvas.stamp(bent if phase == 0 else upright, mark, frame=frame)


def paint_grass(canvas: TextureCanvas) -> None:
    """Short grass with even tufts."""
    paint_speckles(canvas, "blade", 22, SHADE)
    paint_speckles(canvas, "tip", 14, LIGHT)
    _paint_tufts(canvas, "tuft", 7)


def paint_meadow(canvas: TextureCanvas) -> None:
    """Grass with small flowers everywhere."""
    paint_grass(canvas)
    petals = [canvas.add_accent(parse_rgb(code)) for code in ("#f4f0e0", "#f2cf4e", "#e87a9a")]
    heart = canvas.add_accent(parse_rgb("#e8a030"))
    for mark in canvas.spread_marks("flower", 3):
        kind = canvas.choose_at("flower", mark, 3)
        canvas.stamp((["p.", "ph"], [".p.", "php", ".p."], ["p", "2"])[kind], mark, {"p": petals[kind], "h": heart})


def paint_jungle(canvas: TextureCanvas) -> None:
    """Overlapping leaves."""
    paint_patches(canvas, "gap", 6, SHADE)
    paint_patches(canvas, "deep", 2, DARK)
    leaves = (["44.", "543", ".32"], [".44", "345", "23."], ["45", "43", ".2"], ["4.4", "343", ".2."])
    for mark in canvas.spread_marks("leaf", 9, reach=2):
        canvas.stamp(leaves[canvas.choose_at("leaf", mark, len(leaves))], mark)
    if canvas.frames > 1:
        _paint_tufts(canvas, "tuft", 3)


def paint_litter(canvas: TextureCanvas) -> None:
    """Fallen leaves in several tones."""
    paint_patches(canvas, "damp", 5, SHADE)
    leaves = (["a.", ".a"], ["aa", "b."], [".a", "ab"], ["ab"])
    tones = ({"a": LIGHT, "b": SHADE}, {"a": SHINE, "b": LIGHT}, {"a": DARK, "b": SHADE}, {"a": LIGHT, "b": BASE})
    for mark in canvas.spread_marks("leaf", 15, reach=2):
        canvas.stamp(leaves[canvas.choose_at("leaf", mark, 4)], mark, tones[canvas.choose_at("tone", mark, 4)])


def paint_moss(canvas: TextureCanvas) -> None:
    """Round cushions, lit from above."""
    low = canvas.smooth_noise("cushion", 3, 1) < 410
    canvas.paint(low, SHADE)
    canvas.paint(~low & np.roll(low, 1, axis=1), LIGHT)
    canvas.paint(low & np.roll(~low, 1, axis=1), DARK)
    paint_speckles(canvas, "spore", 30, LIGHT)


def paint_straw(canvas: TextureCanvas) -> None:
    """Crossing stalks."""
    paint_patches(canvas, "gap", 6, SHADE)
    stalks = (["4...", ".44.", "...4"], ["...4", ".44.", "4..."], ["444"], ["4", "4", "4"], ["2...", ".22.", "...1"])
    for mark in canvas.spread_marks("stalk", 13, reach=2):
        canvas.stamp(stalks[canvas.choose_at("stalk", mark, len(stalks))], mark)
    paint_speckles(canvas, "gap dot", 20, DARK)


PAINTERS = {
    "grass": paint_grass,
    "meadow": paint_meadow,
    "jungle": paint_jungle,
    "litter": paint_litter,
    "moss": paint_moss,
    "straw": paint_straw,
}
