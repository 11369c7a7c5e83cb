"""Pixel Engine: clean-ups and better words; what they are asked with, and what comes back."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from bridge.assemble.parts import ClipPart, ImagePart
from bridge.core.errors import UserError, WorkFailed
from bridge.http.outcome import Answer
from bridge.media.images import encode_png
from bridge.providers.api import Price, ResultFile, Step, StepResult, Subject
from bridge.providers.paid import Delivered, Remote
from bridge.providers.pixelengine import cleaning, pictures
from bridge.providers.testing import SpecContext
from bridge.spec.base_spec import RefineStep
from exporters.model.asset import Pixels
from tests.unit.providers.pixelengine_samples import ENGINE, FILES, MOVE, answer, knight, on, shown, steps

MAGENTA = (255, 0, 255)


def settings(**fields: Any) -> RefineStep:
    return RefineStep.model_validate({"provider": "pixelengine", **fields})


def cleanup(part: str, kind: str = "sprite", size: tuple[int, int] | None = None, **fields: Any) -> Step:
    """The one step that cleans up a part."""
    made = Step("image/1", "pixellab", "image.pixflux", {}, gives=(part,))
    subject = Subject(part, kind, (made,), "refine.pixelate", size)
    (step,) = ENGINE.refine("pixelate", settings(**fields), subject, SpecContext())
    return step


def result(pixels: Pixels, **meta: str) -> StepResult:
    return StepResult((ResultFile("clip.png", "image/png", encode_png(pixels)),), meta)


def test_a_clean_up_is_a_free_step_on_the_pixels_of_a_part() -> None:
    step = cleanup("still/1")
    assert (step.key, step.gives, step.price) == ("pixelate/still/1", ("still/1",), Price("credits"))
    assert step.params == {"request": {"colors": 24}}
    assert [(item.role, item.ref, item.steps) for item in step.inputs] == [("image", "still/1", ("image/1",))]
    assert cleanup("still/south", "character", colors=8).params == {"request": {"colors": 8}, "scale": "kept"}


@pytest.mark.parametrize(
    ("fields", "size", "code", "field"),
    [
        ({"mode": "tight"}, None, "spec_not_applicable", "refine.pixelate.mode"),
        ({}, (100, 40), "provider_limit", "refine.pixelate"),
        ({}, (40, 81), "provider_limit", "refine.pixelate"),
    ],
)
def test_what_the_route_does_not_take_is_said_before_anything_is_bought(
    fields: dict[str, Any], size: tuple[int, int] | None, code: str, field: str
) -> None:
    with pytest.raises(UserError) as caught:
        cleanup("still/1", size=size, **fields)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert cleanup("still/1", size=(100, 50)).operation == "pixelate"


def test_a_transparent_picture_goes_on_a_matte_that_is_one_colour_more() -> None:
    order = ENGINE.order(cleanup("still/1", colors=8), {"image": encode_png(knight())}, {})
    sent = shown(order.body["image"])
    assert order.path == "/pixelate"
    assert order.body["colors"] == 9
    assert (sent[..., 3] == 255).all()
    assert tuple(sent[0, 0, :3]) == MAGENTA
    remote = ENGINE.accepted(
        cleanup("still/1"), answer_to(order.body, {"api_job_id": "7", "status": "queued", "error": None})
    )
    assert remote == Remote(
        {"job": "7", "matte": "#ff00ff", "frames": "1", "columns": "1", "width": "32", "height": "32"}
    )


def answer_to(body: object, document: object) -> Answer:
    return dataclasses.replace(answer(document), request=json.dumps(body).encode())


def test_an_opaque_picture_goes_as_it_is() -> None:
    body = ENGINE.order(cleanup("still/1"), {"image": encode_png(on(knight(), (9, 9, 9)))}, {}).body
    assert body["colors"] == 24
    assert "matte" not in cleaning.marks_of(json.dumps(body).encode())


@pytest.mark.parametrize(
    ("count", "size", "columns"), [(1, (32, 32), 1), (8, (32, 32), 3), (7, (64, 32), 2), (16, (256, 256), 4)]
)
def test_a_clip_goes_as_one_sheet(count: int, size: tuple[int, int], columns: int) -> None:
    frames = [np.full((size[1], size[0], 4), number + 1, dtype=np.uint8) for number in range(count)]
    sheet, found = cleaning.sheet_of(frames)
    assert found == columns
    assert max(sheet.shape[:2]) <= 2 * min(sheet.shape[:2])
    for number in range(count):
        row, column = divmod(number, columns)
        assert (sheet[row * size[1], column * size[0]] == number + 1).all()


def test_a_clip_that_fits_on_no_sheet_is_refused() -> None:
    with pytest.raises(ValueError, match="2048"):
        cleaning.sheet_of([np.zeros((900, 900, 4), dtype=np.uint8)] * 9)
    inputs = {f"image/{number}": encode_png(np.zeros((900, 900, 4), dtype=np.uint8)) for number in range(9)}
    with pytest.raises(UserError) as caught:
        ENGINE.order(cleanup("clip/walk/south"), inputs, {})
    assert (caught.value.code, caught.value.field) == ("provider_limit", "refine.pixelate")


def test_a_sheet_comes_back_as_the_clip() -> None:
    frames = [knight(f"frame {number}") for number in range(11)]
    inputs = {f"image/{number}": encode_png(pixels) for number, pixels in enumerate(frames)}
    step = cleanup("clip/walk/south_east", "character", colors=255)
    order = ENGINE.order(step, inputs, {})
    marks = cleaning.marks_of(json.dumps(order.body).encode())
    (part,) = ENGINE.interpret(step, result(shown(order.body["image"]), **marks))
    assert isinstance(part, ClipPart)
    assert (part.animation, part.direction, part.whole) == ("walk", "south_east", True)
    for mine, theirs in zip(part.frames, frames, strict=True):
        assert np.array_equal(mine * (mine[..., 3:] > 0), theirs * (theirs[..., 3:] > 0))


def test_parts_of_one_figure_keep_their_scale_and_a_lone_picture_its_grid() -> None:
    small = on(knight(), MAGENTA)[::2, ::2]
    marks = {"matte": "#ff00ff", "frames": "1", "columns": "1", "width": "32", "height": "32"}
    (kept,) = ENGINE.interpret(cleanup("still/south", "character"), result(small, **marks))
    (alone,) = ENGINE.interpret(cleanup("still/1"), result(small, **marks))
    assert isinstance(kept, ImagePart)
    assert isinstance(alone, ImagePart)
    assert (kept.name, kept.pixels.shape, alone.name, alone.pixels.shape) == ("south", (32, 32, 4), "1", (16, 16, 4))
    assert np.array_equal(kept.pixels[::2, ::2], alone.pixels)
    assert alone.pixels[0, 0, 3] == 0


def test_a_sheet_that_cannot_be_divided_is_said() -> None:
    step = cleanup("clip/block", "animation")
    marks = {"frames": "4", "columns": "2", "width": "64", "height": "64"}
    with pytest.raises(WorkFailed, match="2×2 frames"):
        ENGINE.interpret(step, result(np.zeros((33, 32, 4), dtype=np.uint8), **marks))


def test_marks_of_strange_requests_are_none() -> None:
    for request in (b"", b"{}", b"[]", b'{"image": 3}', b'{"image": "AAAA"}'):
        assert cleaning.marks_of(request) == {}


def test_flattening_mixes_what_is_half_transparent() -> None:
    pixels = np.array([[[0, 0, 0, 0], [0, 0, 0, 255], [0, 0, 0, 128]]], dtype=np.uint8)
    assert pictures.flattened(pixels, "#ff00ff")[0, :, 0].tolist() == [255, 0, 127]


# better words


def test_words_are_a_step_before_the_clip_and_before_retakes_without_words_of_their_own() -> None:
    retakes = '[[retakes]]\nframes = [0, 1]\n[[retakes]]\nframes = [2, 3]\naction = "higher"\n'
    words, clip, first, second = steps(MOVE + 'name = "block"\nenhance = true\n' + retakes)
    assert (words.key, words.price, words.gives) == ("enhance/block", Price("credits"), ())
    assert clip.after == ("enhance/block",)
    assert first.after == ("clip/block", "enhance/block")
    assert second.after == ("retake/block/1",)


def test_the_enhanced_words_are_sent_and_the_picture_with_them() -> None:
    words, clip = steps(MOVE + "enhance = true\n")
    order = ENGINE.order(words, {"source": FILES["art/knight.png"]}, {})
    assert order.path == "/enhance-prompt"
    assert order.body["prompt"] == "raises the shield"
    assert (shown(order.body["image"])[..., 3] == 255).all()
    needed = {words.key: StepResult((), {"text": "a slow and heavy rise"})}
    assert ENGINE.order(clip, {"source": FILES["art/knight.png"]}, needed).body["prompt"] == "a slow and heavy rise"


def test_words_are_the_answer_itself() -> None:
    words = steps(MOVE + "enhance = true\n")[0]
    said = ENGINE.accepted(words, answer({"enhanced_prompt": " Rises.\nSlowly. "}))
    assert isinstance(said, Delivered)
    assert (said.result.files, dict(said.result.meta)) == ((), {"text": "Rises. Slowly."})
    assert ENGINE.interpret(words, said.result) == []
    strange: tuple[Any, ...] = ({}, {"enhanced_prompt": ""}, {"enhanced_prompt": 3}, [])
    for document in strange:
        assert ENGINE.accepted(words, answer(document)) is None
