"""How a job is doing and where its clip is: GET /jobs. Free requests only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bridge.http.outcome import TransportError
from bridge.media.images import picture_kind
from bridge.providers import values
from bridge.providers.api import ResultFile, ResultUrl, Step, StepResult
from bridge.providers.paid import Balance, Broken, Finished, FreeCalls, Gone, Order, Running, Statement, Status
from bridge.providers.pixelengine import cleaning, responses
from bridge.providers.pixelengine.routes import UNIT, frames

DONE = frozenset({"success"})
STOPPED = "cancelled"
FAILED = frozenset({"failure", STOPPED, "error"})
GOING = frozenset({"queued", "pending"})
MOST_CLIP = 64_000_000
LOST = "Pixel Engine keeps results for 24 hours, and this one is deleted: the output is lost and is not run again"
FOREIGN = (
    "Pixel Engine does not know the job under this key. A job is shown to the key that ordered it only: "
    "if the key was changed since, set the one of before"
)
# A link lives for an hour and may end between asking for it and following it; a fresh one then works.
_LINKS = 2
_LINK_LIVES = 3600.0
_MOST_DAYS = 365


async def check(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
    """How a job is doing.

    Raises:
        TransportError: as `_fetch_job`.
    """
    del step
    job = await _fetch_job(calls, ids)
    return job if isinstance(job, Gone) else job_status(job)


async def _fetch_job(calls: FreeCalls, ids: Mapping[str, str]) -> Mapping[str, Any] | Gone:
    """The record of a job.

    Raises:
        TransportError: anything but the service's own word that it is gone; a gateway's 404 proves nothing.
    """
    job = ids.get("job")
    if not job:
        return Gone("the order's answer did not say which job it made")
    try:
        return values.fields((await calls.get("/jobs", {"id": job})).json())
    except TransportError as error:
        code, _ = responses.complaint(error.answer.json()) if error.answer is not None else ("", "")
        if (error.status, code) == (404, "job_not_found"):
            return Gone(FOREIGN)
        if (error.status, code) == (410, "job_expired"):
            return Gone(LOST, dropped=True)
        if error.status in (404, 410):
            # The function behind the gateway is away for now: asked again later.
            raise replace(error, kind="server") from error
        raise


def job_status(job: Mapping[str, Any]) -> Status:
    """What a job says of itself.

    A word that nobody has seen yet is settled by what stands beside it: an error, an output, else it is running.
    """
    word = values.text(job.get("status")).lower()
    output, trouble = job.get("output"), job.get("error")
    if not word:
        return Running()
    unknown = word not in DONE | FAILED | GOING
    if word in FAILED or (unknown and trouble):
        code, said = responses.complaint(job)
        return Broken(said or code or "no reason was given", responses.charge(job), stopped=word == STOPPED)
    if (word in DONE or unknown) and values.fields(output).get("url"):
        return Finished(responses.charge(job), _facts_of(job))
    progress = values.number(job.get("progress"))
    return Running(None if progress is None else min(1.0, max(0.0, float(progress))))


def _facts_of(job: Mapping[str, Any]) -> dict[str, Any]:
    """What reading the clip needs. Never the link: it is asked for anew whenever it is used."""
    inputs = values.fields(job.get("inputs"))
    metadata = values.fields(values.fields(job.get("output")).get("metadata"))
    facts: dict[str, Any] = {}
    matte = values.text(inputs.get("matte_color")).lower()
    if matte:
        facts["matte"] = f"#{matte.lstrip('#')}"
    palette = values.fields(inputs.get("pixel_config")).get("palette")
    if isinstance(palette, list) and all(isinstance(color, str) for color in palette):
        facts["palette"] = palette
    if isinstance(metadata.get("frame_count"), int):
        facts["frames"] = metadata["frame_count"]
    return facts


def cancelling(ids: Mapping[str, str]) -> Order:
    """The request that stops a job. One that has ended answers 409 and keeps its result."""
    return Order("/cancel", {"api_job_id": ids["job"]})


async def fetch(
    calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
) -> StepResult | Running | Gone:
    """The clip under a fresh link, for that of `facts` may have ended; `meta` holds its matte, palette and frames."""
    del facts
    for left in reversed(range(_LINKS)):
        job = await _fetch_job(calls, ids)
        if isinstance(job, Gone):
            return job
        output = values.fields(job.get("output"))
        url = output.get("url")
        if not isinstance(url, str) or not url:
            status = job_status(job)
            return Gone(status.message) if isinstance(status, Broken) else Running()
        try:
            data = (await calls.download(url, most=MOST_CLIP)).body
        except TransportError as error:
            if error.kind != "refused" or not left:
                raise
            continue
        if step.operation == cleaning.PIXELATE:
            marks = {name: ids[name] for name in cleaning.MARKS if name in ids}
            return StepResult((_clip_file(data, ResultUrl(url, _LINK_LIVES)),), marks)
        return StepResult((_clip_file(data),), {"frames": frames(step), **_facts_of(job)})
    raise AssertionError("the last link's failure is raised")


def _clip_file(data: bytes, address: ResultUrl | None = None) -> ResultFile:
    """The clip, named by what it is and not by what is said of it."""
    kind = picture_kind(data)
    return ResultFile(f"clip.{kind}", f"image/{kind}", data, address)


async def balance(calls: FreeCalls) -> Balance:
    """See `PaidProvider.balance`: what new jobs may use, that is without what running ones hold."""
    document = values.fields((await calls.get("/balance")).json())
    total, reserved = (values.number(document.get(name)) for name in ("total_balance", "reserved"))
    available = values.number(document.get("available"))
    if available is None and total is not None:
        available = max(total - (reserved or 0), total * 0)
    return Balance({} if available is None else {UNIT: available})


async def statement(calls: FreeCalls, first: str, last: str) -> Statement | None:
    """See `Billing.statement`: GET /billing, which tells of 365 days at most ("Billing" in the API reference)."""
    earliest = (date.fromisoformat(last) - timedelta(days=_MOST_DAYS - 1)).isoformat()
    first = max(first, earliest)
    answer = await calls.get("/billing", {"start_date": first, "end_date": last})
    totals = values.fields(values.fields(answer.json()).get("totals"))
    used, refunded, added = (values.number(totals.get(name)) for name in ("credits_used", "refunds", "credits_added"))
    if used is None:
        return None
    orders = totals.get("jobs_charged")
    count = orders if isinstance(orders, int) and not isinstance(orders, bool) else None
    return Statement(UNIT, first, last, used, refunded or Decimal(0), added or Decimal(0), count)
