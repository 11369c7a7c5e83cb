"""Rules that compare pictures of one asset: canvas, feet, near-duplicates, the seam of a loop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bridge.lint.frames import box_of
from bridge.lint.model import Finding, Rules
from bridge.processing.edges import opaque
from exporters.model import Animation, Pixels

# A shorter loop holds its first picture on purpose, as a breath or a blink does.
_SHORT = 5


def clip_findings(animations: Sequence[Animation], rules: Rules, *, grounded: bool) -> list[Finding]:
    """What differs between clips and frames that should not. grounded: the asset stands on its lower edge."""
    found = _canvas(animations, rules)
    for animation in animations:
        frames = [frame.pixels for frame in animation.frames]
        part = animation.output_name()
        if grounded and animation.loop:
            found += _baseline(part, frames, rules)
        found += _near_duplicates(part, frames, rules)
        if animation.loop:
            found += _loop(part, frames, rules)
    return found


def _canvas(animations: Sequence[Animation], rules: Rules) -> list[Finding]:
    limit = rules.limit("canvas")
    sizes = [
        (animation.output_name(), animation.frames[0].pixels.shape) for animation in animations if animation.frames
    ]
    if limit is None or not sizes:
        return []
    heights, widths = [shape[0] for _, shape in sizes], [shape[1] for _, shape in sizes]
    amount = max(max(heights) - min(heights), max(widths) - min(widths))
    if amount <= limit:
        return []
    part, shape = max(sizes, key=lambda item: (item[1][0] * item[1][1], item[0]))
    small, other = min(sizes, key=lambda item: (item[1][0] * item[1][1], item[0]))
    message = f"clips differ in size: {part} is {shape[1]} × {shape[0]}, {small} is {other[1]} × {other[0]}"
    fix = f"Set [process] canvas = [{max(widths)}, {max(heights)}]."
    return [Finding("canvas", message, fix, part, None, None, amount)]


def feet_line(pixels: Pixels) -> int | None:
    """Rows from the top to below the lowest opaque pixel; None for an empty picture."""
    rows = np.flatnonzero(opaque(pixels).any(axis=1))
    return int(rows[-1]) + 1 if len(rows) else None


def _baseline(part: str, frames: Sequence[Pixels], rules: Rules) -> list[Finding]:
    limit = rules.limit("baseline")
    lines = [feet_line(pixels) for pixels in frames]
    known = sorted(line for line in lines if line is not None)
    if limit is None or not known:
        return []
    usual = known[len(known) // 2]
    away = {place: abs(line - usual) for place, line in enumerate(lines) if line is not None}
    bad = [place for place, amount in away.items() if amount > limit]
    if not bad:
        return []
    worst = max(bad, key=lambda place: (away[place], -place))
    line = lines[worst] or 0
    message = f"the feet are {away[worst]} pixels {'above' if line < usual else 'below'} those of the clip"
    box = (0, min(line, usual), frames[worst].shape[1], away[worst])
    fix = 'Set [process] align = "feet" and reroll the clip if it stays; align = "none" if it is meant to fly.'
    return [Finding("baseline", message, fix, part, worst, box, away[worst], tuple(p for p in bad if p != worst))]


def _near_duplicates(part: str, frames: Sequence[Pixels], rules: Rules) -> list[Finding]:
    limit = rules.limit("near_duplicate")
    if limit is None:
        return []
    bad: dict[int, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]] = {}
    for place in range(1, len(frames)):
        before, now = frames[place - 1], frames[place]
        if before.shape != now.shape:
            continue
        changed = (before != now).any(axis=2)
        # A frame that is held on purpose is equal to the last pixel; a few stray changes are a flicker.
        if 0 < int(changed.sum()) <= limit:
            bad[place] = changed
    if not bad:
        return []
    first, *others = bad
    amount = int(bad[first].sum())
    message = f"only {amount} {'pixel' if amount == 1 else 'pixels'} of the frame before it changed"
    fix = "Hold the frame longer instead (durations), or set [process] colors so that noise goes."
    return [Finding("near_duplicate", message, fix, part, first, box_of(bad[first]), amount, tuple(others))]


def _loop(part: str, frames: Sequence[Pixels], rules: Rules) -> list[Finding]:
    limit = rules.limit("loop")
    if limit is None or len(frames) < _SHORT:
        return []
    still = all(pixels.shape == frames[0].shape and (pixels == frames[0]).all() for pixels in frames)
    amount = 0
    for pixels in reversed(frames[1:]):
        if pixels.shape != frames[0].shape or not (pixels == frames[0]).all():
            break
        amount += 1
    if still or amount <= limit:
        return []
    message = "the loop ends with its first picture, so it shows twice"
    fix = "Ask for one frame less, or set loop = false."
    return [Finding("loop", message, fix, part, len(frames) - 1, None, amount)]
