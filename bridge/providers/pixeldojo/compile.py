"""Specs as steps: one job each. A step carries what is done with its result locally beside what is sent.

PixelDojo takes pictures by their web address only. `source_url` is sent as it is; `source` is put on the web by
`upload_command` when it is ordered, or `[provider_options] image_url` says where the same picture is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.core.errors import UserError
from bridge.media.images import decode_still, encode_png
from bridge.providers.api import CompileContext, Input, Step
from bridge.providers.masks import mask_of
from bridge.providers.pixeldojo.catalogue import CatalogueModel
from bridge.providers.pixeldojo.routes import NAME, OPERATIONS, spec_field
from bridge.providers.pixeldojo.schema import DOCUMENTED, mistake
from bridge.spec.model import AnimationSpec, EditSpec, SpriteSpec

if TYPE_CHECKING:
    from bridge.spec.model import Spec

DEFAULT_FRAMES = 8
RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3")
"""Aspect ratios that image models commonly take; the nearest one to `size` is asked for."""
_SOME_ADDRESS = {"image_url": "https://example.invalid/source.png"}
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_NOT_OPTIONS: Mapping[str, str] = {
    "prompt": "Write `description` (or `action`).",
    "seed": "Write `seed` in the spec.",
    "num_outputs": "It multiplies the price; write `variants` in the spec.",
    "webhook_url": "Jobs are asked for by themselves; remove it.",
}
_VIEWS = {"side": "side view", "low top-down": "low top-down view", "high top-down": "high top-down view"}


@dataclass(frozen=True, slots=True)
class EditStep(Step):
    """An edit with the pictures that it is laid over: PNG files, never sent.

    source: what was there; mask: white is repainted. None: the result is taken whole.
    """

    source: bytes | None = None
    mask: bytes | None = None


@dataclass(slots=True)
class _Draft:
    request: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()


def compile_spec(spec: Spec, context: CompileContext, models: Mapping[str, CatalogueModel]) -> list[Step]:
    """`image/1` …, `edit/1/…` … or `clip/NAME/FRAMES`. models: what is known of them, by id; may be empty.

    Raises:
        UserError: `provider_kind`, `spec_invalid`, `spec_not_applicable`, `provider_limit`, on the line to blame.
    """
    if not isinstance(spec, SpriteSpec | EditSpec | AnimationSpec):
        hint = "It makes sprite, edit and animation."
        raise context.fail("provider_kind", f"pixeldojo makes no {spec.kind}", "kind", hint)
    model = _choose_model(spec, context, models)
    draft = _options_draft(spec, context)
    if isinstance(spec, AnimationSpec):
        return [_animation_step(spec, context, model, draft)]
    if isinstance(spec, EditSpec):
        return _edit_steps(spec, context, model, draft)
    return _sprite_steps(spec, context, model, draft)


def _choose_model(spec: Spec, context: CompileContext, models: Mapping[str, CatalogueModel]) -> CatalogueModel:
    if spec.model is None:
        hint = "`assetbridge providers models pixeldojo` lists them with their prices."
        raise context.fail("spec_invalid", "model: is required with pixeldojo: the id of a model", "model", hint)
    if not _MODEL.fullmatch(spec.model):
        raise context.fail("provider_limit", f"{spec.model!r} is no id of a model", "model", "As in the catalogue.")
    # A model that is not in the kept catalogue may be a new one.
    model = models.get(spec.model, CatalogueModel(spec.model))
    wanted = "video" if spec.kind == "animation" else "image"
    if model.modality in ("image", "video") and model.modality != wanted:
        message = f"{spec.model} makes {model.modality}s, and kind {spec.kind} needs one for {wanted}s"
        raise context.fail("provider_limit", message, "model", "Choose another one of the catalogue.")
    return model


def _options_draft(spec: Spec, context: CompileContext) -> _Draft:
    draft = _Draft()
    for name, value in (spec.provider_options or {}).items():
        if name in _NOT_OPTIONS:
            raise context.fail(
                "spec_not_applicable",
                f"pixeldojo takes no option {name} here",
                f"provider_options.{name}",
                _NOT_OPTIONS[name],
            )
        if name != "omit":
            draft.request[name] = value
    return draft


def _omitted_fields(spec: Spec, context: CompileContext) -> frozenset[str]:
    names = (spec.provider_options or {}).get("omit", [])
    if not isinstance(names, list) or not set(map(str, names)) <= {"seed", "aspect_ratio"}:
        message = 'omit: should be a list of "seed" and "aspect_ratio"'
        raise context.fail("provider_limit", message, "provider_options.omit", "Other fields are sent when you say so.")
    return frozenset(names)


def _sprite_steps(spec: SpriteSpec, context: CompileContext, model: CatalogueModel, draft: _Draft) -> list[Step]:
    draft.request["prompt"] = _prompt_of(spec, spec.direction)
    if spec.source is not None or spec.source_url is not None:
        _add_picture(spec, context, draft)
    if "aspect_ratio" not in draft.request and "aspect_ratio" not in _omitted_fields(spec, context):
        draft.request["aspect_ratio"] = nearest_ratio(*spec.size)
    return [
        _checked_step(spec, context, model, draft, f"image/{number}", variant=number)
        for number in range(1, spec.variants + 1)
    ]


def _edit_steps(spec: EditSpec, context: CompileContext, model: CatalogueModel, draft: _Draft) -> list[Step]:
    draft.request["prompt"] = _prompt_of(spec, None)
    _add_picture(spec, context, draft)
    source = mask = None
    # What is done with the mask is local and free; the key carries it, so that another one makes another picture.
    name = "whole"
    if spec.keep_outside:
        source, mask = _read_overlay(spec, context)
        name = "over-" + hashlib.sha256(source + mask).hexdigest()[:16]
    steps: list[Step] = []
    for number in range(1, spec.variants + 1):
        plain = _checked_step(spec, context, model, draft, f"edit/{number}/{name}", variant=number)
        steps.append(
            EditStep(
                **{key: getattr(plain, key) for key in Step.__dataclass_fields__},
                source=source,
                mask=mask,
            )
        )
    return steps


def _read_overlay(spec: EditSpec, context: CompileContext) -> tuple[bytes, bytes]:
    """Source and mask as PNG; both are read now, for nothing may be bought that cannot be put together."""
    hint = "Or keep_outside = false takes the whole result."
    if spec.source is None or spec.source.startswith("asset:"):
        message = "keep_outside needs the picture as a file here: pixeldojo paints all of it anew"
        way = "Give the file as `source` and its web address as [provider_options] image_url."
        raise context.fail("provider_limit", message, "source" if spec.source else "source_url", f"{way} {hint}")
    picture = None
    of = "source"
    try:
        source = decode_still(context.read(spec.source, "source")[1], spec.source)
        of = "mask"
        if isinstance(spec.mask, str) and spec.mask != "transparent":
            if spec.mask.startswith("asset:"):
                raise context.fail("provider_limit", "the mask has to be a file here", "mask", hint)
            picture = decode_still(context.read(spec.mask, "mask")[1], spec.mask)
        return encode_png(source), encode_png(mask_of(spec.mask, source, picture))
    except ValueError as error:
        raise context.fail("provider_limit", str(error), "mask", hint) from None
    except UserError as error:
        error.field = error.field or of
        raise


def _animation_step(spec: AnimationSpec, context: CompileContext, model: CatalogueModel, draft: _Draft) -> Step:
    subject = " ".join((spec.description or "").split())
    action = " ".join((spec.action or "").split())
    draft.request["prompt"] = f"{subject}: {action}" if subject else action
    _add_picture(spec, context, draft)
    name = spec.name or context.asset_id.rpartition("/")[2].lower().replace("-", "_")
    # Frames are taken out of the video locally, so their number is free; the key carries it.
    count = spec.frames or (len(spec.durations) if spec.durations else DEFAULT_FRAMES)
    return _checked_step(spec, context, model, draft, f"clip/{name}/{count}")


def _prompt_of(spec: SpriteSpec | EditSpec, direction: str | None) -> str:
    words = [spec.description, spec.outline, spec.shading, spec.detail, _VIEWS.get(spec.view or "")]
    words.append(f"facing {direction}" if direction else None)
    # These models draw opaque pictures; one plain colour is what can be taken away afterwards.
    if spec.transparent and spec.kind == "sprite":
        words.append("isolated on a plain background of one colour")
    return ", ".join(" ".join(word.split()) for word in words if word)


def nearest_ratio(width: int, height: int) -> str:
    """The usual aspect ratio whose shape is nearest; of equally near ones the first."""

    def distance(ratio: str) -> int:
        across, down = map(int, ratio.split(":"))
        small, large = sorted((width * down, height * across))
        return large * 1_000_000 // small

    return min(RATIOS, key=distance)


def _add_picture(spec: SpriteSpec | EditSpec | AnimationSpec, context: CompileContext, draft: _Draft) -> None:
    """The web address of the source: as it is said, or of where it is put on the web when it is ordered."""
    url = draft.request.get("image_url")
    if spec.source_url is not None:
        if url is not None:
            hint = "Remove one of them."
            raise context.fail(
                "spec_not_applicable", "image_url repeats source_url", "provider_options.image_url", hint
            )
        draft.request["image_url"] = spec.source_url
        return
    if url is None and spec.source is not None:
        draft.inputs = (context.address("source", spec.source, "source"),)
        return
    if not isinstance(url, str) or not url.startswith("https://"):
        of = "source" if spec.source is not None else "source_url"
        of = of if url is None else "provider_options.image_url"
        hint = "Put it on the web: its https address is `source_url` or, beside `source`, provider_options.image_url."
        raise context.fail("provider_limit", "pixeldojo takes pictures by their web address only", of, hint)
    if spec.source is not None:
        # The file stands for what is behind the address: another picture is another wish.
        draft.inputs = (context.input("source", spec.source, "source"),)


def _checked_step(
    spec: SpriteSpec | EditSpec | AnimationSpec,
    context: CompileContext,
    model: CatalogueModel,
    draft: _Draft,
    key: str,
    *,
    variant: int = 1,
) -> Step:
    operation = OPERATIONS[spec.kind]
    seed = context.seed(variant=variant)
    seeded = "seed" not in _omitted_fields(spec, context)
    by_address = any(item.by_url for item in draft.inputs)
    sent = {**draft.request, **({"seed": seed} if seeded else {}), **(_SOME_ADDRESS if by_address else {})}
    mistaken = mistake(sent, model.schema or DOCUMENTED)
    if mistaken is not None:
        name, reason = mistaken
        option = f"provider_options.{name}"
        chosen = name in (spec.provider_options or {})
        wrong_field = (
            option if chosen else spec_field(name, operation, sent, by_url=spec.source_url is not None) or option
        )
        hint = _way_out(name, reason, chosen=chosen)
        raise context.fail("provider_limit", f"{model.id} cannot make this: {name}: {reason}", wrong_field, hint)
    params = {"model": model.id, "request": dict(draft.request), "seeded": seeded}
    if by_address:
        params["by_address"] = True
    return Step(
        key,
        NAME,
        operation,
        params,
        seed,
        draft.inputs,
        price=model.price(draft.request.get("duration")),
        field="action" if operation == "video.create" else "description",
        gives=("/".join(key.split("/")[:2]) if operation == "video.create" else f"still/{key.split('/')[1]}",),
    )


def _way_out(name: str, reason: str, *, chosen: bool) -> str:
    if name in ("seed", "aspect_ratio") and not chosen:
        other = "" if name == "seed" else "Choose one by [provider_options] aspect_ratio, or "
        return f'{other}[provider_options] omit = ["{name}"] leaves it out.'
    if name == "image_url" and "know" in reason:
        return "This model takes no picture: choose one that does."
    return "It is the model's own schema that says so."
