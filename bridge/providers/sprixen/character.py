"""Kind character as steps: a generation, its promotion to a sprite of the library, and a clip per drawn direction.

The service draws one still. Other directions exist as clips only, so their stills are first frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.providers.api import CompileContext, Step
from bridge.providers.sprixen import clips, projects
from bridge.providers.sprixen.compile import facing, picture, prompt, reference, step
from bridge.providers.sprixen.routes import NAME
from bridge.providers.uses import refuse_set

if TYPE_CHECKING:
    from bridge.spec.character import CharacterSpec

SPRITE = "sprite"
_DRAWN = "It is drawn already; remove the line."
ADOPTED = {
    "variants": "What is adopted exists once; remove the line.",
    "pick": "What is adopted exists once; remove the line.",
    "provider_options": "Nothing is drawn anew; remove the table.",
    "reference": "Nothing is drawn anew; remove the table.",
    **dict.fromkeys(("outline", "shading", "detail"), _DRAWN),
}


def compile_character(spec: CharacterSpec, context: CompileContext) -> list[Step]:
    """`base` (or `base/1` … with variants), `sprite`, then `clip/NAME/DIRECTION`; first `project`, where one is asked
    for. No sprite and no clips before a variant is picked.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    if spec.weapon is not None and spec.weapon.type is None and "hand" in spec.weapon.model_fields_set:
        message = "sprixen takes a hand together with the weapon in it"
        raise context.fail("spec_not_applicable", message, "weapon.hand", 'Add type = "sword", or remove the line.')
    drawn = spec.drawn_directions()
    front = _front_direction(spec)
    _check_covered(spec, drawn, front, context)
    if spec.adopt is not None:
        refuse_set(NAME, spec, context, ADOPTED)
        params = {"sprite": spec.adopt, "direction": front}
        adopted = Step(SPRITE, NAME, "character.adopt", params, field="adopt", gives=_still_parts(front))
        return [adopted, *_clip_steps(spec, front, context)]
    project = projects.project_steps(spec, context)
    bases = _base_steps(spec, front, context, tuple(one.key for one in project))
    moved = _clip_steps(spec, front, context)
    if len(bases) > 1 and spec.pick is None:
        return [*project, *bases]
    base = bases[(spec.pick or 1) - 1].key
    request = {"variationIndex": 0}
    chosen = step(SPRITE, "character.select", request, seed=None, of="description", after=(base,))
    return [*project, *bases, chosen, *moved]


def _front_direction(spec: CharacterSpec) -> str:
    """The direction that the still shows: south, else the first one drawn."""
    drawn = spec.drawn_directions()
    return "south" if "south" in drawn else drawn[0]


def _still_parts(direction: str) -> tuple[str, ...]:
    return (f"still/{direction.replace('-', '_')}",)


def _base_steps(spec: CharacterSpec, front: str, context: CompileContext, after: tuple[str, ...]) -> list[Step]:
    request = picture(spec, spec.size, context) | {"variantCount": 1, "noBase": True}
    request |= {name: value for name, value in (spec.provider_options or {}).items() if name == "noBase"}
    request["prompt"] = prompt(spec, context, spec.description or "", "full body game character", facing(front))
    several = spec.variants > 1
    inputs = reference(spec, context)
    steps = []
    for variant in range(1, spec.variants + 1):
        key = f"base/{variant}" if several else "base"
        seed = context.seed(variant=variant)
        gives = _still_parts(front) if variant == (spec.pick or 1) else ()
        steps.append(
            step(
                key,
                "character.create",
                request,
                seed=seed,
                of="description",
                after=after,
                direction=front,
                inputs=inputs,
                gives=gives,
            )
        )
    return steps


def _check_covered(spec: CharacterSpec, drawn: tuple[str, ...], front: str, context: CompileContext) -> None:
    """Raises where a direction would have neither the still nor a clip."""
    moving = {direction for table in spec.animations.values() for direction in spec.drawn_directions(table)}
    missing = [direction for direction in drawn if direction != front and direction not in moving]
    if missing:
        raise context.fail(
            "provider_limit",
            f"sprixen draws directions other than {front} as clips only, and none shows {missing[0]}",
            "directions",
            "Add [animations.idle], or leave the direction out.",
        )


def _clip_steps(spec: CharacterSpec, front: str, context: CompileContext) -> list[Step]:
    steps = []
    # How large a clip was asked for is that of the still it is drawn from, which its fingerprint covers.
    hints = None if spec.adopt is not None else {"size": list(spec.size)}
    stills = {front}
    shared = clips.body(spec.archetype, spec.weapon)
    if len(spec.drawn_directions()) > 1:
        # One size for a set of directions.
        shared["normalizeSize"] = True
    for name, table in spec.animations.items():
        field = f"animations.{name}"
        motion = clips.motion(name, table, context, template=table.template, prefix=f"{field}.")
        seed = context.seed(variant=spec.pick or 1, own_take=table.take)
        for direction in spec.drawn_directions(table):
            key = f"clip/{name}/{direction.replace('-', '_')}"
            gives: tuple[str, ...] = (key,)
            if direction not in stills:
                stills.add(direction)
                gives = (key, *_still_parts(direction))
                key += "/still"
            request = {**motion, **shared, **clips.towards(direction)}
            steps.append(
                step(key, "clip.create", request, seed=seed, of=field, after=(SPRITE,), gives=gives, hints=hints)
            )
    return steps
