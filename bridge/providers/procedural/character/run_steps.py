"""Running steps: figures and moved pictures as PNG strips, and what strips mean."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

from bridge.assemble.parts import ClipPart, ImagePart, Part
from bridge.core.errors import WorkFailed
from bridge.processing.canvas import require_pixels
from bridge.providers.api import ResultFile, Step, StepResult
from exporters.model.asset import Pixels

from . import actions, picture_motion, pictures, shade
from .build_figure import FigureRequest, build_figure
from .render import FigureCanvas, FigureRenderer

BLACK = (20, 18, 26)
_SMALL = 24  # pixels: below, faces and trims would only be noise
_DETAIL = {"low": 0, "medium": 1, "high": 2}


def run_step(step: Step, inputs: Mapping[str, bytes]) -> StepResult:
    """Draws a step's frames.

    Raises:
        WorkFailed: `source_broken`: the source is no picture; `asset_too_large`: so many frames of it are too much.
    """
    if step.operation == "picture.motion":
        return _run_motion(step, inputs["source"])
    params = step.params
    figure = figure_of(params, step.seed or 1)
    if step.operation == "character.stills":
        directions = [str(d) for d in params["directions"]]
        names = [direction.replace("-", "_") for direction in directions]
        return _make_strip(figure.render("idle", np.zeros(len(directions)), directions), names)
    action, count = str(params["action"]), int(params["frames"])
    frames = figure.render(
        action, spread_phases(count, loop=actions.ACTIONS[action][1]), [str(params["direction"])] * count
    )
    return _make_strip(frames, [str(i) for i in range(count)])


def spread_phases(count: int, *, loop: bool) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Where in its motion each frame stands: a loop stops short of its start, a one-shot reaches its end."""
    return np.arange(count) / (count if loop else max(count - 1, 1))


def figure_of(params: Mapping[str, Any], seed: int) -> FigureRenderer:
    """The figure that a step's parameters describe; the last few are kept: clips of one figure follow each other."""
    proportions = params["proportions"]
    return _make_figure(
        str(params["description"]),
        seed,
        params["archetype"],
        proportions if isinstance(proportions, str) else tuple(sorted(proportions.items())),
        (int(params["size"][0]), int(params["size"][1])),
        (str(params["view"]), str(params["outline"]), str(params["shading"]), str(params["detail"])),
        params["colors"],
    )


@lru_cache(maxsize=16)
def _make_figure(
    description: str,
    seed: int,
    archetype: str | None,
    proportions: str | tuple[tuple[str, float], ...],
    size: tuple[int, int],
    style_words: tuple[str, str, str, str],
    colors: int | None,
) -> FigureRenderer:
    view, outline, shading, detail = style_words
    small = min(size) < _SMALL
    level = 0 if small else _DETAIL[detail]
    build = proportions if isinstance(proportions, str) else dict(proportions)
    style = build_figure(FigureRequest(description, seed, archetype, build, level))
    finish = shade.Finish(
        shading="basic" if small and shading == "medium" else shading,
        outline=outline != "none",
        lines=0 if shading == "flat" and outline == "none" else 1 if small else 2,
    )
    return FigureRenderer(
        style, FigureCanvas(size[0], size[1], view, finish, BLACK if outline == "black" else None, colors)
    )


def _run_motion(step: Step, data: bytes) -> StepResult:
    try:
        with Image.open(io.BytesIO(data)) as image:
            picture = np.asarray(image.convert("RGBA"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise WorkFailed(
            "source_broken", "the source of the motion is not a picture", hint="Give a PNG file or an asset part."
        ) from error
    if step.params["size"] is not None:
        picture = _fit_canvas(picture, int(step.params["size"][0]), int(step.params["size"][1]))
    motion, count = str(step.params["motion"]), int(step.params["frames"])
    require_pixels({(picture.shape[1], picture.shape[0]): count}, "the motion would have")
    frames = picture_motion.move_picture(picture, motion, count, loop=pictures.MOTIONS[motion][1])
    return _make_strip(frames, [str(i) for i in range(count)])


def _fit_canvas(picture: Pixels, width: int, height: int) -> Pixels:
    """The picture bottom-centre on a canvas; what does not fit is cut."""
    out = np.zeros((height, width, 4), dtype=np.uint8)
    h, w = min(height, picture.shape[0]), min(width, picture.shape[1])
    x, source_x = (width - w) // 2, (picture.shape[1] - w) // 2
    out[height - h :, x : x + w] = picture[picture.shape[0] - h :, source_x : source_x + w]
    return out


def _make_strip(frames: Pixels, names: Sequence[str]) -> StepResult:
    count, height, width = frames.shape[:3]
    strip = np.ascontiguousarray(frames.transpose(1, 0, 2, 3).reshape(height, count * width, 4))
    data = io.BytesIO()
    Image.fromarray(strip).save(data, "PNG", compress_level=1)
    meta = {"frame": [width, height], "names": list(names)}
    return StepResult((ResultFile("strip.png", "image/png", data.getvalue()),), meta)


def interpret_step(step: Step, result: StepResult) -> list[Part]:
    """Stills by direction, or the clip of a step.

    Raises:
        WorkFailed: `assemble_failed`: the strip does not fit its facts.
    """
    width, height = (int(side) for side in result.meta["frame"])
    names = [str(name) for name in result.meta["names"]]
    with Image.open(io.BytesIO(result.files[0].data)) as image:
        strip = np.asarray(image.convert("RGBA"))
    if strip.shape[:2] != (height, width * len(names)):
        raise WorkFailed("assemble_failed", f"the strip of {step.key} has another size", hint="Build the asset again.")
    frames = tuple(np.ascontiguousarray(strip[:, i * width : (i + 1) * width]) for i in range(len(names)))
    if step.operation == "character.stills":
        return [ImagePart(name, pixels) for name, pixels in zip(names, frames, strict=True)]
    if step.operation == "picture.motion":
        loop = pictures.MOTIONS[str(step.params["motion"])][1]
        return [ClipPart(step.key.split("/")[1], None, frames, loop=loop)]
    _, name, direction = step.key.split("/")
    return [ClipPart(name, direction, frames, loop=actions.ACTIONS[str(step.params["action"])][1])]
