"""Treasure and symbols: gems, coins, keys, ores, hearts, stars, skulls."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.things.canvas import LINE, Mask, Pen, Point
from bridge.providers.procedural.things.ramps import Ramp
from bridge.providers.procedural.things.style import ThingStyle, named_ramp
from bridge.providers.procedural.things.weapons import star_points


def _draw_facets(p: Pen, ramp: Ramp, facets: list[tuple[list[Point], float]]) -> None:
    """Flat cut faces with a brightness each."""
    for corners, light in facets:
        p.fill(p.poly(corners) - 0.004, ramp, light, seam=None)


def _draw_gem(p: Pen, k: ThingStyle) -> None:
    ramp = k.main_ramp("red*", "azure*", "green*", "purple*", "crystal", "amber*")
    form = k.choose_form("brilliant", "emerald", "oval")
    if form == "emerald":
        a, b = (
            [(0.3, 0.06), (0.7, 0.06), (0.9, 0.26), (0.9, 0.74), (0.7, 0.94), (0.3, 0.94), (0.1, 0.74), (0.1, 0.26)],
            0.56,
        )
        inner = [(0.5 + (x - 0.5) * b, 0.5 + (y - 0.5) * b) for x, y in a]
        tones = (0.72, 0.5, 0.34, 0.22, 0.1, 0.3, 0.62, 0.95)
        _draw_facets(p, ramp, [([a[i], a[(i + 1) % 8], inner[(i + 1) % 8], inner[i]], tones[i]) for i in range(8)])
        _draw_facets(p, ramp, [(inner, 0.55)])
        p.mark(p.line(0.36, 0.42, 0.44, 0.32, 0.04), 4)
    elif form == "oval":
        half = ((0.38, 0.92), (0.92, 0.38), (0.92, -0.38), (0.38, -0.92))
        ring = [*half, *((-x, -y) for x, y in half)]
        a = [(0.5 + 0.42 * x, 0.5 + 0.46 * y) for x, y in ring]
        inner = [(0.5 + 0.22 * x, 0.5 + 0.25 * y) for x, y in ring]
        tones = (0.1, 0.02, 0.3, 0.6, 0.8, 0.98, 0.72, 0.28)
        _draw_facets(p, ramp, [([a[i], a[(i + 1) % 8], inner[(i + 1) % 8], inner[i]], tones[i]) for i in range(8)])
        _draw_facets(p, ramp, [(inner, 0.42)])
        p.mark(p.line(0.4, 0.46, 0.48, 0.36, 0.045), 4)
    else:
        y0, y1, y2 = 0.1, 0.36, 0.95
        _draw_facets(
            p,
            ramp,
            [
                ([(0.26, y0), (0.03, y1), (0.3, y1)], 0.78),
                ([(0.26, y0), (0.3, y1), (0.5, y0)], 0.97),
                ([(0.5, y0), (0.3, y1), (0.7, y1)], 0.74),
                ([(0.5, y0), (0.7, y1), (0.74, y0)], 0.5),
                ([(0.74, y0), (0.7, y1), (0.97, y1)], 0.3),
                ([(0.03, y1), (0.3, y1), (0.5, y2)], 0.6),
                ([(0.3, y1), (0.7, y1), (0.5, y2)], 0.42),
                ([(0.7, y1), (0.97, y1), (0.5, y2)], 0.08),
            ],
        )
        if k.has_details:
            p.mark(p.line(0.36, 0.27, 0.42, 0.19, 0.03), 4)


def _draw_coin_face(p: Pen, ramp: Ramp, cx: float, cy: float, rx: float, ry: float) -> None:
    outer = p.oval(cx, cy, rx, ry)
    p.fill(outer, ramp, p.bevel(outer, min(rx, ry) * 0.35))
    p.fill(p.oval(cx, cy, rx * 0.72, ry * 0.72), ramp, 0.5, seam=1)


def _draw_coin(p: Pen, k: ThingStyle) -> None:
    ramp = k.main_ramp("gold", "silver", "copper")
    p.fill(p.oval(0.54, 0.5, 0.42, 0.46), ramp, 0.12)
    _draw_coin_face(p, ramp, 0.47, 0.5, 0.42, 0.46)
    form = k.choose_form("star", "plain", "square")
    if form == "star":
        body = p.poly(star_points(0.47, 0.5, 0.23, 0.1, 5))
        p.fill(body, ramp, 0.84)
    elif form == "square":
        p.fill(p.box(0.36, 0.38, 0.58, 0.62), ramp, 0.08)
    else:
        p.fill(p.box(0.42, 0.27, 0.52, 0.73), ramp, 0.84)


def _draw_coins(p: Pen, k: ThingStyle) -> None:
    ramp = k.main_ramp("gold", "gold", "silver")
    places = [
        (0.28, 0.84),
        (0.72, 0.84),
        (0.5, 0.88),
        (0.15, 0.92),
        (0.85, 0.92),
        (0.38, 0.7),
        (0.63, 0.7),
        (0.5, 0.56),
    ]
    places = sorted(places, key=lambda center: (center[1], center[0]))
    for x, y in places:
        for rise in (0.07, 0.0):
            body = p.oval(x, y - 0.05 + rise, 0.165, 0.085)
            p.fill(body, ramp, 0.2 if rise else 0.7, seam=0 if rise else 1)
        p.fill(p.oval(x, y - 0.05, 0.1, 0.045), ramp, 0.45, seam=None)
    standing = p.oval(0.52, 0.3, 0.2, 0.22)
    p.fill(standing, ramp, p.bevel(standing, 0.08), seam=LINE)
    p.fill(p.box(0.49, 0.2, 0.55, 0.4), ramp, 0.85)


def _draw_key(p: Pen, k: ThingStyle) -> None:
    w = p.turned(40)
    metal = k.main_ramp("gold", "gold", "bronze", "iron")
    bow = np.abs(w.disc(0.5, 0.12, 0.2)) - 0.065
    if k.choose_form("round", "trefoil") == "trefoil":
        rings = [np.abs(w.disc(x, y, 0.115)) - 0.05 for x, y in ((0.5, 0.0), (0.37, 0.17), (0.63, 0.17))]
        bow = np.minimum(np.minimum(rings[0], rings[1]), rings[2])
    shank = w.box(0.445, 0.3, 0.555, 1.1, 0.02)
    teeth = np.minimum(w.box(0.52, 0.8, 0.76, 0.89), w.box(0.52, 0.98, 0.8, 1.08))
    body = np.minimum(np.minimum(bow, shank), teeth)
    w.fill(body, metal, w.bevel(body, 0.055))
    collar = w.box(0.39, 0.34, 0.61, 0.43, 0.02)
    w.fill(collar, metal, w.tube((w.x - 0.5) / 0.11))


def draw_boulder(p: Pen, k: ThingStyle, ramp: Ramp, cx: float, cy: float, rx: float, ry: float) -> Mask:
    """A rough stone: a lumpy ellipse with flat broken faces. Returns its mask."""
    seed = k.dice.number(1 << 16)
    rough = (p.noise(4.5, seed) - 0.5) * 0.16 * min(rx, ry) / 0.4
    body = np.maximum(p.oval(cx, cy, rx, ry) + rough, p.y - (cy + ry * 0.84))
    facets = np.round(p.noise(4.0, seed + 1, 1.4) * 5) / 5
    light = p.ball(cx, cy, rx * 1.05, ry * 1.05) + (facets - 0.5) * 0.36
    mask = p.fill(body, ramp, light)
    if k.has_textures:
        start = cx + k.dice.between(-0.3, 0.1) * rx
        crack = p.path([(start, cy - ry * 0.3, 0.0), (start + 0.08, cy, 0.0), (start + 0.03, cy + ry * 0.3, 0.0)])
        p.mark(crack, 0, inside=mask)
    return mask


def _draw_ore(p: Pen, k: ThingStyle) -> None:
    draw_boulder(p, k, named_ramp("stone"), 0.5, 0.56, 0.45, 0.4)
    vein = k.main_ramp("gold", "copper", "azure*", "iron", "green*")
    places = ((0.36, 0.42, 0.12), (0.62, 0.36, 0.1), (0.58, 0.64, 0.13), (0.28, 0.66, 0.085), (0.78, 0.58, 0.09))
    for cx, cy, size in places:
        x, y = cx + k.dice.between(-0.03, 0.03), cy + k.dice.between(-0.03, 0.03)
        corners = ((-1.0, 0.0), (-0.3, -1.0), (0.8, -0.5), (1.0, 0.4), (0.0, 1.0))
        nugget = p.poly([(x + size * right, y + size * down) for right, down in corners])
        p.fill(nugget, vein, p.bevel(nugget, size * 0.7) + 0.08)


def _draw_ingot(p: Pen, k: ThingStyle) -> None:
    metal = k.main_ramp("gold", "silver", "copper", "iron")
    _draw_facets(
        p,
        metal,
        [
            ([(0.3, 0.3), (0.72, 0.2), (0.86, 0.3), (0.42, 0.42)], 0.84),
            ([(0.3, 0.3), (0.42, 0.42), (0.38, 0.82), (0.04, 0.62)], 0.55),
            ([(0.42, 0.42), (0.86, 0.3), (0.97, 0.62), (0.38, 0.82)], 0.24),
        ],
    )
    p.mark(p.line(0.42, 0.42, 0.38, 0.8, 0.02), 4)
    p.mark(p.line(0.42, 0.42, 0.84, 0.31, 0.02), 4)
    if k.has_details:
        p.mark(p.poly([(0.52, 0.5), (0.78, 0.43), (0.8, 0.55), (0.52, 0.63)]), 0)


def _draw_shard(p: Pen, ramp: Ramp, cx: float, base: float, top: float, half: float, lean: float) -> None:
    w = p.turned(lean, cx, base)
    shoulder = top + half * 1.3
    left = [
        (cx, top),
        (cx - half, shoulder),
        (cx - half * 0.8, base),
        (cx - half * 0.15, base),
        (cx - half * 0.2, shoulder),
    ]
    right = [
        (cx, top),
        (cx + half, shoulder),
        (cx + half * 0.8, base),
        (cx - half * 0.15, base),
        (cx - half * 0.2, shoulder),
    ]
    outline = w.poly(
        [(cx, top), (cx + half, shoulder), (cx + half * 0.8, base), (cx - half * 0.8, base), (cx - half, shoulder)]
    )
    w.fill(outline, ramp, 0.3, seam=LINE)
    _draw_facets(w, ramp, [(left, 0.78), (right, 0.3)])
    w.mark(w.line(cx - half * 0.5, shoulder + 0.05, cx - half * 0.45, base - 0.2, 0.0), 4)


def _draw_crystal(p: Pen, k: ThingStyle) -> None:
    ramp = k.main_ramp("crystal", "purple*", "green*", "pink*", "amber*")
    _draw_shard(p, ramp, 0.4, 0.86, 0.36, 0.1, -34)
    _draw_shard(p, ramp, 0.62, 0.86, 0.4, 0.1, 36)
    _draw_shard(p, ramp, 0.5, 0.92, 0.04, k.vary(0.16), k.dice.between(-4, 4))
    _draw_shard(p, ramp, 0.36, 0.92, 0.54, 0.09, -16)
    _draw_shard(p, ramp, 0.66, 0.93, 0.6, 0.09, 20)
    base = p.oval(0.5, 0.92, 0.36, 0.07)
    p.fill(
        np.maximum(base + (p.noise(9, 3) - 0.5) * 0.05, 0.84 - p.y), named_ramp("stone"), p.ball(0.5, 0.93, 0.4, 0.14)
    )


def _draw_heart(p: Pen, k: ThingStyle) -> None:
    ramp = k.main_ramp("red*", "red*", "rose*")
    lobes = np.minimum(p.disc(0.28, 0.32, 0.235), p.disc(0.72, 0.32, 0.235))
    body = np.minimum(lobes, p.poly([(0.07, 0.42), (0.5, 0.28), (0.93, 0.42), (0.5, 0.94)]))
    body = np.minimum(body, p.poly([(0.3, 0.2), (0.5, 0.22), (0.7, 0.2), (0.7, 0.5), (0.3, 0.5)]) + 0.02)
    p.fill(body, ramp, p.ball(0.46, 0.42, 0.56, 0.62))
    p.mark(p.turned(-35, 0.25, 0.26).oval(0.25, 0.26, 0.09, 0.055), 4, ramp=named_ramp("snow"))


def _draw_star(p: Pen, k: ThingStyle) -> None:
    body = p.poly(star_points(0.5, 0.54, 0.52, 0.225, 5))
    p.fill(body, k.main_ramp("yellow*", "gold"), p.bevel(body, 0.2))


def _draw_skull(p: Pen, k: ThingStyle) -> None:
    bone = k.main_ramp("bone")
    jaw = p.box(0.3, 0.62, 0.7, 0.95, 0.07)
    p.fill(jaw, bone, p.tube((p.x - 0.5) / 0.26))
    head = np.minimum(p.oval(0.5, 0.4, 0.42, 0.36), p.box(0.2, 0.5, 0.8, 0.74, 0.1))
    p.fill(head, bone, p.ball(0.48, 0.42, 0.46, 0.44))
    for x in (0.31, 0.69):
        p.fill(p.oval(x, 0.5, 0.115, 0.125), named_ramp("coal"), 0.05, seam=1)
        if k.accent:
            p.fill(p.disc(x, 0.5, 0.05), k.accent, 0.9, seam=None)
    p.fill(p.poly([(0.5, 0.57), (0.56, 0.69), (0.44, 0.69)]), named_ramp("coal"), 0.05, seam=None)
    for x in (0.4, 0.5, 0.6) if k.has_details else (0.5,):
        p.mark(p.line(x, 0.8, x, 0.95, 0.012), LINE)
    if k.has_details:
        p.mark(p.line(0.34, 0.76, 0.66, 0.76, 0.01), 0)


def _draw_bone(p: Pen, k: ThingStyle) -> None:
    w = p.turned(45)
    shape = w.path([(0.5, 0.05, 0.085), (0.5, 0.5, 0.065), (0.5, 0.95, 0.085)])
    for y in (-0.02, 1.02):
        for x in (0.4, 0.6):
            shape = np.minimum(shape, w.disc(x, y, 0.125))
    w.fill(shape, k.main_ramp("bone"), w.bevel(shape, 0.1))


DRAWINGS = {
    "gem": _draw_gem,
    "coin": _draw_coin,
    "coins": _draw_coins,
    "key": _draw_key,
    "ore": _draw_ore,
    "ingot": _draw_ingot,
    "crystal": _draw_crystal,
    "heart": _draw_heart,
    "star": _draw_star,
    "skull": _draw_skull,
    "bone": _draw_bone,
}
