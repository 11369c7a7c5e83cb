"""Kinds character and animation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bridge.core.tables import Size, Table
from bridge.spec.base_spec import BaseSpec
from bridge.spec.fields import (
    Direction,
    Directions,
    Mirror,
    Name,
    ProviderOptions,
    Ref,
    Seed,
    Text,
    canonical_directions,
    check_mirror,
    expand_directions,
)

Archetype = Literal["humanoid", "quadruped", "winged", "amorphous", "serpentine"]
Fps = Annotated[float, Field(ge=1, le=60, strict=False)]
Milliseconds = Annotated[int, Field(ge=1, le=60000)]
Loop = bool | Literal["pingpong"]
Ratio = Annotated[float, Field(ge=0.5, le=2.0, strict=False)]


class KeyframeTable(Table):
    """`[[keyframes]]`: a picture that a frame of the clip has to show."""

    index: int = Field(ge=0, le=63, description="Which frame, counted from 0.")
    source: Ref = Field(description="Its picture: a path or asset:ID#PART.")
    strength: Annotated[float, Field(ge=0, le=1, strict=False)] = Field(1.0, description="How binding it is.")


class RetakeTable(Table):
    """`[[retakes]]`: a part of the clip made again, each its own paid step."""

    frames: Annotated[list[Annotated[int, Field(ge=0, le=63)]], Field(min_length=2, max_length=2)] = Field(
        description="First and last frame, counted from 0, inclusive."
    )
    action: Text | None = Field(None, description="What happens there; default: the clip's action.")
    seed: Seed | None = Field(None, description="Its own seed.")


class SkeletonTable(Table):
    """`[skeleton]`: poses by keypoints."""

    poses: str = Field(description='A JSON file of poses: keypoints, "estimate", or joints moved from there.')


class ClipFields(Table):
    """What an animation of a character and the kind `animation` share."""

    action: Text | None = Field(None, description="The motion in words.")
    frames: int | None = Field(None, ge=1, le=64, description="Number of frames; default: the provider's.")
    fps: Fps | None = Field(None, description="Frames a second. Default: 10.")
    loop: Loop | None = Field(
        None, description="true, false or pingpong. Default: true for idle, walk, run, fly, swim."
    )
    durations: Annotated[list[Milliseconds], Field(min_length=1, max_length=64)] | None = Field(
        None, description="Milliseconds of each frame; instead of fps."
    )
    keyframes: Annotated[list[KeyframeTable], Field(min_length=1, max_length=8)] | None = Field(
        None, description="Pictures of single frames."
    )
    retakes: list[RetakeTable] | None = Field(None, description="Parts made again.")

    @model_validator(mode="after")
    def _clip_rules(self) -> ClipFields:
        if self.fps is not None and self.durations is not None:
            raise ValueError("durations: cannot stand beside fps")
        if self.frames is not None and self.durations is not None and len(self.durations) != self.frames:
            raise ValueError(f"durations: has {len(self.durations)} values for {self.frames} frames")
        indices = [keyframe.index for keyframe in self.keyframes or ()]
        if len(set(indices)) != len(indices):
            raise ValueError("keyframes: an index is there twice")
        for index, retake in enumerate(self.retakes or ()):
            if retake.frames[0] > retake.frames[1]:
                raise ValueError(f"retakes.{index}.frames: the first comes after the last")
        return self


class AnimationTable(ClipFields):
    """`[animations.NAME]` of a character."""

    template: str | None = Field(None, description="A motion template of the provider, instead of action.")
    provider: str | None = Field(None, description="Buy this clip elsewhere, from this character's still.")
    model: str | None = Field(None, description="That provider's model.")
    negative: Text | None = Field(None, description="What it must not show.")
    seed: Seed | None = Field(None, description="Its own seed.")
    take: int = Field(1, ge=1, le=100000, description="Which attempt.")
    enhance: bool = Field(False, description="Have the provider rewrite the action.")
    directions: Directions | None = Field(None, description="Directions of the result; default: the character's.")
    mirror: Mirror | None = Field(None, description="Own mirrors; {} switches mirroring off.")
    provider_options: ProviderOptions | None = Field(None, description="Sent as it is.")

    @model_validator(mode="after")
    def _check_motion(self) -> AnimationTable:
        if self.template is not None and self.action is not None:
            raise ValueError("action: cannot stand beside template")
        return self

    def result_directions(self, character: CharacterSpec) -> tuple[str, ...]:
        """Directions of this clip, in the fixed order."""
        if self.directions is None:
            return character.result_directions
        return expand_directions(self.directions, character.view)


class WeaponTable(Table):
    """`[weapon]`: what the character holds."""

    hand: Literal["left", "right", "both"] = Field("right", description="In which hand.")
    type: str | None = Field(None, max_length=100, description="Which weapon.")
    shield: bool = Field(False, description="With a shield.")


class ProportionsTable(Table):
    """`proportions` as a table: factors from 0.5 to 2.0."""

    head_size: Ratio = Field(1.0, description="Size of the head.")
    arms_length: Ratio = Field(1.0, description="Length of the arms.")
    legs_length: Ratio = Field(1.0, description="Length of the legs.")
    shoulder_width: Ratio = Field(1.0, description="Width of the shoulders.")
    hip_width: Ratio = Field(1.0, description="Width of the hips.")


class CharacterSpec(BaseSpec):
    """A figure in 1, 4 or 8 directions with named animations."""

    kind: Literal["character"]
    size: Size = Field(default=[48, 48], description="Width and height of a frame, pixels.")
    directions: Directions = Field(4, description="Directions of the result: 1, 4, 8 or a list.")
    mirror: Mirror | None = Field(None, description="Directions flipped locally, free.")
    archetype: Archetype | None = Field(None, description="Body plan; default: from the description.")
    proportions: str | ProportionsTable | None = Field(None, description="A preset's name, or factors.")
    projection: Literal["orthogonal", "isometric", "oblique"] = Field("orthogonal", description="Projection.")
    animations: dict[Name, AnimationTable] = Field(default_factory=dict, description="The clips, by name.")
    weapon: WeaponTable | None = Field(None, description="What it holds.")

    @model_validator(mode="after")
    def _direction_rules(self) -> CharacterSpec:
        result = self.result_directions
        check_mirror(self.mirror, result)
        for name, table in self.animations.items():
            own = table.result_directions(self)
            outside = [direction for direction in own if direction not in result]
            if outside:
                raise ValueError(f"animations.{name}.directions: {outside[0]} is not a direction of the character")
            if table.mirror is not None:
                try:
                    check_mirror(table.mirror, own)
                except ValueError as error:
                    raise ValueError(f"animations.{name}.{error}") from None
        return self

    @property
    def result_directions(self) -> tuple[str, ...]:
        """Directions of the result, in the fixed order."""
        return expand_directions(self.directions, self.view)

    def drawn_directions(self, animation: AnimationTable | None = None) -> tuple[str, ...]:
        """Directions that the provider makes: those of the result that are not mirrored, and what they mirror."""
        if animation is None:
            mirror, wanted = self.mirror or {}, self.result_directions
        else:
            mirror = (self.mirror or {}) if animation.mirror is None else animation.mirror
            wanted = animation.result_directions(self)
        return canonical_directions([mirror.get(direction, direction) for direction in wanted])


class AnimationSpec(BaseSpec, ClipFields):
    """Frames from a source image and a prompt."""

    kind: Literal["animation"]
    size: Size | None = Field(None, description="Width and height, pixels; default: the source's.")
    name: Name | None = Field(None, description="The clip's name; default: the last part of the id.")
    direction: Direction | None = Field(None, description="If set, the clip is NAME_direction.")
    archetype: Archetype | None = Field(None, description="Body plan, where the provider asks for it.")
    skeleton: SkeletonTable | None = Field(None, description="Poses by keypoints.")

    @model_validator(mode="after")
    def _check_rules(self) -> AnimationSpec:
        if self.provider == "files":
            return self
        if self.action is None and self.skeleton is None:
            raise ValueError("action: is required: the motion in words")
        first = any(keyframe.index == 0 for keyframe in self.keyframes or ())
        if self.source is None and self.source_url is None and self.adopt is None and not first:
            raise ValueError("source: is required: a path or asset:ID#PART (or a keyframe with index 0)")
        return self

    def needs_description(self) -> bool:
        """The source shows it."""
        return False
