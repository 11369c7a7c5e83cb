"""A repeating picture of shades that textures are painted on.

A canvas holds, per animation frame, a shade for every pixel: places in a colour ramp (LINE … SHINE), followed by
accent colours such as petals. It is a torus: what leaves on the right comes in on the left, so every texture is
seamless. A variation of a tile repaints its inside only; a ring of RIM pixels stays equal to the plain tile's, so
variations may stand beside any other tile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural import noise
from bridge.providers.procedural.noise import Dice, Field
from bridge.providers.procedural.palette import BASE, RGB, SHADES, Ramp

RIM = 1
Stamp = Sequence[str]


@dataclass(slots=True)
class TextureCanvas:
    """`size` is width and height in pixels; `amount` the percentage of marks that the spec's detail asks for.

    `variation` 0 is the plain tile. `diamond` keeps all marks inside the diamond that fills the canvas (isometric
    tops, whose flat border fits any neighbour).
    """

    size: tuple[int, int]
    ramp: Ramp
    seed: int
    frames: int = 1
    amount: int = 100
    variation: int = 0
    diamond: bool = False
    colors: list[RGB] = field(init=False)
    shades: npt.NDArray[np.uint8] = field(init=False)

    def __post_init__(self) -> None:
        width, height = self.size
        self.colors = list(self.ramp)
        self.shades = np.full((self.frames, height, width), BASE, dtype=np.uint8)

    @property
    def unit(self) -> int:
        """How many pixels a brush dot has: 1 below 28 pixels a side, 2 below 56, then 3."""
        return 1 + min(self.size) // 28

    def add_accent(self, color: RGB) -> int:
        """The shade number of a colour that is not in the ramp."""
        if color not in self.colors[SHADES:]:
            self.colors.append(color)
        return SHADES + self.colors[SHADES:].index(color)

    def smooth_noise(self, topic: str, cell: int, octaves: int = 2, phases: int = 1, stretch: int = 1) -> Field:
        """Smooth seamless noise (phases, height, width) bumps of about `cell` brush dots, or wider."""
        size = cell * self.unit
        cells = (round_up(self.size[0], size * stretch), round_up(self.size[1], size))
        return noise.layered_noise(noise.derive_seed(self.seed, topic), self.size, cells, octaves, phases)

    def pixel_noise(self, topic: str) -> Field:
        """Unsmooth noise (height, width), 0 … 65535, one value a pixel."""
        width, height = self.size
        return noise.hash_cells(
            noise.derive_seed(self.seed, topic), np.arange(height)[:, None], np.arange(width)[None, :]
        )

    def count_marks(self, per_tile: int) -> int:
        """How many marks make the density that `per_tile` marks have on 16 × 16 brush dots; at least one."""
        # A diamond is half of its box.
        area = self.size[0] * self.size[1] // (self.unit * self.unit * (2 if self.diamond else 1))
        return max(1, (per_tile * area * self.amount + 12800) // 25600)

    def spread_marks(self, topic: str, per_tile: int, reach: int = 2, *, inside: bool = False) -> list[tuple[int, int]]:
        """Even places for marks that reach so many brush dots from their centre.

        A variation moves those that do not touch the border; `inside` gives only such.
        """
        count = self.count_marks(per_tile)
        if self.diamond or inside:
            return self._spread_inside(Dice(self.seed, topic, "inside", self.variation), count, reach, [])
        marks = noise.scatter_points(Dice(self.seed, topic), self.size, count, reach * self.unit)
        if not self.variation:
            return marks
        kept = [mark for mark in marks if not self._is_inside(mark, reach)]
        dice = Dice(self.seed, topic, self.variation)
        return self._spread_inside(dice, count - len(kept), reach, kept)

    def _spread_inside(self, dice: Dice, count: int, reach: int, kept: list[tuple[int, int]]) -> list[tuple[int, int]]:
        marks = list(kept)
        for _ in range(count):
            choices = [(dice.number(self.size[0]), dice.number(self.size[1])) for _ in range(16)]
            choices = [mark for mark in choices if self._is_inside(mark, reach)]
            if choices:
                marks.append(
                    max(
                        choices,
                        key=lambda mark: min((noise.torus_gap(self.size, mark, other) for other in marks), default=0),
                    )
                )
        return marks

    def _is_inside(self, mark: tuple[int, int], reach: int) -> bool:
        margin = reach * self.unit + RIM
        if self.diamond:
            width, height = self.size
            off_x, off_y = abs(2 * mark[0] + 1 - width), abs(2 * mark[1] + 1 - height)
            return off_x * height + off_y * width <= width * height - margin * (width + height) // 2
        return all(margin <= at < length - margin for at, length in zip(mark, self.size, strict=True))

    def choose_at(self, topic: str, mark: tuple[int, int], below: int) -> int:
        """A choice that belongs to a place and so is the same in every variation that keeps the mark."""
        return noise.derive_seed(self.seed, topic, mark[0], mark[1]) % below

    def dot(self, x: int, y: int, shade: int, frame: int | None = None) -> None:
        """One pixel, in one frame or in all."""
        width, height = self.size
        if self.diamond and not (0 <= x < width and 0 <= y < height):
            return
        chosen = slice(None) if frame is None else frame
        self.shades[chosen, y % height, x % width] = shade

    def stamp(
        self, pattern: Stamp, middle: tuple[int, int], shades: dict[str, int] | None = None, frame: int | None = None
    ) -> None:
        """A small drawing centred on a place: digits are shades, letters stand for `shades`, dots are see-through."""
        rows = enlarge_pattern(tuple(pattern), self.unit)
        left, top = middle[0] - len(rows[0]) // 2, middle[1] - len(rows) // 2
        for x, y, mark in pattern_cells(rows):
            shade = int(mark) if mark.isdigit() else (shades or {}).get(mark)
            if shade is not None:
                self.dot(left + x, top + y, shade, frame)

    def paint(self, where: npt.NDArray[np.bool_], shade: int) -> None:
        """A shade wherever the mask (frames or 1, height, width; or height, width) is True."""
        self.shades[np.broadcast_to(where, self.shades.shape)] = shade

    def inside_mask(self, depth: int = RIM) -> npt.NDArray[np.bool_]:
        """True away from the border ring."""
        width, height = self.size
        mask = np.zeros((height, width), dtype=bool)
        mask[depth : height - depth, depth : width - depth] = True
        return mask


def round_up(length: int, size: int) -> int:
    """How many parts of about this size fit: at least 1."""
    return max(1, (2 * length + size) // (2 * size))


def pattern_cells(pattern: Stamp) -> Iterator[tuple[int, int, str]]:
    """x, y and mark of everything drawn in a pattern."""
    for y, row in enumerate(pattern):
        for x, mark in enumerate(row):
            if mark not in " .":
                yield x, y, mark


@cache
def enlarge_pattern(pattern: tuple[str, ...], unit: int) -> tuple[str, ...]:
    """A pattern `unit` times as large; factor 2 smooths diagonals (the EPX rule: a corner takes the mark that its two
    neighbours share), so that it looks drawn and not zoomed."""
    if unit == 1:
        return pattern
    height, width = len(pattern), len(pattern[0])

    def at(x: int, y: int) -> str:
        return pattern[y][x] if 0 <= x < width and 0 <= y < height else "."

    rows = []
    for y in range(height * unit):
        row = ""
        for x in range(width * unit):
            column, line = x // unit, y // unit
            side = at(column - 1 if x % unit < unit / 2 else column + 1, line)
            end = at(column, line - 1 if y % unit < unit / 2 else line + 1)
            outer = x % unit in (0, unit - 1) and y % unit in (0, unit - 1)
            other_side = at(column + 1 if x % unit < unit / 2 else column - 1, line)
            other_end = at(column, line + 1 if y % unit < unit / 2 else line - 1)
            smooth = outer and side == end and side != other_end and end != other_side
            row += side if smooth else at(column, line)
        rows.append(row)
    return tuple(rows)
