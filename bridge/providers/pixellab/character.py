"""Kind character as steps: one request for all stills, then one per animation and drawn direction."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from bridge.providers.api import CompileContext, Step
from bridge.providers.pixellab import words
from bridge.providers.pixellab.compile import Draft, add_references, checked_options, checked_step, description_of
from bridge.providers.pixellab.routes import NAME
from bridge.providers.pixellab.sprite import projection
from bridge.providers.uses import refuse_set

if TYPE_CHECKING:
    from bridge.spec.character import AnimationTable, CharacterSpec

FOUR = frozenset({"south", "west", "east", "north"})
_ADOPTED = {
    "variants": "What is adopted exists once; remove the line.",
    "pick": "What is adopted exists once; remove the line.",
    "provider_options": "Nothing is ordered; set options of single animations.",
    **dict.fromkeys(("outline", "shading", "detail", "proportions"), "It is drawn already; remove the line."),
}


def compile_character(spec: CharacterSpec, context: CompileContext) -> list[Step]:
    """`base` (or `base/1` … with variants), then `clip/NAME/DIRECTION`; no clips before a variant is picked.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    shared = Draft(dict(projection(spec.projection, context, oblique=False)))
    add_references(spec, context, (), shared)
    if spec.reference is not None and spec.reference.force_colors:
        if spec.reference.colors is None:
            message = "force_colors says nothing without colors"
            raise context.fail("spec_not_applicable", message, "reference.force_colors", "Give `colors` too.")
        shared.fields["force_colors"] = True
    bases = [_adopt_step(spec, context)] if spec.adopt is not None else _create_steps(spec, context, shared)
    if len(bases) > 1 and spec.pick is None:
        _clip_steps(spec, bases[0].key, shared, context)
        return bases
    return [*bases, *_clip_steps(spec, bases[(spec.pick or 1) - 1].key, shared, context)]


def _adopt_step(spec: CharacterSpec, context: CompileContext) -> Step:
    refuse_set(NAME, spec, context, _ADOPTED)
    return Step("base", NAME, "character.adopt", {"character": spec.adopt}, field="adopt", gives=_still_parts(spec))


def _still_parts(spec: CharacterSpec) -> tuple[str, ...]:
    return tuple(f"still/{direction.replace('-', '_')}" for direction in spec.drawn_directions())


def _create_steps(spec: CharacterSpec, context: CompileContext, shared: Draft) -> list[Step]:
    draft = shared.copy()
    draft.fields |= {
        "description": description_of(spec, context),
        "image_size": {"width": spec.size[0], "height": spec.size[1]},
        **{name: said for name in ("outline", "shading", "detail", "view") if (said := getattr(spec, name))},
        **_proportion_fields(spec, context),
    }
    drawn = set(spec.drawn_directions())
    operation = "character.create_4" if drawn <= FOUR else "character.create_8"
    draft.fields |= checked_options(operation, spec.provider_options, context)
    _skeleton_family(spec, context)
    several = spec.variants > 1
    return [
        checked_step(
            f"base/{variant}" if several else "base",
            operation,
            draft,
            context,
            seed=context.seed(variant=variant),
            of="description",
            gives=_still_parts(spec) if variant == spec.pick or not several else (),
        )
        for variant in range(1, spec.variants + 1)
    ]


def _skeleton_family(spec: CharacterSpec, context: CompileContext) -> str | None:
    """The skeletons that the character's motions are for; None where nobody can know (adopted).

    Raises:
        UserError: `provider_limit`: the archetype has no skeleton, or several and none is chosen.
    """
    if spec.adopt is not None:
        return "mannequin" if spec.archetype == "humanoid" else None
    chosen = (spec.provider_options or {}).get("template_id")
    animals = [family for family in words.FAMILIES if family != "mannequin"]
    if isinstance(chosen, str) and chosen in words.FAMILIES:
        if spec.archetype is not None and (spec.archetype == "humanoid") != (chosen == "mannequin"):
            message = f"a {spec.archetype} is no {chosen}"
            raise context.fail("spec_not_applicable", message, "archetype", "Remove the line.")
        return chosen
    if spec.archetype == "quadruped":
        hint = f"Add [provider_options] template_id, one of {', '.join(animals)}."
        raise context.fail("provider_limit", "pixellab has several skeletons of quadrupeds", "archetype", hint)
    if spec.archetype not in (None, "humanoid"):
        message = f"pixellab has no {spec.archetype} skeleton"
        raise context.fail("provider_limit", message, "archetype", "Remove the line and say it in the description.")
    return "mannequin"


def _proportion_fields(spec: CharacterSpec, context: CompileContext) -> dict[str, Any]:
    said = spec.proportions
    if said is None:
        return {}
    if not isinstance(said, str):
        return {"proportions": {"type": "custom", **{key: float(value) for key, value in said.model_dump().items()}}}
    name = words.plain(said).replace(" ", "_").replace("-", "_")
    if name not in words.PROPORTIONS:
        message = f"pixellab knows no proportions {said!r}"
        raise context.fail("provider_limit", message, "proportions", words.suggestion(name, words.PROPORTIONS))
    return {"proportions": {"type": "preset", "name": name}}


def _clip_steps(spec: CharacterSpec, base: str, shared: Draft, context: CompileContext) -> list[Step]:
    family = _skeleton_family(spec, context)
    steps = []
    for name, table in spec.animations.items():
        field = f"animations.{name}"
        draft = shared.copy()
        draft.fields["template_animation_id"] = _choose_template(name, table, family, context)
        if table.action is not None:
            draft.fields["action_description"] = " ".join(table.action.split())
        draft.fields |= checked_options("character.animate", table.provider_options, context, f"{field}.")
        seed = context.seed(variant=spec.pick or 1, own=table.seed, own_take=table.take)
        for direction in spec.drawn_directions(table):
            own = draft.copy()
            own.fields["directions"] = [direction]
            key = f"clip/{name}/{direction.replace('-', '_')}"
            order = checked_step(
                key, "character.animate", own, context, seed=seed, of=field, after=(base,), gives=(key,)
            )
            steps.append(order)
    return steps


def _choose_template(name: str, table: AnimationTable, family: str | None, context: CompileContext) -> str:
    """The motion template of a clip: the spec's, or the closest to its words.

    Raises:
        UserError: `provider_limit`: there is none, or none of that many frames.
    """
    field = f"animations.{name}"
    known = words.templates(family)
    frames = table.frames or (len(table.durations) if table.durations else None)
    if table.template is not None:
        template: str | None = table.template if table.template in known else None
        of, said = f"{field}.template", table.template
    else:
        said = table.action or name
        template = words.template_for(said, family, frames)
        of = f"{field}.action" if table.action is not None else field
    if template is None:
        whose = f" for {family}" if family else ""
        message = f"pixellab has no motion template{whose} like {said!r}"
        raise context.fail("provider_limit", message, of, words.suggestion(said.replace(" ", "-"), known))
    counted = words.counted_frames(template)
    if frames is not None and counted is not None and counted != frames:
        of = f"{field}.frames" if table.frames is not None else f"{field}.durations"
        lengths = sorted({other for one in known if (other := words.counted_frames(one))})
        hint = f"Motions by length: {', '.join(map(str, lengths))} frames; or remove the line."
        raise context.fail("provider_limit", f"the template {template} has {counted} frames, not {frames}", of, hint)
    return template


def mark_of(step: Step) -> str:
    """Eight hex digits of everything that is asked for: part of the clip's name at the provider, to find it again."""
    asked = json.dumps({"params": step.params, "seed": step.seed}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(asked.encode()).hexdigest()[:8]


def remote_name(step: Step) -> str:
    """What a clip is called at the provider."""
    return f"{step.params['request']['template_animation_id']}-{mark_of(step)}"
