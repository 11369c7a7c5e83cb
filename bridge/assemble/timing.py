"""When frames show: fps, durations, loops and ping-pong. All of it is free to change."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bridge.core.errors import UserError
from exporters.model.asset import Frame, Pixels

LOOPING = frozenset({"idle", "walk", "run", "fly", "swim"})
DEFAULT_FPS = 10.0


def frame_durations(
    count: int, fps: float | None, durations: Sequence[int] | None, delivered: Sequence[int] | None, name: str
) -> list[int]:
    """Milliseconds of each frame: the spec's durations, else its fps, else what was delivered, else 10 fps.

    With fps the rounding is spread over the clip, so that n frames last n / fps seconds to the millisecond.

    Raises:
        UserError: `spec_invalid` when there are not as many durations as frames.
    """
    if durations is not None:
        if len(durations) != count:
            raise UserError(
                "spec_invalid",
                f"animation {name} has {len(durations)} durations for {count} frames",
                hint="Give one duration per frame, or use fps.",
            )
        return list(durations)
    if fps is None and delivered is not None:
        return [max(1, value) for value in delivered]
    rate = fps or DEFAULT_FPS
    marks = [round(1000 * index / rate) for index in range(count + 1)]
    return [max(1, after - before) for before, after in pairwise(marks)]


def does_loop(name: str, wanted: bool | str | None, delivered: bool | None) -> bool:
    """Whether a clip loops: the spec, else the delivery, else by its name (idle, walk, run, fly, swim)."""
    if wanted is not None:
        return bool(wanted)
    return delivered if delivered is not None else name in LOOPING


def frames_with_times(frames: Sequence[Pixels], durations: Sequence[int], loop: bool | str | None) -> tuple[Frame, ...]:
    """Frames with durations; ping-pong is unrolled to 1 … n, n-1 … 2."""
    clip = [Frame(pixels, duration) for pixels, duration in zip(frames, durations, strict=True)]
    if loop == "pingpong":
        clip += clip[-2:0:-1]
    return tuple(clip)
