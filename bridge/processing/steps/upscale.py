"""`upscale`: each pixel becomes a block, at last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from bridge.processing.steps.step import ArtFacts, ProcessContext, ProcessStep, StepFields

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips


class UpscaleFields(StepFields):
    """Keys of `[process]`."""

    upscale: int = Field(1, ge=1, le=8, description="Pixels of a side that each pixel becomes, at last.")


@dataclass(frozen=True, slots=True)
class UpscaleStep(ProcessStep):
    """factor: pixels along a side of the block that each pixel becomes."""

    name: ClassVar[str] = "upscale"
    fields: ClassVar[type[StepFields]] = UpscaleFields

    factor: int

    @classmethod
    def from_table(cls, table: UpscaleFields, facts: ArtFacts) -> UpscaleStep | None:  # noqa: ARG003
        """Off unless the spec asks for it."""
        return cls(table.upscale) if table.upscale > 1 else None

    def fingerprint_value(self) -> int:
        """The factor."""
        return self.factor

    def resized(self, size: tuple[int, int]) -> tuple[int, int]:
        """So many times as wide and as high."""
        return size[0] * self.factor, size[1] * self.factor

    def run(self, clips: Clips, context: ProcessContext) -> Clips:  # noqa: ARG002
        """All frames larger, without new colours."""
        return [[pixels.repeat(self.factor, axis=0).repeat(self.factor, axis=1) for pixels in clip] for clip in clips]
