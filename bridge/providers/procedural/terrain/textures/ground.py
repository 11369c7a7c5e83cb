"""Loose ground: sand, dirt, mud, paths, snow, ash, gravel."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.noise import ONE
from bridge.providers.procedural.palette import BASE, DARK, LIGHT, SHADE, SHINE
from bridge.providers.procedural.terrain.canvas import TextureCanvas
from bridge.providers.procedural.terrain.textures.mosaic import build_mosaic

PEBBLES = (["45", "32"], ["454", "332", ".2."], ["45", "42", "2."], ["4", "2"])
CLODS = (["22", ".2"], ["2.", "22"], ["222"], ["2"])


SPOTS = ([".aa.", "aaaa", ".aaa"], ["aa.", "aaa"], [".aaa", "aaa."], ["aaaa", ".aa."], ["aa", "aa"], ["aaa"])


def paint_patches(canvas: TextureCanvas, topic: str, per_tile: int, shade: int) -> None:
    """Small flat spots, evenly spread: large ones would show the grid of the map."""
    for mark in canvas.spread_marks(topic, per_tile, reach=3):
        canvas.stamp(SPOTS[canvas.choose_at(topic, mark, len(SPOTS))], mark, {"a": shade})


def paint_speckles(canvas: TextureCanvas, topic: str, share: int, shade: int) -> None:
    """Single dots on `share` of 1000 pixels; a variation has its own inside."""
    grain = canvas.pixel_noise(topic)
    if canvas.variation:
        grain = np.where(canvas.inside_mask(2), canvas.pixel_noise(f"{topic}/{canvas.variation}"), grain)
    share = share * canvas.amount // 100
    canvas.paint(grain * 1000 // 65536 < share // canvas.unit, shade)


def paint_sand(canvas: TextureCanvas) -> None:
    """Fine grains and a few soft ripples."""
    paint_speckles(canvas, "dark", 40, SHADE)
    paint_speckles(canvas, "light", 45, LIGHT)
    for mark in canvas.spread_marks("ripple", 3, reach=3):
        bent = canvas.choose_at("ripple", mark, 3)
        canvas.stamp((["222.", "..44"], [".22", "44."], ["222", ".44"])[bent], mark)


def paint_dunes(canvas: TextureCanvas) -> None:
    """Long wind ripples, lit from above."""
    field = canvas.smooth_noise("dune", 6, 2, stretch=3)
    height = canvas.size[1]
    waves = max(2, (height + 3 * canvas.unit) // (6 * canvas.unit))
    rows = np.arange(height)[None, :, None] * waves * ONE // height
    phase = (rows + field * 3 // 2) % ONE
    canvas.paint(phase < ONE * 13 // 100, SHADE)
    canvas.paint((phase >= ONE * 13 // 100) & (phase < ONE * 28 // 100), LIGHT)
    paint_speckles(canvas, "grain", 18, SHADE)


def paint_dirt(canvas: TextureCanvas) -> None:
    """Clods and small stones."""
    paint_patches(canvas, "damp", 4, SHADE)
    paint_speckles(canvas, "light", 30, LIGHT)
    for mark in canvas.spread_marks("clod", 4):
        canvas.stamp(CLODS[canvas.choose_at("clod", mark, len(CLODS))], mark)
    for mark in canvas.spread_marks("stone", 2):
        canvas.stamp((["44", "11"], ["4", "1"], ["44.", "141"])[canvas.choose_at("stone", mark, 3)], mark)


def paint_path(canvas: TextureCanvas) -> None:
    """Trodden earth: nearly even, a few small stones."""
    paint_patches(canvas, "worn", 3, LIGHT)
    paint_speckles(canvas, "dark", 22, SHADE)
    for mark in canvas.spread_marks("stone", 2):
        canvas.stamp((["54", "22"], ["5", "2"], ["44"])[canvas.choose_at("stone", mark, 3)], mark)


def paint_mud(canvas: TextureCanvas) -> None:
    """Wet hollows with a gleam on their upper rim."""
    wet = canvas.smooth_noise("wet", 3, 1) < 330
    canvas.paint(wet, SHADE)
    canvas.paint(wet & ~np.roll(wet, 1, axis=1), DARK)
    for mark in canvas.spread_marks("gleam", 2):
        canvas.stamp((["55"], ["5"], ["4"])[canvas.choose_at("gleam", mark, 3)], mark)


def paint_farmland(canvas: TextureCanvas) -> None:
    """Furrows from west to east."""
    height = canvas.size[1]
    furrows = max(2, height // (6 * canvas.unit))
    rows = (np.arange(height) * furrows * ONE // height) % ONE
    profile = np.select([rows < 256, rows < 512, rows < 768], [LIGHT, BASE, SHADE], DARK)
    canvas.shades[:] = profile.astype(np.uint8)[None, :, None]
    paint_speckles(canvas, "crumb", 70, SHADE)
    paint_speckles(canvas, "crumb light", 35, LIGHT)


def paint_snow(canvas: TextureCanvas) -> None:
    """Even white, faint blue hollows, single glints."""
    hollows = (["22", ".4"], ["222", ".44"], [".22", "44."], ["2", "4"])
    for mark in canvas.spread_marks("hollow", 4):
        canvas.stamp(hollows[canvas.choose_at("hollow", mark, 4)], mark)
    for mark in canvas.spread_marks("glint", 3):
        canvas.stamp((["5"], ["5.", ".5"], ["4"])[canvas.choose_at("glint", mark, 3)], mark)


def paint_ash(canvas: TextureCanvas) -> None:
    """Grey flakes."""
    paint_patches(canvas, "drift", 5, SHADE)
    paint_speckles(canvas, "flake", 45, LIGHT)
    paint_speckles(canvas, "soot", 45, DARK)


def paint_gravel(canvas: TextureCanvas) -> None:
    """Many small stones of three tones."""
    canvas.paint(np.ones(canvas.size[::-1], dtype=bool), SHADE)
    paint_speckles(canvas, "gap", 160, DARK)
    for mark in canvas.spread_marks("stone", 26, reach=2):
        kind = canvas.choose_at("stone", mark, 6)
        light = {"a": LIGHT, "b": BASE, "c": DARK}
        if canvas.choose_at("tone", mark, 4) == 0:
            light = {"a": SHINE, "b": LIGHT, "c": SHADE}
        canvas.stamp(
            (["ab", "bc"], ["aab", "bbc"], ["ab", "bb", "cc"], ["a", "c"], ["aa", "bc"], [".a", "bc"])[kind],
            mark,
            light,
        )


def paint_plain(canvas: TextureCanvas) -> None:
    """Something unknown: calm spots and a few grains."""
    paint_patches(canvas, "spot", 4, SHADE)
    paint_speckles(canvas, "light", 30, LIGHT)
    for mark in canvas.spread_marks("mark", 3):
        canvas.stamp((["44", "2."], ["4", "2"], ["22"])[canvas.choose_at("mark", mark, 3)], mark)


def paint_cracked(canvas: TextureCanvas) -> None:
    """A dried crust: thin cracks between plates."""

    plates = build_mosaic(canvas, "plate", 7, jitter=90)
    canvas.paint(plates.border, SHADE)
    canvas.paint(plates.lit & ~plates.border, LIGHT)
    paint_speckles(canvas, "dust", 15, LIGHT)


def paint_asphalt(canvas: TextureCanvas) -> None:
    """Fine grit."""
    paint_speckles(canvas, "dark", 110, SHADE)
    paint_speckles(canvas, "light", 60, LIGHT)


PAINTERS = {
    "sand": paint_sand,
    "dunes": paint_dunes,
    "dirt": paint_dirt,
    "path": paint_path,
    "mud": paint_mud,
    "farmland": paint_farmland,
    "snow": paint_snow,
    "ash": paint_ash,
    "gravel": paint_gravel,
    "plain": paint_plain,
    "cracked": paint_cracked,
    "asphalt": paint_asphalt,
}
