"""Weapons and digging tools, drawn upright and turned to the diagonal of the icon."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.things.canvas import LINE, Field, Pen
from bridge.providers.procedural.things.ramps import Ramp
from bridge.providers.procedural.things.style import ThingStyle, named_ramp

BRIGHT, DARK = 0.78, 0.30


def _ridge_light(pen: Pen, x: float = 0.5) -> Field:
    """The light on a blade with a ridge along x."""
    return np.where(np.round((pen.x - x) * 4096) <= 0, BRIGHT, DARK)


def _draw_grip(pen: Pen, top: float, end: float, half: float, ramp: Ramp, *, wound: bool) -> None:
    pen.fill(pen.box(0.5 - half, top, 0.5 + half, end), ramp, pen.tube((pen.x - 0.5) / half))
    if wound:
        turns = 4
        for turn in range(turns):
            y = top + (turn + 0.7) * (end - top) / turns
            pen.mark(pen.line(0.5 - half, y + 0.02, 0.5 + half, y - 0.02, 0.01), 0, ramp=ramp)


def _draw_blade(pen: Pen, k: ThingStyle, *, top: float, base: float, half: float) -> None:
    ramp = k.main_ramp("steel", "silver", "iron")
    point = half * 1.9
    if k.choose_form("straight", "curved", "straight", "broad") == "broad":
        half *= 1.25
    body = pen.poly(
        [(0.5, top), (0.5 + half, top + point), (0.5 + half, base), (0.5 - half, base), (0.5 - half, top + point)]
    )
    blade = pen.fill(body, ramp, _ridge_light(pen))
    if k.has_textures:
        pen.mark(pen.line(0.5, top + point * 1.5, 0.5, base - 0.12, 0.012), 1, inside=blade)


def _draw_guard(pen: Pen, k: ThingStyle, y: float, half: float, ramp: Ramp) -> None:
    form = k.choose_form("straight", "winged", "drooping")
    bend = {"straight": 0.0, "winged": -0.07, "drooping": 0.06}[form]
    guard = pen.path([(0.5 - half, y + bend, 0.03), (0.5, y, 0.042), (0.5 + half, y + bend, 0.03)])
    pen.fill(guard, ramp, pen.bevel(guard, 0.04), seam=LINE)
    for side in (-1, 1):
        if k.has_textures:
            knob = pen.disc(0.5 + side * half, y + bend, 0.045)
            pen.fill(knob, ramp, pen.ball(0.5 + side * half, y + bend, 0.045), seam=None)


def _draw_sword(p: Pen, k: ThingStyle) -> None:
    w = p.turned(45)
    _draw_blade(w, k, top=-0.17, base=0.72, half=k.vary(0.07, 12))
    metal = k.accent_ramp("gold", "bronze", "iron")
    _draw_grip(w, 0.74, 0.98, 0.042, named_ramp(k.dice.pick(("leather", "darkwood", "navy"))), wound=k.has_details)
    _draw_guard(w, k, 0.73, k.vary(0.2), metal)
    pommel = w.disc(0.5, 1.02, 0.062)
    w.fill(pommel, metal, w.ball(0.5, 1.02, 0.062), seam=LINE)


def _draw_dagger(p: Pen, k: ThingStyle) -> None:
    w = p.turned(45)
    half = k.vary(0.085)
    ramp = k.main_ramp("steel", "iron", "silver")
    blade = w.poly(
        [(0.5, -0.02), (0.5 + half * 0.8, 0.2), (0.5 + half, 0.62), (0.5 - half, 0.62), (0.5 - half * 0.8, 0.2)]
    )
    w.fill(blade, ramp, _ridge_light(w))
    metal = k.accent_ramp("bronze", "gold", "silver")
    _draw_grip(w, 0.66, 0.88, 0.05, named_ramp(k.dice.pick(("leather", "darkwood", "maroon"))), wound=k.has_details)
    guard = w.line(0.36, 0.65, 0.64, 0.65, 0.085)
    w.fill(guard, metal, w.bevel(guard, 0.04), seam=LINE)
    w.fill(w.disc(0.5, 0.92, 0.07), metal, w.ball(0.5, 0.92, 0.07), seam=LINE)


def _draw_shaft(w: Pen, top: float, end: float, half: float, ramp: Ramp) -> None:
    w.fill(w.box(0.5 - half, top, 0.5 + half, end), ramp, w.tube((w.x - 0.5) / half))


def _draw_axe(p: Pen, k: ThingStyle) -> None:
    w = p.turned(40)
    metal = k.main_ramp("iron", "steel")
    _draw_shaft(w, -0.08, 1.1, 0.042, k.accent_ramp("wood", "darkwood"))
    double = bool({"double", "battle", "great", "war"} & k.words)
    for pen in (w, w.mirrored()) if double else (w,):
        reach = k.vary(0.3)
        head = pen.poly(
            [
                (0.46, 0.08),
                (0.3, 0.0),
                (0.5 - reach - 0.05, -0.1),
                (0.5 - reach - 0.1, 0.16),
                (0.5 - reach - 0.05, 0.44),
                (0.3, 0.3),
                (0.46, 0.26),
            ]
        )
        edge = pen.disc(0.5 - reach * 0.42, 0.17, reach * 0.62)
        painted = pen.fill(head, metal, pen.bevel(head, 0.06), seam=LINE)
        pen.relit(painted & ~pen.inside(edge), 1)
        pen.mark(np.abs(edge) - 0.004, 1, inside=painted)
    collar = w.box(0.43, 0.06, 0.57, 0.28)
    w.fill(collar, metal, w.tube((w.x - 0.5) / 0.07), seam=LINE)
    if not double:
        w.fill(w.poly([(0.57, 0.1), (0.68, 0.13), (0.68, 0.21), (0.57, 0.24)]), metal, 0.35)


def _draw_hammer(p: Pen, k: ThingStyle) -> None:
    w = p.turned(40)
    _draw_shaft(w, 0.1, 1.1, 0.045, k.accent_ramp("wood", "darkwood"))
    _draw_grip(w, 0.82, 1.08, 0.05, named_ramp("leather"), wound=k.has_details)
    head = w.box(0.22, -0.07, 0.78, 0.26, 0.03)
    metal = k.main_ramp("iron", "steel", "stone")
    w.fill(head, metal, w.bevel(head, 0.07), seam=LINE)
    for x in (0.3, 0.7):
        w.mark(w.line(x, -0.07, x, 0.26, 0.012), 1, inside=w.inside(head))
    collar = w.box(0.44, -0.09, 0.56, 0.28)
    w.fill(collar, k.accent_ramp("gold", "bronze", "leather"), w.tube((w.x - 0.5) / 0.06))


def _draw_pickaxe(p: Pen, k: ThingStyle) -> None:
    w = p.turned(45)
    _draw_shaft(w, -0.02, 1.1, 0.042, k.accent_ramp("wood", "darkwood"))
    metal = k.main_ramp("iron", "steel")
    arc = w.path([(0.06, 0.3, 0.008), (0.24, 0.1, 0.045), (0.5, 0.03, 0.06), (0.76, 0.1, 0.045), (0.94, 0.3, 0.008)])
    w.fill(arc, metal, w.bevel(arc, 0.06), seam=LINE)
    collar = w.box(0.43, -0.05, 0.57, 0.13)
    w.fill(collar, metal, w.tube((w.x - 0.5) / 0.07), seam=LINE)


def _draw_shovel(p: Pen, k: ThingStyle) -> None:
    w = p.turned(225)
    _draw_shaft(w, -0.08, 0.76, 0.038, k.accent_ramp("wood"))
    handle = w.line(0.4, -0.1, 0.6, -0.1, 0.085)
    w.fill(handle, k.accent_ramp("wood", "darkwood"), w.bevel(handle, 0.04))
    blade = w.poly([(0.35, 0.64), (0.65, 0.64), (0.65, 0.92), (0.5, 1.13), (0.35, 0.92)])
    w.fill(blade, k.main_ramp("iron", "steel"), w.bevel(blade, 0.09), seam=LINE)
    w.mark(w.line(0.5, 0.66, 0.5, 0.82, 0.02), 1)


def _draw_bow(p: Pen, k: ThingStyle) -> None:
    w = p.turned(45)
    wood = k.main_ramp("wood", "darkwood", "bark")
    string = w.line(0.66, -0.08, 0.66, 1.08, 0.0)
    w.fill(string, named_ramp("cloth"), 0.7)
    limbs = [(0.7, -0.1, 0.02), (0.56, 0.0, 0.032), (0.4, 0.2, 0.042), (0.35, 0.4, 0.05)]
    limbs += [(0.35, 0.6, 0.05), (0.4, 0.8, 0.042), (0.56, 1.0, 0.032), (0.7, 1.1, 0.02)]
    bow = w.path(limbs)
    w.fill(bow, wood, w.bevel(bow, 0.045), seam=None)
    grip = w.box(0.29, 0.4, 0.41, 0.6, 0.02)
    w.fill(grip, k.accent_ramp("leather", "gold", "maroon"), w.tube((w.x - 0.35) / 0.06), seam=LINE)


def _draw_arrow(p: Pen, k: ThingStyle) -> None:
    w = p.turned(45)
    _draw_shaft(w, 0.0, 1.08, 0.024, named_ramp("wood"))
    tip = w.poly([(0.5, -0.18), (0.6, 0.07), (0.5, 0.02), (0.4, 0.07)])
    w.fill(tip, k.main_ramp("iron", "steel", "stone"), _ridge_light(w), seam=LINE)
    feather = k.accent_ramp("red", "blue", "white", "green")
    for side in (-1, 1):
        vane = w.poly([(0.5, 0.8), (0.5 + side * 0.11, 0.9), (0.5 + side * 0.11, 1.14), (0.5, 1.04)])
        w.fill(vane, feather, 0.72 if side < 0 else 0.35)


def _draw_spear(p: Pen, k: ThingStyle) -> None:
    w = p.turned(45)
    _draw_shaft(w, 0.12, 1.16, 0.034, k.accent_ramp("wood", "darkwood"))
    half = k.vary(0.085)
    head = w.poly([(0.5, -0.19), (0.5 + half, 0.02), (0.54, 0.18), (0.46, 0.18), (0.5 - half, 0.02)])
    w.fill(head, k.main_ramp("steel", "iron", "bronze"), _ridge_light(w), seam=LINE)
    band = w.box(0.445, 0.17, 0.555, 0.26)
    w.fill(band, k.accent_ramp("red", "gold", "leather"), w.tube((w.x - 0.5) / 0.055), seam=LINE)


def _draw_orb(w: Pen, ramp: Ramp, cx: float, cy: float, radius: float) -> None:
    w.fill(w.disc(cx, cy, radius), ramp, w.ball(cx, cy, radius), seam=LINE)


def _draw_staff(p: Pen, k: ThingStyle) -> None:
    w = p.turned(38)
    wood = k.accent_ramp("wood", "darkwood", "bark")
    shaft = w.path([(0.5, 0.2, 0.045), (0.515, 0.5, 0.04), (0.49, 0.8, 0.038), (0.5, 1.12, 0.034)])
    w.fill(shaft, wood, w.bevel(shaft, 0.045))
    gem = k.main_ramp("azure*", "purple*", "red*", "green*", "amber*")
    if k.choose_form("claw", "ring") == "ring":
        hoop = np.abs(w.disc(0.5, 0.04, 0.17)) - 0.036
        w.fill(hoop, k.accent_ramp("gold", "silver", "bronze"), w.bevel(hoop, 0.036), seam=LINE)
        _draw_orb(w, gem, 0.5, 0.04, 0.095)
    else:
        for side in (-1, 1):
            claw = w.path([(0.5, 0.24, 0.04), (0.5 + side * 0.16, 0.13, 0.036), (0.5 + side * 0.13, -0.05, 0.016)])
            w.fill(claw, wood, w.bevel(claw, 0.04), seam=None)
        _draw_orb(w, gem, 0.5, 0.04, 0.125)


def _draw_wand(p: Pen, k: ThingStyle) -> None:
    w = p.turned(45)
    stick = w.path([(0.5, 0.25, 0.03), (0.5, 1.05, 0.045)])
    w.fill(stick, k.accent_ramp("darkwood", "white", "wood"), w.bevel(stick, 0.04))
    w.fill(w.box(0.435, 0.86, 0.565, 1.07, 0.02), named_ramp("gold"), w.tube((w.x - 0.5) / 0.065), seam=LINE)
    star = p.turned(0).moved(0.21, -0.22)
    body = star.poly(star_points(0.5, 0.5, 0.25, 0.11, 5))
    star.fill(body, k.main_ramp("gold", "azure*", "pink*"), star.bevel(body, 0.09), seam=LINE)


def star_points(cx: float, cy: float, outer: float, inner: float, points: int) -> list[tuple[float, float]]:
    """The corners of a star with its first point at the top."""
    turns = {4: _EIGHTHS, 5: _TENTHS}[points]
    return [
        (cx + x * (inner if index % 2 else outer), cy + y * (inner if index % 2 else outer))
        for index, (x, y) in enumerate(turns)
    ]


_EIGHTHS = [(0, -1), (0.70711, -0.70711), (1, 0), (0.70711, 0.70711), (0, 1), (-0.70711, 0.70711), (-1, 0)]
_EIGHTHS += [(-0.70711, -0.70711)]
_RIGHT = [(0.0, -1.0), (0.58779, -0.80902), (0.95106, -0.30902), (0.95106, 0.30902), (0.58779, 0.80902)]
_TENTHS = [*_RIGHT, (0.0, 1.0), *((-x, y) for x, y in reversed(_RIGHT[1:]))]


def _draw_shield(p: Pen, k: ThingStyle) -> None:
    face = k.main_ramp("blue", "red", "green", "wood", "purple")
    rim = k.accent_ramp("silver", "gold", "iron")
    form = k.choose_form("heater", "round", "heater")
    if form == "round":
        outer = p.disc(0.5, 0.5, 0.47)
    else:
        half = [(0.5, 0.03), (0.7, 0.09), (0.92, 0.1), (0.92, 0.46), (0.85, 0.68), (0.7, 0.86), (0.5, 0.98)]
        outer = p.poly([*half, *((1 - x, y) for x, y in reversed(half[1:-1]))])
    p.fill(outer, rim, p.bevel(outer, 0.07))
    inner = p.fill(outer + 0.085, face, p.ball(0.42, 0.4, 0.75), seam=0)
    emblem = named_ramp("gold") if rim != named_ramp("gold") else named_ramp("silver")
    if form == "round":
        boss = p.disc(0.5, 0.5, 0.13)
        p.fill(boss, rim, p.ball(0.5, 0.5, 0.13), seam=LINE)
        for dx, dy in ((0, -1), (1, 0), (0, 1), (-1, 0)):
            if k.has_details:
                p.dot(0.5 + dx * 0.43, 0.5 + dy * 0.43, rim, 4)
        return
    match k.choose_form("cross", "stripe", "star"):
        case "cross":
            p.fill(np.minimum(p.box(0.44, 0, 0.56, 1), p.box(0, 0.36, 1, 0.48)), emblem, 0.62, inside=inner, seam=None)
        case "stripe":
            p.fill(p.turned(45).box(0.4, -1, 0.6, 2), emblem, 0.62, inside=inner, seam=None)
        case _:
            body = p.poly(star_points(0.5, 0.46, 0.25, 0.1, 5))
            p.fill(body, emblem, p.bevel(body, 0.08), inside=inner)


DRAWINGS = {
    "sword": _draw_sword,
    "dagger": _draw_dagger,
    "axe": _draw_axe,
    "hammer": _draw_hammer,
    "pickaxe": _draw_pickaxe,
    "shovel": _draw_shovel,
    "bow": _draw_bow,
    "arrow": _draw_arrow,
    "spear": _draw_spear,
    "staff": _draw_staff,
    "wand": _draw_wand,
    "shield": _draw_shield,
}
