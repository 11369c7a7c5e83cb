"""How animals move: strides over the phase of an action, for four legs, wings and spiders alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .space import Array, Scalar, sample_curve, sine_wave


@dataclass(slots=True)
class Stride:
    """An animal's joints: per leg (front left, front right, back left, back right) step and lift."""

    step: tuple[Scalar, ...] = (0.0, 0.0, 0.0, 0.0)
    lift: tuple[Scalar, ...] = (0.0, 0.0, 0.0, 0.0)
    bob: Scalar = 0.0
    hop: Scalar = 0.0
    shift: Scalar = 0.0
    rear: Scalar = 0.0
    nod: Scalar = 0.0
    wag: Scalar = 0.0
    jaw: Scalar = 0.0
    beat: Scalar = 0.0
    fall: Scalar = 0.0
    flash: Scalar = 0.0


def _pose_idle(t: Array) -> Stride:
    breath = (1.0 - sine_wave(t + 0.25)) / 2.0
    return Stride(bob=-0.016 * breath, nod=-2.5 * sine_wave(t), wag=sine_wave(t), beat=0.3 * sine_wave(t))


def _pose_gait(t: Array, stride: float, lift: float, bounce: float) -> Stride:
    # A trot: diagonal pairs move together, so one foot of each pair of sides always stands.
    phases = (0.0, 0.5, 0.5, 0.0)
    return Stride(
        step=tuple(stride * sine_wave(t + p + 0.25) for p in phases),
        lift=tuple(lift * np.maximum(-sine_wave(t + p), 0.0) for p in phases),
        bob=-bounce * (sine_wave(2.0 * t + 0.25) + 1.0) / 2.0,
        nod=4.0 * sine_wave(2.0 * t),
        wag=sine_wave(t),
        beat=0.35 * sine_wave(t),
    )


def _pose_run(t: Array) -> Stride:
    stride = _pose_gait(t, 0.14, 0.1, 0.04)
    stride.rear = 5.0 * sine_wave(t)
    return stride


def _pose_attack(t: Array) -> Stride:
    go = sample_curve(t, ((0, 0), (0.34, -0.5), (0.46, -0.5), (0.62, 1), (0.78, 0.9), (1, 0)))
    return Stride(
        shift=0.1 * go,
        rear=sample_curve(t, ((0, 0), (0.36, -7), (0.6, 12), (0.8, 4), (1, 0))),
        bob=sample_curve(t, ((0, 0), (0.36, -0.05), (0.6, 0.0), (1, 0))),
        nod=sample_curve(t, ((0, 0), (0.36, -16), (0.64, 16), (0.8, 12), (1, 0))),
        jaw=sample_curve(t, ((0, 0), (0.4, 0.2), (0.58, 1), (0.7, 0.1), (1, 0))),
        step=(0.1 * np.maximum(go, 0), 0.13 * np.maximum(go, 0), 0.04 * go, 0.02 * go),
        lift=(0.0, 0.07 * np.maximum(go, 0), 0.0, 0.0),
        wag=0.5 * go,
        beat=0.8 * go,
    )


def _pose_jump(t: Array) -> Stride:
    air = sample_curve(t, ((0, 0), (0.2, 0), (0.5, 1), (0.8, 0), (1, 0)))
    return Stride(
        hop=0.15 * air,
        bob=sample_curve(t, ((0, 0), (0.15, -0.07), (0.28, 0.01), (0.76, 0), (0.86, -0.06), (1, 0))),
        rear=sample_curve(t, ((0, 0), (0.15, -4), (0.36, 15), (0.62, -10), (0.85, 0), (1, 0))),
        step=(0.1 * air, 0.08 * air, -0.12 * air, -0.1 * air),
        lift=(0.05 * air, 0.03 * air, 0.02 * air, 0.03 * air),
        beat=air,
    )


def _pose_hurt(t: Array) -> Stride:
    hit = sample_curve(t, ((0, 1), (0.45, 0.75), (1, 0.1)))
    return Stride(
        shift=-0.06 * hit,
        rear=8.0 * hit,
        nod=-20.0 * hit,
        bob=-0.03 * hit,
        jaw=hit,
        wag=-hit,
        flash=np.where(t < 0.01, 1.0, 0.0),
    )


def _pose_death(t: Array) -> Stride:
    down = sample_curve(t, ((0, 0), (0.35, 1), (1, 0.4)))
    limp = sample_curve(t, ((0, 0), (0.5, 0.4), (1, 1)))
    return Stride(
        bob=-0.08 * down,
        nod=18.0 * limp,
        fall=sample_curve(t, ((0, 0), (0.35, 3), (0.8, 84), (0.9, 91), (1, 90))),
        step=(0.07 * limp, 0.04 * limp, -0.05 * limp, -0.02 * limp),
        jaw=0.4 * limp,
        beat=-limp,
        flash=np.where(t < 0.01, 1.0, 0.0),
    )


def _pose_crouch(t: Array) -> Stride:
    stride = _pose_idle(t)
    stride.bob, stride.nod = np.asarray(stride.bob) - 0.07, 6.0
    return stride


def _pose_flight(t: Array) -> Stride:
    return Stride(
        hop=0.12 + 0.03 * sine_wave(t + 0.5),
        step=(0.06, 0.04, -0.1, -0.12),
        lift=(0.05, 0.04, 0.03, 0.02),
        wag=sine_wave(t),
        beat=sine_wave(t) + 0.2,
        rear=4.0 + 2.0 * sine_wave(t),
    )


def _pose_swim(t: Array) -> Stride:
    stride = _pose_gait(t, 0.1, 0.05, 0.02)
    stride.rear = 6.0
    return stride


MOTIONS: dict[str, Callable[[Array], Stride]] = {
    "idle": _pose_idle,
    "walk": lambda t: _pose_gait(t, 0.085, 0.055, 0.02),
    "run": _pose_run,
    "attack": _pose_attack,
    "jump": _pose_jump,
    "hurt": _pose_hurt,
    "death": _pose_death,
    "cast": _pose_attack,
    "shoot": _pose_attack,
    "block": lambda t: _pose_crouch(t * 0.0),
    "crouch": _pose_crouch,
    "fly": _pose_flight,
    "swim": _pose_swim,
}
