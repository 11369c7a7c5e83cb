"""What PixelDojo's answers hold. The documents contradict each other, so every documented shape is read.

Source: API documentation (jobs, errors), the overview of `@pixeldojo/sdk`, and the agent guide of the service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from bridge.http.outcome import Answer
from bridge.providers.api import Step
from bridge.providers.paid import Accepted, Charge, Remote
from bridge.providers.pixeldojo.routes import UNIT
from bridge.providers.values import fields, number, text

_JOB_IDS = ("jobId", "job_id", "id")


def job_id(document: Any) -> str:
    """The id of a job in an answer or in a row of a list; empty where there is none."""
    job_fields = fields(document)
    return next((name for key in _JOB_IDS if (name := text(job_fields.get(key)))), "")


def accepted(step: Step, answer: Answer) -> Accepted | None:
    """The job that an answer tells of, with what was taken for it and what is left; None where nobody knows."""
    del step
    document = answer.json()
    job = job_id(document)
    left = number(fields(document).get("creditsRemaining"))
    return Remote({"job": job}, charge(fields(document)), {} if left is None else {UNIT: left}) if job else None


def complaint(document: Any) -> tuple[str, str]:
    """Code and words of an error: `error.message`, else `error` as a text, else `message`."""
    answer_fields = fields(document)
    said = answer_fields.get("error")
    if isinstance(said, dict):
        return text(said.get("code")).lower(), text(said.get("message")) or text(answer_fields.get("message"))
    return text(answer_fields.get("code")).lower(), text(said) or text(answer_fields.get("message"))


def cost(value: Any) -> Decimal | None:
    """Credits: a number in jobs, an object with `amount` and `default` in the catalogue."""
    if isinstance(value, dict):
        amount = number(value.get("amount"))
        return number(value.get("default")) if amount is None else amount
    return number(value)


def charge(job: Mapping[str, Any]) -> Charge | None:
    """What a job says it cost; None where it says nothing."""
    amount = cost(job.get("creditCost"))
    return None if amount is None or amount < 0 else Charge(UNIT, amount)


def outputs(job: Mapping[str, Any]) -> list[str]:
    """The addresses of a job's results from every documented place, in order and each once."""
    return list(dict.fromkeys(_outputs(job)))


def _outputs(job: Mapping[str, Any]) -> Iterator[str]:
    output = fields(job.get("output"))
    for assets in (job.get("assets"), output.get("assets")):
        yield from _urls(assets)
    for name in ("images", "videos", "image", "video"):
        yield from _urls(output.get(name))


def _urls(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        url = item.get("url") if isinstance(item, dict) else item
        if isinstance(url, str) and url.strip():
            yield url.strip()


def rows(document: Any) -> list[Mapping[str, Any]]:
    """The rows of a list: `{jobs: […]}`, `{data: […]}`, `{models: […]}` or a bare array."""
    listed_rows = document
    if isinstance(document, dict):
        listed_rows = next(
            (document[name] for name in ("jobs", "data", "models") if isinstance(document.get(name), list)), []
        )
    return [row for row in listed_rows if isinstance(row, dict)] if isinstance(listed_rows, list) else []
