"""Loose ground: sand, dirt, mud, paths, snow, ash, gravel."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.noise import ONE
from bridge.providers.procedural.palette import BASE, DARK, LIGHT, SHADE, SHINE
from bridge.providers.procedural.terrain.canvas import Canvas

PEBBLES = (["45", "32"], ["454", "332", ".2."], ["45", "42", "2."], ["4", "2"])
CLODS = (["22", ".2"], ["2.", "22"], ["222"], ["2"])


SPOTS = ([".aa.", "aaaa", ".aaa"], ["aa.", "aaa"], [".aaa", "aaa."], ["aaaa", ".aa."], ["aa", "aa"], ["aaa"])


def patches(canvas: Canvas, topic: str, per_tile: int, shade: int) -> None:
    """Small flat spots, evenly spread: large ones would show the grid of the map."""
    for place in canvas.places(topic, per_tile, reach=3):
        canvas.stamp(SPOTS[canvas.choice(topic, place, len(SPOTS))], place, {"a": shade})


def speckle(canvas: Canvas, topic: str, share: int, shade: int) -> None:
    """Single dots on `share` of 1000 pixels; a variation has its own inside."""
    grain = canvas.grain(topic)
    if canvas.variation:
        grain = np.where(canvas.inside(2), canvas.grain(f"{topic}/{canvas.variation}"), grain)
    share = share * canvas.amount // 100
    canvas.paint(grain * 1000 // 65536 < share // canvas.unit, shade)


def sand(canvas: Canvas) -> None:
    """Fine grains and a few soft ripples."""
    speckle(canvas, "dark", 40, SHADE)
    speckle(canvas, "light", 45, LIGHT)
    for place in canvas.places("ripple", 3, reach=3):
        bent = canvas.choice("ripple", place, 3)
        canvas.stamp((["222.", "..44"], [".22", "44."], ["222", ".44"])[bent], place)


def dunes(canvas: Canvas) -> None:
    """Long wind ripples, lit from above."""
    field = canvas.noise("dune", 6, 2, stretch=3)
    height = canvas.size[1]
    waves = max(2, (height + 3 * canvas.unit) // (6 * canvas.unit))
    rows = np.arange(height)[None, :, None] * waves * ONE // height
    phase = (rows + field * 3 // 2) % ONE
    canvas.paint(phase < ONE * 13 // 100, SHADE)
    canvas.paint((phase >= ONE * 13 // 100) & (phase < ONE * 28 // 100), LIGHT)
    speckle(canvas, "grain", 18, SHADE)


def dirt(canvas: Canvas) -> None:
    """Clods and small stones."""
    patches(canvas, "damp", 4, SHADE)
    speckle(canvas, "light", 30, LIGHT)
    for place in canvas.places("clod", 4):
        canvas.stamp(CLODS[canvas.choice("clod", place, len(CLODS))], place)
    for place in canvas.places("stone", 2):
        canvas.stamp((["44", "11"], ["4", "1"], ["44.", "141"])[canvas.choice("stone", place, 3)], place)


def path(canvas: Canvas) -> None:
    """Trodden earth: nearly even, a few small stones."""
    patches(canvas, "worn", 3, LIGHT)
    speckle(canvas, "dark", 22, SHADE)
    for place in canvas.places("stone", 2):
        canvas.stamp((["54", "22"], ["5", "2"], ["44"])[canvas.choice("stone", place, 3)], place)


def mud(canvas: Canvas) -> None:
    """Wet hollows with a gleam on their upper rim."""
    wet = canvas.noise("wet", 3, 1) < 330
    canvas.paint(wet, SHADE)
    canvas.paint(wet & ~np.roll(wet, 1, axis=1), DARK)
    for place in canvas.places("gleam", 2):
        canvas.stamp((["55"], ["5"], ["4"])[canvas.choice("gleam", place, 3)], place)


def farmland(canvas: Canvas) -> None:
    """Furrows from west to east."""
    height = canvas.size[1]
    furrows = max(2, height // (6 * canvas.unit))
    rows = (np.arange(height) * furrows * ONE // height) % ONE
    profile = np.select([rows < 256, rows < 512, rows < 768], [LIGHT, BASE, SHADE], DARK)
    canvas.shades[:] = profile.astype(np.uint8)[None, :, None]
    speckle(canvas, "crumb", 70, SHADE)
    speckle(canvas, "crumb light", 35, LIGHT)


def snow(canvas: Canvas) -> None:
    """Even white, faint blue hollows, single glints."""
    hollows = (["22", ".4"], ["222", ".44"], [".22", "44."], ["2", "4"])
    for place in canvas.places("hollow", 4):
        canvas.stamp(hollows[canvas.choice("hollow", place, 4)], place)
    for place in canvas.places("glint", 3):
        canvas.stamp((["5"], ["5.", ".5"], ["4"])[canvas.choice("glint", place, 3)], place)


def ash(canvas: Canvas) -> None:
    """Grey flakes."""
    patches(canvas, "drift", 5, SHADE)
    speckle(canvas, "flake", 45, LIGHT)
    speckle(canvas, "soot", 45, DARK)


def gravel(canvas: Canvas) -> None:
    """Many small stones of three tones."""
    canvas.paint(np.ones(canvas.size[::-1], dtype=bool), SHADE)
    speckle(canvas, "gap", 160, DARK)
    for place in canvas.places("stone", 26, reach=2):
        kind = canvas.choice("stone", place, 6)
        light = {"a": LIGHT, "b": BASE, "c": DARK}
        if canvas.choice("tone", place, 4) == 0:
            light = {"a": SHINE, "b": LIGHT, "c": SHADE}
        canvas.stamp(
            (["ab", "bc"], ["aab", "bbc"], ["ab", "bb", "cc"], ["a", "c"], ["aa", "bc"], [".a", "bc"])[kind],
            place,
            light,
        )


def plain(canvas: Canvas) -> None:
    """Something unknown: calm spots and a few grains."""
    patches(canvas, "spot", 4, SHADE)
    speckle(canvas, "light", 30, LIGHT)
    for place in canvas.places("mark", 3):
        canvas.stamp((["44", "2."], ["4", "2"], ["22"])[canvas.choice("mark", place, 3)], place)


def cracked(canvas: Canvas) -> None:
    """A dried crust: thin cracks between plates."""
    from bridge.providers.procedural.terrain.textures.mosaic import mosaic

    plates = mosaic(canvas, "plate", 7, jitter=90)
    canvas.paint(plates.border, SHADE)
    canvas.paint(plates.lit & ~plates.border, LIGHT)
    speckle(canvas, "dust", 15, LIGHT)


def asphalt(canvas: Canvas) -> None:
    """Fine grit."""
    speckle(canvas, "dark", 110, SHADE)
    speckle(canvas, "light", 60, LIGHT)


PAINTERS = {
    "sand": sand,
    "dunes": dunes,
    "dirt": dirt,
    "path": path,
    "mud": mud,
    "farmland": farmland,
    "snow": snow,
    "ash": ash,
    "gravel": gravel,
    "plain": plain,
    "cracked": cracked,
    "asphalt": asphalt,
}
