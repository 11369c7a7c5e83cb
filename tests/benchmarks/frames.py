"""The frames that packers are measured on; the same on every machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from exporters.model.asset import Pixels
from exporters.model.png import encode_png

SIDE = 64
# One colour for spikes beside the shades.
_SHADES, _SPIKE = 32, (255, 246, 214)
# Of all pixels: as much detail as in the frames that the bars were set on (their sheet: 246 kB of RGBA with zlib 6).
_GRAIN = 0.058


def frames(count: int) -> list[Pixels]:
    """Mirrored, shaded figures in boxes of 18–58 pixels, each with a spike one pixel thin; every fifth is a copy."""
    chance = np.random.Generator(np.random.PCG64(7))
    colours = np.sort(chance.integers(20, 250, (_SHADES, 3), np.uint8), axis=0)
    made: list[Pixels] = []
    for number in range(count):
        made.append(made[number - 4] if number % 5 == 4 else _figure(chance, colours))
    return made


def _figure(chance: np.random.Generator, colours: Pixels) -> Pixels:
    half, height = int(chance.integers(9, 27)), int(chance.integers(18, 59))
    down = np.linspace(-1, 1, height)
    # An outline that wobbles, and light from above with grain on it.
    reach = np.sqrt(1 - down**2 * 0.9) * half * np.repeat(chance.uniform(0.75, 1.0, height // 4 + 1), 4)[:height]
    inside = np.arange(half)[None, :] < reach[:, None]
    light = 2 * np.floor((1 - down[:, None]) * 5) + np.arange(half)[None, ::-1] // 5 * 2
    grain = 3 * (chance.random((height, half)) < _GRAIN)
    shade = np.clip(light + grain, 0, _SHADES - 1).astype(int)
    right = np.zeros((height, half, 4), np.uint8)
    right[inside, :3], right[inside, 3] = colours[shade[inside]], 255
    picture = np.zeros((SIDE, SIDE, 4), np.uint8)
    top = int(chance.integers(3, SIDE - height - 2))
    picture[top : top + height, SIDE // 2 : SIDE // 2 + half] = right
    picture[top : top + height, SIDE // 2 - half : SIDE // 2] = right[:, ::-1]
    row, length = top + int(chance.integers(0, height)), int(chance.integers(2, 6))
    picture[row, SIDE // 2 : min(SIDE // 2 + half + length, SIDE)] = (*_SPIKE, 255)
    return picture


def frame_folder(folder: Path, count: int) -> Path:
    """A folder with so many PNG files, numbered from 0."""
    folder.mkdir(parents=True)
    for number, picture in enumerate(frames(count)):
        (folder / f"{number:04d}.png").write_bytes(encode_png(picture))
    return folder
