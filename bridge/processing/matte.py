"""Backgrounds of one colour, or of one that changes slowly → transparent.

`auto` takes the colour that the corners share, or a surface through the border, and floods from there, so that the
same colour inside the subject stays. How far colours may lie from it is measured: hardly farther than at the border
where subjects end sharply, else up to the first gap between what the background has and what the subject has. Islands
that the flood cannot reach (between an arm and the body) go too when the background is a colour that hardly occurs in
art, as the usual key colours are; white and black ones could be eyes. At last the blend of subject and background along
the edge is undone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bridge.media.rgb import RGB, parse_rgb
from bridge.processing.background import TOLERANCE, Background, Distances, background_of, refitted
from bridge.processing.components import Mask, label_components
from bridge.processing.regions import flooded
from bridge.processing.rim import unblended
from bridge.processing.scatter import Scatter, scatter_of
from exporters.model.asset import Pixels

_KEY_CHROMA = 96
# An enclosed area within so many levels of the background is worth a word from one part of so many of the picture on.
_ALIKE, _SEEN = 6, 256


def without_matte(frames: Sequence[Pixels], matte: str) -> list[Pixels]:
    """Frames of a clip without their background; untouched where it is transparent already or has no one colour.

    matte: `auto`, `none` or `#rrggbb`.
    """
    if matte == "none" or not frames:
        return list(frames)
    shapes = [pixels.shape for pixels in frames]
    if len(set(shapes)) > 1:
        parts = {shape: iter(without_matte(_of_shape(frames, shape), matte)) for shape in set(shapes)}
        return [next(parts[shape]) for shape in shapes]
    ground = background_of(frames) if matte == "auto" else Background(parse_rgb(matte))
    if ground is None:
        return list(frames)
    distances = [ground.distance(pixels) for pixels in frames]
    reached = [flooded(distance <= TOLERANCE) for distance in distances]
    if ground.weights is not None:
        ground = refitted(ground, frames, reached)
        distances = [ground.distance(pixels) for pixels in frames]
        reached = [flooded(distance <= TOLERANCE) for distance in distances]
        if all(bool(mask.all()) for mask in reached):
            return list(frames)
    key = _is_key(ground.color)
    scatter = scatter_of(frames, distances, reached, slow=ground.weights is not None, key=key)
    everywhere = matte != "auto" or key
    results = []
    for pixels, distance, mask in zip(frames, distances, reached, strict=True):
        gone = _background_mask(distance, mask, scatter, everywhere=everywhere)
        result = pixels.copy()
        result[gone] = 0
        if gone.any() and not gone.all():
            result = unblended(result, gone, ground, key=key, soft=scatter.soft)
        results.append(result)
    return results


def enclosed_color(frames: Sequence[Pixels]) -> RGB | None:
    """The background's colour, where `auto` leaves it standing in areas that the subject encloses; else None.

    frames: of one size.
    """
    ground = background_of(frames)
    if ground is None or _is_key(ground.color):
        return None
    for pixels in frames:
        alike = ground.distance(pixels) <= _ALIKE
        labels, count = label_components(alike & ~flooded(alike))
        if count and int(np.bincount(labels.ravel())[1:].max()) * _SEEN >= alike.size:
            return ground.color
    return None


def _background_mask(distance: Distances, reached: Mask, scatter: Scatter, *, everywhere: bool) -> Mask:
    """What goes. reached: what a flood with the largest tolerance takes; where that is the same, it floods no more."""
    seeds = distance <= scatter.core if everywhere else None
    islands = seeds is not None and bool((seeds & ~reached).any())
    if not islands and not bool((reached & (distance > scatter.reach)).any()):
        return reached
    return flooded(distance <= scatter.reach, seeds)


def _of_shape(frames: Sequence[Pixels], shape: tuple[int, ...]) -> list[Pixels]:
    return [pixels for pixels in frames if pixels.shape == shape]


def _is_key(color: RGB) -> bool:
    return max(color) - min(color) >= _KEY_CHROMA
