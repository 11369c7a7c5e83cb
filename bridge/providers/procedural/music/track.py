"""A whole track: how many bars fit, then composing and playing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural.music.compose import compose_notes
from bridge.providers.procedural.music.moods import MOODS
from bridge.providers.procedural.music.synth import RATE, render_notes
from bridge.providers.procedural.music.theory import parse_key

__all__ = ["RATE", "render_track"]

STEPS_OF_BEAT = 4
MINUTE_MS = 60000
# A tempo may give way by one part in so many to make whole bars.
TOLERANCE = 25


def render_track(
    mood_name: str, bpm: int, key_name: str, duration_ms: int, seed: int, *, loop: bool
) -> npt.NDArray[np.int16]:
    """Stereo samples at RATE, exactly `duration_ms` long (rounded to a sample).

    A loop holds whole bars where its tempo then changes by at most a 25th, else whole beats. Without a loop the tempo
    is exact and the last bar fades.
    """
    mood = MOODS[mood_name]
    key = parse_key(key_name)
    if key is None:
        raise ValueError(f"not a key: {key_name}")
    length = (duration_ms * RATE + 500) // 1000
    if loop:
        steps, grid = _count_loop_steps(duration_ms * bpm, mood.beats * STEPS_OF_BEAT), length
    else:
        steps = max(1, -(-duration_ms * bpm * STEPS_OF_BEAT // MINUTE_MS))
        grid = steps * RATE * 15 // bpm
    notes = compose_notes(mood, key, steps, seed, loop=loop)
    return render_notes(notes, mood, steps, length, loop=loop, grid=grid)


def _count_loop_steps(beats: int, bar_steps: int) -> int:
    """How many sixteenths a loop gets; `beats` counts 60000ths of a beat."""
    wanted = beats * STEPS_OF_BEAT
    for unit in (bar_steps, bar_steps // 2, STEPS_OF_BEAT):
        steps = max(1, (wanted + MINUTE_MS * unit // 2) // (MINUTE_MS * unit)) * unit
        if abs(steps * MINUTE_MS - wanted) * TOLERANCE <= wanted:
            break
    return steps
