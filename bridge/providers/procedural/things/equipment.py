"""What an adventurer carries: writing, light, rope, bombs; flames and drops."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.things.canvas import LINE, Pen
from bridge.providers.procedural.things.ramps import Ramp
from bridge.providers.procedural.things.style import ThingStyle, named_ramp
from bridge.providers.procedural.things.treasure import draw_boulder


def draw_flame(p: Pen, k: ThingStyle, cx: float, base: float, height: float, *, ramp: Ramp | None = None) -> None:
    """A flame that stands on a point: dark rim, bright core."""
    hot = ramp or named_ramp("fire")
    lean = k.dice.between(-0.05, 0.05) * height
    for scale, light in ((1.0, 0.3), (0.72, 0.66), (0.42, 0.97)):
        h, w = height * scale, height * 0.36 * scale
        body = p.poly(
            [
                (cx + lean * 2, base - h),
                (cx + w * 0.55, base - h * 0.62),
                (cx + w * 0.75, base - h * 0.72),
                (cx + w, base - h * 0.3),
                (cx + w * 0.6, base - h * 0.04),
                (cx, base),
                (cx - w * 0.6, base - h * 0.04),
                (cx - w, base - h * 0.32),
                (cx - w * 0.5, base - h * 0.6),
            ]
        )
        p.fill(body - 0.01, hot, light, seam=None)


def _draw_scroll(p: Pen, k: ThingStyle) -> None:
    paper = k.main_ramp("paper")
    sheet = p.box(0.18, 0.14, 0.82, 0.86)
    p.fill(sheet, paper, 0.62)
    lines = (0.34, 0.44, 0.54, 0.64) if k.has_details else (0.38, 0.56)
    for index, y in enumerate(lines):
        p.mark(p.line(0.28, y, 0.72 - 0.12 * (index % 3 == 2), y, 0.02), 0, inside=p.inside(sheet))
    knobs = k.accent_ramp("red", "gold", "wood")
    for y in (0.14, 0.86):
        roll = p.box(0.1, y - 0.09, 0.9, y + 0.09, 0.06)
        p.fill(roll, paper, p.facing(np.zeros(p.x.shape), np.clip((p.y - y) / 0.1, -1, 1)), seam=0)
        for x in (0.07, 0.93):
            knob = p.box(x - 0.055, y - 0.065, x + 0.055, y + 0.065, 0.03)
            p.fill(knob, knobs, p.bevel(knob, 0.05))
    if k.has_details:
        p.fill(p.disc(0.66, 0.7, 0.07), named_ramp("red"), p.ball(0.66, 0.7, 0.07))


def _draw_book(p: Pen, k: ThingStyle) -> None:
    cover = k.main_ramp("maroon", "blue", "green", "purple", "leather")
    trim = k.accent_ramp("gold", "silver")
    p.fill(p.box(0.16, 0.06, 0.9, 0.95, 0.04), cover, 0.18)
    p.fill(p.box(0.18, 0.78, 0.87, 0.91), named_ramp("paper"), 0.7)
    if k.has_details:
        p.mark(p.line(0.2, 0.845, 0.87, 0.845, 0.0), 1)
    front = p.box(0.1, 0.04, 0.87, 0.8, 0.04)
    p.fill(front, cover, p.bevel(front, 0.05), seam=0)
    p.fill(p.box(0.1, 0.04, 0.22, 0.93, 0.05), cover, p.tube((p.x - 0.17) / 0.09), seam=0)
    for x, y in ((0.8, 0.1), (0.8, 0.74)):
        corner = p.box(x - 0.06, y - 0.06, x + 0.07, y + 0.06)
        p.fill(corner, trim, 0.7, seam=None)
    if k.choose_form("gem", "lines", "gem") == "gem":
        disc = p.disc(0.53, 0.42, 0.16)
        p.fill(disc, trim, p.bevel(disc, 0.06))
        p.fill(
            p.disc(0.53, 0.42, 0.085), named_ramp(k.dice.pick(("red*", "azure*", "green*"))), p.ball(0.53, 0.42, 0.085)
        )
    else:
        for y in (0.3, 0.4):
            p.fill(p.line(0.36, y, 0.7, y, 0.04), trim, 0.7, seam=None)


def _draw_map(p: Pen, k: ThingStyle) -> None:
    paper = k.main_ramp("paper")
    for index in range(3):
        x0, x1 = 0.04 + index * 0.31, 0.04 + (index + 1) * 0.31
        up = 0.08 if index % 2 else 0.0
        panel = p.poly([(x0, 0.1 + up), (x1, 0.18 - up), (x1, 0.92 - up), (x0, 0.84 + up)])
        p.fill(panel, paper, 0.45 if index % 2 else 0.7, seam=None if index else 0)
    if k.has_details:
        p.mark(p.path([(0.12, 0.3, 0.0), (0.2, 0.4, 0.0), (0.16, 0.5, 0.0)]), 3, ramp=named_ramp("water"))
        for x, y in ((0.46, 0.3), (0.54, 0.34)):
            p.mark(p.poly([(x - 0.07, y + 0.07), (x, y - 0.06), (x + 0.07, y + 0.07)]), 1)
    for x, y in ((0.2, 0.72), (0.32, 0.66), (0.44, 0.68), (0.56, 0.6)):
        p.mark(p.line(x, y, x + 0.045, y - 0.02, 0.03), 1, ramp=named_ramp("red"))
    for turn in (45, -45):
        p.mark(p.turned(turn, 0.74, 0.48).box(0.62, 0.455, 0.86, 0.505), 2, ramp=named_ramp("red"))


def _draw_torch(p: Pen, k: ThingStyle) -> None:
    w = p.turned(24, 0.5, 0.6)
    stick = w.lathe(0.5, [(0.44, 0.095), (1.0, 0.05)])
    w.fill(stick, k.accent_ramp("wood", "darkwood"), w.tube((w.x - 0.5) / 0.09))
    draw_flame(p.moved(0.08, 0.0), k, 0.5, 0.53, 0.56, ramp=k.main)
    cup = w.lathe(0.5, [(0.42, 0.15), (0.58, 0.1)])
    w.fill(cup, named_ramp("iron"), w.tube((w.x - 0.5) / 0.15), seam=LINE)


def _draw_lantern(p: Pen, k: ThingStyle) -> None:
    metal = k.accent_ramp("iron", "bronze", "gold")
    hoop = np.abs(p.oval(0.5, 0.2, 0.2, 0.17)) - 0.03
    p.fill(hoop, metal, p.bevel(hoop, 0.03))
    p.fill(p.poly([(0.42, 0.17), (0.58, 0.17), (0.78, 0.34), (0.22, 0.34)]), metal, p.tube((p.x - 0.5) / 0.3))
    glass = p.box(0.26, 0.34, 0.74, 0.82)
    light = k.main_ramp("fire", "fire", "azure")
    p.fill(glass, light, 0.5)
    p.fill(p.oval(0.5, 0.6, 0.18, 0.2), light, 0.7, seam=None)
    p.fill(p.oval(0.5, 0.63, 0.09, 0.13), light, 0.98, seam=None)
    for x in (0.27, 0.73):
        p.fill(p.box(x - 0.045, 0.34, x + 0.045, 0.84), metal, p.tube((p.x - x) / 0.05))
    for y, half in ((0.34, 0.29), (0.84, 0.28), (0.92, 0.33)):
        bar = p.box(0.5 - half, y - 0.045, 0.5 + half, y + 0.045, 0.02)
        p.fill(bar, metal, p.tube((p.x - 0.5) / half), seam=0)


def _draw_candle(p: Pen, k: ThingStyle) -> None:
    holder = k.accent_ramp("gold", "bronze", "iron")
    handle = np.abs(p.oval(0.84, 0.82, 0.11, 0.1)) - 0.035
    p.fill(handle, holder, p.bevel(handle, 0.035))
    dish = p.oval(0.47, 0.88, 0.36, 0.095)
    p.fill(dish, holder, p.ball(0.45, 0.86, 0.4, 0.14))
    wax = k.main_ramp("bone", "cloth", "crimson")
    stick = p.box(0.35, 0.4, 0.59, 0.88, 0.03)
    p.fill(stick, wax, p.tube((p.x - 0.47) / 0.13), seam=LINE)
    p.fill(p.line(0.38, 0.45, 0.38, 0.6, 0.07), wax, 0.84, seam=None)
    draw_flame(p.moved(-0.03, 0), k, 0.5, 0.39, 0.36)


def _draw_rope(p: Pen, k: ThingStyle) -> None:
    hemp = k.main_ramp("thatch", "tan", "wood")
    for y in (0.78, 0.62, 0.46):
        ring = np.abs(p.oval(0.5, y, 0.36, 0.16)) - 0.09
        coil = p.fill(ring, hemp, p.bevel(ring, 0.09), seam=0)
        step = max(0.09, 3 * p.px)
        twist = (p.x + p.y * 0.6) / step
        p.mark(np.abs(twist - np.round(twist)) * step - 0.5 * p.px, 1, inside=coil)
    end = p.path([(0.82, 0.44, 0.07), (0.88, 0.28, 0.06), (0.74, 0.12, 0.06)])
    p.fill(end, hemp, p.bevel(end, 0.07), seam=0)


def _draw_bomb(p: Pen, k: ThingStyle) -> None:
    iron = k.main_ramp("coal", "slate", "coal")
    fuse = p.path([(0.6, 0.26, 0.03), (0.68, 0.12, 0.03), (0.82, 0.12, 0.03)])
    p.fill(fuse, named_ramp("tan"), p.bevel(fuse, 0.03))
    neck = p.turned(24, 0.45, 0.6).box(0.34, 0.2, 0.56, 0.38, 0.02)
    p.fill(neck, iron, p.bevel(neck, 0.05))
    p.fill(p.disc(0.44, 0.6, 0.37), iron, p.ball(0.44, 0.6, 0.39), seam=LINE)
    p.mark(p.turned(40, 0.3, 0.44).oval(0.3, 0.44, 0.06, 0.1), 4)
    spark = named_ramp("fire")
    for turn in (0, 45, 90, 135):
        p.fill(p.turned(turn, 0.86, 0.13).line(0.86, 0.01, 0.86, 0.25, 0.0), spark, 0.7, seam=None)
    p.fill(p.disc(0.86, 0.13, 0.06), spark, 0.98, seam=None)


def _draw_lone_flame(p: Pen, k: ThingStyle) -> None:
    draw_flame(p, k, 0.5, 0.98, 0.94, ramp=k.main)
    for x, y in ((0.2, 0.34), (0.8, 0.26)):
        p.fill(p.oval(x, y, 0.045, 0.06), k.main or named_ramp("fire"), 0.7)


def _draw_drop(p: Pen, k: ThingStyle) -> None:
    water = k.main_ramp("water", "azure*", "water")
    profile = [
        (0.03, 0.01),
        (0.2, 0.08),
        (0.4, 0.21),
        (0.58, 0.31),
        (0.72, 0.34),
        (0.85, 0.28),
        (0.94, 0.15),
        (0.97, 0.03),
    ]
    p.fill(p.lathe(0.5, profile), water, p.ball(0.47, 0.62, 0.38, 0.42))
    p.mark(p.oval(0.37, 0.62, 0.05, 0.1), 4)


def _draw_bolt(p: Pen, k: ThingStyle) -> None:
    body = p.poly([(0.58, 0.02), (0.2, 0.56), (0.46, 0.56), (0.34, 0.98), (0.82, 0.38), (0.54, 0.38), (0.76, 0.02)])
    p.fill(body, k.main_ramp("yellow*", "azure*"), p.bevel(body, 0.1))


def _draw_hourglass(p: Pen, k: ThingStyle) -> None:
    frame = k.accent_ramp("wood", "gold", "darkwood")
    profile = [(0.12, 0.27), (0.3, 0.27), (0.48, 0.06), (0.52, 0.06), (0.7, 0.27), (0.88, 0.27)]
    bulb = p.lathe(0.5, profile)
    glass = p.fill(bulb, named_ramp("glass"), p.turned_body(0.5, profile))
    sand = k.main_ramp("amber", "thatch")
    p.fill(np.maximum(bulb + 0.05, 0.28 - p.y), sand, 0.7, inside=glass & p.inside(p.y - 0.5), seam=None)
    p.fill(p.poly([(0.5, 0.66), (0.72, 0.86), (0.28, 0.86)]), sand, 0.5, inside=glass, seam=None)
    p.mark(p.line(0.5, 0.44, 0.5, 0.8, 0.0), 3, ramp=sand)
    for x in (0.2, 0.8):
        p.fill(p.box(x - 0.04, 0.1, x + 0.04, 0.9), frame, p.tube((p.x - x) / 0.045))
    for y in (0.08, 0.92):
        bar = p.box(0.12, y - 0.06, 0.88, y + 0.06, 0.02)
        p.fill(bar, frame, p.bevel(bar, 0.05), seam=LINE)


def _draw_coal_lump(p: Pen, k: ThingStyle) -> None:

    draw_boulder(p, k, k.main_ramp("coal"), 0.36, 0.62, 0.3, 0.26)
    draw_boulder(p, k, k.main_ramp("coal"), 0.66, 0.68, 0.28, 0.24)
    draw_boulder(p, k, k.main_ramp("coal"), 0.54, 0.42, 0.26, 0.24)


DRAWINGS = {
    "scroll": _draw_scroll,
    "book": _draw_book,
    "map": _draw_map,
    "torch": _draw_torch,
    "lantern": _draw_lantern,
    "candle": _draw_candle,
    "rope": _draw_rope,
    "bomb": _draw_bomb,
    "flame": _draw_lone_flame,
    "drop": _draw_drop,
    "bolt": _draw_bolt,
    "hourglass": _draw_hourglass,
    "coal": _draw_coal_lump,
}
