"""Rules that compare pictures of one asset: canvas, feet, near-duplicates, the seam of a loop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bridge.lint.frames import box_of, shown_box
from bridge.lint.model import ArtFinding, LintRules
from bridge.processing.repeats import count_repeats
from bridge.processing.stabilize import Drift, spread_of
from bridge.processing.steps.steady import MOST_STEADY
from exporters.model.asset import Animation, Pixels


def clip_findings(animations: Sequence[Animation], rules: LintRules, *, grounded: bool) -> list[ArtFinding]:
    """What differs between clips and frames that should not. grounded: the asset stands on its lower edge."""
    findings = _canvas_findings(animations, rules)
    for animation in animations:
        frames = [frame.pixels for frame in animation.frames]
        part = animation.output_name()
        if grounded and animation.loop:
            findings += _baseline_findings(part, frames, rules)
        findings += _near_duplicates(part, frames, rules)
        if animation.loop:
            findings += _loop_findings(part, frames, rules)
    return findings


def _canvas_findings(animations: Sequence[Animation], rules: LintRules) -> list[ArtFinding]:
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
    return [ArtFinding("canvas", message, fix, part, 0, (0, 0, shape[1], shape[0]), amount)]


def _baseline_findings(part: str, frames: Sequence[Pixels], rules: LintRules) -> list[ArtFinding]:
    limit = rules.limit("baseline")
    drift = Drift.of(frames)
    usual = drift.usual_feet
    if limit is None or usual is None:
        return []
    away = {index: abs(line - usual) for index, line in enumerate(drift.feet) if line is not None}
    bad = [index for index, amount in away.items() if amount > limit]
    if not bad:
        return []
    worst = max(bad, key=lambda index: (away[index], -index))
    line = drift.feet[worst] or 0
    message = f"the feet are {away[worst]} pixels {'above' if line < usual else 'below'} those of the clip"
    box = (0, min(line, usual), frames[worst].shape[1], away[worst])
    least, most = spread_of(drift.feet) or (usual, usual)
    steady = f"Set [process] steady = {most - least}" if most - least <= MOST_STEADY else "Reroll the clip"
    fix = f'{steady}, or align = "none" if it is meant to fly.'
    return [ArtFinding("baseline", message, fix, part, worst, box, away[worst], tuple(p for p in bad if p != worst))]


def _near_duplicates(part: str, frames: Sequence[Pixels], rules: LintRules) -> list[ArtFinding]:
    limit = rules.limit("near_duplicate")
    if limit is None:
        return []
    bad: dict[int, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]] = {}
    for index in range(1, len(frames)):
        before, now = frames[index - 1], frames[index]
        if before.shape != now.shape:
            continue
        changed = (before != now).any(axis=2)
        # A frame that is held on purpose is equal to the last pixel; a few stray changes are a flicker.
        if 0 < int(changed.sum()) <= limit:
            bad[index] = changed
    if not bad:
        return []
    first, *others = bad
    amount = int(bad[first].sum())
    message = f"only {amount} {'pixel' if amount == 1 else 'pixels'} of the frame before it changed"
    fix = "Leave it out and hold the one before longer (durations), or set [lint] near_duplicate = false."
    return [ArtFinding("near_duplicate", message, fix, part, first, box_of(bad[first]), amount, tuple(others))]


def _loop_findings(part: str, frames: Sequence[Pixels], rules: LintRules) -> list[ArtFinding]:
    limit = rules.limit("loop")
    amount = count_repeats(frames)
    if limit is None or amount <= limit:
        return []
    message = "the loop ends with its first picture, so it shows twice"
    fix = 'Set [process] repeats = "drop", or loop = false.'
    if amount > 1:
        message = f"the loop ends with {amount} frames of its first picture"
        fix = f"Take frames out of the clip, or set [lint] loop = {amount} if it is a pause."
    first, *others = range(len(frames) - amount, len(frames))
    return [ArtFinding("loop", message, fix, part, first, shown_box(frames[first]), amount, tuple(others))]
