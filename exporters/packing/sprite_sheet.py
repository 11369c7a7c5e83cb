"""The packed sheet of a sprite asset: every frame of every animation with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exporters.base import ExportError, ExportOptions
from exporters.model.asset import Animation, Pixels, SpriteAsset
from exporters.packing.pack import Placement, pack_frames


@dataclass(frozen=True, slots=True)
class PlacedFrame:
    """A frame on the sheet and how long it shows (milliseconds)."""

    placement: Placement
    duration_ms: int


@dataclass(frozen=True, slots=True)
class PlacedAnimation:
    """An animation under its output name."""

    name: str
    loop: bool
    frames: tuple[PlacedFrame, ...]


@dataclass(frozen=True, slots=True)
class SpriteSheet:
    """Pages of pixels and all animations, in the order of the asset."""

    pages: tuple[Pixels, ...]
    animations: tuple[PlacedAnimation, ...]


def pack_sprite(asset: SpriteAsset, options: ExportOptions, *, trim: bool = True) -> SpriteSheet:
    """Packs all frames of an asset.

    Raises:
        ExportError: an animation has no frame or a duration below 1 ms, two animations have one output name,
        or
            a frame is larger than a page.
    """
    names = require_animations(asset, options.direction_names)
    frames = [frame.pixels for animation in asset.animations for frame in animation.frames]
    sheet = pack_frames(frames, padding=options.padding, extrude=options.extrude, max_side=options.max_sheet, trim=trim)
    return SpriteSheet(sheet.pages, tuple(place_animations(asset.animations, names, sheet.placements)))


def place_animations(
    animations: Sequence[Animation], names: Sequence[str], placements: Sequence[Placement]
) -> Iterator[PlacedAnimation]:
    """Animations under their output names with their frames' places, one after the other."""
    places = iter(placements)
    for name, animation in zip(names, animations, strict=True):
        frames = tuple(PlacedFrame(next(places), frame.duration_ms) for frame in animation.frames)
        yield PlacedAnimation(name, animation.loop, frames)


def page_path(stem: str, page: int, suffix: str) -> str:
    """`hero.png` for page 0, then `hero_2.png`, `hero_3.png` …"""
    return f"{stem}{suffix}" if page == 0 else f"{stem}_{page + 1}{suffix}"


def require_animations(asset: SpriteAsset, direction_names: str) -> list[str]:
    """The output names of all animations.

    Raises:
        ExportError: an animation has no frame or a duration below 1 ms, or two have one output name.
    """
    names = [animation.output_name(direction_names) for animation in asset.animations]
    seen: set[str] = set()
    for animation, name in zip(asset.animations, names, strict=True):
        if not animation.frames:
            raise ExportError(f"The animation {name!r} has no frame.", hint="Remove it, or give it pictures.")
        if any(frame.duration_ms < 1 for frame in animation.frames):
            raise ExportError(
                f"A frame of {name!r} lasts less than 1 ms.", hint="Set fps or durations of the animation."
            )
        if name in seen:
            raise ExportError(f"Two animations have the output name {name!r}.", hint="Rename one of them in the spec.")
        seen.add(name)
    return names
