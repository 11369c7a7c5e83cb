"""What the automatic steps would not decide, because a guess could ruin art that is right: said, with the way out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bridge.processing.colours import RGB
from bridge.processing.edges import opaque
from bridge.processing.grid import unclear
from bridge.processing.matte import enclosed, without_matte
from bridge.processing.settings import ProcessSettings
from exporters.model import Asset, ItemsAsset, Pixels, SpriteAsset

Clips: TypeAlias = list[list[Pixels]]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A step of `[process]`, what it left as it is, and the way out. flaw: whether the result is surely not wished."""

    step: str
    message: str
    fix: str
    flaw: bool

    def as_dict(self) -> dict[str, str]:
        """The JSON form."""
        return {"step": self.step, "message": self.message, "fix": self.fix}


def doubts(asset: Asset, settings: ProcessSettings) -> list[Doubt]:
    """About an asset that is assembled and not yet processed; none about tiles, maps and music."""
    if "auto" not in (settings.matte, settings.grid):
        return []
    if isinstance(asset, SpriteAsset):
        clips = [[frame.pixels for frame in animation.frames] for animation in asset.animations]
    elif isinstance(asset, ItemsAsset):
        clips = [[item.pixels] for item in asset.items]
    else:
        return []
    cut = [without_matte(clip, settings.matte) for clip in clips]
    found = list(_backgrounds(clips, cut)) if settings.matte == "auto" else []
    if settings.grid == "auto":
        found += _grids(cut, settings.expected)
    return found


def _backgrounds(clips: Clips, cut: Clips) -> Iterator[Doubt]:
    left = sum(bool(clip) and all(bool(opaque(pixels).all()) for pixels in clip) for clip in cut)
    if left:
        yield Doubt(
            "matte",
            f"no background of one colour was found in {left} of {len(clips)} clips or pictures; nothing was removed",
            'Set [process] matte = "#rrggbb", or "none" where the picture is to be opaque.',
            flaw=True,
        )
    colours = {colour for clip in clips for pixels in clip[:1] if (colour := enclosed([pixels])) is not None}
    for colour in sorted(colours):
        yield Doubt(
            "matte",
            f"areas inside the subject have the background's colour {_written(colour)}, and stay",
            f'If they are gaps: [process] matte = "{_written(colour)}" removes that colour everywhere.',
            flaw=False,
        )


def _written(colour: RGB) -> str:
    red, green, blue = colour
    return f"#{red:02x}{green:02x}{blue:02x}"


def _grids(clips: Clips, expected: tuple[int, int] | None) -> Iterator[Doubt]:
    by_size: dict[tuple[int, int], list[Pixels]] = {}
    for pixels in (pixels for clip in clips for pixels in clip):
        by_size.setdefault((pixels.shape[1], pixels.shape[0]), []).append(pixels)
    for (width, height), frames in by_size.items():
        if unclear(frames, expected):
            yield Doubt(
                "grid",
                f"no regular blocks stand out in frames of {width} × {height}{_of(expected)}; they stay as they are",
                'State the side of a block: [process] grid = 12. For real pixels: "none".',
                flaw=True,
            )


def _of(expected: Sequence[int] | None) -> str:
    return f" that are to be {expected[0]} × {expected[1]}" if expected else ""
