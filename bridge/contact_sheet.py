"""One picture of everything that was made, and one moving one: what a README shows and a person looks at first."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exporters.model import Asset, ItemsAsset, Pixels, SpriteAsset, TileMapAsset, TilesetAsset
from exporters.sheet.render import render_map

BACKGROUND = (58, 68, 80, 255)
PANEL = (72, 84, 98, 255)
GAP = 8
WIDTH = 960


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture on the sheet."""

    name: str
    pixels: Pixels


def _canvas(width: int, height: int, colour: tuple[int, int, int, int] = BACKGROUND) -> Pixels:
    canvas = np.empty((height, width, 4), dtype=np.uint8)
    canvas[:] = colour
    return canvas


def blend(canvas: Pixels, picture: Pixels, x: int, y: int) -> None:
    """Draws a picture over an opaque canvas at x, y (pixels), in integers."""
    height, width = picture.shape[:2]
    view = canvas[y : y + height, x : x + width]
    alpha = picture[: view.shape[0], : view.shape[1], 3:].astype(np.uint16)
    colour = picture[: view.shape[0], : view.shape[1], :3].astype(np.uint16)
    view[..., :3] = ((colour * alpha + view[..., :3].astype(np.uint16) * (255 - alpha) + 127) // 255).astype(np.uint8)


def _row(pictures: Sequence[Pixels], gap: int = 2) -> Pixels:
    height = max(picture.shape[0] for picture in pictures)
    width = sum(picture.shape[1] + gap for picture in pictures) - gap
    canvas = np.zeros((height, width, 4), dtype=np.uint8)
    x = 0
    for picture in pictures:
        canvas[height - picture.shape[0] :, x : x + picture.shape[1]] = picture
        x += picture.shape[1] + gap
    return canvas


def _column(pictures: Sequence[Pixels], gap: int = 2) -> Pixels:
    width = max(picture.shape[1] for picture in pictures)
    canvas = np.zeros((sum(picture.shape[0] + gap for picture in pictures) - gap, width, 4), dtype=np.uint8)
    y = 0
    for picture in pictures:
        canvas[y : y + picture.shape[0], : picture.shape[1]] = picture
        y += picture.shape[0] + gap
    return canvas


def _cells(pictures: Sequence[tuple[int, Pixels]], columns: int) -> Pixels:
    rows: dict[int, list[Pixels]] = {}
    for slot, picture in sorted(pictures, key=lambda entry: entry[0]):
        rows.setdefault(slot // columns, []).append(picture)
    return _column([_row(row) for _, row in sorted(rows.items())])


def picture_of(asset: Asset) -> Pixels | None:
    """A picture of one asset; None for sound."""
    if isinstance(asset, SpriteAsset):
        by_name: dict[str, list[Pixels]] = {}
        for animation in asset.animations:
            frames = [frame.pixels for frame in animation.frames]
            by_name.setdefault(animation.name, []).extend(frames[:1] if len(asset.animations) > 8 else frames)
        if len(asset.animations) > 8:
            longest = max(asset.animations, key=lambda animation: len(animation.frames))
            by_name[f"{longest.name}…"] = [frame.pixels for frame in longest.frames]
        return _column([_row(frames) for frames in by_name.values()])
    if isinstance(asset, ItemsAsset):
        return _cells([(item.slot, item.pixels) for item in asset.items], asset.columns)
    if isinstance(asset, TilesetAsset):
        return _cells([(tile.id, tile.pixels) for tile in asset.tiles if not tile.animation_frame], asset.columns)
    if isinstance(asset, TileMapAsset):
        return render_map(asset)
    return None


def contact_sheet(assets: Sequence[Asset]) -> Pixels:
    """All assets on one opaque sheet, in rows, in the given order; wide pictures are cut at the sheet's width."""
    panels = [(asset.id, picture) for asset in assets if (picture := picture_of(asset)) is not None]
    rows: list[list[Pixels]] = [[]]
    used = GAP
    for picture in (whole[:, : WIDTH - 4 * GAP] for _, whole in panels):
        if used + picture.shape[1] + 3 * GAP > WIDTH and rows[-1]:
            rows.append([])
            used = GAP
        rows[-1].append(picture)
        used += picture.shape[1] + 3 * GAP
    heights = [max(picture.shape[0] for picture in row) + 3 * GAP for row in rows if row]
    canvas = _canvas(WIDTH, sum(heights) + GAP)
    y = GAP
    for row, height in zip(rows, heights, strict=False):
        x = GAP
        for picture in row:
            panel = _canvas(picture.shape[1] + 2 * GAP, height - GAP, PANEL)
            blend(panel, picture, GAP, height - GAP - GAP - picture.shape[0])
            canvas[y : y + panel.shape[0], x : x + panel.shape[1]] = panel
            x += panel.shape[1] + GAP
        y += height
    return canvas


def moving(assets: Sequence[SpriteAsset], ground: Pixels, *, scale: int = 2, frames: int = 24) -> bytes:
    """An animated GIF: the assets' clips side by side on a piece of ground, 100 ms a frame.

    Each asset shows its longest looping clip that faces south (or its only one).
    """
    from PIL import Image

    clips = [_shown_clip(asset) for asset in assets]
    width = sum(clip[0].shape[1] + GAP for clip in clips) + GAP
    height = max(clip[0].shape[0] for clip in clips) + 2 * GAP
    repeat = (-(-height // ground.shape[0]), -(-width // ground.shape[1]), 1)
    floor = np.tile(ground, repeat)[:height, :width]
    pictures = []
    for number in range(frames):
        canvas = floor.copy()
        canvas[..., 3] = 255
        x = GAP
        for clip in clips:
            frame = clip[number % len(clip)]
            blend(canvas, frame, x, height - GAP - frame.shape[0])
            x += frame.shape[1] + GAP
        big = canvas[..., :3].repeat(scale, axis=0).repeat(scale, axis=1)
        pictures.append(Image.fromarray(np.ascontiguousarray(big)))
    palette = pictures[0].quantize(255, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    indexed = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    out = io.BytesIO()
    indexed[0].save(out, "GIF", save_all=True, append_images=indexed[1:], duration=100, loop=0, disposal=1)
    return out.getvalue()


def _shown_clip(asset: SpriteAsset) -> list[Pixels]:
    def rank(place: int) -> tuple[bool, int]:
        animation = asset.animations[place]
        return animation.loop and animation.direction in (None, "south", "south_east"), len(animation.frames)

    best = max(range(len(asset.animations)), key=rank)
    return [frame.pixels for frame in asset.animations[best].frames]
