"""Four-legged animals (and spiders): one skeleton, a table of bodies."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from . import spider
from .creature_table import QUADRUPEDS, Quadruped
from .gait import MOTIONS, Stride
from .palette import LINE, SHINE
from .scene import FigureScene
from .space import Array, Basis, bend_limb, make_point, mix, sample_curve, sine_wave, upright_basis
from .style import FigureStyle, Staging


def _draw_legs(scene: FigureScene, beast: Quadruped, body: Basis, stride: Stride) -> None:
    frames = scene.frames
    spots = ((-1.0, 1.0), (1.0, 1.0), (-1.0, -1.0), (1.0, -1.0))
    for (side, front), step, lift in zip(spots, stride.step, stride.lift, strict=True):
        thick = beast.paw * 1.25
        wide = side * (beast.chest if front > 0 else beast.rump) * 0.62
        y = front * beast.length * 0.46
        top = body.point_at(wide, y, -0.02)
        rise = beast.paw * 0.8 + np.asarray(lift) + stride.hop + scene.ground_height(wide, np.asarray(step))
        foot = make_point(frames, wide, y + np.asarray(step) + np.asarray(stride.shift) * 0.4, rise)
        half = (beast.leg + beast.chest * 0.5) / 2
        joint = bend_limb(top, foot, half, half, make_point(frames, 0.0, front if front < 0 else 0.6, 0.05))
        scene.start_part()
        dark = -1 if side < 0 else 0
        scene.add_limb(top, joint, thick * (1.7 if front < 0 else 1.45), thick, "body", shade=min(dark, 0))
        scene.add_limb(joint, foot, thick, beast.paw * 0.9, "socks")
        scene.add_ball(
            upright_basis(foot),
            (0, 0.018, 0.0),
            (beast.paw * 1.05, beast.paw * 1.4, beast.paw * 0.8),
            "hoof" if "hooves" in beast.extras else "socks",
        )


def _draw_trunk(scene: FigureScene, beast: Quadruped, body: Basis, detail: int) -> None:
    half = beast.length / 2
    scene.start_part()
    a, b = body.point_at(0, half - 0.05, 0.01), body.point_at(0, -half + 0.05, 0.0)
    scene.add_limb(a, b, beast.chest, beast.rump, "body")
    scene.add_limb(
        body.point_at(0, half - 0.08, -0.035),
        body.point_at(0, -half + 0.1, -0.03),
        beast.chest * 0.86,
        beast.rump * 0.8,
        "belly",
    )
    if "wool" in beast.extras:
        for x, y, z in (
            (-0.09, 0.12, 0.05),
            (0.09, 0.12, 0.05),
            (-0.1, -0.02, 0.07),
            (0.1, -0.02, 0.07),
            (-0.09, -0.15, 0.04),
            (0.09, -0.15, 0.04),
            (0, 0.06, 0.12),
            (0, -0.1, 0.12),
            (-0.11, 0.04, -0.05),
            (0.11, 0.04, -0.05),
            (-0.11, -0.11, -0.05),
            (0.11, -0.11, -0.05),
            (0, 0.17, -0.02),
        ):
            scene.add_ball(body, (x, y, z), (0.1, 0.1, 0.1), "body")
    if "stripes" in beast.extras and detail > 0:
        for k in range(5):
            y = half * 0.8 - k * half * 0.4
            for side in (-1.0, 1.0):
                scene.add_limb(
                    body.point_at(side * 0.03, y, beast.chest * 0.97),
                    body.point_at(side * beast.chest, y - 0.01, 0.0),
                    0.02,
                    0.008,
                    "marks",
                )
    if "spots" in beast.extras and detail > 0:
        for x, y, z in (
            (-0.75, 0.14, 0.4),
            (0.8, -0.02, 0.35),
            (-0.8, -0.16, 0.3),
            (0.3, -0.2, 0.8),
            (0.1, 0.12, 0.9),
            (0.7, 0.16, -0.2),
        ):
            r = beast.chest
            scene.add_ball(body, (x * r * 0.72, y, z * r * 0.72), (0.07, 0.075, 0.07), "marks")
    if "spikes" in beast.extras:
        scene.start_part()
        for k in range(5):
            y = half * 0.7 - k * half * 0.36
            scene.add_limb(
                body.point_at(0, y, beast.chest * 0.9),
                body.point_at(0, y - 0.03, beast.chest + 0.07),
                0.028,
                0.006,
                "horn",
            )


def _draw_tail(scene: FigureScene, beast: Quadruped, body: Basis, stride: Stride) -> None:
    if beast.tail == "none":
        return
    scene.start_part()
    wag = np.asarray(stride.wag)
    root = body.point_at(0, -beast.length / 2 - beast.rump * 0.3, beast.rump * 0.35)

    def tip(x: float, y: float, z: float) -> Array:
        return root + body.direction_to(x * wag, y, z)

    if beast.tail == "bushy":
        scene.add_limb(root, tip(0.03, -0.1, -0.02), 0.03, 0.055, "body")
        scene.add_limb(tip(0.03, -0.1, -0.02), tip(0.06, -0.19, -0.07), 0.055, 0.045, "body")
        scene.add_ball(upright_basis(tip(0.065, -0.22, -0.085)), (0, 0, 0), (0.034, 0.036, 0.034), "belly")
    elif beast.tail == "short":
        scene.add_ball(upright_basis(root), (0, -0.02, 0.01), (0.04, 0.045, 0.04), "belly")
    elif beast.tail == "long":
        scene.add_limb(root, tip(0.02, -0.07, -0.03), 0.03, 0.045, "mane")
        scene.add_limb(tip(0.02, -0.07, -0.03), tip(0.06, -0.11, -0.24), 0.045, 0.022, "mane")
    elif beast.tail == "dragon":
        points = (root, tip(0.03, -0.12, -0.06), tip(0.08, -0.22, -0.07), tip(0.13, -0.3, 0.02))
        for (a, b), radius in zip(pairwise(points), (0.08, 0.055, 0.034), strict=True):
            scene.add_limb(a, b, radius, radius * 0.66, "body")
        scene.add_limb(points[3], tip(0.15, -0.34, 0.1), 0.035, 0.006, "horn")
    else:
        paint = "skin" if beast.tail == "bare" else "body"
        middle, end = tip(0.04, -0.1, -0.03), tip(0.09, -0.17, 0.08)
        scene.add_limb(root, middle, 0.022, 0.018, paint)
        scene.add_limb(middle, end, 0.018, 0.014, paint)
        if beast.tail == "tuft":
            scene.add_ball(upright_basis(end), (0, 0, 0.01), (0.032, 0.032, 0.04), "mane")


def _draw_ears(scene: FigureScene, beast: Quadruped, head: Basis) -> None:
    r = beast.head
    for side in (-1.0, 1.0):
        scene.start_part()
        root = head.point_at(side * r * 0.6, -0.01, r * 0.65)
        if beast.ears == "pointed":
            scene.add_limb(root, head.point_at(side * r * 0.98, -0.02, r * 1.5), r * 0.38, 0.006, "body")
        elif beast.ears == "round":
            size = r * (0.58 if "big_ears" in beast.extras else 0.4)
            scene.add_ball(head, (side * r * 0.72, -0.02, r * 0.85), (size, size * 0.5, size), "body")
            scene.add_ball(head, (side * r * 0.72, 0.0, r * 0.85), (size * 0.55, size * 0.45, size * 0.55), "skin")
        elif beast.ears == "floppy":
            scene.add_limb(root, head.point_at(side * r * 1.1, 0.02, -r * 0.2), r * 0.3, r * 0.24, "marks")
        elif beast.ears == "wide":
            scene.add_limb(root, head.point_at(side * r * 1.65, -0.02, r * 0.6), r * 0.26, r * 0.1, "body")
        elif beast.ears == "long":
            scene.add_limb(root, head.point_at(side * r * 0.6, -0.05, r * 2.3), r * 0.26, r * 0.16, "body")


def _draw_crown(scene: FigureScene, beast: Quadruped, head: Basis) -> None:
    """Horns, antlers and tusks."""
    r = beast.head
    scene.start_part()
    for side in (-1.0, 1.0):
        if "horns" in beast.extras:
            bend = head.point_at(side * r * 1.0, -0.04, r * 1.15)
            scene.add_limb(head.point_at(side * r * 0.5, -0.02, r * 0.75), bend, 0.026, 0.02, "horn")
            scene.add_limb(bend, head.point_at(side * r * 0.95, -0.05, r * 1.8), 0.02, 0.006, "horn")
        if "antlers" in beast.extras:
            fork = head.point_at(side * r * 1.25, -0.05, r * 1.9)
            scene.add_limb(head.point_at(side * r * 0.45, -0.01, r * 0.8), fork, 0.02, 0.016, "horn")
            for x, z in ((1.8, 2.5), (1.05, 2.7), (1.95, 1.9)):
                scene.add_limb(fork, head.point_at(side * r * x, -0.04, r * z), 0.015, 0.006, "horn")
        if "tusks" in beast.extras:
            base = head.point_at(side * beast.snout[1] * 0.9, beast.snout[0] * 0.9, -r * 0.5)
            scene.add_limb(
                base, head.point_at(side * beast.snout[1] * 1.3, beast.snout[0] * 1.2, -r * 0.05), 0.018, 0.006, "horn"
            )
    if "horn" in beast.extras:
        scene.add_limb(head.point_at(0, 0.04, r * 0.8), head.point_at(0, 0.12, r * 2.4), 0.024, 0.004, "horn")


def _draw_eyes(scene: FigureScene, beast: Quadruped, head: Basis) -> None:
    r = beast.head
    big = 1.35 if "big_eyes" in beast.extras else 1.0
    for side in (-1.0, 1.0):
        x, y, z = side * r * 0.56, r * 0.76, r * 0.16
        scene.add_mark(head, (x, y, z), (side * 0.6, 0.75, 0.1), (0.04 * big, 0.056 * big), "eyes", LINE)
        scene.add_mark(
            head,
            (x, y, z + 0.012),
            (side * 0.6, 0.75, 0.1),
            (0.018, 0.016),
            "eyes",
            SHINE,
            grow=False,
        )


def _draw_neck(scene: FigureScene, beast: Quadruped, body: Basis, head: Basis) -> None:
    """Neck, mane and the light fur or scales in front."""
    half, r = beast.length / 2, beast.head
    base = body.point_at(0, half - 0.06, beast.chest * 0.3)
    scene.start_part()
    scene.add_limb(base, head.point_at(0, -0.02, -r * 0.2), beast.chest * 0.75, r * 0.78, "body")
    if "mane" in beast.extras:
        scene.start_part()
        for x, z in (
            (0, 1.0),
            (0.8, 0.7),
            (-0.8, 0.7),
            (1.0, -0.1),
            (-1.0, -0.1),
            (0.7, -0.85),
            (-0.7, -0.85),
            (0, -1.15),
        ):
            scene.add_ball(head, (x * r * 0.95, -0.045, z * r * 0.95), (r * 0.68, r * 0.6, r * 0.68), "mane")
    if "ruff" in beast.extras:
        scene.add_ball(body, (0, half + 0.01, -0.035), (beast.chest * 0.74, 0.11, beast.chest * 0.95), "belly")
    if "scutes" in beast.extras:
        throat, crop = head.point_at(0, r * 0.25, -r * 0.55), body.point_at(0, half - 0.02, 0.02)
        scene.add_limb(throat, crop, r * 0.62, beast.chest * 0.66, "belly")
        scene.add_ball(
            body, (0, half + 0.02, -0.05), (beast.chest * 0.66, beast.chest * 0.8, beast.chest * 1.02), "belly"
        )
    if "crest" in beast.extras:
        scene.start_part()
        for k in range(5):
            spot = mix(base, head.point_at(0, -0.05, r * 0.9), k / 4)
            scene.add_ball(upright_basis(spot), (0, -0.055, 0.035), (0.034, 0.055, 0.055), "mane")


def _draw_muzzle(scene: FigureScene, beast: Quadruped, head: Basis, stride: Stride) -> None:
    r = beast.head
    long, thick = beast.snout
    scene.start_part()
    drop = -r * 0.28
    scene.add_limb(
        head.point_at(0, r * 0.5, drop),
        head.point_at(0, r * 0.6 + long, drop - 0.01),
        thick * 1.15,
        thick * 0.85,
        "muzzle",
    )
    jaw = np.asarray(stride.jaw)
    low = head.point_at(0, r * 0.55 + long * 0.8, drop - 0.02 - 0.06 * jaw)
    scene.add_limb(head.point_at(0, r * 0.4, drop - 0.025), low, thick * 0.8, thick * 0.55, "muzzle", shade=-1)
    tip = (0.0, r * 0.6 + long + thick * 0.8, drop + thick * 0.35)
    if "disc" in beast.extras:
        scene.add_ball(head, (0, r * 0.6 + long + thick * 0.5, drop), (thick * 0.95, 0.025, thick * 0.85), "skin")
        for side in (-1.0, 1.0):
            scene.add_mark(head, (side * 0.024, r * 0.6 + long + thick, drop), (0, 1, 0.1), (0.02, 0.03), "skin", LINE)
    elif "scutes" in beast.extras:
        for side in (-1.0, 1.0):
            nostril = (side * thick * 0.42, tip[1], tip[2] + 0.01)
            scene.add_mark(head, nostril, (side * 0.3, 0.8, 0.4), (0.024, 0.024), "nose", LINE, grow=False)
    else:
        scene.add_mark(head, tip, (0, 0.9, 0.4), (0.046, 0.034), "nose", LINE)
    if "beard" in beast.extras:
        scene.add_limb(low, head.point_at(0, r * 0.6 + long * 0.6, drop - 0.15), 0.03, 0.008, "mane")


def _draw_head(scene: FigureScene, beast: Quadruped, body: Basis, stride: Stride) -> Basis:
    """Draws neck and head; the basis is the head's centre."""
    centre = body.moved(0, beast.length / 2 + beast.neck[1], beast.neck[0] + beast.chest * 0.3)
    head = centre.turned(lean=stride.nod)
    r = beast.head
    _draw_neck(scene, beast, body, head)
    face = scene.start_part()
    scene.add_ball(head, (0, 0, 0), (r, r * 0.98, r * 0.95), "body")
    if "ruff" in beast.extras:
        for side in (-1.0, 1.0):
            cheek, tuft = head.point_at(side * r * 0.5, r * 0.2, -r * 0.4), head.point_at(side * r * 1.04, 0, -r * 0.5)
            scene.add_limb(cheek, tuft, r * 0.42, r * 0.16, "belly")
    _draw_muzzle(scene, beast, head, stride)
    scene.continue_part(face)
    _draw_eyes(scene, beast, head)
    _draw_ears(scene, beast, head)
    _draw_crown(scene, beast, head)
    return head


def _draw_breath(scene: FigureScene, beast: Quadruped, head: Basis, t: Array) -> None:
    """Fire from the mouth towards the ground ahead; before and after, it is hidden in the head."""
    power = sample_curve(t, ((0, 0), (0.45, 0), (0.58, 1), (0.82, 0.9), (0.95, 0), (1, 0)))
    mouth = beast.head * 0.5 + beast.snout[0]
    scene.start_part()
    for k in range(6):
        along, swerve = 0.01 + 0.06 * k, 0.016 * sine_wave(t * 3.0 + k * 0.3)
        radius = (0.03 + 0.014 * k) * power
        spot = (swerve * power, (mouth + along * 0.5) * power, (-beast.head * 0.4 - along) * power)
        scene.add_ball(head, spot, (radius, radius, radius), "fire", spark=True)
        core = radius * (0.8 - 0.08 * k)
        scene.add_ball(head, spot, (core, core, core), "core", lift=0.1, spark=True)


def draw_wings(
    scene: FigureScene,
    body: Basis,
    stride: Stride,
    span: float,
    chord: float,
    root: tuple[float, float, float],
    rib: str = "body",
    spread: float = 0.2,
    drape: float = 0.0,
) -> None:
    """A pair of webbed wings that beat.

    spread: how high their tips stand at rest, as a share of the span. drape: how much of the web hangs down instead of
    trailing, 0 to 1: a web that only trails is a line from the front.
    """
    beat = np.asarray(stride.beat)
    for side in (-1.0, 1.0):
        scene.start_part()
        a = body.point_at(side * root[0], root[1], root[2])
        high, fall, trail = spread - 0.2, chord * drape, chord * (1.0 - drape)
        wrist = body.point_at(
            side * (root[0] + span * 0.5), root[1] + 0.02, root[2] + span * (0.42 + high + 0.3 * beat)
        )
        tip = body.point_at(side * (root[0] + span), root[1] - trail * 0.5, root[2] + span * (spread + 0.62 * beat))
        mid = body.point_at(
            side * (root[0] + span * 0.6), root[1] - trail, root[2] - fall + span * (0.02 + high * 0.7 + 0.22 * beat)
        )
        low = body.point_at(side * root[0], root[1] - trail * 0.9, root[2] - 0.02 - fall * 0.6)
        scene.add_sheet([wrist, tip, mid], "wing")
        scene.add_sheet([wrist, mid, low], "wing", shade=-1)
        scene.add_sheet([wrist, low, a], "wing", shade=-1)
        scene.start_part()
        for end in (a, tip, mid):
            scene.add_limb(wrist, end, 0.017, 0.012, rib)


def build_quadruped(scene: FigureScene, style: FigureStyle, action: str, t: Array) -> Staging:
    """Draws a four-legged animal in an action at phases t."""
    if style.species == "spider":
        return spider.build_spider(scene, MOTIONS[action](t), t, moving=action in ("walk", "run", "swim"))
    beast = QUADRUPEDS.get(style.species, QUADRUPEDS["wolf"])
    stride = MOTIONS[action](t)
    rise = scene.snap_shift(np.asarray(stride.bob) + stride.hop)
    height = beast.leg + beast.chest * 0.75
    body = upright_basis(scene.point_at(0.0, np.asarray(stride.shift), height + rise)).turned(
        lean=-np.asarray(stride.rear)
    )
    _draw_legs(scene, beast, body, stride)
    _draw_trunk(scene, beast, body, style.detail)
    _draw_tail(scene, beast, body, stride)
    head = _draw_head(scene, beast, body, stride)
    if style.species == "dragon" and action == "attack":
        _draw_breath(scene, beast, head, t)
    if "wings" in beast.extras or style.has_any("wings"):
        draw_wings(scene, body, stride, 0.42, 0.34, (beast.chest * 0.4, 0.1, beast.chest * 0.7), spread=0.5, drape=0.3)
    return Staging(topple=stride.fall, flash=stride.flash, settle=action == "death")
