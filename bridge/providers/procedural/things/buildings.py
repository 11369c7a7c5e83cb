"""Houses, towers, tents, doors: what people live in."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.things.canvas import LINE, Field, Mask, Pen
from bridge.providers.procedural.things.ramps import Ramp
from bridge.providers.procedural.things.style import ThingStyle, named_ramp


def draw_courses(p: Pen, wall: Mask, rows: float, long: float, *, shade: int = 1) -> None:
    """Masonry joints inside a wall: rows per box height, `long` the length of a stone against its height."""
    height = max(1 / rows, 4 * p.px)
    row = np.floor(p.y / height)
    joint_y = p.y - row * height < p.px * 0.99
    shift = (row % 2) * 0.5
    column = p.x / (height * long) + shift
    joint_x = (column - np.floor(column)) * height * long < p.px * 0.99
    p.canvas.shade[wall & (joint_x | joint_y)] = shade


def draw_tiles(p: Pen, roof: Mask, rows: float, seed: int) -> None:
    """Rows of roof tiles: a dark lower edge with staggered gaps, some tiles lighter."""
    height = max(1 / rows, 3 * p.px)
    row = np.floor(p.y / height)
    edge = p.y - row * height < p.px * 0.99
    width = height * 1.1
    column = p.x / width + (row % 2) * 0.5
    gap = ((column - np.floor(column)) * width < p.px * 0.99) & ~edge
    odd = (np.floor(column).astype(np.int64) * 7 + row.astype(np.int64) * 13 + seed) % 5 == 0
    p.relit(roof & odd & ~edge, 1)
    p.relit(roof & (edge | gap), -1)


def draw_window(p: Pen, x: float, y: float, w: float, h: float, *, lit: bool, frame: Ramp) -> None:
    """A window with a cross; lit ones glow."""
    outer = p.box(x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    p.fill(outer, frame, 0.3)
    pane = p.box(x - w / 2 + 0.022, y - h / 2 + 0.022, x + w / 2 - 0.022, y + h / 2 - 0.022)
    ramp = named_ramp("fire") if lit else named_ramp("glass")
    shine: Field = np.where(p.x + p.y < x + y, 0.86, 0.62)
    p.fill(pane, ramp, shine, seam=None)
    p.fill(p.box(x - p.px * 0.5, y - h / 2, x + p.px * 0.5, y + h / 2), frame, 0.3, seam=None)
    p.fill(p.box(x - w / 2, y - p.px * 0.5, x + w / 2, y + p.px * 0.5), frame, 0.3, seam=None)


def _draw_panelled_door(p: Pen, k: ThingStyle, x0: float, y0: float, x1: float, y1: float, wood: Ramp) -> None:
    arch = np.minimum(p.box(x0, y0 + (x1 - x0) / 2, x1, y1), p.disc((x0 + x1) / 2, y0 + (x1 - x0) / 2, (x1 - x0) / 2))
    door = p.fill(arch, wood, p.tube((p.x - (x0 + x1) / 2) / (x1 - x0), 0.05), seam=LINE)
    if k.has_details:
        for part in (1, 2):
            x = x0 + (x1 - x0) * part / 3
            p.mark(p.line(x, y0, x, y1, 0.0), 0, inside=door)
    p.dot(x1 - (x1 - x0) * 0.2, (y0 + y1) / 2 + 0.03, named_ramp("gold"), 3)


def _draw_house(p: Pen, k: ThingStyle) -> None:
    walls = k.accent_ramp("plaster", "stone", "brick", "wood")
    roof = k.main_ramp("roof", "slate", "thatch", "roof")
    beams = named_ramp("darkwood")
    chimney = p.box(0.66, 0.04, 0.79, 0.4)
    stack = p.fill(chimney, named_ramp("stone"), p.tube((p.x - 0.725) / 0.08))
    if k.has_textures:
        draw_courses(p, stack, 18, 1.8)
    p.fill(p.box(0.64, 0.02, 0.81, 0.08), named_ramp("stone"), 0.7)
    body = p.box(0.12, 0.42, 0.88, 0.97)
    wall = p.fill(body, walls, 0.56 - (p.x - 0.3) * 0.16)
    if walls in (named_ramp("stone"), named_ramp("brick")) and k.has_textures:
        draw_courses(p, wall, 15, 2.0)
    elif walls == named_ramp("wood"):
        draw_courses(p, wall, 11, 30.0)
    else:
        for x in (0.14, 0.86, 0.36, 0.64):
            p.fill(p.box(x - 0.024, 0.42, x + 0.024, 0.97), beams, 0.5, inside=wall)
        p.fill(p.box(0.1, 0.66, 0.9, 0.7), beams, 0.55, inside=wall)
        if k.has_details:
            for pen in (p, p.mirrored()):
                pen.fill(pen.line(0.14, 0.96, 0.36, 0.7, 0.035), beams, 0.45, inside=wall)
    p.fill(p.box(0.12, 0.92, 0.88, 0.97), named_ramp("stone"), 0.4, inside=wall)
    _draw_panelled_door(
        p, k, 0.4, 0.64, 0.6, 0.97, k.accent_ramp("wood", "bark") if k.accent is None else named_ramp("wood")
    )
    lit = not {"abandoned", "ruined", "old", "empty"} & k.words
    for x in (0.25, 0.75):
        draw_window(p, x, 0.79, 0.15, 0.15, lit=lit, frame=beams)
        if k.has_details:
            p.fill(p.box(x - 0.1, 0.865, x + 0.1, 0.9), beams, 0.6)
    slope = p.poly([(0.2, 0.2), (0.8, 0.2), (1.0, 0.54), (0.0, 0.54)])
    top = p.fill(slope, roof, 0.62 - (p.x - 0.4) * 0.3 - (p.y - 0.35) * 0.3, seam=LINE)
    if k.has_details:
        draw_tiles(p, top, 16, k.dice.number(97))
    ridge = p.box(0.18, 0.17, 0.82, 0.24, 0.02)
    p.fill(ridge, roof, 0.84, seam=0)
    p.fill(p.box(0.0, 0.51, 1.0, 0.56, 0.02), beams, 0.5, seam=0)
    if k.has_textures:
        gable = p.poly([(0.5, 0.24), (0.64, 0.42), (0.64, 0.5), (0.36, 0.5), (0.36, 0.42)])
        p.fill(gable, walls, 0.55, seam=LINE)
        draw_window(p, 0.5, 0.42, 0.13, 0.12, lit=lit, frame=beams)
        for pen in (p, p.mirrored()):
            eave = pen.line(0.32, 0.46, 0.5, 0.225, 0.05)
            pen.fill(eave, roof, 0.6 if pen is p else 0.4)


def _draw_tower(p: Pen, k: ThingStyle) -> None:
    stone = k.main_ramp("stone", "slate", "brick")
    body = p.lathe(0.5, [(0.3, 0.27), (0.85, 0.29), (0.985, 0.34)])
    wall = p.fill(body, stone, p.tube((p.x - 0.5) / 0.31))
    if k.has_details:
        _draw_round_courses(p, wall, 14)
    if k.choose_form("roofed", "battlement") == "roofed":
        p.fill(p.lathe(0.5, [(0.28, 0.32), (0.36, 0.32)]), stone, p.tube((p.x - 0.5) / 0.34, 0.1))
        cone = [(0.03, 0.01), (0.3, 0.38), (0.33, 0.36)]
        roof = p.fill(p.lathe(0.5, cone), k.accent_ramp("roof", "blue", "purple"), p.turned_body(0.5, cone))
        if k.has_textures:
            draw_tiles(p, roof, 15, 3)
    else:
        p.fill(p.lathe(0.5, [(0.2, 0.36), (0.32, 0.36), (0.37, 0.28)]), stone, p.tube((p.x - 0.5) / 0.36, 0.06))
        for x, half in ((0.2, 0.06), (0.4, 0.06), (0.6, 0.06), (0.8, 0.06)):
            merlon = p.box(x - half, 0.09, x + half, 0.22)
            p.fill(merlon, stone, 0.75 - x * 0.5)
        if k.has_details:
            p.fill(p.line(0.5, 0.0, 0.5, 0.16, 0.02), named_ramp("darkwood"), 0.5)
            p.fill(p.poly([(0.51, 0.0), (0.74, 0.05), (0.51, 0.1)]), k.accent_ramp("red", "blue"), 0.6)
    for x, y in ((0.5, 0.5), (0.36, 0.66), (0.62, 0.68)) if k.has_details else ((0.5, 0.55),):
        p.fill(p.box(x - 0.045, y - 0.03, x + 0.045, y + 0.06), named_ramp("coal"), 0.1)
        p.fill(
            np.minimum(p.disc(x, y - 0.03, 0.045), p.box(x - 0.02, y - 0.03, x + 0.02, y + 0.05)),
            named_ramp("fire"),
            0.7,
            seam=None,
        )
    _draw_panelled_door(p, k, 0.41, 0.78, 0.59, 0.985, named_ramp("wood"))


def _draw_round_courses(p: Pen, wall: Mask, rows: int) -> None:
    height = max(1 / rows, 4 * p.px)
    bulge = 0.035 * (1 - ((p.x - 0.5) / 0.32) ** 2)
    position = (p.y - bulge) / height
    row = np.floor(position)
    joint = (position - row) * height < p.px * 0.99
    column = p.x / (height * 1.8) + (row % 2) * 0.5
    upright = (column - np.floor(column)) * height * 1.8 < p.px * 0.99
    p.relit(wall & (joint | upright), -1)


def _draw_tent(p: Pen, k: ThingStyle) -> None:
    cloth = k.main_ramp("tan", "red", "green", "cloth", "blue")
    for pen in (p, p.mirrored()):
        pole = pen.line(0.43, 0.03, 0.55, 0.24, 0.035)
        pen.fill(pole, named_ramp("wood"), 0.6)
    p.fill(p.poly([(0.5, 0.12), (0.97, 0.93), (0.03, 0.93)]), named_ramp("coal"), 0.1)
    left = p.poly([(0.5, 0.12), (0.02, 0.93), (0.32, 0.95), (0.47, 0.5)])
    right = p.poly([(0.5, 0.12), (0.98, 0.93), (0.68, 0.95), (0.53, 0.5)])
    lit = p.fill(left, cloth, 0.74 - (p.y - 0.5) * 0.2, seam=LINE)
    dim = p.fill(right, cloth, 0.36 - (p.y - 0.5) * 0.1, seam=LINE)
    stripes = k.accent_ramp("cloth", "cloth", "gold")
    if stripes != cloth and k.choose_form("striped", "plain") == "striped":
        lean = np.abs(p.x - 0.5) / (p.y + 0.02)
        band = np.round(lean * 64).astype(np.int64) // 7 % 2 == 1
        p.reramped((lit | dim) & band, stripes)
    if k.has_details:
        for pen in (p, p.mirrored()):
            pen.mark(pen.path([(0.5, 0.14, 0.0), (0.47, 0.5, 0.0), (0.32, 0.94, 0.0)]), 4 if pen is p else 2)
            pen.fill(pen.box(0.015, 0.9, 0.06, 0.98), named_ramp("wood"), 0.5)


def _draw_door(p: Pen, k: ThingStyle) -> None:
    frame, wood = k.accent_ramp("stone", "stone", "darkwood"), k.main_ramp("wood", "bark", "maroon")
    outer = np.minimum(p.box(0.12, 0.4, 0.88, 0.98), p.disc(0.5, 0.4, 0.38))
    wall = p.fill(outer, frame, p.bevel(outer, 0.05))
    if k.has_details:
        for turn in range(-75, 90, 30):
            pen = p.turned(turn, 0.5, 0.4)
            pen.mark(pen.line(0.5, 0.0, 0.5, 0.12, 0.0), 0, inside=wall)
        for y in (0.52, 0.66, 0.8):
            p.mark(p.line(0.1, y, 0.9, y, 0.0), 0, inside=wall)
    inner = np.minimum(p.box(0.22, 0.4, 0.78, 0.98), p.disc(0.5, 0.4, 0.28))
    leaf = p.fill(inner, wood, p.tube((p.x - 0.5) / 0.45), seam=LINE)
    for x in (0.36, 0.5, 0.64):
        p.mark(p.line(x, 0.0, x, 1.0, 0.0), 0, inside=leaf)
    for y in (0.38, 0.78):
        p.fill(p.box(0.22, y - 0.04, 0.7, y + 0.04, 0.02), named_ramp("iron"), 0.5, inside=leaf)
    knob = np.abs(p.disc(0.69, 0.6, 0.055)) - 0.02
    p.fill(knob, named_ramp("gold"), p.bevel(knob, 0.02), seam=1)


def _draw_ladder(p: Pen, k: ThingStyle) -> None:
    wood = k.main_ramp("wood", "bark")
    for index in range(6):
        y = 0.12 + index * 0.152
        rung = p.box(0.24, y - 0.03, 0.76, y + 0.03)
        p.fill(rung, wood, p.bevel(rung, 0.03) + 0.1)
    for x in (0.24, 0.76):
        p.fill(p.box(x - 0.055, 0.02, x + 0.055, 0.98, 0.02), wood, p.tube((p.x - x) / 0.06), seam=LINE)


DRAWINGS = {"house": _draw_house, "tower": _draw_tower, "tent": _draw_tent, "door": _draw_door, "ladder": _draw_ladder}
