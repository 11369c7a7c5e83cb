"""Tile assets: `Tile` of the engine, and `AnimatedTile` and `RuleTile` of com.unity.2d.tilemap.extras.

The script guids are those of the engine and of the package, equal in all its versions from 1.5 to 8.0.

Source: Unity manual, "Scriptable tiles"; manual of 2D Tilemap Extras, "Rule Tile" and "Animated Tile".
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd

from exporters.base import ExportError
from exporters.model.asset import Tile, TilesetAsset
from exporters.model.layouts import complete_pairs, corners_of
from exporters.model.wang import Corners, wang_table
from exporters.unity.ids import anchor_for
from exporters.unity.native import scripted_object
from exporters.unity.slices import is_full
from exporters.unity.yaml import NOTHING, Node, Tree, YamlObject, flow, object_reference, write_number

TILE = object_reference(13312, "0000000000000000e000000000000000", 0)
PALETTE = object_reference(12395, "0000000000000000e000000000000000", 0)
RULE_TILE = object_reference(11500000, "9d1514134bc4fbd41bb739b1b9a49231", 3)
ANIMATED_TILE = object_reference(11500000, "13b75c95f34a00d4e8c04f76b73312e6", 3)
IDENTITY: Mapping[str, Node] = {f"e{row}{column}": int(row == column) for row in range(4) for column in range(4)}
NO_COLLIDER, SPRITE_COLLIDER, GRID_COLLIDER = 0, 1, 2
LOCK_COLOR = 1
# The engine's animated tiles have no times: long and short frames are told by repeating them. 20 s in steps of 1 ms.
MOST_FILM = 20_000
THIS = 1
SINGLE, RANDOM, ANIMATION = 0, 1, 2
AUTOMATIC, MANUAL = 0, 100
MOST_COPIES = 8
# The cell beyond a corner in steps of Unity's axes; bits as in a mask (north-west 8 …). In isometric grids both axes
# run to the back, so that the corner at the back, which is our north-west, lies where they both rise.
CORNERS: Mapping[int, tuple[int, int]] = {8: (-1, 1), 4: (1, 1), 2: (-1, -1), 1: (1, -1)}
ISOMETRIC_CORNERS: Mapping[int, tuple[int, int]] = {8: (1, 1), 4: (1, -1), 2: (-1, 1), 1: (-1, -1)}


@dataclass(frozen=True, slots=True)
class UnityTerrainPair:
    """Two terrains that meet in a tileset, by index; lower is None where the other corners are empty."""

    lower: int | None
    upper: int


def collider_type(tile: Tile, asset: TilesetAsset) -> int:
    """None, the sprite's own shape, or the whole cell."""
    solid = any(name == "solid" and value for name, value in tile.properties)
    if tile.collision:
        return GRID_COLLIDER if is_full(tile, asset) else SPRITE_COLLIDER
    return GRID_COLLIDER if solid else NO_COLLIDER


def tile_asset(name: str, sprite: str, shape: int) -> YamlObject:
    """A tile with one picture (a reference to a sprite)."""
    fields: Tree = {
        "m_Sprite": sprite,
        "m_Color": flow(r=1, g=1, b=1, a=1),
        "m_Transform": dict(IDENTITY),
        "m_InstancedGameObject": NOTHING,
        "m_Flags": LOCK_COLOR,
        "m_ColliderType": shape,
    }
    return scripted_object(name, TILE, fields)


def animated_tile(name: str, tile: Tile, sprites: Mapping[int, str], shape: int) -> YamlObject:
    """A tile that shows its frames one after the other. sprites: references by tile id."""
    frames, speed = film(tile, sprites)
    fields: Tree = {
        "m_AnimatedSprites": list[Node](frames),
        "m_MinSpeed": write_number(speed),
        "m_MaxSpeed": write_number(speed),
        "m_AnimationStartTime": 0,
        "m_AnimationStartFrame": 0,
        "m_TileColliderType": shape,
    }
    return scripted_object(name, ANIMATED_TILE, fields)


def film(tile: Tile, sprites: Mapping[int, str]) -> tuple[tuple[str, ...], float]:
    """The sprites of an animated tile, each showing equally long, and how many a second.

    Raises:
        ExportError: that would be more than `MOST_FILM`.
    """
    step = gcd(*(frame.duration_ms for frame in tile.animation))
    if sum(frame.duration_ms for frame in tile.animation) // step > MOST_FILM:
        raise ExportError(
            f"The animation of tile {tile.id} would take more than {MOST_FILM:,} frames that show equally long.",
            hint="Round its durations, to 10 or 100 ms.",
        )
    frames = (sprites[frame.tile] for frame in tile.animation for _ in range(frame.duration_ms // step))
    return tuple(frames), 1000 / step


def terrain_pairs(asset: TilesetAsset) -> list[UnityTerrainPair]:
    """The pairs of terrains that have all tiles of a corner set, by their upper and then their lower terrain."""
    terrain_pairs = [UnityTerrainPair(lower, upper) for lower, upper in complete_pairs(asset)]
    return sorted(terrain_pairs, key=lambda pair: (pair.upper, -1 if pair.lower is None else pair.lower))


def _corners_of(pair: UnityTerrainPair, mask: int) -> Corners:
    return corners_of(mask, pair.lower, pair.upper)


def default_tile(asset: TilesetAsset, pair: UnityTerrainPair) -> int | None:
    """The tile where no corner is the upper terrain; None where nothing shows then."""
    choices = wang_table(asset).get(_corners_of(pair, 0))
    return choices[0][0] if choices else None


def rule_tile(name: str, asset: TilesetAsset, pair: UnityTerrainPair, sprites: Mapping[int, str]) -> YamlObject:
    """A tile that picks its picture by its neighbours, as corner Wang tiles do. sprites: references by tile id.

    A corner counts as the upper terrain when all three cells round it are painted too. The rules stand in order of
    falling numbers of such corners, each with only the cells that it needs, so the first that fits is the right one.
    """
    tiles = {tile.id: tile for tile in asset.tiles}
    table = wang_table(asset)
    masks = sorted(range(1, 16), key=lambda mask: (-mask.bit_count(), mask))
    rules = [_rule_node(mask, table[_corners_of(pair, mask)], tiles, asset, sprites) for mask in masks]
    default = default_tile(asset, pair)
    if default is not None and tiles[default].animation:
        rules.append(_rule_node(0, table[_corners_of(pair, 0)], tiles, asset, sprites))
    fields: Tree = {
        "m_DefaultSprite": NOTHING if default is None else sprites[default],
        "m_DefaultGameObject": NOTHING,
        "m_DefaultColliderType": NO_COLLIDER if default is None else collider_type(tiles[default], asset),
        "m_TilingRules": list[Node](rules),
    }
    return scripted_object(name, RULE_TILE, fields)


def _rule_node(
    mask: int,
    choices: Sequence[tuple[int, float]],
    tiles: Mapping[int, Tile],
    asset: TilesetAsset,
    sprites: Mapping[int, str],
) -> Tree:
    beyond = (ISOMETRIC_CORNERS if asset.orientation == "isometric" else CORNERS).items()
    needed = {cell for bit, (x, y) in beyond if mask & bit for cell in ((x, 0), (x, y), (0, y))}
    cells = sorted(needed, key=lambda cell: (-cell[1], cell[0]))
    first = tiles[choices[0][0]]
    shown: list[Node] = [sprites[first.id]]
    output, speed = SINGLE, 1.0
    if first.animation:
        output = ANIMATION
        frames, speed = film(first, sprites)
        shown = list[Node](frames)
    elif len(choices) > 1:
        output = RANDOM
        shown = [sprites[tile] for tile, copies in _copy_counts(choices) for _ in range(copies)]
    return {
        "m_Id": mask,
        "m_Sprites": shown,
        "m_GameObject": NOTHING,
        "m_MinAnimationSpeed": write_number(speed),
        "m_MaxAnimationSpeed": write_number(speed),
        "m_PerlinScale": write_number(0.5),
        "m_Output": output,
        "m_ColliderType": collider_type(first, asset),
        "m_RandomTransform": 0,
        "m_Neighbors": struct.pack(f"<{len(cells)}i", *[THIS] * len(cells)).hex(),
        "m_NeighborPositions": [flow(x=x, y=y, z=0) for x, y in cells],
        "m_RuleTransform": 0,
    }


def _copy_counts(choices: Sequence[tuple[int, float]]) -> list[tuple[int, int]]:
    """How often a tile stands in a random list: RuleTile knows no probabilities of its own."""
    likely = [(tile, probability) for tile, probability in choices if probability > 0] or [(choices[0][0], 1.0)]
    rarest = min(probability for _, probability in likely)
    return [(tile, min(MOST_COPIES, max(1, round(probability / rarest)))) for tile, probability in likely]


def palette_settings(identity: str, role: str, *, automatic: bool) -> YamlObject:
    """The object without which Unity does not list a prefab as a palette. automatic: cells as large as the sprites."""
    fields: Tree = {
        "cellSizing": AUTOMATIC if automatic else MANUAL,
        "m_TransparencySortMode": 0,
        "m_TransparencySortAxis": flow(x=0, y=0, z=1),
    }
    made = scripted_object("Palette Settings", PALETTE, fields)
    return dataclasses.replace(made, anchor=anchor_for(identity, f"{role}:settings"))
