"""What a hero wears: armour, clothes and jewellery."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.things.canvas import LINE, Pen
from bridge.providers.procedural.things.ramps import Ramp
from bridge.providers.procedural.things.style import ThingStyle, named_ramp


def mirror_points(half: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A polygon symmetric about x = 0.5 from its right half, top to bottom."""
    return [*half, *((1 - x, y) for x, y in reversed(half))]


def gem_on(p: Pen, ramp: Ramp, cx: float, cy: float, radius: float) -> None:
    """A small round stone with a glint."""
    p.fill(p.disc(cx, cy, radius), ramp, p.ball(cx, cy, radius), seam=LINE)
    p.dot(cx - radius * 0.35, cy - radius * 0.45, ramp, 4)


def _draw_helmet(p: Pen, k: ThingStyle) -> None:
    metal = k.main_ramp("steel", "iron", "bronze", "gold")
    trim = k.accent_ramp("gold", "red", "blue")
    form = k.choose_form("plumed", "horned", "great")
    if form == "plumed":
        plume = p.path([(0.5, 0.1, 0.07), (0.72, 0.06, 0.09), (0.9, 0.2, 0.08), (0.93, 0.45, 0.04)])
        feathers = k.accent_ramp("red", "blue", "purple")
        p.fill(plume, feathers, p.bevel(plume, 0.08))
    if form == "horned":
        for pen in (p, p.mirrored()):
            horn = pen.path([(0.24, 0.36, 0.085), (0.1, 0.28, 0.06), (0.07, 0.08, 0.012)])
            pen.fill(horn, named_ramp("bone"), pen.bevel(horn, 0.07))
    dome = [(0.5, 0.08), (0.66, 0.11), (0.79, 0.22), (0.85, 0.42), (0.85, 0.92), (0.62, 0.95), (0.58, 0.7)]
    body = p.poly(mirror_points(dome))
    p.fill(body, metal, p.ball(0.5, 0.48, 0.42, 0.5), seam=LINE)
    slot = np.minimum(p.box(0.26, 0.47, 0.74, 0.57), p.box(0.46, 0.47, 0.54, 0.95))
    p.fill(slot, named_ramp("coal"), 0.05, seam=None)
    brow = p.box(0.13, 0.37, 0.87, 0.46, 0.03)
    p.fill(brow, trim, p.ball(0.4, 0.3, 0.7, 0.5), seam=0)
    crest = p.box(0.46, 0.05, 0.54, 0.62)
    p.fill(crest, trim, p.tube((p.x - 0.5) / 0.05), seam=0)


def _draw_armor(p: Pen, k: ThingStyle) -> None:
    plate = k.main_ramp("steel", "iron", "gold", "leather")
    trim = k.accent_ramp("gold", "bronze", "red")
    for pen in (p, p.mirrored()):
        arm = pen.path([(0.2, 0.3, 0.13), (0.13, 0.52, 0.1)])
        pen.fill(arm, named_ramp("slate"), pen.bevel(arm, 0.09))
    half = [(0.6, 0.12), (0.8, 0.16), (0.8, 0.55), (0.74, 0.7), (0.84, 0.94), (0.5, 0.97)]
    body = p.poly(mirror_points(half))
    painted = p.fill(body, plate, p.ball(0.46, 0.42, 0.46, 0.68), seam=LINE)
    p.mark(p.line(0.5, 0.3, 0.5, 0.66, 0.012), 1, inside=painted)
    neck = p.oval(0.5, 0.1, 0.15, 0.12)
    p.mark(neck, 0, inside=painted, ramp=named_ramp("coal"))
    p.fill(np.abs(p.oval(0.5, 0.1, 0.17, 0.14)) - 0.022, trim, 0.6, inside=painted, seam=None)
    p.fill(p.box(0.2, 0.67, 0.8, 0.76), trim, p.tube((p.x - 0.5) / 0.32), inside=painted)
    if k.has_details:
        for y in (0.42, 0.54):
            p.mark(p.line(0.33, y, 0.67, y + 0.02, 0.01), 1, inside=painted)
        gem_on(p, k.accent_ramp("red*", "azure*"), 0.5, 0.715, 0.06)
    for pen in (p, p.mirrored()):
        pad = pen.oval(0.2, 0.22, 0.18, 0.15)
        pen.fill(pad, plate, pen.ball(0.2, 0.24, 0.19, 0.17), seam=LINE)
        pen.mark(np.abs(pen.oval(0.2, 0.2, 0.18, 0.15)) - 0.008, 1, inside=pen.inside(pad))


def _draw_boots(p: Pen, k: ThingStyle) -> None:
    skin = k.main_ramp("leather", "iron", "darkwood", "navy")
    cuff = k.accent_ramp("tan", "gold", "cloth")
    for pen in (p.moved(0.2, -0.12), p.moved(-0.17, 0.06)):
        leg = [(0.34, 0.14), (0.62, 0.14), (0.62, 0.56), (0.84, 0.66), (0.88, 0.84), (0.32, 0.84)]
        boot = pen.poly([(x - 0.12, y) for x, y in leg])
        pen.fill(boot, skin, pen.bevel(boot, 0.11), seam=LINE)
        sole = pen.box(0.19, 0.82, 0.77, 0.9, 0.02)
        pen.fill(sole, named_ramp("coal"), 0.5, seam=0)
        top = pen.box(0.19, 0.1, 0.53, 0.24, 0.04)
        pen.fill(top, cuff, pen.tube((pen.x - 0.36) / 0.18), seam=0)
        if k.has_details:
            pen.fill(pen.box(0.22, 0.52, 0.54, 0.58), cuff, 0.4, seam=None)


def _draw_gloves(p: Pen, k: ThingStyle) -> None:
    skin = k.main_ramp("leather", "iron", "brown", "green")
    for x, length in ((0.33, 0.34), (0.45, 0.42), (0.57, 0.42), (0.69, 0.34)):
        finger = p.line(x, 0.55, x, 0.55 - length, 0.115)
        p.fill(finger, skin, p.bevel(finger, 0.06))
    thumb = p.path([(0.72, 0.66, 0.06), (0.88, 0.46, 0.055)])
    p.fill(thumb, skin, p.bevel(thumb, 0.06))
    palm = p.box(0.27, 0.4, 0.75, 0.8, 0.1)
    p.fill(palm, skin, p.bevel(palm, 0.16), seam=None)
    cuff = p.poly([(0.28, 0.74), (0.74, 0.74), (0.84, 0.98), (0.18, 0.98)])
    p.fill(cuff, k.accent_ramp("tan", "gold", "red"), p.tube((p.x - 0.51) / 0.34), seam=LINE)


def _draw_hat(p: Pen, k: ThingStyle) -> None:
    cloth = k.main_ramp("purple", "blue", "navy", "green", "maroon")
    cone = p.poly(
        [(0.2, 0.8), (0.34, 0.36), (0.44, 0.16), (0.66, 0.03), (0.76, 0.13), (0.62, 0.2), (0.68, 0.4), (0.8, 0.8)]
    )
    p.fill(cone, cloth, p.turned_body(0.51, [(0.05, 0.12), (0.3, 0.2), (0.8, 0.31)]))
    band = p.poly([(0.24, 0.66), (0.76, 0.66), (0.8, 0.8), (0.2, 0.8)])
    p.fill(band, k.accent_ramp("gold", "red", "amber"), p.tube((p.x - 0.5) / 0.3))
    brim = np.maximum(p.oval(0.5, 0.83, 0.49, 0.14), -p.oval(0.5, 0.74, 0.3, 0.09))
    p.fill(brim, cloth, p.ball(0.4, 0.86, 0.7, 0.3), seam=LINE)
    if k.has_details:
        buckle = np.abs(p.box(0.43, 0.68, 0.57, 0.81)) - 0.022
        p.fill(buckle, named_ramp("silver"), 0.7)


def _draw_ring(p: Pen, k: ThingStyle) -> None:
    metal = k.accent_ramp("gold", "silver", "copper")
    hoop = np.abs(p.oval(0.5, 0.63, 0.29, 0.29)) - 0.062
    p.fill(hoop, metal, p.bevel(hoop, 0.062))
    stone = k.main_ramp("red*", "azure*", "green*", "purple*", "amber*")
    claw = p.poly([(0.34, 0.36), (0.66, 0.36), (0.58, 0.46), (0.42, 0.46)])
    p.fill(claw, metal, 0.5, seam=LINE)
    if k.choose_form("round", "square", "round") == "round":
        gem_on(p, stone, 0.5, 0.23, 0.185)
    else:
        face = p.poly([(0.5, 0.02), (0.7, 0.2), (0.5, 0.4), (0.3, 0.2)])
        p.fill(face, stone, p.bevel(face, 0.12), seam=LINE)


def _draw_amulet(p: Pen, k: ThingStyle) -> None:
    metal = k.accent_ramp("gold", "silver", "bronze")
    chain = np.abs(p.oval(0.5, 0.33, 0.36, 0.31)) - 0.03
    p.fill(chain, metal, p.bevel(chain, 0.03))
    if k.has_details:
        for row in range(12):
            pen = p.turned(row * 30 + 15, 0.5, 0.33)
            pen.mark(pen.box(0.49, -0.06, 0.51, 0.1), 0)
    disc = p.disc(0.5, 0.73, 0.235)
    p.fill(disc, metal, p.bevel(disc, 0.09), seam=LINE)
    gem_on(p, k.main_ramp("red*", "azure*", "green*", "purple*"), 0.5, 0.73, 0.14)


def _draw_crown(p: Pen, k: ThingStyle) -> None:
    metal = k.main_ramp("gold", "gold", "gold")
    stone = k.accent_ramp("red*", "azure*", "green*", "purple*")
    back = p.poly([(0.1, 0.5), (0.18, 0.3), (0.34, 0.44), (0.5, 0.24), (0.66, 0.44), (0.82, 0.3), (0.9, 0.5)])
    p.fill(back, metal, 0.12)
    half = [(0.5, 0.14), (0.62, 0.5), (0.8, 0.3), (0.82, 0.52), (0.96, 0.24), (0.88, 0.84), (0.5, 0.9)]
    body = p.poly([*half, *((1 - x, y) for x, y in reversed(half[1:-1]))])
    p.fill(body, metal, p.tube((p.x - 0.5) / 0.46, 0.06))
    p.fill(
        p.poly([(0.11, 0.72), (0.5, 0.78), (0.89, 0.72), (0.88, 0.86), (0.5, 0.92), (0.12, 0.86)]), metal, 0.72, seam=0
    )
    for x, y in ((0.5, 0.12), (0.055, 0.23), (0.945, 0.23)):
        p.fill(p.disc(x, y, 0.055), metal, p.ball(x, y, 0.055), seam=None)
    for x, y, radius in ((0.5, 0.62, 0.085), (0.26, 0.61, 0.06), (0.74, 0.61, 0.06)):
        gem_on(p, stone, x, y, radius)


def _draw_belt(p: Pen, k: ThingStyle) -> None:
    strap = np.abs(p.oval(0.5, 0.46, 0.4, 0.27)) - 0.085
    p.fill(strap, k.main_ramp("leather", "darkwood", "red"), p.ball(0.5, 0.5, 0.5, 0.36))
    buckle = p.box(0.36, 0.56, 0.64, 0.9, 0.04)
    metal = k.accent_ramp("gold", "silver", "bronze")
    p.fill(buckle, metal, p.bevel(buckle, 0.06), seam=LINE)
    p.fill(p.box(0.44, 0.65, 0.56, 0.81), named_ramp("darkwood"), 0.2)
    p.fill(p.line(0.5, 0.73, 0.62, 0.73, 0.05), metal, 0.7, seam=None)


DRAWINGS = {
    "helmet": _draw_helmet,
    "armor": _draw_armor,
    "boots": _draw_boots,
    "gloves": _draw_gloves,
    "hat": _draw_hat,
    "ring": _draw_ring,
    "amulet": _draw_amulet,
    "crown": _draw_crown,
    "belt": _draw_belt,
}
