"""Hard natural ground: rock, cave floor, ice, crystal."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.palette import DARK, LIGHT, SHADE, SHINE
from bridge.providers.procedural.terrain.canvas import TextureCanvas
from bridge.providers.procedural.terrain.textures.ground import paint_patches, paint_speckles
from bridge.providers.procedural.terrain.textures.mosaic import build_mosaic


def paint_rock(canvas: TextureCanvas) -> None:
    """Broken faces with lit upper edges."""
    faces = build_mosaic(canvas, "face", 6, jitter=100)
    canvas.paint(faces.tone < 18000, SHADE)
    canvas.paint(faces.tone > 58000, LIGHT)
    crack = faces.border & (canvas.smooth_noise("open", 4, 1)[0] < 640)
    canvas.paint(np.roll(crack, 1, axis=0) & ~crack, LIGHT)
    canvas.paint(crack, DARK)
    paint_speckles(canvas, "grit", 20, SHADE)


def paint_cave(canvas: TextureCanvas) -> None:
    """Uneven dark floor with crumbs."""
    paint_patches(canvas, "hollow", 5, SHADE)
    paint_speckles(canvas, "grit", 25, SHADE)
    paint_speckles(canvas, "chip", 18, LIGHT)
    for mark in canvas.spread_marks("crumb", 3):
        canvas.stamp((["44", "11"], ["4", "1"], ["1"], ["11", ".1"])[canvas.choose_at("crumb", mark, 4)], mark)


def paint_ice(canvas: TextureCanvas) -> None:
    """A smooth sheet with slanting reflections that wander."""
    slants = (["..4", ".4.", "4.."], ["...4", "..4.", ".4..", "4..."], [".5", "5."])
    for mark in canvas.spread_marks("slant", 5, reach=2):
        kind = canvas.choose_at("slant", mark, len(slants))
        for frame in range(canvas.frames):
            shown = (kind + frame * 4 // canvas.frames) % 4 if canvas.frames > 1 else 0
            if shown < 3:
                canvas.stamp(slants[kind], mark, {}, frame)
    for mark in canvas.spread_marks("crack", 1, reach=3):
        canvas.stamp((["2...", ".22.", "...2"], ["..2", ".2.", ".22"])[canvas.choose_at("crack", mark, 2)], mark)


def paint_crystal(canvas: TextureCanvas) -> None:
    """Facets that catch the light."""
    facets = build_mosaic(canvas, "facet", 6, jitter=90)
    canvas.paint(facets.tone < 22000, SHADE)
    canvas.paint(facets.tone > 50000, LIGHT)
    canvas.paint(facets.lit & (facets.tone > 30000), LIGHT)
    canvas.paint(facets.lit & (facets.tone > 50000), SHINE)
    canvas.paint(facets.border, DARK)
    for mark in canvas.spread_marks("glint", 2):
        start = canvas.choose_at("glint", mark, 4)
        for frame in range(canvas.frames):
            state = (start + frame * 4 // canvas.frames) % 4 if canvas.frames > 1 else 1
            pattern = (["5"], [".5.", "555", ".5."], ["5"], ["."])[state]
            canvas.stamp(pattern, mark, frame=frame)


PAINTERS = {"rock": paint_rock, "cave": paint_cave, "ice": paint_ice, "crystal": paint_crystal}
