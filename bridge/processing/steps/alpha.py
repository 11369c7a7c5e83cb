"""`alpha`: pixels are there or not, nothing between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from bridge.processing.steps.hidden_colors import COLORS_STAGE
from bridge.processing.steps.step import PICTURE_KINDS, TILE_KINDS, ArtFacts, ProcessContext, ProcessStep, StepFields

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips


class AlphaFields(StepFields):
    """Keys of `[process]`."""

    alpha: Literal["binary", "keep"] | None = Field(None, description="Whether half-transparent pixels stay.")


@dataclass(frozen=True, slots=True)
class AlphaStep(ProcessStep):
    """It has no settings of its own: alpha is made binary, or the step is off."""

    name: ClassVar[str] = "alpha"
    kinds: ClassVar[frozenset[str]] = PICTURE_KINDS | TILE_KINDS
    fields: ClassVar[type[StepFields]] = AlphaFields
    stage: ClassVar[str] = COLORS_STAGE

    @classmethod
    def from_table(cls, table: AlphaFields, facts: ArtFacts) -> AlphaStep | None:
        """On for delivered art but tiles, unless the spec says otherwise."""
        is_kept = facts.is_exact or facts.kind in TILE_KINDS
        return cls() if (table.alpha or ("keep" if is_kept else "binary")) == "binary" else None

    @staticmethod
    def is_kept(table: Any) -> bool:
        """Whether `[process]` itself says that half-transparent pixels stay."""
        return bool(table.alpha == "keep")

    def fingerprint_value(self) -> str:
        """What the spec calls it."""
        return "binary"

    def run(self, clips: Clips, context: ProcessContext) -> Clips:  # noqa: ARG002
        """Every pixel fully there or not at all."""
        from bridge.processing.edges import binary_alpha

        return [[binary_alpha(pixels) for pixels in clip] for clip in clips]
