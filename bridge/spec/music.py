"""Kind music."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from bridge.spec.base_spec import BaseSpec


class MusicSpec(BaseSpec):
    """An audio track."""

    not_applicable: ClassVar = frozenset(
        {"view", "outline", "shading", "detail", "colors", "variants", "pick", "transparent", "reference", "refine"}
    )

    kind: Literal["music"]
    preset: str | None = Field(None, max_length=60, description="A named mood, instead of a description.")
    bpm: int | None = Field(None, ge=40, le=240, description="Beats a minute.")
    key: str | None = Field(None, max_length=20, description="Like D minor.")
    duration: Annotated[float, Field(ge=1, le=300, strict=False)] = Field(30, description="Seconds.")
    loop: bool = Field(True, description="Import flag; procedural also makes it seamless.")

    @model_validator(mode="after")
    def _check_rules(self) -> MusicSpec:
        if self.provider != "files" and self.description is None and self.preset is None:
            raise ValueError("preset: is required, or a description")
        return self

    def needs_description(self) -> bool:
        """A preset does too."""
        return False
