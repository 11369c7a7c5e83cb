"""Delivers webhooks: a thread that looks for jobs that have ended and posts to the addresses they were given."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PAUSE = 0.01  # seconds between two looks


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook that is due: id of the job, where to, and what it says."""

    job: str
    url: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivered:
    """One delivery; `status` is 0 where nobody answered."""

    hook: Hook
    status: int


class Postman:
    """A context manager. due: the webhooks of all jobs that have ended. repeats: how often each is delivered."""

    def __init__(self, due: Callable[[], Sequence[Hook]], *, repeats: int = 1) -> None:
        self.delivered: list[Delivered] = []
        self._due = due
        self._repeats = repeats
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="postman", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _work(self) -> None:
        done: set[str] = set()
        while not self._ended.wait(PAUSE):
            for hook in self._due():
                if hook.job not in done:
                    done.add(hook.job)
                    for _ in range(self._repeats):
                        self.delivered.append(Delivered(hook, post(hook.url, hook.body)))


def post(url: str, body: bytes, *, method: str = "POST") -> int:
    """Sends one request; the status of its answer, 0 where there is none."""
    target = urlsplit(url)
    connection = HTTPConnection(target.hostname or "", target.port, timeout=10)
    try:
        connection.request(method, target.path, body, {"content-type": "application/json"})
        response = connection.getresponse()
        response.read()
        return response.status
    except OSError:
        return 0
    finally:
        connection.close()
