"""Pixel Engine: specs as steps, every published limit, and what does not apply."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge.core.errors import UserError
from bridge.media.images import encode_png
from bridge.providers.api import Price
from bridge.providers.fingerprint import step_fingerprint
from bridge.providers.pixelengine.modes import DETAILED, PIXEL, misfit, mode_of
from bridge.providers.testing import SpecContext, compile_checked, spec_of
from tests.emulator import pictures
from tests.unit.providers.pixelengine_samples import ENGINE, FILES, HEAD, KEYS, MOVE, SPECS, steps

FRAME = 'model = "frame-engine-v1.1"\n'
LARGE = HEAD + 'source = "art/large.png"\n'
UNKNOWN = HEAD + 'source = "asset:art/hero#south"\n'


def keyframe(index: int) -> str:
    return f'[[keyframes]]\nindex = {index}\nsource = "art/block_0.png"\n'


def refused(text: str, code: str, field: str) -> UserError:
    """The error of a spec that Pixel Engine cannot make."""
    with pytest.raises(UserError) as caught:
        steps(text)
    assert (caught.value.code, caught.value.field) == (code, field), caught.value.message
    return caught.value


def test_one_picture_in_motion() -> None:
    (step,) = steps(SPECS["animate"])
    assert (step.key, step.operation, step.seed) == ("clip/block", "animate", 1000)
    assert step.price == Price("credits", Decimal(20))
    assert step.params == {
        "request": {
            "prompt": "raises the shield",
            "negative_prompt": "blur",
            "pixel_config": {"colors": 16},
            "model": "pixel-engine-v1.1",
            "output_frames": 6,
        }
    }


def test_given_frames() -> None:
    (step,) = steps(SPECS["keyframes"])
    assert step.price == Price("credits", Decimal(24))
    assert step.params["request"] == {
        "prompt": "raises the shield",
        "render_mode": "pixel",
        "total_frames": 7,
        "frames": [{"index": 0, "strength": 1.0}, {"index": 4, "strength": 0.8}],
    }
    assert [(item.role, item.ref) for item in step.inputs] == [
        ("keyframe/0", "art/block_0.png"),
        ("keyframe/4", "art/block_4.png"),
    ]


def test_the_source_is_the_first_of_the_given_frames() -> None:
    (step,) = steps(SPECS["source and keyframe"])
    assert [item.ref for item in step.inputs] == ["art/knight.png", "art/block_4.png"]
    assert step.params["request"]["total_frames"] == 8
    refused(MOVE + keyframe(0), "spec_invalid", "source")


def test_retakes_stand_on_each_other() -> None:
    first, second, third = steps(SPECS["retakes"])
    assert [step.key for step in (first, second, third)] == ["clip/thing", "retake/thing/1", "retake/thing/2"]
    assert (second.after, third.after) == (("clip/thing",), ("retake/thing/1",))
    assert (second.seed, third.seed) == (11, 1000)
    assert second.params == {
        "request": {
            "prompt": "shield higher",
            "render_mode": "pixel",
            "retake_region": {"start_frame": 2, "end_frame": 5},
        },
        "frames": 8,
    }
    assert third.params["request"]["prompt"] == "raises the shield"


def test_a_changed_retake_buys_itself_and_later_ones() -> None:
    def fingerprints(text: str) -> list[str | None]:
        known: dict[str, str] = {}
        for step in steps(text):
            known[step.key] = step_fingerprint(step, known) or ""
        return list(known.values())

    before = fingerprints(SPECS["retakes"])
    after = fingerprints(SPECS["retakes"].replace("shield higher", "shield lower"))
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, False]


def test_the_description_is_not_sent() -> None:
    assert steps(MOVE + 'description = "a knight"') == steps(MOVE)


def test_every_take_has_a_seed_of_its_own() -> None:
    for text in SPECS.values():
        assert all(isinstance(step.seed, int) and step.seed >= 1 for step in steps(text))


@pytest.mark.parametrize("frames", [2, 16])
def test_even_frames_of_the_pixel_model(frames: int) -> None:
    assert steps(MOVE + f"frames = {frames}\n")


@pytest.mark.parametrize("frames", [3, 20])
def test_frames_between_pictures_may_be_odd(frames: int) -> None:
    assert steps(KEYS.replace("[[", f"frames = {frames}\n[["))[0].params["request"]["total_frames"] == frames


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (MOVE + "frames = 7\n", "frames"),
        (MOVE + "frames = 1\n", "frames"),
        (MOVE + "frames = 18\n", "frames"),
        (MOVE + "durations = [80, 80, 80]\n", "durations"),
        (LARGE + FRAME + "frames = 26\n", "frames"),
        (LARGE + FRAME + "frames = 25\n", "frames"),
        (KEYS.replace("[[", "frames = 2\n[["), "frames"),
        (KEYS.replace("[[", "frames = 21\n[["), "frames"),
        (KEYS.replace("[[", "frames = 4\n[[") + keyframe(4), "keyframes"),
        (KEYS + keyframe(20), "keyframes"),
        (MOVE + "".join(keyframe(index) for index in range(1, 9)), "keyframes"),
        (LARGE, "source"),
        (LARGE + "size = [304, 304]\n", "size"),
        (MOVE + FRAME, "source"),
        (MOVE + "size = [16, 16]\n", "size"),
        (MOVE + "size = [128, 32]\n", "size"),
        (LARGE + FRAME + "colors = 16\n", "colors"),
        (LARGE + FRAME + '[reference]\ncolors = ["#102030"]\n', "reference.colors"),
        (MOVE + "[[retakes]]\nframes = [3, 8]\n", "retakes.0.frames"),
        (MOVE + 'model = "pixel-engine-v2"\n' + keyframe(3), "model"),
        (MOVE + 'model = "pixel-engine-v2"\n[[retakes]]\nframes = [0, 1]\n', "model"),
        (MOVE + '[provider_options]\nmatte_color = "pink"\n', "provider_options.matte_color"),
    ],
)
def test_limits_are_refused_on_their_line(text: str, field: str) -> None:
    refused(text, "provider_limit", field)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("variants = 2", "variants"),
        ('outline = "lineless"', "outline"),
        ("transparent = false", "transparent"),
        ('view = "side"', "view"),
        ('adopt = "job"', "adopt"),
        ('[reference]\nstyle = "art/knight.png"', "reference.style"),
        ('[reference]\ncolors = ["#102030"]\nforce_colors = true', "reference.force_colors"),
        ('colors = 8\n[reference]\ncolors = ["#102030"]', "colors"),
        ("[provider_options]\noutput_frames = 8", "provider_options.output_frames"),
        ('[skeleton]\nposes = "estimate"', "skeleton"),
    ],
)
def test_what_does_not_apply_is_said(line: str, field: str) -> None:
    error = refused(MOVE + line + "\n", "spec_not_applicable", field)
    assert error.hint


def test_addresses_are_refused() -> None:
    refused(HEAD + 'source_url = "https://example.com/a.png"\n', "spec_not_applicable", "source_url")


def test_other_kinds_are_refused() -> None:
    spec = spec_of('kind = "sprite"\nprovider = "pixelengine"\ndescription = "rock"\n')
    with pytest.raises(UserError) as caught:
        compile_checked(ENGINE, spec, SpecContext())
    assert caught.value.code == "provider_kind"


def test_models_to_come_are_let_through() -> None:
    (step,) = steps(LARGE + 'model = "pixel-engine-v1.2"\nframes = 24\n')
    assert step.params["request"]["model"] == "pixel-engine-v1.2"
    assert mode_of("frame-engine-v9").render == "detailed"


def test_sizes_of_assets_are_known_later() -> None:
    assert steps(UNKNOWN)
    assert steps(UNKNOWN + FRAME)


def test_pictures_of_different_sizes_count_as_one_canvas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FILES, "art/block_0.png", encode_png(pictures.figure("wide", (200, 60))))
    refused(KEYS, "provider_limit", "keyframes")
    tall = encode_png(pictures.figure("tall", (60, 110)))
    monkeypatch.setitem(FILES, "art/block_4.png", tall)
    assert steps(KEYS + '[[keyframes]]\nindex = 3\nsource = "art/block_4.png"\n')


@pytest.mark.parametrize(
    ("mode", "width", "height", "fits"),
    [
        (PIXEL, 256, 256, True),
        (PIXEL, 257, 200, False),
        (PIXEL, 64, 128, True),
        (PIXEL, 64, 129, False),
        (DETAILED, 256, 256, True),
        (DETAILED, 255, 256, False),
        (DETAILED, 2048, 1024, True),
        (DETAILED, 2049, 2048, False),
    ],
)
def test_sizes(mode: object, width: int, height: int, fits: bool) -> None:
    assert (misfit(mode, width, height) == "") is fits  # type: ignore[arg-type]
