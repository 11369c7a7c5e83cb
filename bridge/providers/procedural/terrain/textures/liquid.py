"""Liquids and the void. All of them move; the last frame leads back to the first."""

from __future__ import annotations

from bridge.providers.procedural.palette import BASE, DARK, LIGHT, SHADE, SHINE
from bridge.providers.procedural.terrain.canvas import Stamp, TextureCanvas
from bridge.providers.procedural.terrain.textures.ground import paint_patches, paint_speckles
from bridge.providers.procedural.terrain.textures.mosaic import build_mosaic

# A glint is born, widens and sinks again; an animation goes once round.
GLINT: tuple[Stamp, ...] = (["..4.."], [".454."], ["4...4", ".444."], [".4.4."])
WAVE: tuple[Stamp, ...] = (
    [".....", ".444.", "....."],
    [".444.", "4...4", "....."],
    [".454.", "4...4", "....."],
    [".4.4.", "4...4", "....."],
)
DASH: tuple[Stamp, ...] = ([".22..."], [".2222."], ["..2222"], ["...22."])
SCUM: tuple[Stamp, ...] = (["44.", "344"], [".44", "44."], ["4.4"], ["44"])
BUBBLE: tuple[Stamp, ...] = (["..."], [".4."], ["44.", "4.4"], [".5.", "4.4", ".4."])


def _paint_cycle(canvas: TextureCanvas, topic: str, per_tile: int, states: tuple[Stamp, ...], reach: int = 3) -> None:
    """Marks that run through their states, each with a phase of its own."""
    for mark in canvas.spread_marks(topic, per_tile, reach):
        start = canvas.choose_at(topic, mark, len(states))
        for frame in range(canvas.frames):
            state = (start + frame * len(states) // canvas.frames) % len(states)
            canvas.stamp(states[state], mark, frame=frame)


def paint_water(canvas: TextureCanvas) -> None:
    """A calm surface: darker depths and glints."""
    _paint_cycle(canvas, "depth", 4, DASH)
    _paint_cycle(canvas, "glint", 4, GLINT)


def paint_sea(canvas: TextureCanvas) -> None:
    """Deep water with rolling crests."""
    _paint_cycle(canvas, "depth", 6, DASH)
    _paint_cycle(canvas, "wave", 4, WAVE)


def paint_swamp(canvas: TextureCanvas) -> None:
    """Thick water with floating scum and bubbles."""
    paint_patches(canvas, "depth", 5, SHADE)
    _paint_cycle(canvas, "ripple", 3, DASH)
    for mark in canvas.spread_marks("scum", 4, reach=2):
        canvas.stamp(SCUM[canvas.choose_at("scum", mark, len(SCUM))], mark)
    _paint_cycle(canvas, "bubble", 2, BUBBLE)


def paint_lava(canvas: TextureCanvas) -> None:
    """Cooling plates between glowing seams; the glow wanders from seam to seam."""
    # On a diamond everything is seen flat: plates of the usual size would have no height left.
    plates = build_mosaic(canvas, "plate", 9 if canvas.diamond else 6, jitter=80)
    heat = canvas.smooth_noise("heat", 5, 1, canvas.frames)
    seam = plates.border
    hot = heat > 540
    canvas.paint(~seam, SHADE)
    canvas.paint(~seam & (plates.tone < 22000), DARK)
    canvas.paint((plates.lit | plates.dim)[None] & hot, BASE)
    canvas.paint(seam[None] & ~hot, LIGHT)
    canvas.paint(seam[None] & hot, SHINE)


def paint_void(canvas: TextureCanvas) -> None:
    """Darkness with a faint swirl."""
    paint_speckles(canvas, "dust", 60, SHADE)
    paint_speckles(canvas, "deep", 60, DARK)
    for mark in canvas.spread_marks("star", 2, reach=1):
        kind = canvas.choose_at("star", mark, 4)
        for frame in range(canvas.frames):
            bright = (kind + frame * 4 // canvas.frames) % 4 < 3
            canvas.dot(*mark, LIGHT if bright else BASE, frame)


PAINTERS = {"water": paint_water, "sea": paint_sea, "swamp": paint_swamp, "lava": paint_lava, "void": paint_void}
