"""Spiders: eight legs around two balls, moved by the strides of animals."""

from __future__ import annotations

import numpy as np

from .gait import Stride
from .palette import LINE, SHINE
from .scene import FigureScene
from .space import Array, cosd, sind, sine_wave, upright_basis
from .style import Staging


def build_spider(scene: FigureScene, stride: Stride, t: Array, *, moving: bool) -> Staging:
    """Draws a spider; `moving` makes its legs walk with the phases t."""
    rise = scene.snap_shift(np.asarray(stride.bob) + stride.hop)
    body = upright_basis(scene.point_at(0.0, stride.shift, 0.17 + rise)).turned(lean=-np.asarray(stride.rear))
    for side in (-1.0, 1.0):
        for k, angle in enumerate((38.0, 72.0, 106.0, 140.0)):
            phase = t + (0.5 if (k % 2 == 0) == (side > 0) else 0.0)
            step = 0.06 * sine_wave(phase + 0.25) if moving else 0.0
            lift = 0.06 * np.maximum(-sine_wave(phase), 0.0) if moving else 0.0
            s, c = float(sind(angle)[0]) * side, float(cosd(angle)[0])
            x, y = s * 0.36, c * 0.32 + step
            foot = scene.point_at(x, y, 0.02 + lift + np.asarray(stride.hop) + scene.ground_height(0.0, step))
            high = scene.point_at(s * 0.24, c * 0.2 + step * 0.5, 0.3 + np.asarray(lift) + rise)
            scene.start_part()
            scene.add_limb(body.point_at(s * 0.07, c * 0.07 + 0.05, 0.0), high, 0.026, 0.022, "body", shade=-1)
            scene.add_limb(high, foot, 0.022, 0.012, "socks")
    scene.start_part()
    scene.add_ball(body, (0, -0.17, 0.05), (0.16, 0.18, 0.15), "body")
    for x, y in ((0, -0.17), (0.05, -0.22), (-0.05, -0.22), (0, -0.28)):
        scene.add_mark(body, (x, y, 0.2), (0, -0.2, 0.97), (0.04, 0.04), "marks", 3)
    face = scene.start_part()
    scene.add_ball(body, (0, 0.06, 0.0), (0.105, 0.115, 0.09), "body")
    for side in (-1.0, 1.0):
        scene.add_mark(body, (side * 0.04, 0.165, 0.03), (side * 0.35, 0.9, 0.2), (0.042, 0.046), "glow_eyes", SHINE)
        scene.add_mark(
            body, (side * 0.075, 0.13, 0.055), (side * 0.6, 0.7, 0.4), (0.026, 0.026), "glow_eyes", 4, grow=False
        )
        scene.start_part()
        tip = body.point_at(side * 0.035, 0.19, -0.1 - 0.03 * np.asarray(stride.jaw))
        scene.add_limb(body.point_at(side * 0.045, 0.14, -0.04), tip, 0.026, 0.008, "socks")
        scene.continue_part(face)
    scene.add_mark(body, (0, 0.17, -0.045), (0, 1, 0), (0.05, 0.014), "socks", LINE, grow=False)
    return Staging(topple=np.asarray(stride.fall) * 2.0, flash=stride.flash, settle=False)
