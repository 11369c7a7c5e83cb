"""The steps in their fixed order over a whole asset: matte, grid, steady, canvas, align, palette, alpha, despeckle,
outline, upscale, repeats.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from bridge.media.color import reduced_palette, to_palette
from bridge.processing.canvas import aligned, anchored, fitted, largest, placed, same_size, trimmed
from bridge.processing.edges import binary_alpha, cleaned, hidden, opaque
from bridge.processing.grid import snapped
from bridge.processing.matte import without_matte
from bridge.processing.outline import mended, outlined
from bridge.processing.repeats import shown
from bridge.processing.settings import ProcessSettings
from bridge.processing.specks import without_specks
from bridge.processing.stabilize import steadied
from exporters.model.asset import Animation, Asset, ItemsAsset, Pixels, SpriteAsset, TilesetAsset

Clips = list[list[Pixels]]


def apply(asset: Asset, settings: ProcessSettings) -> Asset:
    """The asset with processed pixels; names, times, places and ids stay, and of frames only repeats may go.

    Colours hidden under alpha 0 go also without any active step: an engine's filter would show them along edges.
    Items always come out in one size, that of their cells. Maps and music pass unchanged: the tilesets of a map have
    settings of their own.
    """
    if isinstance(asset, ItemsAsset):
        return _items(asset, settings)
    if settings.is_identity and not hides_colours(asset):
        return asset
    if isinstance(asset, SpriteAsset):
        return _sprite(asset, settings)
    if isinstance(asset, TilesetAsset):
        return _tileset(asset, settings)
    return asset


def hides_colours(asset: Asset) -> bool:
    """Whether any picture of a sprite or a tileset has colours under alpha 0."""
    if isinstance(asset, SpriteAsset):
        return any(bool(hidden(frame.pixels).any()) for clip in asset.animations for frame in clip.frames)
    return isinstance(asset, TilesetAsset) and any(bool(hidden(tile.pixels).any()) for tile in asset.tiles)


def _sprite(asset: SpriteAsset, settings: ProcessSettings) -> SpriteAsset:
    pictures = [[frame.pixels for frame in clip.frames] for clip in asset.animations]
    clips = processed(pictures, settings, [clip.loop for clip in asset.animations])
    animations = tuple(
        _played(animation, clip, settings) for animation, clip in zip(asset.animations, clips, strict=True)
    )
    return dataclasses.replace(asset, animations=animations)


def _played(animation: Animation, clip: Sequence[Pixels], settings: ProcessSettings) -> Animation:
    frames = tuple(
        dataclasses.replace(frame, pixels=pixels) for frame, pixels in zip(animation.frames, clip, strict=True)
    )
    kept = shown(clip) if settings.drops_repeats and animation.loop else slice(None)
    return dataclasses.replace(animation, frames=frames[kept])


def _items(asset: ItemsAsset, settings: ProcessSettings) -> ItemsAsset:
    pictures = [[item.pixels] for item in asset.items]
    if not pictures:
        return asset
    clips = processed(pictures, settings)
    bottom = settings.align == "feet"
    width, height = largest(clips)
    items = tuple(
        dataclasses.replace(item, pixels=anchored(clip[0], width, height, bottom=bottom))
        for item, clip in zip(asset.items, clips, strict=True)
    )
    return dataclasses.replace(asset, items=items, size=(width, height))


def _tileset(asset: TilesetAsset, settings: ProcessSettings) -> TilesetAsset:
    pictures = coloured([[tile.pixels for tile in asset.tiles]], settings)[0]
    tiles = tuple(dataclasses.replace(tile, pixels=pixels) for tile, pixels in zip(asset.tiles, pictures, strict=True))
    return dataclasses.replace(asset, tiles=tiles)


def processed(clips: Sequence[Sequence[Pixels]], settings: ProcessSettings, loops: Sequence[bool] = ()) -> Clips:
    """All clips of an asset after all steps on pixels; frames of one clip have one size, before and after.

    loops: which clips loop; none where it is empty.
    """
    *_, (_, result) = stages([list(clip) for clip in clips], settings, loops)
    return result


def stages(clips: Clips, settings: ProcessSettings, loops: Sequence[bool] = ()) -> Iterator[tuple[str, Clips]]:
    """The active steps on pixels in their order, each with what it makes of the result before it.

    Palette, colour count and alpha are one step, `colours`: they count for all frames at once. loops: which clips loop;
    only those stand on the spot, so that nothing else is steadied.
    """
    bottom = settings.align == "feet"
    result = clips
    if settings.matte != "none":
        result = [without_matte(clip, settings.matte) for clip in result]
        yield "matte", result
    if settings.grid not in ("none", 1):
        result = _snapped(result, settings)
        yield "grid", result
    if settings.steady and any(loops):
        result = [steadied(clip, settings.steady) if loop else clip for clip, loop in zip(result, loops, strict=True)]
        yield "steady", result
    if settings.canvas == "trim":
        result = trimmed(result, bottom=bottom)
        yield "canvas", result
    elif isinstance(settings.canvas, tuple):
        result = fitted(result, *settings.canvas, bottom=bottom)
        yield "canvas", result
    if settings.align != "none":
        result = [aligned(clip, settings.align) for clip in _on_one_ground(result)]
        yield "align", result
    result = coloured(result, settings)
    yield "colours", result
    if settings.despeckle:
        result = [[without_specks(pixels, settings.despeckle) for pixels in clip] for clip in result]
        yield "despeckle", result
    if settings.outline is not None or settings.mends_outline:
        result = _lined(result, settings)
        yield "outline", result
    if settings.upscale > 1:
        by = settings.upscale
        result = [[pixels.repeat(by, axis=0).repeat(by, axis=1) for pixels in clip] for clip in result]
        yield "upscale", result


def _lined(clips: Clips, settings: ProcessSettings) -> Clips:
    if settings.mends_outline:
        # One line for all frames at once: a colour chosen for each would flicker.
        frames = iter(mended([pixels for clip in clips for pixels in clip], settings.outline))
        return [[next(frames) for _ in clip] for clip in clips]
    assert settings.outline is not None
    if settings.align == "feet":
        clips = _above_line(clips)
    return [[outlined(pixels, settings.outline) for pixels in clip] for clip in clips]


def _above_line(clips: Clips) -> Clips:
    """All frames one row higher, because feet on the lower edge leave no room for a line; unless one would be cut."""
    if any(bool(opaque(pixels)[0].any()) for clip in clips for pixels in clip):
        return clips
    return [[placed(pixels, pixels.shape[1], pixels.shape[0], 0, -1) for pixels in clip] for clip in clips]


def _on_one_ground(clips: Clips) -> Clips:
    """Clips whose own frames differ in size get one, so that they can be moved as a whole."""
    return [same_size([clip], bottom=True)[0] if len({pixels.shape for pixels in clip}) > 1 else clip for clip in clips]


def _snapped(clips: Clips, settings: ProcessSettings) -> Clips:
    """One grid for all frames of a size: they come from one hand, and clips must keep the scale of each other."""
    places = [(c, f) for c, clip in enumerate(clips) for f in range(len(clip))]
    by_size: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for c, f in places:
        by_size.setdefault(clips[c][f].shape, []).append((c, f))
    result = [list(clip) for clip in clips]
    for group in by_size.values():
        frames = snapped([clips[c][f] for c, f in group], settings.grid, settings.expected)
        for (c, f), pixels in zip(group, frames, strict=True):
            result[c][f] = pixels
    return result


def coloured(clips: Clips, settings: ProcessSettings) -> Clips:
    """Palette (or colour count) and alpha over everything at once; hidden colours go."""
    flat = [cleaned(pixels) for clip in clips for pixels in clip]
    palette = settings.palette
    if not palette and settings.colors:
        palette = reduced_palette(flat, settings.colors)
    if palette:
        flat = to_palette(flat, palette, dither=settings.dither)
    if settings.alpha == "binary":
        flat = [binary_alpha(pixels) for pixels in flat]
    frames = iter(flat)
    return [[next(frames) for _ in clip] for clip in clips]
