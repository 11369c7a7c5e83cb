"""Processing on damaged pictures whose truth is known; `python -m tests.benchmarks pixels` measures more of them."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.processing.colours import to_palette
from bridge.processing.grid import block_side, snapped
from bridge.processing.matte import without_matte
from tests.unit.processing.damage import (
    GRIDS,
    SIDE,
    alike,
    damaged,
    drifted,
    enlarged,
    on_matte,
    palette_of,
    right_size,
    sprites,
    worn,
)

COUNT = 6


@pytest.mark.parametrize("case", GRIDS)
@pytest.mark.parametrize("expected", [None, (SIDE, SIDE)], ids=["unknown size", "stated size"])
def test_damaged_blocks_become_the_pixels_they_were(case: str, expected: tuple[int, int] | None) -> None:
    for truth, bad in damaged(case, COUNT):
        found = snapped([bad], "auto", expected)[0]
        assert right_size(found, case), found.shape
        assert alike(found, truth) > 0.99


@pytest.mark.parametrize("scale", [3, 3.5, 4.6, 6])
def test_small_blocks_are_found_too(scale: float) -> None:
    for number, truth in enumerate(sprites(COUNT)):
        bad = worn(enlarged(truth, scale), np.random.default_rng(number), blur=scale / 8)
        assert snapped([bad], "auto", None)[0].shape == truth.shape


def test_real_pixels_are_never_taken_for_blocks() -> None:
    for truth in sprites(40):
        assert block_side([truth]) == 1
        assert snapped([truth], "auto", None)[0] is truth


def test_frames_of_a_clip_share_one_grid() -> None:
    pairs = list(damaged("D uneven lines, drift", 4))
    frames = snapped([bad for _, bad in pairs], "auto", None)
    assert {pixels.shape for pixels in frames} == {(SIDE, SIDE, 4)}


@pytest.mark.parametrize("colour", [(255, 0, 255), (0, 255, 0), (255, 255, 255), (12, 12, 12)])
def test_a_matte_goes_and_the_subject_stays(colour: tuple[int, int, int]) -> None:
    shares = []
    for number, sprite in enumerate(sprites(COUNT)):
        truth, bad = on_matte(sprite, colour, np.random.default_rng(number))
        found = without_matte([bad], "auto")[0]
        shares.append(float(((found[..., 3] > 0) == (truth[..., 3] > 0)).mean()))
    assert sum(shares) / len(shares) > 0.98, shares


def test_drifting_colours_come_back_to_the_palette() -> None:
    for number, truth in enumerate(sprites(COUNT)):
        bad = drifted(truth, np.random.default_rng(number))
        found = to_palette([bad], palette_of(truth))[0]
        before, after = ((pixels[..., :3] == truth[..., :3]).all(axis=2).mean() for pixels in (bad, found))
        assert before < 0.5 < 0.97 < after
