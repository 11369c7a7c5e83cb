"""`[files]`: art that the user already has."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from bridge.core.tables import Table
from bridge.spec.fields import Direction, Name


class SheetRow(Table):
    """A row of a sheet: one clip, frames from left to right."""

    animation: Name = Field(description="The clip's name.")
    direction: Direction | None = Field(None, description="The clip's direction.")
    frames: int = Field(ge=1, le=256, description="How many frames stand in the row.")


class FilesTable(Table):
    """`[files]`: your own art. Exactly one of pattern, sheet, json, clip, aseprite."""

    pattern: str | None = Field(
        None, description="Path with {animation} {direction} {frame}, or {item}, {tile}, {lower} {upper}."
    )
    sheet: str | None = Field(None, description="A picture with frames in a grid.")
    frame: Annotated[list[Annotated[int, Field(ge=1, le=2048)]], Field(min_length=2, max_length=2)] | None = Field(
        None, description="Size of a frame on the sheet, pixels."
    )
    margin: int = Field(0, ge=0, le=256, description="Pixels round the grid.")
    spacing: int = Field(0, ge=0, le=256, description="Pixels between frames.")
    rows: list[SheetRow] | None = Field(None, description="What each row of the sheet holds.")
    json_: str | None = Field(None, alias="json", description="Aseprite or TexturePacker JSON.")
    clip: str | None = Field(None, description="A GIF, WebP or APNG; its delays become durations.")
    aseprite: str | None = Field(None, description="An .aseprite or .ase file; its tags become clips.")
    layout: Literal["corner16", "pixellab", "dual_grid", "blob47", "rpgmaker_a2", "tilesetter_wang"] | None = Field(
        None, description="How the tiles of a tileset's picture are ordered. Default: corner16."
    )

    @model_validator(mode="after")
    def _one_source(self) -> FilesTable:
        given = [name for name in ("pattern", "sheet", "json", "clip", "aseprite") if self.get(name) is not None]
        if len(given) > 1:
            raise ValueError(f"{given[1]}: only one of pattern, sheet, json, clip and aseprite can be given")
        return self

    def get(self, name: str) -> Any:
        """A key by its name in TOML."""
        return getattr(self, "json_" if name == "json" else name)
