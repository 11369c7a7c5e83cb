"""`grid`: one pixel for each block of fake ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from bridge.processing.steps.canvas import CanvasFields, CanvasStep
from bridge.processing.steps.step import ArtFacts, ProcessContext, ProcessStep, StepFields

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips


class GridFields(StepFields):
    """Keys of `[process]`."""

    grid: Literal["auto", "none"] | Annotated[int, Field(ge=1, le=128)] | None = Field(
        None, description="Size of fake pixels: auto, none, or a number of pixels."
    )


if TYPE_CHECKING:

    class _SizedFields(GridFields, CanvasFields):
        """The grid, and the canvas that says how large the art is to be."""


@dataclass(frozen=True, slots=True)
class GridStep(ProcessStep):
    """side: of a block in pixels, or `auto`. expected_size: width and height of the art, which makes `auto` sure."""

    name: ClassVar[str] = "grid"
    version: ClassVar[int] = 3
    fields: ClassVar[type[StepFields]] = GridFields

    side: str | int
    expected_size: tuple[int, int] | None = None

    @classmethod
    def from_table(cls, table: _SizedFields, facts: ArtFacts) -> GridStep | None:
        """Off unless the spec asks for it."""
        if table.grid is None or table.grid in ("none", 1):
            return None
        canvas = CanvasStep.from_table(table, facts)
        size = canvas.size if canvas is not None else None
        return cls(table.grid, size if isinstance(size, tuple) else facts.size)

    def fingerprint_value(self) -> list[Any]:
        """The side, and the size that `auto` looks for."""
        return [self.side, list(self.expected_size) if self.expected_size and self.side == "auto" else None]

    def run(self, clips: Clips, context: ProcessContext) -> Clips:  # noqa: ARG002
        """One grid for all frames of a size: they come from one hand, and clips must keep the scale of each other."""
        from bridge.processing.grid import snapped

        numbers_by_size: dict[tuple[int, ...], list[tuple[int, int]]] = {}
        for clip, frames in enumerate(clips):
            for frame, pixels in enumerate(frames):
                numbers_by_size.setdefault(pixels.shape, []).append((clip, frame))
        result = [list(clip) for clip in clips]
        for numbers in numbers_by_size.values():
            pictures = snapped([clips[clip][frame] for clip, frame in numbers], self.side, self.expected_size)
            for (clip, frame), pixels in zip(numbers, pictures, strict=True):
                result[clip][frame] = pixels
        return result
