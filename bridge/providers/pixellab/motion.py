"""Kind animation as steps: four frames a request by text, three by a skeleton."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from bridge.core.json_text import JsonError, parse_json
from bridge.providers.api import CompileContext, Step
from bridge.providers.pixellab.compile import (
    Draft,
    add_references,
    checked_options,
    checked_step,
    required_source,
    source_size,
)
from bridge.providers.pixellab.requests import Joint, Label
from bridge.providers.pixellab.routes import NAME
from bridge.providers.uses import refuse_set

if TYPE_CHECKING:
    from bridge.spec.model import AnimationSpec

TEXT_FRAMES = 4
SKELETON_FRAMES = 3
SIDE = 64
ESTIMATE = "estimate"
"""A pose that is read from the source picture, by a step of its own."""
_SKELETON = dict.fromkeys(("action", "description", "negative"), "The poses say how it moves; remove the line.")
_JOINTS = TypeAdapter(list[Joint])
_Offset = Annotated[float, Field(ge=-1, le=1)]
_MOVES = TypeAdapter(dict[Label, tuple[_Offset, _Offset]])


def compile_animation(spec: AnimationSpec, context: CompileContext) -> list[Step]:
    """A step per request: `clip/NAME/0` …, numbered by first frame; before them `skeleton` where one is estimated.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`, `source_broken` for a file of poses that is none.
    """
    source = required_source(spec, context)
    draft = Draft(inputs=[context.input("source", source, "source")])
    if spec.view is not None:
        draft.fields["view"] = spec.view
    if spec.direction is not None:
        draft.fields["direction"] = spec.direction
    add_references(spec, context, (), draft)
    name = spec.name or context.asset_id.rpartition("/")[2].lower().replace("-", "_")
    if spec.skeleton is not None:
        return _by_skeleton(spec, context, draft, name)
    return _by_text(spec, context, draft, name)


def _written_size(size: Mapping[str, int]) -> str:
    return f"{size['width']}×{size['height']}"


def _frame_count(spec: AnimationSpec) -> int | None:
    return spec.frames or (len(spec.durations) if spec.durations else None)


def _by_text(spec: AnimationSpec, context: CompileContext, draft: Draft, name: str) -> list[Step]:
    frames = _frame_count(spec) or TEXT_FRAMES
    if frames % TEXT_FRAMES:
        near = max(TEXT_FRAMES, round(frames / TEXT_FRAMES) * TEXT_FRAMES)
        message = f"pixellab animates by text in fours, not {frames} frames"
        field = "frames" if spec.frames is not None else "durations"
        raise context.fail("provider_limit", message, field, f"Ask for {near} frames.")
    if spec.size is not None and list(spec.size) != [SIDE, SIDE]:
        message = f"pixellab animates by text at {SIDE}×{SIDE} pixels only, not {spec.size[0]}×{spec.size[1]}"
        raise context.fail("provider_limit", message, "size", "Remove the line: smaller sources get room around them.")
    assert spec.source is not None
    shown = source_size(spec.source, context)
    if shown is not None and max(shown.values()) > SIDE:
        message = f"pixellab animates by text at {SIDE}×{SIDE} pixels, and the source is {_written_size(shown)}"
        raise context.fail(
            "provider_limit", message, "source", "Use a smaller picture, or [skeleton] up to 256 pixels."
        )
    # The route asks for both; a clip may do without words for its subject.
    draft.fields |= {
        "image_size": {"width": SIDE, "height": SIDE},
        "description": " ".join((spec.description or "character").split()),
        "action": " ".join((spec.action or "").split()),
        "n_frames": frames,
    }
    if spec.negative:
        draft.fields["negative_description"] = spec.negative
    draft.fields |= checked_options("clip.text", spec.provider_options, context)
    steps: list[Step] = []
    for first in range(0, frames, TEXT_FRAMES):
        own = draft.copy()
        own.fields["start_frame_index"] = first
        gives = (f"clip/{name}",)
        key = f"clip/{name}/{first}"
        # Every part sees the frames before it: drawn apart they would not join.
        before = [step.key for step in steps]
        seed = context.seed()
        steps.append(checked_step(key, "clip.text", own, context, seed=seed, of="action", after=before, gives=gives))
    return steps


def _by_skeleton(spec: AnimationSpec, context: CompileContext, draft: Draft, name: str) -> list[Step]:
    assert spec.skeleton is not None
    assert spec.source is not None
    shown = source_size(spec.source, context)
    refuse_set(NAME, spec, context, _SKELETON)
    if spec.skeleton.poses == ESTIMATE:
        poses: list[Any] = [ESTIMATE] * (_frame_count(spec) or SKELETON_FRAMES)
        _require_motion(poses, context)
    else:
        poses = _read_poses(spec.skeleton.poses, context)
        if _frame_count(spec) not in (None, len(poses)):
            message = f"the file has {len(poses)} poses, not {_frame_count(spec)}"
            field = "frames" if spec.frames is not None else "durations"
            raise context.fail("provider_limit", message, field, "Every pose becomes a frame.")
        _require_motion(poses, context)
    if spec.size is not None:
        draft.fields["image_size"] = {"width": spec.size[0], "height": spec.size[1]}
    draft.fields |= checked_options("clip.skeleton", spec.provider_options, context)
    steps = []
    if any(_is_estimated(pose) for pose in poses):
        seen = Draft(inputs=draft.inputs[:1], extras={"size": list(spec.size)} if spec.size else {})
        steps.append(checked_step("skeleton", "skeleton.estimate", seen, context, seed=None, of="skeleton.poses"))
    return steps + [
        _chunk_step(f"clip/{name}/{first}", poses[first : first + SKELETON_FRAMES], draft, shown, context)
        for first in range(0, len(poses), SKELETON_FRAMES)
    ]


def _chunk_step(
    key: str, poses: Sequence[Any], draft: Draft, shown: Mapping[str, int] | None, context: CompileContext
) -> Step:
    """One request. A last one of fewer poses repeats its last; the frames beyond are dropped when it is read."""
    own = draft.copy()
    own.extras["kept"] = len(poses)
    filled = [*poses, *[poses[-1]] * (SKELETON_FRAMES - len(poses))]
    estimated = [index for index, pose in enumerate(filled) if _is_estimated(pose)]
    stand_in = [{"x": 0.5, "y": 0.5, "label": "NOSE", "z_index": 0.0}]
    own.fields["skeleton_keypoints"] = [stand_in if _is_estimated(pose) else pose for pose in filled]
    if estimated:
        own.extras["estimated"] = estimated
    moved = {str(index): pose for index, pose in enumerate(filled) if isinstance(pose, dict)}
    if moved:
        own.extras["moved"] = moved
    after = ("skeleton",) if estimated else ()
    return checked_step(
        key,
        "clip.skeleton",
        own,
        context,
        seed=context.seed(),
        of="skeleton.poses",
        after=after,
        shown=shown,
        gives=(key.rpartition("/")[0],),
    )


def _is_estimated(pose: Any) -> bool:
    """Whether a pose is the estimated one, as it is or with joints moved."""
    return pose == ESTIMATE or isinstance(pose, dict)


def _require_motion(poses: Sequence[Any], context: CompileContext) -> None:
    """Refuses a clip that would show one pose again and again."""
    if len(poses) > 1 and all(pose == poses[0] for pose in poses):
        hint = 'Name a file of poses that differ: ["estimate", {"LEFT KNEE": [0.05, -0.02]}] moves estimated joints.'
        message = f"all {len(poses)} poses are the same: nothing would move"
        raise context.fail("spec_not_applicable", message, "skeleton.poses", hint)


def _read_poses(ref: str, context: CompileContext) -> list[Any]:
    """Frames of keypoints from a JSON file: a list of lists of `{x, y, label, z_index}`, the word "estimate", or the
    estimated pose with joints moved: `{"LEFT KNEE": [dx, dy]}`, in parts of the canvas.

    Raises:
        UserError: `source_broken`.
    """
    path, data = context.read(ref, "skeleton.poses")
    hint = 'A list of frames, each a list of {"x", "y", "label", "z_index"} with x and y in 0–1.'
    try:
        frames = parse_json(data)
    except JsonError as error:
        raise context.fail("source_broken", f"{path} is no JSON: {error}", "skeleton.poses", hint) from None
    if not isinstance(frames, list) or not frames:
        raise context.fail("source_broken", f"{path} holds no list of poses", "skeleton.poses", hint)
    poses: list[Any] = []
    for number, frame in enumerate(frames):
        if frame == ESTIMATE:
            poses.append(ESTIMATE)
            continue
        if isinstance(frame, dict):
            poses.append(_read_moves(frame, f"{path}: pose {number}", context))
            continue
        try:
            joints = _JOINTS.validate_python(_with_depth(frame))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            position = ".".join(str(part) for part in (number, *first["loc"]))
            raise context.fail(
                "source_broken", f"{path}: pose {position}: {first['msg']}", "skeleton.poses", hint
            ) from None
        if not joints:
            raise context.fail("source_broken", f"{path}: pose {number} has no points", "skeleton.poses", hint)
        poses.append([joint.model_dump() for joint in joints])
    return poses


def _read_moves(frame: dict[str, Any], shown: str, context: CompileContext) -> Any:
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
        raise context.fail("source_broken", message, "skeleton.poses", hint) from None
    return {label: list(offset) for label, offset in sorted(moves.items())} or ESTIMATE


def _with_depth(frame: Any) -> Any:
    """A pose whose points all say how near they are; 0 where the file does not."""
    if not isinstance(frame, list):
        return frame
    return [{"z_index": 0.0, **joint} if isinstance(joint, dict) else joint for joint in frame]
