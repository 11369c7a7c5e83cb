"""Request bodies of the PixelLab API v2 (document of 2025-09-18) and of v1 where it differs.

Real PixelLab validates with Pydantic v2 behind FastAPI; the same library here gives the same 422 bodies.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Direction = Literal[
    "south", "south-east", "east", "north-east", "north", "north-west", "west", "south-west"
]  # fmt: skip
View = Literal["side", "low top-down", "high top-down"]
Outline = Literal["single color black outline", "single color outline", "selective outline", "lineless"]
Shading = Literal["flat shading", "basic shading", "medium shading", "detailed shading", "highly detailed shading"]
Detail = Literal["low detail", "medium detail", "highly detailed"]
Label = Literal[
    "NOSE", "NECK", "RIGHT SHOULDER", "RIGHT ELBOW", "RIGHT ARM", "LEFT SHOULDER", "LEFT ELBOW", "LEFT ARM",
    "RIGHT HIP", "RIGHT KNEE", "RIGHT LEG", "LEFT HIP", "LEFT KNEE", "LEFT LEG",
    "RIGHT EYE", "LEFT EYE", "RIGHT EAR", "LEFT EAR",
]  # fmt: skip
Strength = Annotated[int, Field(ge=1, le=999)]
Text = Annotated[str, Field(min_length=1)]


class Strict(BaseModel):
    """`additionalProperties: false`, as on every request of the API."""

    model_config = ConfigDict(extra="forbid")


class Base64Image(Strict):
    """A picture as the API takes it: bare base64 or with a data-URL prefix."""

    type: Literal["base64"] = "base64"
    base64: str
    format: str = "png"


class Keypoint(Strict):
    """One joint; x and y in 0..1 of the canvas, larger z_index is nearer."""

    x: float
    y: float
    label: Label
    z_index: int = 0


class Size(Strict):
    """A size in pixels; every route limits it differently."""

    width: int
    height: int


class Size16To400(Size):
    """Pixflux."""

    width: Annotated[int, Field(ge=16, le=400)]
    height: Annotated[int, Field(ge=16, le=400)]


class Size16To256(Size):
    """Animation with a skeleton."""

    width: Annotated[int, Field(ge=16, le=256)]
    height: Annotated[int, Field(ge=16, le=256)]


class Size16To200(Size):
    """Bitforge, inpaint, rotate."""

    width: Annotated[int, Field(ge=16, le=200)]
    height: Annotated[int, Field(ge=16, le=200)]


class Size16To64(Size):
    """Isometric tiles."""

    width: Annotated[int, Field(ge=16, le=64)]
    height: Annotated[int, Field(ge=16, le=64)]


class Size64(Size):
    """Animation with text."""

    width: Annotated[int, Field(ge=64, le=64)]
    height: Annotated[int, Field(ge=64, le=64)]


class Size32To400(Size):
    """Characters in 2025: the canvas."""

    width: Annotated[int, Field(ge=32, le=400)]
    height: Annotated[int, Field(ge=32, le=400)]


class Size16To128(Size):
    """Characters in 2026: the character itself."""

    width: Annotated[int, Field(ge=16, le=128)]
    height: Annotated[int, Field(ge=16, le=128)]


class TileSize(Size):
    """Tiles of a tileset."""

    width: Literal[16, 32] = 16
    height: Literal[16, 32] = 16


class Seeded(Strict):
    """What every generating route takes."""

    color_image: Base64Image | None = None
    seed: int | None = None


class Styled(Seeded):
    """What the routes for single pictures share."""

    description: str
    negative_description: str = ""
    outline: Outline | None = None
    shading: Shading | None = None
    detail: Detail | None = None
    view: View | None = None
    direction: Direction | None = None
    isometric: bool = False
    no_background: bool = False
    init_image: Base64Image | None = None
    init_image_strength: Strength = 300


class Pixflux(Styled):
    """POST /create-image-pixflux."""

    image_size: Size16To400
    text_guidance_scale: Annotated[float, Field(ge=1, le=20)] = 8


class Bitforge(Styled):
    """POST /create-image-bitforge."""

    image_size: Size16To200
    text_guidance_scale: Annotated[float, Field(ge=1, le=20)] = 8
    extra_guidance_scale: Annotated[float, Field(ge=0, le=20)] = 3
    style_strength: Annotated[int, Field(ge=0, le=100)] = 0
    oblique_projection: bool = False
    coverage_percentage: Annotated[float, Field(ge=0, le=100)] | None = None
    style_image: Base64Image | None = None
    inpainting_image: Base64Image | None = None
    mask_image: Base64Image | None = None
    skeleton_guidance_scale: Annotated[float, Field(ge=0, le=5)] = 1
    skeleton_keypoints: list[Keypoint] | None = None


class Inpaint(Styled):
    """POST /inpaint."""

    image_size: Size16To200
    text_guidance_scale: Annotated[float, Field(ge=1, le=10)] = 3
    extra_guidance_scale: Annotated[float, Field(ge=0, le=20)] = 3
    oblique_projection: bool = False
    inpainting_image: Base64Image
    mask_image: Base64Image


class Rotate(Seeded):
    """POST /rotate."""

    image_size: Size16To200
    image_guidance_scale: Annotated[float, Field(ge=1, le=20)] = 3
    view_change: int | None = None
    direction_change: int | None = None
    from_view: View | None = None
    to_view: View | None = None
    from_direction: Direction | None = None
    to_direction: Direction | None = None
    isometric: bool = False
    oblique_projection: bool = False
    init_image: Base64Image | None = None
    init_image_strength: Strength = 300
    mask_image: Base64Image | None = None
    from_image: Base64Image


class AnimateWithText(Seeded):
    """POST /animate-with-text."""

    image_size: Size64
    description: str
    negative_description: str | None = None
    action: str
    text_guidance_scale: Annotated[float, Field(ge=1, le=20)] | None = None
    image_guidance_scale: Annotated[float, Field(ge=1, le=20)] | None = None
    n_frames: Annotated[int, Field(ge=2, le=20)] | None = None
    start_frame_index: Annotated[int, Field(ge=0, le=20)] | None = None
    view: View = "side"
    direction: Direction = "east"
    init_images: list[Base64Image | None] | None = None
    init_image_strength: Strength = 300
    reference_image: Base64Image
    inpainting_images: list[Base64Image | None] | None = None
    mask_images: list[Base64Image | None] | None = None


class SkeletonAnimation(Seeded):
    """What both versions of the skeleton route share."""

    image_size: Size16To256
    view: View = "side"
    direction: Direction = "east"
    isometric: bool = False
    oblique_projection: bool = False
    init_images: list[Base64Image | None] | None = None
    init_image_strength: Strength = 300
    skeleton_keypoints: list[list[Keypoint]] = []
    reference_image: Base64Image
    inpainting_images: list[Base64Image | None] = []
    mask_images: list[Base64Image | None] = []


class AnimateWithSkeleton(SkeletonAnimation):
    """POST /animate-with-skeleton of v2."""

    guidance_scale: Annotated[float, Field(ge=1, le=20)] = 4


class AnimateWithSkeletonV1(SkeletonAnimation):
    """POST /animate-with-skeleton of v1."""

    reference_guidance_scale: Annotated[float, Field(ge=1, le=20)] = 1.1
    pose_guidance_scale: Annotated[float, Field(ge=1, le=20)] = 3


class EstimateSkeleton(Strict):
    """POST /estimate-skeleton."""

    image: Base64Image


class Drawn(Seeded):
    """What characters and their animations share: style words are free text here, unlike on the image routes."""

    async_mode: bool | None = True
    text_guidance_scale: Annotated[float, Field(ge=1, le=20)] | None = None
    outline: str | None = None
    shading: str | None = None
    detail: str | None = None
    isometric: bool | None = None
    force_colors: bool | None = None


class Character(Drawn):
    """POST /create-character-with-4-directions and -8-directions."""

    description: Annotated[str, Field(min_length=1, max_length=2000)]
    image_size: Size32To400
    view: str | None = None
    proportions: dict[str, Any] | None = None
    output_type: str | None = None


class Character2026(Character):
    """The same routes a year later."""

    image_size: Size16To128  # type: ignore[assignment]
    template_id: Literal["mannequin", "bear", "cat", "dog", "horse", "lion"] | None = None
    mode: Literal["standard", "pro"] | None = None


class Animation(Drawn):
    """POST /characters/animations and /animate-character."""

    character_id: str
    animation_name: str | None = None
    description: str | None = None
    action_description: str | None = None
    template_animation_id: str
    directions: list[Direction] | None = None


class Transition(float, Enum):
    """Width of the band between two terrains, in tiles."""

    NONE = 0.0
    QUARTER = 0.25
    HALF = 0.5


class Transition2026(float, Enum):
    """The same a year later."""

    NONE = 0.0
    QUARTER = 0.25
    HALF = 0.5
    WHOLE = 1.0


class Tileset(Seeded):
    """POST /tilesets and /create-tileset."""

    lower_description: Text
    upper_description: Text
    transition_description: str = ""
    lower_base_tile_id: str | None = None
    upper_base_tile_id: str | None = None
    tile_size: TileSize = TileSize()
    text_guidance_scale: Annotated[float, Field(ge=1, le=20)] = 8
    outline: Outline | None = None
    shading: Shading | None = None
    detail: Detail | None = None
    view: Literal["low top-down", "high top-down"] | None = None
    tile_strength: Annotated[float, Field(ge=0.1, le=2)] = 1
    tileset_adherence_freedom: Annotated[float, Field(ge=0, le=900)] = 500
    tileset_adherence: Annotated[float, Field(ge=0, le=500)] = 100
    transition_size: Transition = Transition.NONE
    lower_reference_image: Base64Image | None = None
    upper_reference_image: Base64Image | None = None
    transition_reference_image: Base64Image | None = None


class Tileset2026(Tileset):
    """The same routes a year later."""

    transition_size: Transition2026 = Transition2026.NONE  # type: ignore[assignment]


class MapObject(Seeded):
    """POST /map-objects."""

    description: Annotated[str, Field(min_length=1, max_length=2000)]
    image_size: Size32To400
    view: View = "high top-down"
    text_guidance_scale: Annotated[float, Field(ge=1, le=20)] = 8
    outline: Outline | None = None
    shading: Shading | None = None
    detail: Detail | None = None
    init_image: Base64Image | None = None
    init_image_strength: Strength = 300
    background_image: Base64Image | None = None
    inpainting: dict[str, Any] | None = None


class IsometricTile(Seeded):
    """POST /create-isometric-tile: this route has no black outline."""

    description: str
    image_size: Size16To64
    text_guidance_scale: Annotated[float, Field(ge=1, le=20)] = 8
    outline: Literal["single color outline", "selective outline", "lineless"] | None = None
    shading: Shading | None = None
    detail: Detail | None = None
    init_image: Base64Image | None = None
    init_image_strength: Strength = 300
    isometric_tile_size: Annotated[int, Field(ge=16, le=64)] | None = None
    isometric_tile_shape: Literal["thick tile", "thin tile", "block"] = "block"
