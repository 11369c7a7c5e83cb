"""Kind map as steps: an empty map, its tile pack, and edits in words, each on the map as the one before left it.

The service has one map that edits change for good. Before every edit but the first the layers are therefore set to what
they were after the edit before (`state/N`, free, and the same however often it is done): whoever changes the last of
three edits buys that one again and not all of them. Another first edit begins another map.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bridge.providers.api import CompileContext, Step
from bridge.providers.sprixen.compile import plain, step
from bridge.providers.sprixen.routes import MAP_PROJECTIONS, NAME
from bridge.providers.uses import refuse_set

if TYPE_CHECKING:
    from bridge.spec.model import MapSpec

_TAKEN_AS_IT_IS = "What is adopted is taken as it is; remove the line."
_ADOPTED = dict.fromkeys(("description", "edits", "pack"), _TAKEN_AS_IT_IS)
_NAME_LENGTH = 40


def compile_map(spec: MapSpec, context: CompileContext) -> list[Step]:
    """`map`, with a pack `pack` and `packed`, then `edit/1`, `state/2`, `edit/2` …; the description is the first edit.

    Raises:
        UserError: `spec_not_applicable`; `spec_invalid`: nothing says what is on the map.
    """
    if spec.adopt is not None:
        refuse_set(NAME, spec, context, _ADOPTED)
        return [Step("map", NAME, "map.adopt", {"map": spec.adopt}, field="adopt")]
    wishes = _map_edits(spec, context)
    steps = [_create_step(spec, wishes[0][1], context)]
    if spec.pack is not None:
        steps.append(Step("pack", NAME, "map.pack", {"pack": plain(spec.pack)}, field="pack"))
        steps.append(step("packed", "map.update", {}, seed=None, of="pack", after=("map", "pack")))
    for number, (field, words) in enumerate(wishes, 1):
        if number > 1:
            # The edit that follows counts: another one there needs the layers set again.
            state = step(f"state/{number}", "map.update", {}, seed=None, of=field, after=(steps[-1].key,))
            steps.append(replace(state, params={**state.params, "next": words}))
        edit = {"prompt": words}
        steps.append(step(f"edit/{number}", "map.edit", edit, seed=None, of=field, after=(steps[-1].key,)))
    return steps


def _map_edits(spec: MapSpec, context: CompileContext) -> list[tuple[str, str]]:
    """The edits in order, each with the field that it comes from."""
    said = [("description", plain(spec.description))] if spec.description else []
    said += [(f"edits.{index}", plain(words)) for index, words in enumerate(spec.edits or ())]
    if not said:
        hint = 'Add description = "…", or adopt a map of the account.'
        raise context.fail("spec_invalid", "nothing says what is on the map", "description", hint)
    for field, words in said:
        if not words:
            raise context.fail("spec_invalid", "an edit says what to change", field, "Say it, or remove the line.")
    return said


def _create_step(spec: MapSpec, first: str, context: CompileContext) -> Step:
    width, height = spec.size
    request: dict[str, Any] = {
        "projectionType": MAP_PROJECTIONS[spec.projection],
        "gridWidth": width,
        "gridHeight": height,
    }
    seed = context.seed()
    # People see the name in the map builder; the mark tells maps of the same words apart.
    asked = json.dumps([request, first, spec.pack, seed], sort_keys=True, separators=(",", ":"))
    mark = hashlib.sha256(asked.encode()).hexdigest()[:8]
    request["name"] = f"{first[:_NAME_LENGTH].strip()} {mark}"
    return step("map", "map.create", request, seed=seed, of="size")
