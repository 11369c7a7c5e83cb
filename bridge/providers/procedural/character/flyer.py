"""Winged figures that are no people and have no four legs: birds, bats and insects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .gait import MOTIONS, Stride
from .palette import LINE, SHINE
from .quadruped import draw_wings
from .scene import FigureScene
from .space import Array, Basis, mix, sine_wave, upright_basis
from .style import FigureStyle, Staging


@dataclass(frozen=True, slots=True)
class Flyer:
    """A body plan. span and chord of one wing, how high it hovers, and its kind of face and tail."""

    body: tuple[float, float, float] = (0.12, 0.17, 0.12)
    head: float = 0.115
    neck: tuple[float, float] = (0.13, 0.1)
    span: float = 0.34
    chord: float = 0.2
    hover: float = 0.16
    face: str = "beak"
    feathers: bool = True


FLYERS: dict[str, Flyer] = {
    "bird": Flyer(),
    "eagle": Flyer(body=(0.13, 0.19, 0.13), span=0.42, chord=0.24, face="hook"),
    "owl": Flyer(body=(0.14, 0.13, 0.17), head=0.14, neck=(0.03, 0.18), face="owl", span=0.32),
    "duck": Flyer(body=(0.13, 0.19, 0.11), neck=(0.14, 0.15), head=0.1, span=0.26, face="bill"),
    "bat": Flyer(
        body=(0.1, 0.1, 0.12), head=0.135, neck=(0.05, 0.13), span=0.4, chord=0.32, face="fangs", feathers=False
    ),
    "bee": Flyer(
        body=(0.13, 0.2, 0.13), head=0.12, neck=(0.2, 0.03), span=0.24, chord=0.12, face="bug", feathers=False
    ),
    "butterfly": Flyer(
        body=(0.05, 0.13, 0.055), head=0.075, neck=(0.13, 0.03), span=0.36, chord=0.3, face="bug", feathers=False
    ),
}


def _pose_flight(action: str, t: Array) -> Stride:
    """The motions of animals, in the air: wings beat in everything but death."""
    stride = MOTIONS["idle" if action in ("walk", "run", "fly", "swim") else action](t)
    if action != "death":
        beats = 2.0 if action == "run" else 1.0
        stride.beat = 0.95 * sine_wave(t * beats)
        stride.bob = 0.025 * sine_wave(t * beats + 0.5) + (0.0 if action == "idle" else np.asarray(stride.bob))
    if action in ("walk", "run", "fly"):
        stride.rear = -10.0 if action == "run" else -5.0
    return stride


def _draw_face(scene: FigureScene, plan: Flyer, head: Basis, stride: Stride) -> None:
    r = plan.head
    face = scene.start_part()
    scene.add_ball(head, (0, 0, 0), (r, r, r * 0.96), "head")
    big = 2.0 if plan.face in ("owl", "bug") else 1.2
    for side in (-1.0, 1.0):
        spot = (side * r * 0.58, r * 0.74, r * 0.18)
        facing = (side * 0.65, 0.72, 0.1)
        if plan.face == "owl":
            scene.add_mark(head, spot, facing, (0.095, 0.095), "belly", 4)
        if plan.face == "fangs":
            scene.add_mark(head, spot, facing, (0.05, 0.05), "glow_eyes", SHINE)
            continue
        scene.add_mark(head, spot, facing, (0.034 * big, 0.042 * big), "eyes", LINE)
        scene.add_mark(head, (spot[0], spot[1], spot[2] + 0.014), facing, (0.018, 0.018), "eyes", SHINE, grow=False)
    if plan.face == "fangs":
        for side in (-1.0, 1.0):
            scene.add_mark(head, (side * r * 0.3, r * 0.9, -r * 0.48), (0, 1, 0), (0.018, 0.036), "horn", 4)
            scene.start_part()
            scene.add_limb(
                head.point_at(side * r * 0.55, 0, r * 0.6),
                head.point_at(side * r * 0.95, 0, r * 1.7),
                r * 0.42,
                0.008,
                "head",
            )
    elif plan.face == "bug":
        for side in (-1.0, 1.0):
            scene.start_part()
            scene.add_limb(
                head.point_at(side * 0.03, r * 0.5, r * 0.7),
                head.point_at(side * 0.09, r * 1.1, r * 1.6),
                0.01,
                0.01,
                "marks",
            )
    else:
        scene.start_part()
        jaw = np.asarray(stride.jaw) * 0.03
        wide = 0.05 if plan.face == "bill" else 0.036
        tip = head.point_at(0, r * 1.62, -r * (0.5 if plan.face == "hook" else 0.22))
        scene.add_limb(head.point_at(0, r * 0.85, -r * 0.1), tip, wide, 0.022 if plan.face == "bill" else 0.008, "beak")
        scene.add_limb(
            head.point_at(0, r * 0.85, -r * 0.25 - jaw),
            head.point_at(0, r * 1.3, -r * 0.4 - jaw),
            wide * 0.7,
            0.008,
            "beak",
            shade=-1,
        )
    scene.continue_part(face)


def _draw_body(scene: FigureScene, plan: Flyer, body: Basis, species: str) -> None:
    wide, long, tall = plan.body
    scene.start_part()
    scene.add_ball(body, (0, 0, 0), (wide, long, tall), "body")
    if plan.face != "bug":
        scene.add_ball(body, (0, long * 0.2, -tall * 0.18), (wide * 0.86, long * 0.84, tall * 0.86), "belly")
    elif species == "bee":
        for y in (-0.6, -0.12, 0.36):
            rim = (1 - y * y) ** 0.5
            scene.add_ball(body, (0, y * long, 0), (wide * rim + 0.012, 0.04, tall * rim + 0.012), "marks")
        scene.add_limb(body.point_at(0, -long * 0.9, 0), body.point_at(0, -long * 1.35, -0.01), 0.022, 0.004, "marks")
    if plan.feathers:
        scene.start_part()
        for x in (-0.045, 0.0, 0.045):
            scene.add_limb(
                body.point_at(x * 0.6, -long * 0.7, 0.02),
                body.point_at(x * 1.7, -long - 0.11, 0.0),
                0.035,
                0.026,
                "wing",
            )
        scene.start_part()
        for side in (-1.0, 1.0):
            foot = body.point_at(side * 0.05, -0.02, -tall - 0.05)
            scene.add_limb(body.point_at(side * 0.05, 0.0, -tall * 0.8), foot, 0.014, 0.012, "beak")
            scene.add_limb(foot, foot + body.direction_to(0, 0.045, -0.008), 0.014, 0.01, "beak")


def _draw_feathered_wings(scene: FigureScene, plan: Flyer, body: Basis, stride: Stride) -> None:
    """Wings of four rows of feathers."""
    beat = np.asarray(stride.beat)
    wide, _, tall = plan.body
    for side in (-1.0, 1.0):
        scene.start_part()
        root = body.point_at(side * wide * 0.7, 0.03, tall * 0.45)
        bend = body.point_at(side * (wide + plan.span * 0.45), 0.05, tall * 0.45 + plan.span * (0.1 + 0.32 * beat))
        tip = body.point_at(side * (wide + plan.span), -0.02, tall * 0.4 + plan.span * (0.02 + 0.72 * beat))
        scene.add_limb(root, bend, 0.036, 0.032, "wing", shade=1)
        scene.add_limb(bend, tip, 0.032, 0.016, "wing", shade=1)
        for k in range(6):
            u = k / 5
            quill = mix(root, bend, u * 2.0) if u <= 0.5 else mix(bend, tip, u * 2.0 - 1.0)
            end = quill + body.direction_to(side * 0.05 * u, -plan.chord * (0.95 - 0.3 * u), -0.03)
            scene.add_limb(quill, end, 0.036, 0.024, "wing", shade=-1 if k % 2 else 0)


def build_flyer(scene: FigureScene, style: FigureStyle, action: str, t: Array) -> Staging:
    """Draws a flying animal in an action at phases t."""
    plan = FLYERS.get(style.species, FLYERS["bird"])
    stride = _pose_flight(action, t)
    drop = t * plan.hover if action == "death" else 0.0
    rise = scene.snap_shift(np.asarray(stride.bob) + stride.hop)
    height = plan.hover + plan.body[2] + 0.06 + rise - drop
    body = upright_basis(scene.point_at(0.0, stride.shift, height)).turned(lean=-np.asarray(stride.rear))
    _draw_body(scene, plan, body, style.species)
    if plan.feathers:
        _draw_feathered_wings(scene, plan, body, stride)
    else:
        draw_wings(
            scene,
            body,
            stride,
            plan.span,
            plan.chord,
            (plan.body[0] * 0.5, 0.04, plan.body[2] * 0.6),
            rib="wing" if plan.face == "bug" else "body",
            spread=0.4 if plan.face == "fangs" else 0.2,
            drape=0.45 if plan.face == "fangs" else 0.0,
        )
    head = body.moved(0, plan.neck[0], plan.neck[1]).turned(lean=np.asarray(stride.nod) + np.asarray(stride.rear) * 0.7)
    scene.start_part()
    scene.add_limb(
        body.point_at(0, plan.neck[0] * 0.4, plan.neck[1] * 0.2),
        head.point_at(0, 0, 0),
        plan.head * 0.8,
        plan.head * 0.75,
        "head",
    )
    _draw_face(scene, plan, head, stride)
    return Staging(topple=stride.fall, flash=stride.flash, settle=action == "death")
