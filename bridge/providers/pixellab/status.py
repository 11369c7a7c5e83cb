"""How a job is doing: GET /background-jobs/ID, or the result itself where the job is not known (any more).

A word that nobody has seen yet means *running*. A picture in `last_response` does not end a job: previews stand there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.http.outcome import TransportError
from bridge.providers import values
from bridge.providers.api import Step, StepResult
from bridge.providers.asking import answered
from bridge.providers.paid import Broken, Finished, FreeCalls, Gone, Running, Status
from bridge.providers.pixellab import responses

DONE = frozenset({"completed", "complete", "done", "succeeded", "success"})
FAILED = frozenset({"failed", "error", "cancelled", "canceled"})
LOCKED = 423
UNKNOWN = "it is not known there"
_MOST_SAID = 300


async def check(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
    """See `PaidProvider.check`."""
    job = ids.get("job")
    if job:
        answer = await answered(calls, f"/background-jobs/{job}")
        if answer is not None:
            return job_status(responses.fields(answer.json()))
    return await _read_resource(calls, step, ids)


def job_status(document: Mapping[str, Any]) -> Status:
    """What a background job says of itself."""
    word = responses.text(document.get("status")).lower()
    last = document.get("last_response")
    inner: Mapping[str, Any] = last if isinstance(last, dict) else {}
    charge = responses.charge(document) or responses.charge(inner)
    if word in DONE:
        return Finished(charge, {name: value for name, value in inner.items() if _is_small(value)})
    if word in FAILED:
        return Broken(_read_complaint(inner) or _read_complaint(document) or "no reason was given", charge)
    progress = values.number(inner.get("progress"))
    return Running(None if progress is None else min(1.0, max(0.0, float(progress))))


def _is_small(value: Any) -> bool:
    """Pictures and lists of them are not kept as facts: they are fetched where they are needed."""
    return isinstance(value, int | float) or (isinstance(value, str) and len(value) <= _MOST_SAID)


def _read_complaint(document: Mapping[str, Any]) -> str:
    for name in ("error", "detail", "message"):
        said = document.get(name)
        if isinstance(said, dict):
            said = said.get("message") or said.get("detail")
        if isinstance(said, str) and said.strip():
            return " ".join(said.split())[:_MOST_SAID]
    return ""


async def _read_resource(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
    """The state of what an order made, without its job: adopted, found again, or the job is cleaned up."""
    path = resource_path(step, ids)
    if path is None:
        return Gone(UNKNOWN)
    try:
        answer = await answered(calls, path)
    except TransportError as error:
        if error.status == LOCKED:
            return Running(after=error.retry_after)
        raise
    if answer is None:
        return Gone(UNKNOWN)
    document = responses.fields(answer.json())
    if not document:
        return Running()
    if step.operation.startswith("character."):
        word = responses.text(document.get("status")).lower()
        if word in FAILED:
            return Broken(_read_complaint(document) or "the character failed")
        # Older answers have no status; pictures are there when it is done.
        ready = word in DONE or bool(document.get("rotation_urls"))
        return Finished() if ready else Running()
    return Finished() if document.get("tileset") or document.get("image") else Running()


def resource_path(step: Step, ids: Mapping[str, str]) -> str | None:
    """Where the result of an order is; None for the routes that deliver at once."""
    if step.operation == "character.animate":
        character = ids.get("clip", "").partition("/")[0] or ids.get("character", "")
        return f"/characters/{character}" if character else None
    family = step.operation.partition(".")[0]
    remote = ids.get(responses.ID_NAMES.get(family, ""))
    paths = {"character": "/characters/", "tileset": "/tilesets/", "isometric": "/isometric-tiles/"}
    return f"{paths[family]}{remote}" if remote else None


async def absent(calls: FreeCalls, ids: Mapping[str, str]) -> Running | Gone:
    """What it means that a result is not there: rows appear some time after their job has begun.

    While the job is known the result is on its way; when neither is known, both are gone.
    """
    job = ids.get("job")
    if job and await answered(calls, f"/background-jobs/{job}") is not None:
        return Running()
    return Gone(UNKNOWN)


async def fetch_delivered(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> StepResult | Running | Gone:
    """The result of a route that delivers at once, where it answered with a job instead: it stands in the job.

    Raises:
        TransportError: nobody says. DamagedResultError: there is no picture in it.
    """
    job = ids.get("job")
    answer = await answered(calls, f"/background-jobs/{job}") if job else None
    if answer is None:
        return Gone(UNKNOWN)
    document = responses.fields(answer.json())
    said = document.get("last_response")
    last: Mapping[str, Any] = said if isinstance(said, dict) else {}
    result = responses.pictured(step, last, {})
    if result is None and isinstance(job_status(document), Running):
        return Running()
    if result is None:
        raise responses.damage_of(step, last)
    return result
