"""The operations: path, request body, price, and which field of a spec a field of the body comes from.

Prices are those of the API reference; accounts may have a discount, so what a job says it was charged counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bridge.providers.api import Price, Step
from bridge.providers.pixelengine import requests
from bridge.providers.pixelengine.modes import Mode, mode_of

NAME = "pixelengine"
UNIT = "credits"
OPTIONS = frozenset({"matte_color"})
"""Fields of the bodies that `provider_options` may set."""


@dataclass(frozen=True, slots=True)
class PixelEngineRoute:
    """One operation; `fields`: field of the body → field of the spec, `{}` is the field that the step comes from."""

    path: str
    body: type[requests.PixelEngineBody]
    price: Price
    fields: Mapping[str, str]


FREE = Price(UNIT, Decimal(0))
_COMMON = {
    "prompt": "action",
    "negative_prompt": "negative",
    "colors": "colors",
    "palette": "reference.colors",
    "pixel_config": "colors",
    "seed": "seed",
    "model": "model",
    "render_mode": "model",
    "image_size": "source",
    "image": "source",
    "matte_color": "provider_options.matte_color",
}
ROUTES: Mapping[str, PixelEngineRoute] = {
    "animate": PixelEngineRoute(
        "/animate", requests.Animate, Price(UNIT, Decimal(20)), {**_COMMON, "output_frames": "frames"}
    ),
    "keyframes": PixelEngineRoute(
        "/keyframes",
        requests.Keyframes,
        Price(UNIT, Decimal(24)),
        {**_COMMON, "total_frames": "frames", "frames": "keyframes", "image": "keyframes", "image_size": "keyframes"},
    ),
    "retake": PixelEngineRoute(
        "/retake",
        requests.Retake,
        Price(UNIT, Decimal(24)),
        {
            **_COMMON,
            "retake_region": "{}.frames",
            "prompt": "{}.action",
            "seed": "{}.seed",
            # The clip before it, which no line of the spec holds.
            "image": "{}",
            "image_size": "{}",
        },
    ),
    # Both are free ("does not deduct credits"); the price is said so that plans show it.
    "pixelate": PixelEngineRoute(
        "/pixelate",
        requests.Pixelate,
        FREE,
        {"colors": "{}.colors", "palette": "{}.palette", "image": "{}", "image_size": "{}"},
    ),
    "enhance": PixelEngineRoute(
        "/enhance-prompt",
        requests.Enhance,
        FREE,
        {"prompt": "action", "model": "model", "image": "source", "image_size": "source"},
    ),
}


_OF_GIVEN_CLIP = {"image": "source_clip", "image_size": "source_clip", "frames": "frames"}


def spec_field(step: Step, name: str) -> str:
    """The field of the spec behind a field of a step's request. Empty for none."""
    if name in _OF_GIVEN_CLIP and is_of_given_clip(step):
        return _OF_GIVEN_CLIP[name]
    return ROUTES[step.operation].fields.get(name, "").format(step.field)


def is_of_given_clip(step: Step) -> bool:
    """Whether it makes parts of a clip again that no step of the asset has made."""
    return step.operation == "retake" and not any(key.startswith(("clip/", "retake/")) for key in step.after)


def mode(step: Step) -> Mode:
    """How a step draws."""
    request: Mapping[str, Any] = step.params["request"]
    if "model" in request:
        return mode_of(request["model"])
    return mode_of("pixel-engine-v1.1" if request["render_mode"] == "pixel" else "frame-engine-v1.1")


def frames(step: Step) -> int:
    """How many frames a step's clip has."""
    request: Mapping[str, Any] = step.params["request"]
    frame_count: int = request.get("output_frames") or request.get("total_frames") or step.params["frames"]
    return frame_count
