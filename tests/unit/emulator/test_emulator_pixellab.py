"""The emulated PixelLab: keys, limits, money, refusals, and the routes that answer at once."""

from __future__ import annotations

import io
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.emulator import KEY, OTHER_KEY, Variant
from tests.emulator.client import Client
from tests.emulator.lab import Lab
from tests.emulator.pixellab_variant import Encoding


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as running:
        yield running


def sent(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> dict[str, str]:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return {"type": "base64", "base64": b64encode(buffer.getvalue()).decode()}


def shown(image: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.array(Image.open(io.BytesIO(b64decode(image["base64"].rpartition(",")[2]))).convert("RGBA"))


PICTURE = {"description": "a coin", "image_size": {"width": 48, "height": 32}}
KNIGHT = {"description": "a knight", "image_size": {"width": 64, "height": 64}}


def test_a_key_is_needed(lab: Lab) -> None:
    for key in ("", "wrong"):
        answer = lab.client_of(key).get("/balance")
        assert (answer.status, answer.json) == (401, {"detail": "Invalid API token"})
    assert [row.key_ok for row in lab.emulator.ledger.rows] == [False, False]


def test_unknown_routes_and_verbs(lab: Lab) -> None:
    assert lab.client.get("/nothing").status == 404
    assert lab.client.get("/create-tileset").status == 405


def test_pictures_depend_on_the_request_and_nothing_else(lab: Lab) -> None:
    first, again, other = (
        lab.client.post("/create-image-pixflux", PICTURE | {"seed": seed}).json["image"] for seed in (1, 1, 2)
    )
    assert first == again != other
    assert shown(first).shape == (32, 48, 4)
    assert shown(first)[..., 3].min() == 255
    clear = lab.client.post("/create-image-pixflux", PICTURE | {"no_background": True}).json["image"]
    assert shown(clear)[..., 3].min() == 0


@pytest.mark.parametrize("encoding", ["bare", "data_url", "rgba", "rgba_unsized"])
def test_pictures_travel_in_four_ways(encoding: Encoding) -> None:
    with Lab(Variant(encoding=encoding)) as lab:
        image = lab.client.post("/create-image-pixflux", PICTURE).json["image"]
        if encoding in ("bare", "data_url"):
            assert image["base64"].startswith("data:image/png;base64,") == (encoding == "data_url")
            assert shown(image).shape == (32, 48, 4)
        else:
            assert len(b64decode(image["base64"])) == 32 * 48 * 4
            assert image.get("width") == (48 if encoding == "rgba" else None)


def test_refusals_come_as_a_list_or_as_text_and_are_free(lab: Lab) -> None:
    wrong = {"description": "x", "image_size": {"width": 8, "height": 32}, "colour": 1, "outline": "thin"}
    answer = lab.client.post("/create-image-pixflux", wrong)
    found = {(item["type"], *item["loc"]): item.get("ctx") for item in answer.json["detail"]}
    assert answer.status == 422
    assert found.keys() == {
        ("greater_than_equal", "body", "image_size", "width"),
        ("extra_forbidden", "body", "colour"),
        ("literal_error", "body", "outline"),
    }
    assert found["greater_than_equal", "body", "image_size", "width"] == {"ge": 16}
    tiny = lab.client.post("/create-image-pixflux", {"description": "x", "image_size": {"width": 16, "height": 16}})
    assert (tiny.status, tiny.json) == (422, {"detail": "Canvas must be size 32x32 area or larger"})
    text = lab.client.send("POST", "/create-image-pixflux", b"{", {"content-type": "application/json"})
    assert text.json["detail"][0]["type"] == "json_invalid"
    assert not lab.emulator.ledger.charges


def test_credits_run_out() -> None:
    with Lab(unit="usd", credits=0.01) as lab:
        assert lab.client.post("/create-image-pixflux", PICTURE).json["usage"]["usd"] == 0.0079
        assert lab.client.post("/create-image-pixflux", PICTURE).status == 402
        assert lab.client.get("/balance").json["credits"] == {"type": "usd", "usd": 0.0021}
        assert lab.emulator.ledger.total("usd") == 0.0079


def test_the_balance_has_two_shapes_and_may_lag() -> None:
    with Lab(Variant(balance_lag=5.0), credits=10) as lab:
        assert lab.client.post("/create-image-pixflux", PICTURE).status == 200
        assert lab.client.get("/balance").json["subscription"]["generations"] == 10
        lab.clock.advance(6)
        assert lab.client.get("/balance").json["subscription"]["generations"] == 9
        old = Client(lab.emulator.origin, KEY)
        assert old.get("/v1/balance").json == {"type": "usd", "usd": 0.0}
        assert old.post("/v1/generate-image-pixflux", PICTURE).status == 200


def test_too_many_requests_a_minute() -> None:
    with Lab(per_minute=2, retry_after="9") as lab:
        answers = [lab.client.get("/balance") for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert answers[2].headers["retry-after"] == "9"
        assert lab.emulator.personality.throttled == {"rate": 1, "concurrency": 0}
        assert lab.client_of(OTHER_KEY).get("/balance").status == 200
        lab.clock.advance(60)
        assert lab.client.get("/balance").status == 200


def test_too_many_jobs_at_once() -> None:
    with Lab(max_jobs=1) as lab:
        statuses = [lab.client.post("/create-character-with-4-directions", KNIGHT).status for _ in range(2)]
        lab.clock.advance(10)
        statuses.append(lab.client.post("/create-character-with-4-directions", KNIGHT).status)
        assert statuses == [200, 429, 200]
        assert lab.emulator.personality.throttled["concurrency"] == 1
        assert len(lab.emulator.ledger.charges) == 2


def test_inpainting_changes_what_the_mask_shows(lab: Lab) -> None:
    before = np.full((32, 32, 4), 255, np.uint8)
    mask = np.zeros((32, 32, 4), np.uint8)
    mask[..., 3] = 255
    mask[:, 16:] = 255
    body = PICTURE | {"image_size": {"width": 32, "height": 32}, "inpainting_image": sent(before)}
    after = shown(lab.client.post("/inpaint", body | {"mask_image": sent(mask)}).json["image"])
    assert (after[:, :16] == 255).all()
    assert (after[:, 16:] != 255).any()
    assert lab.client.post("/inpaint", body | {"mask_image": sent(mask[:16])}).status == 422


def test_animations_have_the_frames_the_routes_always_give(lab: Lab) -> None:
    reference = {"reference_image": sent(np.zeros((64, 64, 4), np.uint8)), "image_size": {"width": 64, "height": 64}}
    text = lab.client.post("/animate-with-text", reference | {"description": "a", "action": "walk", "n_frames": 8})
    assert len({image["base64"] for image in text.json["images"]}) == 4
    joints = lab.client.post("/estimate-skeleton", {"image": reference["reference_image"]}).json["keypoints"]
    assert len({joint["label"] for joint in joints}) == 18
    skeleton = {"guidance_scale": 4.0} | reference
    answers = [
        lab.client.post("/animate-with-skeleton", skeleton | {"skeleton_keypoints": [joints] * count})
        for count in (2, 3)
    ]
    assert [answer.status for answer in answers] == [422, 200]
    assert len({image["base64"] for image in answers[1].json["images"]}) == 3


@pytest.mark.parametrize(("route", "count"), [("/animate-with-text", 4), ("/animate-with-skeleton", 3)])
def test_a_frame_in_a_slot_stays_as_its_mask_says(lab: Lab, route: str, count: int) -> None:
    reference = {"reference_image": sent(np.zeros((64, 64, 4), np.uint8)), "image_size": {"width": 64, "height": 64}}
    joints = [{"x": 0.5, "y": 0.5, "label": "NOSE"}]
    words = {"description": "a", "action": "walk"} if count == 4 else {"skeleton_keypoints": [joints] * 3}
    kept = np.full((64, 64, 4), 255, np.uint8)
    mask = np.zeros((64, 64, 4), np.uint8)
    mask[..., 3] = 255
    mask[:, 32:] = 255
    slots = [sent(kept), sent(kept), *[None] * (count - 2)]
    body = reference | words | {"inpainting_images": slots, "mask_images": [None, sent(mask), *[None] * (count - 2)]}
    first, second, *others = (shown(image) for image in lab.client.post(route, body).json["images"])
    assert np.array_equal(first, kept)
    assert np.array_equal(second[:, :32], kept[:, :32])
    assert not np.array_equal(second[:, 32:], kept[:, 32:])
    assert all(not np.array_equal(other, kept) for other in others)
    small = sent(np.zeros((32, 32, 4), np.uint8))
    assert lab.client.post(route, body | {"inpainting_images": [small, *[None] * (count - 1)]}).status == 422


def test_colours_can_be_forced(lab: Lab) -> None:
    two = np.zeros((1, 2, 4), np.uint8)
    two[0] = [(255, 0, 0, 255), (0, 0, 255, 255)]
    drawn = shown(lab.client.post("/create-image-bitforge", PICTURE | {"color_image": sent(two)}).json["image"])
    assert {tuple(colour) for colour in drawn.reshape(-1, 4).tolist()} == {(255, 0, 0, 255), (0, 0, 255, 255)}


def test_rotating_needs_a_picture(lab: Lab) -> None:
    body = {"image_size": {"width": 32, "height": 32}, "to_direction": "north"}
    assert lab.client.post("/rotate", body | {"from_image": {"base64": "AAAA"}}).status == 422
    good = body | {"from_image": sent(np.zeros((32, 32, 4), np.uint8))}
    assert shown(lab.client.post("/rotate", good).json["image"]).shape == (32, 32, 4)
