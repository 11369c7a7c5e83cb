"""Kind animation as steps: a picture drawn after the source, its promotion to a sprite, and the clip.

The service moves sprites of its own library only. A source that it drew itself is taken from there by its id, as it is.
Any other is sent as the address of a reference picture, and what moves is drawn after it: alike, but not the same
pixels. `adopt` moves a sprite that the library has, as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bridge.providers.api import CompileContext, Step
from bridge.providers.sprixen import clips, projects
from bridge.providers.sprixen.character import ADOPTED, SPRITE
from bridge.providers.sprixen.compile import asked_size, facing, picture, plain, prompt, reference, single, step
from bridge.providers.sprixen.routes import NAME
from bridge.providers.uses import refuse_set

if TYPE_CHECKING:
    from bridge.spec.character import AnimationSpec

DEFAULT_SIZE = (64, 64)
SOURCE = "source"
_SUBJECT = "full body game character"


def compile_animation(spec: AnimationSpec, context: CompileContext) -> list[Step]:
    """`base`, `sprite`, `clip/NAME`; first `project`, where one is asked for.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`; `source_needs_address`: the source has no address.
    """
    name = spec.name or context.asset_id.rpartition("/")[2].lower().replace("-", "_")
    if spec.adopt is not None:
        refuse_set(
            NAME, spec, context, {**ADOPTED, "source": "What is adopted is moved as it is.", "source_url": "Remove it."}
        )
        first = [Step(SPRITE, NAME, "character.adopt", {"sprite": spec.adopt}, field="adopt")]
    else:
        first = _own_sprite_steps(spec, context) or _drawn_sprite_steps(spec, context)
    request = {**clips.motion(name, spec, context), **clips.body(spec.archetype), **clips.towards(spec.direction)}
    key = f"clip/{name}"
    size = _drawn_size(spec, first, context)
    hints = None if size is None else {"size": list(size)}
    clip = step(
        key, "clip.create", request, seed=context.seed(), of="action", after=(SPRITE,), gives=(key,), hints=hints
    )
    return [*first, clip]


def _drawn_size(spec: AnimationSpec, first: Sequence[Step], context: CompileContext) -> tuple[int, int] | None:
    """The size at which the sprite was asked for, here or by the asset that it is taken from; None where it was there
    before.
    """
    made = next((one for one in first if one.operation == "character.create"), None)
    if made is None and spec.source is not None and spec.adopt is None:
        made = context.maker(spec.source)
    return None if made is None else asked_size(made)


_OWN = {
    **{name: hint for name, hint in ADOPTED.items() if name not in ("variants", "pick")},
    "source_url": "The source is taken from Sprixen itself; remove the line.",
}


def _own_sprite_steps(spec: AnimationSpec, context: CompileContext) -> list[Step]:
    """`sprite`, of a source that this service drew; none for any other."""
    made = context.maker(spec.source) if spec.source is not None else None
    if spec.source is None or made is None or made.provider != NAME or not single(made):
        return []
    refuse_set(NAME, spec, context, _OWN)
    if made.operation == "character.adopt":
        return [Step(SPRITE, NAME, "character.adopt", {"sprite": made.params["sprite"]}, field="source")]
    taken = replace(context.input(SOURCE, spec.source, "source"), by_id=True)
    return [step(SPRITE, "character.select", {}, seed=None, of="source", inputs=(taken,))]


def _drawn_sprite_steps(spec: AnimationSpec, context: CompileContext) -> list[Step]:
    request: dict[str, Any] = picture(spec, spec.size or DEFAULT_SIZE, context) | {"variantCount": 1}
    inputs = reference(spec, context)
    if spec.source is not None or spec.source_url is not None:
        if inputs or "referenceImageUrl" in request:
            message = "sprixen takes one reference picture, and the source is it"
            field = "reference.style" if inputs else "reference.style_url"
            raise context.fail("spec_not_applicable", message, field, "Remove it, or the source.")
        if spec.source_url is not None:
            request["referenceImageUrl"] = spec.source_url
        elif spec.source is not None:
            inputs = (context.address(SOURCE, spec.source, "source"),)
    request["noBase"] = (spec.provider_options or {}).get("noBase", True)
    request["prompt"] = prompt(spec, context, plain(spec.description) or _SUBJECT, facing(spec.direction))
    own = projects.project_steps(spec, context)
    after = tuple(one.key for one in own)
    base = step("base", "character.create", request, seed=context.seed(), of="source", after=after, inputs=inputs)
    chosen = step(SPRITE, "character.select", {"variationIndex": 0}, seed=None, of="source", after=(base.key,))
    return [*own, base, chosen]
