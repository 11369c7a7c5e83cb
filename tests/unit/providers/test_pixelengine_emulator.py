"""The emulated Pixel Engine is as strict as its reference."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.emulator import Emulator, ManualClock, pictures
from tests.emulator.client import Answer, Client
from tests.emulator.pixelengine import KEY, OTHER_KEY, PixelEngine
from tests.emulator.pixelengine_world import HOLD_SECONDS, LINK_SECONDS

PICTURE = base64.b64encode(pictures.png(pictures.figure("one", (32, 32)))).decode()
OTHER = base64.b64encode(pictures.png(pictures.figure("one", (32, 40)))).decode()
BIG = base64.b64encode(pictures.png(pictures.figure("one", (260, 260)))).decode()
ANIMATE: dict[str, Any] = {"image": PICTURE, "prompt": "walks"}
KEYFRAMES: dict[str, Any] = {
    "prompt": "walks",
    "render_mode": "pixel",
    "total_frames": 5,
    "frames": [{"index": 0, "image": PICTURE}],
}
RETAKE: dict[str, Any] = {
    "prompt": "walks",
    "render_mode": "pixel",
    "image": PICTURE,
    "retake_region": {"start_frame": 0, "end_frame": 1},
}


class Place:
    """The emulator, its clock and a client."""

    def __init__(self, emulator: Emulator[PixelEngine], clock: ManualClock) -> None:
        self.emulator = emulator
        self.clock = clock
        self.client = Client(emulator.url, KEY)

    def job(self, job: str) -> Any:
        return self.client.get(f"/jobs?id={job}").json

    def started(self, **more: Any) -> str:
        answer = self.client.post("/animate", {**ANIMATE, **more})
        assert answer.status == 200, answer.body
        return str(answer.json["api_job_id"])


@pytest.fixture
def place() -> Iterator[Place]:
    clock = ManualClock()
    with Emulator(PixelEngine(job_seconds=60), clock=clock) as emulator:
        yield Place(emulator, clock)


def said(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["error"]["code"]


def frame(**more: Any) -> dict[str, Any]:
    return {**KEYFRAMES, "frames": [{"index": 0, "image": PICTURE, **more}]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/animate", {"image": PICTURE}),
        ("/animate", ANIMATE | {"prompt": " "}),
        ("/animate", ANIMATE | {"output_frames": 7}),
        ("/animate", ANIMATE | {"output_frames": 18}),
        ("/animate", ANIMATE | {"seed": 0}),
        ("/animate", ANIMATE | {"seed": 10_000_000_000}),
        ("/animate", ANIMATE | {"image": BIG}),
        ("/animate", ANIMATE | {"image": "%%"}),
        ("/animate", ANIMATE | {"pixel_config": {}}),
        ("/animate", ANIMATE | {"pixel_config": {"colors": 4, "palette": ["#000000"]}}),
        ("/animate", ANIMATE | {"model": "frame-engine-v1.1"}),
        ("/animate", ANIMATE | {"image": BIG, "model": "frame-engine-v1.1", "pixel_config": {"colors": 4}}),
        ("/animate", ANIMATE | {"matte_color": "red"}),
        ("/animate", ANIMATE | {"output_format": "png"}),
        ("/animate", ANIMATE | {"frames": 3}),
        ("/keyframes", KEYFRAMES | {"total_frames": 2}),
        ("/keyframes", KEYFRAMES | {"render_mode": "soft"}),
        ("/keyframes", KEYFRAMES | {"frames": []}),
        ("/keyframes", frame(index=5)),
        ("/keyframes", frame(strength=1.1)),
        ("/keyframes", frame(image_url="https://example.com/a.png")),
        ("/keyframes", KEYFRAMES | {"frames": [{"index": 1, "image": PICTURE}] * 2}),
        ("/keyframes", KEYFRAMES | {"frames": [{"index": 0, "image": PICTURE}, {"index": 1, "image": OTHER}]}),
        ("/retake", RETAKE),
        ("/retake", RETAKE | {"retake_region": {"start_frame": 2, "end_frame": 1}}),
    ],
)
def test_what_is_not_taken_costs_nothing(place: Place, path: str, body: dict[str, Any]) -> None:
    assert said(place.client.post(path, body)) == (400, "invalid_request")
    assert not place.emulator.ledger.charges


def test_keys_come_first(place: Place) -> None:
    for key in ("", "pe_sk_wrong"):
        assert said(Client(place.emulator.url, key).post("/animate", {})) == (401, "unauthorized")
    assert said(place.client.get("/animate")) == (405, "method_not_allowed")


def test_a_job_holds_its_price_and_captures_it(place: Place) -> None:
    job = place.started(matte_color="00ff00")
    assert place.client.get("/balance").json["available"] == 1680
    queued = place.job(job)
    assert (queued["status"], queued["output"]) == ("queued", None)
    assert queued["billing"] == {"credits_held": 20, "credits_charged": 0, "hold_status": "open"}
    assert "seed" not in queued["inputs"]
    assert "image" not in queued["inputs"]
    place.clock.advance(60)
    done = place.job(job)
    assert done["billing"]["hold_status"] == "captured"
    assert place.client.get("/balance").json == {
        "monthly_balance": 1180,
        "purchased_balance": 500,
        "total_balance": 1680,
        "reserved": 0,
        "available": 1680,
    }


def test_links_are_new_each_time_and_end(place: Place) -> None:
    job = place.started()
    place.clock.advance(60)
    one, two = (place.job(job)["output"]["url"] for _ in range(2))
    assert one != two
    assert place.client.get(two).status == 200
    place.clock.advance(LINK_SECONDS)
    assert place.client.get(two).status == 400
    assert place.client.get(place.job(job)["output"]["url"]).status == 200


def test_cancelling(place: Place) -> None:
    job = place.started()
    other = Client(place.emulator.url, OTHER_KEY)
    assert said(other.post("/cancel", {"api_job_id": job})) == (404, "job_not_found")
    assert place.client.post("/cancel", {"api_job_id": job}).json["status"] == "cancelled"
    assert said(place.client.post("/cancel", {"api_job_id": job})) == (409, "invalid_request")
    assert place.job(job)["error"]["code"] == "job_cancelled"
    assert place.emulator.ledger.total("credits") == 0


def test_a_hold_ends_after_ten_minutes() -> None:
    clock = ManualClock()
    with Emulator(PixelEngine(job_seconds=3600), clock=clock) as emulator:
        place = Place(emulator, clock)
        job = place.started()
        clock.advance(HOLD_SECONDS)
        assert place.job(job)["billing"]["hold_status"] == "expired"
        assert emulator.ledger.total("credits") == 0


def test_a_retake_beyond_the_clip_fails_as_a_job(place: Place) -> None:
    place.started(output_format="gif")
    place.clock.advance(60)
    (job,) = place.emulator.personality.world.jobs
    clip = place.client.get(place.job(job)["output"]["url"]).body
    body = RETAKE | {"image": base64.b64encode(clip).decode(), "retake_region": {"start_frame": 2, "end_frame": 30}}
    retaken = place.client.post("/retake", body).json["api_job_id"]
    place.clock.advance(60)
    assert place.job(retaken)["status"] == "failure"
    assert place.emulator.ledger.total("credits") == 20


# clean-up and words: free


def pixelated(place: Place, **more: Any) -> str:
    answer = place.client.post("/pixelate", {"image": PICTURE, **more})
    assert answer.status == 200, answer.body
    return str(answer.json["api_job_id"])


def test_a_clean_up_is_a_job_that_holds_nothing(place: Place) -> None:
    large = np.repeat(np.repeat(pictures.figure("one", (20, 16), share=60), 5, axis=0), 5, axis=1)
    job = pixelated(place, image=base64.b64encode(pictures.png(large)).decode(), colors=8)
    assert place.client.get("/balance").json["reserved"] == 0
    assert place.job(job)["billing"] is None
    place.clock.advance(61)
    record = place.job(job)
    assert record["status"] == "success"
    # The picture comes at the size of its grid.
    assert record["output"]["metadata"] == {"width": 20, "height": 16}
    assert record["inputs"] == {"colors": 8}
    assert place.emulator.ledger.total("credits") == 0


@pytest.mark.parametrize(
    "more",
    [
        {"colors": 1},
        {"colors": 257},
        {"palette": ["red"]},
        {"colors": 8, "palette": ["#ff0000"]},
        {"prompt": "clean"},
        {"image": base64.b64encode(pictures.png(pictures.figure("one", (20, 41)))).decode()},
        {"image": base64.b64encode(pictures.png(np.zeros((1100, 2049, 4), np.uint8))).decode()},
    ],
)
def test_limits_of_a_clean_up(place: Place, more: dict[str, Any]) -> None:
    assert said(place.client.post("/pixelate", {"image": PICTURE, **more})) == (400, "invalid_request")


def test_words_are_rewritten_at_once(place: Place) -> None:
    answer = place.client.post("/enhance-prompt", {"prompt": "dash", "image": PICTURE})
    assert "dash" in answer.json["enhanced_prompt"]
    assert place.emulator.ledger.total("credits") == 0


@pytest.mark.parametrize(
    "body",
    [{}, {"prompt": ""}, {"prompt": "x" * 2001}, {"prompt": "x", "model": "none"}, {"prompt": "x", "image": BIG}],
)
def test_limits_of_words(place: Place, body: dict[str, Any]) -> None:
    assert said(place.client.post("/enhance-prompt", body)) == (400, "invalid_request")
