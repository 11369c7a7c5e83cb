"""Kind animation as steps: four frames a request by text, three by a skeleton."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

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
from bridge.providers.pixellab.requests import Joint
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
    steps = []
    for first in range(0, frames, TEXT_FRAMES):
        own = draft.copy()
        own.fields["start_frame_index"] = first
        gives = (f"clip/{name}",)
        key = f"clip/{name}/{first}"
        steps.append(checked_step(key, "clip.text", own, context, seed=context.seed(), of="action", gives=gives))
    return steps


def _by_skeleton(spec: AnimationSpec, context: CompileContext, draft: Draft, name: str) -> list[Step]:
    assert spec.skeleton is not None
    assert spec.source is not None
    shown = source_size(spec.source, context)
    refuse_set(NAME, spec, context, _SKELETON)
    if spec.skeleton.poses == ESTIMATE:
        poses: list[Any] = [ESTIMATE] * (_frame_count(spec) or SKELETON_FRAMES)
    else:
        poses = _read_poses(spec.skeleton.poses, context)
        if _frame_count(spec) not in (None, len(poses)):
            message = f"the file has {len(poses)} poses, not {_frame_count(spec)}"
            field = "frames" if spec.frames is not None else "durations"
            raise context.fail("provider_limit", message, field, "Every pose becomes a frame.")
    if spec.size is not None:
        draft.fields["image_size"] = {"width": spec.size[0], "height": spec.size[1]}
    draft.fields |= checked_options("clip.skeleton", spec.provider_options, context)
    steps = []
    if ESTIMATE in poses:
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
    estimated = [index for index, pose in enumerate(filled) if pose == ESTIMATE]
    stand_in = [{"x": 0.5, "y": 0.5, "label": "NOSE", "z_index": 0.0}]
    own.fields["skeleton_keypoints"] = [stand_in if pose == ESTIMATE else pose for pose in filled]
    if estimated:
        own.extras["estimated"] = estimated
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


def _read_poses(ref: str, context: CompileContext) -> list[Any]:
    """Frames of keypoints from a JSON file: a list of lists of `{x, y, label, z_index}`, or the word "estimate".

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


def _with_depth(frame: Any) -> Any:
    """A pose whose points all say how near they are; 0 where the file does not."""
    if not isinstance(frame, list):
        return frame
    return [{"z_index": 0.0, **joint} if isinstance(joint, dict) else joint for joint in frame]
