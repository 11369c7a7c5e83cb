"""Kind tileset from own art: a sheet for each pair of terrains, in one of the known layouts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bridge.assemble.parts import Part, WangTilePart
from bridge.assemble.tilesets import corners_of, terrain_pairs
from bridge.providers.api import CompileContext, Input, Step, StepResult
from bridge.providers.files import names, steps
from bridge.providers.files.grid import FileSheetGrid
from bridge.providers.files.layouts import corner_tiles

if TYPE_CHECKING:
    from bridge.spec.model import TilesetSpec

FORMS = ("sheet", "pattern", "source")
OPERATION = "files.terrain"


def compile_tileset(spec: TilesetSpec, context: CompileContext) -> list[Step]:
    """One step: a sheet a pair. `{lower}` and `{upper}` in the path stand for the terrains, `{frame}` for its moves.

    Raises:
        UserError: a pair without a sheet; one sheet for several pairs.
    """
    form = steps.check_form(spec, context, FORMS)
    field = "source" if form == "source" else f"files.{form}"
    pattern = (spec.source if form == "source" else spec.files.get(form) if spec.files else None) or ""
    wanted = terrain_pairs(spec)
    if len(wanted) > 1 and ("{lower}" not in pattern or "{upper}" not in pattern):
        raise context.fail(
            "spec_invalid",
            f"{len(spec.terrains)} terrains need a sheet for each of {len(wanted)} pairs",
            field,
            'Name the terrains in the path, like "art/{lower}_{upper}.png".',
        )
    table = spec.files
    width, height = spec.cell
    sets = []
    inputs: list[Input] = []
    for lower, upper in wanted:
        roles = _pair_inputs(pattern, field, context, lower, upper, inputs)
        sets.append([lower, upper, roles])
    params = {
        "layout": (table.layout if table else None) or "corner16",
        "grid": [width, height, table.margin if table else 0, table.spacing if table else 0],
        "sets": sets,
    }
    return [steps.step(OPERATION, params, inputs, field)]


def _pair_inputs(
    pattern: str, field: str, context: CompileContext, lower: str | None, upper: str, inputs: list[Input]
) -> list[str]:
    """Adds the sheets of a pair and returns their roles, one for each frame of the animation."""
    label = f"{lower or '-'}+{upper}"
    filled = names.filled_in(pattern, {"lower": lower or "empty", "upper": upper})
    paths: Sequence[str] = [filled]
    if "{" in filled:
        paths = [match.path for match in steps.found_files(filled, field, context, ("lower", "upper", "frame"))]
    roles = [f"{label}/{number}" for number in range(len(paths))]
    inputs += [context.input(role, path, field) for role, path in zip(roles, paths, strict=True)]
    return roles


def interpret(step: Step, result: StepResult) -> list[Part]:
    """The corner tiles of every pair.

    Raises:
        UserError: `source_broken` for damaged sheets and such that have not the cells of their layout.
    """
    grid = FileSheetGrid(*step.params["grid"])
    parts: list[Part] = []
    count = steps.PixelCount()
    for lower, upper, roles in step.params["sets"]:
        frames = []
        for role in roles:
            pictures_read = steps.pictures(step, result, role)
            count.add(steps.path_of(step, role), [frame.pixels for frame in pictures_read])
            frames += [(frame, role) for frame in pictures_read]
        sheets = [
            corner_tiles(
                frame.pixels, step.params["layout"], grid, steps.path_of(step, role), over_nothing=lower is None
            )
            for frame, role in frames
        ]
        for mask in sheets[0]:
            pictures = [tiles[mask] for tiles in sheets]
            # A tile that shows the same in every frame does not move.
            still = all((picture == pictures[0]).all() for picture in pictures)
            parts.append(
                WangTilePart(
                    corners_of(mask, lower, upper),
                    tuple(pictures[:1] if still else pictures),
                    frame_ms=frames[0][0].duration_ms,
                )
            )
    return parts
