"""Every limit of Pixel Engine's API reference, refused here before anything is asked of the service.

Rows in the order of the reference. `wide`, `tall` … are pictures of that size, `{…}` in specs stands for one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bridge.core.errors import UserError
from bridge.media.images import encode_png
from bridge.providers.api import Step
from bridge.providers.pixelengine import modes
from bridge.providers.testing import SpecContext, compile_checked, spec_of
from tests.unit.providers.limits import Limit
from tests.unit.providers.pixelengine_samples import ENGINE, HEAD, jpeg


def picture(width: int, height: int) -> bytes:
    return encode_png(np.full((height, width, 4), (90, 120, 60, 255), dtype=np.uint8))


SIDES = (
    *((1, 1), (32, 32), (40, 24), (64, 32), (65, 32), (32, 64), (32, 65)),
    *((256, 256), (257, 200), (200, 257), (255, 256), (256, 255)),
    *((2048, 1024), (2049, 2048), (512, 256), (514, 256)),
)
FILES = {f"{width}x{height}.png": picture(width, height) for width, height in SIDES} | {"photo.jpg": jpeg(300, 256)}


def compiled(text: str) -> Sequence[Step]:
    return compile_checked(ENGINE, spec_of(text), SpecContext(files=FILES))


def move(size: str = "32x32", more: str = "") -> str:
    return f'{HEAD}source = "{size}.png"\n{more}'


def large(size: str = "256x256", more: str = "") -> str:
    return move(size, f'model = "frame-engine-v1.1"\n{more}')


def keys(indexes: Sequence[int], more: str = "", size: str = "32x32", extra: str = "") -> str:
    tables = (f'[[keyframes]]\nindex = {index}\nsource = "{size}.png"\n{extra}' for index in indexes)
    return HEAD + more + "".join(tables)


def retake(start: int, end: int, more: str = "") -> str:
    return move("32x32", f"frames = 8\n{more}[[retakes]]\nframes = [{start}, {end}]\n")


LIMITS = (
    Limit("animate: even frames", "frames", "even", [move(more="frames = 4\n")], [move(more="frames = 7\n")]),
    Limit("animate: from 2 frames", "frames", "2", [move(more="frames = 2\n")], [move(more="frames = 1\n")]),
    Limit("pixel model: up to 16", "frames", "16", [move(more="frames = 16\n")], [move(more="frames = 18\n")]),
    Limit("frame model: up to 24", "frames", "24", [large(more="frames = 24\n")], [large(more="frames = 26\n")]),
    Limit("pixel: sides up to 256", "source", "256", [move("256x256")], [move("257x200"), move("200x257")]),
    Limit("frame: sides from 256", "source", "256", [large("256x256")], [large("255x256"), large("256x255")]),
    Limit("frame: sides up to 2048", "source", "2048", [large("2048x1024")], [large("2049x2048")]),
    Limit("ratio up to 2:1", "source", "twice", [move("64x32"), large("512x256")], [move("65x32"), large("514x256")]),
    Limit("ratio down to 1:2", "source", "twice", [move("32x64")], [move("32x65")]),
    Limit("colours from 2", "colors", "2", [move(more="colors = 2\n")], [move(more="colors = 1\n")]),
    Limit("colours up to 256", "colors", "256", [move(more="colors = 256\n")], [move(more="colors = 257\n")]),
    Limit("no colours for frames", "colors", "pixel", [large()], [large(more="colors = 16\n")]),
    Limit(
        "a palette or a number",
        "colors",
        "not both",
        [move(more='[reference]\ncolors = ["#102030"]\n')],
        [move(more='colors = 8\n[reference]\ncolors = ["#102030"]\n')],
    ),
    Limit(
        "no palette for frames",
        "reference.colors",
        "pixel art",
        [large()],
        [large(more='[reference]\ncolors = ["#102030"]\n')],
    ),
    Limit(
        "the matte is #rrggbb",
        "provider_options.matte_color",
        "#",
        [move(more='[provider_options]\nmatte_color = "#00ff00"\n')],
        [move(more='[provider_options]\nmatte_color = "pink"\n')],
    ),
    Limit(
        "keyframes: from 3 frames",
        "frames",
        "3",
        [keys([0], "frames = 3\n")],
        [keys([0], "frames = 2\n")],
    ),
    Limit("keyframes: up to 20 frames", "frames", "20", [keys([0], "frames = 20\n")], [keys([0], "frames = 21\n")]),
    Limit("1 to 8 keyframes", "keyframes", "8", [keys(range(8))], [keys(range(9))]),
    Limit("with the source too", "keyframes", "8", [], [keys(range(1, 9), 'source = "32x32.png"\n')]),
    Limit("an index below the total", "keyframes", "4", [keys([0, 3], "frames = 4\n")], [keys([0, 4], "frames = 4\n")]),
    Limit("an index from 0", "keyframes.0.index", "0", [keys([0])], [keys([-1])]),
    Limit("each index once", "keyframes", "twice", [keys([0, 1])], [keys([0, 0])]),
    Limit(
        "strength from 0",
        "keyframes.0.strength",
        "0",
        [keys([0], extra="strength = 0.0\n")],
        [keys([0], extra="strength = -0.1\n")],
    ),
    Limit(
        "strength up to 1",
        "keyframes.0.strength",
        "1",
        [keys([0], extra="strength = 1.0\n")],
        [keys([0], extra="strength = 1.1\n")],
    ),
    Limit("keyframes: sides up to 256", "keyframes", "256", [keys([0], size="256x256")], [keys([0], size="257x200")]),
    Limit("keyframes: ratio", "keyframes", "twice", [keys([0], size="64x32")], [keys([0], size="65x32")]),
    Limit("retake: end within the clip", "retakes.0.frames", "7", [retake(0, 7)], [retake(0, 8)]),
    Limit("retake: start before the end", "retakes.0.frames", "", [retake(5, 5)], [retake(6, 5)]),
    Limit("retake: start from 0", "retakes.0.frames.0", "0", [retake(0, 0)], [retake(-1, 5)]),
    Limit("seed from 1", "seed", "", [move(more="seed = 1\n")], [move(more="seed = 0\n")]),
    Limit("an address instead of bytes", "source_url", "path", [move()], [f'{HEAD}source_url = "https://x.y/a.png"\n']),
)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.rule)
def test_a_documented_limit(limit: Limit) -> None:
    limit.check(compiled)


def ordered(text: str, files: dict[str, bytes]) -> None:
    (step,) = compile_checked(ENGINE, spec_of(text), SpecContext(files=FILES))
    ENGINE.order(step, {item.role: files[item.ref] for item in step.inputs}, {})


def beyond(text: str, files: dict[str, bytes]) -> UserError:
    """The error of an order whose pictures are known only when it is written: those of other assets."""
    with pytest.raises(UserError) as caught:
        ordered(text, files)
    assert caught.value.code == "provider_limit"
    return caught.value


ASSET = f'{HEAD}source = "asset:art/hero#south"\n'


@pytest.mark.parametrize(("size", "says"), [((257, 200), "256"), ((65, 32), "twice")], ids=["sides", "ratio"])
def test_pictures_of_assets_are_measured_before_they_are_sent(size: tuple[int, int], says: str) -> None:
    ordered(ASSET, {"asset:art/hero#south": picture(32, 32)})
    error = beyond(ASSET, {"asset:art/hero#south": picture(*size)})
    assert says in error.message + error.hint


def noise(side: int) -> bytes:
    """A picture that cannot be packed: 4 bytes a pixel and a little more."""
    pixels = np.random.Generator(np.random.PCG64(1)).integers(0, 256, (side, side, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return encode_png(pixels)


def test_five_megabytes_are_the_most_that_is_set_in_motion() -> None:
    text = f'{HEAD}model = "frame-engine-v1.1"\nsource = "asset:art/hero#south"\n'
    error = beyond(text, {"asset:art/hero#south": noise(1400)})
    assert "5" in error.message
    assert modes.MOST_ANIMATED == 5 * 1024 * 1024


def test_keyframes_have_ten_megabytes_each_and_twenty_in_all() -> None:
    head = f'{HEAD}model = "frame-engine-v1.1"\nframes = 8\n'
    each = '[[keyframes]]\nindex = {0}\nsource = "asset:art/hero#k{0}"\n'
    files = {"asset:art/hero#k0": noise(2000)}
    assert "10" in beyond(head + each.format(0), files).message
    three = {f"asset:art/hero#k{place}": noise(1560) for place in range(3)}
    assert all(6_000_000 < len(data) < 10 * 1024 * 1024 for data in three.values())
    assert "20" in beyond(head + "".join(each.format(place) for place in range(3)), three).message
