"""What grows and lies about: trees, bushes, stumps, flowers, leaves, rocks, logs."""

from __future__ import annotations

import numpy as np

from bridge.providers.procedural.things.canvas import LINE, Mask, Pen
from bridge.providers.procedural.things.food import draw_blade_leaf
from bridge.providers.procedural.things.ramps import Ramp
from bridge.providers.procedural.things.style import ThingStyle, named_ramp
from bridge.providers.procedural.things.treasure import draw_boulder


def draw_foliage(
    p: Pen,
    k: ThingStyle,
    ramp: Ramp,
    clumps: list[tuple[float, float, float]],
    crown: tuple[float, float, float, float],
) -> None:
    """Leaves in clumps (x, y, radius), back to front, lit as one crown (cx, cy, rx, ry)."""
    seed = k.dice.number(1 << 16)
    ragged = (p.noise(13, seed) - 0.5) * 0.09
    speckle = (p.noise(15, seed + 1) - 0.5) * (0.3 if k.has_details else 0.12)
    whole: Mask = np.zeros(p.x.shape, np.bool_)
    for x, y, radius in clumps:
        light = 0.45 * p.ball(x, y, radius) + 0.55 * p.ball(*crown) + speckle
        whole |= p.fill(p.disc(x, y, radius) + ragged, ramp, light, seam=1 if k.has_details else None)
    if k.has_textures:
        sprigs = np.round(p.noise(26, seed + 2) * 1024) > 800
        upper = np.round((p.y - crown[1] + 0.5 * (p.x - crown[0])) * 1024) < 60
        p.relit(whole & sprigs & upper, 1)


def _draw_trunk(p: Pen, k: ThingStyle, top: float, half: float, ramp: Ramp | None = None) -> None:
    bark = ramp or named_ramp("bark")
    profile = [(top, half * 0.8), (0.8, half), (0.92, half * 1.35), (0.985, half * 1.9)]
    body = p.fill(p.lathe(0.5, profile), bark, p.turned_body(0.5, profile))
    if k.has_details:
        for x, y in ((-0.35, 0.72), (0.2, 0.8), (-0.1, 0.88)):
            groove = 0.5 + x * half
            p.mark(p.line(groove, y, groove, y + 0.06, 0.0), 0, inside=body)


def _draw_tree(p: Pen, k: ThingStyle) -> None:
    if {"dead", "bare", "withered", "dry", "spooky"} & k.words:
        return _draw_dead_tree(p, k)
    if {"pine", "fir", "spruce", "conifer", "christmas", "evergreen"} & k.words:
        return _draw_pine(p, k)
    if {"palm", "coconut", "tropical"} & k.words:
        return _draw_palm(p, k)
    usual = "leaf"
    if {"autumn", "fall", "maple"} & k.words:
        usual = "autumn"
    elif {"cherry", "blossom", "sakura", "spring"} & k.words:
        usual = "blossom"
    birch = "birch" in k.words
    _draw_trunk(p, k, 0.5, k.vary(0.07 if birch else 0.085, 12), named_ramp("bone") if birch else None)
    for side in (-1, 1):
        limb = p.path([(0.5, 0.74, 0.03), (0.5 + side * 0.16, 0.58, 0.025)])
        p.fill(limb, named_ramp("bone" if birch else "bark"), p.bevel(limb, 0.03), seam=None)
    clumps = [(0.27, 0.48, 0.18), (0.73, 0.48, 0.18), (0.5, 0.5, 0.2), (0.22, 0.34, 0.17), (0.78, 0.34, 0.17)]
    clumps += [(0.5, 0.34, 0.24), (0.36, 0.2, 0.165), (0.64, 0.2, 0.165), (0.5, 0.15, 0.13)]
    jolted = [(x + k.dice.between(-0.025, 0.025), y + k.dice.between(-0.02, 0.02), r) for x, y, r in clumps]
    ramp = k.main_ramp(usual)
    draw_foliage(p, k, ramp, jolted, (0.48, 0.34, 0.5, 0.4))
    if {"apple", "fruit", "cherry", "orange", "lemon"} & k.words and usual != "blossom":
        fruit = named_ramp("orange" if "orange" in k.words else "yellow" if "lemon" in k.words else "red")
        for x, y in ((0.3, 0.3), (0.6, 0.24), (0.45, 0.45), (0.72, 0.42), (0.24, 0.5)):
            p.fill(p.disc(x, y, 0.04), fruit, p.ball(x, y, 0.04))
    return None


def _draw_dead_tree(p: Pen, k: ThingStyle) -> None:
    bark = k.main_ramp("bark", "darkwood")
    limbs = [
        [(0.5, 0.86, 0.085), (0.48, 0.55, 0.06), (0.55, 0.3, 0.035), (0.5, 0.05, 0.01)],
        [(0.48, 0.6, 0.05), (0.28, 0.42, 0.03), (0.22, 0.18, 0.01)],
        [(0.29, 0.43, 0.025), (0.1, 0.36, 0.008)],
        [(0.5, 0.5, 0.045), (0.7, 0.36, 0.028), (0.86, 0.12, 0.008)],
        [(0.71, 0.36, 0.022), (0.92, 0.38, 0.008)],
        [(0.54, 0.3, 0.03), (0.66, 0.1, 0.008)],
    ]
    body = p.path(limbs[0])
    for limb in limbs[1:]:
        body = np.minimum(body, p.path([(x + k.dice.between(-0.02, 0.02), y, r) for x, y, r in limb]))
    body = np.minimum(body, p.lathe(0.5, [(0.84, 0.085), (0.93, 0.12), (0.985, 0.2)]))
    tree = p.fill(body, bark, p.bevel(body, 0.06))
    if k.has_details:
        p.mark(p.oval(0.49, 0.72, 0.025, 0.05), 0, inside=tree)


def _draw_pine(p: Pen, k: ThingStyle) -> None:
    trunk = p.box(0.44, 0.8, 0.56, 0.985)
    p.fill(trunk, named_ramp("bark"), p.tube((p.x - 0.5) / 0.06))
    needles = k.main_ramp("pine")
    seed = k.dice.number(1 << 16)
    rough = (p.noise(16, seed) - 0.5) * 0.06
    speckle = (p.noise(15, seed + 1) - 0.5) * (0.26 if k.has_details else 0.1)
    tiers = [(0.88, 0.42), (0.7, 0.36), (0.52, 0.29), (0.35, 0.2)]
    for base, half in tiers:
        top = base - 0.36
        skirt = p.poly(
            [
                (0.5, top),
                (0.5 + half, base - 0.05),
                (0.5 + half * 0.66, base),
                (0.5 + half * 0.3, base - 0.03),
                (0.5, base + 0.02),
                (0.5 - half * 0.3, base - 0.03),
                (0.5 - half * 0.66, base),
                (0.5 - half, base - 0.05),
            ]
        )
        light = p.tube((p.x - 0.5) / half) + (base - 0.12 - p.y) * 0.9 + speckle
        p.fill(skirt + rough, needles, light, seam=0)


def _draw_palm(p: Pen, k: ThingStyle) -> None:
    trunk = p.path([(0.42, 0.97, 0.07), (0.46, 0.7, 0.052), (0.54, 0.32, 0.04)])
    wood = p.fill(trunk, named_ramp("wood"), p.bevel(trunk, 0.06))
    if k.has_details:
        for step in range(8):
            y = 0.42 + step * 0.07
            p.mark(p.line(0.3, y + 0.03, 0.7, y, 0.0), 1, inside=wood)
    green = k.main_ramp("leaf")
    crown = [((-0.48, 0.1), -0.13), ((0.44, 0.12), -0.13), ((-0.36, -0.16), -0.1), ((0.36, -0.16), -0.1)]
    crown += [((-0.3, 0.34), -0.1), ((0.28, 0.36), -0.12), ((0.02, -0.26), 0.0)]
    for index, ((dx, dy), rise) in enumerate(crown):
        x1, y1 = 0.54 + dx, 0.29 + dy
        middle = (0.54 + dx * 0.55, 0.29 + dy * 0.4 + rise)
        frond = p.path([(0.54, 0.29, 0.03), (*middle, 0.06), (x1, y1, 0.008)])
        p.fill(frond, green, p.bevel(frond, 0.06) + (0.1 if index > 3 else 0.0), seam=0)
        if k.has_textures:
            p.mark(p.path([(0.54, 0.29, 0.0), (*middle, 0.0), (x1, y1, 0.0)]), 1, inside=p.inside(frond))
    for x, y in ((0.49, 0.34), (0.58, 0.35)):
        p.fill(p.disc(x, y, 0.055), named_ramp("bark"), p.ball(x, y, 0.055))


def _draw_bush(p: Pen, k: ThingStyle) -> None:
    clumps = [(0.2, 0.68, 0.19), (0.8, 0.68, 0.19), (0.36, 0.5, 0.22), (0.66, 0.48, 0.22), (0.5, 0.66, 0.26)]
    clumps += [(0.3, 0.78, 0.18), (0.7, 0.78, 0.18)]
    draw_foliage(p, k, k.main_ramp("leaf"), clumps, (0.48, 0.58, 0.52, 0.42))
    kind = k.choose_form("berry", "plain", "flower")
    if kind != "plain" or {"berries", "flowers", "rose"} & k.words:
        fruit = k.accent_ramp("red", "pink", "yellow", "indigo")
        for x, y in ((0.3, 0.5), (0.58, 0.42), (0.46, 0.64), (0.74, 0.6), (0.2, 0.72), (0.62, 0.78), (0.4, 0.84)):
            at = x + k.dice.between(-0.04, 0.04), y + k.dice.between(-0.03, 0.03)
            p.fill(p.disc(*at, max(0.034, 0.6 * p.px)), fruit, p.ball(*at, 0.034))


def _draw_stump(p: Pen, k: ThingStyle) -> None:
    ry = 0.07 + k.tilt * 0.3
    bark, wood = k.accent_ramp("bark"), k.main_ramp("wood", "thatch")
    profile = [(0.42, 0.32), (0.72, 0.34), (0.88, 0.4), (0.95, 0.46)]
    body = np.minimum(p.lathe(0.5, profile), p.oval(0.5, 0.9, 0.44, 0.085))
    trunk = p.fill(body, bark, p.turned_body(0.5, profile))
    if k.has_details:
        for x, y in ((0.28, 0.6), (0.4, 0.72), (0.55, 0.62), (0.66, 0.76), (0.74, 0.6)):
            p.mark(p.line(x, y, x - 0.02, y + 0.14, 0.0), 0, inside=trunk)
    p.fill(p.oval(0.5, 0.4, 0.34, ry), bark, 0.7)
    p.fill(p.oval(0.5, 0.4, 0.28, ry * 0.8), wood, 0.66, seam=1)
    for scale in (0.6, 0.28) if k.has_details else (0.45,):
        p.mark(np.abs(p.oval(0.5, 0.4, 0.28 * scale, ry * 0.8 * scale)) - 0.4 * p.px, 1)


def _draw_cactus(p: Pen, k: ThingStyle) -> None:
    green = k.main_ramp("leaf", "teal", "moss")
    for pen, y in ((p, 0.62), (p.mirrored(), 0.5)):
        arm = pen.path([(0.5, y, 0.075), (0.2, y, 0.08), (0.18, y - 0.24, 0.075)])
        pen.fill(arm, green, pen.bevel(arm, 0.08))
    body = p.box(0.37, 0.05, 0.63, 0.975, 0.12)
    trunk = p.fill(body, green, p.tube((p.x - 0.5) / 0.14), seam=0)
    if k.has_details:
        for x in (0.45, 0.55):
            for step in range(7):
                p.mark(
                    p.box(x - 0.005, 0.14 + step * 0.12, x + 0.005, 0.19 + step * 0.12) - 0.4 * p.px, 4, inside=trunk
                )
    bloom = k.accent_ramp("pink", "red", "yellow")
    p.fill(p.disc(0.5, 0.06, 0.07), bloom, p.ball(0.5, 0.06, 0.07))


def _draw_flower(p: Pen, k: ThingStyle) -> None:
    stem = p.path([(0.5, 0.4, 0.035), (0.52, 0.97, 0.035)])
    p.fill(stem, named_ramp("leaf"), p.bevel(stem, 0.035))
    draw_blade_leaf(p, named_ramp("leaf"), 0.52, 0.92, 0.36, 56)
    draw_blade_leaf(p, named_ramp("leaf"), 0.52, 0.84, 0.34, -56)
    petals = k.main_ramp("red", "pink", "yellow", "azure", "purple", "white")
    if k.choose_form("daisy", "tulip", "rose") == "tulip":
        for dx in (-0.14, 0.14, 0.0):
            petal = p.poly(
                [(0.5 + dx, 0.04), (0.62 + dx, 0.2), (0.6 + dx * 0.4, 0.46), (0.4 + dx * 0.4, 0.46), (0.38 + dx, 0.2)]
            )
            p.fill(petal, petals, p.bevel(petal, 0.1))
        return
    if "rose" in k.words:
        for radius in (0.28, 0.2, 0.11):
            p.fill(p.disc(0.5, 0.3, radius), petals, p.ball(0.5, 0.28, radius), seam=0)
        return
    for turn in range(0, 360, 60):
        w = p.turned(turn, 0.5, 0.3)
        petal = w.oval(0.5, 0.13, 0.105, 0.15)
        w.fill(petal, petals, w.bevel(petal, 0.09))
    centre = named_ramp("amber") if petals != named_ramp("amber") else named_ramp("brown")
    p.fill(p.disc(0.5, 0.3, 0.11), centre, p.ball(0.5, 0.3, 0.11), seam=LINE)


def _draw_leaf(p: Pen, k: ThingStyle) -> None:
    w = p.turned(45)
    half = [(0.5, -0.06), (0.68, 0.12), (0.8, 0.38), (0.76, 0.62), (0.62, 0.8), (0.5, 0.88)]
    body = w.poly([*half, *((1 - x, y) for x, y in reversed(half[1:-1]))])
    stem = w.path([(0.5, 0.84, 0.03), (0.5, 1.1, 0.03)])
    ramp = k.main_ramp("leaf", "autumn", "leaf")
    w.fill(stem, ramp, 0.2)
    leaf = w.fill(body, ramp, np.where(w.x < 0.5, 0.72, 0.42) + 0.15 * (w.bevel(body, 0.1) - 0.5))
    w.mark(w.line(0.5, 0.02, 0.5, 0.9, 0.0), 0, inside=leaf)
    for y in (0.3, 0.48, 0.66) if k.has_details else ():
        for side in (-1, 1):
            w.mark(w.line(0.5, y, 0.5 + side * 0.18, y - 0.13, 0.0), 1, inside=leaf)


def _draw_feather(p: Pen, k: ThingStyle) -> None:
    w = p.turned(40)
    half = [(0.5, -0.14), (0.62, 0.02), (0.67, 0.3), (0.64, 0.6), (0.53, 0.8)]
    body = w.poly([*half, *((1 - x, y) for x, y in reversed(half))])
    quill = w.path([(0.5, -0.02, 0.012), (0.5, 1.14, 0.025)])
    vane = w.fill(body, k.main_ramp("white", "azure", "red", "brown", "green"), np.where(w.x < 0.5, 0.76, 0.4))
    for x, y, side in ((0.6, 0.42, 1), (0.38, 0.56, -1), (0.64, 0.2, 1)):
        notch = w.poly([(x - side * 0.04, y), (x + side * 0.12, y - 0.1), (x + side * 0.12, y - 0.02)])
        w.erase(notch)
    w.fill(quill, named_ramp("bone"), 0.7, seam=1 if vane.any() else None)


def _draw_rock(p: Pen, k: ThingStyle) -> None:
    ramp = k.main_ramp("stone", "slate", "stone")
    if k.choose_form("single", "pair") == "pair":
        draw_boulder(p, k, ramp, 0.74, 0.74, 0.24, 0.25)
        draw_boulder(p, k, ramp, 0.4, 0.6, k.vary(0.37), 0.43)
    else:
        draw_boulder(p, k, ramp, 0.5, 0.58, k.vary(0.45), 0.46)


def _draw_logs(p: Pen, k: ThingStyle) -> None:
    bark, wood = k.main_ramp("bark", "wood"), k.accent_ramp("thatch", "wood")
    for x, y in ((0.28, 0.76), (0.66, 0.76), (0.47, 0.44)):
        body = p.turned(-8, x, y).box(x - 0.1, y - 0.18, x + 0.3, y + 0.18, 0.08)
        p.fill(body, bark, p.facing(np.zeros(p.x.shape), np.clip((p.y - y + (p.x - x) * 0.1) / 0.19, -1, 1)))
        p.fill(p.oval(x - 0.06, y, 0.165, 0.18), bark, 0.6)
        p.fill(p.oval(x - 0.06, y, 0.125, 0.14), wood, 0.7, seam=None)
        p.mark(np.abs(p.oval(x - 0.06, y, 0.07, 0.08)) - 0.4 * p.px, 1)


DRAWINGS = {
    "tree": _draw_tree,
    "bush": _draw_bush,
    "stump": _draw_stump,
    "cactus": _draw_cactus,
    "flower": _draw_flower,
    "leaf": _draw_leaf,
    "feather": _draw_feather,
    "rock": _draw_rock,
    "logs": _draw_logs,
}
