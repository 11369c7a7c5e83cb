"""Hard natural ground: rock, cave floor, ice, crystal."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.palette import DARK, LIGHT, SHADE, SHINE
from bridge.providers.procedural.terrain.canvas import Canvas
from bridge.providers.procedural.terrain.textures.ground import patches, speckle
from bridge.providers.procedural.terrain.textures.mosaic import mosaic


def rock(canvas: Canvas) -> None:
    """Broken faces with lit upper edges."""
    faces = mosaic(canvas, "face", 6, jitter=100)
    canvas.paint(faces.tone < 18000, SHADE)
    canvas.paint(faces.tone > 58000, LIGHT)
    crack = faces.border & (canvas.noise("open", 4, 1)[0] < 640)
    canvas.paint(np.roll(crack, 1, axis=0) & ~crack, LIGHT)
    canvas.paint(crack, DARK)
    speckle(canvas, "grit", 20, SHADE)


def cave(canvas: Canvas) -> None:
    """Uneven dark floor with crumbs."""
    patches(canvas, "hollow", 5, SHADE)
    speckle(canvas, "grit", 25, SHADE)
    speckle(canvas, "chip", 18, LIGHT)
    for place in canvas.places("crumb", 3):
        canvas.stamp((["44", "11"], ["4", "1"], ["1"], ["11", ".1"])[canvas.choice("crumb", place, 4)], place)


def ice(canvas: Canvas) -> None:
    """A smooth sheet with slanting reflections that wander."""
    slants = (["..4", ".4.", "4.."], ["...4", "..4.", ".4..", "4..."], [".5", "5."])
    for place in canvas.places("slant", 5, reach=2):
        kind = canvas.choice("slant", place, len(slants))
        for frame in range(canvas.frames):
            shown = (kind + frame * 4 // canvas.frames) % 4 if canvas.frames > 1 else 0
            if shown < 3:
                canvas.stamp(slants[kind], place, {}, frame)
    for place in canvas.places("crack", 1, reach=3):
        canvas.stamp((["2...", ".22.", "...2"], ["..2", ".2.", ".22"])[canvas.choice("crack", place, 2)], place)


def crystal(canvas: Canvas) -> None:
    """Facets that catch the light."""
    facets = mosaic(canvas, "facet", 6, jitter=90)
    canvas.paint(facets.tone < 22000, SHADE)
    canvas.paint(facets.tone > 50000, LIGHT)
    canvas.paint(facets.lit & (facets.tone > 30000), LIGHT)
    canvas.paint(facets.lit & (facets.tone > 50000), SHINE)
    canvas.paint(facets.border, DARK)
    for place in canvas.places("glint", 2):
        start = canvas.choice("glint", place, 4)
        for frame in range(canvas.frames):
            state = (start + frame * 4 // canvas.frames) % 4 if canvas.frames > 1 else 1
            pattern = (["5"], [".5.", "555", ".5."], ["5"], ["."])[state]
            canvas.stamp(pattern, place, frame=frame)


PAINTERS = {"rock": rock, "cave": cave, "ice": ice, "crystal": crystal}
