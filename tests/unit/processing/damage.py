"""What generators, resizing and files do to clean art. Everything is seeded by the generator that is passed."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from exporters.model.asset import Pixels
from tests.unit.processing.truths import SIDE, grown

RGB = tuple[int, int, int]
Colours = npt.NDArray[np.float64]

JPEG_QUALITY = 85
FILTERS: Mapping[str, Image.Resampling] = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "area": Image.Resampling.BOX,
}


def rounded(colours: npt.NDArray[np.floating] | npt.NDArray[np.integer], alpha: Pixels | int = 255) -> Pixels:
    """Colours of any kind as a picture."""
    found = np.empty((*colours.shape[:2], 4), dtype=np.uint8)
    found[..., :3] = np.clip(np.rint(colours), 0, 255)
    found[..., 3] = alpha
    return found


def enlarged(pixels: Pixels, scale: float, chance: np.random.Generator | None = None) -> Pixels:
    """Every pixel as a block; with `chance` the lines between blocks move by up to a fifth of one."""
    found = pixels
    for axis in (0, 1):
        lines = np.arange(pixels.shape[axis] + 1) * scale
        if chance is not None:
            lines[1:-1] += chance.uniform(-0.2, 0.2, len(lines) - 2) * scale
        places = np.arange(round(pixels.shape[axis] * scale)) + 0.5
        found = found.take(np.clip(np.searchsorted(lines, places, side="right") - 1, 0, len(lines) - 2), axis=axis)
    return found


def resized(pixels: Pixels, side: int, kind: str) -> Pixels:
    """The picture at a size of side × side pixels, by a filter of FILTERS."""
    return np.array(Image.fromarray(pixels).resize((side, side), FILTERS[kind]))


def blurred(pixels: Pixels, radius: float) -> Pixels:
    """Gaussian blur, radius in pixels."""
    return np.array(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))


def compressed(pixels: Pixels, quality: int = JPEG_QUALITY) -> Pixels:
    """Through a JPEG file, with its halved colour resolution."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("RGB").save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as read:
        return np.array(read.convert("RGBA"))


def noisy(pixels: Pixels, chance: np.random.Generator, most: int) -> Pixels:
    """Every channel of every pixel moved by up to `most`."""
    return rounded(
        pixels[..., :3] + chance.integers(-most, most + 1, (*pixels.shape[:2], 3)).astype(np.float64), pixels[..., 3]
    )


def worn(pixels: Pixels, chance: np.random.Generator, blur: float = 1.5) -> Pixels:
    """Blurred, compressed as JPEG, with noise of ±8."""
    return noisy(compressed(blurred(pixels, blur)), chance, 8)


def drifted(pixels: Pixels, chance: np.random.Generator, most: int = 10) -> Pixels:
    """Every colour moved by up to `most` in each channel, slowly over the picture as generators do."""
    small = chance.uniform(-most, most, (4, 4, 3)).astype(np.float32)
    layers = [Image.fromarray(small[..., k]).resize(pixels.shape[1::-1], Image.Resampling.BILINEAR) for k in range(3)]
    return rounded(pixels[..., :3] + np.dstack([np.asarray(layer) for layer in layers]), pixels[..., 3])


def shifted(pixels: Pixels, chance: np.random.Generator, most: int) -> Pixels:
    """All colours of a picture moved by one step of up to `most` in each channel."""
    return rounded(pixels[..., :3] + chance.integers(-most, most + 1, 3).astype(np.float64), pixels[..., 3])


def brighter(pixels: Pixels, percent: int) -> Pixels:
    """All colours lighter (or darker) by a share."""
    return rounded(pixels[..., :3] * (1 + percent / 100), pixels[..., 3])


def moved(pixels: Pixels, right: int, down: int) -> Pixels:
    """The picture moved; what leaves it is lost, what comes in has the colour of the first pixel."""
    high, wide = pixels.shape[:2]
    found = np.broadcast_to(pixels[0, 0], pixels.shape).copy()
    y, x, v, u = max(0, down), max(0, right), max(0, -down), max(0, -right)
    found[y : high - v, x : wide - u] = pixels[v : high - y, u : wide - x]
    return found


def laid_on(pixels: Pixels, ground: Colours, chance: np.random.Generator | None = None) -> Pixels:
    """The subject on a ground (height, width, 3); with `chance` its rim is soft on both sides.

    As antialiasing does, a pixel outside has up to 40 % of the subject, and one inside at least 75 %.
    """
    there = pixels[..., 3] > 0
    if chance is None:
        return rounded(np.where(there[..., None], pixels[..., :3], ground))
    outside, inside = grown(there) & ~there, grown(~there) & there
    cover = there.astype(np.float64)
    cover[outside] = chance.uniform(0, 0.4, int(outside.sum()))
    cover[inside] = chance.uniform(0.75, 1, int(inside.sum()))
    return rounded(ground + (_spread(pixels) - ground) * cover[..., None])


def _spread(pixels: Pixels) -> Colours:
    """The colours of the subject, continued by two pixels into what is transparent."""
    colours, known = pixels[..., :3].astype(np.float64), pixels[..., 3] > 0
    for _ in range(2):
        total, count = np.zeros_like(colours), np.zeros(known.shape)
        for axis in (0, 1):
            for by in (-1, 1):
                count += np.roll(known, by, axis)
                total += np.roll(colours * known[..., None], by, axis)
        new = ~known & (count > 0)
        colours[new] = total[new] / count[new][:, None]
        known = known | new
    return colours


def plain(colour: RGB, side: int = SIDE) -> Colours:
    """A ground of one colour."""
    return np.broadcast_to(np.array(colour, dtype=np.float64), (side, side, 3))


def grained(colour: RGB, chance: np.random.Generator, side: int = SIDE) -> Colours:
    """A ground with grain of ±4."""
    grain: Colours = plain(colour, side) + chance.integers(-4, 5, (side, side, 3))
    return grain


def sloping(colour: RGB, chance: np.random.Generator, side: int = SIDE) -> Colours:
    """A ground that changes by up to 45 levels from one side to the other, in any direction."""
    down, right = np.mgrid[0:side, 0:side] / (side - 1) - 0.5
    turn = chance.uniform(0, 2 * np.pi)
    ramp = (down * np.sin(turn) + right * np.cos(turn))[..., None] * chance.uniform(30, 45, 3)
    # Away from the ends of the scale, where a ramp would be cut off.
    ground: Colours = np.clip(np.array(colour, dtype=np.float64), 25, 230) + ramp
    return ground


def vignette(colour: RGB, _: np.random.Generator, side: int = SIDE) -> Colours:
    """A ground whose corners are darker than its middle by two fifths."""
    down, right = np.mgrid[0:side, 0:side] / (side - 1) * 2 - 1
    ground: Colours = plain(colour, side) * (1 - 0.2 * (down**2 + right**2))[..., None]
    return ground


def specked(pixels: Pixels, chance: np.random.Generator, count: int = 12) -> Pixels:
    """Groups of one or two stray pixels that touch nothing."""
    found = pixels.copy()
    for _ in range(count):
        taken = grown(grown(grown(found[..., 3] > 0)))
        free = np.argwhere(~taken[:, :-1] & ~taken[:, 1:])
        if len(free):
            row, column = free[chance.integers(len(free))]
            found[row, column : column + chance.integers(1, 3)] = (*chance.integers(0, 256, 3), 255)
    return found
