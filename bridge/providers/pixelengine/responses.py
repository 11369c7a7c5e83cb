"""What Pixel Engine's answers hold. Gateways in front of it have shapes of their own: nothing is taken for granted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.http.outcome import Answer
from bridge.providers.api import Step, StepResult
from bridge.providers.paid import Accepted, Charge, Delivered, Remote
from bridge.providers.pixelengine import cleaning
from bridge.providers.pixelengine.routes import UNIT
from bridge.providers.values import fields, number, text


def accepted(step: Step, answer: Answer) -> Accepted | None:
    """See `PaidProvider.accepted`: there is a job, or the words themselves, or nobody knows.

    What a clean-up has to know of the picture that it sent joins the ids.
    """
    document = fields(answer.json())
    if step.operation == "enhance":
        words = document.get("enhanced_prompt")
        plain = " ".join(words.split()) if isinstance(words, str) else ""
        return Delivered(StepResult((), {"text": plain})) if plain else None
    job = text(document.get("api_job_id"))
    marks = cleaning.marks_of(answer.request) if step.operation == cleaning.PIXELATE else {}
    return Remote({**marks, "job": job}) if job else None


def complaint(document: Any) -> tuple[str, str]:
    """Code and words of `error`: an object with both, or the bare words of a gateway."""
    said = fields(document).get("error")
    if isinstance(said, dict):
        return text(said.get("code")), text(said.get("message"))
    answer_fields = fields(document)
    return text(answer_fields.get("code")), text(said) or text(answer_fields.get("message")) or text(
        answer_fields.get("msg")
    )


def charge(job: Mapping[str, Any]) -> Charge | None:
    """What a job says it was charged; None where it says nothing: `billing` is null for jobs without a hold, and 0
    stands there until the hold has ended.
    """
    billing = fields(job.get("billing"))
    amount = number(billing.get("credits_charged"))
    if amount is None or (not amount and text(billing.get("hold_status")).lower() in ("", "open")):
        return None
    return Charge(UNIT, amount)
