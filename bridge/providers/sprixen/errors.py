"""Why Sprixen rejects an order, for people. The status decides; texts are only quoted.

Source: the error handling section of the API documentation. `message` is a text, or a list of them that begin with the
name of a field, as the validation of the framework behind the service writes it.
"""

from __future__ import annotations

import re

from bridge.http.outcome import Answer
from bridge.providers.api import Step
from bridge.providers.paid import OrderRefusal
from bridge.providers.sprixen import responses
from bridge.providers.sprixen.routes import CLIP_FIELDS, FIELDS

ACCOUNT_URL = "https://sprixen.com/settings"


def refusal(step: Step, answer: Answer) -> OrderRefusal:
    """See `PaidProvider.refusal`."""
    document = responses.fields(answer.json())
    said = responses.complaint(document.get("message")) or responses.complaint(document.get("error"))
    words = f": {said}" if said else ""
    if answer.status == 401:
        hint = f"Look at {ACCOUNT_URL} and set the key anew."
        return OrderRefusal("key_rejected", f"Sprixen does not accept the key{words}", hint)
    if answer.status == 402:
        return OrderRefusal(
            "no_credits", f"Sprixen says that the account has too few credits{words}", f"Top it up: {ACCOUNT_URL}."
        )
    if answer.status == 429:
        return OrderRefusal("provider_busy", f"Sprixen is busy{words}", "Nothing was charged; try again later.")
    if answer.status == 404:
        hint = "It was deleted there or belongs to another account; raise `take` to make it anew."
        return OrderRefusal("provider_refused", f"Sprixen does not have what the order builds on{words}", hint)
    field = _blamed_field(step, said) if answer.status in (400, 422) else ""
    hint = "Nothing was charged. Change the field and build again." if field else "Nothing was charged."
    return OrderRefusal("provider_refused", f"Sprixen refuses this (HTTP {answer.status}){words}", hint, field)


def _blamed_field(step: Step, said: str) -> str:
    """The field of the spec that a message is about."""
    names = set(re.findall(r"\w+", said))
    if step.operation == "clip.create":
        for name, own in CLIP_FIELDS.items():
            if name in names:
                return f"{step.field}.{own}"
    if "prompt" in names and step.operation == "tile.create":
        return f"{step.field}.description"
    return next((own for name, own in FIELDS.items() if name in names), "")
