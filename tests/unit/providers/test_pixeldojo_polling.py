"""Many jobs are looked after with few requests: those that wait for their turn share one list."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from bridge.http.outcome import Answer, TransportError
from bridge.providers.api import Step
from bridge.providers.paid import Finished, Running, Status
from tests.unit.providers.pixeldojo_samples import DOJO

IMAGE = Step("image/1", "pixeldojo", "image.create", {"model": "pixel-image", "request": {}, "seeded": False})
URL = "https://temp.example.com/a.png"


class Slow:
    """A service whose every answer takes a turn of the loop; `jobs` are states by id."""

    def __init__(self, jobs: Mapping[str, str], trouble: TransportError | None = None) -> None:
        self.jobs, self.trouble = jobs, trouble
        self.asked: list[str] = []

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        self.asked.append(path)
        await asyncio.sleep(0)
        if path == "/jobs":
            assert params == {"limit": 100}
            if self.trouble is not None:
                raise self.trouble
            return _answer({"jobs": [{"jobId": job, "status": word} for job, word in self.jobs.items()]})
        job = path.rpartition("/")[2]
        return _answer({"jobId": job, "status": self.jobs[job], "output": {"image": URL}})

    async def download(self, url: str, *, most: int = 0) -> Answer:
        raise AssertionError(url)


def _answer(document: Any) -> Answer:
    return Answer(200, {}, json.dumps(document).encode())


def looked_at(line: Slow) -> list[Status | BaseException]:
    """All jobs at the same time."""

    async def all_of() -> list[Status | BaseException]:
        return await asyncio.gather(
            *(DOJO.check(line, IMAGE, {"job": job}) for job in line.jobs), return_exceptions=True
        )

    return asyncio.run(all_of())


def test_one_job_is_looked_up_by_its_id() -> None:
    line = Slow({"a": "processing"})
    assert looked_at(line) == [Running()]
    assert line.asked == ["/jobs/a"]


def test_many_that_run_cost_one_list() -> None:
    line = Slow({f"job_{number}": "processing" for number in range(40)})
    assert looked_at(line) == [Running()] * 40
    assert line.asked in (["/jobs"], ["/jobs/job_0", "/jobs"])


def test_what_is_done_is_looked_up_by_itself() -> None:
    line = Slow({"a": "processing", "b": "completed", "c": "processing", "d": "completed"})
    found = looked_at(line)
    assert [isinstance(status, Finished) for status in found] == [False, True, False, True]
    assert [path for path in line.asked if path == "/jobs"] == ["/jobs"]
    assert {"/jobs/b", "/jobs/d"} <= set(line.asked)
    assert "/jobs/c" not in line.asked


def test_a_list_that_is_not_there_is_done_without() -> None:
    line = Slow({"a": "processing", "b": "completed"}, TransportError("refused", "no such route", status=404))
    first, second = looked_at(line)
    assert first == Running()
    assert isinstance(second, Finished)


@pytest.mark.parametrize("kind", ["interrupted", "server"])
def test_a_service_that_is_away_is_asked_again_later(kind: Any) -> None:
    line = Slow({"a": "processing", "b": "processing", "c": "processing"}, TransportError(kind, "away"))
    troubled = [status for status in looked_at(line) if isinstance(status, TransportError)]
    assert troubled
    assert all(error.is_temporary for error in troubled)
