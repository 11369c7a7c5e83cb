"""Clean art whose pixels are known: blobs from random numbers, and what the offline provider draws.

The blobs have one author with the damage; the drawings (outlines, faces, features of one pixel) do not. Everything
has SIDE × SIDE pixels and is seeded, so that every run sees the same pictures.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural.character.run_steps import figure_of, spread_phases
from bridge.providers.procedural.things.nouns import WORDS
from bridge.providers.procedural.things.render import draw_thing
from exporters.model.asset import Pixels

SIDE = 64
COLOURS = 12
DRAWN_EVERY = 3
"""Of so many subjects one is a blob, the others are drawings."""
_FIGURES = ("knight with sword and shield", "witch with a staff", "wolf", "bird", "spider", "goblin archer")
_STYLE = {"view": "low top-down", "detail": "medium", "colors": None}
_FIGURE_STYLE = {"archetype": None, "outline": "selective", "shading": "medium", "proportions": "default"}
_THING_STYLE = {"prefix": "", "name": "", "outline": "", "shading": "", "transparent": True}


@cache
def sprites(count: int, first: int = 5000) -> tuple[Pixels, ...]:
    """Opaque blobs with shading, details and an outline, on a ground of one colour."""
    return tuple(_sprite(first + number) for number in range(count))


def _sprite(seed: int) -> Pixels:
    chance = np.random.default_rng(seed)
    palette = chance.integers(0, 256, (COLOURS, 3))
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    cells = np.zeros((SIDE, SIDE), dtype=np.int64)
    for part in range(7):
        middle = chance.integers(18, 46, 2)
        radii = chance.integers(6, 18, 2)
        inside = ((rows - middle[0]) / radii[0]) ** 2 + ((columns - middle[1]) / radii[1]) ** 2 <= 1
        lit = (rows - middle[0]) + (columns - middle[1]) < 0
        cells[inside] = 2 + part
        cells[inside & lit] = 2 + (part + 1) % 8
    there = cells > 0
    for _ in range(10):
        y, x = chance.integers(14, 48, 2)
        height, width = chance.integers(1, 5, 2)
        box = np.zeros_like(there)
        box[y : y + height, x : x + width] = True
        cells[box & there] = chance.integers(2, COLOURS)
    cells[grown(there) & ~there] = 1
    return np.dstack([palette[cells], np.full((SIDE, SIDE), 255)]).astype(np.uint8)


def grown(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The mask and its four neighbours."""
    found = mask.copy()
    found[1:] |= mask[:-1]
    found[:-1] |= mask[1:]
    found[:, 1:] |= mask[:, :-1]
    found[:, :-1] |= mask[:, 1:]
    return found


@cache
def subjects(count: int, first: int = 5000) -> tuple[Pixels, ...]:
    """Subjects on transparency, by turns: a blob with a hole, an item, a figure."""
    makers = (_holed, _thing, _figure)
    return tuple(makers[number % len(makers)](first + number) for number in range(count))


def _holed(seed: int) -> Pixels:
    """A blob whose background shows through a gap, as between an arm and the body."""
    pixels = _sprite(seed).copy()
    ring = pixels[(pixels[..., :3] != pixels[0, 0, :3]).any(axis=2)][0]
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    gap = ((rows - 34) / 7) ** 2 + ((columns - 30) / 3) ** 2 <= 1
    there = (pixels[..., :3] != pixels[0, 0, :3]).any(axis=2)
    pixels[grown(gap) & there] = ring
    pixels[gap | ~there] = 0
    return pixels


def _thing(seed: int) -> Pixels:
    names = sorted(WORDS)
    text = WORDS[names[seed * 7 % len(names)]].split(", ")[0]
    return draw_thing({**_STYLE, **_THING_STYLE, "size": [SIDE, SIDE], "text": text}, seed)


def _figure(seed: int) -> Pixels:
    return clip(1, seed)[0]


@cache
def clip(count: int, seed: int = 5000) -> tuple[Pixels, ...]:
    """A figure that walks to the east, or stands where `count` is 1."""
    description = _FIGURES[seed // 3 % len(_FIGURES)]
    figure = figure_of({**_STYLE, **_FIGURE_STYLE, "size": [SIDE, SIDE], "description": description}, seed)
    if count == 1:
        return tuple(figure.render("idle", np.zeros(1), ["south"]))
    return tuple(figure.render("walk", spread_phases(count, loop=True), ["east"] * count))


def palette_of(*pictures: Pixels) -> tuple[tuple[int, int, int], ...]:
    """The visible colours of pictures."""
    found = np.unique(np.concatenate([pixels[pixels[..., 3] > 0][:, :3] for pixels in pictures]), axis=0)
    return tuple((int(red), int(green), int(blue)) for red, green, blue in found)
