"""Terrain: corner tilesets, isometric tiles, and maps painted with a tileset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from bridge.providers.api import CompileContext, Step, StepResult
from bridge.providers.procedural.terrain import isometric, maps, tileset

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.spec.model import MapSpec, Spec

KINDS: frozenset[str] = frozenset({"tileset", "isometric_tiles", "map"})
OPERATIONS: frozenset[str] = frozenset({tileset.OPERATION, isometric.OPERATION, maps.OPERATION})


def compile(spec: Spec, context: CompileContext) -> list[Step]:  # noqa: A001
    """The steps of a spec of one of KINDS.

    Raises:
        UserError: a field does not apply, or exceeds what can be drawn.
    """
    if spec.kind == "tileset":
        return tileset.compile_tileset(spec, context)
    if spec.kind == "isometric_tiles":
        return isometric.compile_tiles(spec, context)
    return maps.compile_map(cast("MapSpec", spec), context)


def run(step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> StepResult:
    """The result of a step; terrain needs no inputs and no other results."""
    del inputs, needed
    if step.operation == tileset.OPERATION:
        return tileset.run_pair(step)
    if step.operation == isometric.OPERATION:
        return isometric.run_tile(step)
    return maps.run_map(step)


def interpret(step: Step, result: StepResult) -> list[Part]:
    """What a stored result means."""
    if step.operation == tileset.OPERATION:
        return tileset.interpret_pair(step, result)
    if step.operation == isometric.OPERATION:
        return isometric.interpret_tile(step, result)
    return maps.interpret_map(step, result)
