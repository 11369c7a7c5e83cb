"""`matte`: the background goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from bridge.processing.steps.step import ArtFacts, ProcessContext, ProcessStep, StepFields

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips

Matte = Annotated[str, Field(pattern=r"^(auto|none|#[0-9a-fA-F]{6})$")]


class MatteFields(StepFields):
    """Keys of `[process]`."""

    matte: Matte | None = Field(None, description="Background to remove: auto, none or #rrggbb.")


@dataclass(frozen=True, slots=True)
class MatteStep(ProcessStep):
    """color: `auto`, or the background's `#rrggbb`."""

    name: ClassVar[str] = "matte"
    version: ClassVar[int] = 3
    fields: ClassVar[type[StepFields]] = MatteFields

    color: str

    @classmethod
    def from_table(cls, table: MatteFields, facts: ArtFacts) -> MatteStep | None:
        """`auto` for delivered art that is to be transparent, unless the spec says otherwise."""
        matte = table.matte or ("none" if facts.is_exact or not facts.transparent else "auto")
        return None if matte == "none" else cls(matte)

    def fingerprint_value(self) -> str:
        """The colour, or `auto`."""
        return self.color

    def run(self, clips: Clips, context: ProcessContext) -> Clips:  # noqa: ARG002
        """Each clip without its background."""
        from bridge.processing.matte import without_matte

        return [without_matte(clip, self.color) for clip in clips]
