"""PixelLab: what its answers hold: results, ids, states, refusals, lists, balances."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bridge.core.errors import CODES
from bridge.http.outcome import Answer, Outcome, TransportError
from bridge.providers.api import Step, StepResult
from bridge.providers.paid import (
    Broken,
    Charge,
    DamagedResultError,
    Delivered,
    Finished,
    Gone,
    LostOrder,
    Remote,
    Running,
)
from bridge.providers.pixellab.character import mark_of, remote_name
from tests.unit.providers.pixellab_samples import (
    LAB,
    SPECS,
    Line,
    answer,
    body,
    by_key,
    image,
    locked,
    opened,
    png,
    ran,
    steps,
)

SPRITE = steps(SPECS["sprite"])[0]
EDIT = steps(SPECS["edit"])[0]
BASE = by_key(SPECS["character"])["base"]
CLIP = by_key(SPECS["character"])["clip/walk/south_east"]
SET = steps(SPECS["tileset"])[0]
TILE = steps(SPECS["isometric_tiles"])[0]
TEXT = steps(SPECS["animation"])[0]
SKELETON = steps(SPECS["skeleton"])[0]
ESTIMATE = steps(SPECS["estimate"])[0]
USAGE = {"type": "generations", "usd": None, "generations": 1}


def accepted(step: Step, document: Any, request: Any = None, status: int = 200) -> Any:
    found = answer(document, status)
    sent = b"" if request is None else answer(request).body
    return LAB.accepted(step, Answer(found.status, {}, found.body, sent))


# accepting


def test_pictures_are_delivered_at_once() -> None:
    data = png(48, 32)
    found = accepted(SPRITE, {"image": image(data), "usage": USAGE})
    assert isinstance(found, Delivered)
    assert [file.data for file in found.result.files] == [data]
    assert found.charge == Charge("generations", Decimal(1))


def test_raw_pixels_take_their_size_from_the_request() -> None:
    raw = opened(png(48, 32)).tobytes()
    found = accepted(SPRITE, {"image": image(raw)}, body(SPRITE))
    assert isinstance(found, Delivered)
    assert opened(found.result.files[0].data).shape == (32, 48, 4)
    assert found.charge is None


def test_an_envelope_is_opened() -> None:
    found = accepted(SPRITE, {"success": True, "data": {"image": image(png(48, 32))}, "error": None})
    assert isinstance(found, Delivered)


def test_frames() -> None:
    frames = [image(png(64, 64, number)) for number in range(4)]
    found = accepted(TEXT, {"images": frames, "usage": {"type": "usd", "usd": 0.0157}})
    assert isinstance(found, Delivered)
    assert [file.name for file in found.result.files] == [f"frame_00{number}.png" for number in range(4)]
    assert found.charge == Charge("usd", Decimal("0.0157"))
    with pytest.raises(DamagedResultError, match="only 3 of 4"):
        accepted(TEXT, {"images": frames[:3]})
    found = accepted(SKELETON, {"images": frames[:3]})
    assert isinstance(found, Delivered)
    assert len(found.result.files) == 3


def test_keypoints() -> None:
    joints = [{"x": 1.02, "y": 0.5, "label": "NOSE", "z_index": 8.0}, {"x": 0.1, "y": 0.2, "label": "NECK"}]
    found = accepted(ESTIMATE, {"keypoints": joints, "usage": {"type": "generations", "generations": 0.1}})
    assert isinstance(found, Delivered)
    assert found.charge == Charge("generations", Decimal("0.1"))
    assert found.result.meta["keypoints"][0] == {"x": 1.0, "y": 0.5, "label": "NOSE", "z_index": 8.0}
    assert found.result.meta["keypoints"][1]["z_index"] == 0.0
    assert accepted(ESTIMATE, {"keypoints": [{"x": 1}]}) is None


def test_jobs() -> None:
    job = {"background_job_id": "j", "status": "processing", "usage": None}
    assert accepted(BASE, job | {"character_id": "c"}) == Remote({"job": "j", "character": "c"})
    assert accepted(SET, job | {"tileset_id": "t"}, status=202) == Remote({"job": "j", "tileset": "t"})
    assert accepted(TILE, job | {"tile_id": "i"}, status=202) == Remote({"job": "j", "tile": "i"})
    assert accepted(SPRITE, job, status=202) == Remote({"job": "j"})
    assert accepted(BASE, {"character_id": "c"}) == Remote({"character": "c"})


def test_clips_remember_their_character_and_name() -> None:
    document = {"background_job_ids": ["j"], "directions": ["south-east"], "status": "processing"}
    request = body(CLIP, {"base": StepResult((), {"character": "c"})})
    assert accepted(CLIP, document, request) == Remote({"job": "j", "clip": f"c/{remote_name(CLIP)}"})
    assert accepted(CLIP, document) == Remote({"job": "j"})
    assert accepted(CLIP, {"background_job_ids": [], "directions": []}, request) is None


@pytest.mark.parametrize("step", [SPRITE, TEXT, ESTIMATE, BASE, CLIP, SET, TILE], ids=lambda step: step.operation)
@pytest.mark.parametrize("document", [b"", b"<html>", None, [], {}, {"image": {}}, {"images": [{}]}, {"status": "ok"}])
def test_nothing_is_nothing(step: Step, document: Any) -> None:
    assert accepted(step, document) is None


# states


@pytest.mark.parametrize("word", ["pending", "queued", "processing", "quantizing", "", None, 7])
def test_every_other_word_runs(word: Any) -> None:
    document = {"status": word, "last_response": {"progress": 0.4, "images": [image(png(4, 4))]}}
    assert ran(LAB.check(Line({"/background-jobs/j": document}), BASE, {"job": "j"})) == Running(0.4)


@pytest.mark.parametrize("word", ["completed", "complete", "COMPLETED"])
def test_finished(word: str) -> None:
    last = {"animation_id": "a", "frame_count": 8, "images": [image(png(4, 4))], "image": {"base64": "x"}}
    document = {"status": word, "last_response": last, "usage": {"type": "generations", "generations": 2}}
    status = ran(LAB.check(Line({"/background-jobs/j": document}), CLIP, {"job": "j"}))
    assert status == Finished(Charge("generations", Decimal(2)), {"animation_id": "a", "frame_count": 8})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"last_response": {"error": "too dark"}}, "too dark"),
        ({"last_response": {"detail": "too dark"}}, "too dark"),
        ({"last_response": {"message": "too\n dark"}}, "too dark"),
        ({"last_response": {"error": {"message": "too dark"}}}, "too dark"),
        ({"last_response": None, "error": "too dark"}, "too dark"),
        ({"detail": "too dark"}, "too dark"),
        ({}, "no reason was given"),
    ],
)
def test_failed(document: dict[str, Any], message: str) -> None:
    for word in ("failed", "error"):
        line = Line({"/background-jobs/j": {"status": word, **document}})
        assert ran(LAB.check(line, BASE, {"job": "j"})) == Broken(message)


def test_a_charge_beside_the_last_response_is_found() -> None:
    document = {"status": "completed", "last_response": {"usage": {"type": "usd", "usd": 0.01}}, "usage": {"usd": 0.0}}
    status = ran(LAB.check(Line({"/background-jobs/j": document}), BASE, {"job": "j"}))
    assert isinstance(status, Finished)
    assert status.charge == Charge("usd", Decimal("0.01"))


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ({"id": "c", "status": "completed"}, Finished()),
        ({"id": "c", "rotation_urls": {"south": "https://x"}}, Finished()),
        ({"id": "c", "status": "pending", "rotation_urls": None}, Running()),
        ({"id": "c", "status": "failed"}, Broken("the character failed")),
        (b"<html>", Running()),
        (locked(9.0), Running(after=9.0)),
    ],
)
def test_a_cleaned_up_job_is_looked_up_by_what_it_made(page: Any, expected: object) -> None:
    ids = {"job": "j", "character": "c"}
    assert ran(LAB.check(Line({"/characters/c": page}), BASE, ids)) == expected


def test_tilesets_without_their_job() -> None:
    ids = {"job": "j", "tileset": "t"}
    assert ran(LAB.check(Line({"/tilesets/t": {"tileset": {"tiles": []}}}), SET, ids)) == Finished()
    assert ran(LAB.check(Line({"/tilesets/t": locked()}), SET, ids)) == Running()
    assert ran(LAB.check(Line({"/isometric-tiles/i": {"image": {"base64": "x"}}}), TILE, {"tile": "i"})) == Finished()


@pytest.mark.parametrize("step", [SPRITE, BASE, CLIP, SET, TILE], ids=lambda step: step.operation)
def test_what_nobody_knows_is_gone(step: Step) -> None:
    ids = {"job": "j", "character": "c", "clip": "c/name", "tileset": "t", "tile": "i"}
    assert isinstance(ran(LAB.check(Line({}), step, ids)), Gone)
    assert isinstance(ran(LAB.check(Line({}), step, {})), Gone)


def test_trouble_goes_through() -> None:
    trouble = TransportError("refused", "forbidden", status=403)
    with pytest.raises(TransportError):
        ran(LAB.check(Line({"/characters/c": trouble}), BASE, {"character": "c"}))


# refusals


def refused(step: Step, document: Any, status: int) -> tuple[str, str, str]:
    found = LAB.refusal(step, answer(document, status))
    assert found.code in CODES
    return found.code, found.field, found.message


@pytest.mark.parametrize(
    ("step", "location", "field"),
    [
        (SPRITE, ["body", "image_size", "width"], "size"),
        (SPRITE, ["body", "description"], "description"),
        (SPRITE, ["body", "color_image"], "reference.colors"),
        (SPRITE, ["body", "text_guidance_scale"], "provider_options.text_guidance_scale"),
        (SPRITE, ["body", "what"], ""),
        (EDIT, ["body", "mask_image", "base64"], "mask"),
        (steps(SPECS["items"])[1], ["body", "description"], "items.1"),
        (BASE, ["body", "image_size", "height"], "size"),
        (CLIP, ["body", "template_animation_id"], "animations.walk.template"),
        (CLIP, ["body", "directions", 0], "animations.walk.directions"),
        (SET, ["body", "transition_size"], "transition_size"),
        (SET, ["body", "tile_size", "width"], "tile_size"),
        (TILE, ["body", "image_size", "width"], "tile_size"),
        (TILE, ["body", "outline"], "outline"),
        (TEXT, ["body", "reference_image"], "source"),
        (SKELETON, ["body", "skeleton_keypoints"], "skeleton.poses"),
        (SPRITE, "body", ""),
        (SPRITE, [], ""),
    ],
)
def test_the_list_of_mistakes_leads_to_the_spec(step: Step, location: Any, field: str) -> None:
    document = {"detail": [{"type": "x", "loc": location, "msg": "Input should be smaller", "input": 8}]}
    code, found, message = refused(step, document, 422)
    assert (code, found) == ("provider_refused", field)
    assert "Input should be smaller" in message


@pytest.mark.parametrize(
    ("step", "sentence", "field"),
    [
        (SPRITE, "Canvas must be size 32x32 area or larger", "size"),
        (SPRITE, "image_size must be between 16x16 and 688x384 for this aspect ratio", "size"),
        (CLIP, "Template animation 'x' not found", "animations.walk.template"),
        (CLIP, "Character has no directions south-east", "animations.walk.directions"),
        (EDIT, "mask_image must have the size of image_size", "size"),
        (SKELETON, "Exactly 3 frames of skeleton keypoints are required", "skeleton.poses"),
        (SPRITE, "Something else", ""),
    ],
)
def test_sentences_lead_to_the_spec(step: Step, sentence: str, field: str) -> None:
    for status in (400, 422):
        code, found, message = refused(step, {"detail": sentence}, status)
        assert (code, found) == ("provider_refused", field)
        assert sentence in message


@pytest.mark.parametrize(
    ("status", "sentence", "code"),
    [
        (401, "Invalid API token", "key_rejected"),
        (402, "Insufficient credits", "no_credits"),
        (403, "This feature needs Tier 2", "plan_too_small"),
        (403, "Character belongs to another user", "provider_refused"),
        (404, "Character not found", "provider_refused"),
        (429, "Too many requests", "provider_busy"),
        (418, "I am a teapot", "provider_refused"),
    ],
)
def test_statuses(status: int, sentence: str, code: str) -> None:
    found = LAB.refusal(BASE, answer({"detail": sentence}, status))
    assert (found.code, found.field) == (code, "")
    assert sentence in found.message
    assert found.hint


def test_statuses_of_paid_requests() -> None:
    meant = LAB.api.statuses
    assert {meant[status] for status in (400, 401, 402, 403, 404, 409, 422)} == {Outcome.REJECTED}
    assert {meant[status] for status in (423, 429, 529)} == {Outcome.RATE_LIMITED}
    assert 500 not in meant


# account


def test_balances() -> None:
    newer = {
        "credits": {"type": "usd", "usd": 10.5},
        "subscription": {"type": "generations", "generations": 450, "total": 2000, "plan": "Tier 2: Pixel Artisan"},
    }
    balance = ran(LAB.balance(Line({"/balance": newer})))
    assert balance.amounts == {"generations": 450, "usd": Decimal("10.5")}
    assert balance.plan == "Tier 2: Pixel Artisan"
    assert ran(LAB.balance(Line({"/balance": {"type": "usd", "usd": 3}}))).amounts == {"usd": 3}
    bare = {"credits": {"usd": 1}, "subscription": None}
    assert ran(LAB.balance(Line({"/balance": bare}))).amounts == {"usd": 1}
    assert ran(LAB.balance(Line({"/balance": {}}))).amounts == {}


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"c{number}",
        "name": "Knight",
        "prompt": "brave knight",
        "size": {"width": 68, "height": 68},
        "directions": 8,
        "created_at": "2026-11-21T10:00:00Z",
        "status": "completed",
        **more,
    }


def test_assets_over_all_pages() -> None:
    many = [row(number) for number in range(100)]
    pages = {
        "/characters": {"characters": many, "total": 102},
        "/characters?100": {"characters": [row(100), row(101, status="pending")], "total": 102},
    }
    found = ran(LAB.assets(Line(pages)))
    assert [asset.id for asset in found] == [f"c{number}" for number in range(101)]
    assert (found[0].kind, found[0].name, found[0].details) == ("character", "Knight", "68×68, 8 directions")
    sets = {"tilesets": [{"id": "t", "lower_description": "sea", "upper_description": "sand", "status": "completed"}]}
    (tileset,) = ran(LAB.assets(Line({"/characters": {"characters": []}, "/tilesets": sets})))
    assert (tileset.kind, tileset.id, tileset.name) == ("tileset", "t", "sea → sand")


SENT = 1_795_255_260.0  # 2026-11-21T10:01:00Z
DATE = "Sat, 21 Nov 2026 10:03:00 GMT"


def lost(step: Step, needed: dict[str, StepResult] | None = None, taken: frozenset[str] = frozenset()) -> LostOrder:
    return LostOrder(step, body(step, needed), SENT, SENT + 120, taken)


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"created_at": "2026-11-21T10:00:00.123456+00:00"}, True),
        ({"created_at": "2026-11-21T10:02:00"}, True),
        ({"created_at": "2026-11-21T09:59:00Z"}, False),
        ({"created_at": None}, False),
        ({"prompt": "brave knight with a hat"}, False),
        ({"directions": 4}, False),
        ({"size": {"width": 48, "height": 48}}, True),
        ({"size": {"width": 47, "height": 48}}, False),
        ({"size": {"width": 128, "height": 128}}, False),
        ({"size": None}, True),
        ({"id": None}, False),
        ({"id": "taken"}, False),
    ],
)
def test_lost_characters(change: dict[str, Any], fits: bool) -> None:
    line = Line({"/characters": {"characters": [row(1) | change]}})
    found = ran(LAB.search(line, lost(BASE, taken=frozenset({"taken"}))))
    assert list(found) == ([Remote({"character": "c1"})] if fits else [])


def test_ages_are_compared_and_not_clocks() -> None:
    """A service whose clock is a year behind is believed about how old its rows are."""
    page = {"characters": [row(1, created_at="2025-09-18T00:00:30Z")]}
    for date, count in (("Thu, 18 Sep 2025 00:02:00 GMT", 1), ("Thu, 18 Sep 2025 00:09:00 GMT", 0), ("never", 0)):
        line = Line({"/characters": answer(page, date=date)})
        assert len(ran(LAB.search(line, lost(BASE)))) == count


def test_lost_tilesets() -> None:
    fitting = {
        "id": "t",
        "lower_description": "deep ocean",
        "upper_description": "sand",
        "tile_size": {"width": 16, "height": 16},
        "created_at": "2026-11-21T10:01:00Z",
    }
    rows = [fitting, fitting | {"id": "u", "upper_description": "mud"}, fitting | {"id": "v", "tile_size": {}}]
    found = ran(LAB.search(Line({"/tilesets": answer({"tilesets": rows}, date=DATE)}), lost(SET)))
    assert list(found) == [Remote({"tileset": "t"})]
    assert list(ran(LAB.search(Line({}), lost(SET)))) == []


def test_lost_isometric_tiles() -> None:
    rows = [
        {"id": "i", "description": "grass", "created_at": "2026-11-21T10:01:00Z"},
        {"id": "k", "created_at": "2026-11-21T10:01:00Z"},
    ]
    found = ran(LAB.search(Line({"/isometric-tiles": {"tiles": rows}}), lost(TILE)))
    assert list(found) == [Remote({"tile": "i"})]


def test_lost_clips_are_found_by_their_name() -> None:
    needed = {"base": StepResult((), {"character": "c"})}
    entry = {"direction": "south_east", "frame_count": 1, "frames": ["https://x/0.png"]}
    group = {"animation_type": "walking-8-frames", "display_name": remote_name(CLIP), "directions": [entry]}
    page = {"id": "c", "animations": [group | {"display_name": "walk"}, group]}
    remote = Remote({"clip": f"c/{remote_name(CLIP)}"})
    assert list(ran(LAB.search(Line({"/characters/c": page}), lost(CLIP, needed)))) == [remote]
    taken = frozenset(remote.ids.values())
    assert not ran(LAB.search(Line({"/characters/c": page}), lost(CLIP, needed, taken)))
    other = group | {"display_name": f"walking-8-frames-{mark_of(BASE)}"}
    assert not ran(LAB.search(Line({"/characters/c": {"animations": [other]}}), lost(CLIP, needed)))
    assert not ran(LAB.search(Line({}), lost(CLIP, needed)))


def test_what_delivers_at_once_cannot_be_found() -> None:
    assert list(ran(LAB.search(Line({}), lost(SPRITE)))) == []
