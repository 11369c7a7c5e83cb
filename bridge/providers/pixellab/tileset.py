"""Kind tileset as steps: one set of Wang tiles per pair of terrains, chained through shared base tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.assemble.tilesets import terrain_pairs
from bridge.providers.api import CompileContext, Step
from bridge.providers.pixellab.compile import (
    Draft,
    add_references,
    checked_options,
    checked_step,
    style_fields,
    with_prefix,
)
from bridge.providers.pixellab.routes import NAME

if TYPE_CHECKING:
    from bridge.spec.tiles import TerrainTable, TilesetSpec, TransitionTable


def compile_tileset(spec: TilesetSpec, context: CompileContext) -> list[Step]:
    """A step per pair: `set/LOWER+UPPER`. A set comes after those that made one of its terrains first.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    if len(spec.terrains) == 1:
        hint = "Add a second terrain: it is the ground that the first one lies on."
        raise context.fail("provider_limit", "pixellab makes tiles for pairs of terrains", "terrains", hint)
    wide, high = spec.cell
    if wide != high or wide not in (16, 32):
        message = f"pixellab makes tiles of 16 or 32 pixels a side, not {wide}×{high}"
        raise context.fail("provider_limit", message, "tile_size", "Choose 16 or 32.")
    if spec.view == "side":
        hint = "Use low top-down or high top-down."
        raise context.fail("provider_limit", "pixellab's terrain is seen from above", "view", hint)
    common = Draft({"tile_size": {"width": wide, "height": high}, **style_fields(spec, context)})
    if spec.view is not None:
        common.fields["view"] = spec.view
    add_references(spec, context, (), common)
    common.fields |= checked_options("tileset.create", spec.provider_options, context)
    return _set_steps(spec, common, context)


def _set_steps(spec: TilesetSpec, common: Draft, context: CompileContext) -> list[Step]:
    # The module next to it loads numpy, which plans do without.
    steps: list[Step] = []
    made: dict[str, str] = {}
    for lower, upper in terrain_pairs(spec):
        assert lower is not None
        key = f"set/{lower}+{upper}"
        if spec.adopt is not None and not steps:
            steps.append(Step(key, NAME, "tileset.adopt", {"tileset": spec.adopt}, field="adopt"))
        else:
            steps.append(_set_step(spec, key, (lower, upper), made, common, context))
        for terrain in (lower, upper):
            made.setdefault(terrain, key)
    return steps


def _set_step(
    spec: TilesetSpec,
    key: str,
    pair: tuple[str, str],
    made: dict[str, str],
    common: Draft,
    context: CompileContext,
) -> Step:
    places = {terrain.name: index for index, terrain in enumerate(spec.terrains)}
    draft = common.copy()
    for role, name in zip(("lower", "upper"), pair, strict=True):
        terrain = spec.terrains[places[name]]
        draft.fields[f"{role}_description"] = _words_of(spec, terrain)
        if terrain.reference is not None:
            field = f"terrains.{places[name]}.reference"
            draft.inputs.append(context.input(f"{role}_reference_image", terrain.reference, field))
    of = f"terrains.{places[pair[1]]}"
    draft.fields["transition_size"] = spec.transition_size
    for index, transition in enumerate(spec.transitions):
        if tuple(transition.between) == pair:
            of = f"transitions.{index}"
            draft.fields |= _transition_fields(transition)
            if transition.reference is not None:
                role = "transition_reference_image"
                draft.inputs.append(context.input(role, transition.reference, f"{of}.reference"))
    known = [(role, made[name], name) for role, name in zip(("lower", "upper"), pair, strict=True) if name in made]
    if known:
        # Which side of which earlier set a base tile is taken from decides what is sent.
        sides = {role: [index, _side_of(earlier, name)] for index, (role, earlier, name) in enumerate(known)}
        draft.extras["bases"] = sides
    after = [earlier for _, earlier, _ in known]
    return checked_step(key, "tileset.create", draft, context, seed=context.seed(), of=of, after=after)


def _side_of(key: str, terrain: str) -> str:
    """Whether a terrain is the lower or the upper one of a set."""
    return "lower" if key.removeprefix("set/").partition("+")[0] == terrain else "upper"


def _words_of(spec: TilesetSpec, terrain: TerrainTable) -> str:
    return with_prefix(spec, terrain.description or terrain.name.replace("_", " "))


def _transition_fields(table: TransitionTable) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if table.description:
        said["transition_description"] = " ".join(table.description.split())
    if table.size is not None:
        said["transition_size"] = table.size
    return said


def terrains_of(step: Step) -> tuple[str, str]:
    """Lower and upper terrain of a set: names are ours alone, so they stand in the key and not in the request."""
    lower, _, upper = step.key.removeprefix("set/").partition("+")
    return lower, upper
