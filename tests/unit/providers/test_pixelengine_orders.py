"""Pixel Engine: the paid request, its pictures and mattes, and animated WebP."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.errors import UserError
from bridge.media.images import decode, encode_png
from bridge.providers.api import ResultFile, StepResult
from bridge.providers.pixelengine import pictures, webp
from exporters.model.asset import Pixels
from tests.unit.providers.pixelengine_samples import (
    ENGINE,
    FILES,
    HEAD,
    KEYS,
    MOVE,
    SPECS,
    body,
    inputs,
    knight,
    on,
    shown,
    steps,
    strip,
)


def plain(*colour: int, side: int = 8) -> Pixels:
    return np.full((side, side, 4), colour, np.uint8)


def test_animate() -> None:
    (step,) = steps(SPECS["animate"])
    order = ENGINE.order(step, inputs(step), {})
    sent = dict(order.body)
    assert order.path == "/animate"
    assert np.array_equal(shown(sent.pop("image")), knight())
    assert sent == {
        "prompt": "raises the shield",
        "negative_prompt": "blur",
        "pixel_config": {"colors": 16},
        "model": "pixel-engine-v1.1",
        "output_frames": 6,
        "seed": 1000,
        "output_format": "spritesheet",
        "matte_color": "#ff00ff",
    }


def test_detailed_pictures_say_no_colours() -> None:
    (step,) = steps(SPECS["detailed"])
    assert "pixel_config" not in body(step)


def test_keyframes_stand_on_one_canvas() -> None:
    (step,) = steps(SPECS["keyframes"])
    sent = body(step)
    assert ENGINE.order(step, inputs(step), {}).path == "/keyframes"
    assert "model" not in sent
    first, second = (shown(frame["image"]) for frame in sent["frames"])
    assert first.shape == second.shape == (40, 32, 4)
    assert np.array_equal(first[8:], knight("block"))
    assert not first[:8].any()
    assert np.array_equal(second[:, 4:28], knight("block raised", 40, 24))
    # 1.0 is written too: bodies of equal wishes are equal.
    assert [frame["strength"] for frame in sent["frames"]] == [1.0, 0.8]


def test_the_wished_size_is_room_around_the_picture() -> None:
    (step,) = steps(MOVE + "size = [48, 40]\n")
    canvas = shown(body(step)["image"])
    assert canvas.shape == (40, 48, 4)
    assert np.array_equal(canvas[8:, 8:40], knight())


def test_orders_are_pure_json() -> None:
    for text in SPECS.values():
        for step in steps(text):
            needed = {key: strip(*[on(knight(), (255, 0, 255))] * 8, matte="#ff00ff") for key in step.after}
            one, two = (ENGINE.order(step, inputs(step), needed) for _ in range(2))
            assert one == two
            assert json.loads(json.dumps(one.body)) == one.body


def test_palettes_have_the_matte_in_them() -> None:
    (step,) = steps(SPECS["palette"])
    assert body(step)["pixel_config"] == {"palette": ["#1a1c2c", "#5d275d", "#b13e53", "#ff00ff"]}
    listed = MOVE + '[reference]\ncolors = ["#FF00FF", "#102030"]\n'
    assert body(steps(listed)[0])["pixel_config"] == {"palette": ["#ff00ff", "#102030"]}
    opaque = {"source": encode_png(plain(1, 2, 3, 255))}
    assert body(steps(listed)[0], own=opaque)["pixel_config"] == {"palette": ["#ff00ff", "#102030"]}


def test_a_named_matte_wins() -> None:
    (step,) = steps(MOVE + '[provider_options]\nmatte_color = "#00FF40"\n')
    assert body(step)["matte_color"] == "#00ff40"


@pytest.mark.parametrize(
    ("text", "picture", "field"),
    [
        (MOVE, plain(1, 2, 3, 255, side=257), "source"),
        (MOVE, np.zeros((20, 41, 4), np.uint8), "source"),
        (MOVE + 'model = "frame-engine-v1.1"\n', plain(1, 2, 3, 255, side=255), "source"),
        (MOVE + "size = [64, 64]\n", plain(1, 2, 3, 255, side=65), "size"),
    ],
)
def test_assets_that_do_not_fit_are_not_sent(text: str, picture: Pixels, field: str) -> None:
    (step,) = steps(text.replace("art/knight.png", "asset:art/hero#south"))
    with pytest.raises(UserError) as caught:
        ENGINE.order(step, {"source": encode_png(picture)}, {})
    assert (caught.value.code, caught.value.field) == ("provider_limit", field)


def test_files_that_are_too_heavy_are_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.providers.pixelengine.modes.MOST_KEYFRAMES", 100)
    with pytest.raises(UserError) as caught:
        body(steps(KEYS)[0])
    assert caught.value.field == "keyframes"
    noise = np.random.Generator(np.random.PCG64(1)).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    assert pictures.file_of(noise, 1000) is None
    flat = plain(9, 9, 9, 255, side=200)
    fast = encode_png(flat)
    assert len(pictures.file_of(flat, len(fast) - 1) or fast) < len(fast)


def test_jpegs_are_sent_as_they_are_where_they_may() -> None:
    text = HEAD + 'source = "art/photo.jpg"\nframes = 4\n'
    (detailed,) = steps(text + 'model = "frame-engine-v1.1"\n')
    assert base64.b64decode(body(detailed)["image"]) == FILES["art/photo.jpg"]
    (padded,) = steps(text + 'model = "frame-engine-v1.1"\nsize = [304, 304]\n')
    assert base64.b64decode(body(padded)["image"])[:4] == b"\x89PNG"


def test_large_clips_come_as_webp() -> None:
    assert pictures.output_format(256, 256, 16) == "spritesheet"
    assert pictures.output_format(2048, 2048, 4) == "webp"
    assert pictures.output_format(1024, 512, 10) == "webp"


# retakes


def test_a_retake_sends_the_clip_before_as_it_came() -> None:
    _, step, _ = steps(SPECS["retakes"])
    frames = [on(knight(str(look)), (0, 255, 0)) for look in (0, 1, 1, 2, 3, 3, 4, 5)]
    order = ENGINE.order(step, {}, {"clip/thing": strip(*frames, matte="#00ff00")})
    sent = dict(order.body)
    clip = decode(base64.b64decode(sent.pop("image")), "clip")
    assert [frame.duration_ms for frame in clip] == [125] * 8
    assert all(np.array_equal(one.pixels, other) for one, other in zip(clip, frames, strict=True))
    assert (order.path, sent["matte_color"], sent["seed"]) == ("/retake", "#00ff00", 11)
    assert sent["retake_region"] == {"start_frame": 2, "end_frame": 5}


def test_a_webp_is_sent_back_untouched() -> None:
    _, step, _ = steps(SPECS["retakes"])
    data = webp.animated([on(knight(), (255, 0, 255))] * 8, 125)
    before = StepResult((ResultFile("clip.webp", "image/webp", data),), {"matte": "#ff00ff"})
    assert base64.b64decode(body(step, {"clip/thing": before})["image"]) == data


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=6),
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(1, 2000),
)
def test_every_frame_of_a_webp_survives(looks: list[int], width: int, height: int, milliseconds: int) -> None:
    frames = []
    for look in looks:
        pixels = np.random.Generator(np.random.PCG64(look)).integers(0, 256, (height, width, 4), dtype=np.uint8)
        pixels[..., 3] = 255
        frames.append(pixels)
    found = decode(webp.animated(frames, milliseconds), "clip")
    assert len(found) == len(frames)
    assert all(np.array_equal(one.pixels, other) for one, other in zip(found, frames, strict=True))
    if len(frames) > 1:
        assert {frame.duration_ms for frame in found} == {milliseconds}


# mattes


def with_hole(*colours: tuple[int, int, int]) -> Pixels:
    return np.array([[(*colour, 255) for colour in colours] + [(0, 0, 0, 0)]], np.uint8)


@pytest.mark.parametrize(
    ("colours", "matte"),
    [
        ([(10, 20, 30)], "#ff00ff"),
        ([(250, 10, 240)], "#00ff00"),
        ([(255, 0, 255), (0, 255, 0)], "#00ffff"),
        ([(255, 0, 255), (0, 255, 0), (128, 128, 128)], "#00ffff"),
    ],
)
def test_the_matte_is_none_of_the_colours(colours: list[tuple[int, int, int]], matte: str) -> None:
    assert pictures.matte_for([with_hole(*colours)]) == matte


def test_all_pictures_count_for_the_matte() -> None:
    assert pictures.matte_for([with_hole((1, 1, 1)), with_hole((255, 0, 255))]) == "#00ff00"
    assert pictures.matte_for([plain(1, 2, 3, 255), plain(9, 9, 9, 255)]) == pictures.OPAQUE_MATTE
    assert pictures.matte_for([np.zeros((4, 4, 4), np.uint8)]) == "#ff00ff"


@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=60))
def test_the_matte_is_far_from_sixty_colours(colours: list[tuple[int, int, int]]) -> None:
    matte = bytes.fromhex(pictures.matte_for([with_hole(*colours)]).removeprefix("#"))
    nearest = min(max(abs(int(a) - b) for a, b in zip(matte, colour, strict=True)) for colour in colours)
    assert nearest > 0


def test_where_every_usual_key_is_taken_the_farthest_is_chosen() -> None:
    usual = ["ff00ff", "00ff00", "00ffff", "0000ff", "ffff00", "ff0000", "ff8000", "8000ff", "00ff80", "ff0080"]
    colours = [(value[0], value[1], value[2]) for value in map(bytes.fromhex, usual)]
    matte = pictures.matte_for([with_hole(*colours)])
    assert matte.removeprefix("#") not in usual
    assert matte == pictures.matte_for([with_hole(*reversed(colours))])
