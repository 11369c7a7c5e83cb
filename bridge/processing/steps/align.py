"""`align`: where figures stand in their frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from bridge.processing.steps.step import ArtFacts, ProcessContext, ProcessStep, StepFields

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips

FEET = "feet"


class AlignFields(StepFields):
    """Keys of `[process]`."""

    align: Literal["none", "feet", "center"] | None = Field(
        None, description="Where frames stand. Default: feet for character, else none."
    )


@dataclass(frozen=True, slots=True)
class AlignStep(ProcessStep):
    """anchor: `feet` (middle of the lower edge) or `center`."""

    name: ClassVar[str] = "align"
    fields: ClassVar[type[StepFields]] = AlignFields

    anchor: str

    @classmethod
    def from_table(cls, table: AlignFields, facts: ArtFacts) -> AlignStep | None:
        """By their feet for characters, unless the spec says otherwise."""
        anchor = table.align or (FEET if facts.kind == "character" else "none")
        return None if anchor == "none" else cls(anchor)

    def fingerprint_value(self) -> str:
        """The anchor."""
        return self.anchor

    def run(self, clips: Clips, context: ProcessContext) -> Clips:  # noqa: ARG002
        """Each clip moved as a whole."""
        from bridge.processing.canvas import aligned, same_size

        # Clips whose own frames differ in size get one, so that they can be moved as a whole.
        even = [
            same_size([clip], bottom=True)[0] if len({pixels.shape for pixels in clip}) > 1 else clip for clip in clips
        ]
        return [aligned(clip, self.anchor) for clip in even]
