"""Why PixelLab rejects an order, for people: status, and the two shapes of `detail` (a list of places, or a sentence).

Source: the error codes of the API document; FastAPI's HTTPValidationError for the list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bridge.http.outcome import Answer
from bridge.providers.api import Step
from bridge.providers.paid import OrderRefusal
from bridge.providers.pixellab.routes import ROUTES, spec_field

ACCOUNT_URL = "https://pixellab.ai/account"
_MOST_SAID = 300
# A word of a sentence → the field of the body that it is about, where the field's own name does not stand in it.
_ABOUT: Mapping[str, str] = {
    "canvas": "image_size",
    "size": "image_size",
    "template": "template_animation_id",
    "direction": "directions",
    "description": "description",
    "color": "color_image",
    "mask": "mask_image",
    "keypoints": "skeleton_keypoints",
    "transition": "transition_size",
    "tile": "tile_size",
}


def refusal(step: Step, answer: Answer) -> OrderRefusal:
    """See `PaidProvider.refusal`."""
    said, field = _reason_said(step, answer)
    words = f": {said}" if said else ""
    if answer.status == 401:
        return OrderRefusal(
            "key_rejected", f"PixelLab does not accept the key{words}", f"Look at {ACCOUNT_URL} and set the key anew."
        )
    if answer.status == 402:
        return OrderRefusal(
            "no_credits", f"PixelLab says that the account has too little left{words}", f"Top it up: {ACCOUNT_URL}."
        )
    if answer.status == 403 and not re.search(r"\b(another|other|belongs?)\b", said.lower()):
        hint = f"Free 200×200, Tier 1 320×320, Tier 2 and up 400×400: make it smaller, or look at {ACCOUNT_URL}."
        return OrderRefusal("plan_too_small", f"PixelLab does not do this for the account's plan{words}", hint)
    if answer.status in (403, 404) and not field:
        hint = "It belongs to another account or was deleted there; a key of its account, or a new one, is needed."
        return OrderRefusal("provider_refused", f"PixelLab does not give this account what is asked for{words}", hint)
    if answer.status in (423, 429, 529):
        return OrderRefusal("provider_busy", f"PixelLab is busy{words}", "Nothing was charged; try again later.")
    hint = "Nothing was charged. Change the field and build again." if field else "Nothing was charged."
    return OrderRefusal("provider_refused", f"PixelLab refuses this (HTTP {answer.status}){words}", hint, field)


def _reason_said(step: Step, answer: Answer) -> tuple[str, str]:
    """What `detail` says, and the field of the spec to blame (empty where that is nobody's)."""
    document = answer.json()
    detail: Any = document.get("detail") if isinstance(document, dict) else None
    if detail is None and isinstance(document, dict):
        detail = document.get("error") or document.get("message")
    if isinstance(detail, list):
        return _listed_reason(step, detail)
    if isinstance(detail, dict):
        detail = detail.get("message") or detail.get("msg")
    if not isinstance(detail, str):
        return "", ""
    sentence = " ".join(detail.split())[:_MOST_SAID]
    return sentence, _blamed_field(step, sentence) if answer.status in (400, 404, 422) else ""


def _listed_reason(step: Step, detail: list[Any]) -> tuple[str, str]:
    for entry in detail:
        if not isinstance(entry, dict):
            continue
        path = entry.get("loc")
        location = tuple(part for part in path if isinstance(part, str | int)) if isinstance(path, list) else ()
        message = entry.get("msg") if isinstance(entry.get("msg"), str) else ""
        name = ".".join(str(part) for part in location if part != "body")
        said = ": ".join(part for part in (name, message) if part)
        if said:
            return said[:_MOST_SAID], spec_field(step.operation, location, step.field)
    return "", ""


def _blamed_field(step: Step, sentence: str) -> str:
    route = ROUTES.get(step.operation)
    if route is None:
        return ""
    lower = sentence.lower()
    for name in sorted((*route.fields, *route.options), key=len, reverse=True):
        if "_" in name and name in lower:
            return spec_field(step.operation, (name,), step.field)
    for word, name in _ABOUT.items():
        if word in lower and name in route.fields:
            return spec_field(step.operation, (name,), step.field)
    return ""
