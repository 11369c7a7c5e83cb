"""Specs, pictures and answers for the tests of Pixel Engine's adapter."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from bridge.http.outcome import Answer, TransportError
from bridge.media.images import decode_still, encode_png
from bridge.providers.api import ResultFile, Step, StepResult
from bridge.providers.pixelengine import PixelEngineProvider
from bridge.providers.testing import SpecContext, compile_checked, spec_of
from exporters.model.asset import Pixels
from tests.emulator import pictures

ENGINE = PixelEngineProvider()


def knight(look: str = "knight", side: int = 32, width: int = 0) -> Pixels:
    """A little figure on a transparent ground."""
    return pictures.figure(look, (width or side, side), share=80)


def jpeg(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, 60)).save(buffer, "JPEG")
    return buffer.getvalue()


FILES: dict[str, bytes] = {
    "art/knight.png": encode_png(knight()),
    "art/block_0.png": encode_png(knight("block")),
    "art/block_4.png": encode_png(knight("block raised", 40, 24)),
    "art/large.png": encode_png(pictures.figure("large", (300, 280), share=80)),
    "art/photo.jpg": jpeg(300, 256),
    "art/own.png": encode_png(
        np.concatenate([knight("own", 32), knight("own", 32)[:, ::-1], knight("own", 32)], axis=1)
    ),
    "art/palette.hex": b"1a1c2c\n5d275d\nb13e53\n",
}
HEAD = 'kind = "animation"\nprovider = "pixelengine"\naction = "raises the shield"\n'
MOVE = HEAD + 'source = "art/knight.png"\n'
KEYS = HEAD + '[[keyframes]]\nindex = 0\nsource = "art/block_0.png"\n'
SPECS: Mapping[str, str] = {
    "animate": MOVE + 'name = "block"\nframes = 6\nnegative = "blur"\ncolors = 16\ndescription = "a knight"\n',
    "palette": MOVE + '[reference]\ncolors = "art/palette.hex"\n',
    "detailed": HEAD + 'model = "frame-engine-v1.1"\nsource = "art/large.png"\nframes = 4\n',
    "keyframes": HEAD
    + """
frames = 7
[[keyframes]]
index = 0
source = "art/block_0.png"
[[keyframes]]
index = 4
source = "art/block_4.png"
strength = 0.8
""",
    "source and keyframe": MOVE + '[[keyframes]]\nindex = 5\nsource = "art/block_4.png"\n',
    "retakes": MOVE
    + """
frames = 8
[[retakes]]
frames = [2, 5]
action = "shield higher"
seed = 11
[[retakes]]
frames = [7, 7]
""",
    "own clip": HEAD
    + """
source_clip = "art/own.png"
frames = 3
[[retakes]]
frames = [1, 1]
[[retakes]]
frames = [2, 2]
take = 3
""",
}


def steps(text: str) -> list[Step]:
    """A spec's steps."""
    return list(compile_checked(ENGINE, spec_of(text), SpecContext(files=FILES)))


def inputs(step: Step) -> dict[str, bytes]:
    """The bytes of a step's inputs."""
    return {item.role: FILES[item.ref] for item in step.inputs}


def body(step: Step, needed: Mapping[str, StepResult] | None = None, own: Mapping[str, bytes] | None = None) -> Any:
    """The JSON that an order sends."""
    return ENGINE.order(step, inputs(step) if own is None else own, needed or {}).body


def shown(text: str) -> Pixels:
    """A picture of a request."""
    return decode_still(base64.b64decode(text), "sent")


def strip(*frames: Pixels, **meta: Any) -> StepResult:
    """A stored clip."""
    file = ResultFile("clip.png", "image/png", encode_png(np.concatenate(frames, axis=1)))
    return StepResult((file,), {"frames": len(frames), **meta})


def on(pixels: Pixels, colour: tuple[int, int, int]) -> Pixels:
    """The picture on an opaque ground."""
    result = pixels.copy()
    result[pixels[..., 3] == 0] = (*colour, 255)
    return result


def answer(document: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, headers, document if isinstance(document, bytes) else json.dumps(document).encode())


def failed(status: int, document: Any) -> TransportError:
    """A free request that was answered with an error."""
    kind = "server" if status >= 500 else "refused"
    return TransportError(kind, f"HTTP {status}", status=status, answer=answer(document, status))


class Line:
    """Free calls that get the given answers in turn, the last one again and again."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        words = "&".join(f"{name}={value}" for name, value in (params or {}).items())
        return self._next(f"{path}?{words}" if words else path)

    async def download(self, url: str, *, most: int = 0) -> Answer:
        return self._next(url)

    def _next(self, path: str) -> Answer:
        self.asked.append(path)
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(found, TransportError):
            raise found
        return found if isinstance(found, Answer) else answer(found)
