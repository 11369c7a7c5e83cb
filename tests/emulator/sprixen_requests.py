"""Request bodies of the emulated Sprixen; unknown properties are refused, as a paid client found."""
# ruff: noqa: N815 - the properties are spelled as the service spells them

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    """A JSON object with exactly these properties."""

    model_config = ConfigDict(extra="forbid", strict=True)


Prompt = Annotated[str, Field(min_length=3, max_length=500)]


class Generation(Body):
    """POST /generations."""

    prompt: Prompt
    projectId: str | None = None
    type: Literal["sprite", "variation"] = "sprite"
    referenceImageUrl: str | None = None
    variantCount: int = Field(1, ge=1, le=3)
    resolution: str | None = Field(None, pattern=r"^\d+x\d+$")
    pixelPerfect: Literal["auto", "on", "off"] = "auto"
    noBase: bool = False
    skipBgRemoval: bool = False
    packItems: list[str] | None = Field(None, min_length=1, max_length=8)
    webhookUrl: str | None = None


class Project(Body):
    """POST /projects."""

    name: str = Field(min_length=1)
    description: str | None = None
    artStyle: Literal["pixel", "vector", "painterly"] | None = None
    resolution: Literal["16x16", "32x32", "64x64"] | None = None
    viewAngle: Literal["side", "top-down", "isometric"] | None = None


class Map(Body):
    """POST /maps."""

    name: str = Field(min_length=1)
    projectionType: Literal["isometric", "top_down", "side_view", "world"]
    gridWidth: int = Field(ge=1)
    gridHeight: int = Field(ge=1)


class MapChange(Body):
    """PATCH /maps/:id."""

    name: str | None = None
    tilePackIds: list[str] | None = None
    layers: dict[str, Any] | None = None
    terrain: list[list[int]] | None = None
    decorations: list[list[int]] | None = None
    entities: list[Any] | None = None


class MapEdit(Body):
    """POST /maps/:id/ai-edit."""

    prompt: str = Field(min_length=1)


class Select(Body):
    """POST /generations/select."""

    generationId: str
    variationIndex: int = Field(ge=0)


class Animation(Body):
    """POST /sprites/:spriteId/animations."""

    type: Literal["walk", "run", "idle", "attack", "jump", "death", "hurt", "custom"]
    frameCount: int = Field(8, ge=2, le=12)
    fps: int = Field(12, ge=4, le=60)
    customDescription: str | None = Field(None, max_length=500)
    archetype: Literal["humanoid_biped", "quadruped", "winged", "amorphous", "serpentine"] | None = None
    weaponHand: Literal["left", "right", "both"] | None = None
    weaponType: str | None = None
    hasShield: bool = False
    direction: Literal["right", "left", "up", "down", "up-right", "up-left", "down-right", "down-left"] = "right"
    normalizeSize: bool = False


class Process(Body):
    """POST /animations/:id/process."""

    mode: Literal["stabilize", "tight", "aggressive"]


class Tile(Body):
    """POST /tile-packs/generate."""

    prompt: Prompt
    tileLabel: str
    collision: bool = False
    projectionType: Literal["floor", "wall", "prop"] = "floor"
    webhookUrl: str | None = None


class Music(Body):
    """POST /music."""

    prompt: Prompt
    presetSlug: str | None = None
    bpm: int | None = None
    key: str | None = None
    duration: int = 30
