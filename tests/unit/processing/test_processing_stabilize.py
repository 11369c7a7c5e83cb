"""Where clips stand, and clips that tremble."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.processing.canvas import placed
from bridge.processing.pipeline import process_clips
from bridge.processing.settings import ProcessSettings
from bridge.processing.stabilize import Drift, spread_of, steadied
from bridge.processing.steps.steady import SteadyStep
from exporters.model.asset import Pixels

RED = (200, 60, 60, 255)


def figure(stride: int = 0, arm: int = 0) -> Pixels:
    """A head, a body and two legs on 24 × 24; legs and an arm move."""
    pixels = np.zeros((24, 24, 4), dtype=np.uint8)
    pixels[4:9, 9:15] = pixels[9:15, 10:14] = RED
    pixels[11:13, 14 : 14 + arm] = RED
    pixels[15:20, 10 - stride : 12 - stride] = pixels[15:20, 12 + stride : 14 + stride] = RED
    return pixels


WALK = [figure(stride, arm) for stride, arm in ((0, 1), (1, 2), (2, 3), (1, 2), (0, 1), (1, 0))]


def moved(pixels: Pixels, down: int, right: int) -> Pixels:
    return placed(pixels, 24, 24, right, down)


def test_drift_says_where_each_frame_stands() -> None:
    drift = Drift.of([figure(), moved(figure(), -2, 3), np.zeros((24, 24, 4), dtype=np.uint8)])
    assert drift.feet == (20, 18, None)
    assert drift.centre == (12, 15, None)
    assert drift.usual_feet == 20
    assert (spread_of(drift.feet), spread_of([None])) == ((18, 20), None)
    assert drift.as_dict() == {"feet": [20, 18, None], "centre": [12, 15, None]}
    assert Drift.of([]).usual_feet is None


def test_a_clean_walk_is_left_alone() -> None:
    for kept, frame in zip(steadied(WALK, 3), WALK, strict=True):
        assert kept is frame


@pytest.mark.parametrize("seed", range(5))
def test_trembling_frames_come_back(seed: int) -> None:
    chance = np.random.default_rng(seed)
    moves = [(0, 0), *((int(down), int(right)) for down, right in chance.integers(-2, 3, (len(WALK) - 1, 2)))]
    found = steadied([moved(frame, *by) for frame, by in zip(WALK, moves, strict=True)], 4)
    feet = Drift.of(found).feet[0]
    assert feet is not None
    # All may stand aside together, but on each other as they were drawn.
    matches = [
        all(np.array_equal(frame, moved(wanted, feet - 20, aside)) for frame, wanted in zip(found, WALK, strict=True))
        for aside in range(-2, 3)
    ]
    assert sum(matches) == 1


def test_jumps_and_lunges_are_meant() -> None:
    jump = [moved(frame, -height, 0) for frame, height in zip(WALK, (0, 3, 6, 6, 3, 0), strict=True)]
    assert all(kept is frame for kept, frame in zip(steadied(jump, 3), jump, strict=True))
    assert Drift.of(steadied(jump, 6)).feet == (17,) * 6
    lunge = [moved(frame, 0, by) for frame, by in zip(WALK, (0, 0, 4, 8, 4, 0), strict=True)]
    assert all(kept is frame for kept, frame in zip(steadied(lunge, 3), lunge, strict=True))


def test_nothing_leaves_the_frame_and_empty_frames_stay_empty() -> None:
    low = [moved(figure(), 4, 0), moved(figure(), 4, 0), moved(figure(), 2, 0)]
    empty = np.zeros((24, 24, 4), dtype=np.uint8)
    found = steadied([*low, empty], 3)
    assert all(np.array_equal(frame, low[0]) for frame in found[:3])
    assert not found[3].any()
    slipped = [empty, *(moved(figure(), 0, by) for by in (0, 2, 2, 2, 1))]
    assert Drift.of(steadied(slipped, 2)).centre == (None, 14, 14, 14, 14, 14)
    assert steadied([], 3) == []
    assert steadied([empty, empty], 3)[0] is empty


def test_only_loops_are_steadied() -> None:
    clip = [figure(), moved(figure(), -2, 0), figure()]
    looping, once = process_clips([clip, clip], ProcessSettings.of(SteadyStep(2)), [True, False])
    assert Drift.of(looping).feet == (20, 20, 20)
    assert Drift.of(once).feet == (20, 18, 20)
    assert ProcessSettings.of(SteadyStep(2)).fingerprint_data() == {"steady": [1, 2]}
