"""Pixel Engine: jobs, links, refusals, balances, and what a stored clip means."""

from __future__ import annotations

import asyncio
import io
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bridge.assemble.parts import ClipPart
from bridge.core.errors import UserError, WorkFailed
from bridge.http.outcome import Answer, TransportError
from bridge.media.images import decode, encode_png
from bridge.providers.api import ResultFile, ResultUrl, Step, StepResult
from bridge.providers.paid import Balance, Broken, Charge, Finished, Gone, LostOrder, Remote, Running, Statement
from bridge.providers.pixelengine import webp
from bridge.providers.pixelengine.status import job_status
from bridge.providers.result_check import find_damage
from exporters.model.asset import Pixels
from tests.unit.providers.pixelengine_samples import (
    ENGINE,
    MOVE,
    SPECS,
    Line,
    answer,
    failed,
    knight,
    on,
    steps,
    strip,
)

JOB = {"job": "f47ac10b"}
MAGENTA = (255, 0, 255)
URL = "https://files.example/clip?token=1"


def error(code: str, message: str = "words") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def record(word: str = "success", **more: Any) -> dict[str, Any]:
    """A job as GET /jobs shows it."""
    output = {"url": URL, "content_type": "image/png", "metadata": {"frame_count": 6, "frame_w": 32}}
    billing = {"credits_held": 20, "credits_charged": 20, "hold_status": "captured"}
    inputs = {"matte_color": "FF00FF", "pixel_config": {"palette": ["#102030", "#ff00ff"]}}
    known = {"status": word, "output": output, "billing": billing, "inputs": inputs, "error": None}
    return {**known, **more}


def step() -> Step:
    return steps(SPECS["animate"])[0]


def frames_of(result: StepResult, text: str = SPECS["animate"], number: int = 0) -> list[Pixels]:
    (part,) = ENGINE.interpret(steps(text)[number], result)
    assert isinstance(part, ClipPart)
    return list(part.frames)


# answers


def test_an_order_is_taken_when_there_is_a_job() -> None:
    taken = {"api_job_id": "f47ac10b", "status": "queued", "error": None}
    for status in (200, 202):
        assert ENGINE.accepted(step(), answer(taken, status)) == Remote(JOB)
    assert ENGINE.accepted(step(), answer({"api_job_id": None})) is None
    assert ENGINE.adopted_ids(step()) is None


@pytest.mark.parametrize(
    ("status", "document", "code", "field"),
    [
        (401, error("unauthorized"), "key_rejected", ""),
        (402, error("insufficient_credits"), "no_credits", ""),
        (429, error("rate_limited"), "provider_busy", ""),
        (400, error("invalid_request", "output_frames must be even"), "provider_refused", "frames"),
        (400, error("invalid_request", "Image aspect ratio"), "provider_refused", "source"),
        (400, error("invalid_request", "pixel_config.colors must be 2–256"), "provider_refused", "colors"),
        (400, error("image_too_large"), "provider_refused", "source"),
        (413, b"<html>", "provider_refused", "source"),
        (404, error("invalid_request", "prompt"), "provider_refused", ""),
        (400, {"msg": "Invalid JWT"}, "provider_refused", ""),
        (400, {"error": "seed is odd"}, "provider_refused", "seed"),
    ],
)
def test_refusals(status: int, document: Any, code: str, field: str) -> None:
    refusal = ENGINE.refusal(step(), answer(document, status))
    assert (refusal.code, refusal.field) == (code, field)
    assert refusal.hint


def test_a_refused_retake_leads_to_its_own_line() -> None:
    retake = steps(SPECS["retakes"])[2]
    refusal = ENGINE.refusal(retake, answer(error("invalid_request", "retake_region is out of range"), 400))
    assert refusal.field == "retakes.1.frames"


# jobs


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (record("queued", output=None, progress=0.0), Running(0.0)),
        (record("pending", output=None, progress=0.5), Running(0.5)),
        (record("pending", output=None, progress=7), Running(1.0)),
        (record("pending", output=None, progress="?"), Running()),
        (record("warming", output=None), Running()),
        (record("success", output=None), Running()),
        (record("failure", output=None, billing=None, error=None), Broken("no reason was given")),
        (
            record("failure", output=None, **error("generation_failed", "no")),
            Broken("no", Charge("credits", Decimal(20))),
        ),
        (record("cancelled", billing=None, **error("job_cancelled", "")), Broken("job_cancelled", stopped=True)),
        (record("crashed", billing=None, output=None, **error("x", "out of memory")), Broken("out of memory")),
        ({"error": {"message": "a gateway's words"}}, Running()),
    ],
)
def test_states_of_a_job(job: dict[str, Any], expected: object) -> None:
    assert job_status(job) == expected


@pytest.mark.parametrize("word", ["success", "SUCCESS", "delivered"])
def test_a_finished_job_says_what_reading_needs(word: str) -> None:
    status = job_status(record(word))
    facts = {"matte": "#ff00ff", "palette": ["#102030", "#ff00ff"], "frames": 6}
    assert status == Finished(Charge("credits", Decimal(20)), facts)


def test_billing_may_be_missing() -> None:
    missing: list[Any] = [None, {}, [], {"credits_charged": None}]
    for billing in missing:
        status = job_status(record(billing=billing))
        assert isinstance(status, Finished)
        assert status.charge is None


@pytest.mark.parametrize(
    ("status", "code", "words"), [(410, "job_expired", "output is lost"), (404, "job_not_found", "under this key")]
)
def test_what_the_service_says_is_gone_is_gone(status: int, code: str, words: str) -> None:
    line = Line(failed(status, error(code)))
    gone = asyncio.run(ENGINE.check(line, step(), JOB))
    assert isinstance(gone, Gone)
    assert words in gone.message
    assert line.asked == ["/jobs?id=f47ac10b"]
    assert asyncio.run(ENGINE.fetch(line, step(), JOB, {})) == gone


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("document", [{"code": "NOT_FOUND", "message": "no such function"}, b"<html>", error("other")])
def test_a_gateways_404_proves_nothing(status: int, document: Any) -> None:
    with pytest.raises(TransportError) as caught:
        asyncio.run(ENGINE.check(Line(failed(status, document)), step(), JOB))
    assert caught.value.is_temporary


def test_a_rejected_key_is_no_lost_job() -> None:
    with pytest.raises(TransportError) as caught:
        asyncio.run(ENGINE.check(Line(failed(401, error("unauthorized"))), step(), JOB))
    assert not caught.value.is_temporary


def test_without_an_id_nothing_is_asked() -> None:
    line = Line({})
    assert isinstance(asyncio.run(ENGINE.check(line, step(), {})), Gone)
    assert not line.asked


# fetching


def clip_file() -> Answer:
    return Answer(200, {}, strip(*[on(knight(), MAGENTA)] * 6).files[0].data)


def test_fetching_asks_for_a_fresh_link() -> None:
    stale = failed(400, {"error": "InvalidJWT"})
    line = Line(record(), stale, record(output={"url": URL + "2"}), clip_file())
    result = asyncio.run(ENGINE.fetch(line, step(), JOB, {"url": "https://files.example/old"}))
    assert isinstance(result, StepResult)
    assert line.asked == ["/jobs?id=f47ac10b", URL, "/jobs?id=f47ac10b", URL + "2"]
    assert result.meta == {"frames": 6, "matte": "#ff00ff", "palette": ["#102030", "#ff00ff"]}
    assert result.files[0].name == "clip.png"


def test_a_link_that_never_works_is_told() -> None:
    stale = failed(400, {"error": "InvalidJWT"})
    with pytest.raises(TransportError):
        asyncio.run(ENGINE.fetch(Line(record(), stale, record(), stale), step(), JOB, {}))


def test_a_cut_off_file_is_found_to_be_damaged() -> None:
    cut = Answer(200, {}, clip_file().body[:-40])
    result = asyncio.run(ENGINE.fetch(Line(record(), cut), step(), JOB, {}))
    assert isinstance(result, StepResult)
    assert "cut off" in find_damage(ENGINE, step(), result)


def test_a_result_that_is_not_there_yet() -> None:
    assert asyncio.run(ENGINE.fetch(Line(record("pending", output=None)), step(), JOB, {})) == Running()
    broken = record("failure", output=None, **error("generation_failed", "no"))
    assert asyncio.run(ENGINE.fetch(Line(broken), step(), JOB, {})) == Gone("no")


def test_files_are_named_by_what_they_are() -> None:
    data = webp.animated([on(knight(), MAGENTA)] * 6, 125)
    result = asyncio.run(ENGINE.fetch(Line(record(), Answer(200, {}, data)), step(), JOB, {}))
    assert isinstance(result, StepResult)
    assert (result.files[0].name, result.files[0].media_type) == ("clip.webp", "image/webp")


# account


@pytest.mark.parametrize(
    ("document", "amounts"),
    [
        ({"total_balance": 1700, "reserved": 20, "available": 1680}, {"credits": Decimal(1680)}),
        ({"total_balance": 1700, "reserved": 20}, {"credits": Decimal(1680)}),
        ({"total_balance": 10, "reserved": 20}, {"credits": Decimal(0)}),
        ({"available": 12.5}, {"credits": Decimal("12.5")}),
        ({}, {}),
    ],
)
def test_balances(document: dict[str, Any], amounts: dict[str, Decimal]) -> None:
    assert asyncio.run(ENGINE.balance(Line(document))) == Balance(amounts)


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        (
            {"credits_used": 1240, "credits_added": 1200, "refunds": 40, "net_change": 0, "jobs_charged": 62},
            Statement("credits", "2026-03-01", "2026-03-31", Decimal(1240), Decimal(40), Decimal(1200), 62),
        ),
        ({"credits_used": 20}, Statement("credits", "2026-03-01", "2026-03-31", Decimal(20))),
        ({"credits_added": 20}, None),
        (None, None),
    ],
)
def test_statements(totals: Any, expected: Statement | None) -> None:
    line = Line({"totals": totals})
    assert asyncio.run(ENGINE.statement(line, "2026-03-01", "2026-03-31")) == expected


def test_a_statement_is_of_365_days_at_most() -> None:
    found = asyncio.run(ENGINE.statement(Line({"totals": {"credits_used": 1}}), "2020-01-01", "2026-03-31"))
    assert found is not None
    assert (found.first, found.last) == ("2025-04-01", "2026-03-31")


def test_a_clean_up_says_where_it_can_be_seen_for_an_hour() -> None:
    clean = Step("pixelate/still/1", "pixelengine", "pixelate", {}, gives=("still/1",))
    found = asyncio.run(ENGINE.fetch(Line(record(output={"url": URL}), clip_file()), clean, JOB, {}))
    assert isinstance(found, StepResult)
    assert found.files[0].address == ResultUrl(URL, 3600.0)
    assert ENGINE.addressed(clean, "still/1")
    assert not ENGINE.addressed(step(), "clip/block")


def test_there_is_nothing_to_search_and_to_adopt() -> None:
    line = Line({})
    assert asyncio.run(ENGINE.search(line, LostOrder(step(), {}, 0, 1, frozenset()))) == []
    assert asyncio.run(ENGINE.assets(line)) == []
    assert not line.asked


# meaning


def test_the_matte_goes_inside_too() -> None:
    ring = np.zeros((16, 16, 4), np.uint8)
    ring[3:13, 3:13] = (40, 90, 60, 255)
    ring[6:10, 6:10] = 0
    found = frames_of(strip(*[on(ring, MAGENTA)] * 6, matte="#ff00ff"))
    assert all(np.array_equal(pixels, ring) for pixels in found)


def test_colours_of_the_subject_stay_along_the_rim() -> None:
    found = frames_of(strip(*[on(knight(), MAGENTA)] * 6, matte="#ff00ff"))
    assert all(np.array_equal(pixels, np.where(knight()[..., 3:] > 0, knight(), 0)) for pixels in found)


def test_mixed_colours_of_the_rim_lose_the_matte() -> None:
    subject = np.zeros((16, 16, 4), np.uint8)
    subject[4:12, 4:12] = (20, 200, 20, 255)
    delivered = on(subject, MAGENTA)
    delivered[4, 4:12, :3] = (137, 100, 137)
    (first, *_) = frames_of(strip(*[delivered] * 6, matte="#ff00ff"))
    assert {tuple(colour) for colour in first[first[..., 3] > 0].tolist()} == {(20, 200, 20, 255)}


def test_opaque_sources_stay_opaque() -> None:
    grey = np.full((16, 16, 4), (128, 128, 128, 255), np.uint8)
    found = frames_of(strip(*[grey] * 6, matte="#808080"))
    assert all(np.array_equal(pixels, grey) for pixels in found)


def test_without_a_word_of_the_matte_the_corners_tell_it() -> None:
    found = frames_of(strip(*[on(knight(), (0, 255, 0))] * 6))
    assert not found[0][0, 0].any()
    assert np.array_equal(found[0][..., 3] > 0, knight()[..., 3] > 0)


def test_frames_share_one_palette() -> None:
    frames = []
    for number in range(8):
        pixels = np.full((8, 8, 4), (10 * number, 100, 60, 255), np.uint8)
        pixels[4:] = (200, 10 * number, 90, 255)
        frames.append(pixels)
    found = frames_of(strip(*frames, matte="#808080"), MOVE + "colors = 4\n")
    assert len({tuple(colour) for pixels in found for colour in pixels.reshape(-1, 4).tolist()}) <= 4
    detailed = frames_of(strip(*frames[:4], matte="#808080"), SPECS["detailed"])
    assert all(np.array_equal(one, other) for one, other in zip(detailed, frames, strict=False))


def test_palettes_are_kept_without_the_matte() -> None:
    subject = np.zeros((8, 8, 4), np.uint8)
    subject[2:6, 2:6] = (0xB0, 0x3D, 0x52, 255)
    (first, *_) = frames_of(
        strip(*[on(subject, MAGENTA)] * 8, matte="#ff00ff", palette=["#1a1c2c", "#b13e53", "#FF00FF"]), SPECS["palette"]
    )
    assert first[3, 3].tolist() == [0xB1, 0x3E, 0x53, 255]


def test_retakes_are_the_whole_clip() -> None:
    first, second, _ = (
        ENGINE.interpret(one, strip(*[on(knight(), MAGENTA)] * 8, matte="#ff00ff")) for one in steps(SPECS["retakes"])
    )
    assert [part.whole for part in (*first, *second) if isinstance(part, ClipPart)] == [False, True]


def test_webp_and_gif_are_read_too() -> None:
    frames = [on(knight(str(look)), MAGENTA) for look in range(6)]
    data = webp.animated(frames, 125)
    found = frames_of(StepResult((ResultFile("clip.webp", "image/webp", data),), {"matte": "#ff00ff"}))
    assert len(found) == 6
    assert not found[5][0, 0].any()


def test_equal_frames_that_an_encoder_joined_are_several_again() -> None:
    looks = [0, 0, 1, 2, 2, 2]
    images = [Image.fromarray(on(knight(str(look)), MAGENTA)[..., :3]) for look in looks]
    for form, kind in (("WEBP", "webp"), ("GIF", "gif")):
        buffer = io.BytesIO()
        images[0].save(buffer, form, save_all=True, append_images=images[1:], duration=120, lossless=True)
        file = ResultFile(f"clip.{kind}", f"image/{kind}", buffer.getvalue())
        assert len(decode(file.data, file.name)) == 3
        found = frames_of(StepResult((file,), {"matte": "#ff00ff", "frames": 6}))
        same = [np.array_equal(found[0], pixels) for pixels in found]
        assert same == [True, True, False, False, False, False], kind


def test_a_strip_that_cannot_be_cut_is_told() -> None:
    file = ResultFile("clip.png", "image/png", encode_png(np.zeros((8, 13, 4), np.uint8)))
    with pytest.raises(WorkFailed) as caught:
        frames_of(StepResult((file,)))
    assert caught.value.code == "assemble_failed"
    with pytest.raises(UserError):
        frames_of(StepResult((ResultFile("clip.png", "image/png", b"nothing"),)))
