"""Kind animation as steps: one picture set in motion, pictures at given frames, or a clip that is there; then the parts
made again.

The service is told the motion only (`action`); what the picture shows it sees. `description` is for people and for
other providers and is not sent, so changing it buys nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bridge.providers.api import CompileContext, Input, Step
from bridge.providers.pixelengine import palette
from bridge.providers.pixelengine.modes import DEFAULT_MODEL, MODELS, Mode, misfit, mode_of
from bridge.providers.pixelengine.requests import LEAST_TOTAL, MOST_KEYFRAMES, MOST_TOTAL, written
from bridge.providers.pixelengine.routes import NAME, OPTIONS, ROUTES, frames, spec_field
from bridge.spec.refs import parse_ref

if TYPE_CHECKING:
    from bridge.spec.model import AnimationSpec

DEFAULT_FRAMES = 8
_PLACEHOLDER: Mapping[str, Any] = {"image": "AA==", "matte_color": "#ff00ff", "output_format": "spritesheet", "seed": 1}
_SIZES = (
    'Pixel art up to 256 pixels a side; from 256 to 2048 with model = "frame-engine-v1.1". '
    "`size` puts room around smaller pictures."
)
_IHDR_END = 24
_MOST_SEED = 2147483647
CLIP = "clip"
"""The role of a clip that is there already."""


def compile_animation(spec: AnimationSpec, context: CompileContext) -> list[Step]:
    """`clip/NAME`, then `retake/NAME/1` … each on the result before it; with `enhance` first `enhance/NAME`. Of a clip
    that is there the retakes alone, the first of them on that clip.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`, `spec_invalid`, on the line of the field to blame.
    """
    name = clip_name(spec, context.asset_id)
    shared, colors = _shared_fields(spec, context)
    if spec.source_clip is not None:
        return _retake_steps(spec, context, _given_clip(spec, spec.source_clip, name, context), shared, colors)
    make = _by_keyframes if spec.keyframes else _animate_step
    first = make(spec, context, f"clip/{name}", shared, colors)
    words = [_enhance_step(spec, name, first)] if spec.enhance else []
    if words:
        first = replace(first, after=(words[0].key,))
    return [*words, first, *_retake_steps(spec, context, _RetakenClip(name, frames(first), first), shared, colors)]


@dataclass(frozen=True, slots=True)
class _RetakenClip:
    """What retakes are made of: how many frames it has, and the step that makes it, or else where it is."""

    name: str
    total: int
    step: Step | None = None
    source: tuple[Input, ...] = ()


def _given_clip(spec: AnimationSpec, source: str, name: str, context: CompileContext) -> _RetakenClip:
    """The clip of `source_clip`. Of an asset that is one clip no part has to be named.

    Raises:
        UserError: as for any input; `source_part`: the asset has several clips.
    """
    asset = parse_ref(source)
    if asset is not None and asset.part is None:
        maker = context.spec_of(source, "source_clip")
        if maker.kind != "animation":
            message = f"{source} may have several clips, so one must be named"
            raise context.fail("source_part", message, "source_clip", "Write asset:ID#CLIP, for example #walk_south.")
        direction = f"_{maker.direction.replace('-', '_')}" if maker.direction else ""
        source = f"{source}#{clip_name(maker, asset.id)}{direction}"
    given = replace(context.input(CLIP, source, "source_clip"), by_frames=True, field="source_clip")
    return _RetakenClip(name, _wanted_frames(spec) or 0, source=(given,))


def clip_name(spec: AnimationSpec, asset_id: str) -> str:
    """What the clip of an animation is called."""
    return spec.name or asset_id.rpartition("/")[2].lower().replace("-", "_")


def _enhance_step(spec: AnimationSpec, name: str, first: Step) -> Step:
    """`enhance/NAME`: the motion in better words, for the picture that the clip begins with.

    The clip's fingerprint counts this step and not its words: they are bought once, whatever they are.
    """
    request = {"prompt": _prompt_of(spec.action), "model": spec.model or DEFAULT_MODEL}
    shown = replace(first.inputs[0], role="source")
    size = {"size": list(spec.size)} if spec.size is not None else {}
    route = ROUTES["enhance"]
    params = {"request": request, **size}
    return Step(f"enhance/{name}", NAME, "enhance", params, first.seed, (shown,), price=route.price, field="enhance")


def _shared_fields(spec: AnimationSpec, context: CompileContext) -> tuple[dict[str, Any], tuple[Input, ...]]:
    """Fields that every request of the spec has, and the palette file where there is one."""
    fields: dict[str, Any] = {}
    if spec.negative:
        fields["negative_prompt"] = spec.negative
    for name, value in (spec.provider_options or {}).items():
        if name not in OPTIONS:
            message = f"pixelengine takes no option {name}"
            hint = f"It takes {', '.join(sorted(OPTIONS))}."
            raise context.fail("spec_not_applicable", message, f"provider_options.{name}", hint)
        fields[name] = value.lower() if isinstance(value, str) else value
    table = spec.reference
    colors = table.colors if table is not None else None
    if colors is None:
        return fields | ({"pixel_config": {"colors": spec.colors}} if spec.colors is not None else {}), ()
    if spec.colors is not None:
        message = "pixelengine takes a number of colours or the colours, not both"
        raise context.fail("spec_not_applicable", message, "colors", "Remove it, or reference.colors.")
    if mode_of(spec.model or DEFAULT_MODEL).render != "pixel":
        message = "pixelengine takes colours for pixel art only"
        raise context.fail("provider_limit", message, "reference.colors", "Use [process] palette.")
    # Said now, and not when it has been approved: a palette file is sent as it is at the time of the order.
    palette.list_colors(colors, "reference.colors", context)
    if isinstance(colors, str):
        return fields, (context.input("colors", colors, "reference.colors"),)
    return fields | {"pixel_config": {"palette": [color.lower() for color in colors]}}, ()


def _wanted_frames(spec: AnimationSpec) -> int | None:
    return spec.frames or (len(spec.durations) if spec.durations else None)


def _prompt_of(action: str | None) -> str:
    return " ".join((action or "").split())


def _animate_step(
    spec: AnimationSpec, context: CompileContext, key: str, shared: Mapping[str, Any], colors: tuple[Input, ...]
) -> Step:
    model = spec.model or DEFAULT_MODEL
    if spec.source is None:
        # The project's defaults may name an address or an id, which other providers take.
        raise context.fail("spec_invalid", "source: is required: pixelengine begins with a picture", "source")
    _check_sizes(spec, context, mode_of(model), [(spec.source, "source")])
    request = {
        **shared,
        "prompt": _prompt_of(spec.action),
        "model": model,
        "output_frames": _wanted_frames(spec) or DEFAULT_FRAMES,
    }
    inputs = (context.input("source", spec.source, "source"), *colors)
    draft = Step(key, NAME, "animate", _step_params(spec, request), context.seed(), inputs, field="action")
    return _checked_step(spec, context, draft)


def _by_keyframes(
    spec: AnimationSpec, context: CompileContext, key: str, shared: Mapping[str, Any], colors: tuple[Input, ...]
) -> Step:
    pictures = {frame.index: (frame.source, "keyframes", frame.strength) for frame in spec.keyframes or ()}
    if spec.source is not None:
        if 0 in pictures:
            message = "the first frame is there twice: as `source` and as the keyframe of index 0"
            raise context.fail("spec_invalid", message, "source", "Remove one of them.")
        pictures[0] = (spec.source, "source", 1.0)
    if len(pictures) > MOST_KEYFRAMES:
        message = f"pixelengine takes {MOST_KEYFRAMES} pictures, and with the source there are {len(pictures)}"
        raise context.fail("provider_limit", message, "keyframes", "Remove the least important one.")
    ordered = [(index, *pictures[index]) for index in sorted(pictures)]
    mode = _render_mode(spec, context)
    _check_sizes(spec, context, mode, [(ref, field) for _, ref, field, _ in ordered])
    longest = min(MOST_TOTAL, max(DEFAULT_FRAMES, ordered[-1][0] + 1))
    request = {
        **shared,
        "prompt": _prompt_of(spec.action),
        "render_mode": mode.render,
        "total_frames": _wanted_frames(spec) or longest,
        "frames": [{"index": index, "strength": strength} for index, _, _, strength in ordered],
    }
    inputs = tuple(context.input(f"keyframe/{index}", ref, field) for index, ref, field, _ in ordered)
    draft = Step(
        key, NAME, "keyframes", _step_params(spec, request), context.seed(), (*inputs, *colors), field="keyframes"
    )
    return _checked_step(spec, context, draft)


def _retake_steps(
    spec: AnimationSpec,
    context: CompileContext,
    clip: _RetakenClip,
    shared: Mapping[str, Any],
    colors: tuple[Input, ...],
) -> list[Step]:
    steps: list[Step] = []
    before = clip.step
    for index, retake in enumerate(spec.retakes or ()):
        of = f"retakes.{index}"
        start, end = retake.frames
        if end >= clip.total:
            message = f"the clip has {clip.total} frames, so its last is {clip.total - 1}, not {end}"
            raise context.fail("provider_limit", message, f"{of}.frames", "Frames are counted from 0.")
        request = {
            **shared,
            "prompt": _prompt_of(retake.action or spec.action),
            "render_mode": _render_mode(spec, context).render,
            "retake_region": {"start_frame": start, "end_frame": end},
        }
        key = f"retake/{clip.name}/{index + 1}"
        # Another take of a retake alone; one of the whole clip is another seed of all.
        seed = (context.seed(own=retake.seed) + retake.take - 2) % _MOST_SEED + 1
        params: dict[str, Any] = {"request": request, "frames": clip.total}
        if before is None and spec.size is not None:
            params["size"] = list(spec.size)
        words = clip.step.after if clip.step is not None and not retake.action else ()
        after = (*((before.key,) if before is not None else ()), *words)
        inputs = (*(clip.source if before is None else ()), *colors)
        before = _checked_step(spec, context, Step(key, NAME, "retake", params, seed, inputs, after=after, field=of))
        steps.append(before)
    return steps


def _render_mode(spec: AnimationSpec, context: CompileContext) -> Mode:
    """The mode of the routes that take no model, by the published model that draws the same way."""
    model = spec.model or DEFAULT_MODEL
    if model not in MODELS:
        message = f"pixelengine makes keyframes and retakes without a model, so {model} cannot be asked for"
        raise context.fail("provider_limit", message, "model", f"Use {' or '.join(MODELS)}.")
    return MODELS[model]


def _step_params(spec: AnimationSpec, request: Mapping[str, Any]) -> dict[str, Any]:
    return {"request": dict(request)} | ({"size": list(spec.size)} if spec.size is not None else {})


def _check_sizes(spec: AnimationSpec, context: CompileContext, mode: Mode, pictures: Sequence[tuple[str, str]]) -> None:
    """Sizes as far as they are known: those of PNG files of the project. `order` checks all."""
    known = [(size, ref, field) for ref, field in pictures if (size := _png_size(ref, field, context)) is not None]
    canvas = spec.size
    if canvas is None:
        if len(known) < len(pictures):
            return
        canvas = [max(size[axis] for size, _, _ in known) for axis in (0, 1)]
    for size, ref, field in known:
        if size[0] > canvas[0] or size[1] > canvas[1]:
            message = f"{ref} is {size[0]}×{size[1]} pixels and does not fit into {canvas[0]}×{canvas[1]}"
            raise context.fail("provider_limit", message, "size", f"Make it larger, or `{field}` smaller.")
    reason = misfit(mode, canvas[0], canvas[1])
    if reason:
        field = "size" if spec.size is not None else pictures[0][1]
        hint = _SIZES
        raise context.fail("provider_limit", f"pixelengine cannot animate this: {reason}", field, hint)


def _png_size(ref: str, field: str, context: CompileContext) -> tuple[int, int] | None:
    """Width and height in the header of a PNG of the project (PNG specification, section 11.2.2); else None."""
    if ref.startswith("asset:"):
        return None
    _, data = context.read(ref, field)
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < _IHDR_END:
        return None
    width, height = struct.unpack(">II", data[16:_IHDR_END])
    return width, height


def _checked_step(spec: AnimationSpec, context: CompileContext, draft: Step) -> Step:
    """The step, when its request keeps every published limit."""
    route = ROUTES[draft.operation]
    request = dict(draft.params["request"])
    body = {**_PLACEHOLDER, "seed": draft.seed, **request}
    if draft.operation == "keyframes":
        del body["image"]
        body["frames"] = [{**frame, "image": _PLACEHOLDER["image"]} for frame in request["frames"]]
    try:
        checked = route.body.model_validate(body)
    except ValidationError as error:
        name, reason = first_mistake(error)
        wrong_field = spec_field(draft, name) or draft.field
        if wrong_field == "frames" and spec.frames is None and spec.durations is not None:
            wrong_field = "durations"
        message = f"pixelengine cannot make this: {wrong_field}: {reason}"
        raise context.fail("provider_limit", message, wrong_field, _way_out(name)) from None
    kept = {name: value for name, value in written(checked).items() if name in request}
    if draft.operation == "keyframes":
        kept["frames"] = [{name: frame[name] for name in ("index", "strength")} for frame in kept["frames"]]
    gives = (f"clip/{draft.key.split('/')[1]}",)
    return replace(draft, params={**draft.params, "request": kept}, price=route.price, gives=gives)


def _way_out(name: str) -> str:
    hints = {
        "output_frames": "Even numbers only, up to 16 (frame-engine-v1.1: 24); [[keyframes]] make odd ones too.",
        "total_frames": f"{LEAST_TOTAL} to {MOST_TOTAL} frames between keyframes, even or odd.",
        "frames": f"A clip between keyframes has at most {MOST_TOTAL} frames, counted from 0; `frames` says how many.",
        "pixel_config": "Only pixel art is asked for in colours; use [process] colors.",
        "matte_color": 'A colour like "#00ff00".',
    }
    return hints.get(name, "")


def first_mistake(error: ValidationError) -> tuple[str, str]:
    """The field of a request that breaks the first limit, and what is said of it."""
    details = error.errors(include_url=False)[0]
    message = details["msg"].removeprefix("Value error, ")
    if not details["loc"]:
        # Rules over several fields begin with the name of the one to blame.
        name, _, rest = message.partition(": ")
        return name, rest
    return str(details["loc"][0]), f"{message.removeprefix('Input ')} (it is {details['input']!r})"[:200]
