"""Clean sprites with a known truth, and what generators do to such art: the corpus that processing is measured on.

Sprites have 64 × 64 pixels of twelve colours: a lit subject with details and an outline on a plain ground. Damage is
seeded, so that every run sees the same pictures.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from functools import cache

import numpy as np
from PIL import Image, ImageFilter

from exporters.model import Pixels

SIDE = 64
COLOURS = 12


@cache
def sprites(count: int, first: int = 5000) -> tuple[Pixels, ...]:
    """Opaque sprites of SIDE × SIDE pixels."""
    return tuple(_sprite(first + number) for number in range(count))


def _sprite(seed: int) -> Pixels:
    """A blob-like subject with shading, details and an outline, on a ground of one colour."""
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
    ring = np.zeros_like(there)
    ring[1:] |= there[:-1]
    ring[:-1] |= there[1:]
    ring[:, 1:] |= there[:, :-1]
    ring[:, :-1] |= there[:, 1:]
    cells[ring & ~there] = 1
    return np.dstack([palette[cells], np.full((SIDE, SIDE), 255)]).astype(np.uint8)


def palette_of(pixels: Pixels) -> tuple[tuple[int, int, int], ...]:
    """The colours of a picture."""
    found = np.unique(pixels.reshape(-1, 4)[:, :3], axis=0)
    return tuple((int(red), int(green), int(blue)) for red, green, blue in found)


def enlarged(pixels: Pixels, scale: float, chance: np.random.Generator | None = None) -> Pixels:
    """Every pixel as a block; with `chance` the lines between blocks move by up to a fifth of one."""
    lines = np.arange(SIDE + 1) * scale
    across, down = lines.copy(), lines.copy()
    if chance is not None:
        across[1:-1] += chance.uniform(-0.2, 0.2, SIDE - 1) * scale
        down[1:-1] += chance.uniform(-0.2, 0.2, SIDE - 1) * scale
    length = round(SIDE * scale)
    places = np.arange(length) + 0.5
    column = np.clip(np.searchsorted(across, places, side="right") - 1, 0, SIDE - 1)
    row = np.clip(np.searchsorted(down, places, side="right") - 1, 0, SIDE - 1)
    found: Pixels = pixels[row][:, column]
    return found


def worn(pixels: Pixels, chance: np.random.Generator, blur: float = 1.5) -> Pixels:
    """Blurred, compressed as JPEG of quality 85, with noise of ±8."""
    image = Image.fromarray(pixels).convert("RGB").filter(ImageFilter.GaussianBlur(blur))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    with Image.open(buffer) as compressed:
        found = np.array(compressed.convert("RGBA"))
    noise = chance.integers(-8, 9, (*found.shape[:2], 3))
    found[..., :3] = np.clip(found[..., :3].astype(int) + noise, 0, 255)
    return found


def drifted(pixels: Pixels, chance: np.random.Generator, most: int = 10) -> Pixels:
    """Every colour moved by up to `most` in each channel, slowly over the picture as generators do."""
    found = pixels.copy()
    small = chance.uniform(-most, most, (4, 4, 3)).astype(np.float32)
    layers = [Image.fromarray(small[..., k]).resize(pixels.shape[1::-1], Image.Resampling.BILINEAR) for k in range(3)]
    shift = np.dstack([np.asarray(layer) for layer in layers])
    found[..., :3] = np.clip(np.rint(found[..., :3] + shift), 0, 255)
    return found


def uneven(pixels: Pixels, chance: np.random.Generator, scale: float) -> Pixels:
    """Wavering lines, drifting colours, and worn."""
    return worn(drifted(enlarged(pixels, scale, chance), chance), chance)


def on_matte(pixels: Pixels, colour: tuple[int, int, int], chance: np.random.Generator) -> tuple[Pixels, Pixels]:
    """The subject on transparency (the truth), and on a matte with grain and a soft rim, as generators deliver it."""
    subject = (pixels[..., :3] != pixels[0, 0, :3]).any(axis=2)
    truth = pixels.copy()
    truth[~subject] = 0
    ground = np.broadcast_to(np.array(colour), (SIDE, SIDE, 3)) + chance.integers(-4, 5, (SIDE, SIDE, 3))
    rim = np.zeros((SIDE, SIDE), dtype=bool)
    rim[1:] |= subject[:-1]
    rim[:, 1:] |= subject[:, :-1]
    rim &= ~subject
    flat = np.where(subject[..., None], pixels[..., :3], ground)
    flat = np.where(rim[..., None], (flat + 3 * ground) // 4, flat)
    return truth, np.dstack([np.clip(flat, 0, 255), np.full((SIDE, SIDE), 255)]).astype(np.uint8)


GRIDS: Mapping[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "A clean, 16 x": lambda pixels, _: enlarged(pixels, 16),
    "B blur, JPEG, noise": lambda pixels, chance: worn(enlarged(pixels, 16), chance),
    "C fractional, 15.3 x": lambda pixels, chance: worn(enlarged(pixels, 15.3), chance),
    "D uneven lines, drift": lambda pixels, chance: uneven(pixels, chance, 15.3),
    "E cut off, 12.4 x": lambda pixels, chance: uneven(pixels, chance, 12.4)[6:, 6:],
}


def damaged(case: str, count: int) -> Iterator[tuple[Pixels, Pixels]]:
    """Truth and damaged picture of the first `count` sprites."""
    for number, truth in enumerate(sprites(count)):
        yield truth, GRIDS[case](truth, np.random.default_rng([number, len(case)]))


def right_size(found: Pixels, case: str) -> bool:
    """Whether the real pixels were counted right; see `right_shape`."""
    return right_shape(found.shape[:2], case)


def right_shape(shape: tuple[int, ...], case: str) -> bool:
    """Whether height and width are those of the truth; a cut-off block may count or not."""
    wanted = (SIDE - 1, SIDE) if case.startswith("E") else (SIDE,)
    return all(side in wanted for side in shape)


def alike(found: Pixels, truth: Pixels, tolerance: int = 24) -> float:
    """The share of pixels within `tolerance` levels of the truth, at the better of the shifts of one pixel."""
    best = 0.0
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            rows, columns = min(found.shape[0], SIDE - 1), min(found.shape[1], SIDE - 1)
            y, x = max(0, down), max(0, right)
            v, u = max(0, -down), max(0, -right)
            height, width = min(rows - v, SIDE - y), min(columns - u, SIDE - x)
            difference = np.abs(
                found[v : v + height, u : u + width, :3].astype(int) - truth[y : y + height, x : x + width, :3]
            ).max(axis=2)
            best = max(best, float((difference <= tolerance).mean()))
    return best
