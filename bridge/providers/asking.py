"""Free questions that several providers are asked alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bridge.http.archive import read_zip
from bridge.http.outcome import Answer, TransportError
from bridge.providers.api import ResultFile
from bridge.providers.paid import DamagedResultError, FreeCalls, LostOrder

ABSENT = (404, 410)


async def answered(calls: FreeCalls, path: str, params: Mapping[str, str | int] | None = None) -> Answer | None:
    """An answer; None when there is nothing at the path.

    Raises:
        TransportError: anything but 404 and 410.
    """
    try:
        return await calls.get(path, params)
    except TransportError as error:
        if error.status in ABSENT:
            return None
        raise


def read_archive(data: bytes) -> dict[str, bytes]:
    """The files of a delivered archive by name.

    Raises:
        DamagedResultError: it cannot be opened, or not safely.
    """
    try:
        return read_zip(data)
    except TransportError as error:
        came = ResultFile("archive.zip", "application/octet-stream", data)
        raise DamagedResultError(error.detail, [came]) from error


def recent(created: str, answer: Answer, lost: LostOrder, earlier: float) -> bool:
    """Whether a row of a list is no older than an order. Ages are compared, by each side's own clock where it says the
    time.

    created: when the row says that it was made (ISO 8601). earlier: seconds by which it may be older.
    """
    try:
        made = datetime.fromisoformat(created)
    except ValueError:
        return False
    try:
        now = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError):
        now = lost.now
    stamp = made if made.tzinfo else made.replace(tzinfo=UTC)
    return now - stamp.timestamp() <= lost.now - lost.sent + earlier
