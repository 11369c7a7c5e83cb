"""How a job is doing and where its output is: GET /jobs/{jobId}, and GET /jobs for lost orders. Free requests only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bridge.http.outcome import Answer, TransportError
from bridge.media.images import picture_kind
from bridge.providers import values
from bridge.providers.api import ResultFile, ResultUrl, Step, StepResult
from bridge.providers.paid import Broken, Finished, FreeCalls, Gone, LostOrder, Remote, Running, Status
from bridge.providers.pixeldojo import polling, responses
from bridge.providers.pixeldojo.routes import job_path
from bridge.providers.pixeldojo.video import container

DONE = "completed"
FAILED = "failed"
MOST_FILE = 256_000_000
LOST = "PixelDojo keeps results for 24 hours, and this one is deleted: the output is lost and is not run again"
UNKNOWN = "PixelDojo does not know the job under this key: set the key that ordered it, or look at the account"
_KEPT = 24 * 3600.0
_EARLIER = 60.0
"""Seconds by which a row may be older than the order: clocks and the time of its creation are not exact."""
_CREATED = ("createdAt", "created_at")
_INPUTS = ("input", "inputs", "request", "params", "parameters")


async def check(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
    """How a job is doing.

    Raises:
        TransportError: as `_fetch_job`.
    """
    del step
    async with polling.looking(calls, ids.get("job", "")) as row:
        if values.text(row.get("status")) and isinstance(job_status(row), Running):
            return Running()
        # Lists are not known to hold outputs, nor why a job failed.
        job = await _fetch_job(calls, ids)
        return job if isinstance(job, Gone) else job_status(job)


async def _fetch_job(calls: FreeCalls, ids: Mapping[str, str]) -> Mapping[str, Any] | Gone:
    """The record of a job; raises as `_fetch_answer`."""
    answer = await _fetch_answer(calls, ids)
    return answer if isinstance(answer, Gone) else values.fields(answer.json())


async def _fetch_answer(calls: FreeCalls, ids: Mapping[str, str]) -> Answer | Gone:
    """The answer with the record of a job.

    Raises:
        TransportError: anything but the service's own word that it is gone; a proxy's 404 proves nothing.
    """
    job = ids.get("job")
    if not job:
        return Gone("the order's answer did not say which job it made")
    try:
        # Never the `statusUrl` of an answer: the key goes to our own base URL only.
        return await calls.get(job_path(job))
    except TransportError as error:
        if error.status not in (404, 410):
            raise
        code, _ = responses.complaint(error.answer.json()) if error.answer is not None else ("", "")
        if error.status == 410:
            return Gone(LOST, dropped=True)
        if code == "not_found":
            return Gone(UNKNOWN)
        raise replace(error, kind="server") from error


def job_status(job: Mapping[str, Any]) -> Status:
    """What a job says of itself; words that nobody has seen yet are running."""
    word = values.text(job.get("status")).lower()
    if word == FAILED:
        _, said = responses.complaint(job)
        # Whether a failed job is paid back is written nowhere; what the job says it costs is believed.
        return Broken(said or "no reason was given", responses.charge(job))
    if word == "expired":
        return Gone(LOST, dropped=True)
    if word != DONE:
        return Running()
    charge = responses.charge(job)
    if not responses.outputs(job):
        return Broken("it says that it is completed, but there is no output", charge)
    return Finished(charge)


async def fetch(
    calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
) -> StepResult | Running | Gone:
    """Every output as delivered, in its order.

    Raises:
        TransportError: a file could not be had now.
    """
    del facts
    answer = await _fetch_answer(calls, ids)
    if isinstance(answer, Gone):
        return answer
    job = values.fields(answer.json())
    urls = responses.outputs(job)
    lives = _lives(job, answer)
    if not urls:
        status = job_status(job)
        return Gone(status.message) if isinstance(status, Broken) else Running()
    files = []
    for index, url in enumerate(urls):
        try:
            data = (await calls.download(url, most=MOST_FILE)).body
        except TransportError as error:
            if error.status in (404, 410):
                return Gone(LOST, dropped=True)
            raise
        files.append(_fetch_file(data, index, None if lives is None else ResultUrl(url, lives)))
    return StepResult(tuple(files), {"model": step.params["model"]}, {"job": ids["job"]})


def _fetch_file(data: bytes, index: int, address: ResultUrl | None) -> ResultFile:
    """A file, named by its bytes: the ending of its address is not believed."""
    kind = container(data)
    if kind:
        return ResultFile(f"output_{index}.{kind}", f"video/{kind}", data)
    kind = picture_kind(data)
    return ResultFile(f"output_{index}.{kind}", f"image/{kind}", data, address)


def _lives(job: Mapping[str, Any], answer: Answer) -> float | None:
    """Seconds that the files of a job are kept from now on, by the service's own clock; None where it does not say."""
    expires = _moment(job.get("expiresAt"))
    try:
        now = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError):
        return None
    return None if expires is None else expires - now


async def search(calls: FreeCalls, lost: LostOrder) -> Sequence[Remote]:
    """See `PaidProvider.search`: jobs of the list that are no older than the order and that ask for the same.

    What the list does not say is looked up in the job itself; a job that nowhere says what it was asked is not taken
    for ours.
    """
    answer = await calls.get("/jobs", {"limit": polling.LISTED})
    remotes = []
    for row in responses.rows(answer.json()):
        job = responses.job_id(row)
        if not job or job in lost.taken or not _is_recent(row, answer, lost):
            continue
        known = _asks_the_same(row, lost)
        if known is None:
            detail = await _fetch_job(calls, {"job": job})
            known = None if isinstance(detail, Gone) else _asks_the_same(detail, lost)
        if known:
            remotes.append(Remote({"job": job}))
    return remotes


def _is_recent(row: Mapping[str, Any], answer: Answer, lost: LostOrder) -> bool:
    """Whether a row is no older than the order. Ages are compared, by each side's own clock where it says the time."""
    created = next((time for name in _CREATED if (time := _moment(row.get(name))) is not None), None)
    if created is None:
        expires = _moment(row.get("expiresAt"))
        created = None if expires is None else expires - _KEPT
    if created is None:
        return False
    try:
        now = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError):
        now = lost.now
    return now - created <= lost.now - lost.sent + _EARLIER


def _moment(value: Any) -> float | None:
    """Seconds since 1970 of an ISO date, or of a number of seconds or milliseconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value / 1000 if value > 1e11 else float(value)
    try:
        moment = datetime.fromisoformat(values.text(value))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _asks_the_same(row: Mapping[str, Any], lost: LostOrder) -> bool | None:
    """Whether a job asks for the same; None where it does not say its prompt."""
    model = row.get("apiId") or row.get("model") or row.get("modelId")
    if isinstance(model, str) and model != lost.step.params["model"]:
        return False
    said = next((row[name] for name in _INPUTS if isinstance(row.get(name), dict)), row)
    if any(said[name] != value for name, value in lost.body.items() if name in said):
        return False
    return True if "prompt" in said else None
