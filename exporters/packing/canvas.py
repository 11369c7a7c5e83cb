"""All frames of a sprite on canvases of one size, for formats that know only one."""

from __future__ import annotations

import dataclasses

import numpy as np

from exporters.base import ExportError
from exporters.model.asset import Animation, Frame, Pixels, SpriteAsset

_MOST_SIDE = 65_535


def on_one_canvas(asset: SpriteAsset) -> SpriteAsset:
    """The asset with frames of one size, whose pivots lie on each other in whole pixels.

    Where all frames have one size already it is the asset itself. Pixels that are added are transparent.

    Raises:
        ExportError: the canvas would be larger than any format's.
    """
    sizes = {frame.pixels.shape[1::-1] for clip in asset.animations for frame in clip.frames}
    if len(sizes) < 2:
        return asset
    pivots = [(_pivot_pixel(width, asset.pivot[0]), _pivot_pixel(height, asset.pivot[1])) for width, height in sizes]
    left, above = max(x for x, _ in pivots), max(y for _, y in pivots)
    width = left + max(size[0] - x for size, (x, _) in zip(sizes, pivots, strict=True))
    height = above + max(size[1] - y for size, (_, y) in zip(sizes, pivots, strict=True))
    if max(width, height) > _MOST_SIDE:
        raise ExportError("The frames do not fit on one canvas.", hint="Make their sizes more alike.")

    def stand(pixels: Pixels) -> Pixels:
        canvas = np.zeros((height, width, 4), dtype=np.uint8)
        x = left - _pivot_pixel(pixels.shape[1], asset.pivot[0])
        y = above - _pivot_pixel(pixels.shape[0], asset.pivot[1])
        canvas[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
        return canvas

    def stand_clip(clip: Animation) -> Animation:
        frames = tuple(Frame(stand(frame.pixels), frame.duration_ms) for frame in clip.frames)
        return dataclasses.replace(clip, frames=frames)

    animations = tuple(stand_clip(clip) for clip in asset.animations)
    return dataclasses.replace(asset, animations=animations, pivot=(left / width, above / height))


def _pivot_pixel(side: int, fraction: float) -> int:
    """Rounded half up: Python's own rounding would let equal pivots of two sizes differ by a pixel."""
    return int(side * fraction + 0.5)
