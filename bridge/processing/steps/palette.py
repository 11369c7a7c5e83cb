"""`palette`: every colour becomes the nearest of a palette."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, model_validator

from bridge.core.tables import Color
from bridge.media.rgb import RGB, format_rgb, parse_rgb
from bridge.processing.palettes import read_palette
from bridge.processing.steps.hidden_colors import COLORS_STAGE
from bridge.processing.steps.step import PICTURE_KINDS, TILE_KINDS, ArtFacts, ProcessContext, ProcessStep, StepFields

if TYPE_CHECKING:
    from bridge.processing.steps.step import Clips


class PaletteFields(StepFields):
    """Keys of `[process]`, of which `colors` reads two."""

    palette: str | list[Color] | None = Field(
        None, description="Palette file (.hex .gpl .png .ase) or list of colours; absent keeps the colours."
    )
    colors: int | None = Field(None, ge=2, le=256, description="Colours of the whole asset; not with palette.")
    dither: bool = Field(False, description="Ordered dithering of palette or colors.")

    @model_validator(mode="after")
    def _check_one_palette(self) -> PaletteFields:
        if self.palette is not None and self.colors is not None:
            raise ValueError("colors: cannot stand beside palette")
        return self


@dataclass(frozen=True, slots=True)
class PaletteStep(ProcessStep):
    """colors: the palette, in its order. is_dithered: whether colours between two of it become a pattern."""

    name: ClassVar[str] = "palette"
    kinds: ClassVar[frozenset[str]] = PICTURE_KINDS | TILE_KINDS
    fields: ClassVar[type[StepFields]] = PaletteFields
    stage: ClassVar[str] = COLORS_STAGE

    colors: tuple[RGB, ...]
    is_dithered: bool = False

    @classmethod
    def from_table(cls, table: PaletteFields, facts: ArtFacts) -> PaletteStep | None:
        """Off unless the spec names a palette.

        Raises:
            UserError: `source_missing` or `source_broken` for the palette file.
        """
        if table.palette is None:
            return None
        if isinstance(table.palette, str):
            colors = read_palette(facts.load_palette(table.palette), table.palette)
        else:
            colors = tuple(dict.fromkeys(parse_rgb(color) for color in table.palette))
        return cls(colors, table.dither) if colors else None

    def fingerprint_value(self) -> list[Any]:
        """The colours and whether they are dithered."""
        return [[format_rgb(color)[1:] for color in self.colors], self.is_dithered]

    def run(self, clips: Clips, context: ProcessContext) -> Clips:  # noqa: ARG002
        """All frames in the colours of the palette."""
        from bridge.media.color import to_palette

        frames = iter(to_palette([pixels for clip in clips for pixels in clip], self.colors, dither=self.is_dithered))
        return [[next(frames) for _ in clip] for clip in clips]
