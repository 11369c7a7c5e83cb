"""Kinds sprite, items, edit and turnaround as steps: pixflux, bitforge, inpaint and rotate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bridge.providers.api import CompileContext, Step
from bridge.providers.pixellab import words
from bridge.providers.pixellab.compile import (
    Draft,
    add_references,
    checked_options,
    checked_step,
    description_of,
    required_source,
    source_size,
    style_fields,
    with_prefix,
)
from bridge.providers.pixellab.poses import ESTIMATE, read_joints
from bridge.providers.pixellab.routes import NAME
from bridge.providers.uses import refusal, refuse_set

if TYPE_CHECKING:
    from bridge.spec.model import EditSpec, ItemsSpec, SpriteSpec, TurnaroundSpec
    from bridge.spec.sprite import PoseTable

MODELS = ("pixflux", "bitforge")
_SKELETON_OPTION = "skeleton_guidance_scale"
_STYLE = dict.fromkeys(("style", "style_strength"), 'Only model = "bitforge" follows a style picture.')


def compile_sprite(spec: SpriteSpec, context: CompileContext) -> list[Step]:
    """A step per variant: `image/1` …

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    operation, draft = _picture_draft(spec, context)
    draft.fields["description"] = description_of(spec, context)
    if spec.direction is not None:
        draft.fields["direction"] = spec.direction
    if spec.skeleton is not None:
        draft.fields["skeleton_keypoints"] = _pose_of(spec.skeleton, operation, context)
    _require_skeleton(draft, context)
    return [
        checked_step(
            f"image/{variant}",
            operation,
            draft,
            context,
            seed=context.seed(variant=variant),
            of="description",
            gives=(f"still/{variant}",),
        )
        for variant in range(1, spec.variants + 1)
    ]


def compile_items(spec: ItemsSpec, context: CompileContext) -> list[Step]:
    """A step per item: `item/NAME`.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    operation, common = _picture_draft(spec, context)
    _require_skeleton(common, context)
    steps = []
    for index, item in enumerate(spec.items):
        draft = common.copy()
        draft.fields["description"] = with_prefix(spec, item.description or item.name.replace("_", " "))
        seed = context.seed(variant=item.pick or spec.pick or 1, own=item.seed, own_take=item.take)
        gives = (f"still/{item.name}",)
        steps.append(
            checked_step(f"item/{item.name}", operation, draft, context, seed=seed, of=f"items.{index}", gives=gives)
        )
    return steps


def _picture_draft(spec: SpriteSpec | ItemsSpec, context: CompileContext) -> tuple[str, Draft]:
    """The operation, and everything but the words of one picture."""
    model = spec.model or MODELS[0]
    if model not in MODELS:
        message = f"pixellab has no model {model} for pictures"
        raise context.fail("provider_limit", message, "model", words.suggestion(model, MODELS))
    operation = f"image.{model}"
    draft = Draft(
        {"image_size": _size_fields(spec.size), "no_background": spec.transparent, **style_fields(spec, context)}
    )
    if spec.view is not None:
        draft.fields["view"] = spec.view
    draft.fields |= projection(getattr(spec, "projection", "orthogonal"), context, oblique=model == "bitforge")
    if spec.negative:
        if model == "pixflux":
            hint = 'Say in the description what should be there, or use model = "bitforge".'
            raise context.fail("spec_not_applicable", "pixflux does not heed `negative` any more", "negative", hint)
        draft.fields["negative_description"] = spec.negative
    if model != "bitforge" and spec.reference is not None:
        refuse_set(NAME, spec.reference, context, _STYLE, "reference.")
    add_references(spec, context, ("style", "init") if model == "bitforge" else ("init",), draft)
    draft.fields |= checked_options(operation, spec.provider_options, context)
    return operation, draft


def _pose_of(table: PoseTable, operation: str, context: CompileContext) -> list[dict[str, Any]]:
    if operation != "image.bitforge":
        hint = 'Only model = "bitforge" follows a skeleton.'
        raise refusal(NAME, "skeleton", context, hint)
    if table.poses == ESTIMATE:
        hint = "`assetbridge skeleton` writes the estimate of a clip to a file; name that."
        raise context.fail("spec_not_applicable", "there is no picture to estimate a pose from", "skeleton.poses", hint)
    return read_joints(table.poses, table.pose, "skeleton.poses" if table.pose is None else "skeleton.pose", context)


def _require_skeleton(draft: Draft, context: CompileContext) -> None:
    if _SKELETON_OPTION in draft.fields and "skeleton_keypoints" not in draft.fields:
        message = f"{_SKELETON_OPTION} says nothing without a skeleton"
        hint = "Give [skeleton] poses too; sprites take one."
        raise context.fail("spec_not_applicable", message, f"provider_options.{_SKELETON_OPTION}", hint)


def projection(value: str, context: CompileContext, *, oblique: bool) -> Mapping[str, bool]:
    """The projection as fields of a body.

    Raises:
        UserError: `provider_limit`: oblique where the route does not have it.
    """
    if value == "isometric":
        return {"isometric": True}
    if value == "oblique":
        if not oblique:
            raise context.fail(
                "provider_limit",
                "pixellab has no oblique projection here",
                "projection",
                'Use "orthogonal" or "isometric"; sprites have it with model = "bitforge".',
            )
        return {"oblique_projection": True}
    return {}


def _size_fields(size: Sequence[int]) -> dict[str, int]:
    return {"width": size[0], "height": size[1]}


def compile_edit(spec: EditSpec, context: CompileContext) -> list[Step]:
    """A step per variant: `image/1` keeps what is outside the mask as it was, `whole/1` takes what is delivered.

    Which of the two is said by the key alone: the request is the same, so changing it buys nothing.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    source = required_source(spec, context)
    draft = Draft(
        {"description": description_of(spec, context), "no_background": spec.transparent, **style_fields(spec, context)}
    )
    draft.inputs.append(context.input("source", source, "source"))
    if isinstance(spec.mask, str) and spec.mask != "transparent":
        draft.inputs.append(context.input("mask", spec.mask, "mask"))
    else:
        draft.extras["mask"] = spec.mask
    if spec.size is not None:
        draft.fields["image_size"] = _size_fields(spec.size)
    if spec.view is not None:
        draft.fields["view"] = spec.view
    if spec.negative:
        draft.fields["negative_description"] = spec.negative
    add_references(spec, context, ("init",), draft)
    draft.fields |= checked_options("image.inpaint", spec.provider_options, context)
    family = "image" if spec.keep_outside else "whole"
    shown = source_size(source, context)
    return [
        checked_step(
            f"{family}/{number}",
            "image.inpaint",
            draft,
            context,
            seed=context.seed(variant=number),
            of="description",
            shown=shown,
            gives=(f"still/{number}",),
        )
        for number in range(1, spec.variants + 1)
    ]


def compile_turnaround(spec: TurnaroundSpec, context: CompileContext) -> list[Step]:
    """A step per drawn direction that the source does not show (`turn/east`), or one for another view (`turn`).

    The first step's key is `turn/east/with_source` when the source's own direction is part of the result: the picture
    that was sent is stored beside the delivered one.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`, `spec_invalid`: the source's direction is not said, or
            nothing is left to turn.
    """
    source = required_source(spec, context)
    draft = Draft(inputs=[context.input("source", source, "source")])
    if spec.size is not None:
        draft.fields["image_size"] = _size_fields(spec.size)
    add_references(spec, context, ("init",), draft)
    draft.fields |= checked_options("image.rotate", spec.provider_options, context)
    seed, shown = context.seed(), source_size(source, context)
    if spec.directions is None:
        draft.fields |= _other_view(spec)
        of = "rotate" if spec.rotate is not None else "tilt" if spec.tilt is not None else "to_view"
        return [checked_step("turn", "image.rotate", draft, context, seed=seed, of=of, shown=shown, gives=("still/",))]
    if spec.direction is None:
        hint = 'Add direction = "south", or what it is.'
        raise context.fail("spec_invalid", "direction: is required: which way the source looks", "direction", hint)
    mirror = spec.mirror or {}
    wanted = [direction for direction in spec.result_directions if direction not in mirror]
    turned = [direction for direction in wanted if direction != spec.direction]
    if not turned:
        raise context.fail("spec_invalid", "directions: the source shows all of them already", "directions")
    steps = []
    for index, direction in enumerate(turned):
        own = draft.copy()
        own.fields |= {"from_direction": spec.direction, "to_direction": direction}
        key = f"turn/{direction.replace('-', '_')}"
        if index == 0 and spec.direction in wanted:
            key += "/with_source"
        gives = [f"still/{direction.replace('-', '_')}"]
        if key.endswith("/with_source"):
            gives.append(f"still/{spec.direction.replace('-', '_')}")
        steps.append(
            checked_step(key, "image.rotate", own, context, seed=seed, of="directions", shown=shown, gives=gives)
        )
    return steps


def _other_view(spec: TurnaroundSpec) -> dict[str, Any]:
    said = {
        "from_view": spec.from_view,
        "to_view": spec.to_view,
        "from_direction": spec.direction,
        "direction_change": spec.rotate,
        "view_change": spec.tilt,
    }
    return {name: value for name, value in said.items() if value is not None}
