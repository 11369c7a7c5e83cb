"""`assetbridge inspect`: what each step of `[process]` did to an asset, as pictures and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bridge.media.color import used_colors
from bridge.preview.panels import FAINT, INK, MARK, written
from bridge.preview.pixels import Colour, below, beside, blend, enlarged, filled
from bridge.processing.pipeline import Clips, has_hidden_colors, run_stages
from bridge.processing.settings import ProcessSettings
from bridge.processing.stabilize import Drift, spread_of
from exporters.model.asset import Asset, ItemsAsset, Pixels, SpriteAsset, TilesetAsset

ROWS = 8
COLUMNS = 8
GAP = 4
_WIDEST = 1200
_DARK: Colour = (58, 66, 84)
_LIGHT: Colour = (70, 79, 98)
_CHECK = 8
# Percent of the visible pixels: where more changed, marks would only hide the picture.
MARKED = 25


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


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a clip stands, frame by frame, before and after all steps."""

    clip: str
    before: Drift
    after: Drift

    @property
    def wander(self) -> tuple[int, int]:
        """By how many pixels the feet line and the centre differ at most, after all steps."""
        spreads = spread_of(self.after.feet), spread_of(self.after.centre)
        feet, centre = (found[1] - found[0] if found else 0 for found in spreads)
        return feet, centre

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "clip": self.clip,
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
            "wander": list(self.wander),
        }


def inspect(asset: Asset, settings: ProcessSettings) -> list[Stage]:
    """The active steps of an asset that is assembled and not yet processed; none for maps and music.

    The picture of a step shows up to ROWS clips of COLUMNS frames, before and after, what changed first.
    """
    loops: list[bool] = []
    if isinstance(asset, TilesetAsset):
        if settings.is_identity and not has_hidden_colors(asset):
            return []
        before = [[tile.pixels for tile in asset.tiles]]
        settings = settings.for_tiles()
    elif isinstance(asset, SpriteAsset):
        before = [[frame.pixels for frame in animation.frames] for animation in asset.animations]
        loops = [animation.loop for animation in asset.animations]
    elif isinstance(asset, ItemsAsset):
        before = [[item.pixels] for item in asset.items]
    else:
        return []
    found = []
    for step, after in run_stages(before, settings, loops):
        found.append(_stage(step, before, after))
        before = after
    return found


def standings(before: Asset, after: Asset) -> list[Standing]:
    """Where the clips of an asset stand; none for other assets and for stills."""
    if not isinstance(before, SpriteAsset) or not isinstance(after, SpriteAsset):
        return []
    return [
        Standing(
            old.output_name(),
            Drift.of([frame.pixels for frame in old.frames]),
            Drift.of([frame.pixels for frame in new.frames]),
        )
        for old, new in zip(before.animations, after.animations, strict=True)
        if len(old.frames) > 1
    ]


def _stage(step: str, before: Clips, after: Clips) -> Stage:
    changes = [_changes(old, new) for old, new in zip(before, after, strict=True)]
    changed, frames = sum(map(sum, changes)), sum(map(len, changes))
    old_size, new_size = (_size(clips[0][0]) if clips and clips[0] else (0, 0) for clips in (before, after))
    colours = _colours(before), _colours(after)
    sheet = _sheet(step, before, after, changes)
    return Stage(step, (old_size, new_size), colours, changed, frames, sheet)


def _changes(before: Sequence[Pixels], after: Sequence[Pixels]) -> list[bool]:
    """Which frames a step changed; of a clip that lost frames, how many it lost, at its end."""
    found = [old.shape != new.shape or bool((old != new).any()) for old, new in zip(before, after, strict=False)]
    lost = len(before) - len(after)
    return found if not lost else [False] * len(after) + [True] * lost


def _size(pixels: Pixels) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _colours(clips: Clips) -> int:
    return len(used_colors([pixels for clip in clips for pixels in clip])[0])


def _sheet(step: str, before: Clips, after: Clips, changes: Sequence[Sequence[bool]]) -> Pixels:
    """Before above after, or beside it where they are tall, on quiet checks that let holes show.

    Where a step changed few pixels, a third part marks them.
    """
    rows = _chosen([_size(clip[0]) for clip in before if clip], changes)
    parts = [_strip(clips, rows) for clips in (before, after)]
    titles = [(f"{step} - BEFORE", FAINT), ("AFTER", INK)]
    if parts[0].shape == parts[1].shape and 0 < _share(*parts) <= MARKED:
        parts.append(_marked(*parts))
        titles.append(("CHANGED", INK))
    widest = max(part.shape[1] for part in parts)
    scale = max(1, min(4, _WIDEST // max(1, widest)))
    # Where fake pixels became real ones, both are shown in one size.
    scales = [scale * max(1, round(widest / part.shape[1])) for part in parts]
    shown_parts = [
        below([enlarged(written(text, colour), 2), enlarged(part, by)], 2 * GAP)
        for (text, colour), part, by in zip(titles, parts, scales, strict=True)
    ]
    tall = shown_parts[0].shape[0] > shown_parts[0].shape[1]
    picture = beside(shown_parts, 8 * GAP) if tall else below(shown_parts, 4 * GAP)
    canvas = _floor(picture.shape[1] + 4 * GAP, picture.shape[0] + 4 * GAP)
    blend(canvas, picture, 2 * GAP, 2 * GAP)
    return canvas


def _share(before: Pixels, after: Pixels) -> int:
    """Percent of what is visible before or after that differs, rounded up."""
    differs = (before != after).any(axis=2)
    visible = (before[..., 3] > 0) | (after[..., 3] > 0)
    return -(-100 * int(differs.sum()) // max(1, int(visible.sum())))


def _marked(before: Pixels, after: Pixels) -> Pixels:
    """The picture after a step in faint grey, with what differs in a bright colour."""
    grey = after[..., :3].astype(np.uint16).sum(axis=2) // 6 + 40
    result = np.dstack([grey, grey, grey, after[..., 3]]).astype(np.uint8)
    result[(before != after).any(axis=2)] = (*MARK, 255)
    return result


Place = tuple[int, int]


def _chosen(sizes: Sequence[Place], changes: Sequence[Sequence[bool]]) -> list[list[Place]]:
    """The rows of a sheet as clips and frames. Clips that changed come first, and each from its first change on where
    that would not be seen; stills and tiles fill rows. Large frames are fewer. sizes: of a frame of each clip.
    """
    width, height = (max((size[side] for size in sizes), default=1) for side in (0, 1))
    columns, most = (max(1, min(count, 2 * _WIDEST // side)) for count, side in ((COLUMNS, width), (ROWS, height)))
    if len(changes) == 1 or max(map(len, changes), default=0) == 1:
        places = [(clip, frame) for clip, frames in enumerate(changes) for frame in range(len(frames))]
        places.sort(key=lambda place: not changes[place[0]][place[1]])
        return [places[start : start + columns] for start in range(0, len(places), columns)][:most]
    rows = []
    for clip in sorted(
        (clip for clip, frames in enumerate(changes) if frames), key=lambda clip: not any(changes[clip])
    ):
        frames = changes[clip]
        first = frames.index(True) if any(frames) and not any(frames[:columns]) else 0
        start = max(0, min(first, len(frames) - columns))
        rows.append([(clip, frame) for frame in range(start, min(start + columns, len(frames)))])
    return rows[:most]


def _strip(clips: Clips, rows: Sequence[Sequence[Place]]) -> Pixels:
    pictures = [[clips[clip][frame] for clip, frame in row if frame < len(clips[clip])] for row in rows]
    shown_rows = [beside(row, GAP) for row in pictures if row]
    return below(shown_rows, GAP) if shown_rows else np.zeros((1, 1, 4), dtype=np.uint8)


def _floor(width: int, height: int) -> Pixels:
    canvas = filled(width, height, _DARK)
    rows, columns = np.arange(height) // _CHECK, np.arange(width) // _CHECK
    canvas[(rows[:, None] + columns[None, :]) % 2 == 1] = (*_LIGHT, 255)
    return canvas
