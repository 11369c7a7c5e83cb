"""`colors`: at most so many colours in the whole asset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from bridge.processing.steps.hidden_colors import COLORS_STAGE
from bridge.processing.steps.palette import PaletteFields
from bridge.processing.steps.step import PICTURE_KINDS, TILE_KINDS, ArtFacts, ProcessContext, ProcessStep, StepFields

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips


@dataclass(frozen=True, slots=True)
class ColorsStep(ProcessStep):
    """count: how many colours are left at most. is_dithered: whether those between two of them become a pattern."""

    name: ClassVar[str] = "colors"
    kinds: ClassVar[frozenset[str]] = PICTURE_KINDS | TILE_KINDS
    fields: ClassVar[type[StepFields]] = PaletteFields
    stage: ClassVar[str] = COLORS_STAGE

    count: int
    is_dithered: bool = False

    @classmethod
    def from_table(cls, table: PaletteFields, facts: ArtFacts) -> ColorsStep | None:  # noqa: ARG003
        """Off unless the spec names a number."""
        return None if table.colors is None else cls(table.colors, table.dither)

    def fingerprint_value(self) -> list[Any]:
        """The number and whether they are dithered."""
        return [self.count, self.is_dithered]

    def run(self, clips: Clips, context: ProcessContext) -> Clips:  # noqa: ARG002
        """All frames in the colours that stand for all of theirs."""
        from bridge.media.color import reduced_palette, to_palette

        pictures = [pixels for clip in clips for pixels in clip]
        frames = iter(to_palette(pictures, reduced_palette(pictures, self.count), dither=self.is_dithered))
        return [[next(frames) for _ in clip] for clip in clips]
