"""Steps beside those of an asset's own provider: clips of a character bought elsewhere, and clean-ups (`[refine]`).

The order is: what the own provider makes; clean-up of stills; clips of other providers, from the stills as they are by
then; clean-up of clips. Each of these steps takes up parts of earlier ones by their pixels, so that its fingerprint
does not care who made them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from bridge.plan.provider_clips import compile_clips, foreign_animations, get_named_provider
from bridge.providers import registry
from bridge.providers.api import CompileContext, Provider, Refiner, Step, Subject

if TYPE_CHECKING:
    from bridge.spec.base_spec import RefineStep
    from bridge.spec.model import Spec


def compile_steps(spec: Spec, provider: Provider, context: CompileContext) -> list[Step]:
    """All steps of a spec, in order of need.

    Raises:
        UserError: a provider cannot make its part of it.
    """
    foreign = foreign_animations(spec)
    table = spec.refine
    update: dict[str, object] = {"refine": None}
    if spec.kind == "character" and foreign:
        update["animations"] = {name: one for name, one in spec.animations.items() if name not in foreign}
    steps = list(provider.compile(spec.model_copy(update=update), context))
    if table is None and not foreign:
        return steps
    steps = _add_clean_ups(spec, steps, context, clips=False)
    if spec.kind == "character" and foreign:
        steps += compile_clips(spec, foreign, steps, context)
    return _add_clean_ups(spec, steps, context, clips=True)


def _clean_ups(spec: Spec) -> Iterator[tuple[str, RefineStep]]:
    """The settings of `[refine]` in the order in which they are carried out."""
    table = spec.refine
    if table is not None:
        for name in type(table).model_fields:
            settings = getattr(table, name)
            if settings is not None:
                yield name, settings


def _add_clean_ups(spec: Spec, steps: Sequence[Step], context: CompileContext, *, clips: bool) -> list[Step]:
    """The steps, and those that clean up what they give."""
    all_steps = list(steps)
    for name, settings in _clean_ups(spec):
        refiner = _find_refiner(name, settings, context)
        done = False
        for part in _list_parts(all_steps):
            subject = Subject(part, spec.kind, _find_makers(all_steps, part), f"refine.{name}", _exact_size(spec))
            if subject.is_clip is clips:
                all_steps += refiner.refine(name, settings, subject, context)
                done = True
        if clips and not (done or _waits_for_pick(spec) or any(step.key.startswith(f"{name}/") for step in all_steps)):
            message = f"there is nothing that {settings.provider} could {name} in a {spec.kind} of {spec.provider}"
            raise context.fail("spec_not_applicable", message, f"refine.{name}", "Remove the line.")
    return all_steps


def _find_refiner(name: str, settings: RefineStep, context: CompileContext) -> Refiner:
    field = f"refine.{name}.provider"
    provider = get_named_provider(settings.provider, field, context)
    if not isinstance(provider, Refiner) or name not in provider.refinements:
        able = [one.name for one in registry.usable() if isinstance(one, Refiner) and name in one.refinements]
        hint = f"Providers that {name}: {', '.join(able)}." if able else "Remove the line."
        raise context.fail("spec_not_applicable", f"{settings.provider} does not {name}", field, hint)
    return provider


def _waits_for_pick(spec: Spec) -> bool:
    """Whether a variant has to be picked before anything is made of it."""
    return spec.kind == "character" and spec.variants > 1 and spec.pick is None


def _exact_size(spec: Spec) -> tuple[int, int] | None:
    """The size of a still, where the spec is exact about it: a figure's pictures have room around it."""
    size = getattr(spec, "size", None)
    return (size[0], size[1]) if size and spec.kind in ("sprite", "items", "edit") else None


def _list_parts(steps: Iterable[Step]) -> list[str]:
    """Every part that the steps give, once, in their order."""
    return list(dict.fromkeys(part for step in steps for part in step.gives))


def _find_makers(steps: Sequence[Step], part: str) -> tuple[Step, ...]:
    """The steps that a part comes from."""
    return tuple(step for step in steps if part in step.gives)
