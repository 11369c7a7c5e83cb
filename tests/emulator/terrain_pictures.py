"""Emulated terrain tiles: what a pixel shows follows from the tile's corners, so a test can read corners off pixels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tests.emulator.pictures import Pixels, colour, digit

CORNERS = ("NW", "NE", "SW", "SE")
HEIGHTS = {"lower": 0, "transition": 2, "upper": 4}  # quarters of the way from lower to upper

Area: TypeAlias = NDArray[Any]  # (height, width), integers


def tile(corners: Mapping[str, str], size: int, looks: Mapping[str, str], band: int) -> Pixels:
    """A square tile of `size` pixels; `looks` gives the look of lower, upper and transition.

    Heights run bilinearly between the corners, so that an edge depends on its two corners only and neighbours fit.
    `band` is the width of the transition in percent of a tile.
    """
    across = 2 * np.arange(size, dtype=np.int64) + 1
    x, y = np.meshgrid(across, across)
    far = 2 * size
    weights: dict[str, Area] = {"NW": (far - x) * (far - y), "NE": x * (far - y), "SW": (far - x) * y, "SE": x * y}
    height: Area = np.add.reduce([HEIGHTS[corners[name]] * weights[name] for name in CORNERS])
    whole = HEIGHTS["upper"] * far * far  # the height of `upper`
    distance = abs(2 * height - whole) * 100
    result = ground(looks["lower"], size)
    above = 2 * height >= whole
    result[above] = ground(looks["upper"], size)[above]
    on_band = (distance < whole * band) | _is_transition(corners, size)
    result[on_band] = ground(looks["transition"], size)[on_band]
    return result


def _is_transition(corners: Mapping[str, str], size: int) -> NDArray[np.bool_]:
    half = size // 2
    shown = np.zeros((size, size), np.bool_)
    rows = {"N": slice(0, half), "S": slice(half, size)}
    columns = {"W": slice(0, half), "E": slice(half, size)}
    for name in CORNERS:
        shown[rows[name[0]], columns[name[1]]] = corners[name] == "transition"
    return shown


def ground(look: str, size: int) -> Pixels:
    """A full tile of one terrain: its colour with a few darker and lighter specks."""
    return _ground(look, size).copy()


@lru_cache(maxsize=64)
def _ground(look: str, size: int) -> Pixels:
    base = np.array([colour(look, light=light) for light in (42, 58, 50)], np.uint8)
    specks = [[digit(look, row, column) % 12 for column in range(size)] for row in range(size)]
    result: Pixels = base[np.minimum(specks, 2)]
    return result


def block(look: str, size: tuple[int, int], share: int) -> Pixels:
    """An isometric block: a 2:1 diamond on top, `share` percent of the canvas as its side walls."""
    width, height = size
    wall = height * share // 100
    middle = max(1, min(width // 4, (height - wall) // 2))
    top = (height - wall - 2 * middle) // 2
    rows, columns = np.mgrid[0:height, 0:width]
    off = abs(2 * columns + 1 - width)  # twice the distance from the axis
    reach = np.minimum(2 * middle, np.maximum(0, 2 * middle - off // 2))
    upper = top + middle - reach // 2
    lower = top + middle + reach // 2
    inside = off < 4 * middle
    canvas = np.zeros((height, width, 4), np.uint8)
    walls = inside & (rows >= upper) & (rows < lower + wall)
    left = columns * 2 < width
    canvas[walls & left] = colour(look, light=40)
    canvas[walls & ~left] = colour(look, light=30)
    canvas[inside & (rows >= upper) & (rows < lower)] = colour(look, light=60)
    return canvas
