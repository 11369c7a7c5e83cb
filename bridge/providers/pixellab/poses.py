"""Files of poses: keypoints frame by frame, for clips and pictures that follow a skeleton."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from bridge.core.json_text import JsonError, parse_json
from bridge.providers.api import CompileContext
from bridge.providers.pixellab.requests import Joint, Label

ESTIMATE = "estimate"
"""A pose that is read from the source picture, by a step of its own or from a file."""
Pose: TypeAlias = Any
"""Joints (a list), the estimated pose (`ESTIMATE`), or that with joints moved (a dict)."""
_JOINTS = TypeAdapter(list[Joint])
_Offset = Annotated[float, Field(ge=-1, le=1)]
_MOVES = TypeAdapter(dict[Label, tuple[_Offset, _Offset]])
_HINT = 'A list of frames, each a list of {"x", "y", "label", "z_index"} with x and y in 0–1, z_index a whole number.'


def read_poses(ref: str, field: str, context: CompileContext) -> list[Pose]:
    """Frames of keypoints from a JSON file: a list of lists of `{x, y, label, z_index}`, the word "estimate", or the
    estimated pose with joints moved: `{"LEFT KNEE": [dx, dy]}`, in parts of the canvas.

    Raises:
        UserError: `source_broken`.
    """
    path, data = context.read(ref, field)
    try:
        frames = parse_json(data)
    except JsonError as error:
        raise context.fail("source_broken", f"{path} is no JSON: {error}", field, _HINT) from None
    if not isinstance(frames, list) or not frames:
        raise context.fail("source_broken", f"{path} holds no list of poses", field, _HINT)
    return [_read_pose(frame, f"{path}: pose {number}", field, context) for number, frame in enumerate(frames)]


def read_joints(ref: str, number: int | None, field: str, context: CompileContext) -> list[dict[str, Any]]:
    """The joints of one pose of a file, counted from 1; without a number of the only one.

    Raises:
        UserError: `source_broken`: it is not there, or says no joints of its own.
    """
    poses = read_poses(ref, field, context)
    if number is None and len(poses) > 1:
        message = f"{ref} has {len(poses)} poses, and one is wanted"
        raise context.fail("source_broken", message, field, "Leave one in the file.")
    number = number or 1
    if number > len(poses):
        message = f"{ref} has {len(poses)} poses, and no pose {number}"
        raise context.fail("source_broken", message, field, "Poses count from 1.")
    pose = poses[number - 1]
    if not isinstance(pose, list):
        message = f"{ref}: pose {number} is not a list of joints: there is nothing that it could be estimated from"
        raise context.fail("source_broken", message, field, _HINT)
    return pose


def _read_pose(frame: Any, shown: str, field: str, context: CompileContext) -> Pose:
    if frame == ESTIMATE:
        return ESTIMATE
    if isinstance(frame, dict):
        return _read_moves(frame, shown, field, context)
    try:
        joints = _JOINTS.validate_python(_with_depth(frame))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        position = ".".join(["", *(str(part) for part in first["loc"])])
        raise context.fail("source_broken", f"{shown}{position}: {first['msg']}", field, _HINT) from None
    if not joints:
        raise context.fail("source_broken", f"{shown} has no points", field, _HINT)
    labels = [joint.label for joint in joints]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise context.fail("source_broken", f"{shown} has {twice} twice", field, _HINT)
    return [joint.model_dump() for joint in joints]


def _read_moves(frame: dict[str, Any], shown: str, field: str, context: CompileContext) -> Pose:
    """How far joints are moved from where they were estimated.

    Raises:
        UserError: `source_broken`.
    """
    try:
        moves = _MOVES.validate_python(frame)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        position = ".".join(str(part) for part in first["loc"])
        hint = 'Joints by their names, each with [dx, dy] in −1 … 1: {"LEFT KNEE": [0.05, -0.02]}.'
        message = f"{shown}: {position}: {first['msg']}"
        raise context.fail("source_broken", message, field, hint) from None
    return {label: list(offset) for label, offset in sorted(moves.items())} or ESTIMATE


def _with_depth(frame: Any) -> Any:
    """A pose whose points all say how near they are; 0 where the file does not."""
    if not isinstance(frame, list):
        return frame
    return [{"z_index": 0, **joint} if isinstance(joint, dict) else joint for joint in frame]


def is_estimated(pose: Pose) -> bool:
    """Whether a pose is the estimated one, as it is or with joints moved."""
    return pose == ESTIMATE or isinstance(pose, dict)


def move_joints(joints: list[dict[str, Any]], moves: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A pose with joints moved, inside the canvas.

    Raises:
        ValueError: a joint that is to be moved is not there.
    """
    missing = sorted(set(moves) - {joint["label"] for joint in joints})
    if missing:
        raise ValueError(f"there is no {missing[0]} that could be moved")
    return [_move_joint(joint, moves.get(joint["label"], (0.0, 0.0))) for joint in joints]


def _move_joint(joint: Mapping[str, Any], offset: Any) -> dict[str, Any]:
    x, y = (min(1.0, max(0.0, joint[axis] + by)) for axis, by in zip(("x", "y"), offset, strict=True))
    return {**joint, "x": x, "y": y}
