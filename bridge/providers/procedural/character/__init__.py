"""Figures drawn by a small 3-D rig, and simple motions of given pictures.

A rig poses capsules, ellipsoids, boxes and sheets on bones; `camera` sees them without perspective, `raster` finds the
nearest surface of every pixel of all frames at once, `shade` turns light into steps of colour ramps and draws lines.
Words become a style in `build_figure`, animations become motions in `motion` and its neighbours. Nothing here reads a
clock, a file or random numbers: the same step gives the same pixels on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bridge.providers.api import CompileContext, Step, StepResult

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.spec.model import Spec

KINDS = frozenset({"character", "animation"})
OPERATIONS = frozenset({"character.stills", "character.clip", "picture.motion"})


def compile(spec: Spec, context: CompileContext) -> list[Step]:  # noqa: A001 - the provider protocol's name
    """The steps of a character or animation spec; see `steps`."""
    from . import steps

    return steps.steps_of(spec, context)


def run(step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> StepResult:  # noqa: ARG001
    """Draws one step: a PNG strip of its frames."""
    from . import run_steps

    return run_steps.run_step(step, inputs)


def interpret(step: Step, result: StepResult) -> Sequence[Part]:
    """Cuts a strip into stills or a clip."""
    from . import run_steps

    return run_steps.interpret_step(step, result)
