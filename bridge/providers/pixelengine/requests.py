"""Request bodies of the Pixel Engine API, with their published limits (API reference, one section per route).

Unknown fields are errors, as they are at the service. What the service would choose for itself and a clip depends on
(model, frames, seed, matte, format) has no default here: it is always said.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bridge.providers.pixelengine.modes import mode_of

Text = Annotated[str, Field(min_length=1)]
LONGEST_PROMPT = 2000
Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Seed = Annotated[int, Field(ge=1, le=9_999_999_999)]
Format = Literal["webp", "gif", "spritesheet"]
Render = Literal["pixel", "detailed"]
MOST_KEYFRAMES = 8
LEAST_TOTAL, MOST_TOTAL = 3, 20
MOST_PALETTE = 256
"""Colours of a palette. No limit is published; it is that of their number. The ground may be one more."""
Palette = Annotated[list[Colour], Field(min_length=1, max_length=MOST_PALETTE + 1)]


class PixelEngineBody(BaseModel):
    """Unknown fields are refused, as by the service."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PixelConfig(PixelEngineBody):
    """How many colours a frame gets, or which ones; never both, never neither."""

    colors: Annotated[int, Field(ge=2, le=256)] | None = None
    palette: Palette | None = None

    @model_validator(mode="after")
    def _one(self) -> PixelConfig:
        if (self.colors is None) == (self.palette is None):
            raise ValueError("exactly one of colors and palette")
        return self


class PixelEngineGenerated(PixelEngineBody):
    """What all routes take."""

    prompt: Text
    negative_prompt: str = ""
    pixel_config: PixelConfig | None = None
    seed: Seed
    output_format: Format
    matte_color: Colour


class Animate(PixelEngineGenerated):
    """POST /animate: an even number of frames, the first like the picture."""

    image: Text
    model: Text
    output_frames: Annotated[int, Field(ge=2)]

    @model_validator(mode="after")
    def _by_model(self) -> Animate:
        mode = mode_of(self.model)
        if self.output_frames % 2:
            raise ValueError(f"output_frames: must be even, not {self.output_frames}")
        if self.output_frames > mode.most_frames:
            raise ValueError(f"output_frames: must be at most {mode.most_frames}, not {self.output_frames}")
        if self.pixel_config is not None and mode.render != "pixel":
            raise ValueError(f"pixel_config: {self.model} takes no colours")
        return self


class Rendered(PixelEngineGenerated):
    """What the routes without a model share."""

    render_mode: Render

    @model_validator(mode="after")
    def _by_mode(self) -> Rendered:
        if self.pixel_config is not None and self.render_mode != "pixel":
            raise ValueError("pixel_config: the detailed mode takes no colours")
        return self


class Keyframe(PixelEngineBody):
    """A picture at its place in the clip."""

    index: Annotated[int, Field(ge=0)]
    image: Text
    strength: Annotated[float, Field(ge=0, le=1)]


class Keyframes(Rendered):
    """POST /keyframes: any number of frames, even or odd."""

    total_frames: Annotated[int, Field(ge=LEAST_TOTAL, le=MOST_TOTAL)]
    frames: Annotated[list[Keyframe], Field(min_length=1, max_length=MOST_KEYFRAMES)]

    @model_validator(mode="after")
    def _places(self) -> Keyframes:
        places = [frame.index for frame in self.frames]
        if len(set(places)) != len(places):
            raise ValueError("frames: an index is there twice")
        if max(places) >= self.total_frames:
            raise ValueError(f"frames: index {max(places)} is beyond the last of {self.total_frames} frames")
        return self


class Region(PixelEngineBody):
    """Frames to make again, counted from 0, both included."""

    start_frame: Annotated[int, Field(ge=0)]
    end_frame: Annotated[int, Field(ge=0)]


class Retake(Rendered):
    """POST /retake: an animated WebP or GIF of which some frames are made again."""

    image: Text
    retake_region: Region


class Pixelate(PixelEngineBody):
    """POST /pixelate: a picture reduced to its pixel grid, and to so many colours or to these."""

    image: Text
    colors: Annotated[int, Field(ge=2, le=256)] | None = None
    palette: Palette | None = None

    @model_validator(mode="after")
    def _one(self) -> Pixelate:
        if (self.colors is None) == (self.palette is None):
            raise ValueError("exactly one of colors and palette")
        return self


class Enhance(PixelEngineBody):
    """POST /enhance-prompt: words for POST /animate, written to fit the picture."""

    prompt: Annotated[str, Field(min_length=1, max_length=LONGEST_PROMPT)]
    image: Text
    model: Text


def written(body: BaseModel) -> dict[str, Any]:
    """The JSON of a body, without what the service assumes anyway."""
    return body.model_dump(mode="json", exclude_defaults=True)
