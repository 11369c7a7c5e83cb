"""What people wear over their clothes and hold in their hands."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from .motion import Pose
from .palette import BASE, DEEP, LIGHT
from .scene import FigureScene
from .space import Array, Basis, align_basis, cosd, mix, sind, upright_basis
from .style import FigureStyle

SLASHERS = ("sword", "axe", "hammer", "mace", "dagger", "pick", "torch")


def draw_chest_details(scene: FigureScene, style: FigureStyle, chest: Basis) -> None:
    """Plates, collars, straps and emblems on the torso."""
    if style.has_any("boxy"):
        scene.add_mark(chest, (0, 0.086, 0.03), (0, 1, 0), (0.1, 0.07), "trim", DEEP)
        scene.add_mark(chest, (-0.025, 0.087, 0.035), (0, 1, 0), (0.03, 0.03), "eyes", LIGHT)
        scene.add_mark(chest, (0.025, 0.087, 0.035), (0, 1, 0), (0.03, 0.03), "gem", BASE)
        return
    if style.has_any("plate"):
        scene.start_part()
        scene.add_ball(chest, (0, 0.008, 0.03), (0.112 * style.bulk, 0.082 * style.bulk, 0.082), "armor")
        if style.detail > 0:
            scene.add_mark(chest, (0, 0.09, 0.02), (0, 1, 0.1), (0.014, 0.1), "armor", LIGHT, grow=False)
    if style.has_any("tabard"):
        scene.start_part()
        for z in (0.02, -0.05, -0.11):
            scene.add_limb(
                chest.point_at(-0.03, 0.075, z), chest.point_at(0.03, 0.075, z), 0.04, 0.04, "cloth", lift=0.02
            )
        scene.add_mark(chest, (0, 0.12, 0.0), (0, 1, 0), (0.04, 0.05), "trim", LIGHT)
    if style.has_any("collar"):
        scene.start_part()
        scene.add_ball(chest, (0, 0.0, 0.098), (0.125, 0.098, 0.03), "fur")
    if style.has_any("scarf"):
        scene.start_part()
        scene.add_ball(chest, (0, 0.005, 0.105), (0.095, 0.09, 0.035), "scarf")
        scene.add_limb(chest.point_at(0.04, 0.08, 0.09), chest.point_at(0.055, 0.1, -0.02), 0.03, 0.024, "scarf")
    if style.detail > 0 and style.has_any("strap"):
        for k in range(7):
            x = -0.085 + k * 0.028
            scene.add_mark(chest, (x, 0.082, 0.085 - k * 0.028), (x * 4, 1, 0), (0.032, 0.03), "belt", BASE)
    if style.detail > 0 and style.has_any("robe", "dress"):
        for k in range(5):
            scene.add_mark(chest, (0, 0.085, 0.06 - k * 0.03), (0, 1, 0), (0.02, 0.03), "trim", BASE, grow=False)
    if style.has_any("apron"):
        scene.start_part()
        scene.add_ball(chest, (0, 0.045, -0.1), (0.075, 0.07, 0.11), "apron", lift=0.02)


def draw_behind(scene: FigureScene, style: FigureStyle, chest: Basis, hips: Basis, pose: Pose) -> None:
    """Cape, quiver, wings and tail."""
    if style.has_any("cape"):
        scene.start_part()
        blow = np.asarray(pose.sway)
        for x in (-0.085, -0.03, 0.03, 0.085):
            top = chest.point_at(x, -0.07, 0.085)
            middle = chest.point_at(x * 1.25, -0.115 - blow * 0.012, -0.06)
            hem = hips.point_at(x * 1.55, -0.12 - blow * 0.05, -0.155 + np.maximum(blow, 0) * 0.015)
            scene.add_limb(top, middle, 0.034, 0.042, "cape")
            scene.add_limb(middle, hem, 0.042, 0.046, "cape")
    if style.has_any("quiver"):
        scene.start_part()
        scene.add_limb(chest.point_at(-0.05, -0.1, -0.08), chest.point_at(0.07, -0.11, 0.1), 0.042, 0.048, "belt")
        scene.add_limb(chest.point_at(0.075, -0.11, 0.11), chest.point_at(0.1, -0.115, 0.16), 0.02, 0.03, "plume")
    if style.has_any("pack"):
        scene.start_part()
        scene.add_ball(chest, (0, -0.11, -0.01), (0.095, 0.06, 0.1), "belt")
    if style.has_any("tail"):
        scene.start_part()
        end = hips.point_at(np.asarray(pose.sway) * 0.03, -0.2, 0.0)
        scene.add_limb(hips.point_at(0, -0.06, 0.0), end, 0.03, 0.024, "hair")
        scene.add_limb(end, hips.point_at(np.asarray(pose.sway) * 0.06, -0.27, 0.12), 0.024, 0.01, "hair")
    if style.has_any("wings"):
        _draw_wings(scene, chest, pose)


def _draw_wings(scene: FigureScene, chest: Basis, pose: Pose) -> None:
    beat = np.asarray(pose.sway) * 0.05
    for side in (-1.0, 1.0):
        scene.start_part()
        root = chest.point_at(side * 0.04, -0.08, 0.04)
        high = chest.point_at(side * 0.34, -0.16 - beat, 0.24 + beat)
        low = chest.point_at(side * 0.24, -0.14 - beat, -0.12)
        scene.add_sheet(
            [root, high, chest.point_at(side * 0.37, -0.17 - beat, 0.08), chest.point_at(side * 0.2, -0.13, 0.0)],
            "wing",
        )
        scene.add_sheet(
            [root, chest.point_at(side * 0.2, -0.13, 0.0), low, chest.point_at(side * 0.08, -0.1, -0.1)],
            "wing",
            shade=-1,
        )
        scene.add_limb(root, high, 0.016, 0.008, "wing", shade=1)


def draw_held(
    scene: FigureScene, style: FigureStyle, grip: Basis, left: Array, right: Array, chest: Basis, pose: Pose
) -> None:
    """Weapons and shield."""
    scene.hold_at(right)
    weapon = next((name for name in WEAPONS if name in style.features), None)
    if weapon is not None:
        WEAPONS[weapon](scene, grip, pose)
    scene.hold_at(left)
    if style.has_any("shield"):
        _draw_shield(scene, left, chest)
    if style.has_any("bow"):
        _draw_bow(scene, left, right, chest, pose)
    if style.has_any("book"):
        scene.start_part()
        scene.add_box(align_basis(left, chest.up, chest.forward), (0, 0.03, 0.03), (0.06, 0.02, 0.05), "cape")
    scene.hold_at(None)


def _draw_sword(scene: FigureScene, grip: Basis, pose: Pose) -> None:  # noqa: ARG001
    scene.start_part()
    scene.add_limb(grip.point_at(0, 0, -0.05), grip.point_at(0, 0, 0.04), 0.017, 0.017, "belt")
    scene.start_part()
    scene.add_limb(grip.point_at(-0.07, 0, 0.045), grip.point_at(0.07, 0, 0.045), 0.02, 0.02, "gold")
    scene.start_part()
    scene.add_limb(grip.point_at(0, 0, 0.06), grip.point_at(0, 0, 0.34), 0.028, 0.024, "blade")
    scene.add_limb(grip.point_at(0, 0, 0.34), grip.point_at(0, 0, 0.41), 0.024, 0.004, "blade")


def _draw_dagger(scene: FigureScene, grip: Basis, pose: Pose) -> None:  # noqa: ARG001
    scene.start_part()
    scene.add_limb(grip.point_at(-0.045, 0, 0.035), grip.point_at(0.045, 0, 0.035), 0.018, 0.018, "gold")
    scene.start_part()
    scene.add_limb(grip.point_at(0, 0, 0.05), grip.point_at(0, 0, 0.22), 0.025, 0.006, "blade")


def _draw_shaft(scene: FigureScene, grip: Basis, low: float, high: float, radius: float = 0.017) -> None:
    scene.start_part()
    scene.add_limb(grip.point_at(0, 0, low), grip.point_at(0, 0, high), radius, radius, "wood")


def _draw_axe(scene: FigureScene, grip: Basis, pose: Pose) -> None:  # noqa: ARG001
    _draw_shaft(scene, grip, -0.09, 0.34)
    scene.start_part()
    scene.add_ball(grip, (0.0, 0.075, 0.27), (0.022, 0.07, 0.1), "blade")
    scene.add_ball(grip, (0.0, -0.05, 0.27), (0.018, 0.045, 0.06), "blade", shade=-1)


def _draw_hammer(scene: FigureScene, grip: Basis, pose: Pose) -> None:  # noqa: ARG001
    _draw_shaft(scene, grip, -0.09, 0.3)
    scene.start_part()
    scene.add_box(grip, (0, 0, 0.32), (0.065, 0.11, 0.07), "blade")


def _draw_mace(scene: FigureScene, grip: Basis, pose: Pose) -> None:  # noqa: ARG001
    _draw_shaft(scene, grip, -0.06, 0.26)
    scene.start_part()
    scene.add_ball(grip, (0, 0, 0.3), (0.068, 0.068, 0.068), "blade")


def _draw_pick(scene: FigureScene, grip: Basis, pose: Pose) -> None:  # noqa: ARG001
    _draw_shaft(scene, grip, -0.09, 0.32)
    scene.start_part()
    for y in (-1.0, 1.0):
        scene.add_limb(grip.point_at(0, 0, 0.33), grip.point_at(0, y * 0.15, 0.27), 0.028, 0.01, "blade")


def _draw_spear(scene: FigureScene, grip: Basis, pose: Pose) -> None:  # noqa: ARG001
    _draw_shaft(scene, grip, -0.22, 0.36)
    scene.start_part()
    scene.add_limb(grip.point_at(0, 0, 0.37), grip.point_at(0, 0, 0.42), 0.03, 0.034, "blade")
    scene.add_limb(grip.point_at(0, 0, 0.42), grip.point_at(0, 0, 0.52), 0.034, 0.004, "blade")


def _draw_staff(scene: FigureScene, grip: Basis, pose: Pose) -> None:
    _draw_shaft(scene, grip, -0.24, 0.34, 0.019)
    scene.start_part()
    scene.add_limb(grip.point_at(-0.045, 0, 0.35), grip.point_at(-0.055, 0, 0.43), 0.02, 0.014, "wood")
    scene.add_limb(grip.point_at(0.045, 0, 0.35), grip.point_at(0.055, 0, 0.43), 0.02, 0.014, "wood")
    scene.start_part()
    scene.add_ball(grip, (0, 0, 0.41), (0.058, 0.058, 0.058), "gem")
    _draw_sparkle(scene, grip, 0.41, pose)


def _draw_wand(scene: FigureScene, grip: Basis, pose: Pose) -> None:
    _draw_shaft(scene, grip, -0.02, 0.2, 0.014)
    scene.start_part()
    scene.add_ball(grip, (0, 0, 0.22), (0.035, 0.035, 0.035), "gem")
    _draw_sparkle(scene, grip, 0.22, pose)


def _draw_torch(scene: FigureScene, grip: Basis, pose: Pose) -> None:  # noqa: ARG001
    _draw_shaft(scene, grip, -0.06, 0.18, 0.02)
    scene.start_part()
    centre = upright_basis(grip.point_at(0, 0, 0.21))
    scene.add_ball(centre, (0, 0, 0.02), (0.06, 0.06, 0.07), "fire", spark=True)
    scene.add_limb(centre.point_at(0, 0, 0.04), centre.point_at(0, 0, 0.15), 0.045, 0.01, "fire", spark=True)


def _draw_sparkle(scene: FigureScene, grip: Basis, z: float, pose: Pose) -> None:
    power = np.asarray(pose.swing)
    if np.any(power > 0.0):
        radius = 0.1 * power
        scene.add_ball(grip, (0, 0, z), (radius, radius, radius), "magic", spark=True)
        for k in range(4):
            s, c = sind(power * 140.0 + k * 90.0), cosd(power * 140.0 + k * 90.0)
            mote = np.where(power > 0.0, 0.018, 0.0)
            scene.add_ball(grip, (s * radius * 1.7, 0.0, z + c * radius * 1.7), (mote, mote, mote), "magic", spark=True)


WEAPONS: dict[str, Callable[[FigureScene, Basis, Pose], None]] = {
    "sword": _draw_sword,
    "axe": _draw_axe,
    "hammer": _draw_hammer,
    "mace": _draw_mace,
    "dagger": _draw_dagger,
    "spear": _draw_spear,
    "staff": _draw_staff,
    "wand": _draw_wand,
    "torch": _draw_torch,
    "pick": _draw_pick,
}


def _draw_shield(scene: FigureScene, hand: Array, chest: Basis) -> None:
    face = chest.direction_to(-0.45, 0.9, 0.0)
    basis = align_basis(hand, chest.up, face).moved(0.0, 0.045, -0.01)
    scene.start_part()
    scene.add_ball(basis, (0, 0, 0), (0.115, 0.028, 0.135), "shield_rim")
    scene.start_part()
    scene.add_ball(basis, (0, 0.012, 0), (0.092, 0.028, 0.11), "shield")
    scene.add_ball(basis, (0, 0.03, 0), (0.032, 0.022, 0.034), "shield_rim")


def _draw_bow(scene: FigureScene, left: Array, right: Array, chest: Basis, pose: Pose) -> None:
    drawn = np.asarray(pose.swing)
    basis = align_basis(left, chest.direction_to(0.15, 0.25, 1.0), chest.forward)
    scene.start_part()
    shape = ((-0.23, -0.055), (-0.15, 0.012), (0.0, 0.04), (0.15, 0.012), (0.23, -0.055))
    for (z0, y0), (z1, y1) in pairwise(shape):
        scene.add_limb(basis.point_at(0, y0, z0), basis.point_at(0, y1, z1), 0.02, 0.02, "wood")
    scene.start_part()
    rest = basis.point_at(0, -0.055, 0.0)
    nock = mix(rest, right, np.where(drawn > 0.0, 1.0, 0.0))
    scene.add_limb(basis.point_at(0, -0.055, 0.23), nock, 0.004, 0.004, "string")
    scene.add_limb(nock, basis.point_at(0, -0.055, -0.23), 0.004, 0.004, "string")
    if np.any(drawn > 0.0):
        scene.start_part()
        tip = mix(nock, basis.point_at(0, 0.16, 0.0), np.where(drawn > 0.0, 1.0, 0.0))
        scene.add_limb(nock, tip, 0.006, 0.006, "string")


def draw_swoosh(
    scene: FigureScene, style: FigureStyle, action: str, t: Array, pose: Pose, grip_at: Callable[[Array], Basis]
) -> None:
    """The bright arc behind a blade, from where it was a moment before."""
    if action != "attack" or not style.has_any(*SLASHERS) or not np.any(pose.swing):
        return
    scene.start_part()
    reach = 0.2 if style.has_any("dagger") else 0.38
    active = np.asarray(pose.swing)
    steps = [grip_at(np.maximum(t - 0.035 * k * active, 0.34)) for k in range(6)]
    # At rest the arc shrinks into the body: shrunk into the hand it would stay there as a dot.
    hold = scene.point_at(0.0, 0.0, 0.3)
    for k, (a, b) in enumerate(pairwise(steps)):
        inner = 0.52 + 0.08 * k
        corners = [a.point_at(0, 0, reach * inner), a.point_at(0, 0, reach), b.point_at(0, 0, reach)]
        corners.append(b.point_at(0, 0, reach * (inner + 0.08)))
        corners = [mix(hold, c, active) for c in corners]
        scene.add_sheet(corners, "swoosh", lift=-0.05, shade=-k // 2, spark=True)
