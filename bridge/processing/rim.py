"""The rim of a subject that was cut out: what is a blend with the background becomes subject or nothing."""

from __future__ import annotations

import numpy as np

from bridge.media.color import Ints
from bridge.processing.background import TOLERANCE, Background
from bridge.processing.components import Mask
from bridge.processing.regions import widened
from exporters.model.asset import Pixels

# From this side on, pixels of a picture are small against its features, and blends are several of them wide.
_LARGE = 256
_RINGS = 4
# Of a soft rim, percent that are mixed at least.
_SOFT_SHARE = 8
# Levels that an exact blend is off by at most; percent of a rim that are such blends at least, in how many shares.
_EXACT, _EXACT_SHARE, _SHARES = 2, 10, 4
# What has the background's hue is background where its light differs by no more than this: outlines are darker.
_LIGHT = 45


def unblended(pixels: Pixels, gone: Mask, ground: Background, *, key: bool, soft: bool) -> Pixels:
    """The picture with a hard rim. gone: what was cut out.

    key: a background whose colour art hardly has. soft: whether the rim is known to be mixed; else only exact blends
    count, which clean art has by the rarest chance: with a key colour, or in many shares.
    """
    deep = 3 if min(gone.shape) >= _LARGE else 1
    result = pixels.copy()
    gone = gone.copy()
    rows, columns = np.nonzero(widened(gone) & ~gone)
    for ring in range(_RINGS):
        own = result[rows, columns, :3].astype(np.int64)
        inner, known = _inner_colors(result, ~widened(gone, deep), rows, columns, deep)
        base = ground.at(gone.shape, rows, columns)
        if soft:
            inner[~known] = _farthest_colors(result, ~gone, ground, rows[~known], columns[~known])
        part, mixed = _subject_shares(own, inner, base, TOLERANCE if soft else _EXACT)
        mixed &= known | soft
        if ring == 0 and not _is_antialiased(part[mixed], len(own), key=key, soft=soft):
            return pixels
        back = mixed & (part < 50)
        if key and soft:
            # Thin features have no inside to compare with: grey stands for it.
            inside = np.where(known[:, None], inner, 128)
            back |= (_hue_spill(own, inside, base) > 50) & (np.abs(_luma_of(own) - _luma_of(base)) <= _LIGHT)
        subject = mixed & ~back
        result[rows[subject], columns[subject], :3] = inner[subject]
        rows, columns = rows[back], columns[back]
        result[rows, columns] = 0
        gone[rows, columns] = True
        rows, columns = _neighbors_left(gone, rows, columns)
        if not len(rows):
            break
    if key and soft:
        _remove_spill(result, gone, ground, deep + 1)
    return result


def _is_antialiased(parts: Ints, rim: int, *, key: bool, soft: bool) -> bool:
    """Whether enough pixels of a rim are mixed: clean art has lighter and darker rims of its own."""
    mixed = parts[parts < 90]
    if soft:
        return key or len(mixed) * 100 >= _SOFT_SHARE * rim
    if key:
        return len(mixed) * 100 >= _EXACT_SHARE * rim
    return len(mixed) * 2 >= rim and len(np.unique(mixed)) >= _SHARES


def _farthest_colors(pixels: Pixels, kept: Mask, ground: Background, rows: Ints, columns: Ints) -> Ints:
    """The colour among each place and its kept neighbours that differs most from the background there."""
    base = ground.at(kept.shape, rows, columns)
    best = pixels[rows, columns, :3].astype(np.int64)
    away = np.abs(best - base).sum(axis=1)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            y, x = np.clip(rows + down, 0, kept.shape[0] - 1), np.clip(columns + right, 0, kept.shape[1] - 1)
            colors = pixels[y, x, :3].astype(np.int64)
            distance = np.abs(colors - base).sum(axis=1) * kept[y, x]
            farther = distance > away
            best[farther], away[farther] = colors[farther], distance[farther]
    return best


def _neighbors_left(gone: Mask, rows: Ints, columns: Ints) -> tuple[Ints, Ints]:
    """The neighbours of some places that are not gone."""
    high, wide = gone.shape
    near = [
        np.clip(rows + down, 0, high - 1) * wide + np.clip(columns + right, 0, wide - 1)
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    ]
    places = np.unique(np.concatenate(near))
    places = places[~gone.ravel()[places]]
    return places // wide, places % wide


def _subject_shares(own: Ints, inner: Ints, base: Ints, most: int) -> tuple[Ints, Mask]:
    """How much of the subject is in colours (percent), and which lie between it and the background, up to `most`."""
    line = inner - base
    length = np.maximum(1, (line * line).sum(axis=1))
    part = ((own - base) * line).sum(axis=1) * 100 // length
    off = np.abs(own - base - line * part[:, None] // 100).max(axis=1)
    return part, (part > 5) & (part < 100) & (off <= most)


def _luma_of(colors: Ints) -> Ints:
    """Luma (ITU-R BT.601), 0 … 255."""
    light: Ints = (colors @ np.array([299, 587, 114])) // 1000
    return light


def _hue_of(colors: Ints) -> Ints:
    """What of colours is not grey, times three."""
    hue: Ints = 3 * colors - colors.sum(axis=1)[:, None]
    return hue


def _hue_share(colors: Ints, base: Ints) -> Ints:
    """How much of the background's hue colours have, percent; below 0 for what is opposite."""
    hue = _hue_of(base)
    like: Ints = (_hue_of(colors) * hue).sum(axis=1) * 100 // np.maximum(1, (hue * hue).sum(axis=1))
    return like


def _hue_spill(own: Ints, inner: Ints, base: Ints) -> Ints:
    """How far the hue went from the subject's to the background's, percent. JPEG lets it run over luma's edges."""
    within = np.minimum(_hue_share(inner, base), 70)
    spill: Ints = (_hue_share(own, base) - within) * 100 // (100 - within)
    return spill


def _remove_spill(pixels: Pixels, gone: Mask, ground: Background, width: int) -> None:
    """Takes the background's hue from the outer pixels of the subject, down to what those inside of them have."""
    near = widened(gone, width)
    rows, columns = np.nonzero(near & ~gone)
    inner, known = _inner_colors(pixels, ~near, rows, columns, width + 1)
    rows, columns, inner = rows[known], columns[known], inner[known]
    own = pixels[rows, columns, :3].astype(np.int64)
    base = ground.at(gone.shape, rows, columns)
    over = np.maximum(_hue_share(own, base) - np.maximum(_hue_share(inner, base), 0), 0)
    pixels[rows, columns, :3] = np.clip(own - over[:, None] * _hue_of(base) // 300, 0, 255)


def _inner_colors(pixels: Pixels, solid: Mask, rows: Ints, columns: Ints, reach: int) -> tuple[Ints, Mask]:
    """The mean colour (n, 3) of what is solid `reach` pixels from each place, and where there is any."""
    wide = solid.shape[1] + 2 * reach
    colors = np.pad(np.ascontiguousarray(pixels).view("<u4")[..., 0], reach).ravel()
    inside = np.pad(solid, reach).ravel()
    middle = (rows + reach) * wide + columns + reach
    total = np.zeros((len(rows), 3), dtype=np.int64)
    count = np.zeros(len(rows), dtype=np.int64)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if max(abs(down), abs(right)) == reach:
                places = middle + down * wide + right
                there = inside[places]
                count += there
                shown = np.where(there, colors[places], 0)
                for channel in range(3):
                    total[:, channel] += (shown >> (8 * channel)) & 255
    known: Mask = count > 0
    return total // np.maximum(count, 1)[:, None], known
