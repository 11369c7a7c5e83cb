"""Why PixelDojo rejects an order, for people. The HTTP status and `error.code` count; `error.status` is not believed.

A lack of credits is 402 in the table of errors and 403 in the sample beside it; either, and the code alone, will do.
"""

from __future__ import annotations

import re
from typing import Any

from bridge.http.outcome import Answer
from bridge.providers.api import Step
from bridge.providers.paid import OrderRefusal
from bridge.providers.pixeldojo.responses import complaint
from bridge.providers.pixeldojo.routes import ACCOUNT_URL, spec_field

# The further words are those of the service's first API and of payment layers in front of it.
NO_CREDITS = frozenset({"insufficient_credits", "quota_exceeded", "insufficient_balance", "payment_required"})
_BAD_KEY = frozenset({"unauthorized", "invalid_api_key"})


def refusal(step: Step, answer: Answer) -> OrderRefusal:
    """See `PaidProvider.refusal`."""
    code, said = complaint(answer.json())
    words = f": {said}" if said else ""
    if answer.status == 402 or code in NO_CREDITS:
        hint = f"Buy credits at {ACCOUNT_URL}, then build again."
        return OrderRefusal("no_credits", f"PixelDojo says that the account has too little left{words}", hint)
    if answer.status == 401 or code in _BAD_KEY:
        hint = f"Look at {ACCOUNT_URL} whether it is active, and set the key anew."
        return OrderRefusal("key_rejected", f"PixelDojo does not accept the key{words}", hint)
    if answer.status in (429, 529):
        return OrderRefusal("provider_busy", f"PixelDojo is busy{words}", "Nothing was charged; try again later.")
    if answer.status == 404:
        model: Any = step.params.get("model")
        hint = "Models are renamed and merged there: `assetbridge providers models pixeldojo` lists the present ones."
        return OrderRefusal("provider_refused", f"PixelDojo has no model {model}{words}", hint, "model")
    field = _blamed_field(step, said) if answer.status in (400, 413, 422) else ""
    hint = "Nothing was charged. Change the field and build again." if field else "Nothing was charged."
    if field in ("size", "seed"):
        name = "aspect_ratio" if field == "size" else field
        hint = f'Nothing was charged. [provider_options] omit = ["{name}"] leaves it out.'
    return OrderRefusal("provider_refused", f"PixelDojo refuses this (HTTP {answer.status}){words}", hint, field)


def _blamed_field(step: Step, sentence: str) -> str:
    request: dict[str, Any] = step.params["request"]
    # The journal keeps no inputs; an edit that is laid over its source always has the file, and the address beside it.
    by_url = "/over-" not in step.key
    words = set(re.findall(r"\w+", sentence.lower()))
    # Longer names first: a sentence on image_url may speak of an image as well.
    for name in sorted({*request, "prompt", "seed"}, key=lambda name: (-len(name), name)):
        if name.lower() in words:
            return spec_field(name, step.operation, request, by_url=by_url)
    return ""
