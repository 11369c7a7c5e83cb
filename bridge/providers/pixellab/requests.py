"""Request bodies of the PixelLab API v2, with their published limits.

Source: the API document v2 (llms.txt of 2025-09-18); where the service was seen to take more (character sizes of 16
pixels, a transition of a whole tile, `template_id`), the wider limit stands, for a refusal costs nothing there.
Unknown fields are errors, as they are at the service. Fields that a spec always decides have no default here; all
others are left out of a body when they say what the service does anyway.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Direction = Literal["south", "south-east", "east", "north-east", "north", "north-west", "west", "south-west"]
View = Literal["side", "low top-down", "high top-down"]
Outline = Literal["single color black outline", "single color outline", "selective outline", "lineless"]
Shading = Literal["flat shading", "basic shading", "medium shading", "detailed shading", "highly detailed shading"]
Detail = Literal["low detail", "medium detail", "highly detailed"]
Preset = Literal["default", "chibi", "cartoon", "stylized", "realistic_male", "realistic_female", "heroic"]
TemplateId = Literal["mannequin", "bear", "cat", "dog", "horse", "lion"]
Label = Literal[
    "NOSE", "NECK", "RIGHT SHOULDER", "RIGHT ELBOW", "RIGHT ARM", "LEFT SHOULDER", "LEFT ELBOW", "LEFT ARM",
    "RIGHT HIP", "RIGHT KNEE", "RIGHT LEG", "LEFT HIP", "LEFT KNEE", "LEFT LEG",
    "RIGHT EYE", "LEFT EYE", "RIGHT EAR", "LEFT EAR",
]  # fmt: skip
Strength = Annotated[int, Field(ge=1, le=999)]
Guidance = Annotated[float, Field(ge=1, le=20)]
Text = Annotated[str, Field(min_length=1)]
Factor = Annotated[float, Field(ge=0.5, le=2)]
UpTo400 = Annotated[int, Field(ge=16, le=400)]
UpTo256 = Annotated[int, Field(ge=16, le=256)]
UpTo200 = Annotated[int, Field(ge=16, le=200)]
UpTo64 = Annotated[int, Field(ge=16, le=64)]
LEAST_AREA = 32 * 32
"""Pixflux refuses canvases of fewer pixels: 16 × 64 is fine, 16 × 16 is not."""


class PixelLabBody(BaseModel):
    """Unknown fields are refused, as by the service."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Picture(PixelLabBody):
    """A picture in a request."""

    type: Literal["base64"]
    base64: Text
    format: Literal["png"]


class Joint(PixelLabBody):
    """A keypoint; x and y in 0–1 of the canvas, a larger z_index is nearer."""

    x: Annotated[float, Field(ge=0, le=1)]
    y: Annotated[float, Field(ge=0, le=1)]
    label: Label
    z_index: float


class Size400(PixelLabBody):
    """Pixflux, characters."""

    width: UpTo400
    height: UpTo400


class Size256(PixelLabBody):
    """Animation by skeleton."""

    width: UpTo256
    height: UpTo256


class Size200(PixelLabBody):
    """Bitforge, inpaint, rotate."""

    width: UpTo200
    height: UpTo200


class Size64(PixelLabBody):
    """Isometric tiles."""

    width: UpTo64
    height: UpTo64


class Exactly64(PixelLabBody):
    """Animation by text."""

    width: Literal[64]
    height: Literal[64]


class TileSize(PixelLabBody):
    """Tiles of a tileset."""

    width: Literal[16, 32]
    height: Literal[16, 32]


class PixelLabGenerated(PixelLabBody):
    """What every generating route takes."""

    color_image: Picture | None = None
    seed: int | None = None


class Drawn(PixelLabGenerated):
    """What the routes for single pictures share."""

    description: Text
    negative_description: str = ""
    outline: Outline | None = None
    shading: Shading | None = None
    detail: Detail | None = None
    view: View | None = None
    direction: Direction | None = None
    isometric: bool = False
    no_background: bool = False
    init_image: Picture | None = None
    init_image_strength: Strength = 300


class Pixflux(Drawn):
    """POST /create-image-pixflux."""

    image_size: Size400
    text_guidance_scale: Guidance = 8

    @model_validator(mode="after")
    def _area(self) -> Pixflux:
        if self.image_size.width * self.image_size.height < LEAST_AREA:
            raise ValueError("image_size: the picture must have at least 32 × 32 pixels in all")
        return self


class Bitforge(Drawn):
    """POST /create-image-bitforge."""

    image_size: Size200
    text_guidance_scale: Guidance = 8
    extra_guidance_scale: Annotated[float, Field(ge=0, le=20)] = 3
    style_strength: Annotated[float, Field(ge=0, le=100)] = 0
    oblique_projection: bool = False
    coverage_percentage: Annotated[float, Field(ge=0, le=100)] | None = None
    style_image: Picture | None = None
    skeleton_guidance_scale: Annotated[float, Field(ge=0, le=5)] = 1


class Inpaint(Drawn):
    """POST /inpaint."""

    image_size: Size200
    text_guidance_scale: Annotated[float, Field(ge=1, le=10)] = 3
    extra_guidance_scale: Annotated[float, Field(ge=0, le=20)] = 3
    oblique_projection: bool = False
    inpainting_image: Picture
    mask_image: Picture


class Rotate(PixelLabGenerated):
    """POST /rotate."""

    image_size: Size200
    image_guidance_scale: Guidance = 3
    view_change: int | None = None
    direction_change: int | None = None
    from_view: View | None = None
    to_view: View | None = None
    from_direction: Direction | None = None
    to_direction: Direction | None = None
    isometric: bool = False
    oblique_projection: bool = False
    init_image: Picture | None = None
    init_image_strength: Strength = 300
    from_image: Picture


class AnimateWithText(PixelLabGenerated):
    """POST /animate-with-text: four frames, whatever `n_frames` says."""

    image_size: Exactly64
    description: Text
    negative_description: str | None = None
    action: Text
    text_guidance_scale: Guidance | None = None
    image_guidance_scale: Guidance | None = None
    n_frames: Annotated[int, Field(ge=4, multiple_of=4)]
    start_frame_index: Annotated[int, Field(ge=0, multiple_of=4)]
    view: View | None = None
    direction: Direction | None = None
    reference_image: Picture
    inpainting_images: list[Picture] | None = None


class AnimateWithSkeleton(PixelLabGenerated):
    """POST /animate-with-skeleton: exactly three poses, three frames."""

    image_size: Size256
    guidance_scale: Guidance = 4
    view: View | None = None
    direction: Direction | None = None
    isometric: bool = False
    oblique_projection: bool = False
    skeleton_keypoints: Annotated[list[Annotated[list[Joint], Field(min_length=1)]], Field(min_length=3, max_length=3)]
    reference_image: Picture


class EstimateSkeleton(PixelLabBody):
    """POST /estimate-skeleton."""

    image: Picture


class PresetProportions(PixelLabBody):
    """A body by name."""

    type: Literal["preset"]
    name: Preset


class CustomProportions(PixelLabBody):
    """A body by factors."""

    type: Literal["custom"]
    head_size: Factor
    arms_length: Factor
    legs_length: Factor
    shoulder_width: Factor
    hip_width: Factor


class Figure(PixelLabGenerated):
    """What characters and their clips share: style words are hints in free words here."""

    text_guidance_scale: Guidance | None = None
    outline: str | None = None
    shading: str | None = None
    detail: str | None = None
    isometric: bool = False
    force_colors: bool = False


class Character(Figure):
    """POST /create-character-with-4-directions and -8-directions."""

    description: Annotated[str, Field(min_length=1, max_length=2000)]
    image_size: Size400
    view: str | None = None
    proportions: PresetProportions | CustomProportions | None = None
    template_id: TemplateId | None = None


class CharacterClip(Figure):
    """POST /characters/animations."""

    character_id: Text
    animation_name: str | None = None
    description: str | None = None
    action_description: str | None = None
    template_animation_id: Text
    directions: Annotated[list[Direction], Field(min_length=1, max_length=1)]


class Tileset(PixelLabGenerated):
    """POST /create-tileset."""

    lower_description: Text
    upper_description: Text
    transition_description: str = ""
    lower_base_tile_id: str | None = None
    upper_base_tile_id: str | None = None
    tile_size: TileSize
    text_guidance_scale: Guidance = 8
    outline: Outline | None = None
    shading: Shading | None = None
    detail: Detail | None = None
    view: Literal["low top-down", "high top-down"] | None = None
    tile_strength: Annotated[float, Field(ge=0.1, le=2)] = 1
    tileset_adherence_freedom: Annotated[float, Field(ge=0, le=900)] = 500
    tileset_adherence: Annotated[float, Field(ge=0, le=500)] = 100
    transition_size: Annotated[float, Field(ge=0, le=1)]
    lower_reference_image: Picture | None = None
    upper_reference_image: Picture | None = None
    transition_reference_image: Picture | None = None


class IsometricTile(PixelLabGenerated):
    """POST /create-isometric-tile: there is no black outline here."""

    description: Text
    image_size: Size64
    text_guidance_scale: Guidance = 8
    outline: Literal["single color outline", "selective outline", "lineless"] | None = None
    shading: Shading | None = None
    detail: Detail | None = None
    init_image: Picture | None = None
    init_image_strength: Strength = 300
    isometric_tile_size: UpTo64 | None = None
    isometric_tile_shape: Literal["thick tile", "thin tile", "block"]


def written(body: BaseModel) -> dict[str, Any]:
    """The JSON of a body, without what the service assumes anyway."""
    return body.model_dump(mode="json", exclude_defaults=True)
