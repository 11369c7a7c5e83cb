"""What the sheet shows of an asset: a title and its picture in several shapes, of which the layout takes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bridge.core import limits
from bridge.media.rgb import RGB
from bridge.preview import font
from bridge.preview.pixels import enlarged, flowed, gridded, join_below, join_beside, trimmed
from exporters.model.asset import (
    Animation,
    Asset,
    AudioAsset,
    ItemsAsset,
    Pixels,
    SpriteAsset,
    TileMapAsset,
    TilesetAsset,
)
from exporters.packing.render import reduced_map, render_map

SCALE = 2
INK: RGB = (250, 240, 214)
FAINT: RGB = (176, 190, 206)
MARK: RGB = (255, 40, 90)
WAVE: RGB = (255, 205, 117)
_WIDTHS = (70, 85, 100, 115, 130, 145, 160, 180, 200, 225, 250, 280, 310, 340, 400, 470, 560)
_HALF_SHEET, _WIDEST = 400, 580
_BARS = (40, 50, 60, 75, 90, 110, 130)
_FEWEST_FRAMES, _MOST_FRAMES, _STRIP = 3, 4, 200
# A view from the side shows a gait best, one from the front a face.
_SIDE, _FRONT = ("east", "south_east", "west"), ("south", "south_west")


@dataclass(frozen=True, slots=True)
class Panel:
    """A title, a line about the asset, and its picture in shapes to choose from, in pixels of the sheet."""

    title: str
    detail: str
    pictures: tuple[Pixels, ...]


def panels_of(assets: Sequence[Asset]) -> list[Panel]:
    """The panels of all assets in the given order; stills of one folder share the panel of their first."""
    stills: dict[str, list[SpriteAsset]] = {}
    for asset in assets:
        if isinstance(asset, SpriteAsset) and _is_still(asset):
            stills.setdefault(asset.id.rpartition("/")[0], []).append(asset)
    panels = []
    for asset in assets:
        if not (isinstance(asset, SpriteAsset) and _is_still(asset)):
            panels.append(_make_panel(asset))
        elif group := stills.pop(asset.id.rpartition("/")[0], None):
            panels.append(_stills_panel(group))
    return panels


def draw_text(text: str, color: RGB) -> Pixels:
    """A line of text on transparency, in pixels of the art."""
    mask = font.mask_of(text)
    picture = np.zeros((*mask.shape, 4), dtype=np.uint8)
    picture[mask] = (*color, 255)
    return picture


def _short_name(asset: Asset) -> str:
    return asset.id.rpartition("/")[2]


def _is_still(asset: SpriteAsset) -> bool:
    return len(asset.animations) == 1 and len(asset.animations[0].frames) == 1


def _make_panel(asset: Asset) -> Panel:
    if isinstance(asset, SpriteAsset):
        return _sprite_panel(asset)
    if isinstance(asset, ItemsAsset):
        cells = [item.pixels for item in sorted(asset.items, key=lambda item: item.slot)]
        return Panel(_short_name(asset), f"{len(cells)} items", _grid_shapes(cells, (3, 4, 5, 6, 8, 12), 3))
    if isinstance(asset, TilesetAsset):
        return _tileset_panel(asset)
    if isinstance(asset, TileMapAsset):
        return _map_panel(asset)
    return _audio_panel(asset)


def _grid_shapes(cells: Sequence[Pixels], columns: Sequence[int], gap: int) -> tuple[Pixels, ...]:
    width = max((cell.shape[1] for cell in cells), default=0) + gap
    useful = [number for number in columns if number <= len(cells)] or [max(1, len(cells))]
    return tuple(enlarged(flowed(cells, number * width - gap, gap, gap), SCALE) for number in useful if cells)


def _sprite_panel(asset: SpriteAsset) -> Panel:
    strips = _pick_strips(asset)
    shapes: list[Pixels] = []
    for width in _WIDTHS:
        picture = enlarged(_flow_of_strips(strips, width), SCALE)
        if not shapes or picture.shape != shapes[-1].shape:
            shapes.append(picture)
    return Panel(_short_name(asset), _sprite_detail(asset), tuple(shapes))


def _flow_of_strips(strips: Sequence[Sequence[Pixels]], width: int) -> Pixels:
    return flowed([gridded(strip, width, 3) for strip in strips], width, 10, 5)


def _sprite_detail(asset: SpriteAsset) -> str:
    directions = len({animation.direction for animation in asset.animations})
    frames = sum(len(animation.frames) for animation in asset.animations)
    return f"{directions} directions, {frames} frames" if directions > 1 else f"{frames} frames"


def _pick_strips(asset: SpriteAsset) -> list[list[Pixels]]:
    """The directions side by side, then some frames of each animation, from the side and the front in turn.

    What stands in the row of directions is not shown again where there are other animations.
    """
    by_name: dict[str, list[Animation]] = {}
    for animation in asset.animations:
        by_name.setdefault(animation.name, []).append(animation)
    first = next(iter(by_name.values()))
    strips = [trimmed([animation.frames[0].pixels for animation in first])] if len(first) > 1 else []
    moving = [clips for clips in by_name.values() if len(clips[0].frames) > 1]
    shown = [clips for clips in moving if clips is not first] or moving
    for index, clips in enumerate(shown):
        clip = _seen_from(clips, (_SIDE, _FRONT)[index % 2])
        strips.append(trimmed(_some_frames([frame.pixels for frame in clip.frames])))
    return strips


def _some_frames(frames: Sequence[Pixels]) -> list[Pixels]:
    """Frames spread evenly over a long clip: from its middle outwards, where most happens."""
    most = max(_FEWEST_FRAMES, min(_MOST_FRAMES, _STRIP // frames[0].shape[1], len(frames)))
    if len(frames) <= most:
        return list(frames)
    return [frames[(2 * index + 1) * len(frames) // (2 * most)] for index in range(most)]


def _seen_from(clips: Sequence[Animation], preferred: Sequence[str]) -> Animation:
    def rank(clip: Animation) -> int:
        return preferred.index(clip.direction) if clip.direction in preferred else len(preferred)

    return min(clips, key=rank)


def _stills_panel(group: Sequence[SpriteAsset]) -> Panel:
    pictures = []
    for asset in sorted(group, key=lambda asset: -asset.animations[0].frames[0].pixels.shape[0]):
        picture = trimmed([asset.animations[0].frames[0].pixels])[0]
        pictures.append(join_below([picture, draw_text(_short_name(asset), FAINT)], 3))
    folder = group[0].id.rpartition("/")[0].rpartition("/")[2] or "sprites"
    shapes = tuple(enlarged(flowed(pictures, width, 10, 6), SCALE) for width in _WIDTHS[4:])
    return Panel(folder, f"{len(group)} sprites", shapes)


def _tileset_panel(asset: TilesetAsset) -> Panel:
    tiles = [tile.pixels for tile in sorted(asset.tiles, key=lambda tile: tile.id) if not tile.animation_frame]
    detail = "-".join(terrain.name for terrain in asset.terrains) or f"{len(tiles)} tiles"
    return Panel(_short_name(asset), detail, _grid_shapes(tiles, (4, 5, 6, 7, 8, 10, 12), 2))


def _map_panel(asset: TileMapAsset) -> Panel:
    """A map at the scale of the art where half a sheet holds it, else smaller by a whole factor."""
    picture = render_map(reduced_map(asset, limits.PICTURE_PIXELS))
    if picture.shape[1] * SCALE <= _HALF_SHEET * SCALE:
        picture = enlarged(picture, SCALE)
    step = -(-picture.shape[1] // (_WIDEST * SCALE))
    return Panel(_short_name(asset), f"map of {asset.size[0]}x{asset.size[1]} tiles", (picture[::step, ::step],))


def _audio_panel(asset: AudioAsset) -> Panel:
    """The loudness of a track over time, mirrored about a line."""
    seconds = len(asset.samples) // asset.rate
    return Panel(
        _short_name(asset),
        f"music, {seconds} s",
        tuple(_draw_wave(asset, bars) for bars in _BARS),
    )


def _draw_wave(asset: AudioAsset, bars: int, half: int = 12) -> Pixels:
    loudness = np.maximum(
        asset.samples.max(axis=1, initial=0).astype(np.int32), -asset.samples.min(axis=1, initial=0).astype(np.int32)
    )
    edges = np.arange(bars) * len(loudness) // bars
    peaks = np.maximum.reduceat(loudness, edges) if len(loudness) >= bars else np.zeros(bars, dtype=np.int32)
    heights = 1 + peaks * (half - 1) // max(1, int(peaks.max()))
    canvas = np.zeros((2 * half, bars * 3 - 1, 4), dtype=np.uint8)
    for bar, height in enumerate(heights.tolist()):
        canvas[half - height : half + height, bar * 3 : bar * 3 + 2] = (*WAVE, 255)
    return enlarged(canvas, SCALE)


def draw_header(panel: Panel, room: int) -> Pixels:
    """Title and, where there is room (pixels of the art), the line about the asset."""
    title, detail = draw_text(panel.title.replace("_", " "), INK), draw_text(panel.detail, FAINT)
    gap = 2 * font.ADVANCE
    return join_beside([title, detail], gap) if title.shape[1] + gap + detail.shape[1] <= room else title
