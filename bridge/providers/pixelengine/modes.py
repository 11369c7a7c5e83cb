"""The two ways of drawing, and the sizes and lengths that each takes (API reference, "Models", "Render modes")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

DEFAULT_MODEL = "pixel-engine-v1.1"
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Mode:
    """render: the word of the routes without models. Sides in pixels, both ends included; frames of POST /animate."""

    render: Literal["pixel", "detailed"]
    least_side: int
    most_side: int
    most_frames: int


PIXEL = Mode("pixel", 1, 256, 16)
DETAILED = Mode("detailed", 256, 2048, 24)
CLEANED = Mode("pixel", 1, 2048, 0)
"""What POST /pixelate takes: any side up to 2048 pixels."""
MODELS: Mapping[str, Mode] = {DEFAULT_MODEL: PIXEL, "frame-engine-v1.1": DETAILED}
MOST_ANIMATED = 5 * _MEGABYTE
MOST_KEYFRAME = 10 * _MEGABYTE
MOST_KEYFRAMES = 20 * _MEGABYTE
MOST_RETAKEN = 20 * _MEGABYTE
MOST_CLEANED = 10 * _MEGABYTE


def mode_of(model: str) -> Mode:
    """How a model draws. Of models that are not published nothing is refused here that any published one takes."""
    if model in MODELS:
        return MODELS[model]
    render: Literal["pixel", "detailed"] = "detailed" if model.startswith("frame-") else "pixel"
    return Mode(render, PIXEL.least_side, DETAILED.most_side, DETAILED.most_frames)


def misfit(mode: Mode, width: int, height: int) -> str:
    """Why a picture of this size is not taken; empty where it is."""
    if max(width, height) > mode.most_side:
        return f"{width}×{height} pixels are too many: a side may have {mode.most_side}"
    if min(width, height) < mode.least_side:
        return f"{width}×{height} pixels are too few: a side has to have {mode.least_side}"
    if max(width, height) > 2 * min(width, height):
        return f"{width}×{height} pixels are too narrow: one side may be twice the other"
    return ""
