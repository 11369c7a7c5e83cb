"""Why Pixel Engine rejects an order, for people: HTTP status and `error.code` together, for a code alone says little
(`invalid_request` comes with 400, 404 and 409).
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.http.outcome import Answer
from bridge.providers.api import Step
from bridge.providers.paid import OrderRefusal
from bridge.providers.pixelengine.responses import complaint
from bridge.providers.pixelengine.routes import spec_field

ACCOUNT_URL = "https://pixelengine.ai"
# A word of a sentence → the field of the body that it is about, the surest first.
_ABOUT: Mapping[str, str] = {
    "output_frames": "output_frames",
    "total_frames": "total_frames",
    "retake_region": "retake_region",
    "end_frame": "retake_region",
    "start_frame": "retake_region",
    "negative_prompt": "negative_prompt",
    "matte_color": "matte_color",
    "palette": "palette",
    "colors": "colors",
    "pixel_config": "pixel_config",
    "render_mode": "render_mode",
    "model": "model",
    "seed": "seed",
    "prompt": "prompt",
    "aspect": "image",
    "dimension": "image",
    "image": "image",
    "frames": "frames",
}


def refusal(step: Step, answer: Answer) -> OrderRefusal:
    """See `PaidProvider.refusal`."""
    code, said = complaint(answer.json())
    words = f": {said}" if said else ""
    if answer.status == 401:
        hint = f"Look at {ACCOUNT_URL} whether it is active, and set the key anew."
        return OrderRefusal("key_rejected", f"Pixel Engine does not accept the key{words}", hint)
    if answer.status == 402:
        hint = f"Top it up at {ACCOUNT_URL}, or wait: running jobs hold credits too."
        return OrderRefusal("no_credits", f"Pixel Engine says that the account has too little left{words}", hint)
    if answer.status in (429, 529):
        return OrderRefusal("provider_busy", f"Pixel Engine is busy{words}", "Nothing was charged; try again later.")
    field = _blamed_field(step, said) if answer.status in (400, 413, 422) else ""
    if code == "image_too_large" or answer.status == 413:
        field = spec_field(step, "image")
    hint = "Nothing was charged. Change the field and build again." if field else "Nothing was charged."
    return OrderRefusal("provider_refused", f"Pixel Engine refuses this (HTTP {answer.status}){words}", hint, field)


def _blamed_field(step: Step, sentence: str) -> str:
    lower = sentence.lower()
    for word, name in _ABOUT.items():
        field = spec_field(step, name)
        if word in lower and field:
            return field
    return ""
