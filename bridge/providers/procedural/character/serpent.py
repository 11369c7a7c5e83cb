"""Snakes, worms, eels and centipedes: a chain of balls on a wave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .palette import LINE, SHINE
from .scene import FigureScene
from .space import Array, Basis, Scalar, sample_curve, sine_wave, upright_basis
from .style import FigureStyle, Staging


@dataclass(slots=True)
class Slither:
    """phase of the wave (turns), its width factor, how high the head is raised, its thrust, and signals."""

    phase: Scalar = 0.0
    width: Scalar = 1.0
    raised: Scalar = 1.0
    thrust: Scalar = 0.0
    hop: Scalar = 0.0
    nod: Scalar = 0.0
    over: Scalar = 0.0
    flash: Scalar = 0.0
    tongue: Scalar = 0.0


def _pose_attack(t: Array) -> Slither:
    go = sample_curve(t, ((0, 0), (0.35, -0.7), (0.46, -0.7), (0.6, 1), (0.76, 0.9), (1, 0)))
    return Slither(
        raised=1.0 - 0.25 * np.maximum(go, 0) - 0.2 * np.minimum(go, 0),
        thrust=0.15 * go,
        nod=10.0 * go,
        tongue=np.maximum(go, 0),
    )


def _pose_hurt(t: Array) -> Slither:
    hit = sample_curve(t, ((0, 1), (0.45, 0.7), (1, 0.1)))
    return Slither(thrust=-0.09 * hit, nod=-24.0 * hit, width=1.0 + 0.3 * hit, flash=np.where(t < 0.01, 1.0, 0.0))


def _pose_death(t: Array) -> Slither:
    down = sample_curve(t, ((0, 0), (0.2, -0.15), (0.75, 1), (1, 1)))
    return Slither(
        raised=1.0 - down,
        nod=16.0 * down,
        over=sample_curve(t, ((0, 0), (0.5, 0), (1, 1))),
        width=1.0 + 0.25 * down,
        tongue=0.8 * down,
        flash=np.where(t < 0.01, 1.0, 0.0),
    )


def _pose_idle(t: Array) -> Slither:
    return Slither(
        raised=1.0 + 0.07 * sine_wave(t), nod=3.0 * sine_wave(t + 0.25), tongue=np.where(sine_wave(t) > 0.7, 1.0, 0.0)
    )


MOTIONS: dict[str, Callable[[Array], Slither]] = {
    "idle": _pose_idle,
    "walk": lambda t: Slither(
        phase=t, raised=0.8 + 0.05 * sine_wave(2.0 * t), tongue=np.where(sine_wave(t) > 0.4, 1.0, 0.0)
    ),
    "run": lambda t: Slither(phase=t, width=1.2, raised=0.55, nod=4.0),
    "attack": _pose_attack,
    "jump": lambda t: Slither(
        hop=0.18 * sample_curve(t, ((0, 0), (0.2, 0), (0.5, 1), (0.8, 0), (1, 0))),
        raised=sample_curve(t, ((0, 1), (0.18, 0.6), (0.45, 1.2), (0.85, 0.7), (1, 1))),
    ),
    "hurt": _pose_hurt,
    "death": _pose_death,
    "cast": _pose_attack,
    "shoot": _pose_attack,
    "block": lambda t: Slither(raised=sample_curve(t, ((0, 1), (0.35, 0.5), (0.75, 0.5), (1, 1)))),
    "crouch": lambda t: Slither(raised=0.45 + 0.05 * sine_wave(t)),
    "fly": lambda t: Slither(phase=t, hop=0.12 + 0.03 * sine_wave(t), raised=0.6),
    "swim": lambda t: Slither(phase=t, width=1.25, raised=0.2),
}
_LINKS = 16


def build_serpent(scene: FigureScene, style: FigureStyle, action: str, t: Array) -> Staging:
    """Draws a serpent in an action at phases t."""
    pose = MOTIONS[action](t)
    worm, bug = style.species == "worm", style.species == "centipede"
    thick = 0.105 if worm else 0.09 if bug else 0.1
    rise = 0.06 if bug else 0.13 if worm or style.species == "eel" else 0.3
    start, length, curl = (-0.4, 0.62, 0.135) if worm or bug else (-0.36, 0.5, 0.18)
    hop = scene.snap_shift(pose.hop)
    points, radii = [], []
    for link in range(_LINKS + 1):
        u = link / _LINKS  # 0 is the tail, 1 the head
        neck = max(0.0, (u - 0.68) / 0.32)
        y = start + length * u + (0.12 * neck + np.asarray(pose.thrust) * neck)
        swing = curl * np.asarray(pose.width) * (1.0 - 0.75 * neck) * (0.35 + 0.65 * min(1.0, 3.0 * u))
        x = swing * sine_wave(u * 1.5 - np.asarray(pose.phase))
        radius = thick * min(1.0, 0.28 + u * 1.9)
        z = radius + rise * neck * neck * (3.0 - 2.0 * neck) * np.maximum(np.asarray(pose.raised), 0.0) + hop
        points.append(scene.point_at(x, y, z))
        radii.append(radius)
    body = scene.start_part()
    for link in range(_LINKS):
        a, b = points[link], points[link + 1]
        banded = style.has_any("bands") and link % 3 == 1
        scene.add_limb(a, b, radii[link], radii[link + 1], "marks" if banded else "body")
        low = -0.3 * radii[link]
        shift = scene.point_at(0.0, 0.035 if link > _LINKS * 0.7 else 0.0, low)
        scene.add_limb(a + shift, b + shift, radii[link] * 0.8, radii[link + 1] * 0.8, "belly")
        if bug and link % 2 == 0:
            step = 0.02 * sine_wave(np.asarray(pose.phase) * 2.0 + link * 0.17)
            for side in (-1.0, 1.0):
                scene.start_part()
                foot = points[link] + scene.point_at(side * 0.13, step * side, -radii[link] * 0.75)
                scene.add_limb(points[link], foot, 0.02, 0.012, "marks")
            scene.continue_part(body)
    head = upright_basis(points[-1]).turned(lean=np.asarray(pose.nod)).moved(0, 0.035, 0.015)
    _draw_head(scene, style, head, pose, thick)
    return Staging(flash=pose.flash, settle=False)


def _draw_head(scene: FigureScene, style: FigureStyle, head: Basis, pose: Slither, thick: float) -> None:
    face = scene.start_part()
    wide = thick * (1.0 if style.species == "worm" else 1.4)
    scene.add_ball(head, (0, 0.02, 0), (wide, thick * 1.55, thick), "body")
    if style.has_any("hood_flare"):
        scene.add_ball(head, (0, -0.06, -0.06), (wide * 1.5, 0.035, thick * 1.5), "body")
    for side in (-1.0, 1.0):
        spot = (side * wide * 0.62, thick * 0.95, thick * 0.45)
        scene.add_mark(head, spot, (side * 0.6, 0.65, 0.4), (0.045, 0.055), "eyes", LINE)
        scene.add_mark(
            head,
            (spot[0], spot[1], spot[2] + 0.012),
            (side * 0.6, 0.65, 0.4),
            (0.018, 0.018),
            "eyes",
            SHINE,
            grow=False,
        )
    reach = np.asarray(pose.tongue)
    if style.species in ("snake", "cobra") and np.any(reach > 0.0):
        scene.start_part()
        tip = head.point_at(0, thick * 1.7 + 0.09 * reach, -0.03)
        scene.add_limb(head.point_at(0, thick * 1.2, -0.02), tip, 0.008, 0.006, "tongue")
    scene.continue_part(face)
