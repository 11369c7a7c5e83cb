"""Specs of characters and animations as steps. Nothing here draws, and numpy is not loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bridge.providers.api import CompileContext, Step

from . import actions, pictures, style_words
from .style import PRESETS

if TYPE_CHECKING:
    from bridge.spec.character import AnimationSpec, AnimationTable, CharacterSpec
    from bridge.spec.model import Spec

NAME = "procedural"
SMALLEST, LARGEST = 12, 256


def steps_of(spec: Spec, context: CompileContext) -> list[Step]:
    """The steps of a character or an animation.

    Raises:
        UserError: `spec_not_applicable` for fields that drawing has no use for, `provider_limit` for sizes, motions and
            style words that it does not know.
    """
    if spec.kind == "character":
        return _compile_character(spec, context)
    if spec.kind == "animation":
        return [_compile_animation(spec, context)]
    raise context.fail("provider_kind", f"figures are not a {spec.kind}", "kind")


def _compile_character(spec: CharacterSpec, context: CompileContext) -> list[Step]:
    look = _style_params(spec, context)
    stills: dict[str, Any] = {**look, "directions": list(spec.drawn_directions())}
    several = spec.variants > 1
    shown = tuple(f"still/{direction.replace('-', '_')}" for direction in spec.drawn_directions())
    steps = [
        Step(
            f"base/{variant}" if several else "base",
            NAME,
            "character.stills",
            stills,
            context.seed(variant=variant),
            field="description",
            gives=shown if variant == spec.pick or not several else (),
        )
        for variant in range(1, spec.variants + 1)
    ]
    for name, table in spec.animations.items():
        steps += _compile_clips(spec, name, table, look, context)
    return steps


def _compile_clips(
    spec: CharacterSpec, name: str, table: AnimationTable, look: Mapping[str, Any], context: CompileContext
) -> list[Step]:
    field = f"animations.{name}"
    text = table.template or table.action or name
    action = actions.action_of(text) or (actions.action_of(name) if table.action is None else None)
    if action is None:
        wanted = "template" if table.template else "action"
        raise context.fail(
            "provider_limit",
            f"the procedural provider knows no motion for {text!r}",
            f"{field}.{wanted}" if table.template or table.action else field,
            f"Use a word for one of: {', '.join(actions.ACTIONS)}.",
        )
    frames = table.frames or (len(table.durations) if table.durations else None)
    frames = frames or actions.frames_of(text) or actions.ACTIONS[action][0]
    return [
        Step(
            f"clip/{name}/{direction.replace('-', '_')}",
            NAME,
            "character.clip",
            {**look, "action": action, "frames": frames, "direction": direction},
            context.seed(variant=spec.pick or 1),
            field=field,
            gives=(f"clip/{name}/{direction.replace('-', '_')}",),
        )
        for direction in spec.drawn_directions(table)
    ]


def _style_params(spec: CharacterSpec, context: CompileContext) -> dict[str, Any]:
    """Everything that decides how a figure looks, in normal form."""
    width, height = spec.size
    for side in (width, height):
        if not SMALLEST <= side <= LARGEST:
            raise context.fail(
                "provider_limit",
                f"the procedural provider draws figures of {SMALLEST} to {LARGEST} pixels a side, not {width}×{height}",
                "size",
                "Choose another size; [process] canvas adds room around smaller figures.",
            )
    if spec.projection == "oblique":
        raise context.fail("provider_limit", "figures cannot be drawn in oblique projection", "projection")
    return {
        "description": _join_description(spec, context),
        "archetype": spec.archetype,
        "size": [width, height],
        "view": "isometric" if spec.projection == "isometric" else spec.view or "low top-down",
        "outline": _resolve_style(spec.outline, "outline", "selective", style_words.OUTLINES, context),
        "shading": _resolve_style(spec.shading, "shading", "medium", style_words.SHADINGS, context),
        "detail": _resolve_style(spec.detail, "detail", "medium", style_words.DETAILS, context),
        "proportions": _resolve_proportions(spec, context),
        "colors": spec.colors,
    }


def _join_description(spec: CharacterSpec, context: CompileContext) -> str:
    """The description in lower case with single blanks, and what `[weapon]` adds to it."""
    text = " ".join((spec.description or "").lower().split())
    if spec.weapon is None:
        return text
    if spec.weapon.hand != "right":
        raise context.fail("provider_limit", "figures hold their weapon in the right hand", "weapon.hand")
    if spec.weapon.type:
        text += f" with {spec.weapon.type.lower()}"
    return text + (" with shield" if spec.weapon.shield else "")


def _resolve_style(text: str | None, field: str, default: str, table: dict[str, str], context: CompileContext) -> str:
    if text is None:
        return default
    style = style_words.normalize_words(text, table)
    if style is None:
        raise context.fail(
            "provider_limit", f"the procedural provider knows no {field} {text!r}", field, f"Known: {', '.join(table)}."
        )
    return style


def _resolve_proportions(spec: CharacterSpec, context: CompileContext) -> str | dict[str, float]:
    wanted = spec.proportions
    if wanted is None:
        return "default"
    if not isinstance(wanted, str):
        return {key: float(value) for key, value in sorted(wanted.model_dump().items())}
    name = wanted.lower().replace("-", "_").replace(" ", "_")
    if name not in PRESETS:
        raise context.fail(
            "provider_limit",
            f"the procedural provider knows no proportions {wanted!r}",
            "proportions",
            f"Known: {', '.join(PRESETS)}; or a table of factors.",
        )
    return name


def _compile_animation(spec: AnimationSpec, context: CompileContext) -> Step:
    motion = pictures.motion_of(spec.action or "")
    if spec.source is None or motion is None:
        raise context.fail(
            "provider_limit",
            f"the procedural provider knows no motion for {spec.action!r}",
            "action",
            f"Use a word for one of: {', '.join(pictures.MOTIONS)}.",
        )
    frames = spec.frames or (len(spec.durations) if spec.durations else None) or pictures.MOTIONS[motion][0]
    params = {"motion": motion, "frames": frames, "size": list(spec.size) if spec.size else None}
    key = f"clip/{spec.name or 'motion'}"
    return Step(
        key, NAME, "picture.motion", params, None, (context.input("source", spec.source, "source"),), field="action"
    )
