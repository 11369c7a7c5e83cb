"""Kind isometric_tiles as steps: one request per tile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.providers.api import CompileContext, Step
from bridge.providers.pixellab import words
from bridge.providers.pixellab.compile import (
    Draft,
    add_references,
    checked_options,
    checked_step,
    style_fields,
    with_prefix,
)

if TYPE_CHECKING:
    from bridge.spec.model import IsometricTilesSpec

_SHAPES = {"thin": "thin tile", "thick": "thick tile", "block": "block"}


def compile_isometric(spec: IsometricTilesSpec, context: CompileContext) -> list[Step]:
    """A step per tile: `tile/NAME`.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    size = {"width": spec.tile_size[0], "height": spec.tile_size[1]}
    common = Draft({"image_size": size, **style_fields(spec, context, words.ISOMETRIC_OUTLINES)})
    add_references(spec, context, ("init",), common)
    common.fields |= checked_options("isometric.create", spec.provider_options, context)
    steps = []
    for index, tile in enumerate(spec.tiles):
        of = f"tiles.{index}"
        draft = common.copy()
        draft.fields |= {
            "description": with_prefix(spec, tile.description or tile.name.replace("_", " ")),
            "isometric_tile_shape": _SHAPES[tile.shape or spec.shape],
        }
        steps.append(checked_step(f"tile/{tile.name}", "isometric.create", draft, context, seed=context.seed(), of=of))
    return steps
