"""Kinds sprite and items as steps: up to three variants, and up to eight items, in one generation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.providers.api import CompileContext, Step
from bridge.providers.sprixen import projects
from bridge.providers.sprixen.compile import facing, fitting, picture, plain, prompt, reference, step
from bridge.providers.sprixen.routes import MOST_IN_PACK, MOST_VARIANTS, PROMPT_LENGTH

if TYPE_CHECKING:
    from bridge.spec.model import ItemsSpec, SpriteSpec
    from bridge.spec.sprite import ItemTable

_SUBJECT = "set of separate game items"
_ITEM_LENGTH = (1, 200)


def compile_sprite(spec: SpriteSpec, context: CompileContext) -> list[Step]:
    """A step per three variants: `image/1`, `image/4` …, called after its first; before them `project`, where one is
    asked for.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    request = picture(spec, spec.size, context)
    request["prompt"] = prompt(spec, context, spec.description or "", facing(spec.direction))
    steps = projects.project_steps(spec, context)
    after = tuple(one.key for one in steps)
    inputs = reference(spec, context)
    for first in range(1, spec.variants + 1, MOST_VARIANTS):
        count = min(MOST_VARIANTS, spec.variants - first + 1)
        seed = context.seed(variant=first)
        own = {**request, "variantCount": count}
        gives = [f"still/{variant}" for variant in range(first, first + count)]
        key = f"image/{first}"
        of = "description"
        steps.append(step(key, "image.create", own, seed=seed, of=of, after=after, inputs=inputs, gives=gives))
    return steps


def compile_items(spec: ItemsSpec, context: CompileContext) -> list[Step]:
    """A step per eight items, in the order of the file: `pack/FIRST+SECOND+…`, by names.

    A single item left over is a picture by itself: a pack of one says nothing that its prompt does not.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    project = projects.project_steps(spec, context)
    after = tuple(one.key for one in project)
    packs = [
        _pack_step(spec, first, spec.items[first : first + MOST_IN_PACK], context, after)
        for first in range(0, len(spec.items), MOST_IN_PACK)
    ]
    return [*project, *packs]


def _pack_step(
    spec: ItemsSpec, first: int, items: list[ItemTable], context: CompileContext, after: tuple[str, ...]
) -> Step:
    request = picture(spec, spec.size, context) | {"variantCount": 1}
    words = [
        fitting(
            plain(item.description) or item.name.replace("_", " "),
            _ITEM_LENGTH,
            f"items.{first + index}.description",
            context,
        )
        for index, item in enumerate(items)
    ]
    # Another take of one item is another take of its pack; the others of the spec stay.
    takes = spec.take + sum((item.take or 1) - 1 for item in items)
    seed = context.seed(own_take=takes)
    key = "pack/" + "+".join(item.name for item in items)
    of = f"items.{first}"
    gives = [f"still/{item.name}" for item in items]
    inputs = reference(spec, context)
    if len(items) == 1:
        request["prompt"] = prompt(spec, context, spec.description or "", words[0])
        return step(key, "image.pack", request, seed=seed, of=of, after=after, inputs=inputs, gives=gives)
    # A pack whose answer was lost is found again by its prompt alone: packs must not have the same one.
    whole = prompt(spec, context, spec.description or _SUBJECT)
    request["prompt"] = _naming(whole, words)
    request["packItems"] = words
    return step(key, "image.pack", request, seed=seed, of=of, after=after, inputs=inputs, gives=gives)


def _naming(whole: str, words: list[str]) -> str:
    """A prompt that names as many of its items as the service has room for."""
    for count in range(len(words), 0, -1):
        named = f"{whole}: {', '.join(words[:count])}"
        if len(named) <= PROMPT_LENGTH[1]:
            return named
    return whole
