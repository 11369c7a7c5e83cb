"""What all kinds share: value types, tables, and the checks that need more than one field (specs §1, §2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from bridge.spec.process_rules import MOST_STEADY

DIRECTIONS = ("south", "south-east", "east", "north-east", "north", "north-west", "west", "south-west")
FOUR = ("south", "east", "north", "west")
_SCREEN = {"south": "down", "north": "up", "east": "right", "west": "left"}


def _spellings() -> dict[str, str]:
    found: dict[str, str] = {}
    for direction in DIRECTIONS:
        parts = direction.split("-")
        for words in (parts, [_SCREEN[part] for part in parts], [part[0] for part in parts]):
            for order in (words, words[::-1]):
                for between in ("-", "_", " ", ""):
                    found[between.join(order)] = direction
    # North-east is also written right-up; single letters of screen directions (d, l, r, u) mean nothing else.
    found.update({"front": "south", "back": "north", "d": "south", "u": "north", "l": "west", "r": "east"})
    return found


SPELLINGS: Mapping[str, str] = _spellings()
"""Every spelling of a direction in small letters → the direction: south, s, down, front; south-east, se, …"""

Direction = Literal["south", "south-east", "east", "north-east", "north", "north-west", "west", "south-west"]
View = Literal["side", "low top-down", "high top-down"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
Text = Annotated[str, Field(max_length=2000)]
Seed = Annotated[int, Field(ge=1, le=2147483647)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Dimension = Annotated[int, Field(ge=8, le=2048)]
Size = Annotated[list[Dimension], Field(min_length=2, max_length=2)]


class Table(BaseModel):
    """A TOML table: unknown keys are errors, values keep their types, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)


class ReferenceTable(Table):
    """`[reference]`: pictures and colours sent along; they count into the fingerprint."""

    style: str | None = Field(None, description="Picture whose style is followed: a path or asset:ID#PART.")
    style_url: str | None = Field(None, description="The same as https URL, for providers that take only URLs.")
    style_strength: int | None = Field(None, ge=0, le=100, description="How closely the style is followed.")
    init: str | None = Field(None, description="Picture to start from.")
    init_strength: int | None = Field(None, ge=1, le=999, description="How much of it is kept.")
    colors: str | list[Colour] | None = Field(None, description="Palette file or list of colours that is sent.")
    force_colors: bool = Field(False, description="Only these colours.")


class RefineStep(Table):
    """A provider's clean-up of the result: its own step, planned and locked."""

    provider: str = Field(description="Who does it.")
    mode: Literal["stabilize", "tight", "aggressive"] | None = Field(None, description="How strongly.")
    colors: int | None = Field(None, ge=2, le=256, description="Colours of the result.")


class RefineTable(Table):
    """`[refine]`: clean-up by a provider after the result, in this order."""

    pixelate: RefineStep | None = Field(None, description="Snap to a pixel grid.")
    stabilize: RefineStep | None = Field(None, description="Steady the frames of a clip.")


Canvas = Literal["native", "size", "trim"] | Size
Matte = Annotated[str, Field(pattern=r"^(auto|none|#[0-9a-fA-F]{6})$")]
OutlineStep = Annotated[str, Field(pattern=r"^(none|(fix )?#[0-9a-fA-F]{6}|fix)$")]


class ProcessTable(Table):
    """`[process]`: free local steps: matte, grid, steady, canvas, align, palette, alpha, despeckle, outline, upscale,
    repeats, in this order.
    """

    matte: Matte | None = Field(None, description="Background to remove: auto, none or #rrggbb.")
    grid: Literal["auto", "none"] | Annotated[int, Field(ge=1, le=128)] | None = Field(
        None, description="Size of fake pixels: auto, none, or a number of pixels."
    )
    steady: int = Field(
        0,
        ge=0,
        le=MOST_STEADY,
        description="A loop whose frames wander by up to so many pixels is held in one place; 0 leaves it.",
    )
    canvas: Canvas | None = Field(
        None,
        description="native, size, trim or [w, h]; art too large for it is reduced. "
        "Default: size for sprite, items and edit, else native.",
    )
    align: Literal["none", "feet", "center"] | None = Field(
        None, description="Where frames stand. Default: feet for character, else none."
    )
    palette: str | list[Colour] | None = Field(
        None, description="Palette file (.hex .gpl .png .ase) or list of colours; absent keeps the colours."
    )
    colors: int | None = Field(None, ge=2, le=256, description="Colours of the whole asset; not with palette.")
    dither: bool = Field(False, description="Ordered dithering of palette or colors.")
    alpha: Literal["binary", "keep"] | None = Field(None, description="Whether half-transparent pixels stay.")
    despeckle: int = Field(0, ge=0, le=64, description="Largest group of stray pixels that goes; 0 keeps all.")
    outline: OutlineStep | None = Field(
        None,
        description="Line of this colour added outside; fix mends the one that is there, fix #rrggbb recolours it too.",
    )
    upscale: int = Field(1, ge=1, le=8, description="Pixels of a side that each pixel becomes, at last.")
    repeats: Literal["drop", "keep"] | None = Field(
        None, description="A last frame of a loop that repeats its first. Default: drop for delivered art, else keep."
    )

    @model_validator(mode="after")
    def _one_palette(self) -> ProcessTable:
        if self.palette is not None and self.colors is not None:
            raise ValueError("colors: cannot stand beside palette")
        return self


Pivot = (
    Literal["center", "bottom", "top_left"]
    | Annotated[list[Annotated[float, Field(ge=0, le=1, strict=False)]], Field(min_length=2, max_length=2)]
)


class EngineTable(Table):
    """Keys of `[export]` that each `[export.TARGET]` may set for itself."""

    pivot: Pivot | None = Field(None, description="center, bottom, top_left or [x, y] in 0–1 from the top left.")
    direction_names: Literal["compass", "screen"] | None = Field(
        None, description="walk_south or walk_down in output names. Default: compass."
    )
    padding: int | None = Field(None, ge=0, le=8, description="Pixels between frames on a sheet. Default: 1.")
    extrude: int | None = Field(
        None, ge=0, le=4, description="Edge pixels repeated outwards. Default: 0, for tile sheets of Unity 1."
    )
    max_sheet: int | None = Field(
        None, ge=256, le=8192, description="Longest side of a sheet; more pages beyond. Default: 2048."
    )


class GodotTable(EngineTable):
    """`[export.godot]`."""

    scene: bool | None = Field(None, description="Also a .tscn with the node, nearest filter, feet at the origin.")
    audio: Literal["wav", "ogg", "both"] | None = Field(None, description="File format of music. Default: ogg.")


class TiledTable(EngineTable):
    """`[export.tiled]`."""

    encoding: Literal["csv", "base64", "zlib"] | None = Field(None, description="Layer data of maps. Default: csv.")
    preview: bool | None = Field(None, description="Whether a tileset gets a small preview map. Default: true.")


Layout = Literal["corner16", "pixellab", "dual_grid", "blob47", "blob47_tilesetter", "rpgmaker_a2", "tilesetter_wang"]


class JsonTable(EngineTable):
    """`[export.json]`."""

    audio: Literal["wav", "ogg", "both"] | None = Field(None, description="File format of music. Default: both.")
    layouts: list[Layout] | None = Field(
        None, description="Also the corner tiles as sheets for other tools; see docs/guides/engines.md."
    )


class UnityTable(EngineTable):
    """`[export.unity]`."""

    pixels_per_unit: int | None = Field(None, ge=1, le=1024, description="Pixels of one unit.")
    prefab: bool | None = Field(None, description="Also a prefab with renderer and animator.")
    audio: Literal["wav", "ogg"] | None = Field(None, description="File format of music. Default: wav.")
    rule_tiles: bool | None = Field(None, description="Also RuleTiles and AnimatedTiles. Default: true.")
    controller: Annotated[str, Field(pattern=r"^asset:[^#]+$")] | None = Field(
        None, description="asset:ID of a character whose controller is shared, with an override for these clips."
    )


class ExportTable(EngineTable):
    """`[export]`: how files are written. Free to change."""

    targets: list[Literal["godot", "tiled", "unity", "json"]] | None = Field(
        None, description="Engines to write for. Default: every target of assetbridge.toml that takes this kind."
    )
    godot: GodotTable | None = Field(None, description="Overrides for Godot.")
    tiled: TiledTable | None = Field(None, description="Overrides for Tiled.")
    unity: UnityTable | None = Field(None, description="Overrides for Unity.")
    json_: JsonTable | None = Field(None, alias="json", description="Overrides for plain sheets and JSON.")

    def target(self, name: str) -> EngineTable | None:
        """The overrides of one target."""
        table: EngineTable | None = getattr(self, "json_" if name == "json" else name)
        return table


class SheetRow(Table):
    """A row of a sheet: one clip, frames from left to right."""

    animation: Name = Field(description="The clip's name.")
    direction: Direction | None = Field(None, description="The clip's direction.")
    frames: int = Field(ge=1, le=256, description="How many frames stand in the row.")


class FilesTable(Table):
    """`[files]`: your own art. Exactly one of pattern, sheet, json, clip."""

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
    layout: Literal["corner16", "pixellab", "dual_grid", "blob47", "rpgmaker_a2", "tilesetter_wang"] | None = Field(
        None, description="How the tiles of a tileset's picture are ordered. Default: corner16."
    )

    @model_validator(mode="after")
    def _one_source(self) -> FilesTable:
        given = [name for name in ("pattern", "sheet", "json", "clip") if self.get(name) is not None]
        if len(given) > 1:
            raise ValueError(f"{given[1]}: only one of pattern, sheet, json and clip can be given")
        return self

    def get(self, name: str) -> Any:
        """A key by its name in TOML."""
        return getattr(self, "json_" if name == "json" else name)


class BaseSpec(Table):
    """Fields and tables that any kind may have."""

    not_applicable: ClassVar[frozenset[str]] = frozenset()
    """Common fields that mean nothing for a kind: errors in a spec, ignored in the defaults."""

    provider: str = Field("procedural", description="Who makes the art.")
    model: str | None = Field(None, description="The provider's model; default: the provider's own default.")
    description: Text | None = Field(None, description="What the asset is.")
    negative: Text | None = Field(None, description="What it must not be.")
    seed: Seed | None = Field(None, description="Start of randomness; absent: made from the id once, kept in the lock.")
    take: int = Field(1, ge=1, le=100000, description="Which attempt: `assetbridge reroll` raises it.")
    variants: int = Field(1, ge=1, le=16, description="How many versions are made.")
    pick: int | None = Field(None, ge=1, le=16, description="Which version is used. Changing it buys nothing.")
    view: View | None = Field(None, description="From where it is seen.")
    outline: str | None = Field(None, max_length=200, description="Outline, in the provider's words.")
    shading: str | None = Field(None, max_length=200, description="Shading, in the provider's words.")
    detail: str | None = Field(None, max_length=200, description="Detail, in the provider's words.")
    transparent: bool = Field(True, description="Without a background.")
    colors: int | None = Field(None, ge=2, le=256, description="Number of colours asked for (local: process.colors).")
    source: str | None = Field(None, description="A path or asset:ID#PART that is the input.")
    source_url: str | None = Field(None, pattern=r"^https://", description="The same as https URL.")
    adopt: str | None = Field(None, description="Id of an object that the provider already has; costs nothing.")
    enhance: bool = Field(False, description="Have the provider rewrite the description; kept in the lock.")
    retries: int = Field(0, ge=0, le=3, description="Automatic new tries of failed steps, inside a budget only.")
    reference: ReferenceTable | None = Field(None, description="Pictures and colours sent along.")
    refine: RefineTable | None = Field(None, description="Clean-up by a provider.")
    provider_options: dict[str, Any] | None = Field(None, description="Sent as it is; never repeats a field.")
    process: ProcessTable = Field(default_factory=ProcessTable, description="Free local processing.")
    export: ExportTable = Field(default_factory=ExportTable, description="How files are written.")
    files: FilesTable | None = Field(None, description='Your own art, with provider = "files".')

    @model_validator(mode="after")
    def _common_rules(self) -> BaseSpec:
        if self.source is not None and self.source_url is not None:
            raise ValueError("source_url: cannot stand beside source")
        if self.pick is not None and self.pick > self.variants:
            raise ValueError(f"pick: is more than variants = {self.variants}")
        if self.provider == "files":
            if self.files is None and self.source is None:
                raise ValueError('source: is required with provider = "files": a path, or a [files] table instead')
        elif self.files is not None:
            raise ValueError('files: needs provider = "files"')
        elif self.needs_description() and not (self.description or self.source or self.source_url or self.adopt):
            raise ValueError("description: is required: say what the asset is")
        return self

    def needs_description(self) -> bool:
        """Whether the kind has nothing else that says what to make."""
        return True


def canonical_directions(chosen: Sequence[str]) -> tuple[str, ...]:
    """Directions in the fixed order of all outputs."""
    return tuple(direction for direction in DIRECTIONS if direction in chosen)


def expand_directions(value: int | Sequence[str], view: str | None) -> tuple[str, ...]:
    """1 → south (east when seen from the side), 4 → the main ones, 8 → all, a list → itself in the fixed order."""
    if value == 1:
        return ("east",) if view == "side" else ("south",)
    if value == 4:
        return canonical_directions(FOUR)
    if value == 8:
        return DIRECTIONS
    return canonical_directions(value if not isinstance(value, int) else ())


def check_mirror(mirror: Mapping[str, str] | None, directions: Sequence[str]) -> None:
    """Mirrored directions belong to the result, and what they mirror is drawn.

    Raises:
        ValueError: a key is no direction of the result, or a value is not drawn.
    """
    for key, value in (mirror or {}).items():
        if key not in directions:
            raise ValueError(f"mirror.{key}: is not one of the directions {', '.join(directions)}")
        if value not in directions or value in (mirror or {}):
            raise ValueError(f"mirror.{key}: {value} is not drawn itself")


def unique(names: Iterator[str], what: str) -> None:
    """Names of a list must differ.

    Raises:
        ValueError: the second of two equal names, with its place.
    """
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            raise ValueError(f"{what}.{place}.name: {name} is there twice")
        seen.add(name)


def _direction_count(value: Any) -> Any:
    if isinstance(value, bool) or (isinstance(value, int) and value not in (1, 4, 8)):
        raise ValueError("must be 1, 4, 8 or a list of directions")
    return value


def _different(value: int | list[str]) -> int | list[str]:
    if isinstance(value, list) and len(set(value)) != len(value):
        raise ValueError("a direction is there twice")
    return value


def _known_directions(value: dict[str, str]) -> dict[str, str]:
    for key, direction in value.items():
        if key not in DIRECTIONS:
            raise ValueError(f"{key}: is no direction")
        if direction not in DIRECTIONS:
            raise ValueError(f"{key}: must be a direction")
    return value


_DIRECTION_SCHEMA = {"type": "string", "enum": list(DIRECTIONS)}
Mirror = Annotated[
    dict[str, str],
    AfterValidator(_known_directions),
    WithJsonSchema({"type": "object", "propertyNames": _DIRECTION_SCHEMA, "additionalProperties": _DIRECTION_SCHEMA}),
]
Directions = Annotated[
    Literal[1, 4, 8] | Annotated[list[Direction], Field(min_length=1, max_length=8)],
    BeforeValidator(_direction_count),
    AfterValidator(_different),
]
