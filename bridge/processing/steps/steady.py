"""`steady`: frames of a loop that tremble are held in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from bridge.processing.steps.step import CLIP_KINDS, PICTURE_KINDS, ArtFacts, ProcessContext, ProcessStep, StepFields

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips

MOST_STEADY = 16
"""Most pixels that `steady` may move a frame by: whoever is further away goes somewhere."""


class SteadyFields(StepFields):
    """Keys of `[process]`."""

    steady: int = Field(
        0,
        ge=0,
        le=MOST_STEADY,
        description="A loop whose frames wander by up to so many pixels is held in one place; 0 leaves it.",
    )


@dataclass(frozen=True, slots=True)
class SteadyStep(ProcessStep):
    """most_px: pixels that frames of a loop wander by, at most, and are held in one place."""

    name: ClassVar[str] = "steady"
    kinds: ClassVar[frozenset[str]] = CLIP_KINDS
    fields: ClassVar[type[StepFields]] = SteadyFields

    most_px: int

    @classmethod
    def has_effect_on(cls, kind: str) -> bool:
        """A default of the project has always counted into the fingerprint of stills too, though it moves nothing."""
        return kind in PICTURE_KINDS

    @classmethod
    def from_table(cls, table: SteadyFields, facts: ArtFacts) -> SteadyStep | None:  # noqa: ARG003
        """Off unless the spec asks for it."""
        return cls(table.steady) if table.steady else None

    def fingerprint_value(self) -> int:
        """The number of pixels."""
        return self.most_px

    def is_needed(self, context: ProcessContext) -> bool:
        """Only loops stand on the spot; nothing else is steadied."""
        return any(context.loops)

    def run(self, clips: Clips, context: ProcessContext) -> Clips:
        """The loops with their frames in one place."""
        from bridge.processing.stabilize import steadied

        pairs = zip(clips, context.loops, strict=True)
        return [steadied(clip, self.most_px) if is_loop else clip for clip, is_loop in pairs]
