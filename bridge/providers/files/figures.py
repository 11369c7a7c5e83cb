"""Kinds sprite, character and animation from own art."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from bridge.assemble.parts import ClipPart, ImagePart, Part
from bridge.processing.canvas import same_size
from bridge.providers.api import CompileContext, Step, StepResult
from bridge.providers.files import clips, names, steps
from bridge.providers.files.clips import FileClip, Form
from exporters.model.asset import Pixels

if TYPE_CHECKING:
    from bridge.spec.model import AnimationSpec, CharacterSpec, SpriteSpec

FORMS = ("source", "pattern", "sheet", "json", "clip", "aseprite")
IDLE = "idle"


def compile_sprite(spec: SpriteSpec, context: CompileContext) -> list[Step]:
    """One picture, or several of which `pick` chooses one.

    Raises:
        UserError: see `compile_form`.
    """
    form = clips.compile_form(spec, context, steps.check_form(spec, context, FORMS))
    gives = [f"still/{number}" for number in range(1, spec.variants + 1)] if spec.variants > 1 else ["still/"]
    return [steps.step(form.operation, {**form.params, "as": "variants"}, form.inputs, form.field, gives)]


def compile_animation(spec: AnimationSpec, context: CompileContext) -> list[Step]:
    """One clip, or every clip that the files hold.

    Raises:
        UserError: see `compile_form`.
    """
    form = clips.compile_form(spec, context, steps.check_form(spec, context, FORMS))
    return [steps.step(form.operation, {**form.params, "as": "clips", "name": "default"}, form.inputs, form.field)]


def compile_character(spec: CharacterSpec, context: CompileContext) -> list[Step]:
    """The clips of a character; every animation of the spec and every drawn direction has to be there.

    Raises:
        UserError: see `compile_form`; `source_missing` for animations and directions without files.
    """
    form = clips.compile_form(spec, context, steps.check_form(spec, context, FORMS))
    default = _default_name(spec, form)
    animated_directions: dict[str, set[str | None]] = {}
    for strip in form.strips:
        animated_directions.setdefault(strip.animation or default, set()).add(strip.direction)
    _check_animations(spec, context, animated_directions, form)
    for name, directions in animated_directions.items():
        _check_directions(spec, context, name, directions, form)
    # Files that say no direction show the first one that is drawn.
    first = {
        name: _underscored(spec.drawn_directions(spec.animations.get(name)))[0] for name in sorted(animated_directions)
    }
    params = {**form.params, "as": "clips", "name": default, "directions": first}
    gives = [
        f"clip/{name}/{direction or first[name]}"
        for name in sorted(animated_directions)
        for direction in sorted(animated_directions[name], key=str)
    ]
    return [steps.step(form.operation, params, form.inputs, form.field, gives)]


def _default_name(spec: CharacterSpec, form: Form) -> str:
    """The name of clips whose files do not say one: the spec's only animation, else the file's name, else idle."""
    if len(spec.animations) == 1:
        return next(iter(spec.animations))
    if form.operation == "files.picture" and form.field == "files.clip":
        return names.split_direction(PurePosixPath(form.inputs[0].ref).stem)[0] or IDLE
    return IDLE


def _underscored(directions: Sequence[str]) -> list[str]:
    return [direction.replace("-", "_") for direction in directions]


def _check_animations(
    spec: CharacterSpec, context: CompileContext, animated_directions: dict[str, set[str | None]], form: Form
) -> None:
    for name in spec.animations:
        if name not in animated_directions:
            there = ", ".join(sorted(animated_directions))
            raise context.fail(
                "source_missing",
                f"there are no files for the animation {name}",
                f"animations.{name}",
                f"Found by {form.field}: {there}. Rename the files or tags, or remove [animations.{name}].",
            )


def _check_directions(
    spec: CharacterSpec, context: CompileContext, name: str, directions: set[str | None], form: Form
) -> None:
    table = spec.animations.get(name)
    wanted = _underscored(spec.drawn_directions(table))
    there = {direction or wanted[0] for direction in directions}
    missing = [direction for direction in wanted if direction not in there]
    if missing:
        hint = (
            f"Found: {', '.join(sorted(there))}. Set directions to those, mirror some, or add the files."
            if any(directions)
            else f"{form.field} names no directions: set directions = 1, or name them."
        )
        raise context.fail("source_missing", f"{name} has no pictures for {', '.join(missing)}", form.field, hint)


def interpret(step: Step, result: StepResult) -> list[Part]:
    """Variants of a picture, or clips; frames of other sizes stand in the middle of the largest one's lower edge."""
    clips_read = clips.read_clips(step, result)
    if step.params["as"] == "variants":
        return list(_variant_parts(clips_read))
    padded = same_size([clip.frames for clip in clips_read], bottom=True)
    return [_clip_part(step, clip, frames) for clip, frames in zip(clips_read, padded, strict=True)]


def _variant_parts(file_clips: Sequence[FileClip]) -> list[ImagePart]:
    pictures = [pixels for clip in file_clips for pixels in clip.frames]
    if len(pictures) == 1:
        return [ImagePart("", pictures[0])]
    return [ImagePart(str(number), pixels) for number, pixels in enumerate(pictures, 1)]


def _clip_part(step: Step, clip: FileClip, frames: Sequence[Pixels]) -> Part:
    name = clip.animation or step.params["name"]
    direction = clip.direction or step.params.get("directions", {}).get(name)
    part = ClipPart(name, direction, tuple(frames), clip.durations, clip.loop)
    if name == IDLE and len(part.frames) == 1 and direction is not None:
        return ImagePart(direction, part.frames[0])
    return part
