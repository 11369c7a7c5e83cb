"""Cancelling a job at a provider that can be told: it stops there; what it had finished already is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bridge.media.images import encode_png
from bridge.providers.pixelengine import PixelEngineProvider
from tests.emulator import Emulator, faults
from tests.emulator.pictures import figure
from tests.emulator.pixelengine import KEY, PixelEngine
from tests.paid.conftest import Paid, documents

CLIP = 'kind = "animation"\nprovider = "pixelengine"\nsource = "art/knight.png"\naction = "waves"\nframes = 4\n'


@pytest.fixture
def engine(paid: Paid, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator[PixelEngine]]:
    monkeypatch.setenv("PIXELENGINE_API_KEY", KEY)
    monkeypatch.setattr(PixelEngineProvider, "limits", replace(PixelEngineProvider.limits, patience=0.0))
    with Emulator(PixelEngine(job_seconds=60.0)) as running:
        settings = f'[providers.pixelengine]\nbase_url = "{running.url}"\n'
        paid.write("assetbridge.toml", (paid.root / "assetbridge.toml").read_text() + settings)
        paid.write("art/knight.png", encode_png(figure("knight", (32, 32), share=70)))
        paid.spec("art/wave", CLIP)
        yield running


def ordered(paid: Paid) -> int:
    """The number of a job that runs there, and that nobody waits for."""
    assert paid.built("--yes", expect=1)["art/wave"]["error"]["code"] == "still_running"
    (job,) = paid.jobs()
    assert job["state"] == "running"
    return int(job["id"])


def test_it_stops_there(paid: Paid, engine: Emulator[PixelEngine]) -> None:
    number = ordered(paid)
    answer = paid.run("jobs", "cancel", str(number))
    assert "has stopped it" in answer.out
    (job,) = paid.jobs()
    assert job["state"] == "cancelled"
    assert engine.ledger.total("credits") == 0
    assert [row["charged"] for row in paid.run("spend", "--json").json["rows"]] == ["0"]
    assert paid.run("jobs", "cancel", str(number), expect=2).err


def test_what_has_finished_meanwhile_is_kept(paid: Paid, engine: Emulator[PixelEngine]) -> None:
    number = ordered(paid)
    for job in engine.personality.world.jobs.values():
        job.seconds = 0.0
    answer = paid.run("jobs", "cancel", str(number), expect=2)
    assert "has finished" in answer.err
    assert paid.built()["art/wave"]["state"] == "ready"
    assert len(engine.ledger.charges) == 1


@pytest.mark.parametrize("route", ["POST /cancel", "GET /jobs"])
def test_one_that_cannot_be_asked_is_cancelled_here(paid: Paid, engine: Emulator[PixelEngine], route: str) -> None:
    number = ordered(paid)
    engine.faults.on(route, faults.status(400, "no"))
    answer = paid.run("jobs", "cancel", str(number))
    assert "cannot be told" in answer.out
    assert paid.jobs()[0]["state"] == "cancelled"


@pytest.mark.usefixtures("engine")
def test_the_document_says_what_came_of_it(paid: Paid) -> None:
    number = ordered(paid)
    (document,) = documents(paid.run("jobs", "cancel", str(number), "--json").out)
    assert document["job"]["state"] == "cancelled"
    assert "stopped" in document["job"]["error"]["message"]


def test_one_stopped_there_while_a_build_waits_is_not_tried_again(paid: Paid, engine: Emulator[PixelEngine]) -> None:
    ordered(paid)
    paid.spec("art/wave", CLIP + "retries = 2\n")
    (job,) = engine.personality.world.jobs.values()
    job.cancelled = engine.now
    result = paid.built("--yes", expect=1)["art/wave"]
    assert result["error"]["code"] == "interrupted"
    (kept,) = paid.jobs()
    assert kept["state"] == "cancelled"
    assert "stopped" in kept["error"]["message"]
    assert len(engine.personality.world.jobs) == 1
