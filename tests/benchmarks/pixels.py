"""What processing makes of a damaged corpus with known truth: sizes found, pixels right before and after, time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from bridge.processing.colours import to_palette
from bridge.processing.grid import snapped
from bridge.processing.matte import without_matte
from exporters.model import Pixels
from exporters.sheet.png import encode_png
from tests.benchmarks.measure import Measured, Row
from tests.benchmarks.peers import grid_finders
from tests.unit.processing import damage

COUNT, PEER_COUNT = 40, 10
_GRID_BAR = 150.0
_MATTES = {"magenta": (255, 0, 255), "green": (0, 255, 0), "white": (255, 255, 255), "black": (12, 12, 12)}


def pixels(folder: Path, _runs: int) -> Iterator[Row]:
    """A row for each kind of damage; the corpus has COUNT sprites of 64 × 64 pixels, shown 12 to 16 times as large.

    Libraries that find such grids look at the first PEER_COUNT of each kind, without the size: none of them takes it.
    """
    for case in damage.GRIDS:
        pairs = list(damage.damaged(case, COUNT))
        for stated, expected in (("", None), (", size stated", (damage.SIDE, damage.SIDE))):
            found, measured = _timed([bad for _, bad in pairs], partial(_snapped, expected=expected))
            sizes = sum(damage.right_size(one, case) for one in found)
            right = [
                damage.alike(one, truth) if damage.right_size(one, case) else 0.0
                for one, (truth, _) in zip(found, pairs, strict=True)
            ]
            note = f"size right {sizes}/{COUNT}, pixels within 24 levels {100 * sum(right) / COUNT:.2f} %"
            yield Row(f"grid {case}{stated}", measured, bar=_GRID_BAR, note=note)
        yield from _peers(folder / case[0], case, [bad for _, bad in pairs[:PEER_COUNT]])
    for name, colour in _MATTES.items():
        both = [
            damage.on_matte(sprite, colour, np.random.default_rng(number))
            for number, sprite in enumerate(damage.sprites(COUNT))
        ]
        found, measured = _timed([bad for _, bad in both], lambda bad: without_matte([bad], "auto")[0])
        yield Row(f"matte {name}", measured, note=_before_after(both, found, _same_shape))
    drift = [
        (sprite, damage.drifted(sprite, np.random.default_rng(number)))
        for number, sprite in enumerate(damage.sprites(COUNT))
    ]
    palettes = iter([damage.palette_of(truth) for truth, _ in drift])
    found, measured = _timed([bad for _, bad in drift], lambda bad: to_palette([bad], next(palettes))[0])
    yield Row("palette drift", measured, note=_before_after(drift, found, _same_colour))


def _peers(folder: Path, case: str, pictures: list[Pixels]) -> Iterator[Row]:
    folder.mkdir()
    for number, picture in enumerate(pictures):
        (folder / f"{number:02d}.png").write_bytes(encode_png(picture))
    for name, rows in grid_finders(folder):
        if rows is None:
            yield Row(f"  {name}", Measured((0.0,), 0.0), note="cannot be installed or does not run here")
            continue
        right = sum(damage.right_shape((height, width), case) for width, height, _ in rows)
        spent = Measured(tuple(row[2] for row in rows), 0.0)
        yield Row(f"  {name} on {case[0]}", spent, note=f"size right {right}/{len(rows)}")


def _snapped(picture: Pixels, expected: tuple[int, int] | None) -> Pixels:
    return snapped([picture], "auto", expected)[0]


def _timed(pictures: list[Pixels], work: Callable[[Pixels], Pixels]) -> tuple[list[Pixels], Measured]:
    found, times = [], []
    for picture in pictures:
        began = time.perf_counter()
        found.append(work(picture))
        times.append((time.perf_counter() - began) * 1000)
    return found, Measured(tuple(times), 0.0)


def _same_shape(one: Pixels, truth: Pixels) -> float:
    return float(((one[..., 3] > 0) == (truth[..., 3] > 0)).mean())


def _same_colour(one: Pixels, truth: Pixels) -> float:
    return float((one[..., :3] == truth[..., :3]).all(axis=2).mean())


def _before_after(
    pairs: list[tuple[Pixels, Pixels]], found: list[Pixels], share: Callable[[Pixels, Pixels], float]
) -> str:
    before = sum(share(bad, truth) for truth, bad in pairs) / len(pairs)
    after = sum(share(one, truth) for one, (truth, _) in zip(found, pairs, strict=True)) / len(pairs)
    return f"pixels right {100 * before:.2f} % before, {100 * after:.2f} % after"
