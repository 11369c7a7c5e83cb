from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.assemble.timing import does_loop, frame_durations, frames_with_times
from bridge.core.errors import UserError


@given(st.integers(1, 64), st.floats(1, 60))
def test_n_frames_last_n_over_fps_seconds(count: int, fps: float) -> None:
    durations = frame_durations(count, fps, None, None, "walk")
    assert len(durations) == count
    assert abs(sum(durations) - 1000 * count / fps) <= 1
    assert max(durations) - min(durations) <= 1


def test_durations_win_then_fps_then_the_delivery_then_ten() -> None:
    assert frame_durations(2, None, [80, 120], [1, 2], "a") == [80, 120]
    assert frame_durations(2, 5, None, [1, 2], "a") == [200, 200]
    assert frame_durations(2, None, None, [30, 0], "a") == [30, 1]
    assert frame_durations(2, None, None, None, "a") == [100, 100]


def test_a_wrong_number_of_durations_is_an_error() -> None:
    with pytest.raises(UserError, match="3 durations for 2 frames"):
        frame_durations(2, None, [1, 2, 3], None, "a")


def test_ping_pong_is_unrolled_without_repeating_the_ends() -> None:
    frames = [np.full((1, 1, 4), value, dtype=np.uint8) for value in range(4)]
    order = [int(frame.pixels[0, 0, 0]) for frame in frames_with_times(frames, [10] * 4, "pingpong")]
    assert order == [0, 1, 2, 3, 2, 1]
    assert [int(frame.pixels[0, 0, 0]) for frame in frames_with_times(frames[:1], [10], "pingpong")] == [0]


@pytest.mark.parametrize(
    ("name", "wanted", "delivered", "expected"),
    [
        ("walk", None, None, True),
        ("attack", None, None, False),
        ("attack", None, True, True),
        ("walk", False, True, False),
        ("attack", "pingpong", None, True),
    ],
)
def test_loops(name: str, wanted: bool | str | None, delivered: bool | None, expected: bool) -> None:
    assert does_loop(name, wanted, delivered) is expected
