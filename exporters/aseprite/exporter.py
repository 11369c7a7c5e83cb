"""The `aseprite` target: `{stem}.aseprite` of sprites and items, one layer, a frame for each picture.

Clips become tags (`repeat` 1 where they end), the pivot a slice over the canvas, and art of at most 256 colours has
them as its palette. The file is in RGBA mode: every pixel is what it was.
"""

from __future__ import annotations

import hashlib

import numpy as np

from exporters.aseprite.chunks import (
    AseTag,
    pack_cel,
    pack_file,
    pack_frame,
    pack_layer,
    pack_palette,
    pack_pivot,
    pack_profile,
    pack_tags,
)
from exporters.aseprite.target import TARGET
from exporters.base import ExportContext, ExportError, OutputFile
from exporters.model.asset import Animation, Asset, Frame, ItemsAsset, Pixels, SpriteAsset
from exporters.packing.canvas import on_one_canvas
from exporters.packing.sprite_sheet import require_animations
from exporters.packing.trim import trimmed

ITEM_MS = 100
MOST_COLORS = 256
_MOST = 0xFFFF


class AsepriteExporter:
    """One .aseprite file, ours alone."""

    name = TARGET.name
    version = 1

    def supports(self, asset_type: type[Asset], kind: str) -> bool:
        """Whatever has frames."""
        del kind
        return asset_type in (SpriteAsset, ItemsAsset)

    def export(self, asset: Asset, context: ExportContext) -> list[OutputFile]:
        """The file of an asset.

        Raises:
            ExportError: the format cannot hold it, or its clips cannot be played.
        """
        sprite = _items_as_clips(asset) if isinstance(asset, ItemsAsset) else asset
        if not isinstance(sprite, SpriteAsset):
            raise ExportError("It has no frames.", hint="Take aseprite out of export.targets.")
        names = require_animations(sprite, context.options.direction_names)
        data = _write_sprite(on_one_canvas(sprite), names)
        return [OutputFile(f"{context.stem}.aseprite", data)]

    def owned_hash(self, path: str, data: bytes) -> str:
        """A hash of the whole file: nothing of it is anybody else's."""
        del path
        return hashlib.sha256(data).hexdigest()


def _items_as_clips(asset: ItemsAsset) -> SpriteAsset:
    items = sorted(asset.items, key=lambda item: item.slot)
    clips = tuple(Animation(item.name, (Frame(item.pixels, ITEM_MS),)) for item in items)
    return SpriteAsset(asset.id, "items", clips, asset.pivot)


def _write_sprite(asset: SpriteAsset, names: list[str]) -> bytes:
    frames = [frame for clip in asset.animations for frame in clip.frames]
    if not frames:
        raise ExportError("There is no frame.", hint="Give the asset at least one picture.")
    height, width = frames[0].pixels.shape[:2]
    longest = max(frame.duration_ms for frame in frames)
    if max(width, height, len(frames), longest) > _MOST:
        raise ExportError(
            f"Aseprite holds {_MOST:,} frames, pixels of a side and milliseconds of a frame.",
            hint="Shorten the clips, or leave aseprite out of export.targets.",
        )
    tags = []
    start = 0
    for name, clip in zip(names, asset.animations, strict=True):
        tags.append(AseTag(name, start, start + len(clip.frames) - 1, 0 if clip.loop else 1))
        start += len(clip.frames)
    palette = _palette_of([frame.pixels for frame in frames])
    pivot = (int(width * asset.pivot[0] + 0.5), int(height * asset.pivot[1] + 0.5))
    head = [pack_profile(), *([pack_palette(palette)] if palette else []), pack_layer("Layer 1")]
    tail = [pack_tags(tags), pack_pivot((width, height), pivot)]
    packed = []
    for number, (frame, crop) in enumerate(zip(frames, trimmed(f.pixels for f in frames), strict=True)):
        cel = [pack_cel(crop.pixels, crop.left, crop.top)] if crop.pixels[..., 3].any() else []
        chunks = [*head, *cel, *tail] if number == 0 else cel
        packed.append(pack_frame(chunks, frame.duration_ms))
    return pack_file(packed, (width, height), len(palette))


def _palette_of(pictures: list[Pixels]) -> list[tuple[int, int, int, int]]:
    """Transparent, then all colours in their order; none where there are too many."""
    colors: set[int] = set()
    for pixels in pictures:
        values = np.ascontiguousarray(pixels)[pixels[..., 3] > 0].view(">u4")
        colors.update(np.unique(values).tolist())
        if len(colors) >= MOST_COLORS:
            return []
    return [(0, 0, 0, 0), *((c >> 24, c >> 16 & 255, c >> 8 & 255, c & 255) for c in sorted(colors))]
