"""Props of a village and its surroundings."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.things.buildings import draw_courses
from bridge.providers.procedural.things.canvas import LINE, Pen
from bridge.providers.procedural.things.equipment import draw_flame
from bridge.providers.procedural.things.ramps import Ramp
from bridge.providers.procedural.things.style import ThingStyle, named_ramp
from bridge.providers.procedural.things.treasure import draw_boulder


def _draw_fence(p: Pen, k: ThingStyle) -> None:
    wood = k.main_ramp("wood", "bark", "white")
    for y in (0.5, 0.74):
        rail = p.box(0.0, y - 0.05, 1.0, y + 0.05)
        p.fill(rail, wood, p.facing(np.zeros(p.x.shape), np.clip((p.y - y) / 0.06, -1, 1)))
    for x in (0.14, 0.5, 0.86):
        post = p.poly([(x, 0.2), (x + 0.085, 0.3), (x + 0.085, 0.97), (x - 0.085, 0.97), (x - 0.085, 0.3)])
        p.fill(post, wood, p.tube((p.x - x) / 0.095), seam=LINE)
        if k.has_details:
            for y in (0.5, 0.74):
                p.dot(x, y, named_ramp("iron"), 3)


def _draw_plank(p: Pen, k: ThingStyle, x0: float, y0: float, x1: float, y1: float, wood: Ramp) -> None:
    board = p.box(x0, y0, x1, y1, 0.02)
    p.fill(board, wood, p.bevel(board, 0.04) + 0.08, seam=LINE)
    if k.has_details:
        middle = (y0 + y1) / 2
        p.mark(p.line(x0 + 0.08, middle - 0.05, x1 - 0.2, middle - 0.05, 0.0), 1)
        p.mark(p.line(x0 + 0.22, middle + 0.06, x1 - 0.08, middle + 0.06, 0.0), 1)


def _draw_sign(p: Pen, k: ThingStyle) -> None:
    wood = k.main_ramp("wood", "bark")
    p.fill(p.box(0.44, 0.1, 0.56, 0.98), named_ramp("bark"), p.tube((p.x - 0.5) / 0.065))
    _draw_plank(p, k, 0.06, 0.16, 0.94, 0.6, wood)
    for y in (0.3, 0.44):
        p.mark(p.line(0.22, y, 0.78 - (0.16 if y > 0.4 else 0), y, 0.03), 0, ramp=named_ramp("darkwood"))
    if k.has_details:
        for x, y in ((0.12, 0.22), (0.88, 0.22), (0.12, 0.54), (0.88, 0.54)):
            p.dot(x, y, named_ramp("iron"), 4)


def _draw_signpost(p: Pen, k: ThingStyle) -> None:
    wood = k.main_ramp("wood", "bark")
    p.fill(p.box(0.44, 0.04, 0.56, 0.98), named_ramp("bark"), p.tube((p.x - 0.5) / 0.065))
    for pen, y in ((p, 0.24), (p.mirrored(), 0.52)):
        board = pen.poly([(0.2, y - 0.11), (0.84, y - 0.11), (1.0, y), (0.84, y + 0.11), (0.2, y + 0.11)])
        pen.fill(board, wood, pen.bevel(board, 0.04) + 0.08, seam=LINE)
        pen.mark(pen.line(0.3, y, 0.76, y, 0.025), 0, ramp=named_ramp("darkwood"))
    for x, y in ((0.34, 0.93), (0.64, 0.95)):
        draw_boulder(p, k, named_ramp("stone"), x, y, 0.1, 0.07)


def _draw_well(p: Pen, k: ThingStyle) -> None:
    stone, roof = k.accent_ramp("stone", "slate"), k.main_ramp("roof", "thatch", "slate")
    ry = 0.05 + k.tilt * 0.16
    base = np.minimum(p.box(0.16, 0.62, 0.84, 0.92), p.oval(0.5, 0.92, 0.34, 0.06))
    wall = p.fill(base, stone, p.tube((p.x - 0.5) / 0.36))
    if k.has_details:
        draw_courses(p, wall, 13, 1.5, shade=0)
    p.fill(p.oval(0.5, 0.62, 0.38, ry + 0.02), stone, 0.72)
    p.fill(p.oval(0.5, 0.625, 0.28, ry * 0.72), named_ramp("water"), 0.2, seam=LINE)
    p.fill(p.line(0.5, 0.3, 0.5, 0.56, 0.0), named_ramp("tan"), 0.6, seam=None)
    p.fill(p.lathe(0.5, [(0.5, 0.07), (0.6, 0.055)]), named_ramp("wood"), p.tube((p.x - 0.5) / 0.07))
    for x in (0.2, 0.8):
        p.fill(p.box(x - 0.04, 0.24, x + 0.04, 0.64), named_ramp("wood"), p.tube((p.x - x) / 0.045))
    p.fill(p.box(0.16, 0.34, 0.84, 0.39), named_ramp("wood"), 0.6)
    slope = p.poly([(0.5, 0.02), (0.98, 0.27), (0.92, 0.34), (0.08, 0.34), (0.02, 0.27)])
    top = p.fill(slope, roof, np.where(p.x < 0.5, 0.7, 0.34), seam=LINE)
    for y in (0.14, 0.22, 0.3) if k.has_details else ():
        p.mark(p.line(0.0, y, 1.0, y, 0.0), 1, inside=top)


def _draw_campfire(p: Pen, k: ThingStyle) -> None:
    for x, y in ((0.14, 0.84), (0.86, 0.84), (0.3, 0.78), (0.7, 0.78)):
        draw_boulder(p, k, named_ramp("stone"), x, y, 0.13, 0.11)
    draw_flame(p, k, 0.5, 0.84, 0.78, ramp=k.main)
    for turn in (-20, 20):
        w = p.turned(turn, 0.5, 0.84)
        log = w.box(0.2, 0.78, 0.8, 0.9, 0.05)
        w.fill(log, named_ramp("bark"), w.bevel(log, 0.06), seam=LINE)
        for x in (0.2, 0.8):
            w.fill(w.oval(x, 0.84, 0.045, 0.055), named_ramp("wood"), 0.72)
    for x, y in ((0.28, 0.92), (0.5, 0.95), (0.72, 0.92)):
        draw_boulder(p, k, named_ramp("stone"), x, y, 0.13, 0.1)


def _draw_statue(p: Pen, k: ThingStyle) -> None:
    stone = k.main_ramp("stone", "slate", "stone")
    for x0, y0, x1, y1 in ((0.24, 0.76, 0.76, 0.88), (0.14, 0.87, 0.86, 0.985)):
        block = p.box(x0, y0, x1, y1)
        p.fill(block, stone, p.bevel(block, 0.04))
    for x in (0.43, 0.57):
        leg = p.box(x - 0.065, 0.52, x + 0.065, 0.78, 0.02)
        p.fill(leg, stone, p.tube((p.x - x) / 0.07))
    cape = p.poly([(0.34, 0.28), (0.66, 0.28), (0.74, 0.76), (0.26, 0.76)])
    p.fill(np.maximum(cape, -p.box(0.36, 0.5, 0.64, 0.8)), stone, 0.16, seam=None)
    torso = p.poly([(0.32, 0.26), (0.68, 0.26), (0.62, 0.56), (0.38, 0.56)])
    p.fill(torso, stone, p.ball(0.48, 0.38, 0.24, 0.26), seam=0)
    for pen in (p, p.mirrored()):
        arm = pen.path([(0.33, 0.31, 0.055), (0.28, 0.46, 0.045), (0.46, 0.47, 0.04)])
        pen.fill(arm, stone, pen.bevel(arm, 0.05))
    sword = p.poly([(0.46, 0.46), (0.54, 0.46), (0.54, 0.72), (0.5, 0.78), (0.46, 0.72)])
    p.fill(sword, stone, np.where(p.x < 0.5, 0.85, 0.5), seam=LINE)
    p.fill(p.box(0.39, 0.44, 0.61, 0.49), stone, 0.6)
    head = p.oval(0.5, 0.15, 0.115, 0.13)
    p.fill(head, stone, p.ball(0.49, 0.14, 0.12, 0.13), seam=LINE)
    p.mark(p.box(0.42, 0.15, 0.58, 0.175), 0)


def _draw_gravestone(p: Pen, k: ThingStyle) -> None:
    stone = k.main_ramp("stone", "slate", "stone")
    if k.choose_form("slab", "cross", "slab") == "cross":
        body = np.minimum(p.box(0.4, 0.08, 0.6, 0.9), p.box(0.18, 0.26, 0.82, 0.45))
        p.fill(body, stone, p.bevel(body, 0.06))
    else:
        body = np.minimum(p.box(0.2, 0.34, 0.8, 0.92), p.oval(0.5, 0.36, 0.3, 0.29))
        p.fill(body.copy(), stone, 0.16)
        face = np.minimum(p.box(0.18, 0.36, 0.72, 0.92), p.oval(0.45, 0.38, 0.27, 0.28))
        slab = p.fill(face, stone, p.bevel(face, 0.05) + (p.noise(6, 5) - 0.5) * 0.16)
        p.mark(np.minimum(p.box(0.42, 0.28, 0.48, 0.54), p.box(0.34, 0.34, 0.56, 0.4)), 0, inside=slab)
        for y in (0.64, 0.73) if k.has_details else ():
            p.mark(p.line(0.3, y, 0.6, y, 0.0), 0, inside=slab)
    mound = np.maximum(p.oval(0.5, 0.95, 0.46, 0.12) + (p.noise(9, 2) - 0.5) * 0.05, p.y - 0.985)
    p.fill(mound, k.accent_ramp("moss", "bark", "moss"), p.ball(0.45, 0.95, 0.5, 0.16), seam=0)


def _draw_bridge(p: Pen, k: ThingStyle) -> None:
    wood = k.main_ramp("wood", "bark", "stone")
    arch = 0.1 * (1 - ((p.x - 0.5) / 0.5) ** 2)
    for back in (True, False):
        if not back:
            deck = np.maximum(np.abs(p.y - 0.66 + arch) - 0.14, np.abs(p.x - 0.5) - 0.49)
            floor = p.fill(deck, wood, 0.66)
            planks = max(3 * p.px, 0.09)
            p.mark(np.abs(p.x / planks - np.round(p.x / planks)) * planks - 0.45 * p.px, 1, inside=floor)
            side = np.maximum(np.abs(p.y - 0.84 + arch) - 0.055, np.abs(p.x - 0.5) - 0.49)
            p.fill(side, wood, 0.22, seam=0)
        lift = 0.0 if back else 0.27
        for x in (0.08, 0.36, 0.64, 0.92):
            top = 0.3 + lift - 0.1 * (1 - ((x - 0.5) / 0.5) ** 2)
            p.fill(p.box(x - 0.04, top, x + 0.04, top + 0.3), wood, p.tube((p.x - x) / 0.045), seam=0)
        rail = np.maximum(np.abs(p.y - 0.36 - lift + arch) - 0.035, np.abs(p.x - 0.5) - 0.49)
        p.fill(rail, wood, 0.72 if back else 0.6, seam=0)


def _draw_fountain(p: Pen, k: ThingStyle) -> None:
    stone = k.main_ramp("stone", "slate", "bone")
    water = k.accent_ramp("water")
    ry = 0.07 + k.tilt * 0.22
    rim = 0.72
    p.fill(
        np.minimum(p.oval(0.5, 0.9 - ry * 0.1, 0.46, 0.08), p.box(0.04, rim, 0.96, 0.9)),
        stone,
        p.tube((p.x - 0.5) / 0.5),
    )
    p.fill(p.oval(0.5, rim, 0.48, ry), stone, 0.74)
    pool = p.fill(p.oval(0.5, rim + 0.01, 0.4, ry * 0.76), water, 0.5, seam=0)
    for radius in (0.3, 0.2):
        p.mark(np.abs(p.oval(0.5, rim, radius, ry * radius * 1.7)) - 0.45 * p.px, 4, inside=pool)
    p.fill(p.lathe(0.5, [(0.36, 0.06), (0.6, 0.075), (rim + 0.02, 0.12)]), stone, p.tube((p.x - 0.5) / 0.1), seam=0)
    bowl = np.maximum(p.oval(0.5, 0.34, 0.26, 0.11), 0.32 - p.y)
    p.fill(bowl, stone, p.tube((p.x - 0.5) / 0.27), seam=0)
    p.fill(p.oval(0.5, 0.33, 0.25, 0.05), water, 0.6, seam=0)
    p.fill(p.lathe(0.5, [(0.08, 0.025), (0.32, 0.04)]), water, 0.75, seam=None)
    for pen in (p, p.mirrored()):
        jet = pen.path([(0.5, 0.1, 0.03), (0.36, 0.1, 0.03), (0.28, 0.3, 0.03)])
        pen.fill(jet, water, 0.84, seam=None)
        fall = pen.path([(0.25, 0.34, 0.03), (0.2, 0.5, 0.03), (0.19, 0.7, 0.035)])
        pen.fill(fall, water, 0.8, seam=None)


def _draw_cart(p: Pen, k: ThingStyle) -> None:
    wood = k.main_ramp("wood", "bark")
    shaft = p.line(0.62, 0.58, 0.99, 0.72, 0.05)
    p.fill(shaft, wood, 0.5)
    heap = k.accent_ramp("thatch", "leaf", "stone")
    for x, y, radius in ((0.24, 0.36, 0.15), (0.42, 0.28, 0.18), (0.6, 0.34, 0.15)):
        p.fill(p.disc(x, y, radius) + (p.noise(14, 4) - 0.5) * 0.05, heap, p.ball(x, y, radius), seam=1)
    body = p.poly([(0.02, 0.36), (0.82, 0.36), (0.74, 0.68), (0.1, 0.68)])
    box = p.fill(body, wood, 0.5 - (p.y - 0.5) * 0.4)
    for y in (0.46, 0.57):
        p.mark(p.line(0.0, y, 1.0, y, 0.0), 0, inside=box)
    p.fill(p.box(0.0, 0.33, 0.84, 0.39, 0.02), wood, 0.8, seam=0)
    cx, cy = 0.4, 0.72
    tyre = np.abs(p.disc(cx, cy, 0.215)) - 0.042
    for turn in (0, 45, 90, 135):
        p.fill(p.turned(turn, cx, cy).line(cx, cy - 0.2, cx, cy + 0.2, 0.04), wood, 0.6)
    p.fill(tyre, named_ramp("darkwood"), p.bevel(tyre, 0.042), seam=LINE)
    p.fill(p.disc(cx, cy, 0.07), named_ramp("iron"), p.ball(cx, cy, 0.07))


DRAWINGS = {
    "fence": _draw_fence,
    "sign": _draw_sign,
    "signpost": _draw_signpost,
    "well": _draw_well,
    "campfire": _draw_campfire,
    "statue": _draw_statue,
    "gravestone": _draw_gravestone,
    "bridge": _draw_bridge,
    "fountain": _draw_fountain,
    "cart": _draw_cart,
}
