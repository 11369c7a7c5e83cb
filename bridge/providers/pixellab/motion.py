"""Kind animation as steps: windows of four frames by text, of three by a skeleton.

An order draws one window of the clip. Every window after the first begins with frames that are drawn already: they are
shown in their slots, stay as they are, and what is drawn joins them. (Source: the published defaults of
`inpainting_images`, one slot a frame of the window, and the tests of the official Python package, which freeze a frame
so.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.core.errors import UserError
from bridge.providers.api import CompileContext, Step
from bridge.providers.pixellab.compile import (
    Draft,
    add_references,
    checked_options,
    checked_step,
    required_source,
    source_size,
)
from bridge.providers.pixellab.poses import ESTIMATE, Pose, is_estimated, move_joints, read_joints, read_poses
from bridge.providers.pixellab.routes import NAME
from bridge.providers.uses import refuse_set

if TYPE_CHECKING:
    from bridge.spec.character import SkeletonTable
    from bridge.spec.model import AnimationSpec

TEXT_FRAMES = 4
SKELETON_FRAMES = 3
LEAST_TEXT, MOST_TEXT = 2, 20
SIDE = 64
_SKELETON = dict.fromkeys(("action", "description", "negative"), "The poses say how it moves; remove the line.")


@dataclass(frozen=True, slots=True)
class Window:
    """The frames of a clip that one order draws.

    first: number of its first frame in the clip. frozen: how many frames of its beginning are drawn already. kept: how
    many frames of it are in the clip.
    """

    first: int
    frozen: int
    kept: int


def list_windows(frames: int, length: int) -> list[Window]:
    """How a clip is drawn by orders of `length` frames: each begins with the last frame before it, the last one with
    as many as make it end with the clip."""
    windows = [Window(0, 0, min(frames, length))]
    drawn = length
    while drawn < frames:
        first = min(drawn - 1, frames - length)
        windows.append(Window(first, drawn - first, length))
        drawn = first + length
    return windows


def compile_animation(spec: AnimationSpec, context: CompileContext) -> list[Step]:
    """A step per window: `clip/NAME/0` …, numbered by first frame; before them `skeleton` where one is estimated.

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
    if not LEAST_TEXT <= frames <= MOST_TEXT:
        message = f"pixellab animates {LEAST_TEXT} to {MOST_TEXT} frames by text, not {frames}"
        field = "frames" if spec.frames is not None else "durations"
        raise context.fail("provider_limit", message, field, "[skeleton] has no such limit.")
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
    for window in list_windows(frames, TEXT_FRAMES):
        own = draft.copy()
        own.fields["start_frame_index"] = window.first
        own.extras |= _window_facts(window, TEXT_FRAMES)
        key = f"clip/{name}/{window.first}"
        before, seed = [step.key for step in steps[-1:]], context.seed()
        gives = (f"clip/{name}",)
        steps.append(checked_step(key, "clip.text", own, context, seed=seed, of="action", after=before, gives=gives))
    return steps


def _window_facts(window: Window, length: int) -> dict[str, int]:
    """What of a window is not new, and what is beyond the clip; nothing where it is all new and all of the clip."""
    facts = {"frozen": window.frozen} if window.frozen else {}
    return facts | ({"kept": window.kept} if window.kept < length else {})


def _by_skeleton(spec: AnimationSpec, context: CompileContext, draft: Draft, name: str) -> list[Step]:
    assert spec.skeleton is not None
    assert spec.source is not None
    shown = source_size(spec.source, context)
    refuse_set(NAME, spec, context, _SKELETON)
    if spec.skeleton.poses == ESTIMATE:
        poses: list[Pose] = [ESTIMATE] * (_frame_count(spec) or SKELETON_FRAMES)
    else:
        poses = read_poses(spec.skeleton.poses, "skeleton.poses", context)
        if _frame_count(spec) not in (None, len(poses)):
            message = f"the file has {len(poses)} poses, not {_frame_count(spec)}"
            field = "frames" if spec.frames is not None else "durations"
            raise context.fail("provider_limit", message, field, "Every pose becomes a frame.")
    poses = _with_own_estimate(spec.skeleton, poses, context)
    _require_motion(poses, context)
    if spec.size is not None:
        draft.fields["image_size"] = {"width": spec.size[0], "height": spec.size[1]}
    draft.fields |= checked_options("clip.skeleton", spec.provider_options, context)
    steps = []
    if any(is_estimated(pose) for pose in poses):
        seen = Draft(inputs=draft.inputs[:1], extras={"size": list(spec.size)} if spec.size else {})
        steps.append(checked_step("skeleton", "skeleton.estimate", seen, context, seed=None, of="skeleton.poses"))
    clip = f"clip/{name}"
    windows = list_windows(len(poses), SKELETON_FRAMES)
    for window, before in zip(windows, [None, *windows], strict=False):
        after = [f"{clip}/{before.first}"] if before is not None else []
        steps.append(_window_step(clip, window, poses, after, _Shown(draft, shown), context))
    return steps


@dataclass(frozen=True, slots=True)
class _Shown:
    """What all windows of a clip by skeleton have in common; size: of the source, where it is known."""

    draft: Draft
    size: Mapping[str, int] | None


def _window_step(
    clip: str, window: Window, poses: Sequence[Pose], after: Sequence[str], shown: _Shown, context: CompileContext
) -> Step:
    """One request. A clip of fewer poses repeats its last; the frames beyond are dropped when it is read."""
    own = shown.draft.copy()
    own.extras |= {**_window_facts(window, SKELETON_FRAMES), "kept": window.kept}
    part = poses[window.first : window.first + SKELETON_FRAMES]
    filled = [*part, *[part[-1]] * (SKELETON_FRAMES - len(part))]
    estimated = [index for index, pose in enumerate(filled) if is_estimated(pose)]
    stand_in = [{"x": 0.5, "y": 0.5, "label": "NOSE", "z_index": 0}]
    own.fields["skeleton_keypoints"] = [stand_in if is_estimated(pose) else pose for pose in filled]
    if estimated:
        own.extras["estimated"] = estimated
    moved = {str(index): pose for index, pose in enumerate(filled) if isinstance(pose, dict)}
    if moved:
        own.extras["moved"] = moved
    return checked_step(
        f"{clip}/{window.first}",
        "clip.skeleton",
        own,
        context,
        seed=context.seed(),
        of="skeleton.poses",
        after=[*(["skeleton"] if estimated else []), *after],
        shown=shown.size,
        gives=(clip,),
    )


def _with_own_estimate(table: SkeletonTable, poses: Sequence[Pose], context: CompileContext) -> list[Pose]:
    """The poses with the user's own skeleton where they say "estimate", or move joints of that.

    Raises:
        UserError: `source_broken`: a file is none; `spec_not_applicable`: nothing is estimated.
    """
    if table.estimate is None:
        return list(poses)
    try:
        joints = read_joints(table.estimate, None, "skeleton.estimate", context)
    except UserError as error:
        if error.code == "source_missing":
            command = f"assetbridge skeleton {context.asset_id} {table.estimate}"
            error.hint = f"`{command}` writes one, while the line is not there. {error.hint}"
        raise
    if not any(is_estimated(pose) for pose in poses):
        message = 'no pose says "estimate" or moves joints from there'
        raise context.fail("spec_not_applicable", message, "skeleton.estimate", "Remove the line.")
    try:
        return [
            move_joints(joints, pose if isinstance(pose, dict) else {}) if is_estimated(pose) else pose
            for pose in poses
        ]
    except ValueError as error:
        raise context.fail("source_broken", f"{table.estimate}: {error}", "skeleton.estimate") from None


def _require_motion(poses: Sequence[Any], context: CompileContext) -> None:
    """Refuses a clip that would show one pose again and again."""
    if len(poses) > 1 and all(pose == poses[0] for pose in poses):
        hint = (
            'Name a file of poses that differ: ["estimate", {"LEFT KNEE": [0.05, -0.02]}] moves estimated joints. '
            f"With frames = 1, `assetbridge skeleton {context.asset_id} FILE` writes the estimate to a file."
        )
        message = f"all {len(poses)} poses are the same: nothing would move"
        raise context.fail("spec_not_applicable", message, "skeleton.poses", hint)
