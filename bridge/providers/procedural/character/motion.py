"""How people move: poses over the phase of an action.

Loops take phases 0 ≤ t < 1 and are periodic; one-shots run from 0 to 1 inclusive. Angles are degrees: an arm at 0
hangs down, at 90 points forward, at 180 up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .space import Array, Scalar, sample_curve, sine_wave
from .style import FigureStyle


@dataclass(slots=True)
class Pose:
    """One figure's joints over the frames of a clip. Lengths in model units."""

    bob: Scalar = 0.0
    hop: Scalar = 0.0
    shift: Scalar = 0.0
    lean: Scalar = 0.0
    twist: Scalar = 0.0
    nod: Scalar = 0.0
    step_l: Scalar = 0.0
    step_r: Scalar = 0.0
    lift_l: Scalar = 0.0
    lift_r: Scalar = 0.0
    arm_l: Scalar = 6.0
    arm_r: Scalar = 6.0
    out_l: Scalar = 12.0
    out_r: Scalar = 12.0
    bend_l: Scalar = 18.0
    bend_r: Scalar = 18.0
    aim: Scalar = 140.0
    aim_out: Scalar = 14.0
    sway: Scalar = 0.0
    fall: Scalar = 0.0
    flash: Scalar = 0.0
    swing: Scalar = 0.0


def _carry_equipment(pose: Pose, style: FigureStyle) -> None:
    """How gear is carried when nothing happens."""
    if style.has_any("sword", "axe", "hammer", "mace", "dagger", "wand", "torch", "pick"):
        pose.arm_r, pose.bend_r, pose.out_r = pose.arm_r * 0.6 + 4.0, 52.0, 22.0
        pose.aim, pose.aim_out = 152.0 + (pose.arm_r - 8.0) * 0.4, 16.0
    if style.has_any("staff", "spear"):
        pose.arm_r, pose.bend_r, pose.out_r = pose.arm_r * 0.3 + 22.0, 40.0, 30.0
        pose.aim, pose.aim_out = 178.0, 3.0
    if style.has_any("bow"):
        pose.arm_l, pose.bend_l, pose.out_l = pose.arm_l * 0.4 + 22.0, 30.0, 30.0
    if style.has_any("shield"):
        pose.arm_l, pose.bend_l, pose.out_l = pose.arm_l * 0.4 + 14.0, 66.0, 24.0
    if style.has_any("groping"):
        pose.arm_l, pose.arm_r = pose.arm_l * 0.3 + 74.0, pose.arm_r * 0.3 + 64.0
        pose.bend_l, pose.bend_r, pose.nod = 14.0, 20.0, 8.0


def _pose_idle(t: Array, style: FigureStyle) -> Pose:
    breath = (1.0 - sine_wave(t + 0.25)) / 2.0
    pose = Pose(bob=-0.022 * breath, out_l=12.0 + 5.0 * breath, out_r=12.0 + 5.0 * breath)
    pose.sway = sine_wave(t) * 0.35
    _carry_equipment(pose, style)
    return pose


def _pose_gait(t: Array, style: FigureStyle, *, stride: float, lift: float, swing: float, bounce: float) -> Pose:
    left, right = sine_wave(t + 0.25), sine_wave(t + 0.75)
    pose = Pose(
        step_l=stride * left,
        step_r=stride * right,
        lift_l=lift * np.maximum(-sine_wave(t), 0.0),
        lift_r=lift * np.maximum(-sine_wave(t + 0.5), 0.0),
        arm_l=-swing * left,
        arm_r=-swing * right,
        bob=-bounce * (sine_wave(2.0 * t + 0.25) + 1.0) / 2.0,
        twist=5.0 * left * swing / 30.0,
        sway=0.9 + 0.35 * sine_wave(2.0 * t),
    )
    _carry_equipment(pose, style)
    return pose


def _pose_walk(t: Array, style: FigureStyle) -> Pose:
    if style.has_any("groping"):
        pose = _pose_gait(t, style, stride=0.07, lift=0.04, swing=18.0, bounce=0.02)
        pose.lean = 6.0
        return pose
    return _pose_gait(t, style, stride=0.105, lift=0.07, swing=34.0, bounce=0.03)


def _pose_run(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_gait(t, style, stride=0.16, lift=0.13, swing=54.0, bounce=0.045)
    pose.lean, pose.sway = 14.0, 1.8 + 0.4 * sine_wave(2.0 * t)
    if not style.has_any("groping", "shield"):
        pose.bend_l = 75.0
    if not style.has_any("groping", "staff", "spear"):
        pose.bend_r = 75.0
    return pose


def _pose_ready(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_idle(np.zeros_like(t), style)
    pose.sway = 0.0
    return pose


def _pose_slash(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_ready(t, style)
    pose.arm_r = sample_curve(t, ((0, 10), (0.3, 150), (0.42, 152), (0.62, 44), (0.75, 26), (1, 10)))
    pose.out_r = sample_curve(t, ((0, 22), (0.3, 46), (0.42, 46), (0.62, -8), (0.75, -14), (1, 22)))
    pose.bend_r = sample_curve(t, ((0, 52), (0.3, 70), (0.42, 60), (0.62, 34), (0.75, 36), (1, 52)))
    pose.aim = sample_curve(t, ((0, 152), (0.3, 214), (0.42, 214), (0.64, 72), (0.76, 56), (1, 152)))
    pose.aim_out = sample_curve(t, ((0, 16), (0.3, 34), (0.42, 34), (0.64, -42), (0.76, -48), (1, 16)))
    pose.twist = sample_curve(t, ((0, 0), (0.36, -24), (0.62, 26), (0.76, 26), (1, 0)))
    pose.lean = sample_curve(t, ((0, 0), (0.36, -8), (0.64, 10), (0.76, 9), (1, 0)))
    pose.shift = sample_curve(t, ((0, 0), (0.36, -0.04), (0.62, 0.02), (0.78, 0.02), (1, 0)))
    pose.step_r = sample_curve(t, ((0, 0), (0.4, 0), (0.62, 0.12), (0.8, 0.12), (1, 0)))
    pose.step_l = sample_curve(t, ((0, 0), (0.4, 0), (0.62, -0.05), (0.8, -0.05), (1, 0)))
    pose.bob = sample_curve(t, ((0, 0), (0.36, 0.01), (0.64, -0.045), (0.8, -0.03), (1, 0)))
    pose.swing = np.where((t > 0.44) & (t < 0.86), 1.0, 0.0)
    return pose


def _pose_thrust(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_ready(t, style)
    pose.arm_r = sample_curve(t, ((0, 30), (0.34, -34), (0.44, -34), (0.6, 34), (0.78, 34), (1, 30)))
    pose.bend_r = sample_curve(t, ((0, 40), (0.34, 100), (0.44, 100), (0.6, 58), (0.78, 58), (1, 40)))
    pose.out_r = sample_curve(t, ((0, 30), (0.34, 18), (0.6, 4), (0.78, 4), (1, 30)))
    pose.aim = sample_curve(t, ((0, 178), (0.3, 94), (0.78, 90), (1, 178)))
    pose.aim_out = sample_curve(t, ((0, 3), (0.3, 0), (0.78, 0), (1, 3)))
    pose.arm_l = sample_curve(t, ((0, 6), (0.3, 56), (0.78, 56), (1, 6)))
    pose.twist = sample_curve(t, ((0, 0), (0.4, -22), (0.6, 8), (0.78, 8), (1, 0)))
    pose.lean = sample_curve(t, ((0, 0), (0.4, -6), (0.6, 9), (0.78, 8), (1, 0)))
    pose.shift = sample_curve(t, ((0, 0), (0.4, -0.06), (0.6, -0.01), (0.78, -0.01), (1, 0)))
    pose.step_r = sample_curve(t, ((0, 0), (0.44, 0), (0.6, 0.12), (0.8, 0.12), (1, 0)))
    pose.bob = sample_curve(t, ((0, 0), (0.4, -0.01), (0.6, -0.04), (0.8, -0.03), (1, 0)))
    return pose


def _pose_punch(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_thrust(t, style)
    pose.arm_r = sample_curve(t, ((0, 30), (0.36, 10), (0.44, 10), (0.6, 88), (0.76, 86), (1, 30)))
    pose.bend_r = sample_curve(t, ((0, 60), (0.36, 115), (0.44, 115), (0.6, 4), (0.76, 8), (1, 60)))
    pose.arm_l = sample_curve(t, ((0, 30), (0.3, 40), (0.76, 20), (1, 30)))
    pose.bend_l = sample_curve(t, ((0, 60), (0.3, 95), (0.76, 100), (1, 60)))
    return pose


def _pose_claw(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_punch(t, style)
    pose.arm_r = sample_curve(t, ((0, 64), (0.36, 150), (0.46, 152), (0.66, 52), (0.8, 52), (1, 64)))
    pose.arm_l = sample_curve(t, ((0, 74), (0.36, 142), (0.46, 144), (0.66, 46), (0.8, 46), (1, 74)))
    pose.bend_r = pose.bend_l = sample_curve(t, ((0, 16), (0.36, 40), (0.66, 14), (1, 16)))
    return pose


def _pose_shot(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_ready(t, style)
    pose.arm_l = sample_curve(t, ((0, 22), (0.25, 86), (0.85, 86), (1, 22)))
    pose.out_l = sample_curve(t, ((0, 30), (0.25, 6), (0.85, 6), (1, 30)))
    pose.bend_l = sample_curve(t, ((0, 30), (0.25, 4), (0.85, 4), (1, 30)))
    pose.arm_r = sample_curve(t, ((0, 10), (0.25, 78), (0.62, 52), (0.7, 38), (0.85, 34), (1, 10)))
    pose.out_r = sample_curve(t, ((0, 12), (0.25, 10), (0.62, 56), (0.85, 62), (1, 12)))
    pose.bend_r = sample_curve(t, ((0, 18), (0.25, 20), (0.62, 118), (0.7, 122), (0.85, 104), (1, 18)))
    pose.twist = sample_curve(t, ((0, 0), (0.3, -20), (0.85, -22), (1, 0)))
    pose.lean = sample_curve(t, ((0, 0), (0.6, -3), (0.72, 5), (1, 0)))
    pose.swing = np.where((t > 0.28) & (t < 0.66), 1.0, 0.0)
    return pose


def _pose_cast(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_ready(t, style)
    pose.arm_r = sample_curve(t, ((0, 24), (0.3, 128), (0.48, 132), (0.64, 84), (0.84, 84), (1, 24)))
    pose.out_r = sample_curve(t, ((0, 26), (0.3, 26), (0.64, 10), (0.84, 10), (1, 26)))
    pose.bend_r = sample_curve(t, ((0, 40), (0.3, 26), (0.64, 8), (0.84, 8), (1, 40)))
    pose.arm_l = sample_curve(t, ((0, 6), (0.3, 112), (0.48, 116), (0.64, 80), (0.84, 78), (1, 6)))
    pose.bend_l = sample_curve(t, ((0, 18), (0.3, 40), (0.64, 10), (0.84, 10), (1, 18)))
    pose.aim = sample_curve(t, ((0, 176), (0.3, 186), (0.48, 190), (0.64, 122), (0.84, 122), (1, 176)))
    pose.lean = sample_curve(t, ((0, 0), (0.36, -8), (0.64, 10), (0.84, 8), (1, 0)))
    pose.bob = sample_curve(t, ((0, 0), (0.3, 0.01), (0.64, -0.03), (0.84, -0.03), (1, 0)))
    pose.sway = sample_curve(t, ((0, 0), (0.4, 0.4), (0.64, 1.6), (1, 0)))
    pose.swing = np.where(
        (t > 0.25) & (t < 0.9), sample_curve(t, ((0, 0.3), (0.45, 0.8), (0.66, 1.4), (0.9, 0.6))), 0.0
    )
    return pose


def _pose_attack(t: Array, style: FigureStyle) -> Pose:
    if style.has_any("bow"):
        return _pose_shot(t, style)
    if style.has_any("staff", "wand"):
        return _pose_cast(t, style)
    if style.has_any("spear"):
        return _pose_thrust(t, style)
    if style.has_any("groping", "claws"):
        return _pose_claw(t, style)
    if style.has_any("sword", "axe", "hammer", "mace", "dagger", "pick", "torch"):
        return _pose_slash(t, style)
    return _pose_punch(t, style)


def _pose_block(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_ready(t, style)
    up = sample_curve(t, ((0, 0), (0.35, 1), (0.75, 1), (1, 0)))
    pose.arm_l = 14.0 + 66.0 * up
    pose.out_l = 24.0 - 40.0 * up
    pose.bend_l = 66.0 + 20.0 * up
    pose.arm_r = 10.0 + 40.0 * up if not style.has_any("shield") else 10.0 - 20.0 * up
    pose.aim_out = 16.0 - (70.0 * up if not style.has_any("shield") else 0.0)
    pose.bob, pose.lean = -0.05 * up, 6.0 * up
    pose.step_l, pose.step_r = 0.05 * up, -0.06 * up
    return pose


def _pose_jump(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_ready(t, style)
    air = sample_curve(t, ((0, 0), (0.2, 0), (0.5, 1), (0.8, 0), (1, 0)))
    tuck = sample_curve(t, ((0, 0), (0.25, 0), (0.5, 1), (0.75, 0.2), (0.8, 0), (1, 0)))
    pose.hop = 0.13 * air
    pose.bob = sample_curve(t, ((0, 0), (0.15, -0.09), (0.28, 0.01), (0.76, 0), (0.86, -0.08), (1, 0)))
    pose.lift_l, pose.lift_r = 0.11 * tuck, 0.05 * tuck
    pose.step_l, pose.step_r = 0.04 * tuck, -0.05 * tuck
    arms = sample_curve(t, ((0, 0), (0.15, -30), (0.4, 70), (0.7, 50), (0.86, -10), (1, 0)))
    pose.arm_l = pose.arm_l + arms
    pose.out_l = pose.out_l + 28.0 * air
    pose.arm_r, pose.out_r = pose.arm_r + arms * 0.5, pose.out_r + 22.0 * air
    pose.sway = sample_curve(t, ((0, 0), (0.3, 0.6), (0.5, 0.2), (0.75, -0.9), (1, 0)))
    return pose


def _pose_hurt(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_ready(t, style)
    hit = sample_curve(t, ((0, 1), (0.45, 0.75), (1, 0.1)))
    pose.lean, pose.nod = -20.0 * hit, -14.0 * hit
    pose.shift, pose.bob = -0.05 * hit, -0.03 * hit
    pose.arm_l, pose.arm_r = pose.arm_l + 34.0 * hit, pose.arm_r + 20.0 * hit
    pose.out_l, pose.out_r = pose.out_l + 30.0 * hit, pose.out_r + 26.0 * hit
    pose.step_l = -0.07 * hit
    pose.flash = np.where(t < 0.01, 1.0, 0.0)
    return pose


def _pose_death(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_ready(t, style)
    sink = sample_curve(t, ((0, 0), (0.35, 1), (0.6, 0.8), (1, 0)))
    pose.bob = -0.10 * sink
    pose.lean = sample_curve(t, ((0, 0), (0.2, -16), (0.5, 10), (1, 0)))
    pose.nod = sample_curve(t, ((0, 0), (0.2, -14), (0.5, 18), (1, 6)))
    pose.fall = sample_curve(t, ((0, 0), (0.38, 4), (0.8, 84), (0.9, 92), (1, 90)))
    spread = sample_curve(t, ((0, 0), (0.4, 0.6), (1, 1)))
    pose.out_l, pose.out_r = 12.0 + 26.0 * spread, 12.0 + 30.0 * spread
    pose.arm_l, pose.arm_r = 6.0 + 40.0 * sink, 6.0 + 30.0 * sink
    pose.bend_l = pose.bend_r = 18.0 + 10.0 * sink
    pose.aim = sample_curve(t, ((0, 140), (0.4, 100), (1, 12)))
    pose.step_l = 0.05 * spread
    pose.flash = np.where(t < 0.01, 1.0, 0.0) if t.shape[0] > 1 else 0.0 * t
    return pose


def _pose_crouch(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_idle(t, style)
    pose.bob = -0.10 + pose.bob * 0.5
    pose.lean = 16.0
    pose.step_l, pose.step_r = 0.05, -0.05
    pose.arm_l = pose.arm_l + 22.0
    return pose


def _pose_flight(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_idle(t, style)
    pose.hop = 0.09 + 0.025 * sine_wave(t)
    pose.lean, pose.sway = 12.0, 1.5 + 0.4 * sine_wave(2.0 * t)
    pose.lift_l, pose.lift_r = 0.02, 0.06
    pose.step_l, pose.step_r = -0.05, -0.09
    pose.out_l = 40.0 + 12.0 * sine_wave(t)
    return pose


def _pose_swim(t: Array, style: FigureStyle) -> Pose:
    pose = _pose_gait(t, style, stride=0.05, lift=0.03, swing=20.0, bounce=0.03)
    stroke = (1.0 - sine_wave(t + 0.25)) / 2.0
    pose.lean = 34.0
    pose.hop = 0.05 + 0.02 * sine_wave(t)
    pose.step_l, pose.step_r = -0.14 + 0.04 * sine_wave(2.0 * t), -0.14 - 0.04 * sine_wave(2.0 * t)
    pose.lift_l, pose.lift_r = 0.05, 0.05
    pose.arm_l = pose.arm_r = 120.0 - 70.0 * stroke
    pose.out_l = pose.out_r = 10.0 + 50.0 * sine_wave(t * 0.5) * sine_wave(t * 0.5)
    return pose


ACTIONS: dict[str, Callable[[Array, FigureStyle], Pose]] = {
    "idle": _pose_idle,
    "walk": _pose_walk,
    "run": _pose_run,
    "attack": _pose_attack,
    "jump": _pose_jump,
    "hurt": _pose_hurt,
    "death": _pose_death,
    "cast": _pose_cast,
    "shoot": _pose_shot,
    "block": _pose_block,
    "crouch": _pose_crouch,
    "fly": _pose_flight,
    "swim": _pose_swim,
}


def pose_figure(action: str, t: Array, style: FigureStyle) -> Pose:
    """The pose of a person in an action of `ACTIONS` at phases t."""
    return ACTIONS[action](t, style)
