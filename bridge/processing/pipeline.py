"""All steps over a whole asset, in the order of the registry."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from bridge.processing.canvas import anchored, largest_size, require_pixels
from bridge.processing.edges import hidden_mask
from bridge.processing.settings import ProcessSettings
from bridge.processing.steps.step import ProcessContext
from exporters.model.asset import Animation, Asset, ItemsAsset, Pixels, SpriteAsset, TilesetAsset

Clips = list[list[Pixels]]


def process_asset(asset: Asset, settings: ProcessSettings) -> Asset:
    """The asset with processed pixels; names, times, places and ids stay, and of frames only repeats may go.

    Colours hidden under alpha 0 go also without any active step: an engine's filter would show them along edges.
    Items always come out in one size, that of their cells. Maps and music pass unchanged: the tilesets of a map have
    settings of their own.
    """
    if isinstance(asset, ItemsAsset):
        return _process_items(asset, settings)
    if settings.is_identity and not has_hidden_colors(asset):
        return asset
    if isinstance(asset, SpriteAsset):
        return _process_sprite(asset, settings)
    if isinstance(asset, TilesetAsset):
        return _process_tileset(asset, settings)
    return asset


def has_hidden_colors(asset: Asset) -> bool:
    """Whether any picture of a sprite or a tileset has colours under alpha 0."""
    if isinstance(asset, SpriteAsset):
        return any(bool(hidden_mask(frame.pixels).any()) for clip in asset.animations for frame in clip.frames)
    return isinstance(asset, TilesetAsset) and any(bool(hidden_mask(tile.pixels).any()) for tile in asset.tiles)


def _process_sprite(asset: SpriteAsset, settings: ProcessSettings) -> SpriteAsset:
    pictures = [[frame.pixels for frame in clip.frames] for clip in asset.animations]
    clips = process_clips(pictures, settings, [clip.loop for clip in asset.animations])
    animations = tuple(_replace_frames(old, clip) for old, clip in zip(asset.animations, clips, strict=True))
    return dataclasses.replace(asset, animations=animations)


def _replace_frames(animation: Animation, clip: Sequence[Pixels]) -> Animation:
    """The animation with other pixels; frames that a clip lost were its last ones."""
    kept = animation.frames[: len(clip)]
    frames = tuple(dataclasses.replace(frame, pixels=pixels) for frame, pixels in zip(kept, clip, strict=True))
    return dataclasses.replace(animation, frames=frames)


def _process_items(asset: ItemsAsset, settings: ProcessSettings) -> ItemsAsset:
    pictures = [[item.pixels] for item in asset.items]
    if not pictures:
        return asset
    clips = process_clips(pictures, settings)
    width, height = largest_size(clips)
    items = tuple(
        dataclasses.replace(item, pixels=anchored(clip[0], width, height, bottom=settings.is_grounded))
        for item, clip in zip(asset.items, clips, strict=True)
    )
    return dataclasses.replace(asset, items=items, size=(width, height))


def _process_tileset(asset: TilesetAsset, settings: ProcessSettings) -> TilesetAsset:
    (pictures,) = process_clips([[tile.pixels for tile in asset.tiles]], settings.for_tiles())
    tiles = tuple(dataclasses.replace(tile, pixels=pixels) for tile, pixels in zip(asset.tiles, pictures, strict=True))
    return dataclasses.replace(asset, tiles=tiles)


def process_clips(clips: Sequence[Sequence[Pixels]], settings: ProcessSettings, loops: Sequence[bool] = ()) -> Clips:
    """All clips of an asset after all steps; frames of one clip have one size, before and after.

    loops: which clips loop; none where it is empty.

    Raises:
        WorkFailed: `asset_too_large`: they have too many pixels, or would have.
    """
    result = [list(clip) for clip in clips]
    _require_bounded(result, settings)
    context = _context_of(result, settings, loops)
    for step in settings.steps:
        if step.is_needed(context):
            result = step.run(result, context)
    return result


def run_stages(clips: Clips, settings: ProcessSettings, loops: Sequence[bool] = ()) -> Iterator[tuple[str, Clips]]:
    """The active steps in their order, each with what it makes of the result before it.

    Neighbours that are one stage (palette, colour count and alpha) are one. loops: which clips loop; none where it is
    empty.

    Raises:
        WorkFailed: as `process_clips`.
    """
    _require_bounded(clips, settings)
    context = _context_of(clips, settings, loops)
    needed = (step for step in settings.steps if step.is_needed(context))
    result = clips
    for stage, steps in groupby(needed, key=lambda step: step.stage or step.name):
        for step in steps:
            result = step.run(result, context)
        yield stage, result


def _context_of(clips: Clips, settings: ProcessSettings, loops: Sequence[bool]) -> ProcessContext:
    return ProcessContext(tuple(loops) or (False,) * len(clips), settings.is_grounded)


def _require_bounded(clips: Clips, settings: ProcessSettings) -> None:
    """Art of another size than the spec says is counted here, before anything is made of it."""
    sizes = Counter((pixels.shape[1], pixels.shape[0]) for clip in clips for pixels in clip)
    require_pixels(sizes, "the delivered art has")
    for step in settings.steps:
        resized: Counter[tuple[int, int]] = Counter()
        for size, count in sizes.items():
            resized[step.resized(size)] += count
        if resized != sizes:
            sizes = resized
            require_pixels(sizes, f"process.{step.name} would make")
