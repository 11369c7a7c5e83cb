"""A megapixel, as image models draw "pixel art", becomes a clean sprite of 64 × 64 on the project's palette.

What the model wanted to draw is known here, so that the sprite can be compared with it pixel by pixel.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bridge.assemble.parts import ImagePart
from bridge.media.images import decode_still, encode_png
from bridge.providers.procedural import ProceduralProvider
from bridge.providers.testing import SpecContext, spec_of
from exporters.model.asset import Pixels
from tests.emulator import Emulator
from tests.emulator.pixeldojo import KEY, PixelDojo
from tests.paid.conftest import Paid

SIDE = 64
BLOCK = 16
GROUND = (236, 233, 226)
COLOURS = 12
PROJECT = """\
[project]
name = "golden"
id = "7e57"
specs = ["art/**/*.asset.toml"]
[targets.json]
output = "export"
[targets.godot]
root = "game"
output = "generated"
[providers.pixeldojo]
base_url = "{}"
"""
SPEC = """\
kind = "sprite"
provider = "pixeldojo"
model = "pixel-image"
description = "pixel art of a treasure chest"
size = [64, 64]
[process]
matte = "auto"
grid = "auto"
palette = "art/project.hex"
"""


def wanted() -> Pixels:
    """A chest of few colours, with a margin of four pixels."""
    provider = ProceduralProvider()
    spec = spec_of('kind = "sprite"\nprovider = "procedural"\ndescription = "treasure chest"\nsize = [56, 56]\n')
    (step,) = provider.compile(spec, SpecContext())
    (part,) = provider.interpret(step, provider.run(step, {}, {}))
    assert isinstance(part, ImagePart)
    small = part.pixels.copy()
    known = np.array([colour for colour, _ in common(small).most_common(COLOURS)], dtype=np.int64)
    distance = ((small[..., None, :3].astype(np.int64) - known) ** 2).sum(axis=-1)
    small[..., :3] = known[distance.argmin(axis=-1)]
    canvas = np.zeros((SIDE, SIDE, 4), dtype=np.uint8)
    canvas[4:-4, 4:-4] = small
    canvas[canvas[..., 3] == 0] = 0
    return canvas


def common(pixels: Pixels) -> Counter[tuple[int, ...]]:
    return Counter(map(tuple, pixels[pixels[..., 3] > 0][:, :3].tolist()))


def as_a_model_draws_it(pixels: Pixels) -> bytes:
    """16 times as large, on a plain ground, with soft edges between the "pixels", and a little noise everywhere."""
    ground = np.empty((SIDE, SIDE, 3), dtype=np.uint8)
    ground[:] = GROUND
    flat = np.where(pixels[..., 3:] > 0, pixels[..., :3], ground)
    large = np.repeat(np.repeat(flat, BLOCK, axis=0), BLOCK, axis=1)
    # Half as large and back again: edges between blocks become gradients of a few pixels.
    soft = Image.fromarray(large).resize((SIDE * BLOCK // 3,) * 2, Image.Resampling.BILINEAR)
    soft = soft.resize((SIDE * BLOCK,) * 2, Image.Resampling.BICUBIC)
    noise = np.random.Generator(np.random.PCG64(5)).integers(-5, 6, (SIDE * BLOCK, SIDE * BLOCK, 3))
    noisy = np.clip(np.asarray(soft, dtype=np.int64) + noise, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def test_a_megapixel_becomes_a_clean_sprite(paid: Paid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXELDOJO_API_KEY", KEY)
    truth = wanted()
    drawn = as_a_model_draws_it(truth)
    assert len(common(decode_still(drawn, "drawn"))) > 10_000
    palette = sorted(common(truth))
    paid.write("art/project.hex", "".join(f"{red:02x}{green:02x}{blue:02x}\n" for red, green, blue in palette))
    paid.write("art/chest.asset.toml", SPEC)
    with Emulator(PixelDojo(picture=lambda _: drawn)) as emulator:
        paid.write("assetbridge.toml", PROJECT.format(emulator.url))
        (asset,) = paid.run("build", "--yes", "--json").json["assets"]
        assert asset["state"] == "ready"
        assert emulator.ledger.total("credits") == 0.5
        bought = len(emulator.ledger.rows)
        sprite = exported(paid.root / "export/art/chest.json")
        keep(sprite, drawn)
        assert sprite.shape == (SIDE, SIDE, 4)
        assert set(np.unique(sprite[..., 3]).tolist()) == {0, 255}
        assert set(common(sprite)) <= set(palette)
        same = (sprite == truth).all(axis=-1)
        assert same.mean() > 0.98, f"{same.mean():.4f} of the pixels are as they were meant"
        # Another look at the same picture costs nothing.
        paid.replace("art/chest.asset.toml", "[process]", '[process]\noutline = "#000000"')
        paid.run("build", "--json")
        assert len(emulator.ledger.rows) == bought


def exported(sheet: Path) -> Pixels:
    """The one frame of a sheet, on its canvas again."""
    (frame,) = json.loads(sheet.read_text(encoding="utf-8"))["frames"]
    pixels = decode_still(sheet.with_suffix(".png").read_bytes(), "sheet")
    at, place = frame["frame"], frame["spriteSourceSize"]
    canvas = np.zeros((frame["sourceSize"]["h"], frame["sourceSize"]["w"], 4), dtype=np.uint8)
    part = pixels[at["y"] : at["y"] + at["h"], at["x"] : at["x"] + at["w"]]
    canvas[place["y"] : place["y"] + place["h"], place["x"] : place["x"] + place["w"]] = part
    return canvas


def keep(sprite: Pixels, drawn: bytes) -> None:
    """Leaves the pictures for people who look, where a folder is named for them."""
    import os

    folder = os.environ.get("ASSETBRIDGE_TEST_PICTURES", "")
    if folder:
        Path(folder, "pixeldojo_drawn.png").write_bytes(drawn)
        Path(folder, "pixeldojo_sprite.png").write_bytes(encode_png(sprite))
