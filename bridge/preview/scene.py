"""A moving picture: actors that follow paths over a painted piece of land, as a GIF that loops without a jump."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from bridge.preview.pixels import blend_onto
from bridge.providers.procedural.noise import hash_cells
from exporters.model.asset import Asset, Pixels, SpriteAsset, Tile, TilesetAsset

# 48 divides by the frames of all usual clips (2, 3, 4, 6, 8, 12), so every one of them ends where it began.
FRAMES, FRAME_MS = 48, 100
SCALE = 3
_SHADE = 70


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a path: a clip for some frames of the picture, while the actor moves by dx, dy pixels.

    `slow` is how many frames of the picture each frame of the clip stays.
    """

    animation: str
    direction: str | None
    frames: int
    dx: int = 0
    dy: int = 0
    slow: int = 1


@dataclass(frozen=True, slots=True)
class Actor:
    """An asset whose feet are at x, y (pixels of the land), its path, its shadow's width, and how high it flies."""

    asset: str
    x: int
    y: int
    legs: tuple[Leg, ...] = ()
    shadow: int = 0
    above: int = 0


@dataclass(frozen=True, slots=True)
class PreviewScene:
    """A land and its actors. `land` has a line per row of corners: digits count the tileset's terrains from low."""

    tileset: str
    land: str
    actors: tuple[Actor, ...]


def render_scene(scene: PreviewScene, assets: Sequence[Asset]) -> bytes:
    """The scene as an animated GIF, SCALE times as large as its land; actors without an asset stay away.

    Raises:
        KeyError: the scene's tileset is not among the assets.
    """
    by_id = {asset.id: asset for asset in assets}
    tileset = by_id[scene.tileset]
    if not isinstance(tileset, TilesetAsset):
        raise KeyError(scene.tileset)
    sprites = {name: asset for name, asset in by_id.items() if isinstance(asset, SpriteAsset)}
    grounds = _render_grounds(tileset, scene.land)
    return _encode_scene([_render_frame(grounds, scene.actors, sprites, number) for number in range(FRAMES)])


def _render_frame(
    grounds: Sequence[Pixels], actors: Sequence[Actor], sprites: Mapping[str, SpriteAsset], number: int
) -> Pixels:
    canvas = grounds[number // 2 % len(grounds)].copy()
    staged = []
    for actor in actors:
        if actor.asset in sprites:
            picture, x, y = _actor_frame(actor, sprites[actor.asset], number)
            staged.append((y, x, actor, picture))
    for y, x, actor, _ in staged:
        if actor.shadow:
            _draw_shadow(canvas, x, y, actor.shadow)
    for y, x, actor, picture in sorted(staged, key=lambda entry: entry[:2]):
        feet = _feet_row(sprites[actor.asset])
        blend_onto(canvas, picture, x - picture.shape[1] // 2, y - feet - actor.above)
    return canvas


def _feet_row(asset: SpriteAsset) -> int:
    """The row below the lowest pixel of the first clip: where the subject stands, whatever room its frame leaves."""
    seen = np.logical_or.reduce([frame.pixels[..., 3].any(axis=1) for frame in asset.animations[0].frames])
    return int(np.flatnonzero(seen)[-1]) + 1 if seen.any() else len(seen)


def _actor_frame(actor: Actor, asset: SpriteAsset, number: int) -> tuple[Pixels, int, int]:
    """The actor's frame at a moment, and where its feet are."""
    x, y, start = actor.x, actor.y, 0
    for leg in actor.legs:
        if number < start + leg.frames:
            done = number - start
            frame = _clip_frame(asset, leg.animation, leg.direction, number // leg.slow)
            return frame, x + leg.dx * done // leg.frames, y + leg.dy * done // leg.frames
        x, y, start = x + leg.dx, y + leg.dy, start + leg.frames
    return asset.animations[0].frames[number % len(asset.animations[0].frames)].pixels, x, y


def _clip_frame(asset: SpriteAsset, name: str, direction: str | None, number: int) -> Pixels:
    matching = [clip for clip in asset.animations if clip.name == name and clip.direction == direction]
    frames = (matching or asset.animations)[0].frames
    return frames[number % len(frames)].pixels


def _draw_shadow(canvas: Pixels, x: int, y: int, width: int) -> None:
    half, flat = width // 2, max(1, width // 5)
    across, down = np.arange(-half, half + 1), np.arange(-flat, flat + 1)
    inside = (across[None, :] * flat) ** 2 + (down[:, None] * half) ** 2 <= (half * flat) ** 2
    shade = np.zeros((*inside.shape, 4), dtype=np.uint8)
    shade[inside] = (16, 24, 40, _SHADE)
    blend_onto(canvas, shade, x - half, y - flat)


def _render_grounds(tileset: TilesetAsset, land: str) -> list[Pixels]:
    """The land at each step of its tiles' animations."""
    corners = np.array([[int(mark) for mark in line] for line in land.split()])
    steps = max(len(tile.animation) for tile in tileset.tiles) or 1
    by_id = {tile.id: tile for tile in tileset.tiles}
    cells = _choose_tiles(tileset, np.minimum(corners, len(tileset.terrains) - 1))
    width, height = tileset.tile_size
    pictures = []
    for step in range(steps):
        canvas = np.zeros((len(cells) * height, len(cells[0]) * width, 4), dtype=np.uint8)
        for row, tiles in enumerate(cells):
            for column, tile in enumerate(tiles):
                shown = by_id[tile.animation[step % len(tile.animation)].tile] if tile.animation else tile
                canvas[row * height : (row + 1) * height, column * width : (column + 1) * width] = shown.pixels
        pictures.append(canvas)
    return pictures


def _choose_tiles(tileset: TilesetAsset, corners: npt.NDArray[np.int_]) -> list[list[Tile]]:
    """The tile of each cell by its four corners; of variations now and then a rarer one."""
    by_corners: dict[tuple[int | None, ...], list[Tile]] = {}
    for tile in tileset.tiles:
        if tile.corners is not None and not tile.animation_frame:
            by_corners.setdefault(tile.corners, []).append(tile)
    rows, columns = np.arange(corners.shape[0] - 1), np.arange(corners.shape[1] - 1)
    luck = hash_cells(7, rows[:, None], columns[None, :]) % 100
    cells = []
    for row in rows.tolist():
        line = []
        for column in columns.tolist():
            around = corners[row : row + 2, column : column + 2].ravel().tolist()
            tiles = by_corners[tuple(around)]
            rare = luck[row, column] // 10
            line.append(tiles[rare if rare < len(tiles) else 0])
        cells.append(line)
    return cells


def _encode_scene(pictures: Sequence[Pixels]) -> bytes:
    """Pictures as a GIF with one palette: exact up to 256 colours, else rarer colours become the nearest of those."""
    palette, indexed = _index_palette(np.stack(pictures)[..., :3])
    frames = []
    for picture in indexed:
        frame = Image.fromarray(picture.repeat(SCALE, axis=0).repeat(SCALE, axis=1), "P")
        frame.putpalette(palette.tobytes())
        frames.append(frame)
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=FRAME_MS, loop=0, disposal=1)
    return out.getvalue()


def _index_palette(pixels: Pixels) -> tuple[Pixels, Pixels]:
    """A palette (colours, 3) of the most frequent colours, and pixels (…, 3) as indices into it.

    Pillow could choose a palette too, but not the same one in every version.
    """
    codes = pixels.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    values, indices, counts = np.unique(codes, return_inverse=True, return_counts=True)
    colors = np.stack((values >> 16, values >> 8 & 255, values & 255), axis=1)
    kept = np.sort(np.lexsort((values, -counts))[:256])
    apart = ((colors[:, None] - colors[None, kept]) ** 2).sum(axis=2)
    table = apart.argmin(axis=1).astype(np.uint8)
    return colors[kept].astype(np.uint8), table[indices].reshape(codes.shape)
