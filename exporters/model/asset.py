"""The neutral asset model: what every exporter reads, whatever made the art.

Pixels are numpy arrays of shape (height, width, 4), dtype uint8, straight (not premultiplied) RGBA. Nobody writes
into an array that is part of an asset. Sizes are pixels, times are integer milliseconds, names are lower case with
underscores, directions are written with underscores (`south_east`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[np.uint8]
Polygon: TypeAlias = tuple[tuple[float, float], ...]

DIRECTIONS = ("south", "south_east", "east", "north_east", "north", "north_west", "west", "south_west")
SCREEN_DIRECTIONS = {
    "south": "down",
    "south_east": "down_right",
    "east": "right",
    "north_east": "up_right",
    "north": "up",
    "north_west": "up_left",
    "west": "left",
    "south_west": "down_left",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of an animation and how long it shows (milliseconds, at least 1)."""

    pixels: Pixels
    duration_ms: int = 100


@dataclass(frozen=True, slots=True)
class Animation:
    """A named clip. The output name is `name`, or `name_direction` where it has a direction."""

    name: str
    frames: tuple[Frame, ...]
    direction: str | None = None
    loop: bool = True

    def output_name(self, direction_names: str = "compass") -> str:
        """`walk_south_east`, or `walk_down_right` for `screen` direction names."""
        if self.direction is None:
            return self.name
        word = SCREEN_DIRECTIONS[self.direction] if direction_names == "screen" else self.direction
        return f"{self.name}_{word}"


@dataclass(frozen=True, slots=True)
class SpriteAsset:
    """Animations over one subject (kinds sprite, character, animation, turnaround, edit).

    A still picture is the animation `default` with one frame. `pivot` is x, y in 0..1 from the top left of the
    frame. Frames of one animation have one size; animations may differ.
    """

    id: str
    kind: str
    animations: tuple[Animation, ...]
    pivot: tuple[float, float] = (0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Item:
    """One named picture with its lasting cell: slot k is column k % columns, row k // columns."""

    name: str
    slot: int
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class ItemsAsset:
    """Named pictures of one size in a fixed grid. Slots never move; a removed item leaves its cell empty."""

    id: str
    size: tuple[int, int]
    columns: int
    items: tuple[Item, ...]
    pivot: tuple[float, float] = (0.5, 0.5)

    @property
    def rows(self) -> int:
        """Rows of the sheet, at least one."""
        return max((item.slot for item in self.items), default=0) // self.columns + 1


@dataclass(frozen=True, slots=True)
class Terrain:
    """A colour of the Wang set. Its place in `TilesetAsset.terrains` is its index for ever.

    `color` is RGB; `tile` the id of its full tile, -1 without one; `solid` asks for a collision polygon.
    """

    name: str
    color: tuple[int, int, int]
    tile: int
    solid: bool = False
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class TileFrame:
    """A step of a tile animation: the id of the cell that shows, and how long (milliseconds)."""

    tile: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Tile:
    """A cell of the sheet. `id` is its position for ever: column id % columns, row id // columns.

    `corners` are terrain indices in the order north-west, north-east, south-west, south-east; None is an empty
    corner. Tiles that are only frames of another tile's animation have `corners` None and `animation_frame` True.
    `collision` is a polygon in pixels from the tile's top left, `further_collision` what there is beside it.
    """

    id: int
    pixels: Pixels
    corners: tuple[int | None, int | None, int | None, int | None] | None = None
    name: str | None = None
    probability: float = 1.0
    animation: tuple[TileFrame, ...] = ()
    animation_frame: bool = False
    collision: Polygon = ()
    properties: tuple[tuple[str, str | int | float | bool], ...] = ()
    further_collision: tuple[Polygon, ...] = ()

    @property
    def polygons(self) -> tuple[Polygon, ...]:
        """All collision polygons."""
        return (self.collision, *self.further_collision) if self.collision else ()


@dataclass(frozen=True, slots=True)
class TilesetAsset:
    """Tiles in a fixed grid of cells, with at most one corner Wang set (kinds tileset, isometric_tiles).

    `tile_size` is the size of a cell; `grid` the ground diamond or square that the map uses (equal to `tile_size`
    for orthogonal sets); `orientation` orthogonal or isometric. Without terrains it is a plain list of tiles.
    `pairs` are the lower and upper terrains that meet on purpose (lower None: over nothing); empty where nobody said.
    """

    id: str
    tile_size: tuple[int, int]
    columns: int
    tiles: tuple[Tile, ...]
    terrains: tuple[Terrain, ...] = ()
    orientation: str = "orthogonal"
    grid: tuple[int, int] | None = None
    pairs: tuple[tuple[int | None, int], ...] = ()

    @property
    def grid_size(self) -> tuple[int, int]:
        """The size of a map cell in pixels."""
        return self.grid or self.tile_size

    @property
    def rows(self) -> int:
        """Rows of the sheet, at least one."""
        return max((tile.id for tile in self.tiles), default=0) // self.columns + 1


FLIP_H = 0x80000000
FLIP_V = 0x40000000
FLIP_D = 0x20000000
FLIP_MASK = FLIP_H | FLIP_V | FLIP_D


Tint = tuple[int, int, int, int]
NO_TINT: Tint = (255, 255, 255, 255)


@dataclass(frozen=True, slots=True)
class MapLayer:
    """What all layers of a map have. opacity: 0..1; tint: RGBA that every pixel is multiplied with, 255 counting as 1.

    offset: pixels to the right and down; parallax: how much of the camera's way the layer moves by, across and down (1:
    as the map).
    """

    name: str
    visible: bool = field(default=True, kw_only=True)
    opacity: float = field(default=1.0, kw_only=True)
    tint: Tint = field(default=NO_TINT, kw_only=True)
    offset: tuple[float, float] = field(default=(0.0, 0.0), kw_only=True)
    parallax: tuple[float, float] = field(default=(1.0, 1.0), kw_only=True)


@dataclass(frozen=True, slots=True)
class TileLayer(MapLayer):
    """Cells of a map, row by row. A cell is tile id + 1 with Tiled's flip bits, or 0 for empty.

    `tileset` is the place in `TileMapAsset.tilesets` that all cells of this layer count from.
    """

    cells: npt.NDArray[np.uint32]
    tileset: int = 0


@dataclass(frozen=True, slots=True)
class MapObject:
    """A thing on an object layer; x, y, width, height in pixels, `points` relative to x, y."""

    id: int
    name: str = ""
    kind: str = ""
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    rotation: float = 0.0
    shape: str = "rectangle"
    points: tuple[tuple[float, float], ...] = ()
    gid: int | None = None
    properties: tuple[tuple[str, str | int | float | bool], ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectLayer(MapLayer):
    """Objects of a map, in drawing order."""

    objects: tuple[MapObject, ...]


@dataclass(frozen=True, slots=True)
class ImageLayer(MapLayer):
    """A picture with its top left at `offset` from that of the map. repeat: without end across, and down."""

    pixels: Pixels
    repeat: tuple[bool, bool] = (False, False)


@dataclass(frozen=True, slots=True)
class TileMapAsset:
    """A tile map over one or more tilesets. `size` counts tiles, `tile_size` is the grid cell in pixels.

    Layers are drawn first to last; the ids of layers are their places counted from 1. `parallax_origin` is where the
    camera stands, in pixels, while every layer is where it was drawn.
    """

    id: str
    size: tuple[int, int]
    tile_size: tuple[int, int]
    tilesets: tuple[TilesetAsset, ...]
    layers: tuple[TileLayer | ObjectLayer | ImageLayer, ...]
    orientation: str = "orthogonal"
    infinite: bool = False
    properties: tuple[tuple[str, str | int | float | bool], ...] = ()
    parallax_origin: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class AudioAsset:
    """A track. `samples` has shape (n, channels), dtype int16; `loop` is what engines get as import flag."""

    id: str
    samples: npt.NDArray[np.int16]
    rate: int
    loop: bool = False
    loop_start: int = 0
    ogg: bytes | None = field(default=None, repr=False)


Asset: TypeAlias = SpriteAsset | ItemsAsset | TilesetAsset | TileMapAsset | AudioAsset
