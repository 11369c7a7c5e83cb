"""`despeckle`: stray pixels go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from bridge.processing.steps.step import ArtFacts, ProcessContext, ProcessStep, StepFields

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips


class DespeckleFields(StepFields):
    """Keys of `[process]`."""

    despeckle: int = Field(0, ge=0, le=64, description="Largest group of stray pixels that goes; 0 keeps all.")


@dataclass(frozen=True, slots=True)
class DespeckleStep(ProcessStep):
    """most_pixels: of the largest group that goes."""

    name: ClassVar[str] = "despeckle"
    fields: ClassVar[type[StepFields]] = DespeckleFields

    most_pixels: int

    @classmethod
    def from_table(cls, table: DespeckleFields, facts: ArtFacts) -> DespeckleStep | None:  # noqa: ARG003
        """Off unless the spec asks for it."""
        return cls(table.despeckle) if table.despeckle else None

    def fingerprint_value(self) -> int:
        """The number of pixels."""
        return self.most_pixels

    def run(self, clips: Clips, context: ProcessContext) -> Clips:  # noqa: ARG002
        """Each picture without its small groups."""
        from bridge.processing.specks import without_specks

        return [[without_specks(pixels, self.most_pixels) for pixels in clip] for clip in clips]
