"""Things that stand on an isometric cell: trees, boulders, crates, barrels, pillars, stairs, fences.

Round bodies are shaded by the direction their surface faces: light comes from the upper left, steps are those of
the material's ramp. All sums are whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural import noise, palette
from bridge.providers.procedural.noise import Dice
from bridge.providers.procedural.palette import LINE, SHADES, Ramp, parse_ramp
from bridge.providers.procedural.terrain.words import split_words, texture_of, word_set

Picture = npt.NDArray[np.uint8]

WOOD = parse_ramp("#2e1c18 #4c3023 #6e4830 #916340 #b28353 #d2a876")
LEAF = parse_ramp("#14302c #1e4a35 #2f6b3c #4a8f43 #78b653 #b4da72")
PINE = parse_ramp("#0f2629 #163c38 #215646 #327250 #55945e #8cbc78")
STONE = parse_ramp("#2f2e3a #4a4956 #66656f #85838b #a6a5a8 #cbcac8")

WORDS: dict[str, str] = {
    "tree": "tree", "oak": "tree", "bush": "bush", "shrub": "bush", "hedge": "bush", "pine": "pine", "fir": "pine",
    "spruce": "pine", "conifer": "pine", "boulder": "boulder", "stump": "stump", "crate": "crate", "box": "crate",
    "barrel": "barrel", "pillar": "pillar", "column": "pillar", "stair": "stairs", "step": "stairs", "fence": "fence",
    "railing": "fence", "mushroom": "mushroom", "toadstool": "mushroom",
}  # fmt: skip
_ON = word_set("on over above upon atop")


@dataclass(slots=True)
class PropStage:
    """A canvas (height, width, 4) with the ground diamond at its bottom middle. Places are pixels; the foot of a
    thing is the middle of the diamond.
    """

    picture: Picture
    grid: tuple[int, int]
    dice: Dice

    @property
    def foot(self) -> tuple[int, int]:
        """The middle of the diamond."""
        height, width = self.picture.shape[:2]
        return width // 2, height - self.grid[1] // 2

    def draw_ball(self, middle: tuple[int, int], radius: tuple[int, int], shades: Ramp, rough: int = 0) -> None:
        """A shaded ellipsoid; `rough` 0 … 100 breaks its outline and light into leaves."""
        height, width = self.picture.shape[:2]
        x = (np.arange(width)[None, :] - middle[0]) * 256 // max(1, radius[0])
        y = (np.arange(height)[:, None] - middle[1]) * 256 // max(1, radius[1])
        seed = self.dice.number(1 << 30)
        grain = noise.hash_cells(seed, np.arange(height)[:, None] // 2, np.arange(width)[None, :] // 2) - 32768
        gap = x * x + y * y + grain * rough // 100
        light = -x - 2 * y + grain * rough // 9000
        tone = np.digitize(light, [-430, -230, 90, 330]) + 1
        inside = gap < 65536
        rim = inside & (gap > 65536 - 65536 * 3 // max(4, radius[0])) & (light < 0)
        tone = np.where(rim, LINE, tone)
        self.picture[inside] = palette.color_table(shades)[np.clip(tone, 0, SHADES - 1)][inside]

    def draw_column(self, left: int, right: int, top: int, bottom: int, shades: Ramp) -> None:
        """An upright round body between two columns of pixels (right excluded), with a rounded foot."""
        width = max(1, right - left)
        for x in range(left, right):
            position = (2 * (x - left) + 1) * 64 // width
            tone = 2 if position < 16 else 4 if position < 48 else 3 if position < 80 else 2 if position < 108 else 1
            bend = abs(2 * (x - left) + 1 - width) * width // (8 * width) if width > 3 else 0
            self.picture[max(0, top) : bottom - bend, max(0, x)] = (*shades[tone], 255)

    def draw_relief(self, heights: npt.NDArray[np.int64], tops: Picture, shades: Ramp) -> None:
        """Upright columns over the diamond (grid height, grid width): their height in pixels, tops and sides."""
        rows, columns = np.nonzero(heights)
        height, width = self.picture.shape[:2]
        padded = np.pad(heights, 2)
        for y, x in zip(rows.tolist(), columns.tolist(), strict=True):
            high = int(heights[y, x])
            at, ground = x + (width - self.grid[0]) // 2, y + height - self.grid[1]
            side = 2 if padded[y + 3, x] < high and (x < self.grid[0] // 2 or padded[y + 3, x + 4] >= high) else 1
            self.picture[max(0, ground - high + 1) : ground + 1, at] = (*shades[side], 255)
            if ground - high >= 0:
                self.picture[ground - high, at] = tops[y, x]

    def draw_dot(self, x: int, y: int, color: palette.RGB) -> None:
        """One pixel, if it is on the canvas."""
        height, width = self.picture.shape[:2]
        if 0 <= x < width and 0 <= y < height:
            self.picture[y, x] = (*color, 255)


def find_prop(text: str) -> tuple[str | None, str]:
    """The thing a text names and the ground it stands on ("tree on grass" → tree, grass); (None, "") for ground."""
    words = split_words(text)
    cut = next((index for index, word in enumerate(words) if word in _ON), len(words))
    named = [WORDS[word] for word in words[:cut] if word in WORDS]
    if not named:
        return None, ""
    return named[-1], " ".join(words[cut + 1 :])


def draw_prop(name: str, text: str, tile: tuple[int, int], grid: tuple[int, int], seed: int) -> Picture:
    """The thing alone (height, width, 4), see-through around it."""
    stage = PropStage(np.zeros((tile[1], tile[0], 4), dtype=np.uint8), grid, Dice(seed, name))
    DRAWINGS[name](stage, text)
    return stage.picture


def _tint_ramp(text: str, plain: Ramp) -> Ramp:
    """The thing's own ramp, changed by the colours and adjectives of the text."""
    return texture_of(" ".join(word for word in split_words(text) if word not in WORDS)).tint_ramp(plain)


def draw_tree(stage: PropStage, text: str) -> None:
    """A round crown of several balls on a trunk."""
    x, foot = stage.foot
    height, width = stage.picture.shape[:2]
    leaves = _tint_ramp(text, LEAF)
    half = max(1, width // 16)
    stage.draw_column(x - half, x + half, foot - height // 3, foot + max(1, height // 24), WOOD)
    radius = width * 5 // 16
    middle = max(radius * 5 // 4 + 1, foot - height // 4 - radius)
    stage.draw_ball((x, middle), (radius, radius), leaves, 34)
    for side, up in ((-1, 2), (1, 2), (0, -2)):
        off = stage.dice.number(3) - 1
        small = max(2, radius * 3 // 5)
        stage.draw_ball(
            (x + side * radius // 2 + off, middle + up * radius // 6 + (up < 0) * -radius // 4),
            (small, small),
            leaves,
            30,
        )


def draw_pine(stage: PropStage, text: str) -> None:
    """Three cones above one another."""
    x, foot = stage.foot
    height, width = stage.picture.shape[:2]
    leaves = _tint_ramp(text, PINE)
    half = max(1, width // 20)
    stage.draw_column(x - half, x + half, foot - height // 6, foot + 1, WOOD)
    top, bottom = 1, foot - height // 10
    length = bottom - top
    for level in range(3):
        start, end = top + length * level // 4, top + length * (level + 2) // 4
        end = min(end, bottom)
        reach = width * (3 + level) // 14
        for y in range(start, end):
            spread = max(1, (y - start + 1) * reach // max(1, end - start))
            for at in range(x - spread, x + spread):
                position = (2 * (at - x + spread) + 1) * 64 // (2 * spread)
                tone = 4 if position < 30 else 3 if position < 66 else 2 if position < 100 else 1
                ragged = y == end - 1 and (at + level) % 3 == 0
                if not ragged:
                    stage.draw_dot(at, y, leaves[max(LINE, tone - (y >= end - 2))])


def draw_bush(stage: PropStage, text: str) -> None:
    """A low clump."""
    x, foot = stage.foot
    width = stage.picture.shape[1]
    leaves = _tint_ramp(text, LEAF)
    radius = max(3, width // 5)
    for side in (-1, 1, 0):
        high = radius * (4 if side else 5) // 5
        stage.draw_ball((x + side * radius * 3 // 5, foot - high + radius // 3), (radius * 4 // 5, high), leaves, 30)


def draw_boulder(stage: PropStage, text: str) -> None:
    """A big stone with a smaller one at its side."""
    x, foot = stage.foot
    width = stage.picture.shape[1]
    stone = _tint_ramp(text, STONE)
    radius = max(4, width * 5 // 16)
    stage.draw_ball((x, foot - radius * 3 // 8), (radius, radius * 3 // 4), stone, 14)
    stage.draw_ball((x + radius * 3 // 4, foot + radius // 8), (radius * 2 // 5, radius // 3), stone, 14)


def draw_stump(stage: PropStage, text: str) -> None:
    """A cut trunk with rings."""
    x, foot = stage.foot
    width = stage.picture.shape[1]
    wood = _tint_ramp(text, WOOD)
    half, high = max(3, width // 6), max(3, width // 6)
    stage.draw_column(x - half, x + half, foot - high, foot + half // 2, wood)
    stage.draw_ball((x, foot - high), (half, max(2, half // 2)), (wood[4],) * SHADES)
    stage.draw_ball((x, foot - high), (half * 3 // 5, max(1, half // 3)), (wood[3],) * SHADES)


def draw_barrel(stage: PropStage, text: str) -> None:
    """Staves and two hoops."""
    x, foot = stage.foot
    width = stage.picture.shape[1]
    wood = _tint_ramp(text, WOOD)
    half, high = max(4, width // 5), max(8, width // 2)
    bottom = foot + half // 2
    stage.draw_column(x - half, x + half, bottom - high, bottom, wood)
    for hoop in (high // 4, high * 3 // 4):
        for at in range(x - half, x + half):
            bend = half // 3 - abs(at - x) * (half // 3) // half
            stage.draw_dot(at, bottom - hoop + bend, STONE[1 if at > x else 2])
    stage.draw_ball((x, bottom - high), (half, max(2, half // 2)), (wood[2],) * SHADES)
    stage.draw_ball((x, bottom - high), (half - 1, max(1, half // 2 - 1)), (wood[4],) * SHADES)


def draw_pillar(stage: PropStage, text: str) -> None:
    """A column with base and capital."""
    x, foot = stage.foot
    height, width = stage.picture.shape[:2]
    stone = _tint_ramp(text, STONE)
    half = max(3, width // 7)
    high = min(foot - half, height * 5 // 8)
    bottom = foot + half // 2
    stage.draw_column(x - half, x + half, bottom - high, bottom, stone)
    stage.draw_column(x - half - 1, x + half + 1, bottom - max(2, width // 10), bottom + 1, stone)
    stage.draw_column(x - half - 1, x + half + 1, bottom - high, bottom - high + max(2, width // 10), stone)
    stage.draw_ball((x, bottom - high), (half + 1, max(2, half // 2)), (stone[4],) * SHADES)


def draw_crate(stage: PropStage, text: str) -> None:
    """A box of boards with a frame."""
    along, across = cell_axes(stage.grid)
    wood = _tint_ramp(text, WOOD)
    side, margin = 256, 44
    inside = (along >= margin) & (along < side - margin) & (across >= margin) & (across < side - margin)
    high = min(stage.picture.shape[0] - stage.grid[1], stage.grid[0] * 3 // 8)
    rim = inside & (
        (along < margin + 28) | (along >= side - margin - 28) | (across < margin + 28) | (across >= side - margin - 28)
    )
    tops = palette.color_table(wood)[np.where(rim, 4, np.where(along // 24 % 2 == 0, 3, 2))]
    stage.draw_relief(np.where(inside, high, 0), tops, wood)
    _draw_frame(stage, wood, high)


def _draw_frame(stage: PropStage, wood: Ramp, high: int) -> None:
    """Light boards along the upper and lower edges of the crate's sides."""
    opaque = stage.picture[..., 3] > 0
    below = np.zeros_like(opaque)
    below[:-1] = opaque[1:]
    for x in range(stage.picture.shape[1]):
        rows = np.flatnonzero(opaque[:, x])
        if not len(rows):
            continue
        bottom = int(rows[-1])
        start = bottom - high + 1
        left = x < stage.foot[0]
        for y in range(max(start, int(rows[0])), bottom + 1):
            edge = y - start < max(1, high // 6) or bottom - y < max(1, high // 6)
            if edge:
                stage.draw_dot(x, y, wood[3 if left else 2])
            elif (y - start) % max(3, high // 4) == 0:
                stage.draw_dot(x, y, wood[1 if left else 0])


def draw_stairs(stage: PropStage, text: str) -> None:
    """Four steps that rise towards the north-east."""
    along, _ = cell_axes(stage.grid)
    stone = _tint_ramp(text, WOOD if "wood" in text else STONE)
    room = stage.picture.shape[0] - stage.grid[1]
    step = 3 - np.clip(along, 0, 255) // 64
    heights = np.where(_cell_mask(stage.grid), np.maximum(1, room * (step + 1) // 4), 0)
    edge = along % 64 > 44
    stage.draw_relief(heights, palette.color_table(stone)[np.where(edge, 5, 4)], stone)


def draw_fence(stage: PropStage, text: str) -> None:
    """Posts and two rails along the north-western side."""
    along, across = cell_axes(stage.grid)
    wood = _tint_ramp(text, STONE if "stone" in text or "iron" in text else WOOD)
    room = stage.picture.shape[0] - stage.grid[1]
    high = max(3, min(room, stage.grid[0] * 5 // 16))
    line = _cell_mask(stage.grid) & (across >= 112) & (across < 144)
    post = line & (along % 128 >= 44) & (along % 128 < 84)
    height, width = stage.picture.shape[:2]
    for y, x in zip(*np.nonzero(line & ~post), strict=True):
        for rail in (high * 3 // 8, high * 3 // 4):
            row, column = int(y) + height - stage.grid[1] - rail, int(x) + (width - stage.grid[0]) // 2
            stage.draw_dot(column, row, wood[4])
            stage.draw_dot(column, row + 1, wood[2])
    stage.draw_relief(np.where(post, high, 0), palette.color_table(wood)[np.full(post.shape, 5)], wood)


def cell_axes(grid: tuple[int, int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The two grid axes over the diamond's box (grid height, grid width), 0 … 255 inside the cell."""
    width, height = grid
    right = (2 * np.arange(width)[None, :] + 1 - width) * 128 // width
    down = (2 * np.arange(height)[:, None] + 1 - height) * 128 // height
    return down + right + 128, down - right + 128


def _cell_mask(grid: tuple[int, int]) -> npt.NDArray[np.bool_]:
    along, across = cell_axes(grid)
    return (along >= 0) & (along < 256) & (across >= 0) & (across < 256)


def draw_mushroom(stage: PropStage, text: str) -> None:
    """A spotted cap on a stem."""
    x, foot = stage.foot
    width = stage.picture.shape[1]
    cap = _tint_ramp(text, parse_ramp("#4a1420 #7c2028 #a8302e #cf473c #e87a5e #f8b898"))
    half, high = max(2, width // 12), max(5, width // 3)
    stage.draw_column(
        x - half, x + half, foot - high, foot + 1, parse_ramp("#6b5a50 #98857a #bfae9c #ddd0b8 #f0e8d4 #ffffff")
    )
    radius = max(4, width // 4)
    stage.draw_ball((x, foot - high), (radius, radius * 3 // 4), cap)
    for side, up in ((-2, 1), (1, 2), (2, 0), (-1, -1)):
        stage.draw_dot(x + side * radius // 4, foot - high - up * radius // 5, (250, 240, 225))


DRAWINGS: dict[str, Callable[[PropStage, str], None]] = {
    "tree": draw_tree,
    "pine": draw_pine,
    "bush": draw_bush,
    "boulder": draw_boulder,
    "stump": draw_stump,
    "barrel": draw_barrel,
    "pillar": draw_pillar,
    "mushroom": draw_mushroom,
    "crate": draw_crate,
    "stairs": draw_stairs,
    "fence": draw_fence,
}
