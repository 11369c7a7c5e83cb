"""Kind character as steps: a generation, its promotion to a sprite of the library, and a clip per drawn direction.

The service draws one still. Other directions exist as clips only, so their stills are first frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.providers.base import CompileContext, Step
from bridge.providers.sprixen.routes import ARCHETYPES, CUSTOM, DIRECTIONS, FRAMES, MOTION_LENGTH, MOTIONS, NAME
from bridge.providers.sprixen.steps import NEVER, facing, fitting, picture, plain, prompt, refuse, step, suggestion

if TYPE_CHECKING:
    from bridge.spec.character import AnimationTable, CharacterSpec

SPRITE = "sprite"
_REFUSED = {**NEVER, "proportions": "Say it in the description; remove it."}
_DRAWN = "It is drawn already; remove the line."
_ADOPTED = {
    "variants": "What is adopted exists once; remove the line.",
    "pick": "What is adopted exists once; remove the line.",
    "provider_options": "Nothing is drawn anew; remove the table.",
    "reference": "Nothing is drawn anew; remove the table.",
    **dict.fromkeys(("outline", "shading", "detail"), _DRAWN),
}
_CLIP = {
    "model": "Sprixen has one model; remove the line.",
    "negative": "Sprixen takes no negative words; remove the line.",
    "enhance": "Sprixen takes words as they are; remove the line.",
    "keyframes": "Sprixen moves the sprite by words; remove the table.",
    "retakes": "Sprixen makes whole clips; raise `take` of the clip.",
    "seed": "Sprixen takes no seed; raise `take` of the clip.",
    "provider_options": "Sprixen's clips have no further options; remove the table.",
}


def compile_character(spec: CharacterSpec, context: CompileContext) -> list[Step]:
    """`base` (or `base/1` … with variants), `sprite`, then `clip/NAME/DIRECTION`; with `[refine]` a
    `refine/NAME/DIRECTION` after each. No sprite and no clips before a variant is picked.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`, `provider_missing` for clips of another provider.
    """
    refuse(spec, context, _REFUSED)
    mode = _mode(spec, context)
    drawn = spec.drawn_directions()
    front = _front(spec)
    _covered(spec, drawn, front, context)
    if spec.adopt is not None:
        refuse(spec, context, _ADOPTED)
        adopted = Step(SPRITE, NAME, "character.adopt", {"sprite": spec.adopt, "direction": front}, field="adopt")
        return [adopted, *_clips(spec, front, mode, context)]
    bases = _bases(spec, front, context)
    clips = _clips(spec, front, mode, context)
    if len(bases) > 1 and spec.pick is None:
        return bases
    base = bases[(spec.pick or 1) - 1].key
    request = {"variationIndex": 0}
    return [*bases, step(SPRITE, "character.select", request, seed=None, of="description", after=(base,)), *clips]


def _front(spec: CharacterSpec) -> str:
    """The direction that the still shows: south, else the first one drawn."""
    drawn = spec.drawn_directions()
    return "south" if "south" in drawn else drawn[0]


def _bases(spec: CharacterSpec, front: str, context: CompileContext) -> list[Step]:
    request = picture(spec, spec.size, context) | {"variantCount": 1, "noBase": True}
    request |= {name: value for name, value in (spec.provider_options or {}).items() if name == "noBase"}
    request["prompt"] = prompt(spec, context, spec.description or "", "full body game character", facing(front))
    several = spec.variants > 1
    steps = []
    for variant in range(1, spec.variants + 1):
        key = f"base/{variant}" if several else "base"
        seed = context.seed(variant=variant)
        steps.append(step(key, "character.create", request, seed=seed, of="description", direction=front))
    return steps


def _covered(spec: CharacterSpec, drawn: tuple[str, ...], front: str, context: CompileContext) -> None:
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


def _mode(spec: CharacterSpec, context: CompileContext) -> str | None:
    table = spec.refine
    if table is None:
        return None
    if table.pixelate is not None:
        hint = "Use [process] grid; remove the line."
        raise context.fail("spec_not_applicable", "sprixen cannot pixelate", "refine.pixelate", hint)
    stabilize = table.stabilize
    if stabilize is None:
        return None
    if stabilize.provider != NAME:
        message = "clips of sprixen are cleaned up by sprixen only"
        raise context.fail("spec_not_applicable", message, "refine.stabilize.provider", f'Write "{NAME}".')
    if stabilize.colors is not None:
        message = "sprixen takes no number of colours"
        raise context.fail("spec_not_applicable", message, "refine.stabilize.colors", "Use [process] colors.")
    return stabilize.mode or "stabilize"


def _clips(spec: CharacterSpec, front: str, mode: str | None, context: CompileContext) -> list[Step]:
    steps = []
    stills = {front}
    shared = _body(spec)
    for name, table in spec.animations.items():
        field = f"animations.{name}"
        if table.provider not in (None, NAME):
            raise context.fail(
                "provider_missing",
                f"a clip of this character cannot come from {table.provider} in this version",
                f"{field}.provider",
                f'Remove the line, or make a kind = "animation" from asset:{context.asset_id}#{front}.',
            )
        refuse(table, context, _CLIP, f"{field}.")
        motion = _motion(name, table, context)
        seed = context.seed(variant=spec.pick or 1, own_take=table.take)
        for direction in spec.drawn_directions(table):
            request = {**motion, **shared, "direction": DIRECTIONS[direction]}
            last = "" if direction in stills else "/still"
            stills.add(direction)
            key = f"clip/{name}/{direction.replace('-', '_')}{last}"
            steps.append(step(key, "clip.create", request, seed=seed, of=field, after=(SPRITE,)))
            if mode is not None:
                refined = key.replace("clip/", "refine/", 1)
                steps.append(step(refined, "clip.process", {"mode": mode}, seed=None, of="refine", after=(key,)))
    return steps


def _body(spec: CharacterSpec) -> dict[str, Any]:
    """What all clips share: the body plan, the weapon, and one size for a set of directions."""
    shared: dict[str, Any] = {}
    if spec.archetype is not None:
        shared["archetype"] = ARCHETYPES[spec.archetype]
    if spec.weapon is not None:
        if spec.weapon.type is not None:
            shared |= {"weaponHand": spec.weapon.hand, "weaponType": plain(spec.weapon.type)}
        if spec.weapon.shield:
            shared["hasShield"] = True
    if len(spec.drawn_directions()) > 1:
        shared["normalizeSize"] = True
    return shared


def _motion(name: str, table: AnimationTable, context: CompileContext) -> dict[str, Any]:
    """Type, words and frames. The rate is left out: frames are drawn the same, and playing them otherwise is free."""
    field = f"animations.{name}"
    if table.template is not None and table.template not in MOTIONS:
        message = f"sprixen has no motion {table.template!r}"
        raise context.fail("provider_limit", message, f"{field}.template", suggestion(table.template, MOTIONS))
    motion = table.template or (name if name in MOTIONS else CUSTOM)
    words = plain(table.action) or (name.replace("_", " ") if motion == CUSTOM else "")
    request: dict[str, Any] = {"type": motion}
    if words:
        request["customDescription"] = fitting(words, (1, MOTION_LENGTH), f"{field}.action", context)
    frames = table.frames or (len(table.durations) if table.durations else None)
    if frames is not None:
        least, most = FRAMES
        if not least <= frames <= most:
            of = f"{field}.frames" if table.frames is not None else f"{field}.durations"
            message = f"sprixen makes clips of {least} to {most} frames, not {frames}"
            raise context.fail("provider_limit", message, of, f"Ask for {max(least, min(most, frames))} frames.")
        request["frameCount"] = frames
    return request
