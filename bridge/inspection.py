"""`assetbridge inspect`: what each step of `[process]` did to an asset, as pictures and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bridge.processing.apply import Clips, coloured, stages
from bridge.processing.colours import used
from bridge.processing.settings import ProcessSettings
from bridge.showcase.panels import FAINT, INK, written
from bridge.showcase.pixels import Colour, below, beside, blend, enlarged, filled
from exporters.model import Asset, ItemsAsset, Pixels, SpriteAsset, TilesetAsset

MOST_CLIPS = 8
MOST_FRAMES = 8
GAP = 4
_WIDEST = 1200
_DARK: Colour = (58, 66, 84)
_LIGHT: Colour = (70, 79, 98)
_CHECK = 8


@dataclass(frozen=True, slots=True)
class Stage:
    """A step: its name, the size of the first frame and the colours before and after, and how many frames changed."""

    step: str
    size: tuple[tuple[int, int], tuple[int, int]]
    colours: tuple[int, int]
    changed: int
    frames: int
    sheet: Pixels

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, without the picture."""
        return {
            "step": self.step,
            "size": [list(size) for size in self.size],
            "colours": list(self.colours),
            "frames_changed": self.changed,
            "frames": self.frames,
        }


def inspect(asset: Asset, settings: ProcessSettings) -> list[Stage]:
    """The active steps of an asset that is assembled and not yet processed; none for maps and music.

    The picture of a step shows the first MOST_FRAMES frames of the first MOST_CLIPS clips, before and after.
    """
    if isinstance(asset, TilesetAsset):
        tiles = [[tile.pixels for tile in asset.tiles]]
        return [_stage("colours", tiles, coloured(tiles, settings))] if not settings.is_identity else []
    if isinstance(asset, SpriteAsset):
        before = [[frame.pixels for frame in animation.frames] for animation in asset.animations]
    elif isinstance(asset, ItemsAsset):
        before = [[item.pixels] for item in asset.items]
    else:
        return []
    found = []
    for step, after in stages(before, settings):
        found.append(_stage(step, before, after))
        before = after
    return found


def _stage(step: str, before: Clips, after: Clips) -> Stage:
    pairs = [pair for old, new in zip(before, after, strict=True) for pair in zip(old, new, strict=True)]
    changed = sum(old.shape != new.shape or bool((old != new).any()) for old, new in pairs)
    old_size, new_size = (_size(clips[0][0]) if clips and clips[0] else (0, 0) for clips in (before, after))
    colours = _colours(before), _colours(after)
    sheet = _sheet(step, before, after)
    return Stage(step, (old_size, new_size), colours, changed, len(pairs), sheet)


def _size(pixels: Pixels) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _colours(clips: Clips) -> int:
    return len(used([pixels for clip in clips for pixels in clip])[0])


def _sheet(step: str, before: Clips, after: Clips) -> Pixels:
    """Before above after, or beside it where they are tall, on quiet checks that let holes show."""
    if max((len(clip) for clip in before), default=0) == 1:
        before, after = [[clip[0] for clip in before]], [[clip[0] for clip in after]]
    strips = [_strip(clips, MOST_CLIPS) for clips in (before, after)]
    widest = max(strip.shape[1] for strip in strips)
    scale = max(1, min(4, _WIDEST // max(1, widest)))
    # Where fake pixels became real ones, both are shown in one size.
    scales = [scale * max(1, round(widest / strip.shape[1])) for strip in strips]
    titles = [enlarged(written(text, colour), 2) for text, colour in ((f"{step} - BEFORE", FAINT), ("AFTER", INK))]
    halves = [
        below([title, enlarged(strip, by)], 2 * GAP) for title, strip, by in zip(titles, strips, scales, strict=True)
    ]
    tall = halves[0].shape[0] > halves[0].shape[1]
    picture = beside(halves, 8 * GAP) if tall else below(halves, 4 * GAP)
    canvas = _floor(picture.shape[1] + 4 * GAP, picture.shape[0] + 4 * GAP)
    blend(canvas, picture, 2 * GAP, 2 * GAP)
    return canvas


def _strip(clips: Clips, most: int) -> Pixels:
    rows = [_row(clip[:MOST_FRAMES]) for clip in clips[:most] if clip]
    return below(rows, GAP) if rows else np.zeros((1, 1, 4), dtype=np.uint8)


def _row(frames: Sequence[Pixels]) -> Pixels:
    return beside(frames, GAP)


def _floor(width: int, height: int) -> Pixels:
    canvas = filled(width, height, _DARK)
    rows, columns = np.arange(height) // _CHECK, np.arange(width) // _CHECK
    canvas[(rows[:, None] + columns[None, :]) % 2 == 1] = (*_LIGHT, 255)
    return canvas
