"""What the automatic steps would not decide, because a guess could ruin art that is right: said, with the way out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bridge.media.rgb import format_rgb
from bridge.processing.background import outermost
from bridge.processing.edges import opaque_mask
from bridge.processing.grid import is_unclear
from bridge.processing.matte import enclosed_color, without_matte
from bridge.processing.pipeline import Clips
from bridge.processing.settings import ProcessSettings
from bridge.processing.steps.grid import GridStep
from bridge.processing.steps.matte import MatteStep
from exporters.model.asset import Asset, ItemsAsset, Pixels, SpriteAsset

# Percent of the border that a figure hardly covers.
_LEFT = 40


@dataclass(frozen=True, slots=True)
class Undecided:
    """A step of `[process]`, what it left as it is, and the way out. is_defect: whether the result is surely wrong."""

    step: str
    message: str
    fix: str
    is_defect: bool

    def as_dict(self) -> dict[str, str]:
        """The JSON form."""
        return {"step": self.step, "message": self.message, "fix": self.fix}


def find_undecided(asset: Asset, settings: ProcessSettings) -> list[Undecided]:
    """About an asset that is assembled and not yet processed; none about tiles, maps and music."""
    matte, grid = settings.find(MatteStep), settings.find(GridStep)
    is_matte_auto = matte is not None and matte.color == "auto"
    if not is_matte_auto and (grid is None or grid.side != "auto"):
        return []
    if isinstance(asset, SpriteAsset):
        clips = [[frame.pixels for frame in animation.frames] for animation in asset.animations]
    elif isinstance(asset, ItemsAsset):
        clips = [[item.pixels] for item in asset.items]
    else:
        return []
    cut = [without_matte(clip, matte.color if matte else "none") for clip in clips]
    undecided = list(_undecided_backgrounds(clips, cut)) if is_matte_auto else []
    if grid is not None and grid.side == "auto":
        undecided += _undecided_grids(cut, grid.expected_size)
    return undecided


def _undecided_backgrounds(clips: Clips, cut: Clips) -> Iterator[Undecided]:
    left = sum(bool(clip) and all(bool(opaque_mask(pixels).all()) for pixels in clip) for clip in cut)
    if left:
        yield Undecided(
            "matte",
            f"no background of one colour was found in {left} of {len(clips)} clips or pictures; nothing was removed",
            'Set [process] matte = "#rrggbb", or "none" where the picture is to be opaque.',
            is_defect=True,
        )
    part = sum(map(_in_part, clips, cut))
    if part:
        yield Undecided(
            "matte",
            f"only a part of the background was removed in {part} of {len(clips)} clips or pictures: the border has "
            "several colours, as in a painted checkerboard",
            'Set [process] matte = "none" if it is part of the picture, or give it a background of one colour.',
            is_defect=True,
        )
    colors = {color for clip in clips for pixels in clip[:1] if (color := enclosed_color([pixels])) is not None}
    for color in sorted(colors):
        yield Undecided(
            "matte",
            f"areas inside the subject have the background's colour {format_rgb(color)}, and stay",
            f'If they are gaps: [process] matte = "{format_rgb(color)}" removes that colour everywhere.',
            is_defect=False,
        )


def _in_part(before: Sequence[Pixels], after: Sequence[Pixels]) -> bool:
    """Whether background went, and yet so much of the border is left that it was hardly all of it."""
    if not any(bool((opaque_mask(old) & ~opaque_mask(new)).any()) for old, new in zip(before, after, strict=True)):
        return False
    border = np.concatenate([opaque_mask(pixels)[outermost(pixels.shape)] for pixels in after])
    return int(border.sum()) * 100 >= _LEFT * len(border)


def _undecided_grids(clips: Clips, expected: tuple[int, int] | None) -> Iterator[Undecided]:
    by_size: dict[tuple[int, int], list[Pixels]] = {}
    for pixels in (pixels for clip in clips for pixels in clip):
        by_size.setdefault((pixels.shape[1], pixels.shape[0]), []).append(pixels)
    for (width, height), frames in by_size.items():
        if is_unclear(frames, expected):
            size = f"{width} × {height}{_expected_words(expected)}"
            yield Undecided(
                "grid",
                f"no regular blocks stand out in frames of {size}; they stay as they are",
                'State the side of a block: [process] grid = 12. For real pixels: "none".',
                is_defect=True,
            )


def _expected_words(expected: Sequence[int] | None) -> str:
    return f" that are to be {expected[0]} × {expected[1]}" if expected else ""
