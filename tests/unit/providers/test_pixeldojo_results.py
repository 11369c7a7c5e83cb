"""PixelDojo: what answers hold in every shape, fetching, searching, and what stored files mean."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from bridge.assemble.parts import ClipPart, ImagePart
from bridge.core.errors import UserError, WorkFailed
from bridge.http.outcome import Answer, TransportError
from bridge.media.images import encode_png
from bridge.providers.api import ResultFile, ResultUrl, Step, StepResult
from bridge.providers.paid import Balance, Broken, Charge, Finished, Gone, LostOrder, Remote, Running
from bridge.providers.pixeldojo import pictures, responses, video
from bridge.providers.result_check import find_damage
from tests.emulator import pixeldojo_media as media
from tests.unit.providers.pixeldojo_samples import ANIMATION, DOJO, EDIT, SPRITE, steps
from tests.unit.providers.pixellab_samples import Line, answer, picture, png, ran

IMAGE = steps(SPRITE)[0]
(OVER,) = steps(EDIT)
(CLIP,) = steps(ANIMATION)
IDS = {"job": "job_1"}
URL = "https://temp.pixeldojo.ai/a"


def status(document: Any) -> Any:
    return ran(DOJO.check(Line({"/jobs/job_1": document}), IMAGE, IDS))


def stored(data: bytes, kind: str = "image/png") -> StepResult:
    return StepResult((ResultFile("output_0", kind, data),))


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"output": {"images": ["a", {"url": "b"}]}}, ["a", "b"]),
        ({"output": {"videos": [{"url": "a"}]}}, ["a"]),
        ({"output": {"image": "a"}}, ["a"]),
        ({"output": {"video": {"url": "a"}}}, ["a"]),
        ({"assets": [{"url": "a", "kind": 3}], "output": {"images": ["a", "b"], "image": "a"}}, ["a", "b"]),
        ({"output": {"assets": [{"url": "a"}]}}, ["a"]),
        ({"output": None, "assets": None}, []),
        ({"output": {"images": [None, 3, {}, "", {"url": None}]}}, []),
    ],
)
def test_outputs_from_every_documented_place(document: dict[str, Any], found: list[str]) -> None:
    assert responses.outputs(document) == found


@pytest.mark.parametrize("document", [{"jobId": "j", "status": "pending"}, {"id": "j"}, {"jobId": " j\n"}])
def test_any_id_is_accepted(document: dict[str, Any]) -> None:
    assert DOJO.accepted(IMAGE, answer(document, 202)) == Remote({"job": "j"})


@pytest.mark.parametrize("word", ["pending", "processing", "upscaling", ""])
def test_running_words(word: str) -> None:
    assert isinstance(status({"status": word}), Running)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"error": {"message": "no", "code": "x"}, "message": "other"}, "no"),
        ({"error": "no"}, "no"),
        ({"message": "no"}, "no"),
        ({}, "no reason was given"),
    ],
)
def test_why_a_job_failed(more: dict[str, Any], said: str) -> None:
    assert status({"status": "failed", "creditCost": 1.5, **more}) == Broken(said, Charge("credits", Decimal("1.5")))


def test_finished_jobs_say_what_they_cost() -> None:
    done = {"status": "Completed", "creditCost": 0.1, "output": {"image": URL}}
    assert status(done) == Finished(Charge("credits", Decimal("0.1")))
    assert status(done | {"creditCost": {"amount": 0.5}}) == Finished(Charge("credits", Decimal("0.5")))
    empty = status(done | {"output": {}})
    assert isinstance(empty, Broken)
    assert empty.charge == Charge("credits", Decimal("0.1"))


@pytest.mark.parametrize(("code", "document"), [(410, {}), (404, {"error": {"code": "not_found"}})])
def test_gone_jobs(code: int, document: Any) -> None:
    assert isinstance(status(TransportError("refused", "x", status=code, answer=answer(document, code))), Gone)


def test_a_proxys_404_proves_nothing() -> None:
    page = Answer(404, {}, b"<html>")
    with pytest.raises(TransportError) as caught:
        status(TransportError("refused", "x", status=404, answer=page))
    assert caught.value.is_temporary


def test_files_are_named_by_their_bytes() -> None:
    data = [png(8, 8), media.video("a", 2)]
    urls = [f"{URL}0.jpg", f"{URL}1.png"]
    pages = {"/jobs/job_1": {"status": "completed", "assets": [{"url": url} for url in urls]}}
    line = Line({**pages, **{url: answer(one) for url, one in zip(urls, data, strict=True)}})
    found = ran(DOJO.fetch(line, IMAGE, IDS, {}))
    assert isinstance(found, StepResult)
    assert [(file.name, file.media_type) for file in found.files] == [
        ("output_0.png", "image/png"),
        ("output_1.mp4", "video/mp4"),
    ]
    assert [file.data for file in found.files] == data


@pytest.mark.parametrize(
    ("headers", "more", "lives"),
    [
        ({"date": "Thu, 01 Jan 2026 00:00:00 GMT"}, {"expiresAt": "2026-01-02T00:00:00Z"}, 86_400.0),
        ({"date": "Thu, 01 Jan 2026 00:00:00 GMT"}, {}, None),
        ({}, {"expiresAt": "2026-01-02T00:00:00Z"}, None),
    ],
)
def test_an_address_is_kept_where_its_end_is_known(
    headers: dict[str, str], more: dict[str, str], lives: float | None
) -> None:
    body = json.dumps({"status": "completed", "output": {"image": URL}, **more}).encode()
    found = ran(DOJO.fetch(Line({"/jobs/job_1": Answer(200, headers, body), URL: answer(png(8, 8))}), IMAGE, IDS, {}))
    assert isinstance(found, StepResult)
    assert found.files[0].address == (None if lives is None else ResultUrl(URL, lives))


def test_files_that_are_away_or_cut_off() -> None:
    job = {"/jobs/job_1": {"status": "completed", "output": {"image": URL}}}
    assert isinstance(ran(DOJO.fetch(Line(job), IMAGE, IDS, {})), Gone)
    cut = ran(DOJO.fetch(Line({**job, URL: answer(png(8, 8)[:40])}), IMAGE, IDS, {}))
    assert isinstance(cut, StepResult)
    assert "cut off" in find_damage(DOJO, IMAGE, cut)
    running = Line({"/jobs/job_1": {"status": "processing"}})
    assert isinstance(ran(DOJO.fetch(running, IMAGE, IDS, {})), Running)


BODY = DOJO.order(IMAGE, {}, {}).body
ROW = {"jobId": "job_1", "apiId": "pixel-image", "createdAt": "2026-01-01T00:00:10Z", "input": BODY}
NOW = 1767225630.0  # 2026-01-01T00:00:30Z
LOST = LostOrder(IMAGE, BODY, NOW - 25, NOW, frozenset())


def searched(row: dict[str, Any], lost: LostOrder = LOST, detail: Any = None) -> bool:
    pages = {"/jobs": {"jobs": [row]}} | ({"/jobs/job_1": detail} if detail is not None else {})
    return list(ran(DOJO.search(Line(pages), lost))) == [Remote(IDS)]


@pytest.mark.parametrize(
    "row",
    [
        ROW,
        {**{key: ROW[key] for key in ("jobId", "input")}, "expiresAt": "2026-01-02T00:00:10Z"},
        {**ROW, "createdAt": 1767225610},
        {**ROW, "createdAt": 1767225610000},
        {"id": "job_1", "created_at": "2026-01-01T00:00:10", "model": "pixel-image", **BODY},
    ],
)
def test_our_own_row_is_found(row: dict[str, Any]) -> None:
    assert searched(row)


@pytest.mark.parametrize(
    "change",
    [
        {"createdAt": "2025-12-31T23:50:00Z"},
        {"createdAt": None},
        {"createdAt": "soon"},
        {"apiId": "other-image"},
        {"input": {**BODY, "seed": 7}},
        {"input": {**BODY, "prompt": "other"}},
        {"jobId": None},
    ],
)
def test_rows_of_others_are_not(change: dict[str, Any]) -> None:
    assert not searched({**ROW, **change}, detail={})


def test_a_terse_row_is_looked_up() -> None:
    terse = {key: ROW[key] for key in ("jobId", "createdAt")}
    assert searched(terse, detail=ROW)
    assert not searched(terse, detail={"status": "processing"})
    assert not searched(ROW, replace(LOST, taken=frozenset({"job_1"})))


def test_nothing_is_known_of_the_balance() -> None:
    assert ran(DOJO.balance(Line({}))) == Balance({})


def test_pictures_and_variants() -> None:
    (part,) = DOJO.interpret(steps(SPRITE)[1], stored(png(16, 12)))
    assert isinstance(part, ImagePart)
    assert (part.name, part.pixels.shape) == ("2", (12, 16, 4))
    with pytest.raises(WorkFailed, match="a video and no picture"):
        DOJO.interpret(IMAGE, stored(b"", "video/mp4"))


def test_a_whole_result_is_taken_as_it_is() -> None:
    (step,) = steps(EDIT.replace("mask =", "keep_outside = false\nmask ="))
    (part,) = DOJO.interpret(step, stored(png(64, 64, 9)))
    assert isinstance(part, ImagePart)
    assert np.array_equal(part.pixels, picture(64, 64, 9))


@pytest.mark.parametrize("scale", [1, 4])
def test_fake_pixels_land_on_the_sources_pixels(scale: int) -> None:
    source, painted = picture(32, 32, 1), picture(32, 32, 5)
    large = np.kron(painted, np.ones((scale, scale, 1), np.uint8))
    (part,) = DOJO.interpret(OVER, stored(encode_png(large)))
    assert isinstance(part, ImagePart)
    expected = source.copy()
    expected[8:14, 4:14] = painted[8:14, 4:14]
    assert np.array_equal(part.pixels, expected)


def test_a_background_does_not_cover_what_was_transparent() -> None:
    source = np.zeros((16, 16, 4), np.uint8)
    painted = np.full((16, 16, 4), (250, 250, 250, 255), np.uint8)
    painted[6:10, 6:10] = (200, 30, 30, 255)
    mask = np.full((16, 16, 4), 255, np.uint8)
    shown = pictures.laid_over(source, mask, painted)
    assert int((shown[..., 3] > 0).sum()) == 16


@pytest.mark.parametrize(
    ("total", "wanted", "taken"),
    [(12, 4, [0, 3, 6, 9]), (8, 8, list(range(8))), (3, 8, [0, 1, 2]), (10, 1, [0]), (10, 3, [0, 3, 6])],
)
def test_places(total: int, wanted: int, taken: list[int]) -> None:
    assert video.places(total, wanted) == taken


def test_colours_of_a_video_are_right() -> None:
    """Our own conversion against the decoder's: the same but for rounding."""
    import io

    import av

    data = media.video("colours", 2)
    (first, _) = video.frames(data, "clip.mp4", 2)
    with av.open(io.BytesIO(data), mode="r") as opened:
        theirs = next(opened.decode(video=0)).to_ndarray(format="rgb24")
    assert int(np.abs(first[..., :3].astype(np.int64) - theirs).max()) <= 3
    assert (first[..., 3] == 255).all()


def test_clips_as_pictures_that_move() -> None:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    images = [Image.fromarray(picture(8, 8, number)) for number in range(6)]
    images[0].save(buffer, "WEBP", save_all=True, append_images=images[1:], lossless=True)
    (part,) = DOJO.interpret(steps(ANIMATION.replace("frames = 4", "frames = 3"))[0], stored(buffer.getvalue()))
    assert isinstance(part, ClipPart)
    assert [np.array_equal(frame, picture(8, 8, 2 * place)) for place, frame in enumerate(part.frames)] == [True] * 3
    with pytest.raises(WorkFailed, match="a picture and no video"):
        DOJO.interpret(CLIP, stored(png(8, 8)))


@pytest.mark.parametrize("data", [b"\0\0\0\x18ftypmp42" + bytes(20), media.video("a", 3)[:400]])
def test_damaged_videos(data: bytes) -> None:
    with pytest.raises(UserError) as caught:
        DOJO.interpret(CLIP, stored(data, "video/mp4"))
    assert caught.value.code == "source_broken"


def test_without_the_extra_people_hear_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(UserError, match="needs the extra `video`") as caught:
        DOJO.interpret(CLIP, stored(b"\0\0\0\x18ftyp", "video/mp4"))
    assert caught.value.code == "missing_extra"
    assert "assetbridge[video]" in caught.value.hint


@pytest.mark.parametrize(
    ("step", "said", "field"),
    [
        (OVER, "image_url is not reachable", "provider_options.image_url"),
        (CLIP, "image_url is not reachable", "source_url"),
        (CLIP, "prompt: too long", "action"),
        (IMAGE, "prompt: too long", "description"),
        (IMAGE, "seed: unknown field", "seed"),
        (IMAGE, "something else", ""),
    ],
)
def test_refusals_name_the_field_of_the_spec(step: Step, said: str, field: str) -> None:
    """Also for steps from the journal, which keeps no inputs."""
    kept = Step(step.key, step.provider, step.operation, step.params, step.seed, field=step.field)
    document = {"error": {"code": "validation_error", "message": said, "status": 400}}
    for one in (step, kept):
        assert DOJO.refusal(one, answer(document, 400)).field == field
