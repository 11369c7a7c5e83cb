"""Small assets of every kind with known pixels, for the contract suite and for tests with real engines.

The pixels are drawn from integer hashes, so they are the same everywhere and every cell of them is different.
"""

from __future__ import annotations

import numpy as np

from exporters.model.asset import (
    FLIP_D,
    FLIP_H,
    FLIP_V,
    Animation,
    Asset,
    AudioAsset,
    Frame,
    Item,
    ItemsAsset,
    MapObject,
    ObjectLayer,
    Pixels,
    SpriteAsset,
    Terrain,
    Tile,
    TileFrame,
    TileLayer,
    TileMapAsset,
    TilesetAsset,
)

COLORS = ((32, 96, 160), (196, 160, 96), (52, 120, 64), (120, 110, 130))
NAMES = ("water", "sand", "grass", "rock")


def picture(width: int, height: int, seed: int, *, box: tuple[int, int, int, int] | None = None) -> Pixels:
    """A picture of 16 opaque colours; outside `box` (left, top, right, bottom) it is transparent."""
    ys, xs = np.mgrid[0:height, 0:width].astype(np.uint32)
    mixed = (xs * 73 + ys * 151 + np.uint32(seed * 199)) * np.uint32(2654435761)
    mixed = (mixed ^ (mixed >> 15)) * np.uint32(2246822519)
    color = (mixed >> 28).astype(np.uint8)
    channels = [color * 16 + 7, 255 - color * 13, color * 5 + seed % 90, np.full_like(color, 255)]
    pixels = np.stack(channels, axis=2).astype(np.uint8)
    if box is not None:
        inside = (xs >= box[0]) & (xs < box[2]) & (ys >= box[1]) & (ys < box[3])
        pixels[~inside] = 0
    return pixels


def character(asset_id: str = "art/hero") -> SpriteAsset:
    """Trimmed, repeated, differently long and fully transparent frames in two directions."""
    boxes = [(4 + step, 3, 20 + step, 32) for step in range(4)]
    walk = [Frame(picture(32, 32, step, box=box), 100) for step, box in enumerate(boxes)]
    empty = Frame(np.zeros((32, 32, 4), dtype=np.uint8), 30)
    attack = [Frame(picture(32, 32, 9), 60), walk[0], empty, Frame(picture(32, 32, 11, box=(0, 31, 32, 32)), 90)]
    return SpriteAsset(
        asset_id,
        "character",
        (
            Animation("idle", (Frame(walk[0].pixels, 400), walk[1]), "south_east"),
            Animation("walk", tuple(walk), "south_east"),
            Animation("attack", tuple(attack), "west", loop=False),
        ),
        pivot=(0.5, 1.0),
    )


def still(asset_id: str = "art/rock") -> SpriteAsset:
    """One picture."""
    image = picture(24, 17, 5, box=(1, 2, 23, 17))
    return SpriteAsset(asset_id, "sprite", (Animation("default", (Frame(image),)),), pivot=(0.5, 1.0))


def items(asset_id: str = "art/icons") -> ItemsAsset:
    """Three items, one cell empty."""
    cells = [("potion", 0), ("sword", 1), ("key", 3)]
    return ItemsAsset(
        asset_id, (16, 16), 2, tuple(Item(n, k, picture(16, 16, k, box=(1, 1, 14, 15))) for n, k in cells)
    )


def tileset(
    asset_id: str = "art/ground",
    terrains: int = 2,
    *,
    isometric: bool = False,
    animated: int = 1,
    size: tuple[int, int] = (16, 16),
) -> TilesetAsset:
    """A chain of terrains with all 16 corner combinations of each pair; terrain 0 solid and animated if
    wanted.
    """
    columns = 8
    corners = [corner_set for upper in range(1, terrains) for corner_set in _pair(upper)]
    rows = -(-len(corners) // columns)
    tiles = []
    for number, corner_set in enumerate(corners):
        pixels = corner_picture(size, corner_set, number)
        moves = animated > 1 and set(corner_set) == {0}
        cells = [number + step * rows * columns for step in range(animated)] if moves else []
        left, bottom = size
        tiles.append(
            Tile(
                number,
                pixels,
                corner_set,
                animation=tuple(TileFrame(cell, 200) for cell in cells),
                collision=((0, 0), (left, 0), (left, bottom), (0, bottom)) if set(corner_set) == {0} else (),
            )
        )
        tiles += [Tile(cell, pixels[::-1] // 2 * 2, animation_frame=True) for cell in cells[1:]]
    full = {tile.corners[0]: tile.id for tile in tiles if tile.corners and len(set(tile.corners)) == 1}
    colors = [Terrain(NAMES[k], COLORS[k], full[k], solid=k == 0) for k in range(terrains)]
    orientation = "isometric" if isometric else "orthogonal"
    return TilesetAsset(asset_id, size, columns, tuple(tiles), tuple(colors), orientation)


def corner_picture(size: tuple[int, int], corners: tuple[int, int, int, int], seed: int) -> Pixels:
    """A tile whose quarters have the colours of its corners, with one pixel that tells tiles apart."""
    width, height = size
    pixels = np.empty((height, width, 4), dtype=np.uint8)
    for corner, terrain in enumerate(corners):
        rows = slice(0, height // 2) if corner < 2 else slice(height // 2, height)
        columns = slice(0, width // 2) if corner % 2 == 0 else slice(width // 2, width)
        pixels[rows, columns] = (*COLORS[terrain], 255)
    pixels[height // 2, width // 2] = (seed * 7 % 256, seed * 29 % 256, 255, 255)
    return pixels


def _pair(upper: int) -> list[tuple[int, int, int, int]]:
    """Masks 0..15 of a pair (bits north-west, north-east, south-west, south-east); 0 only for the first."""
    masks = range(0 if upper == 1 else 1, 16)
    return [
        (upper - 1 + (m >> 3 & 1), upper - 1 + (m >> 2 & 1), upper - 1 + (m >> 1 & 1), upper - 1 + (m & 1))
        for m in masks
    ]


def blocks(asset_id: str = "art/blocks") -> TilesetAsset:
    """Named isometric blocks, taller than their ground diamond."""
    tiles = [
        Tile(k, picture(32, 40, k, box=(2, k, 30, 40)), name=name, properties=(("solid", k == 1),))
        for k, name in enumerate(("grass", "stone", "crate"))
    ]
    return TilesetAsset(asset_id, (32, 40), 4, tuple(tiles), orientation="isometric", grid=(32, 16))


def tile_map(asset_id: str = "maps/town", tiles: TilesetAsset | None = None) -> TileMapAsset:
    """A map with flips, a half transparent layer and objects, over a tileset of its own id."""
    ground = tiles or tileset()
    ys, xs = np.mgrid[0:5, 0:7].astype(np.uint32)
    cells = (xs * 5 + ys * 3) % 16 + 1
    flips = np.array([0, FLIP_H, FLIP_V, FLIP_D, FLIP_H | FLIP_D], dtype=np.uint32)
    top = np.where((xs + ys) % 3 == 0, cells | flips[(xs + ys * 2) % 5], 0).astype(np.uint32)
    objects = (
        MapObject(1, "start", "spawn", 24.0, 40.0, shape="point"),
        MapObject(2, "zone", "area", 16.0, 16.0, 32.0, 24.0, properties=(("level", 3),)),
        MapObject(3, "road", x=4.0, y=4.0, shape="polyline", points=((0.0, 0.0), (20.0, 5.5))),
        MapObject(4, "pond", x=8.0, y=8.0, width=16.0, height=8.0, shape="ellipse"),
    )
    layers = (
        TileLayer("ground", cells.astype(np.uint32)),
        TileLayer("top", top, opacity=0.5),
        ObjectLayer("things", objects),
    )
    return TileMapAsset(asset_id, (7, 5), ground.grid_size, (ground,), layers, ground.orientation)


def track(asset_id: str = "music/calm", *, loop: bool = True) -> AudioAsset:
    """A tenth of a second of a triangle wave in two channels."""
    steps = np.arange(2205, dtype=np.int32)
    wave = (np.abs(steps % 100 - 50) * 400 - 10000).astype(np.int16)
    return AudioAsset(asset_id, np.stack([wave, -wave], axis=1), 22050, loop=loop, loop_start=100)


def sample_assets() -> list[tuple[Asset, str]]:
    """An asset of every type with the kind of spec it may come from."""
    return [
        (character(), "character"),
        (still(), "sprite"),
        (items(), "items"),
        (tileset(terrains=3, animated=3), "tileset"),
        (tileset("art/diamonds", isometric=True, size=(32, 16)), "tileset"),
        (blocks(), "isometric_tiles"),
        (tile_map(), "map"),
        (track(), "music"),
    ]
