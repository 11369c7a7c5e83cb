"""`[refine] stabilize`: a processed copy of a clip that this service made; the original stays there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bridge.providers.api import CompileContext, Step, Subject
from bridge.providers.sprixen.compile import step
from bridge.providers.sprixen.routes import MODES, NAME

if TYPE_CHECKING:
    from bridge.spec.base_spec import RefineStep

_MADE_HERE = frozenset({"clip.create", "clip.process"})


def refine(name: str, settings: RefineStep, subject: Subject, context: CompileContext) -> Sequence[Step]:
    """See `Refiner.refine`: `stabilize/clip/NAME/DIRECTION`; stills are none of its business.

    Raises:
        UserError: `spec_not_applicable`: a clip of somebody else, or a number of colours.
    """
    if not subject.is_clip:
        return []
    made = subject.steps[-1]
    if made.provider != NAME or made.operation not in _MADE_HERE:
        message = f"sprixen can {name} clips of its own only, and {subject.part} is from {made.provider}"
        raise context.fail("spec_not_applicable", message, subject.field, "Remove the line.")
    for said in ("colors", "palette"):
        if getattr(settings, said) is not None:
            hint = f"Use [process] {said}; remove it here."
            message = f"sprixen takes no {said} here"
            raise context.fail("spec_not_applicable", message, f"{subject.field}.{said}", hint)
    request = {"mode": settings.mode or MODES[0]}
    key = f"{name}/{subject.part}"
    gives = (subject.part,)
    return [
        step(
            key, "clip.process", request, seed=None, of=subject.field, after=(made.key,), gives=gives, hints=made.hints
        )
    ]
