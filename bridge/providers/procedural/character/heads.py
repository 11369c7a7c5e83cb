"""Heads of people: face, hair, ears, and what is worn on top."""

from __future__ import annotations

from collections.abc import Iterable

from .motion import Pose
from .palette import BASE, DEEP, LIGHT, LINE, SHADOW, SHINE
from .scene import FigureScene
from .space import Basis, cosd, sind
from .style import FigureStyle

WIDE, LONG, TALL = 0.165, 0.16, 0.17
# Sum of red, green and blue below which dark eyes need their whites to be seen.
_DARK_SKIN = 420


def _mark_ring(
    scene: FigureScene,
    head: Basis,
    angles: Iterable[int],
    z: float,
    grow: float,
    size: tuple[float, float],
    paint: str,
    level: int,
) -> None:
    """Marks on a ring around the head: angle 0 is the face."""
    for angle in angles:
        s, c = float(sind(angle)[0]), float(cosd(angle)[0])
        scene.add_mark(head, (s * WIDE * grow, c * LONG * grow, z), (s, c, 0.0), size, paint, level)


def draw_head(scene: FigureScene, style: FigureStyle, head: Basis, pose: Pose) -> None:
    """Draws a person's head; the basis is its centre."""
    size = style.build.head_size
    head = Basis(head.origin, head.right * size, head.forward * size, head.up * size)
    face = scene.start_part()
    if style.has_any("boxy"):
        scene.add_box(head, (0, 0, 0), (WIDE * 0.88, LONG * 0.86, TALL * 0.82), "skin")
        _draw_robot_face(scene, head)
        return
    # Hair and hats hide the lit upper half of the face: what is left gets its light back.
    covered = not style.has_any("bald", "bones") or style.has_any("hat", "hood")
    scene.add_ball(head, (0, 0, 0), (WIDE, LONG, TALL), "skin", shade=1 if covered else 0)
    if style.has_any("bones"):
        scene.add_box(head, (0, 0.055, -0.125), (0.075, 0.075, 0.055), "skin")
        _draw_skull_face(scene, head)
    elif not style.has_any("helmet"):
        _draw_face(scene, style, head)
    if style.has_any("snout"):
        scene.start_part()
        scene.add_limb(head.point_at(0, 0.13, -0.05), head.point_at(0, 0.17, -0.06), 0.06, 0.045, "skin", lift=0.01)
        scene.add_mark(head, (-0.02, 0.215, -0.05), (0, 1, 0.2), (0.016, 0.02), "skin", LINE)
        scene.add_mark(head, (0.02, 0.215, -0.05), (0, 1, 0.2), (0.016, 0.02), "skin", LINE)
        scene.continue_part(face)
    _draw_ears(scene, style, head)
    _draw_hair(scene, style, head, pose)
    _draw_beard(scene, style, head)
    _draw_headwear(scene, style, head, pose)


def _draw_face(scene: FigureScene, style: FigureStyle, head: Basis) -> None:
    for side in (-1.0, 1.0):
        # Seen from the side the front eye would be a dot on the outline: an eye further back takes its place.
        _draw_eye(scene, style, head, (side * 0.068, 0.146), (side * 0.26, 0.96, 0.0), side)
        _draw_eye(scene, style, head, (side * 0.128, 0.1), (side * 0.4, 0.0, 0.0), side)
    if style.has_any("fangs"):
        scene.add_mark(head, (0, 0.15, -0.098), (0, 1, 0), (0.085, 0.02), "skin", LINE)
        for side in (-1.0, 1.0):
            scene.add_mark(head, (side * 0.036, 0.15, -0.08), (0, 1, 0), (0.018, 0.034), "eye_white", LIGHT)
    elif style.detail > 0 and not style.has_any("beard"):
        scene.add_mark(head, (0, 0.15, -0.092), (0, 1, 0), (0.05, 0.014), "skin", DEEP, grow=False)
    if style.detail > 1:
        scene.add_mark(head, (0.004, 0.16, -0.045), (0, 1, 0), (0.022, 0.02), "skin", SHADOW, grow=False)


def _draw_eye(
    scene: FigureScene,
    style: FigureStyle,
    head: Basis,
    spot: tuple[float, float],
    facing: tuple[float, float, float],
    side: float,
) -> None:
    """An eye with its brow and cheek at x, y of the head."""
    x, y = spot
    if style.detail > 1 or sum(style.paints["skin"].rgb) < _DARK_SKIN:
        scene.add_mark(
            head, (x + side * 0.008, y - 0.002, -0.008), facing, (0.056, 0.064), "eye_white", BASE, grow=False
        )
    scene.add_mark(head, (x, y, -0.012), facing, (0.036, 0.07), "eyes", LINE)
    if style.detail > 0:
        scene.add_mark(head, (x - 0.004, y, 0.008), facing, (0.026, 0.02), "eyes", SHINE, grow=False)
        scene.add_mark(head, (x * 1.03, y - 0.006, 0.055), facing, (0.05, 0.018), "hair", DEEP, grow=False)
        cheek = (x + side * 0.028, y - 0.03, -0.06)
        scene.add_mark(head, cheek, facing, (0.034, 0.024), "blush", BASE, grow=False)


def _draw_skull_face(scene: FigureScene, head: Basis) -> None:
    for side in (-1.0, 1.0):
        scene.add_mark(head, (side * 0.065, 0.142, -0.012), (side * 0.4, 0.9, 0), (0.064, 0.07), "skin", LINE)
        scene.add_mark(head, (side * 0.065, 0.145, -0.012), (side * 0.4, 0.9, 0), (0.022, 0.022), "eyes", SHINE)
    scene.add_mark(head, (0.0, 0.158, -0.062), (0, 1, 0), (0.024, 0.028), "skin", LINE, grow=False)
    for x in (-0.045, -0.015, 0.015, 0.045):
        scene.add_mark(head, (x, 0.132, -0.13), (0, 1, 0), (0.014, 0.034), "skin", DEEP, grow=False)


def _draw_robot_face(scene: FigureScene, head: Basis) -> None:
    scene.add_mark(head, (0.0, LONG * 0.87, 0.005), (0, 1, 0), (0.22, 0.075), "skin", LINE)
    for side in (-1.0, 1.0):
        scene.add_mark(head, (side * 0.055, LONG * 0.87, 0.005), (0, 1, 0), (0.05, 0.045), "eyes", LIGHT)
        scene.add_mark(head, (side * WIDE * 0.88, 0.0, 0.0), (side, 0, 0), (0.07, 0.07), "trim", DEEP)
    scene.add_mark(head, (0, LONG * 0.87, -0.085), (0, 1, 0), (0.1, 0.02), "skin", DEEP, grow=False)
    scene.start_part()
    scene.add_limb(head.point_at(0, 0, 0.13), head.point_at(0, 0, 0.21), 0.012, 0.012, "armor")
    scene.add_ball(head, (0, 0, 0.22), (0.026, 0.026, 0.026), "eyes")


def _draw_ears(scene: FigureScene, style: FigureStyle, head: Basis) -> None:
    if style.has_any("helmet", "bones") or (style.has_any("hood") and not style.has_any("long_ears")):
        return
    reach = 0.16 if style.has_any("long_ears") else 0.022
    rise = 0.05 if style.has_any("long_ears") else 0.0
    scene.start_part()
    for side in (-1.0, 1.0):
        root = head.point_at(side * WIDE * 0.9, -0.005, -0.015)
        scene.add_limb(root, head.point_at(side * (WIDE + reach), -0.03, -0.01 + rise), 0.038, 0.012, "skin", shade=-1)
    if style.has_any("animal_ears"):
        for side in (-1.0, 1.0):
            scene.add_limb(
                head.point_at(side * 0.1, 0, 0.13), head.point_at(side * 0.13, -0.01, 0.24), 0.05, 0.014, "hair"
            )


def _draw_hair(scene: FigureScene, style: FigureStyle, head: Basis, pose: Pose) -> None:
    if style.has_any("bald", "bones", "helmet", "hood"):
        return
    scene.start_part()
    scene.add_ball(head, (0, -0.04, 0.02), (0.178, 0.155, 0.172), "hair")
    if not style.has_any("hat", "cap", "bandana", "open_helmet"):
        scene.add_ball(head, (0, -0.002, 0.08), (0.173, 0.166, 0.116), "hair")
    if not style.has_any("hat", "crown", "cap", "bandana", "open_helmet"):
        for x, z, tip in ((-0.10, 0.115, -0.125), (-0.02, 0.135, -0.035), (0.06, 0.13, 0.1)):
            scene.add_limb(head.point_at(x * 0.6, 0.09, z), head.point_at(tip, 0.135, 0.062), 0.052, 0.02, "hair")
    if style.has_any("spiky", "mohawk"):
        for x, y, z in ((0.0, 0.06, 0.24), (-0.1, 0.0, 0.21), (0.1, 0.0, 0.21), (0.0, -0.08, 0.23), (0, -0.17, 0.13)):
            if style.has_any("mohawk") and x != 0.0:
                continue
            scene.add_limb(head.point_at(x * 0.5, y * 0.5, 0.12), head.point_at(x, y, z), 0.06, 0.012, "hair")
    back = pose.sway
    if style.has_any("long_hair"):
        for x in (-0.085, 0.0, 0.085):
            scene.add_limb(
                head.point_at(x, -0.09, -0.02),
                head.point_at(x * 1.2, -0.125 - back * 0.03, -0.24),
                0.095,
                0.055,
                "hair",
            )
        for side in (-1.0, 1.0):
            scene.add_limb(
                head.point_at(side * 0.15, 0.01, 0.03), head.point_at(side * 0.165, 0.01, -0.16), 0.045, 0.026, "hair"
            )
    elif style.has_any("ponytail"):
        scene.add_limb(head.point_at(0, -0.16, 0.06), head.point_at(0, -0.24 - back * 0.04, -0.16), 0.06, 0.03, "hair")
    elif style.has_any("bun"):
        scene.add_ball(head, (0, -0.12, 0.14), (0.07, 0.07, 0.07), "hair")
    else:
        for side in (-1.0, 1.0):
            scene.add_limb(
                head.point_at(side * 0.148, 0.03, 0.03), head.point_at(side * 0.155, 0.03, -0.04), 0.034, 0.02, "hair"
            )


def _draw_beard(scene: FigureScene, style: FigureStyle, head: Basis) -> None:
    if not style.has_any("beard", "long_beard") or style.has_any("helmet"):
        return
    scene.start_part()
    low = -0.30 if style.has_any("long_beard") else -0.165
    scene.add_ball(head, (0, 0.045, -0.085), (0.148, 0.122, 0.082), "beard")
    scene.add_limb(head.point_at(0, 0.1, -0.1), head.point_at(0, 0.11, low), 0.075, 0.028, "beard")
    scene.add_mark(head, (0, 0.168, -0.092), (0, 1, 0), (0.055, 0.016), "beard", DEEP, grow=False)


def _draw_headwear(scene: FigureScene, style: FigureStyle, head: Basis, pose: Pose) -> None:
    back = pose.sway
    if style.has_any("helmet"):
        _draw_helmet(scene, style, head, pose)
    if style.has_any("open_helmet", "cap"):
        scene.start_part()
        paint = "armor" if style.has_any("open_helmet") else "hat"
        scene.add_ball(head, (0, -0.018, 0.05), (0.186, 0.178, 0.158), paint)
        if style.has_any("open_helmet"):
            scene.add_limb(
                head.point_at(0, 0.16, 0.075), head.point_at(0, 0.17, -0.03), 0.018, 0.015, "armor", lift=0.02
            )
        else:
            scene.add_ball(head, (0, 0.14, 0.07), (0.11, 0.1, 0.022), "hat", shade=-1)
    if style.has_any("horns", "horned"):
        scene.start_part()
        for side in (-1.0, 1.0):
            scene.add_limb(
                head.point_at(side * 0.15, 0, 0.07), head.point_at(side * 0.235, 0.02, 0.1), 0.04, 0.03, "horn"
            )
            scene.add_limb(
                head.point_at(side * 0.235, 0.02, 0.1), head.point_at(side * 0.25, 0.04, 0.2), 0.03, 0.01, "horn"
            )
    if style.has_any("hat"):
        scene.start_part()
        brim = 0.3 if style.has_any("wide_hat") else 0.24
        scene.add_ball(head, (0, -0.01, 0.095), (brim, brim * 0.92, 0.024), "hat")
        scene.start_part()
        if style.has_any("pointed"):
            mid = head.point_at(0, -0.02, 0.235)
            scene.add_limb(head.point_at(0, 0, 0.11), mid, 0.172, 0.09, "hat")
            scene.add_limb(mid, head.point_at(0.03, -0.09 - back * 0.02, 0.36), 0.085, 0.02, "hat")
        else:
            scene.add_ball(head, (0, -0.012, 0.105), (0.176, 0.176, 0.134), "hat")
        scene.start_part()
        scene.add_ball(head, (0, -0.008, 0.125), (0.182, 0.18, 0.026), "trim")
    if style.has_any("crown"):
        scene.start_part()
        scene.add_ball(head, (0, -0.002, 0.115), (0.176, 0.169, 0.036), "gold", lift=0.02)
        for angle in range(0, 360, 60):
            s, c = float(sind(angle)[0]), float(cosd(angle)[0])
            scene.add_limb(
                head.point_at(s * 0.162, c * 0.156, 0.125),
                head.point_at(s * 0.172, c * 0.166, 0.215),
                0.032,
                0.012,
                "gold",
            )
        scene.add_mark(head, (0, 0.168, 0.118), (0, 1, 0), (0.034, 0.034), "gem", LIGHT)
    if style.has_any("hood"):
        scene.start_part()
        scene.add_ball(head, (0, -0.04, 0.025), (0.196, 0.186, 0.192), "hood")
        scene.add_limb(head.point_at(0, -0.1, 0.09), head.point_at(0, -0.2 - back * 0.02, 0.05), 0.1, 0.03, "hood")
        scene.add_ball(head, (0, 0.0, -0.155), (0.15, 0.13, 0.05), "hood", shade=-1)
    if style.has_any("mask"):
        _mark_ring(scene, head, (-60, -40, -20, 0, 20, 40, 60), -0.085, 1.0, (0.075, 0.075), "cloth", SHADOW)
    if style.has_any("bandana"):
        scene.start_part()
        scene.add_ball(head, (0, -0.014, 0.05), (0.184, 0.176, 0.152), "cloth")
        scene.add_limb(
            head.point_at(0.02, -0.17, 0.02), head.point_at(0.06, -0.22 - back * 0.02, -0.08), 0.04, 0.02, "cloth"
        )


def _draw_helmet(scene: FigureScene, style: FigureStyle, head: Basis, pose: Pose) -> None:
    scene.start_part()
    scene.add_ball(head, (0, -0.002, 0.012), (0.182, 0.176, 0.186), "armor", lift=0.02)
    _mark_ring(scene, head, (-66, -44, -22, 0, 22, 44, 66), -0.012, 1.05, (0.085, 0.042), "armor", LINE)
    _mark_ring(scene, head, range(-40, 41, 20), 0.03, 1.05, (0.085, 0.018), "armor", LIGHT)
    if style.detail > 0:
        for z in (-0.075, -0.115):
            _mark_ring(scene, head, (-24, 0, 24), z, 1.05, (0.02, 0.022), "armor", DEEP)
    if style.has_any("plume"):
        scene.start_part()
        back = pose.sway
        scene.add_limb(head.point_at(0, 0.05, 0.2), head.point_at(0, -0.07, 0.255), 0.026, 0.05, "plume")
        scene.add_limb(
            head.point_at(0, -0.07, 0.255), head.point_at(0, -0.18 - back * 0.03, 0.16), 0.05, 0.042, "plume"
        )
        scene.add_limb(
            head.point_at(0, -0.18 - back * 0.03, 0.16),
            head.point_at(0, -0.23 - back * 0.05, 0.02),
            0.042,
            0.018,
            "plume",
        )
