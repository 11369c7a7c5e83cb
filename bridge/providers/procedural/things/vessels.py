"""Things that hold something: flasks, pots, cups, bags, barrels, crates, chests."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.things.canvas import LINE, Field, Mask, Pen, Point
from bridge.providers.procedural.things.ramps import Ramp
from bridge.providers.procedural.things.style import ThingStyle, named_ramp

FLASKS: dict[str, list[Point]] = {
    "round": [
        (0.2, 0.1),
        (0.4, 0.1),
        (0.46, 0.2),
        (0.54, 0.31),
        (0.65, 0.365),
        (0.77, 0.35),
        (0.88, 0.27),
        (0.95, 0.16),
    ],
    "conical": [(0.2, 0.1), (0.4, 0.1), (0.86, 0.39), (0.92, 0.37), (0.95, 0.3)],
    "tall": [(0.18, 0.1), (0.3, 0.1), (0.37, 0.2), (0.42, 0.23), (0.9, 0.23), (0.95, 0.19)],
    "square": [(0.2, 0.11), (0.36, 0.11), (0.4, 0.32), (0.9, 0.35), (0.95, 0.3)],
}


def _draw_potion(p: Pen, k: ThingStyle) -> None:
    form = k.choose_form("round", "conical", "tall", "square")
    profile = FLASKS[form]
    liquid = k.main_ramp("red*", "azure*", "green*", "purple*", "amber*", "pink*")
    body = p.lathe(0.5, profile)
    glass = p.fill(body, named_ramp("glass"), p.turned_body(0.5, profile))
    level = {"round": 0.52, "conical": 0.58, "tall": 0.44, "square": 0.5}[form]
    level = k.vary(level, 6)
    round_body: Field = p.ball(0.5, 0.68, 0.4, 0.36) if form == "round" else p.turned_body(0.5, profile)
    filled = p.fill(np.maximum(body + 0.045, level - p.y), liquid, round_body, inside=glass, seam=None)
    surface = p.oval(0.5, level + 0.015, 0.4, 0.035)
    p.mark(surface, 4, inside=filled)
    p.mark(p.path([(0.31, 0.62, 0.022), (0.29, 0.72, 0.024)]), 4, ramp=named_ramp("glass"), inside=glass)
    if k.has_details:
        for x, y in ((0.58, 0.72), (0.5, 0.83), (0.62, 0.6)):
            p.dot(x, y, liquid, 4, over=False)
    lip = p.box(0.36, 0.16, 0.64, 0.235, 0.02)
    p.fill(lip, named_ramp("glass"), p.tube((p.x - 0.5) / 0.14))
    cork = p.box(0.41, 0.03, 0.59, 0.18, 0.02)
    p.fill(cork, k.accent_ramp("wood", "leather", "tan"), p.tube((p.x - 0.5) / 0.09))
    if form in ("tall", "square") and k.has_details:
        label = p.box(0.31, 0.6, 0.69, 0.78)
        p.fill(label, named_ramp("paper"), p.tube((p.x - 0.5) / 0.3), inside=glass)


def _draw_hoops(p: Pen, body: Mask, heights: tuple[float, ...], width: float, ramp: Ramp, profile: list[Point]) -> None:
    for y in heights:
        sag = 0.05 * (1 - ((p.x - 0.5) / 0.45) ** 2)
        band = np.abs(p.y - y - sag) - max(width / 2, 0.6 * p.px)
        p.fill(band, ramp, p.turned_body(0.5, profile), inside=body)


def _draw_barrel(p: Pen, k: ThingStyle) -> None:
    profile = [(0.12, 0.3), (0.3, 0.37), (0.52, 0.4), (0.74, 0.37), (0.9, 0.31), (0.97, 0.22)]
    wood = k.main_ramp("wood", "bark", "wood")
    body = p.fill(p.lathe(0.5, profile), wood, p.turned_body(0.5, profile))
    half = np.interp(p.y, [y for y, _ in profile], [width for _, width in profile])
    if k.has_details:
        for stave in (-0.62, -0.22, 0.22, 0.62):
            p.mark(np.abs((p.x - 0.5) / half - stave) * 0.4 - 0.45 * p.px, 1, inside=body)
    _draw_hoops(p, body, (0.3, 0.7), 0.075, k.accent_ramp("iron", "bronze"), profile)
    ry = 0.05 + k.tilt * 0.2
    lid = p.oval(0.5, 0.12, 0.3, ry)
    p.fill(lid, k.accent_ramp("iron", "bronze"), 0.55)
    top = p.fill(lid + 0.045, wood, 0.68)
    if k.has_details:
        for x in (0.4, 0.5, 0.6):
            p.mark(p.line(x, 0, x, 0.3, 0.01), 1, inside=top)


def _draw_crate(p: Pen, k: ThingStyle) -> None:
    wood = k.main_ramp("wood", "bark", "wood")
    top = 0.06 + k.tilt * 0.62
    lid = p.box(0.06, 0.06, 0.94, top + 0.02)
    p.fill(lid, wood, 0.82)
    planks = 4 if k.has_details else 2
    for index in range(1, planks):
        y = 0.06 + (top - 0.06) * index / planks
        p.mark(p.line(0.1, y, 0.9, y, 0.006), 2)
    front = p.box(0.06, top, 0.94, 0.97)
    face = p.fill(front, wood, 0.42, seam=0)
    for index in range(1, 4):
        y = top + (0.97 - top) * index / 4
        p.mark(p.line(0.1, y, 0.9, y, 0.012), 0, inside=face)
    brace = p.line(0.12, 0.92, 0.88, top + 0.06, 0.11)
    p.fill(brace, wood, 0.56, inside=face)
    for x0, y0, x1, y1 in (
        (0.06, top, 0.94, top + 0.11),
        (0.06, 0.86, 0.94, 0.97),
        (0.06, top, 0.18, 0.97),
        (0.82, top, 0.94, 0.97),
    ):
        edge = p.box(x0, y0, x1, y1)
        p.fill(edge, wood, p.bevel(edge, 0.03) + 0.14)
    if k.has_details:
        for x, y in ((0.12, top + 0.055), (0.88, top + 0.055), (0.12, 0.915), (0.88, 0.915)):
            p.dot(x, y, named_ramp("iron"), 3)


def _draw_chest(p: Pen, k: ThingStyle) -> None:
    wood = k.main_ramp("wood", "bark", "wood")
    metal = k.accent_ramp("gold", "iron", "gold")
    is_open = bool({"open", "opened", "full"} & k.words)
    lid_top, seam = (0.1, 0.46)
    if is_open:
        back = p.box(0.07, 0.04, 0.93, 0.5, 0.12)
        p.fill(back, wood, 0.22)
        p.fill(np.abs(back) - 0.03, metal, 0.5, seam=None)
        p.fill(p.oval(0.5, 0.5, 0.4, 0.17), named_ramp("coal"), 0.1, seam=None)
        for x, y in ((0.24, 0.5), (0.4, 0.42), (0.58, 0.44), (0.75, 0.5), (0.5, 0.52), (0.32, 0.54), (0.68, 0.54)):
            p.fill(p.oval(x, y, 0.105, 0.085), named_ramp("gold"), p.ball(x, y, 0.11, 0.09))
    else:
        lid = np.minimum(p.box(0.06, lid_top + 0.16, 0.94, seam + 0.02), p.box(0.06, lid_top, 0.94, 0.5, 0.18))
        shine = p.facing(np.zeros(p.x.shape), np.clip((p.y - 0.36) / 0.3, -0.95, 0.6))
        p.fill(lid, wood, shine)
        if k.has_details:
            for y in (0.2, 0.3):
                p.mark(p.line(0.1, y, 0.9, y, 0.008), 1)
    base = p.box(0.06, seam + (0.05 if is_open else 0.0), 0.94, 0.95, 0.02)
    front = p.fill(base, wood, p.tube((p.x - 0.5) / 0.62), seam=LINE)
    if k.has_details:
        for y in (0.62, 0.78):
            p.mark(p.line(0.08, y, 0.92, y, 0.01), 0, inside=front)
    top = seam + 0.05 if is_open else lid_top
    shape = base if is_open else np.minimum(base, lid)
    for x in (0.13, 0.87):
        strap = np.maximum(p.box(x - 0.065, top, x + 0.065, 0.96), shape)
        p.fill(strap, metal, p.tube((p.x - x) / 0.075) + np.where(p.y < seam, 0.1, -0.04))
    rim = p.box(0.05, seam - 0.035 + (0.05 if is_open else 0), 0.95, seam + 0.045 + (0.05 if is_open else 0))
    p.fill(rim, metal, 0.6, seam=0)
    lock = p.box(0.41, seam - 0.05, 0.59, seam + 0.17, 0.03)
    p.fill(lock, metal, p.bevel(lock, 0.05) + 0.1, seam=LINE)
    p.mark(p.path([(0.5, seam + 0.05, 0.022), (0.5, seam + 0.11, 0.012)]), LINE)


def _draw_pot(p: Pen, k: ThingStyle) -> None:
    clay = k.main_ramp("copper", "brick", "tan", "teal")
    profile = [(0.2, 0.2), (0.28, 0.19), (0.36, 0.3), (0.5, 0.39), (0.66, 0.4), (0.82, 0.33), (0.95, 0.2)]
    body = p.fill(p.lathe(0.5, profile), clay, p.ball(0.5, 0.58, 0.42, 0.46))
    if k.has_details:
        _draw_hoops(p, body, (0.5, 0.57), 0.025, k.accent_ramp("paper", "red", "navy"), profile)
    ry = 0.04 + k.tilt * 0.16
    p.fill(p.oval(0.5, 0.18, 0.25, ry), clay, 0.72)
    p.fill(p.oval(0.5, 0.185, 0.18, ry * 0.62), clay, 0.05, seam=None)


def _draw_cup(p: Pen, k: ThingStyle) -> None:
    metal = k.main_ramp("gold", "silver", "bronze")
    profile = [
        (0.08, 0.31),
        (0.26, 0.31),
        (0.42, 0.25),
        (0.52, 0.12),
        (0.58, 0.06),
        (0.76, 0.055),
        (0.84, 0.11),
        (0.9, 0.24),
        (0.97, 0.26),
    ]
    p.fill(p.lathe(0.5, profile), metal, p.turned_body(0.5, profile))
    knob = p.oval(0.5, 0.66, 0.1, 0.06)
    p.fill(knob, metal, p.ball(0.5, 0.66, 0.1, 0.06))
    ry = 0.035 + k.tilt * 0.17
    p.fill(p.oval(0.5, 0.1, 0.32, ry), metal, 0.72)
    p.fill(p.oval(0.5, 0.105, 0.26, ry * 0.66), k.accent_ramp("crimson", "purple", "water"), 0.45, seam=None)
    if k.has_details:
        stone = named_ramp(k.dice.pick(("red*", "azure*", "green*")))
        for x in (0.32, 0.5, 0.68):
            p.fill(p.disc(x, 0.3, 0.05), stone, p.ball(x, 0.3, 0.05))


def _draw_bag(p: Pen, k: ThingStyle) -> None:
    cloth = k.main_ramp("leather", "tan", "brown", "green")
    sack = p.poly(
        [(0.4, 0.26), (0.6, 0.26), (0.82, 0.5), (0.9, 0.74), (0.8, 0.93), (0.2, 0.93), (0.1, 0.74), (0.18, 0.5)]
    )
    body = sack - 0.03
    p.fill(body, cloth, p.ball(0.5, 0.64, 0.44, 0.4))
    neck = p.poly([(0.3, 0.04), (0.42, 0.1), (0.52, 0.03), (0.6, 0.1), (0.72, 0.05), (0.6, 0.28), (0.4, 0.28)])
    p.fill(neck, cloth, p.tube((p.x - 0.5) / 0.22))
    tie = p.line(0.38, 0.26, 0.62, 0.26, 0.075)
    p.fill(tie, k.accent_ramp("gold", "red", "cloth"), p.bevel(tie, 0.04))
    if {"gold", "coins", "coin", "money"} & k.words:
        p.fill(p.disc(0.5, 0.62, 0.13), named_ramp("gold"), p.bevel(p.disc(0.5, 0.62, 0.13), 0.05))
    elif k.has_details:
        for x in (0.34, 0.66):
            p.mark(p.path([(0.5 + (x - 0.5) * 0.5, 0.36, 0.004), (x, 0.52, 0.004)]), 1)


def _draw_gift(p: Pen, k: ThingStyle) -> None:
    paper = k.main_ramp("red", "blue", "green", "purple", "teal")
    ribbon = k.accent_ramp("gold", "white", "yellow")
    box = p.box(0.1, 0.42, 0.9, 0.96, 0.02)
    p.fill(box, paper, p.tube((p.x - 0.5) / 0.55))
    lid = p.box(0.05, 0.28, 0.95, 0.48, 0.02)
    p.fill(lid, paper, p.bevel(lid, 0.06) + 0.12)
    p.fill(p.box(0.42, 0.28, 0.58, 0.96), ribbon, p.tube((p.x - 0.5) / 0.1))
    for pen in (p, p.mirrored()):
        loop = np.abs(pen.turned(-24, 0.33, 0.17).oval(0.33, 0.17, 0.15, 0.09)) - 0.035
        pen.fill(loop, ribbon, pen.bevel(loop, 0.04))
    p.fill(p.disc(0.5, 0.25, 0.075), ribbon, p.ball(0.5, 0.25, 0.075))


DRAWINGS = {
    "potion": _draw_potion,
    "barrel": _draw_barrel,
    "crate": _draw_crate,
    "chest": _draw_chest,
    "pot": _draw_pot,
    "cup": _draw_cup,
    "bag": _draw_bag,
    "gift": _draw_gift,
}
