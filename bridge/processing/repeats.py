"""Loops that end with their first picture, as models close them: where they begin again it would show twice."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from bridge.processing.canvas import Clip
from exporters.model.asset import Pixels, SpriteAsset

# A shorter loop holds its first picture on purpose, as a breath or a blink does.
SHORTEST = 5
# Of two frames that are one picture only so small a share of the pixels differs, by more than noise, and so much less
# than from frame to frame of a clip that moves.
_SHARE = 200
_NOISE = 24
_CALMER = 8


def count_repeats(clip: Clip) -> int:
    """How many frames at the end of a loop show its first picture again.

    Nearly equal frames count where everything else moves much more. A loop of less than SHORTEST frames has none, and
    neither has one that mostly stands still, as a blink does: its pictures are held.
    """
    if len(clip) < SHORTEST:
        return 0
    steps = sorted(_count_differing(one, other) for one, other in pairwise(clip))
    usual = steps[len(steps) // 2]
    if not usual:
        return 0
    count = 0
    for pixels in reversed(clip[1:]):
        if _count_differing(pixels, clip[0]) * _CALMER > usual or not same_picture(pixels, clip[0]):
            break
        count += 1
    return count


def same_picture(one: Pixels, other: Pixels) -> bool:
    """Whether two pictures are one but for noise."""
    return _count_differing(one, other) * _SHARE <= int((other[..., 3] > 0).sum())


def shown_frames(clip: Clip) -> slice:
    """The frames of a loop without a last one that repeats its first; a picture held for several frames is a pause.

    Only the end goes: `retakes` and `keyframes` count the delivered frames, and every frame keeps its number.
    """
    return slice(len(clip) - (count_repeats(clip) == 1))


def _count_differing(one: Pixels, other: Pixels) -> int:
    """In how many visible pixels two frames differ by more than noise; in all where their sizes do."""
    if one.shape != other.shape:
        return max(one[..., 0].size, other[..., 0].size)
    apart = np.abs(one.astype(np.int16) - other.astype(np.int16)).max(axis=2)
    return int(((apart > _NOISE) & ((one[..., 3] > 0) | (other[..., 3] > 0))).sum())


def shortened_clips(before: SpriteAsset, after: SpriteAsset) -> list[str]:
    """The names of clips that lost frames, in their order."""
    return [
        old.output_name()
        for old, new in zip(before.animations, after.animations, strict=True)
        if len(new.frames) < len(old.frames)
    ]


def repeat_notes(before: SpriteAsset, after: SpriteAsset) -> list[str]:
    """What the user is told of clips that lost frames."""
    names = shortened_clips(before, after)
    some = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    hint = '[process] repeats = "keep" keeps it'
    return [f"the last frame of {some} repeats the first and is left out ({hint})"] if names else []
