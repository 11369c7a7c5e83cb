"""`repeats`: a loop loses a last frame that repeats its first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from bridge.processing.steps.step import CLIP_KINDS, ArtFacts, ProcessContext, ProcessStep, StepFields

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips


class RepeatsFields(StepFields):
    """Keys of `[process]`."""

    repeats: Literal["drop", "keep"] | None = Field(
        None, description="A last frame of a loop that repeats its first. Default: drop for delivered art, else keep."
    )


@dataclass(frozen=True, slots=True)
class RepeatsStep(ProcessStep):
    """It has no settings of its own: such a frame is dropped, or the step is off. The only step that drops frames."""

    name: ClassVar[str] = "repeats"
    kinds: ClassVar[frozenset[str]] = CLIP_KINDS
    fields: ClassVar[type[StepFields]] = RepeatsFields

    @classmethod
    def from_table(cls, table: RepeatsFields, facts: ArtFacts) -> RepeatsStep | None:
        """On for delivered art, unless the spec says otherwise."""
        return cls() if (table.repeats or ("keep" if facts.is_exact else "drop")) == "drop" else None

    def fingerprint_value(self) -> str:
        """What the spec calls it."""
        return "drop"

    def is_needed(self, context: ProcessContext) -> bool:
        """Only a loop begins again."""
        return any(context.loops)

    def run(self, clips: Clips, context: ProcessContext) -> Clips:
        """The loops without such a frame at their end."""
        from bridge.processing.repeats import shown_frames

        pairs = zip(clips, context.loops, strict=True)
        return [clip[shown_frames(clip)] if is_loop else clip for clip, is_loop in pairs]
