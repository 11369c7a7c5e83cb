"""One thing from its step: words → style → canvas → pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural.things import (
    buildings,
    equipment,
    finish,
    food,
    nature,
    treasure,
    vessels,
    village,
    weapons,
    words,
    worn,
)
from bridge.providers.procedural.things.canvas import Pen, ThingCanvas
from bridge.providers.procedural.things.dice import ThingDice
from bridge.providers.procedural.things.finish import Outline
from bridge.providers.procedural.things.nouns import GROUNDED
from bridge.providers.procedural.things.ramps import COLORS, RGB, Ramp, color_ramp, material_ramp, tint_ramp
from bridge.providers.procedural.things.style import ThingStyle
from exporters.model.asset import Pixels

Drawing: TypeAlias = Callable[[Pen, ThingStyle], object]

TILT = {"side": 0.06, "low top-down": 0.3, "high top-down": 0.5}
DETAIL = {"low": 0.6, "medium": 1.0, "high": 1.5}
PROBE = 48


@cache
def all_drawings() -> dict[str, Drawing]:
    """All drawings by name."""
    modules = (weapons, worn, vessels, treasure, food, equipment, nature, buildings, village)
    return {name: drawing for module in modules for name, drawing in module.DRAWINGS.items()}


def draw_thing(params: Mapping[str, Any], seed: int) -> Pixels:
    """The picture (RGBA) of a step's params (`compile` of this package makes them) and seed."""
    width, height = params["size"]
    request = words.read_text(params["text"], params["prefix"], seed)
    outline = outline_of(params["outline"], min(width, height))
    fringe = 1 if words.GLOWING & request.words and min(width, height) >= 12 else 0
    tones = tones_of(params["shading"], min(width, height))
    drawing = all_drawings()[request.thing]

    def make_style() -> ThingStyle:
        detail = min(width, height) * DETAIL[params["detail"]]
        dice = ThingDice(seed, request.thing, params["name"])
        return ThingStyle(dice, request.main, request.accent, request.words, detail, TILT[params["view"]])

    size = next((factor for word, factor in words.SIZES.items() if word in request.words), 1.0)
    canvas = ThingCanvas(
        width, height, outline.margin + fringe, tones, stretch=_can_stretch(request.thing, width, height)
    )
    pen = _fit_pen(canvas, drawing, make_style)
    drawing(pen.scaled(size, 0.5, 1.0 if request.thing in GROUNDED else 0.5), make_style())
    _apply_weather(canvas, request.words, seed)
    pixels = finish.apply_colors(canvas, outline, _glow_ramp(request) if fringe else None)
    if params["colors"]:
        limit = params["colors"] - (0 if params["transparent"] else 1)
        pixels = finish.limit_colors(pixels, max(1, limit))
    if not params["transparent"]:
        pixels = finish.fill_background(pixels, _background_color(params["text"] + ", " + params["prefix"], pixels))
    return pixels


def _can_stretch(thing: str, width: int, height: int) -> bool:
    return thing in GROUNDED and max(width, height) * 2 <= min(width, height) * 3


def _fit_pen(canvas: ThingCanvas, drawing: Drawing, look: Callable[[], ThingStyle]) -> Pen:
    """A pen with which the drawing stays inside its box, found by a small trial at half scale."""
    trial = ThingCanvas(PROBE * 2, PROBE * 2, PROBE // 2, 3)
    drawing(trial.pen(), look())
    rows, columns = np.nonzero(trial.opaque)
    pen = canvas.pen()
    low_x, high_x = _measure_reach(columns, trial.left, trial.side_x)
    low_y, high_y = _measure_reach(rows, trial.top, trial.side_y)
    largest = max(high_x - low_x, high_y - low_y)
    if min(low_x, low_y) >= 0 and max(high_x, high_y) <= 1:
        return pen
    factor = min(1.0, 0.985 / largest)
    centred = pen.moved(0.5 - (low_x + high_x) / 2, 0.5 - (low_y + high_y) / 2)
    return centred.scaled(factor, (low_x + high_x) / 2, (low_y + high_y) / 2)


def _measure_reach(places: npt.NDArray[np.int64], origin: int, side: int) -> tuple[float, float]:
    """First and last edge of pixels in box units."""
    return (int(places.min()) - origin) / side, (int(places.max()) + 1 - origin) / side


def _apply_weather(canvas: ThingCanvas, text_words: frozenset[str], seed: int) -> None:
    if words.AGED & text_words:
        canvas.ramps[:] = [tint_ramp(ramp, "dull") for ramp in canvas.ramps]
        finish.add_stains(canvas, seed)
    if words.MOSSY & text_words:
        finish.overgrow_top(canvas, material_ramp("moss"), seed, 0.34)
    if words.SNOWY & text_words:
        finish.overgrow_top(canvas, material_ramp("snow"), seed, 0.26)
    if words.BROKEN & text_words:
        finish.draw_cracks(canvas, seed)


def _glow_ramp(request: words.ItemRequest) -> Ramp:
    return request.main or color_ramp("yellow")


def _background_color(text: str, pixels: Pixels) -> RGB:
    """The background: the colour word before `background`, else a dark tone that sets the picture off."""
    text_words = words.normalize_text(text).replace(",", " ").split()
    for index, word in enumerate(text_words[:-1]):
        if word in COLORS and text_words[index + 1] in ("background", "ground", "backdrop"):
            return COLORS[word]
    opaque = pixels[pixels[..., 3] > 0][:, :3].astype(np.int64)
    bright = int(opaque.sum()) // max(1, opaque.size)
    return (52, 58, 84) if bright > 96 else (196, 186, 160)


def outline_of(text: str, side: int) -> Outline:
    """The outline that the words ask for (`single color black outline`, `selective outline`, `lineless`, `thick` …)."""
    kind = "selective"
    if any(word in text for word in ("lineless", "none", "no outline", "without")):
        kind = "none"
    elif "black" in text:
        kind = "black"
    elif "single" in text:
        kind = "single"
    return Outline(kind, 2 if "thick" in text and side >= 16 else 1)


def tones_of(text: str, side: int) -> int:
    """How many shades of a ramp are used: by the words (`flat`, `basic`, `medium`, `detailed`), else by the size."""
    for word, tones in (("flat", 1), ("basic", 3), ("simple", 3), ("medium", 4), ("detailed", 5), ("high", 5)):
        if word in text:
            return tones
    return 3 if side <= 20 else 4 if side < 40 else 5
