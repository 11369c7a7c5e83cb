"""What Sprixen's answers hold: ids, states, addresses of results. Ids are opaque texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.core.json_text import parse_answer
from bridge.http.outcome import Answer
from bridge.providers.api import Step
from bridge.providers.paid import Broken, Finished, Remote, Running, Status

DONE = frozenset({"completed", "complete", "done", "succeeded", "success"})
FAILED = frozenset({"failed", "error", "cancelled", "canceled"})
_MOST_SAID = 300
_ADDRESS: Mapping[str, str] = {"clip": "spriteSheetUrl", "music": "audioUrl", "tile": "imageUrl"}


def fields(document: Any) -> Mapping[str, Any]:
    """The fields of an answer; empty when it is no JSON object."""
    return document if isinstance(document, dict) else {}


def parsed(data: bytes) -> Any:
    """JSON text; None where it is none."""
    return parse_answer(data)


def rows(document: Any) -> list[Mapping[str, Any]]:
    """The rows of a list, which is bare or stands in `data`."""
    listed_rows = document.get("data") if isinstance(document, dict) else document
    return [row for row in listed_rows if isinstance(row, dict)] if isinstance(listed_rows, list) else []


def text(value: Any) -> str:
    """A text that says something; else empty."""
    return value.strip() if isinstance(value, str) else ""


def accepted(step: Step, answer: Answer) -> Remote | None:
    """See `PaidProvider.accepted`: the id of a job, or of the sprite, project or map that came of the order."""
    document = fields(answer.json())
    if step.operation == "character.select":
        sprite = text(document.get("spriteId"))
        return Remote({"sprite": sprite}) if sprite else None
    family = step.operation.partition(".")[0]
    if step.operation == "map.update":
        said = document.get("error") or document.get("statusCode")
        return Remote({}) if answer.status == 204 or (document and not said) else None
    job = text(document.get("id")) or text(document.get("jobId"))
    if step.operation in ("map.create", "project.create"):
        return Remote({family: job}) if job else None
    return Remote({"job": job}) if job else None


def status_of(step: Step, document: Mapping[str, Any]) -> Status:
    """What a job says of itself. An unknown word is a job that runs, unless its result is there already."""
    word = text(document.get("status")).lower()
    if word in FAILED:
        return Broken(complaint(document.get("error")) or complaint(document.get("message")) or "no reason was given")
    if word in DONE or (not word and addresses(step, document)):
        return Finished()
    return Running()


def addresses(step: Step, document: Mapping[str, Any]) -> list[str]:
    """Where the files of a result are: whole addresses, or paths on the service's own host."""
    single = _ADDRESS.get(step.operation.partition(".")[0])
    urls = document.get("resultUrls") if single is None else [document.get(single)]
    return [url for url in map(text, urls if isinstance(urls, list) else []) if url]


def complaint(said: Any) -> str:
    """The text of an error: a text, a list of them (the first counts), or an object with a message."""
    if isinstance(said, dict):
        said = said.get("message") or said.get("detail")
    if isinstance(said, list):
        said = next((one for one in said if isinstance(one, str) and one.strip()), None)
    return " ".join(said.split())[:_MOST_SAID] if isinstance(said, str) else ""
