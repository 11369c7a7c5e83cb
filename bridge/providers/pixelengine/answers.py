"""What Pixel Engine's answers hold. Gateways in front of it have shapes of their own: nothing is taken for granted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from bridge.providers.paid import Accepted, Charge, Remote
from bridge.providers.pixelengine.routes import UNIT
from bridge.transport.outcome import Answer

_MOST_SAID = 300


def fields(document: Any) -> Mapping[str, Any]:
    """The fields of an answer or of an object in it; empty when it is none."""
    return document if isinstance(document, dict) else {}


def text(value: Any) -> str:
    """A text in one line; empty for anything else."""
    return " ".join(value.split())[:_MOST_SAID] if isinstance(value, str) else ""


def number(value: Any) -> Decimal | None:
    """A finite number of JSON as a decimal; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def accepted(answer: Answer) -> Accepted | None:
    """See `PaidProvider.accepted`: there is a job, or nobody knows."""
    job = text(fields(answer.json()).get("api_job_id"))
    return Remote({"job": job}) if job else None


def complaint(document: Any) -> tuple[str, str]:
    """Code and words of `error`: an object with both, or the bare words of a gateway."""
    said = fields(document).get("error")
    if isinstance(said, dict):
        return text(said.get("code")), text(said.get("message"))
    found = fields(document)
    return text(found.get("code")), text(said) or text(found.get("message")) or text(found.get("msg"))


def charge(job: Mapping[str, Any]) -> Charge | None:
    """What a job says it was charged; None where it says nothing (`billing` is null for jobs without a hold)."""
    amount = number(fields(job.get("billing")).get("credits_charged"))
    return None if amount is None else Charge(UNIT, amount)
