"""Things to eat."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.things.canvas import LINE, Pen
from bridge.providers.procedural.things.ramps import Ramp
from bridge.providers.procedural.things.style import ThingStyle, named_ramp


def draw_blade_leaf(p: Pen, ramp: Ramp, x: float, y: float, length: float, degrees: float) -> None:
    """A pointed leaf that grows from a point; 0 degrees is straight up."""
    w = p.turned(degrees, x, y)
    half = length * 0.3
    body = w.poly(
        [
            (x, y),
            (x + half, y - length * 0.35),
            (x + half * 0.7, y - length * 0.7),
            (x, y - length),
            (x - half * 0.7, y - length * 0.7),
            (x - half, y - length * 0.35),
        ]
    )
    w.fill(body, ramp, np.where(w.x * w.flip < x * w.flip, 0.74, 0.36))


def _draw_apple(p: Pen, k: ThingStyle) -> None:
    skin = k.main_ramp("red*", "green*", "red*", "yellow*")
    stem = p.path([(0.5, 0.3, 0.03), (0.55, 0.06, 0.035)])
    p.fill(stem, named_ramp("bark"), p.bevel(stem, 0.04))
    draw_blade_leaf(p, k.accent_ramp("leaf"), 0.55, 0.18, 0.3, 68)
    body = np.minimum(p.oval(0.34, 0.58, 0.29, 0.35), p.oval(0.66, 0.58, 0.29, 0.35))
    body = np.minimum(body, p.oval(0.5, 0.62, 0.3, 0.31))
    apple = p.fill(body, skin, p.ball(0.47, 0.56, 0.48, 0.42), seam=LINE)
    p.mark(p.oval(0.5, 0.27, 0.1, 0.045), 0, inside=apple)
    p.mark(p.turned(28, 0.27, 0.44).oval(0.27, 0.44, 0.045, 0.085), 4, inside=apple)


def _draw_bread(p: Pen, k: ThingStyle) -> None:
    crust = k.main_ramp("thatch", "wood", "amber")
    w = p.turned(-22)
    body = w.box(0.02, 0.29, 0.98, 0.74, 0.22)
    loaf = w.fill(body, crust, w.ball(0.5, 0.52, 0.62, 0.27))
    for x in (0.24, 0.44, 0.64, 0.83):
        cut = w.path([(x - 0.04, 0.6, 0.012), (x, 0.46, 0.035), (x + 0.06, 0.35, 0.012)])
        w.fill(cut, named_ramp("paper"), 0.72, inside=loaf)


def _draw_meat(p: Pen, k: ThingStyle) -> None:
    w = p.turned(45)
    bone = w.path([(0.5, 0.6, 0.055), (0.5, 1.04, 0.055)])
    bone = np.minimum(bone, np.minimum(w.disc(0.43, 1.08, 0.08), w.disc(0.57, 1.08, 0.08)))
    w.fill(bone, named_ramp("bone"), w.bevel(bone, 0.06))
    body = np.minimum(w.oval(0.5, 0.26, 0.31, 0.34), w.lathe(0.5, [(0.3, 0.3), (0.56, 0.2), (0.82, 0.1), (0.86, 0.06)]))
    meat = w.fill(body, k.main_ramp("brick", "copper", "bronze"), w.ball(0.5, 0.32, 0.34, 0.5), seam=LINE)
    w.mark(w.oval(0.36, 0.18, 0.04, 0.1), 4, inside=meat)


def _draw_cheese(p: Pen, k: ThingStyle) -> None:
    ramp = k.main_ramp("yellow", "amber")
    top = p.poly([(0.04, 0.46), (0.6, 0.16), (0.96, 0.4)])
    p.fill(top, ramp, 0.8)
    side = p.poly([(0.04, 0.46), (0.96, 0.4), (0.96, 0.84), (0.04, 0.88)])
    face = p.fill(side, ramp, 0.42, seam=1)
    for x, y, size in (
        (0.25, 0.64, 0.09),
        (0.5, 0.54, 0.055),
        (0.58, 0.74, 0.085),
        (0.8, 0.58, 0.075),
        (0.84, 0.8, 0.05),
    ):
        p.fill(p.oval(x, y, size, size * 0.9), ramp, 0.12, inside=face, seam=None)
        p.fill(p.oval(x + size * 0.2, y + size * 0.25, size * 0.75, size * 0.6), ramp, 0.25, inside=face, seam=None)
    p.fill(p.oval(0.58, 0.31, 0.09, 0.045), ramp, 0.3, seam=None)


def _draw_fish(p: Pen, k: ThingStyle) -> None:
    scales = k.main_ramp("azure*", "silver", "orange*", "teal*")
    tail = p.poly([(0.72, 0.5), (0.98, 0.22), (0.92, 0.5), (0.98, 0.78)])
    p.fill(tail, scales, p.bevel(tail, 0.1))
    fin = p.poly([(0.3, 0.32), (0.5, 0.12), (0.66, 0.18), (0.62, 0.36)])
    p.fill(fin, scales, 0.3)
    body = np.maximum(p.disc(0.44, 0.86, 0.6), p.disc(0.44, 0.14, 0.6))
    fish = p.fill(body, scales, p.ball(0.42, 0.5, 0.5, 0.3), seam=0)
    p.mark(np.maximum(p.oval(0.44, 0.68, 0.34, 0.1), 0.6 - p.y), 4, ramp=named_ramp("cloth"), inside=fish)
    if k.has_details:
        for x, y in ((0.42, 0.44), (0.52, 0.52), (0.54, 0.4), (0.62, 0.46), (0.44, 0.57)):
            p.mark(np.abs(p.disc(x - 0.03, y, 0.05)) - 0.006, 1, inside=fish & p.inside(x - p.x))
    p.mark(np.abs(p.disc(0.1, 0.5, 0.2)) - 0.008, 0, inside=fish)
    p.fill(p.disc(0.19, 0.44, 0.055), named_ramp("snow"), 0.9, seam=None)
    p.dot(0.19, 0.44, named_ramp("coal"), LINE)


def _draw_carrot(p: Pen, k: ThingStyle) -> None:
    w = p.turned(45)
    for degrees, length in ((-28, 0.32), (28, 0.32), (0, 0.4)):
        draw_blade_leaf(w, k.accent_ramp("leaf"), 0.5, 0.24, length, degrees)
    profile = [(0.18, 0.12), (0.24, 0.18), (0.5, 0.155), (0.85, 0.08), (1.14, 0.01)]
    root = w.fill(w.lathe(0.5, profile), k.main_ramp("orange"), w.turned_body(0.5, profile), seam=LINE)
    if k.has_details:
        for x, y in ((0.4, 0.38), (0.56, 0.52), (0.44, 0.68), (0.53, 0.84)):
            w.mark(w.line(x - 0.06, y, x + 0.06, y + 0.01, 0.008), 1, inside=root)


def _draw_berry(p: Pen, k: ThingStyle) -> None:
    skin = k.main_ramp("red*", "indigo*", "purple*", "crimson*")
    stem = p.path([(0.3, 0.6, 0.02), (0.5, 0.1, 0.028), (0.7, 0.62, 0.02)])
    p.fill(stem, named_ramp("bark"), 0.5)
    draw_blade_leaf(p, k.accent_ramp("leaf"), 0.5, 0.16, 0.36, 72)
    draw_blade_leaf(p, k.accent_ramp("leaf"), 0.5, 0.16, 0.36, -72)
    for x, y, radius in ((0.28, 0.68, 0.23), (0.72, 0.7, 0.23)):
        p.fill(p.disc(x, y, radius), skin, p.ball(x, y, radius), seam=LINE)
        p.mark(p.oval(x - 0.08, y - 0.09, 0.045, 0.045), 4)


def _draw_egg(p: Pen, k: ThingStyle) -> None:
    shell = k.main_ramp("bone", "cloth", "tan", "teal")
    profile = [
        (0.04, 0.02),
        (0.09, 0.14),
        (0.2, 0.24),
        (0.38, 0.33),
        (0.58, 0.38),
        (0.76, 0.34),
        (0.88, 0.24),
        (0.95, 0.08),
    ]
    egg = p.fill(p.lathe(0.5, profile), shell, p.ball(0.48, 0.54, 0.42, 0.5))
    if k.choose_form("plain", "spotted") == "spotted":
        spots = k.accent_ramp("brown", "purple", "green")
        for x, y, size in (
            (0.36, 0.4, 0.06),
            (0.6, 0.3, 0.05),
            (0.56, 0.58, 0.075),
            (0.3, 0.66, 0.05),
            (0.7, 0.74, 0.055),
            (0.46, 0.82, 0.05),
        ):
            p.reramped(egg & p.inside(p.disc(x, y, size)), spots)


def _draw_mushroom(p: Pen, k: ThingStyle) -> None:
    stem = [(0.5, 0.15), (0.7, 0.14), (0.88, 0.19), (0.96, 0.16)]
    p.fill(p.lathe(0.5, stem), named_ramp("bone"), p.turned_body(0.5, stem))
    cap = k.main_ramp("red", "brown", "purple", "orange")
    under = p.oval(0.5, 0.52, 0.4, 0.1)
    p.fill(under, named_ramp("bone"), 0.22)
    dome = np.maximum(p.oval(0.5, 0.5, 0.46, 0.44), p.y - 0.55 - 0.05 * (1 - ((p.x - 0.5) / 0.46) ** 2))
    top = p.fill(dome, cap, p.ball(0.48, 0.46, 0.5, 0.48), seam=LINE)
    spots = k.accent_ramp("snow", "bone")
    for x, y, size in (
        (0.32, 0.26, 0.07),
        (0.58, 0.2, 0.085),
        (0.45, 0.42, 0.08),
        (0.76, 0.38, 0.07),
        (0.18, 0.46, 0.055),
    ):
        p.reramped(top & p.inside(p.oval(x, y, size, size * 0.85)), spots)


def _draw_pumpkin(p: Pen, k: ThingStyle) -> None:
    skin = k.main_ramp("orange", "amber", "orange")
    stem = p.path([(0.5, 0.34, 0.06), (0.52, 0.18, 0.045), (0.6, 0.1, 0.045)])
    p.fill(stem, named_ramp("moss"), p.bevel(stem, 0.05))
    for x, rx in ((0.2, 0.19), (0.8, 0.19), (0.34, 0.21), (0.66, 0.21), (0.5, 0.2)):
        body = p.oval(x, 0.62, rx, 0.36)
        p.fill(body, skin, 0.35 * p.ball(x, 0.62, rx, 0.36) + 0.65 * p.ball(0.46, 0.58, 0.5, 0.4), seam=0)
    if {"jack", "halloween", "face", "lantern", "carved", "evil"} & k.words:
        for points in ([(0.22, 0.58), (0.4, 0.58), (0.33, 0.44)], [(0.6, 0.58), (0.78, 0.58), (0.67, 0.44)]):
            p.fill(p.poly(points), named_ramp("fire"), 0.9)
        p.fill(
            p.poly([(0.2, 0.68), (0.36, 0.74), (0.5, 0.7), (0.64, 0.74), (0.8, 0.68), (0.66, 0.88), (0.34, 0.88)]),
            named_ramp("fire"),
            0.9,
        )


def _draw_cake(p: Pen, k: ThingStyle) -> None:
    sponge, icing = named_ramp("thatch"), k.main_ramp("pink", "brown", "white")
    side = p.poly([(0.06, 0.46), (0.94, 0.46), (0.94, 0.88), (0.06, 0.88)])
    p.fill(side, sponge, p.tube((p.x - 0.4) / 0.8))
    p.fill(p.box(0.06, 0.63, 0.94, 0.71), icing, 0.4, seam=None)
    top = p.poly([(0.06, 0.48), (0.66, 0.24), (0.94, 0.48)])
    p.fill(top, icing, 0.8)
    drip = np.minimum(p.box(0.05, 0.44, 0.95, 0.54, 0.03), p.box(0.18, 0.5, 0.32, 0.64, 0.06))
    p.fill(np.minimum(drip, p.box(0.6, 0.5, 0.74, 0.62, 0.06)), icing, 0.58, seam=0)
    p.fill(p.disc(0.58, 0.2, 0.11), k.accent_ramp("red*"), p.ball(0.58, 0.2, 0.11), seam=LINE)


DRAWINGS = {
    "apple": _draw_apple,
    "bread": _draw_bread,
    "meat": _draw_meat,
    "cheese": _draw_cheese,
    "fish": _draw_fish,
    "carrot": _draw_carrot,
    "berry": _draw_berry,
    "egg": _draw_egg,
    "mushroom": _draw_mushroom,
    "pumpkin": _draw_pumpkin,
    "cake": _draw_cake,
}
