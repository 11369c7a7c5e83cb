"""The faults an emulated service can have, each a function that makes one `Fault`.

Two things matter to a client that spends money: whether the service acted on the request (`executes`), and what came
back. Connection faults cover every row of "what a failed POST means": port closed (that is `Emulator.closed_url`: an
open port cannot refuse), reset and close before and after reading, silence, and every kind of half answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from enum import Enum
from time import time
from typing import Literal

from tests.emulator import payloads
from tests.emulator.http import Response, json_response

Change = Callable[[Response], Response]
Wait = Literal["none", "seconds", "date"]


class Delivery(Enum):
    """How the bytes of an answer go out."""

    WHOLE = "whole"
    RESET = "reset"
    CLOSE = "close"
    SILENCE = "silence"
    HALF_CLOSE = "half close"
    HALF_STATUS_LINE = "half status line"
    HEAD_ONLY = "head, then silence"
    HALF_BODY = "half body"
    DRIP = "drip"
    TOO_LONG = "length too long"
    TOO_SHORT = "length too short"
    WHOLE_THEN_CLOSE = "whole, then close"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail.

    reads: the body is read (False: the connection breaks while the client may still be sending).
    executes: the service acts on the request, so it may charge. change: what becomes of its answer, or, where it
    does not execute, of an empty one. pause: seconds between the bytes of a DRIP. fate: what becomes of the job.
    """

    name: str
    reads: bool = True
    executes: bool = True
    change: Change | None = None
    delivery: Delivery = Delivery.WHOLE
    pause: float = 0.0
    fate: str = ""


def reset_before_reading() -> Fault:
    """RST as soon as the head is there; nothing is executed."""
    return Fault("reset before reading", reads=False, executes=False, delivery=Delivery.RESET)


def close_before_reading() -> Fault:
    """An orderly end as soon as the head is there; nothing is executed."""
    return Fault("close before reading", reads=False, executes=False, delivery=Delivery.CLOSE)


def never_reads() -> Fault:
    """The body stays in the socket: a big upload gets stuck; nothing is executed."""
    return Fault("never reads", reads=False, executes=False, delivery=Delivery.SILENCE)


def reset_after_reading() -> Fault:
    """The request is executed, and RST is the answer."""
    return Fault("reset after reading", delivery=Delivery.RESET)


def close_after_reading() -> Fault:
    """The request is executed, and the connection ends without an answer."""
    return Fault("close after reading", delivery=Delivery.CLOSE)


def half_close() -> Fault:
    """The request is executed; the service ends its direction only and leaves the connection open."""
    return Fault("half close", delivery=Delivery.HALF_CLOSE)


def drops_keep_alive() -> Fault:
    """A good answer that promises to keep the connection, which then ends: the next request on it meets nobody."""
    return Fault("drops keep-alive", delivery=Delivery.WHOLE_THEN_CLOSE)


def hang(*, executes: bool = True) -> Fault:
    """No answer ever comes."""
    return Fault("hang", executes=executes, delivery=Delivery.SILENCE)


def half_status_line() -> Fault:
    """`HTTP/1.1 2`, then the end."""
    return Fault("half status line", delivery=Delivery.HALF_STATUS_LINE)


def head_only() -> Fault:
    """All headers, then silence."""
    return Fault("head only", delivery=Delivery.HEAD_ONLY)


def half_body() -> Fault:
    """All headers and half of the body, then the end."""
    return Fault("half body", delivery=Delivery.HALF_BODY)


def slow_drip(pause: float = 0.05) -> Fault:
    """The whole answer, byte by byte, `pause` seconds apart: no single read ever times out."""
    return Fault("slow drip", delivery=Delivery.DRIP, pause=pause)


def wrong_length(kind: Literal["long", "short"] = "long") -> Fault:
    """A Content-Length that is greater or smaller than the body."""
    return Fault("wrong length", delivery=Delivery.TOO_LONG if kind == "long" else Delivery.TOO_SHORT)


def gzip_bomb(size: int = 256 * 1024 * 1024) -> Fault:
    """A small gzip body that unpacks to `size` bytes."""

    def change(response: Response) -> Response:
        headers = {**response.headers, "content-encoding": "gzip"}
        return replace(response, body=payloads.zeros_gzipped(size), headers=headers)

    return Fault("gzip bomb", change=change)


def status(code: int, detail: str = "", *, charged: bool = False, **headers: str) -> Fault:
    """An error status, before (default) or after the request was executed and charged."""

    answer = json_response(code, {"detail": detail or f"Error {code}"}, **headers)
    return Fault(f"{code} {'after' if charged else 'before'} charging", executes=charged, change=lambda _: answer)


def too_many_requests(wait: Wait = "none", seconds: int = 1) -> Fault:
    """429 before execution, with Retry-After in seconds, as an HTTP date, or without."""
    if wait == "none":
        return status(429, "Too many requests")
    after = str(seconds) if wait == "seconds" else formatdate(time() + seconds, usegmt=True)
    return status(429, "Too many requests", retry_after=after)


def server_error(code: int = 500, *, charged: bool) -> Fault:
    """5xx before or after charging."""
    return status(code, "Internal server error", charged=charged)


def html_page(code: int = 502, *, charged: bool = False) -> Fault:
    """A proxy's page instead of JSON, with an error status or, worse, with 200."""
    page = Response(code, payloads.HTML_PAGE, "text/html; charset=utf-8")
    return Fault(f"HTML page with {code}", executes=charged, change=lambda _: page)


def wrong_content_type(content_type: str = "text/plain") -> Fault:
    """The right body under the wrong name."""
    return Fault("wrong content type", change=lambda response: replace(response, content_type=content_type))


def not_json() -> Fault:
    """Half a JSON document in a complete answer."""
    return Fault("not JSON", change=lambda response: replace(response, body=response.body[: len(response.body) // 2]))


def without_ids() -> Fault:
    """Accepted, but the ids are missing from the answer."""
    return Fault("without ids", change=payloads.without_ids)


def truncated_picture() -> Fault:
    """Every picture of the answer is cut in half."""
    return Fault("truncated picture", change=lambda answer: payloads.with_pictures(answer, lambda d: d[: len(d) // 2]))


def truncated_files() -> Fault:
    """Every file, whatever its kind, and every picture inside JSON ends half-way."""
    return Fault("truncated files", change=payloads.with_files_cut)


def bomb_picture(side: int = 20_000) -> Fault:
    """Every picture of the answer is a valid PNG of side x side pixels in a few kilobytes."""
    return Fault(
        "bomb picture", change=lambda answer: payloads.with_pictures(answer, lambda _: payloads.bomb_png(side))
    )


def zip_slip(name: str = "../outside.txt") -> Fault:
    """An archive with an entry that wants to leave its folder."""
    return Fault("zip slip", change=lambda answer: payloads.with_entry(answer, name, [b"outside"]))


def zip_bomb(size: int = 256 * 1024 * 1024) -> Fault:
    """An archive with an entry that unpacks to `size` bytes."""
    return Fault("zip bomb", change=lambda answer: payloads.with_bomb(answer, "rotations/bomb.png", size))


def redirect(url: str = payloads.METADATA_URL, code: int = 307) -> Fault:
    """A redirect, by default to the metadata service of a cloud machine; nothing is executed."""
    return Fault("redirect", executes=False, change=lambda _: Response(code, b"", headers={"location": url}))


def evil_urls(url: str = payloads.METADATA_URL) -> Fault:
    """Every URL inside the JSON of the answer leads to `url`."""
    return Fault("evil URLs", change=lambda answer: payloads.with_urls(answer, url))


def job_failed(direction: str = "") -> Fault:
    """The job is accepted, then fails; of several jobs of one request only the one for `direction`, where given."""
    return Fault("job failed", fate=f"failed@{direction}")


def job_stuck(direction: str = "") -> Fault:
    """The job never gets beyond 97 %; `direction` as for `job_failed`."""
    return Fault("job stuck", fate=f"stuck@{direction}")


def result_expired() -> Fault:
    """The job finishes, but job and result are gone as soon as they are ready."""
    return Fault("result expired", fate="expired")


def status_lag() -> Fault:
    """The result is there, but the job's status says "processing" for as long again as the job took."""
    return Fault("status lag", fate="lag")


def unknown_status_word() -> Fault:
    """While it runs, the job has a status that no document knows."""
    return Fault("unknown status word", fate="unknown word")


def status_backwards() -> Fault:
    """The job is processing, then queued again, then completed."""
    return Fault("status backwards", fate="backwards")
