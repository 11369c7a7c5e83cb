"""`assetbridge inspect`: what each step of `[process]` did to an asset, as pictures and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bridge.media.color import used_colors
from bridge.media.rgb import RGB
from bridge.preview.panels import FAINT, INK, MARK, draw_text
from bridge.preview.pixels import blend_onto, enlarged, filled, join_below, join_beside
from bridge.processing.pipeline import Clips, has_hidden_colors, run_stages
from bridge.processing.settings import ProcessSettings
from bridge.processing.stabilize import Drift, spread_of
from exporters.model.asset import Asset, ItemsAsset, Pixels, SpriteAsset, TilesetAsset

ROWS = 8
COLUMNS = 8
GAP = 4
_WIDEST = 1200
_DARK: RGB = (58, 66, 84)
_LIGHT: RGB = (70, 79, 98)
_CHECK = 8
# Percent of the visible pixels: where more changed, marks would only hide the picture.
MARKED = 25


@dataclass(frozen=True, slots=True)
class StepPicture:
    """A step: its name, the size of the first frame and the colours before and after, and how many frames changed."""

    step: str
    size: tuple[tuple[int, int], tuple[int, int]]
    colors: tuple[int, int]
    changed: int
    frames: int
    sheet: Pixels

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, without the picture."""
        return {
            "step": self.step,
            "size": [list(size) for size in self.size],
            "colours": list(self.colors),
            "frames_changed": self.changed,
            "frames": self.frames,
        }


@dataclass(frozen=True, slots=True)
class ClipDrift:
    """Where a clip stands, frame by frame, before and after all steps."""

    clip: str
    before: Drift
    after: Drift

    @property
    def wander(self) -> tuple[int, int]:
        """By how many pixels the feet line and the centre differ at most, after all steps."""
        spreads = spread_of(self.after.feet), spread_of(self.after.centre)
        feet, center = (ends[1] - ends[0] if ends else 0 for ends in spreads)
        return feet, center

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "clip": self.clip,
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
            "wander": list(self.wander),
        }


def inspect_steps(asset: Asset, settings: ProcessSettings) -> list[StepPicture]:
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
    pictures = []
    for step, after in run_stages(before, settings, loops):
        pictures.append(_show_step(step, before, after))
        before = after
    return pictures


def measure_drift(before: Asset, after: Asset) -> list[ClipDrift]:
    """Where the clips of an asset stand; none for other assets and for stills."""
    if not isinstance(before, SpriteAsset) or not isinstance(after, SpriteAsset):
        return []
    return [
        ClipDrift(
            old.output_name(),
            Drift.of([frame.pixels for frame in old.frames]),
            Drift.of([frame.pixels for frame in new.frames]),
        )
        for old, new in zip(before.animations, after.animations, strict=True)
        if len(old.frames) > 1
    ]


def _show_step(step: str, before: Clips, after: Clips) -> StepPicture:
    changes = [_changed_frames(old, new) for old, new in zip(before, after, strict=True)]
    changed, frames = sum(map(sum, changes)), sum(map(len, changes))
    old_size, new_size = (_frame_size(clips[0][0]) if clips and clips[0] else (0, 0) for clips in (before, after))
    colors = _count_colors(before), _count_colors(after)
    sheet = _step_sheet(step, before, after, changes)
    return StepPicture(step, (old_size, new_size), colors, changed, frames, sheet)


def _changed_frames(before: Sequence[Pixels], after: Sequence[Pixels]) -> list[bool]:
    """Which frames a step changed; of a clip that lost frames, how many it lost, at its end."""
    changed = [old.shape != new.shape or bool((old != new).any()) for old, new in zip(before, after, strict=False)]
    lost = len(before) - len(after)
    return changed if not lost else [False] * len(after) + [True] * lost


def _frame_size(pixels: Pixels) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _count_colors(clips: Clips) -> int:
    return len(used_colors([pixels for clip in clips for pixels in clip])[0])


def _step_sheet(step: str, before: Clips, after: Clips, changes: Sequence[Sequence[bool]]) -> Pixels:
    """Before above after, or beside it where they are tall, on quiet checks that let holes show.

    Where a step changed few pixels, a third part marks them.
    """
    rows = _choose_frames([_frame_size(clip[0]) for clip in before if clip], changes)
    parts = [_draw_rows(clips, rows) for clips in (before, after)]
    titles = [(f"{step} - BEFORE", FAINT), ("AFTER", INK)]
    if parts[0].shape == parts[1].shape and 0 < _changed_percent(*parts) <= MARKED:
        parts.append(_mark_changes(*parts))
        titles.append(("CHANGED", INK))
    widest = max(part.shape[1] for part in parts)
    scale = max(1, min(4, _WIDEST // max(1, widest)))
    # Where fake pixels became real ones, both are shown in one size.
    scales = [scale * max(1, round(widest / part.shape[1])) for part in parts]
    shown_parts = [
        join_below([enlarged(draw_text(text, color), 2), enlarged(part, by)], 2 * GAP)
        for (text, color), part, by in zip(titles, parts, scales, strict=True)
    ]
    tall = shown_parts[0].shape[0] > shown_parts[0].shape[1]
    picture = join_beside(shown_parts, 8 * GAP) if tall else join_below(shown_parts, 4 * GAP)
    canvas = _checkered_canvas(picture.shape[1] + 4 * GAP, picture.shape[0] + 4 * GAP)
    blend_onto(canvas, picture, 2 * GAP, 2 * GAP)
    return canvas


def _changed_percent(before: Pixels, after: Pixels) -> int:
    """Percent of what is visible before or after that differs, rounded up."""
    differs = (before != after).any(axis=2)
    visible = (before[..., 3] > 0) | (after[..., 3] > 0)
    return -(-100 * int(differs.sum()) // max(1, int(visible.sum())))


def _mark_changes(before: Pixels, after: Pixels) -> Pixels:
    """The picture after a step in faint grey, with what differs in a bright colour."""
    grey = after[..., :3].astype(np.uint16).sum(axis=2) // 6 + 40
    result = np.dstack([grey, grey, grey, after[..., 3]]).astype(np.uint8)
    result[(before != after).any(axis=2)] = (*MARK, 255)
    return result


FrameRef = tuple[int, int]


def _choose_frames(sizes: Sequence[FrameRef], changes: Sequence[Sequence[bool]]) -> list[list[FrameRef]]:
    """The rows of a sheet as clips and frames. Clips that changed come first, and each from its first change on where
    that would not be seen; stills and tiles fill rows. Large frames are fewer. sizes: of a frame of each clip.
    """
    width, height = (max((size[side] for size in sizes), default=1) for side in (0, 1))
    columns, most = (max(1, min(count, 2 * _WIDEST // side)) for count, side in ((COLUMNS, width), (ROWS, height)))
    if len(changes) == 1 or max(map(len, changes), default=0) == 1:
        places = [(clip, frame) for clip, frames in enumerate(changes) for frame in range(len(frames))]
        places.sort(key=lambda spot: not changes[spot[0]][spot[1]])
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


def _draw_rows(clips: Clips, rows: Sequence[Sequence[FrameRef]]) -> Pixels:
    pictures = [[clips[clip][frame] for clip, frame in row if frame < len(clips[clip])] for row in rows]
    shown_rows = [join_beside(row, GAP) for row in pictures if row]
    return join_below(shown_rows, GAP) if shown_rows else np.zeros((1, 1, 4), dtype=np.uint8)


def _checkered_canvas(width: int, height: int) -> Pixels:
    canvas = filled(width, height, _DARK)
    rows, columns = np.arange(height) // _CHECK, np.arange(width) // _CHECK
    canvas[(rows[:, None] + columns[None, :]) % 2 == 1] = (*_LIGHT, 255)
    return canvas
