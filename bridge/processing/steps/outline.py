"""`outline`: a line is added, or the one that is there is mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from bridge.media.rgb import RGB, format_rgb, parse_rgb
from bridge.processing.steps.step import ArtFacts, ProcessContext, ProcessStep, StepFields

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips

OutlineText = Annotated[str, Field(pattern=r"^(none|(fix )?#[0-9a-fA-F]{6}|fix)$")]


class OutlineFields(StepFields):
    """Keys of `[process]`."""

    outline: OutlineText | None = Field(
        None,
        description="Line of this colour added outside; fix mends the one that is there, fix #rrggbb recolours it too.",
    )


@dataclass(frozen=True, slots=True)
class OutlineStep(ProcessStep):
    """color: of the line; None, where one is mended, for its own. is_mended: whether the line is there already."""

    name: ClassVar[str] = "outline"
    version: ClassVar[int] = 2
    fields: ClassVar[type[StepFields]] = OutlineFields

    color: RGB | None
    is_mended: bool = False

    @classmethod
    def from_table(cls, table: OutlineFields, facts: ArtFacts) -> OutlineStep | None:  # noqa: ARG003
        """Off unless the spec asks for it."""
        text = table.outline or "none"
        digits = text.removeprefix("fix").strip()
        color = parse_rgb(digits) if digits.startswith("#") else None
        is_mended = text.startswith("fix")
        return cls(color, is_mended) if is_mended or color is not None else None

    def fingerprint_value(self) -> Any:
        """The colour; with `fix` before it where a line is mended."""
        color = format_rgb(self.color)[1:] if self.color is not None else None
        return ["fix", color] if self.is_mended else color

    def run(self, clips: Clips, context: ProcessContext) -> Clips:
        """All frames with one line."""
        from bridge.processing.outline import mended, outlined, with_room_below

        if self.is_mended or self.color is None:
            # One line for all frames at once: a colour chosen for each would flicker.
            frames = iter(mended([pixels for clip in clips for pixels in clip], self.color))
            return [[next(frames) for _ in clip] for clip in clips]
        roomy = with_room_below(clips) if context.is_grounded else clips
        return [[outlined(pixels, self.color) for pixels in clip] for clip in roomy]
