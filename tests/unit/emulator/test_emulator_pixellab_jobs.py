"""Background jobs of the emulated PixelLab: characters, animations, their ZIP, and how jobs go wrong."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from tests.emulator import OBSERVED, OTHER_KEY, Variant, Words, ZipStyle, faults
from tests.emulator.client import Client
from tests.emulator.lab import Lab

KNIGHT = {"description": "a knight", "image_size": {"width": 48, "height": 48}}
FOUR = "/create-character-with-4-directions"


def character(lab: Lab) -> dict[str, Any]:
    made: dict[str, Any] = lab.finished(FOUR, KNIGHT)
    return made


def animated(lab: Lab, character_id: str, **more: object) -> dict[str, Any]:
    body = {"character_id": character_id, "template_animation_id": "walking-8-frames", **more}
    made: dict[str, Any] = lab.finished("/animate-character", body)
    return made


def job(lab: Lab, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = lab.client.get(f"/background-jobs/{job_id}").json
    return found


def zip_of(lab: Lab, character_id: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(lab.client.get(f"/characters/{character_id}/zip").body))


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as running:
        yield running


def test_a_character_appears_when_its_job_is_done(lab: Lab) -> None:
    made = lab.client.post("/create-character-with-8-directions", KNIGHT).json
    assert made["usage"] is None
    assert job(lab, made["background_job_id"])["status"] == "processing"
    assert lab.client.get(f"/characters/{made['character_id']}").json["rotation_urls"] is None
    assert lab.client.get(f"/characters/{made['character_id']}/zip").status == 423
    lab.clock.advance(10)
    found = job(lab, made["background_job_id"])
    assert (found["status"], found["usage"]["generations"]) == ("completed", 1)
    assert len(found["last_response"]["uploaded_directions"]) == 8
    urls = lab.client.get(f"/characters/{made['character_id']}").json["rotation_urls"]
    pictures = {lab.client_of().get(url).body for url in urls.values()}
    assert len(pictures) == 8
    assert {Image.open(io.BytesIO(data)).size for data in pictures} == {(48, 48)}


def test_a_picture_may_be_a_job() -> None:
    body = {"description": "a coin", "image_size": {"width": 48, "height": 32}}
    with Lab(OBSERVED) as lab:
        accepted = lab.client.post("/create-image-pixflux-background", body)
        assert accepted.status == 202
        assert set(accepted.json) == {"background_job_id", "status", "usage"}
        number = accepted.json["background_job_id"]
        assert lab.emulator.ledger.charges[-1].remote_id == number
        assert "image" not in (job(lab, number)["last_response"] or {})
        lab.clock.advance(10)
        done = job(lab, number)
        assert done["last_response"]["image"] == lab.client.post("/create-image-pixflux", body).json["image"]
        assert done["usage"]["generations"] == 1
        assert (
            lab.client.post(
                "/create-image-pixflux-background", {**body, "image_size": {"width": 16, "height": 16}}
            ).status
            == 422
        )
    for variant, status in ((Variant(), 404), (replace(OBSERVED, background="forbidden"), 403)):
        with Lab(variant) as lab:
            assert lab.client.post("/create-image-pixflux-background", body).status == status
            assert not lab.emulator.ledger.charges


def test_objects_are_listed_and_shown() -> None:
    with Lab(OBSERVED) as lab:
        body = {"description": "barrel", "image_size": {"width": 64, "height": 48}}
        made = lab.client.post("/map-objects", body).json
        path = f"/objects/{made['object_id']}"
        assert lab.client.get(path).json["rotation_urls"] == {}
        lab.clock.advance(10)
        [url] = lab.client.get(path).json["rotation_urls"].values()
        assert Image.open(io.BytesIO(lab.client_of().get(url).body)).size == (64, 48)
        [row] = lab.client.get("/objects").json["objects"]
        assert (row["id"], row["directions"], row["status"]) == (made["object_id"], 1, "completed")
        assert lab.client_of(OTHER_KEY).get(path).status == 403
        assert lab.client.get("/objects/none").status == 404
        for route, key in (("tilesets-sidescroller", "tilesets"), ("tiles-pro", "tiles"), ("ui-assets", "ui_assets")):
            assert lab.client.get(f"/{route}").json == {key: [], "total": 0, "usage": None}
    with Lab() as lab:
        assert lab.client.get("/objects").status == 404


def test_storage_wants_to_know_who_asks(lab: Lab) -> None:
    url = lab.client.get(f"/characters/{character(lab)['character_id']}").json["preview_url"]
    agents = ["", "Python-urllib/3.11", "python-httpx/0.28.1", "assetbridge/1.0"]
    assert [Client("", agent=agent).get(url).status for agent in agents] == [403, 403, 403, 200]


def test_an_animation_is_one_job_and_one_price_per_direction(lab: Lab) -> None:
    figure = character(lab)["character_id"]
    made = animated(lab, figure, directions=["east", "south"], animation_name="march")
    assert made["directions"] == ["east", "south"]
    assert len(set(made["background_job_ids"])) == 2
    assert lab.emulator.ledger.charges[-1].amount == 2
    (entry,) = lab.client.get(f"/characters/{figure}").json["animations"]
    assert (entry["animation_type"], entry["display_name"]) == ("walking-8-frames", "march")
    assert [part["frame_count"] for part in entry["directions"]] == [8, 8]
    frames = [url for part in entry["directions"] for url in part["frames"]]
    assert len({lab.client.get(url).body for url in frames}) == 16


def test_animations_are_refused_for_free(lab: Lab) -> None:
    figure = character(lab)["character_id"]
    body = {"character_id": figure, "template_animation_id": "walking-8-frames"}
    wrong = [
        body | {"template_animation_id": "bark"},
        body | {"directions": ["north-east"]},
        body | {"character_id": "x"},
    ]
    assert [lab.client.post("/characters/animations", each).status for each in wrong] == [422, 400, 404]
    assert lab.client_of(OTHER_KEY).post("/characters/animations", body).status == 403
    assert len(lab.emulator.ledger.charges) == 1


def test_directions_fail_alone_and_are_refunded(lab: Lab) -> None:
    figure = character(lab)["character_id"]
    lab.emulator.faults.on("POST /animate-character", faults.job_failed("east"))
    made = animated(lab, figure)
    states = {
        name: job(lab, each)["status"]
        for name, each in zip(made["directions"], made["background_job_ids"], strict=True)
    }
    assert states == {"south": "completed", "west": "completed", "east": "failed", "north": "completed"}
    assert "animations/walking-8-frames/east/frame_000.png" not in zip_of(lab, figure).namelist()
    assert lab.emulator.ledger.total("generations") == 1 + 4 - 1


@pytest.mark.parametrize("place", ["error", "detail", "message", "top"])
def test_failed_jobs_say_why_in_different_places(place: Any) -> None:
    with Lab(Variant(error_key=place, refunds=False, words=Words(failed="error"))) as lab:
        lab.emulator.faults.at(0, faults.job_failed())
        found = job(lab, character(lab)["background_job_id"])
        assert found["status"] == "error"
        assert (
            "internal error"
            in (found if place == "top" else found["last_response"])["error" if place == "top" else place]
        )
        assert lab.emulator.ledger.total("generations") == 1


def test_jobs_get_stuck_expire_lag_and_speak_in_tongues(lab: Lab) -> None:
    fates = [
        faults.job_stuck(),
        faults.result_expired(),
        faults.status_lag(),
        faults.unknown_status_word(),
        faults.status_backwards(),
    ]
    for number, fault in enumerate(fates):
        lab.emulator.faults.at(number, fault)
    stuck, expired, lag, unknown, backwards = (lab.client.post(FOUR, KNIGHT).json["background_job_id"] for _ in fates)
    lab.clock.advance(9)
    assert job(lab, unknown)["status"] == "quantizing"
    assert "queue_position" in job(lab, backwards)["last_response"]
    lab.clock.advance(1)
    assert job(lab, stuck)["last_response"]["progress"] == 0.97
    assert lab.client.get(f"/background-jobs/{expired}").status == 404
    assert job(lab, lag)["status"] == "processing"
    assert job(lab, lag)["last_response"]["type"] == "message_done"
    assert job(lab, unknown)["status"] == job(lab, backwards)["status"] == "completed"
    lab.clock.advance(10)
    assert job(lab, lag)["status"] == "completed"
    assert job(lab, stuck)["status"] == "processing"


def test_jobs_and_characters_belong_to_a_key(lab: Lab) -> None:
    made = character(lab)
    other = lab.client_of(OTHER_KEY)
    assert other.get(f"/background-jobs/{made['background_job_id']}").status == 404
    assert other.get(f"/characters/{made['character_id']}").status == 403
    assert other.get("/characters").json["total"] == 0


def test_lists_have_pages(lab: Lab) -> None:
    made = [character(lab)["character_id"] for _ in range(3)]
    answer = lab.client.get("/characters?limit=2&offset=1").json
    assert answer["total"] == 3
    assert [character["id"] for character in answer["characters"]] == [made[1], made[0]]
    assert lab.client.get("/characters?limit=101").status == 422


def test_the_zip_says_what_is_in_it(lab: Lab) -> None:
    figure = character(lab)["character_id"]
    animated(lab, figure, directions=["south"])
    archive = zip_of(lab, figure)
    metadata = json.loads(archive.read("metadata.json"))
    listed = metadata["frames"]["animations"]["walking-8-frames"]["south"]
    assert set(listed) | set(metadata["frames"]["rotations"].values()) | {"metadata.json"} == set(archive.namelist())
    assert metadata["export_version"] == "2.0"
    assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize(
    ("style", "folder"),
    [
        (ZipStyle(keys="named"), "animations/My_walk-"),
        (ZipStyle(keys="uuid"), "animations/animation-"),
        (ZipStyle(folder="knight/"), "knight/animations/walking-8-frames/"),
        (ZipStyle(split=True), "animations/walking-8-frames-south/"),
    ],
)
def test_zips_name_their_folders_in_many_ways(style: ZipStyle, folder: str) -> None:
    with Lab(Variant(zip=replace(style, repeats=True, missing=frozenset({"north"})))) as lab:
        figure = character(lab)["character_id"]
        animated(lab, figure, directions=["south", "north"], animation_name="My walk")
        archive = zip_of(lab, figure)
        frames = [name for name in archive.namelist() if "animations/" in name]
        assert len(frames) == 8
        assert all(name.startswith(folder) for name in frames)
        animations = json.loads(archive.read(f"{style.folder}metadata.json"))["frames"]["animations"]
        assert [len(paths) for directions in animations.values() for paths in directions.values()] == [16]


def test_sizes_of_2026_grow() -> None:
    with Lab(OBSERVED) as lab:
        figure = character(lab)["character_id"]
        animated(lab, figure, directions=["south"])
        shown = lab.client.get(f"/characters/{figure}").json
        assert shown["size"] == {"width": 68, "height": 68}
        (url,) = {url for url in shown["rotation_urls"].values() if url and "south" in url}
        frame = shown["animations"][0]["directions"][0]["frames"][0]
        sizes = [Image.open(io.BytesIO(lab.client.get(each).body)).size for each in (url, frame)]
        assert sizes == [(68, 68), (76, 76)]
        assert lab.client.post(FOUR, KNIGHT | {"image_size": {"width": 200, "height": 200}}).status == 422
