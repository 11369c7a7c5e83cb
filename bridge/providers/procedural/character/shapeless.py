"""Bodies without bones: slimes, ghosts, and elementals of fire, water, earth and air."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .palette import LIGHT, LINE, SHINE
from .scene import FigureScene
from .space import Array, Basis, Scalar, cosd, sample_curve, sind, sine_wave, upright_basis
from .style import FigureStyle, Staging


@dataclass(slots=True)
class Blob:
    """Squash (1 is round, above wider and flatter), height of a hop, shift forward, lean, and signals."""

    squash: Scalar = 1.0
    hop: Scalar = 0.0
    shift: Scalar = 0.0
    lean: Scalar = 0.0
    phase: Scalar = 0.0
    flash: Scalar = 0.0
    melt: Scalar = 0.0
    mouth: Scalar = 0.0


def _make_loop(amount: float, hop: float, lean: float) -> Callable[[Array], Blob]:
    def motion(t: Array) -> Blob:
        air = np.maximum(sine_wave(t), 0.0) if hop else 0.0 * t
        return Blob(squash=1.0 + amount * sine_wave(t + 0.62), hop=hop * air, lean=lean, phase=t)

    return motion


def _pose_attack(t: Array) -> Blob:
    go = sample_curve(t, ((0, 0), (0.35, -0.5), (0.46, -0.5), (0.62, 1), (0.76, 0.9), (1, 0)))
    return Blob(
        squash=sample_curve(t, ((0, 1), (0.36, 1.2), (0.58, 0.8), (0.75, 1.12), (1, 1))),
        shift=0.14 * go,
        hop=sample_curve(t, ((0, 0), (0.46, 0), (0.58, 0.08), (0.7, 0), (1, 0))),
        lean=20.0 * go,
        phase=t,
        mouth=np.maximum(go, 0.0),
    )


def _pose_jump(t: Array) -> Blob:
    return Blob(
        squash=sample_curve(t, ((0, 1), (0.18, 1.3), (0.4, 0.8), (0.7, 0.84), (0.84, 1.28), (1, 1))),
        hop=0.2 * sample_curve(t, ((0, 0), (0.22, 0), (0.5, 1), (0.78, 0), (1, 0))),
        phase=t,
    )


def _pose_hurt(t: Array) -> Blob:
    hit = sample_curve(t, ((0, 1), (0.45, 0.7), (1, 0.1)))
    return Blob(
        squash=1.0 - 0.18 * hit,
        shift=-0.06 * hit,
        lean=-14.0 * hit,
        phase=t,
        mouth=hit,
        flash=np.where(t < 0.01, 1.0, 0.0),
    )


def _pose_death(t: Array) -> Blob:
    melt = sample_curve(t, ((0, 0), (0.25, 0.08), (0.9, 1), (1, 1)))
    return Blob(squash=1.0 + 0.5 * melt, melt=melt, phase=t, mouth=0.6, flash=np.where(t < 0.01, 1.0, 0.0))


MOTIONS: dict[str, Callable[[Array], Blob]] = {
    "idle": _make_loop(0.06, 0.0, 0.0),
    "walk": _make_loop(0.16, 0.07, 4.0),
    "run": _make_loop(0.22, 0.1, 10.0),
    "attack": _pose_attack,
    "jump": _pose_jump,
    "hurt": _pose_hurt,
    "death": _pose_death,
    "cast": _pose_attack,
    "shoot": _pose_attack,
    "block": lambda t: Blob(squash=sample_curve(t, ((0, 1), (0.35, 1.25), (0.75, 1.25), (1, 1))), phase=t),
    "crouch": lambda t: Blob(squash=1.3 + 0.04 * sine_wave(t), phase=t),
    "fly": _make_loop(0.08, 0.12, 6.0),
    "swim": _make_loop(0.1, 0.04, 10.0),
}


def _draw_eyes(scene: FigureScene, body: Basis, reach: tuple[float, float, float], size: float, mouth: Scalar) -> None:
    wide, far, high = reach
    for side in (-1.0, 1.0):
        # As on people's heads: from the side an eye further back takes the place of the one on the outline.
        for x, y, facing in (
            (side * wide, far, (side * 0.26, 0.96, 0.1)),
            (side * far * 0.94, far * 0.55, (side * 0.4, 0.0, 0.0)),
        ):
            scene.add_mark(body, (x, y, high), facing, (size * 0.72, size * 1.1), "eyes", LINE)
            glint = (x - 0.012, y, high + size * 0.3)
            scene.add_mark(body, glint, facing, (size * 0.36, size * 0.36), "eyes", SHINE, grow=False)
    tall = 0.05 if np.any(np.asarray(mouth) > 0.3) else 0.018
    scene.add_mark(body, (0, reach[1] + 0.01, reach[2] - size * 1.25), (0, 1, 0), (0.07, tall), "eyes", LINE)


def _draw_slime(scene: FigureScene, blob: Blob, squash: Array) -> None:
    flat = 1.0 - 0.62 * np.asarray(blob.melt)
    tall = 0.29 / squash * flat
    wide = 0.31 * (0.5 + 0.5 * squash)
    lift = scene.snap_shift(blob.hop)
    body = upright_basis(scene.point_at(0.0, blob.shift, lift)).turned(lean=blob.lean)
    scene.start_part()
    scene.add_ball(body, (0, 0, tall * 0.2), (wide * 1.04, wide * 0.96, tall * 0.2), "body")
    scene.add_ball(body, (0, 0, tall * 0.86), (wide * 0.96, wide * 0.9, tall * 0.86), "body")
    glint = (-0.42 * wide, 0.45 * wide, tall * 1.62)
    scene.add_mark(body, glint, (-0.3, 0.6, 0.7), (0.075, 0.05), "body", SHINE)
    scene.add_mark(
        body, (-0.62 * wide, 0.45 * wide, tall * 1.28), (-0.3, 0.6, 0.5), (0.035, 0.035), "body", SHINE, grow=False
    )
    for x, z in ((0.5, 0.45), (-0.25, 0.35), (0.35, 1.35)):
        scene.add_mark(body, (x * wide, 0.7 * wide, z * tall), (x, 0.8, 0.1), (0.035, 0.035), "body", LIGHT, grow=False)
    height = float(np.max(tall))
    _draw_eyes(scene, body, (0.1, 0.24, height * 0.95), 0.085, blob.mouth)


def _draw_ghost(scene: FigureScene, blob: Blob, squash: Array) -> None:
    melt = np.asarray(blob.melt)
    size = 1.0 - 0.5 * melt
    float_up = scene.snap_shift(
        0.12 + 0.03 * sine_wave(np.asarray(blob.phase)) + np.asarray(blob.hop) * 0.5 + 0.1 * melt
    )
    body = upright_basis(scene.point_at(0.0, blob.shift, float_up)).turned(lean=np.asarray(blob.lean) + 3.0)
    scene.start_part()
    scene.add_limb(
        body.point_at(0, 0, 0.48 * size / squash), body.point_at(0, 0, 0.2), 0.21 * size, 0.19 * size, "body"
    )
    for k in range(8):
        s, c = float(sind(k * 45.0)[0]), float(cosd(k * 45.0)[0])
        drift = 0.03 * sine_wave(np.asarray(blob.phase) + k * 0.25)
        end = body.point_at(s * 0.175 * size, c * 0.16 * size - 0.05, 0.03 + drift + (0.05 if k % 2 else 0.0))
        scene.add_limb(body.point_at(s * 0.13 * size, c * 0.13 * size, 0.22), end, 0.085 * size, 0.03, "body")
    for side in (-1.0, 1.0):
        scene.start_part()
        reach = 0.1 + 0.1 * np.asarray(blob.mouth)
        end = body.point_at(side * 0.24 * size, reach, 0.31 + 0.04 * sine_wave(np.asarray(blob.phase) + 0.25))
        scene.add_limb(body.point_at(side * 0.18 * size, 0.02, 0.33), end, 0.055 * size, 0.04 * size, "body")
    scene.continue_part(1)
    _draw_eyes(scene, body, (0.08, 0.19, 0.5), 0.08, np.maximum(np.asarray(blob.mouth), 0.4))


def _draw_flame(scene: FigureScene, blob: Blob, squash: Array) -> None:
    phase = np.asarray(blob.phase)
    size = (1.0 - 0.7 * np.asarray(blob.melt)) / np.sqrt(squash)
    lift = scene.snap_shift(np.asarray(blob.hop))
    body = upright_basis(scene.point_at(0.0, blob.shift, 0.04 + lift)).turned(lean=blob.lean)
    scene.start_part()
    scene.add_ball(body, (0, 0, 0.22 * size), (0.24 * size, 0.22 * size, 0.22 * size), "body")
    for k in range(7):
        s, c = float(sind(k * 51.4)[0]), float(cosd(k * 51.4)[0])
        lick = 0.5 + 0.5 * sine_wave(phase * (1 + k % 2) + k * 0.37)
        top = body.point_at(s * (0.12 + 0.05 * lick), c * 0.1 - 0.02, (0.42 + 0.16 * lick) * size)
        scene.add_limb(body.point_at(s * 0.15 * size, c * 0.14 * size, 0.22 * size), top, 0.1 * size, 0.012, "body")
    tip = body.point_at(0.05 * sine_wave(phase), -0.03, (0.66 + 0.06 * sine_wave(phase * 2.0)) * size)
    scene.add_limb(body.point_at(0, 0, 0.28 * size), tip, 0.17 * size, 0.01, "body")
    core = scene.start_part()
    scene.add_ball(body, (0, 0.06, 0.2 * size), (0.16 * size, 0.19 * size, 0.17 * size), "core", lift=0.02)
    scene.continue_part(core)
    _draw_eyes(scene, body, (0.07, 0.24, 0.24), 0.07, blob.mouth)


def _draw_golem(scene: FigureScene, blob: Blob, squash: Array) -> None:
    phase = np.asarray(blob.phase)
    melt = np.asarray(blob.melt)
    lift = scene.snap_shift(np.asarray(blob.hop) * 0.5 + 0.02 * sine_wave(phase))
    body = upright_basis(scene.point_at(0.0, blob.shift, lift)).turned(lean=blob.lean)
    fall = 1.0 - 0.66 * melt
    face = 0
    for x, y, z, r, head in (
        (0, 0, 0.34, 0.2, False),
        (0, 0.03, 0.6, 0.13, True),
        (-0.25, 0, 0.42, 0.1, False),
        (0.25, 0, 0.42, 0.1, False),
        (-0.29, 0.07, 0.22, 0.105, False),
        (0.29, 0.07, 0.22, 0.105, False),
        (-0.12, 0, 0.1, 0.1, False),
        (0.12, 0, 0.1, 0.1, False),
    ):
        number = scene.start_part()
        face = number if head else face
        wobble = 0.015 * sine_wave(phase + x + z)
        size = r / np.sqrt(squash)
        scene.add_ball(
            body, (x * (1 + 0.2 * melt), y, z * fall + wobble + r * 0.2 * melt), (size, size * 0.94, size), "body"
        )
    scene.continue_part(face)
    _draw_eyes(scene, body, (0.055, 0.15, 0.6), 0.055, blob.mouth)


_BODIES: dict[str, Callable[[FigureScene, Blob, Array], None]] = {
    "slime": _draw_slime,
    "ghost": _draw_ghost,
    "flame": _draw_flame,
    "golem": _draw_golem,
}


def build_shapeless(scene: FigureScene, style: FigureStyle, action: str, t: Array) -> Staging:
    """Draws a boneless figure in an action at phases t."""
    blob = MOTIONS[action](t)
    squash = np.broadcast_to(np.asarray(blob.squash, dtype=np.float64), t.shape)
    _BODIES.get(style.species, _draw_slime)(scene, blob, squash)
    return Staging(flash=blob.flash, settle=False)
