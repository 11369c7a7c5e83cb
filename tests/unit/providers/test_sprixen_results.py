"""Sprixen's answers: states, files, lists, refusals, tracks."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from bridge.assemble.parts import ImagePart
from bridge.core.errors import UserError, WorkFailed
from bridge.http.outcome import TransportError
from bridge.media.images import encode_png
from bridge.providers.api import ResultFile, Step, StepResult
from bridge.providers.paid import Broken, DamagedResultError, Finished, Gone, LostOrder, Remote, Running
from bridge.providers.sprixen import sound
from bridge.providers.sprixen.sound_decoder import NO_LIBRARY
from tests.unit.providers.sprixen_samples import ADOPTED, SPECS, SPRIXEN, Line, answer, steps

PICTURE = encode_png(np.full((8, 8, 4), 255, np.uint8))


def step_of(kind: str, key: str) -> Step:
    return next(step for step in steps(SPECS[kind]) if step.key.startswith(key))


IMAGE = step_of("sprite", "image/1")
CLIP = step_of("character", "clip/walk/east")
REFINE = step_of("refined", "stabilize/")
TILE = step_of("isometric_tiles", "tile/stone")
SELECT = step_of("character", "sprite")


def checked(step: Step, pages: Mapping[str, Any], ids: Mapping[str, str] | None = None) -> object:
    return asyncio.run(SPRIXEN.check(Line(pages), step, ids or {"job": "j"}))


def fetched(step: Step, pages: Mapping[str, Any], ids: Mapping[str, str] | None = None) -> object:
    return asyncio.run(SPRIXEN.fetch(Line(pages), step, ids or {"job": "j"}, {}))


@pytest.mark.parametrize("word", ["pending", "processing", "dreaming", "", None])
def test_unknown_words_are_work_going_on(word: str | None) -> None:
    assert checked(IMAGE, {"/generations/j": {"id": "j", "status": word}}) == Running()


def test_states_are_read() -> None:
    assert checked(IMAGE, {"/generations/j": {"status": "completed", "resultUrls": ["/a.png"]}}) == Finished()
    for error in ("no luck", {"message": "no luck"}, ["no luck"]):
        assert checked(IMAGE, {"/generations/j": {"status": "failed", "error": error}}) == Broken("no luck")
    assert isinstance(checked(IMAGE, {}), Gone)
    assert checked(SELECT, {}, {"sprite": "s"}) == Finished()


def test_a_processed_copy_has_no_state() -> None:
    assert checked(REFINE, {"/animations/j": {"spriteSheetUrl": "/a.png"}}) == Finished()
    assert checked(REFINE, {"/animations/j": {"id": "j"}}) == Running()


def test_a_tile_shows_up_in_the_list() -> None:
    assert checked(TILE, {"/tile-packs": []}) == Running()
    listed = [{"name": "mine", "tiles": [{"id": "j", "label": "x", "imageUrl": "/t.png"}]}]
    assert checked(TILE, {"/tile-packs": listed}) == Finished()
    result = fetched(TILE, {"/tile-packs": listed, "/t.png": answer(PICTURE)})
    assert isinstance(result, StepResult)
    assert result.files == (ResultFile("0.png", "image/png", PICTURE),)


def test_only_what_was_paid_for_is_kept() -> None:
    urls = [f"/{number}.png" for number in range(5)]
    pages = {"/generations/j": {"status": "completed", "resultUrls": urls}, **dict.fromkeys(urls, answer(PICTURE))}
    result = fetched(IMAGE, pages)
    assert isinstance(result, StepResult)
    assert [file.name for file in result.files] == ["0.png", "1.png", "2.png"]


def test_only_the_download_is_repeated() -> None:
    """Addresses that lead nowhere yet, and connections that break, cost nothing."""
    done = {"/generations/j": {"status": "completed", "resultUrls": ["/a.png"]}}
    assert fetched(IMAGE, done) == Running()
    broken = {**done, "/a.png": TransportError("interrupted", "the connection broke")}
    with pytest.raises(TransportError):
        fetched(IMAGE, broken)
    with pytest.raises(DamagedResultError):
        fetched(IMAGE, {"/generations/j": {"status": "completed", "resultUrls": []}})
    assert fetched(IMAGE, {"/generations/j": {"status": "processing"}}) == Running()


def test_the_division_of_a_sheet_is_recorded() -> None:
    pixels = np.zeros((16, 48, 4), np.uint8)
    pixels[4:12, 4::16] = 255
    said = {"status": "completed", "spriteSheetUrl": "/s.png", "frameCount": 3}
    result = fetched(CLIP, {"/animations/j": said, "/s.png": answer(encode_png(pixels))})
    assert isinstance(result, StepResult)
    assert result.meta == {"animation": "j", "count": 3, "grid": [3, 1]}
    clip, still = SPRIXEN.interpret(CLIP, result)
    assert len(clip.frames) == 3  # type: ignore[union-attr]
    assert still.name == "east"  # type: ignore[union-attr]


def test_a_sheet_that_cannot_be_divided_is_kept_and_said() -> None:
    result = StepResult((ResultFile("0.png", "image/png", PICTURE),), {"animation": "j", "count": 3})
    with pytest.raises(WorkFailed) as caught:
        SPRIXEN.interpret(CLIP, result)
    assert caught.value.code == "assemble_failed"


def test_orders_carry_the_ids_of_earlier_steps() -> None:
    picked = SPRIXEN.order(SELECT, {}, {"base/2": StepResult((), {"generation": "g"})})
    assert (picked.path, picked.body) == ("/generations/select", {"generationId": "g", "variationIndex": 0})
    moved = SPRIXEN.order(CLIP, {}, {"sprite": StepResult((), {"sprite": "s"})})
    assert moved.path == "/sprites/s/animations"
    cleaned = SPRIXEN.order(REFINE, {}, {"clip/idle/south": StepResult((), {"animation": "a"})})
    assert (cleaned.path, cleaned.body) == ("/animations/a/process", {"mode": "tight"})


def test_an_adopted_sprite_is_found_in_its_project() -> None:
    step = steps(ADOPTED)[0]
    ids = SPRIXEN.adopted_ids(step)
    assert ids == {"sprite": "spr-7"}
    pages = {
        "/projects": [{"id": "p", "name": "Game"}],
        "/projects/p": {"sprites": [{"id": "other", "imageUrl": "/o.png"}, {"id": "spr-7", "imageUrl": "/s.png"}]},
        "/s.png": answer(PICTURE),
    }
    result = fetched(step, pages, ids)
    assert isinstance(result, StepResult)
    assert [part.name for part in SPRIXEN.interpret(step, result)] == ["south"]  # type: ignore[union-attr]
    assert isinstance(fetched(step, {"/projects": []}, ids), Gone)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({}, True),
        ({"prompt": "something else"}, False),
        ({"createdAt": "2026-01-15T11:00:00.000Z"}, False),
        ({"createdAt": "soon"}, False),
        ({"resultUrls": ["/one.png"]}, False),
        ({"id": "taken"}, False),
        ({"id": ""}, False),
    ],
)
def test_a_lost_order_is_known_by_words_and_time(row: Mapping[str, Any], found: bool) -> None:
    body = IMAGE.params["request"]
    sent = 1768478400.0  # 2026-01-15 12:00 UTC
    lost = LostOrder(IMAGE, body, sent, sent + 30, frozenset({"taken"}))
    listed = {"id": "g", "status": "pending", "prompt": body["prompt"], "createdAt": "2026-01-15T12:00:01.000Z"}
    pages = {"/generations": {"data": [{**listed, **row}], "total": 1}}
    assert asyncio.run(SPRIXEN.search(Line(pages), lost)) == ([Remote({"job": "g"})] if found else [])


def test_a_list_without_pages_ends() -> None:
    rows = [{"id": f"g{number}", "prompt": "x", "createdAt": "2026-01-15T12:00:01.000Z"} for number in range(20)]
    line = Line({"/generations": rows, "/generations?2": rows})
    lost = LostOrder(IMAGE, {"prompt": "x"}, 1768478400.0, 1768478430.0, frozenset())
    assert len(asyncio.run(SPRIXEN.search(line, lost))) == 20
    assert len(line.asked) == 2


def test_balance_with_and_without_a_plan() -> None:
    left = asyncio.run(SPRIXEN.balance(Line({"/billing/status": {"credits": 147, "subscription": {"plan": "pro"}}})))
    assert (left.amounts, left.plan) == ({"credits": Decimal(147)}, "pro")
    left = asyncio.run(SPRIXEN.balance(Line({"/billing/status": {"credits": 6, "subscription": None}})))
    assert (left.amounts, left.plan) == ({"credits": Decimal(6)}, "")


@pytest.mark.parametrize(
    ("step", "status", "message", "code", "field"),
    [
        (IMAGE, 402, "You have 12 credits remaining.", "no_credits", ""),
        (IMAGE, 401, "Unauthorized", "key_rejected", ""),
        (IMAGE, 429, "ThrottlerException: Too Many Requests", "provider_busy", ""),
        (CLIP, 404, "Sprite not found", "provider_refused", ""),
        (IMAGE, 400, ["variantCount must not be greater than 3"], "provider_refused", "variants"),
        (CLIP, 400, ["frameCount must not be greater than 12"], "provider_refused", "animations.walk.frames"),
        (TILE, 400, ["prompt must be longer"], "provider_refused", "tiles.0.description"),
        (IMAGE, 400, [None, 3], "provider_refused", ""),
    ],
)
def test_refusals(step: Step, status: int, message: object, code: str, field: str) -> None:
    refusal = SPRIXEN.refusal(step, answer({"statusCode": status, "message": message}, status))
    assert (refusal.code, refusal.field) == (code, field)


def test_a_damaged_track_is_said() -> None:
    with pytest.raises(UserError) as caught:
        sound.decoded(b"fLaC nothing more")
    assert caught.value.code in ("source_broken", "missing_extra")


def test_a_track_without_the_extra_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.CompletedProcess([], NO_LIBRARY, b"", b"")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_more: done)
    with pytest.raises(UserError) as caught:
        sound.decoded(b"fLaC")
    assert caught.value.code == "missing_extra"


def test_a_decoder_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_args: object, **_more: object) -> None:
        raise subprocess.TimeoutExpired("decoder", 1)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(UserError) as caught:
        sound.decoded(b"fLaC")
    assert caught.value.code == "source_broken"


def test_a_picture_that_came_four_times_as_large_is_reduced() -> None:
    small = np.random.default_rng(2).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    small[..., 3] = 255
    large = small.repeat(4, axis=0).repeat(4, axis=1)
    # The service's own kernels leave soft edges.
    large[::4, ::4, :3] = large[::4, ::4, :3] // 2
    sprite = steps('kind = "sprite"\nprovider = "sprixen"\ndescription = "rock"\nsize = [64, 64]\n')[-1]
    result = StepResult((ResultFile("0.png", "image/png", encode_png(large)),), {})
    [part] = SPRIXEN.interpret(sprite, result)
    assert isinstance(part, ImagePart)
    assert np.array_equal(part.pixels, small)


def test_music_without_a_decoder_is_not_ordered(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_data: bytes) -> None:
        raise UserError("missing_extra", "it needs the extra `audio`")

    track = steps(SPECS["music"])[0]
    SPRIXEN.require_decoder(track)
    monkeypatch.setattr("bridge.providers.sprixen.sound.decoded", refuse)
    with pytest.raises(UserError, match="audio"):
        SPRIXEN.require_decoder(track)
    SPRIXEN.require_decoder(IMAGE)
