"""Colours under alpha 0 go, always: an engine's filter would show them along edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from bridge.processing.steps.step import PICTURE_KINDS, TILE_KINDS, ArtFacts, ProcessContext, ProcessStep

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips

COLORS_STAGE = "colours"
"""Palette, number of colours and alpha are one picture of `inspect`: they count for all frames at once."""


@dataclass(frozen=True, slots=True)
class HiddenColorsStep(ProcessStep):
    """It has no settings, and so no keys and no trace in a fingerprint."""

    name: ClassVar[str] = "hidden_colors"
    kinds: ClassVar[frozenset[str]] = PICTURE_KINDS | TILE_KINDS
    stage: ClassVar[str] = COLORS_STAGE
    is_always_active: ClassVar[bool] = True

    @classmethod
    def from_table(cls, table: Any, facts: ArtFacts) -> HiddenColorsStep:  # noqa: ARG003
        """Itself."""
        return cls()

    def fingerprint_value(self) -> None:
        """Nothing: it is the same for every asset."""

    def run(self, clips: Clips, context: ProcessContext) -> Clips:  # noqa: ARG002
        """Black under alpha 0."""
        from bridge.processing.edges import cleaned

        return [[cleaned(pixels) for pixels in clip] for clip in clips]
