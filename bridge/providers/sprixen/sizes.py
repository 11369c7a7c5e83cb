"""Pictures at the size that was asked for: the service takes it as a hint and delivers several times as much."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.processing.canvas import CLEAR_BLOCK
from bridge.processing.cells import UNIT, Axis, sampled
from bridge.processing.grid import without_blocks
from bridge.providers.api import Step
from bridge.providers.sprixen.compile import asked_size
from exporters.model.asset import Pixels


def reduced_still(step: Step, pixels: Pixels) -> Pixels:
    """A picture that came several times as large as it was ordered, at that size: each pixel is what prevails in it."""
    return _reduced(step, [pixels], least=2)[0]


def reduced_clip(step: Step, frames: Sequence[Pixels]) -> list[Pixels]:
    """The frames of a clip likewise. A motion may have a larger canvas than its sprite, which has real pixels then:
    twice or three times the size is too large only where it lies in clean blocks.
    """
    return _reduced(step, frames, least=CLEAR_BLOCK)


def _reduced(step: Step, frames: Sequence[Pixels], *, least: int) -> list[Pixels]:
    """Frames of one size at the size asked for. least: so many times its size is too large, whatever they show."""
    size = asked_size(step)
    if size is None or not frames:
        return list(frames)
    real = without_blocks(frames, size)
    width, height = size
    side = frames[0].shape[1] // width
    if real[0].shape != frames[0].shape or side < least or frames[0].shape[:2] != (height * side, width * side):
        return real
    across, down = Axis(0, side * UNIT, width), Axis(0, side * UNIT, height)
    return [sampled(pixels, across, down) for pixels in frames]
