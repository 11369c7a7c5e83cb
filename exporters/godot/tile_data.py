"""What each tile of a TileSet says in Godot: terrain bits, extra alternatives, animation, origin, collision.

Godot chooses tiles by their centre terrain and their corner bits (TileMapLayer.set_cells_terrain_connect,
match corners). The centre is the lowest terrain of the corners, and the full tile of a terrain gets an
alternative for every lower terrain that it meets: centre low, corners high. It looks like the full tile and
is what the brush needs where a single cell is painted back, without which it would pick wrong tiles (Godot's
issues 87929 and 88142).

The lowest and not the highest, because among patterns that fit equally badly Godot takes the one with the
smallest terrain numbers: with the highest as centre, painting the middle terrain of a chain of three beside
the third puts tiles of the first there. So a painted cell shows its terrain at once, up to all four corners.

Source: Godot documentation, "Using TileSets"; class reference, "TileData".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import gcd
from typing import TypeAlias

from exporters.base import ExportError
from exporters.godot import values
from exporters.model.asset import Tile, TilesetAsset

Property: TypeAlias = str | float | bool
Corners: TypeAlias = tuple[int | None, int | None, int | None, int | None]

# Godot's order of saving, and the place of each corner in Tile.corners (north-west, north-east, south-west,
# south-east). On isometric maps north is the top of the diamond's grid axis pair: north-west is the top
# corner.
SQUARE_CORNERS = (("bottom_right", 3), ("bottom_left", 2), ("top_left", 0), ("top_right", 1))
DIAMOND_CORNERS = (("right", 1), ("bottom", 3), ("left", 2), ("top", 0))


@dataclass(slots=True)
class AtlasTile:
    """A tile's own keys: `head` of the cell, `base` of alternative 0, `brushes` terrain → keys of an
    alternative.

    collision: the first polygons of physics layer 0. custom: custom data layer name → value.
    """

    head: dict[str, str] = field(default_factory=dict)
    base: dict[str, str] = field(default_factory=dict)
    brushes: dict[int, dict[str, str]] = field(default_factory=dict)
    collision: tuple[str, ...] = ()
    custom: dict[str, str] = field(default_factory=dict)


def tile_contents(asset: TilesetAsset) -> dict[int, AtlasTile]:
    """Tile id → keys, for every tile that is not merely a frame of another one.

    Raises:
        ExportError: a tile's animation frames do not stand at equal distances in one column or row.
    """
    pairs = _terrain_pairs(asset)
    contents: dict[int, AtlasTile] = {}
    for tile in sorted(asset.tiles, key=lambda tile: tile.id):
        if tile.animation_frame:
            continue
        origin = _texture_origin(asset)
        content = AtlasTile(head=_animation_keys(asset, tile), base=dict(origin))
        if tile.corners is not None and any(corner is not None for corner in tile.corners):
            centre = min(corner for corner in tile.corners if corner is not None)
            content.base |= _terrain_keys(asset, tile.corners, centre)
            if set(tile.corners) == {centre} and asset.terrains[centre].tile == tile.id:
                content.brushes = {
                    lower: origin | _terrain_keys(asset, tile.corners, lower)
                    for lower, upper in pairs
                    if upper == centre
                }
        if tile.probability != 1.0:
            content.base["probability"] = values.write_real32(tile.probability)
        content.collision = _collision_polygons(asset, tile)
        content.custom = _custom_keys(tile)
        contents[tile.id] = content
    return contents


def custom_layers(asset: TilesetAsset) -> dict[str, str]:
    """Custom data layers that the tiles need: name → number of the Variant type."""
    layers: dict[str, str] = {}
    for tile in sorted(asset.tiles, key=lambda tile: tile.id):
        if tile.name is not None:
            layers.setdefault("name", "4")
        for key, value in tile.properties:
            layers.setdefault(key, _variant_type(value))
    return layers


def corner_keys(orientation: str) -> tuple[tuple[str, int], ...]:
    """Names of the corner bits and their places in Tile.corners, in Godot's order of saving."""
    return DIAMOND_CORNERS if orientation == "isometric" else SQUARE_CORNERS


def _terrain_pairs(asset: TilesetAsset) -> list[tuple[int, int]]:
    """(lower, upper) of all terrains that share a tile."""
    pairs = set()
    for tile in asset.tiles:
        met = sorted({corner for corner in tile.corners or () if corner is not None})
        if len(met) == 2:
            pairs.add((met[0], met[1]))
    return sorted(pairs)


def _terrain_keys(asset: TilesetAsset, corners: Corners, centre: int) -> dict[str, str]:
    keys = {"terrain_set": "0", "terrain": str(centre)}
    for name, index in corner_keys(asset.orientation):
        if corners[index] is not None:
            keys[f"terrains_peering_bit/{name}_corner"] = str(corners[index])
    return keys


def _texture_origin(asset: TilesetAsset) -> dict[str, str]:
    """Godot centres a picture on its cell; ours stands on the cell's bottom left, as in Tiled."""
    width, height = asset.tile_size
    grid_width, grid_height = asset.grid_size
    x, y = -((width - grid_width) // 2), (height - grid_height) // 2
    return {} if (x, y) == (0, 0) else {"texture_origin": values.vector2i(x, y)}


def _animation_keys(asset: TilesetAsset, tile: Tile) -> dict[str, str]:
    """Frames in one column (one column, rows apart) or one row (columns apart)."""
    if len(tile.animation) < 2:
        return {}
    ids = [frame.tile for frame in tile.animation]
    step = ids[1] - ids[0]
    frame_cells = {other.id for other in asset.tiles if other.animation_frame}
    regular = step > 0 and all(later - earlier == step for earlier, later in pairwise(ids))
    one_column = step % asset.columns == 0
    one_row = ids[0] // asset.columns == ids[-1] // asset.columns
    if ids[0] != tile.id or not regular or not (one_column or one_row) or not set(ids[1:]) <= frame_cells:
        raise ExportError(
            f"The animation of tile {tile.id} cannot be written for Godot: its frames are tiles {ids}.",
            hint="Godot needs them at equal distances in one column or row, starting with the tile itself, "
            "in cells that are no tiles of their own.",
        )
    keys = {"animation_columns": "1"} if one_column else {}
    gap = step // asset.columns - 1 if one_column else step - 1
    if gap:
        keys["animation_separation"] = values.vector2i(0, gap) if one_column else values.vector2i(gap, 0)
    base = gcd(*(frame.duration_ms for frame in tile.animation))
    if base != 1000:
        keys["animation_speed"] = values.write_real32(1000 / base)
    for number, frame in enumerate(tile.animation):
        keys[f"animation_frame_{number}/duration"] = values.write_real(frame.duration_ms // base)
    return keys


def _collision_polygons(asset: TilesetAsset, tile: Tile) -> tuple[str, ...]:
    """The polygons round the centre of the cell; the tile's own count from the top left of its picture."""
    grid_width, grid_height = asset.grid_size
    left, top = grid_width / 2, asset.tile_size[1] - grid_height / 2
    return tuple(values.packed_vector2([(x - left, y - top) for x, y in polygon]) for polygon in tile.polygons)


def _custom_keys(tile: Tile) -> dict[str, str]:
    """Values that are not the default of their type: Godot leaves those out."""
    data = {"name": tile.name, **dict(tile.properties)} if tile.name else dict(tile.properties)
    return {key: values.write_variant(value) for key, value in data.items() if value}


def _variant_type(value: Property) -> str:
    return {bool: "1", int: "2", float: "3", str: "4"}[type(value)]
