"""Growing ground: grass, meadow, jungle, forest litter, moss, straw."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.palette import BASE, DARK, LIGHT, SHADE, SHINE, rgb
from bridge.providers.procedural.terrain.canvas import Canvas, Stamp
from bridge.providers.procedural.terrain.textures.ground import patches, speckle

# Each tuft comes upright and bent to the right: an animation sways between the two.
TUFTS: tuple[tuple[Stamp, Stamp], ...] = (
    (["4.4", "242", ".2."], ["4.4", ".42", ".2."]),
    (["4..", "424", ".2."], [".4.", "424", ".2."]),
    (["4", "2"], ["4", "2"]),
    ([".4.4", "4242", ".22."], ["..44", "4242", ".22."]),
    (["4.", "42"], [".4", "42"]),
)


def _paint_tufts(canvas: Canvas, topic: str, per_tile: int) -> None:
    for place in canvas.places(topic, per_tile):
        upright, bent = TUFTS[canvas.choice(topic, place, len(TUFTS))]
        for frame in range(canvas.frames):
            # The wind runs from west to east: a tuft further right bends later.
            phase = (frame * 4 // canvas.frames - place[0] * 4 // canvas.size[0]) % 4 if canvas.frames > 1 else 1
            canvas.stamp(bent if phase == 0 else upright, place, frame=frame)


def grass(canvas: Canvas) -> None:
    """Short grass with even tufts."""
    speckle(canvas, "blade", 22, SHADE)
    speckle(canvas, "tip", 14, LIGHT)
    _paint_tufts(canvas, "tuft", 7)


def meadow(canvas: Canvas) -> None:
    """Grass with small flowers everywhere."""
    grass(canvas)
    petals = [canvas.accent(rgb(code)) for code in ("#f4f0e0", "#f2cf4e", "#e87a9a")]
    heart = canvas.accent(rgb("#e8a030"))
    for place in canvas.places("flower", 3):
        kind = canvas.choice("flower", place, 3)
        canvas.stamp((["p.", "ph"], [".p.", "php", ".p."], ["p", "2"])[kind], place, {"p": petals[kind], "h": heart})


def jungle(canvas: Canvas) -> None:
    """Overlapping leaves."""
    patches(canvas, "gap", 6, SHADE)
    patches(canvas, "deep", 2, DARK)
    leaves = (["44.", "543", ".32"], [".44", "345", "23."], ["45", "43", ".2"], ["4.4", "343", ".2."])
    for place in canvas.places("leaf", 9, reach=2):
        canvas.stamp(leaves[canvas.choice("leaf", place, len(leaves))], place)
    if canvas.frames > 1:
        _paint_tufts(canvas, "tuft", 3)


def litter(canvas: Canvas) -> None:
    """Fallen leaves in several tones."""
    patches(canvas, "damp", 5, SHADE)
    leaves = (["a.", ".a"], ["aa", "b."], [".a", "ab"], ["ab"])
    tones = ({"a": LIGHT, "b": SHADE}, {"a": SHINE, "b": LIGHT}, {"a": DARK, "b": SHADE}, {"a": LIGHT, "b": BASE})
    for place in canvas.places("leaf", 15, reach=2):
        canvas.stamp(leaves[canvas.choice("leaf", place, 4)], place, tones[canvas.choice("tone", place, 4)])


def moss(canvas: Canvas) -> None:
    """Round cushions, lit from above."""
    low = canvas.noise("cushion", 3, 1) < 410
    canvas.paint(low, SHADE)
    canvas.paint(~low & np.roll(low, 1, axis=1), LIGHT)
    canvas.paint(low & np.roll(~low, 1, axis=1), DARK)
    speckle(canvas, "spore", 30, LIGHT)


def straw(canvas: Canvas) -> None:
    """Crossing stalks."""
    patches(canvas, "gap", 6, SHADE)
    stalks = (["4...", ".44.", "...4"], ["...4", ".44.", "4..."], ["444"], ["4", "4", "4"], ["2...", ".22.", "...1"])
    for place in canvas.places("stalk", 13, reach=2):
        canvas.stamp(stalks[canvas.choice("stalk", place, len(stalks))], place)
    speckle(canvas, "gap dot", 20, DARK)


PAINTERS = {
    "grass": grass,
    "meadow": meadow,
    "jungle": jungle,
    "litter": litter,
    "moss": moss,
    "straw": straw,
}
