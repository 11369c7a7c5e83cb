"""Kinds tileset, isometric_tiles, map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from bridge.core.tables import Color, Table
from bridge.spec.base_spec import BaseSpec
from bridge.spec.fields import Name, Ref, Text, check_unique

Side = Annotated[int, Field(ge=8, le=256)]
TileSize = Side | Annotated[list[Side], Field(min_length=2, max_length=2)]
_WIDTHS = (0, 0.25, 0.5, 1.0)


def _check_width(value: float) -> float:
    if value not in _WIDTHS:
        raise ValueError("must be 0, 0.25, 0.5 or 1.0")
    return value


def _check_properties(value: dict[str, Property]) -> dict[str, Property]:
    taken = sorted(_OUR_PROPERTIES & set(value))
    if taken:
        raise ValueError(f"{taken[0]} is a property that assetbridge itself writes")
    return value


def _check_property_types(tables: Sequence[TerrainTable | IsometricTileTable], field: str) -> None:
    """A name has values of one type in a tileset: Godot's custom data layers have a type."""
    types: dict[str, type] = {}
    for number, table in enumerate(tables):
        for name, value in table.properties.items():
            if types.setdefault(name, type(value)) is not type(value):
                raise ValueError(f"{field}.{number}.properties.{name}: has another type than before")


Property = bool | int | float | Text
# Written by the exporters: names and roles of tiles, clips of sprites.
_OUR_PROPERTIES = frozenset({"name", "role", "animation"})
Properties = Annotated[dict[Name, Property], AfterValidator(_check_properties)]
Transition = Annotated[float, AfterValidator(_check_width), WithJsonSchema({"enum": list(_WIDTHS)})]


class TerrainTable(Table):
    """`[[terrains]]`: one ground, from low to high."""

    name: Name = Field(description="Its name; its number stays for ever.")
    description: Text | None = Field(None, description="What it looks like. Default: its name.")
    color: Color | None = Field(None, description="Editor colour. Default: mean of its full tile.")
    solid: bool = Field(
        False, description="Collision polygon in engines: the whole tile, or what is opaque of one that is see-through."
    )
    animated: int = Field(1, ge=1, le=8, description="Frames (procedural, files).")
    frame_ms: int = Field(200, ge=16, le=5000, description="Milliseconds of an animation frame.")
    variations: int = Field(0, ge=0, le=8, description="Extra full tiles.")
    probability: Annotated[float, Field(ge=0, le=1000, strict=False)] = Field(
        1.0, description="Weight of the full tile; a variation has a quarter of it."
    )
    reference: Ref | None = Field(None, description="Picture sent along.")
    properties: Properties = Field(
        default_factory=dict, description="Custom properties (Godot: custom data) of its full tiles."
    )


class TransitionTable(Table):
    """`[[transitions]]`: how two grounds meet; a pair that is not consecutive is an extra set."""

    between: Annotated[list[Name], Field(min_length=2, max_length=2)] = Field(description="Lower and upper terrain.")
    description: Text | None = Field(None, description="What the edge looks like.")
    size: Transition | None = Field(None, description="Width: 0, 0.25, 0.5 or 1.0.")
    reference: Ref | None = Field(None, description="Picture sent along.")


class TilesetSpec(BaseSpec):
    """A corner Wang set of two terrains, or a chain of more that share base tiles."""

    kind: Literal["tileset"]
    transparent: bool = Field(False, description="Without a background.")
    tile_size: TileSize = Field(16, description="Side of a tile or [w, h], pixels.")
    transition_size: Transition = Field(0.25, description="Width of all transitions: 0, 0.25, 0.5 or 1.0.")
    columns: int = Field(8, ge=4, le=64, description="Columns of the sheet; fixed for life.")
    terrains: Annotated[list[TerrainTable], Field(min_length=1, max_length=254)] = Field(
        description="The grounds, low to high; neighbours in this list get transitions."
    )
    transitions: list[TransitionTable] = Field(default_factory=list, description="Single transitions.")

    @model_validator(mode="after")
    def _check_rules(self) -> TilesetSpec:
        names = [terrain.name for terrain in self.terrains]
        check_unique(iter(names), "terrains")
        _check_property_types(self.terrains, "terrains")
        seen = set()
        for index, transition in enumerate(self.transitions):
            for number, name in enumerate(transition.between):
                if name not in names:
                    raise ValueError(f"transitions.{index}.between.{number}: there is no terrain {name}")
            lower, upper = (names.index(name) for name in transition.between)
            if lower >= upper:
                raise ValueError(f"transitions.{index}.between: the lower terrain comes first")
            if (lower, upper) in seen:
                raise ValueError(f"transitions.{index}.between: this pair is there twice")
            seen.add((lower, upper))
        return self

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of a tile, pixels."""
        if isinstance(self.tile_size, int):
            return self.tile_size, self.tile_size
        return self.tile_size[0], self.tile_size[1]

    def needs_description(self) -> bool:
        """The terrains have their own words."""
        return False


class IsometricTileTable(Table):
    """`[[tiles]]`: one isometric tile."""

    name: Name = Field(description="Its name; its place stays for ever.")
    description: Text | None = Field(None, description="What it is. Default: its name with spaces.")
    shape: Literal["thin", "thick", "block"] | None = Field(None, description="Default: the spec's shape.")
    solid: bool = Field(
        False, description="Collision polygon in engines. Default: what the provider says of the tile, else none."
    )
    role: Literal["floor", "wall", "prop"] | None = Field(None, description="What it is used for.")
    builtin: str | None = Field(None, description="A free tile of the provider instead of buying.")
    properties: Properties = Field(default_factory=dict, description="Custom properties (Godot: custom data).")


class IsometricTilesSpec(BaseSpec):
    """A list of described tiles in one isometric tileset."""

    not_applicable: ClassVar = frozenset({"view", "variants", "pick"})

    kind: Literal["isometric_tiles"]
    tile_size: Annotated[list[Annotated[int, Field(ge=8, le=512)]], Field(min_length=2, max_length=2)] = Field(
        default=[32, 32], description="Canvas of one tile, pixels."
    )
    grid: Annotated[list[Annotated[int, Field(ge=4, le=512)]], Field(min_length=2, max_length=2)] | None = Field(
        None, description="Ground diamond, pixels. Default: [w, w/2]."
    )
    shape: Literal["thin", "thick", "block"] = Field("block", description="How high tiles stand.")
    columns: int = Field(8, ge=1, le=64, description="Columns of the sheet; fixed for life.")
    tiles: Annotated[list[IsometricTileTable], Field(min_length=1, max_length=256)] = Field(description="The tiles.")

    @model_validator(mode="after")
    def _check_rules(self) -> IsometricTilesSpec:
        check_unique((tile.name for tile in self.tiles), "tiles")
        _check_property_types(self.tiles, "tiles")
        if self.grid is not None and (self.grid[0] > self.tile_size[0] or self.grid[1] > self.tile_size[1]):
            raise ValueError("grid: is larger than tile_size")
        return self

    def needs_description(self) -> bool:
        """The tiles have their own words."""
        return False


class NoiseTable(Table):
    """`[noise]`: where terrain lies on a procedural map."""

    scale: int = Field(12, ge=2, le=128, description="Tiles per feature.")
    octaves: int = Field(3, ge=1, le=8, description="Layers of detail.")
    levels: dict[Name, Annotated[float, Field(ge=0, le=1, strict=False)]] | None = Field(
        None, description="Upper bound per terrain, low to high; the last terrain takes the rest."
    )


class MapSpec(BaseSpec):
    """A tile map."""

    not_applicable: ClassVar = frozenset(
        {"view", "outline", "shading", "detail", "colors", "variants", "pick", "transparent", "reference", "refine"}
    )

    kind: Literal["map"]
    size: Annotated[list[Annotated[int, Field(ge=1, le=512)]], Field(min_length=2, max_length=2)] = Field(
        default=[32, 32], description="Width and height in tiles."
    )
    tileset: Ref | None = Field(None, description="asset:ID of one of our tilesets.")
    infinite: bool = Field(False, description="Written as an infinite map for Tiled.")
    noise: NoiseTable | None = Field(None, description="Where terrain lies.")
    projection: Literal["isometric", "orthogonal", "side"] = Field("orthogonal", description="Projection.")
    pack: str | None = Field(None, description="A tile pack of the provider.")
    edits: list[Text] | None = Field(None, description="Changes in words, each an ordered paid step.")

    @model_validator(mode="after")
    def _check_rules(self) -> MapSpec:
        if self.provider not in ("files", "sprixen") and self.tileset is None:
            raise ValueError("tileset: is required: asset:ID of a tileset")
        if self.tileset is not None and not self.tileset.startswith("asset:"):
            raise ValueError("tileset: must be asset:ID of a tileset")
        return self

    def needs_description(self) -> bool:
        """The tileset and the noise say it."""
        return False
