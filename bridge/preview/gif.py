"""Animations as GIF, with transparency: for browsers and READMEs, not for games."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from exporters.model.asset import Pixels

_MOST_COLORS = 255
# Browsers slow down frames shorter than 20 ms.
_SHORTEST_MS = 20


def encode_gif(frames: Sequence[Pixels], durations: Sequence[int], *, loop: bool) -> bytes:
    """Frames of one size with their durations (milliseconds, kept to 10). Alpha below 128 is transparent.

    Up to 255 colours are exact; with more, all lose their lowest bits until they fit. GIF89a, section 23: delays count
    hundredths of a second.
    """
    palette, indexed = _index_colors(frames)
    pictures = []
    for indices in indexed:
        picture = Image.fromarray(indices, "P")
        picture.putpalette(palette.tobytes())
        pictures.append(picture)
    delays = [max(_SHORTEST_MS, round(duration / 10) * 10) for duration in durations]
    out = io.BytesIO()
    options = {"loop": 0} if loop else {}
    pictures[0].save(
        out,
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=delays,
        transparency=0,
        disposal=2,
        optimize=False,
        **options,
    )
    return out.getvalue()


def _index_colors(frames: Sequence[Pixels]) -> tuple[npt.NDArray[np.uint8], list[npt.NDArray[np.uint8]]]:
    """A palette (colours, 3), its first entry transparent, and the pixels of each frame as indices into it."""
    values = np.zeros(0, dtype=np.int64)
    for lost in range(8):
        # One frame after the other: codes take many times the memory of a frame.
        values = np.zeros(0, dtype=np.int64)
        for pixels in frames:
            codes = _code_colors(pixels, lost)
            values = np.union1d(values, codes[codes >= 0])
            if len(values) > _MOST_COLORS:
                break
        if len(values) <= _MOST_COLORS:
            break
    indices = []
    for pixels in frames:
        codes = _code_colors(pixels, lost)
        indices.append(np.where(codes >= 0, np.searchsorted(values, codes) + 1, 0).astype(np.uint8))
    table = np.stack((values >> 16, values >> 8 & 255, values & 255), axis=1).astype(np.uint8)
    return np.concatenate([np.zeros((1, 3), dtype=np.uint8), table]), indices


def _code_colors(pixels: Pixels, lost: int) -> npt.NDArray[np.int64]:
    """Each pixel as one number of its colour without the lowest bits, -1 where it is transparent."""
    rgb = pixels[..., :3].astype(np.int64)
    # The middle of what falls together, so that nothing gets darker.
    colors = (rgb >> lost << lost) | ((1 << lost) >> 1)
    return np.where(pixels[..., 3] >= 128, colors @ np.array([1 << 16, 1 << 8, 1]), -1)
