"""Specs, pictures and answers for the tests of PixelLab's adapter."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from bridge.http.outcome import Answer, TransportError
from bridge.media.images import encode_png
from bridge.providers.api import Step, StepResult
from bridge.providers.pixellab import PixelLabProvider
from bridge.providers.testing import SpecContext, compile_checked, spec_of
from exporters.model.asset import Pixels

T = TypeVar("T")
LAB = PixelLabProvider()


def picture(width: int, height: int, seed: int = 0) -> Pixels:
    """Opaque noise: no two pictures are alike."""
    generator = np.random.Generator(np.random.PCG64(seed))
    pixels = generator.integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return pixels


def png(width: int, height: int, seed: int = 0) -> bytes:
    return encode_png(picture(width, height, seed))


def opened(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA"), dtype=np.uint8)


def image(data: bytes, **more: Any) -> dict[str, Any]:
    """A picture as answers carry it."""
    return {"type": "base64", "base64": base64.b64encode(data).decode(), **more}


POSE = [{"x": 0.5, "y": 0.25, "label": "NOSE", "z_index": 1.0}, {"x": 0.5, "y": 0.4, "label": "NECK"}]
RAISED = [{**POSE[0], "y": 0.2}, POSE[1]]
POSES = json.dumps([POSE, RAISED, POSE, RAISED]).encode()
MOVED = json.dumps(["estimate", {"NOSE": [0.1, -0.9]}, {"LEFT KNEE": [0.05, 0.0]}]).encode()
FILES: Mapping[str, bytes] = {
    "art/knight.png": png(32, 32, 1),
    "art/mask.png": png(32, 32, 2),
    "art/style.png": png(16, 16, 3),
    "art/palette.hex": b"1a1c2c\n5d275d\nb13e53\n",
    "poses/walk.json": POSES,
    "poses/moved.json": MOVED,
}
SPECS: Mapping[str, str] = {
    "sprite": """
kind = "sprite"
provider = "pixellab"
description = "mossy boulder"
size = [48, 32]
variants = 2
direction = "south-east"
outline = "selective outline"
shading = "flat"
[reference]
init = "art/knight.png"
init_strength = 200
colors = ["#1A1C2C", "#b13e53"]
""",
    "bitforge": """
kind = "sprite"
provider = "pixellab"
model = "bitforge"
description = "mossy boulder"
negative = "moss"
projection = "oblique"
[reference]
style = "art/style.png"
style_strength = 20
[provider_options]
coverage_percentage = 80
""",
    "items": """
kind = "items"
provider = "pixellab"
description = "fantasy icon"
[[items]]
name = "health_potion"
description = "red potion"
[[items]]
name = "iron_sword"
seed = 5
take = 2
""",
    "edit": """
kind = "edit"
provider = "pixellab"
source = "art/knight.png"
mask = "art/mask.png"
description = "a golden helmet"
""",
    "turnaround": """
kind = "turnaround"
provider = "pixellab"
source = "art/knight.png"
direction = "south"
directions = 4
mirror = { west = "east" }
""",
    "view": """
kind = "turnaround"
provider = "pixellab"
source = "art/knight.png"
rotate = 45
""",
    "animation": """
kind = "animation"
provider = "pixellab"
source = "art/knight.png"
action = "raises the shield"
frames = 8
direction = "south"
""",
    "skeleton": """
kind = "animation"
provider = "pixellab"
source = "art/knight.png"
name = "stride"
[skeleton]
poses = "poses/walk.json"
""",
    "estimate": """
kind = "animation"
provider = "pixellab"
source = "art/knight.png"
[skeleton]
poses = "poses/moved.json"
""",
    "character": """
kind = "character"
provider = "pixellab"
description = "brave knight"
size = [48, 48]
directions = 8
mirror = { west = "east", south-west = "south-east", north-west = "north-east" }
proportions = "heroic"
[animations.walk]
template = "walking-8-frames"
[animations.idle]
directions = ["south"]
""",
    "adopted": """
kind = "character"
provider = "pixellab"
adopt = "char-7"
directions = 4
[animations.walk]
directions = ["south", "east"]
""",
    "tileset": """
kind = "tileset"
provider = "pixellab"
tile_size = 16
[[terrains]]
name = "water"
description = "deep ocean"
[[terrains]]
name = "sand"
[[terrains]]
name = "grass"
[[transitions]]
between = ["water", "sand"]
description = "wet sand"
size = 0.5
[[transitions]]
between = ["water", "grass"]
""",
    "isometric_tiles": """
kind = "isometric_tiles"
provider = "pixellab"
tile_size = [32, 32]
outline = "lineless"
[[tiles]]
name = "grass"
shape = "thin"
[[tiles]]
name = "stone"
description = "grey stone block"
""",
}


def steps(text: str) -> list[Step]:
    """A spec's steps."""
    return compile_checked(LAB, spec_of(text), SpecContext(files=FILES))


def by_key(text: str) -> dict[str, Step]:
    return {step.key: step for step in steps(text)}


def inputs(step: Step) -> dict[str, bytes]:
    """The bytes of a step's inputs."""
    return {item.role: FILES[item.ref] for item in step.inputs}


def body(step: Step, needed: Mapping[str, StepResult] | None = None, own: Mapping[str, bytes] | None = None) -> Any:
    """The JSON that an order sends."""
    return LAB.order(step, inputs(step) if own is None else own, needed or {}).body


def answer(document: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, headers, document if isinstance(document, bytes) else json.dumps(document).encode())


class Line:
    """Free calls from a table: path or URL → answers in order, the last one again and again. No entry is a 404."""

    def __init__(self, pages: Mapping[str, Any]) -> None:
        self._pages = {path: list(page) if isinstance(page, tuple) else [page] for path, page in pages.items()}
        self.asked: list[str] = []

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        offset = (params or {}).get("offset")
        return self._next(f"{path}?{offset}" if offset else path)

    async def download(self, url: str, *, most: int = 0) -> Answer:
        return self._next(url)

    def _next(self, path: str) -> Answer:
        self.asked.append(path)
        pages: Sequence[Any] = self._pages.get(path, [TransportError("refused", "not found", status=404)])
        page = pages[0] if len(pages) == 1 else self._pages[path].pop(0)
        if isinstance(page, TransportError):
            raise page
        return page if isinstance(page, Answer) else answer(page)


def locked(after: float | None = None) -> TransportError:
    return TransportError("refused", "locked", status=423, retry_after=after)


def ran(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)
