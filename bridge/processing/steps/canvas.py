"""`canvas`: the size of all frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from bridge.core.tables import Size
from bridge.processing.steps.step import ArtFacts, ProcessContext, ProcessStep, StepFields

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips

_SIZED_KINDS = frozenset({"sprite", "items", "edit"})


class CanvasFields(StepFields):
    """Keys of `[process]`."""

    canvas: Literal["native", "size", "trim"] | Size | None = Field(
        None,
        description="native, size, trim or [w, h]; art too large for it is reduced. "
        "Default: size for sprite, items and edit, else native.",
    )


@dataclass(frozen=True, slots=True)
class CanvasStep(ProcessStep):
    """size: width and height, or `trim` for the box of whatever any frame shows."""

    name: ClassVar[str] = "canvas"
    fields: ClassVar[type[StepFields]] = CanvasFields

    size: str | tuple[int, int]

    @classmethod
    def from_table(cls, table: CanvasFields, facts: ArtFacts) -> CanvasStep | None:
        """The stated size for sprite, items and edit, unless the spec says otherwise; off where none is stated."""
        chosen = table.canvas
        if isinstance(chosen, list):
            return cls((int(chosen[0]), int(chosen[1])))
        if chosen is None:
            chosen = "size" if facts.kind in _SIZED_KINDS else "native"
        size = (facts.size or "native") if chosen == "size" else chosen
        return None if size == "native" else cls(size)

    def fingerprint_value(self) -> Any:
        """`trim`, or width and height."""
        return self.size if isinstance(self.size, str) else list(self.size)

    def resized(self, size: tuple[int, int]) -> tuple[int, int]:
        """The canvas; what `trim` cuts is never larger."""
        return size if isinstance(self.size, str) else self.size

    def run(self, clips: Clips, context: ProcessContext) -> Clips:
        """All frames cut to one box, or on a canvas of one size."""
        from bridge.processing.canvas import fitted, trimmed

        if isinstance(self.size, str):
            return trimmed(clips, bottom=context.is_grounded)
        return fitted(clips, *self.size, bottom=context.is_grounded)
