"""People: the skeleton from a pose, and the body around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import equipment, heads, motion
from .scene import FigureScene
from .space import Array, Basis, Scalar, align_basis, bend_limb, cosd, make_point, mix, pitch, sind, upright_basis, yaw
from .style import FigureStyle, Staging

HEAD = (0.165, 0.16, 0.17)
LEG, TORSO = 0.25, 0.25


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm's joints; side is −1 left, +1 right."""

    side: float
    shoulder: Array
    elbow: Array
    hand: Array


@dataclass(frozen=True, slots=True)
class Joints:
    """The posed skeleton. `grip` is the frame of what the right hand holds: up is where the weapon points."""

    hips: Basis
    chest: Basis
    head: Basis
    left: Arm
    right: Arm
    legs: tuple[tuple[Array, Array, Array], ...]
    grip: Basis
    pose: motion.Pose


def arm_direction(frames: int, swing: Scalar, out: Scalar, side: float) -> Array:
    """Where an arm points: swing forward and out to its side, in degrees."""
    hanging = make_point(frames, side * sind(out), 0.0, -cosd(out))
    return pitch(hanging, -np.asarray(swing, dtype=np.float64))


def _pose_arm(frames: int, chest: Basis, style: FigureStyle, pose: motion.Pose, side: float) -> Arm:
    swing, out, bend = (pose.arm_r, pose.out_r, pose.bend_r) if side > 0 else (pose.arm_l, pose.out_l, pose.bend_l)
    reach = style.build.arms_length
    shoulder = chest.point_at(side * 0.115 * style.build.shoulder_width * (0.5 + style.bulk / 2), 0.0, 0.075)
    upper = arm_direction(frames, swing, out, side)
    lower = arm_direction(frames, np.asarray(swing) + bend, np.asarray(out) * 0.4, side)
    elbow = shoulder + chest.direction_to(upper[0], upper[1], upper[2]) * (0.105 * reach)
    hand = elbow + chest.direction_to(lower[0], lower[1], lower[2]) * (0.105 * reach)
    return Arm(side, shoulder, elbow, hand)


def _pose_leg(
    scene: FigureScene, hips: Basis, style: FigureStyle, pose: motion.Pose, side: float
) -> tuple[Array, Array, Array]:
    frames = hips.origin.shape[1]
    step, lift = (pose.step_r, pose.lift_r) if side > 0 else (pose.step_l, pose.lift_l)
    legs = style.build.legs_length
    half = (LEG * legs - 0.05) / 2
    apart = side * 0.062 * style.build.hip_width * (0.4 + 0.6 * style.bulk)
    hip = hips.point_at(apart, 0.0, -0.01)
    rise = 0.045 + np.asarray(lift) + pose.hop + scene.ground_height(apart, np.asarray(step) * legs)
    ankle = make_point(frames, apart * 1.08, np.asarray(step) * legs, rise)
    forward = make_point(frames, 0.0, 1.0, 0.0)
    return hip, bend_limb(hip, ankle, half, half, forward), ankle


def build_skeleton(style: FigureStyle, pose: motion.Pose, frames: int, scene: FigureScene) -> Joints:
    """All joints of a posed figure."""
    build = style.build
    rise = scene.snap_shift(np.asarray(pose.bob) + pose.hop)
    root = make_point(frames, 0.0, pose.shift, LEG * build.legs_length + rise)
    hips = upright_basis(root).turned(turn=np.asarray(pose.twist) * 0.3)
    spine = upright_basis(root).turned(lean=pose.lean, turn=pose.twist)
    chest = spine.moved(0.0, 0.0, TORSO * 0.58)
    top = spine.point_at(0.0, 0.0, TORSO)
    nod = np.asarray(pose.lean) * 0.4 + pose.nod
    neck = upright_basis(top).turned(lean=nod, turn=np.asarray(pose.twist) * 0.3)
    head = neck.moved(0.0, 0.012, HEAD[2] * build.head_size * 0.88)
    left, right = _pose_arm(frames, chest, style, pose, -1.0), _pose_arm(frames, chest, style, pose, 1.0)
    aim = yaw(arm_direction(frames, pose.aim, pose.aim_out, 1.0), np.asarray(pose.twist) * 0.5)
    grip = align_basis(right.hand, aim, chest.direction_to(0.0, 0.6, 0.8) + aim * 0.01)
    legs = (_pose_leg(scene, hips, style, pose, -1.0), _pose_leg(scene, hips, style, pose, 1.0))
    return Joints(hips, chest, head, left, right, legs, grip, pose)


def _draw_legs(scene: FigureScene, style: FigureStyle, joints: Joints) -> None:
    thick = 0.05 * style.bulk * (0.75 if style.has_any("bones") else 1.0)
    robed = style.has_any("robe", "dress")
    thick *= 0.6 if style.has_any("bones") else 1.0
    for hip, joint, foot in joints.legs:
        scene.start_part()
        if not robed:
            scene.add_limb(hip, joint, thick * 1.12, thick, "legs")
            scene.add_limb(joint, foot, thick, thick * 0.85, "legs")
        heel = upright_basis(foot)
        if style.has_any("bare"):
            scene.add_ball(heel, (0.0, 0.022, -0.022), (0.04, 0.062, 0.024), "legs")
            continue
        scene.start_part()
        if robed:
            scene.add_ball(heel, (0.0, 0.03, -0.015), (0.045 * style.bulk, 0.07, 0.03), "boots")
            continue
        scene.add_limb(mix(joint, foot, 0.35), foot, thick * 1.16, thick * 1.02, "boots")
        scene.add_ball(heel, (0.0, 0.024, -0.015), (0.047 * style.bulk, 0.07, 0.032), "boots")


def _draw_torso(scene: FigureScene, style: FigureStyle, joints: Joints) -> None:
    build, bulk = style.build, style.bulk
    wide, hip_wide = build.shoulder_width * bulk, build.hip_width * bulk
    chest, hips = joints.chest, joints.hips
    scene.start_part()
    if style.has_any("bones") and not style.has_any("robe", "dress"):
        _draw_ribs(scene, joints)
        return
    scene.add_ball(hips, (0.0, 0.0, 0.02), (0.088 * hip_wide, 0.07 * bulk, 0.065), "legs")
    scene.start_part()
    if style.has_any("boxy"):
        scene.add_box(chest, (0.0, 0.0, 0.0), (0.125 * wide, 0.085, 0.115), "torso")
    else:
        scene.add_ball(chest, (0.0, 0.0, 0.01), (0.112 * wide, 0.08 * bulk, 0.115), "torso")
        scene.add_limb(hips.point_at(0, 0, 0.035), chest.point_at(0, 0, 0.0), 0.076 * hip_wide, 0.086 * bulk, "torso")
    if style.has_any("robe", "dress"):
        hem = 0.15 if style.has_any("dress") else 0.135
        _draw_robe(scene, joints, bulk, hem)
    elif style.has_any("skirt"):
        scene.add_ball(hips, (0.0, 0.0, -0.02), (0.115 * hip_wide, 0.095 * bulk, 0.075), "torso")
    if style.detail > 0 and not style.has_any("dress", "boxy"):
        scene.start_part()
        scene.add_ball(hips, (0.0, 0.0, 0.055), (0.094 * hip_wide, 0.088 * bulk, 0.02), "belt", lift=0.01)
        scene.add_mark(hips, (0.0, 0.09 * bulk, 0.055), (0.0, 1.0, 0.0), (0.03, 0.026), "trim", 4)
    equipment.draw_chest_details(scene, style, chest)


def _draw_robe(scene: FigureScene, joints: Joints, bulk: float, hem: float) -> None:
    """A skirt of upright folds down to the feet; the hem follows the steps a little."""
    hips = joints.hips
    steps = np.asarray(joints.pose.step_l) * 0.0 + (joints.legs[0][2][1] + joints.legs[1][2][1]) * 0.25
    floor = 0.05 + np.asarray(joints.pose.hop)
    for fold in range(10):
        s, c = float(sind(fold * 36.0 + 18.0)[0]), float(cosd(fold * 36.0 + 18.0)[0])
        stride = np.maximum(joints.legs[0][2][1] * c, joints.legs[1][2][1] * c) * 0.5
        x, y = s * hem * 0.74, c * (hem * 0.66 + np.maximum(stride, 0.0)) + steps * 0.5
        y = y - np.asarray(joints.pose.sway) * 0.012
        foot = scene.point_at(x, y, floor + scene.ground_height(x, y))
        scene.add_limb(hips.point_at(s * 0.05 * bulk, c * 0.045 * bulk, 0.06), foot, 0.042, 0.047, "torso")
    scene.add_limb(hips.point_at(0, 0, 0.04), scene.point_at(0.0, steps, floor + 0.05), 0.08 * bulk, 0.085, "torso")


def _draw_ribs(scene: FigureScene, joints: Joints) -> None:
    chest, hips = joints.chest, joints.hips
    scene.add_ball(hips, (0.0, 0.0, 0.01), (0.07, 0.05, 0.04), "legs")
    scene.add_limb(hips.point_at(0, -0.01, 0.02), chest.point_at(0, -0.02, 0.1), 0.022, 0.022, "torso")
    scene.add_ball(chest, (0.0, 0.0, 0.02), (0.1, 0.075, 0.085), "torso")
    scene.add_limb(chest.point_at(-0.1, 0, 0.085), chest.point_at(0.1, 0, 0.085), 0.024, 0.024, "torso")
    for row, z in enumerate((0.06, 0.025, -0.01, -0.042)):
        for angle, x, y in ((-1, -0.05, 0.066), (1, 0.05, 0.066), (-1, -0.05, -0.066), (1, 0.05, -0.066)):
            size = (0.075 - row * 0.008, 0.012)
            scene.add_mark(chest, (x, y, z), (angle * 0.4, 1.0 if y > 0 else -1.0, 0.0), size, "torso", 0, grow=False)


def _draw_arm(scene: FigureScene, style: FigureStyle, arm: Arm) -> None:
    thick = 0.043 * (0.35 + 0.65 * style.bulk) * (0.55 if style.has_any("bones") else 1.0)
    scene.start_part()
    wide = 1.35 if style.has_any("robe") else 1.0
    scene.add_limb(arm.shoulder, arm.elbow, thick * 1.12, thick * (1 + (wide - 1) * 0.5), "sleeves")
    scene.add_limb(arm.elbow, mix(arm.elbow, arm.hand, 0.72), thick, thick * wide * 0.95, "forearms")
    scene.start_part()
    palm = 0.041 * (0.5 + style.bulk * 0.5) * (0.8 if style.has_any("bones") else 1.0)
    scene.add_limb(mix(arm.elbow, arm.hand, 0.85), arm.hand, palm * 0.9, palm, "hands")
    if style.has_any("pauldrons"):
        scene.start_part()
        scene.add_ball(upright_basis(arm.shoulder), (arm.side * 0.012, 0.0, 0.014), (0.062, 0.066, 0.054), "armor")


def build_humanoid(scene: FigureScene, style: FigureStyle, action: str, t: Array) -> Staging:
    """Draws a person in an action at phases t."""
    pose = motion.pose_figure(action, t, style)
    joints = build_skeleton(style, pose, scene.frames, scene)
    _draw_legs(scene, style, joints)
    _draw_torso(scene, style, joints)
    equipment.draw_behind(scene, style, joints.chest, joints.hips, pose)
    for arm in (joints.left, joints.right):
        _draw_arm(scene, style, arm)
    heads.draw_head(scene, style, joints.head, pose)
    equipment.draw_held(scene, style, joints.grip, joints.left.hand, joints.right.hand, joints.chest, pose)

    def grip_at(phase: Array) -> Basis:
        return build_skeleton(style, motion.pose_figure(action, phase, style), scene.frames, scene).grip

    equipment.draw_swoosh(scene, style, action, t, pose, grip_at)
    return Staging(fall=pose.fall, flash=pose.flash, settle=action == "death")
