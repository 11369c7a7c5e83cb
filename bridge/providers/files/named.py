"""Kinds items and isometric_tiles from own art: a file each, a sheet in the order of the spec, or JSON by names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, TypeAlias

from bridge.assemble.parts import ImagePart, Part
from bridge.media.images import decode
from bridge.processing.canvas import anchored
from bridge.providers.api import CompileContext, Input, Step, StepResult
from bridge.providers.files import clips, frame_json, names, steps
from bridge.providers.files.grid import FileSheetGrid
from exporters.model.asset import Pixels

if TYPE_CHECKING:
    from bridge.spec.model import IsometricTilesSpec, ItemsSpec

FORMS = ("pattern", "sheet", "json")
# Name, pixels, and the file they are from.
Picture: TypeAlias = tuple[str, Pixels, str]


def compile_items(spec: ItemsSpec, context: CompileContext) -> list[Step]:
    """One step for all items.

    Raises:
        UserError: an item without a picture, and whatever the form's files raise.
    """
    return [_named_step(spec, context, [item.name for item in spec.items], "item", "items", None)]


def compile_isometric(spec: IsometricTilesSpec, context: CompileContext) -> list[Step]:
    """One step for all tiles; smaller pictures stand in the middle of the cell's lower edge.

    Raises:
        UserError: a tile without a picture, and whatever the form's files raise.
    """
    cell = (spec.tile_size[0], spec.tile_size[1])
    return [_named_step(spec, context, [tile.name for tile in spec.tiles], "tile", "tiles", cell)]


def _named_step(
    spec: ItemsSpec | IsometricTilesSpec,
    context: CompileContext,
    wanted: Sequence[str],
    placeholder: str,
    table: str,
    cell: tuple[int, int] | None,
) -> Step:
    form = steps.check_form(spec, context, FORMS)
    params: dict[str, object] = {"cell": list(cell) if cell else None}
    if form == "pattern":
        inputs = _pattern_inputs(spec, context, wanted, placeholder, table)
        return steps.step("files.named", {**params, "names": list(wanted)}, inputs, "files.pattern")
    if form == "sheet":
        size = list(spec.files.frame) if spec.files and spec.files.frame else list(cell or spec_size(spec))
        grid = [*size, spec.files.margin, spec.files.spacing] if spec.files else []
        sheet_input = context.input(clips.SHEET, (spec.files.sheet if spec.files else None) or "", "files.sheet")
        return steps.step("files.cells", {**params, "names": list(wanted), "grid": grid}, [sheet_input], "files.sheet")
    path, sheet = clips.read_json((spec.files.json_ if spec.files else None) or "", context)
    places = {_plain_name(frame.name): frame for frame in sheet.frames}
    _check_names(context, wanted, places, table, "files.json")
    sheet_input = context.input(clips.SHEET, clips.image_beside(path, sheet.image), "files.json")
    frames = [[name, places[name].as_list()] for name in wanted]
    return steps.step("files.rects", {**params, "frames": frames}, [sheet_input], "files.json")


def spec_size(spec: ItemsSpec | IsometricTilesSpec) -> tuple[int, int]:
    """The stated size of a picture, pixels."""
    size = spec.size if spec.kind == "items" else spec.tile_size
    return size[0], size[1]


def _plain_name(name: str) -> str:
    """`icons/Health Potion.png` → `health_potion`."""
    stem = name.rpartition("/")[2].rpartition(".")
    return names.clip_name(stem[0] or stem[2])


def _pattern_inputs(
    spec: ItemsSpec | IsometricTilesSpec, context: CompileContext, wanted: Sequence[str], placeholder: str, table: str
) -> list[Input]:
    pattern = (spec.files.pattern if spec.files else None) or ""
    matching_files = steps.found_files(pattern, "files.pattern", context, (placeholder,))
    if placeholder not in names.placeholders(pattern):
        hint = f"Put {{{placeholder}}} where the file names say which of the {table} it is."
        raise context.fail("spec_invalid", f"the pattern has no {{{placeholder}}}", "files.pattern", hint)
    by_name: dict[str, str] = {}
    for match in matching_files:
        name = names.clip_name(match.values[placeholder])
        if name in wanted and name in by_name:
            message = f"{by_name[name]} and {match.path} are both {name}"
            raise context.fail("spec_invalid", message, "files.pattern", "Remove one of the files.")
        by_name[name] = match.path
    _check_names(context, wanted, by_name, table, "files.pattern")
    return [context.input(name, by_name[name], "files.pattern") for name in wanted]


def _check_names(
    context: CompileContext, wanted: Sequence[str], given_names: Collection[str], table: str, field: str
) -> None:
    there = set(given_names)
    for index, name in enumerate(wanted):
        if name not in there:
            shown = ", ".join(sorted(there)[:8]) or "nothing"
            raise context.fail(
                "source_missing", f"there is no picture of {name}", f"{table}.{index}.name", f"{field} has: {shown}."
            )


def interpret(step: Step, result: StepResult) -> list[Part]:
    """A still for each name.

    Raises:
        UserError: `source_broken` for damaged files, sheets with too few cells, pictures larger than a cell.
    """
    named_pictures: list[Picture]
    match step.operation:
        case "files.named":
            named_pictures = _file_pictures(step, result)
        case "files.cells":
            named_pictures = _cell_pictures(step, result)
        case _:
            path = steps.path_of(step, clips.SHEET)
            sheet = decode(steps.bytes_of(result, clips.SHEET), path)[0].pixels
            rects = frame_json.rects_of([rect for _, rect in step.params["frames"]])
            named_pictures = [
                (name, rect.cut(sheet, path), path)
                for (name, _), rect in zip(step.params["frames"], rects, strict=True)
            ]
    cell = step.params["cell"]
    if cell is None:
        return [ImagePart(name, pixels) for name, pixels, _ in named_pictures]
    for name, pixels, path in named_pictures:
        if pixels.shape[1] > cell[0] or pixels.shape[0] > cell[1]:
            raise steps.misfit(
                path,
                f"{name} has {pixels.shape[1]} × {pixels.shape[0]} pixels, more than tile_size {cell[0]} × {cell[1]}",
                "Raise tile_size, or make the picture smaller.",
            )
    return [ImagePart(name, anchored(pixels, cell[0], cell[1], bottom=True)) for name, pixels, _ in named_pictures]


def _file_pictures(step: Step, result: StepResult) -> list[Picture]:
    count = steps.PixelCount()
    named_pictures = []
    for name in step.params["names"]:
        path, pixels = steps.path_of(step, name), steps.pictures(step, result, name)[0].pixels
        count.add(path, [pixels])
        named_pictures.append((name, pixels, path))
    return named_pictures


def _cell_pictures(step: Step, result: StepResult) -> list[Picture]:
    path = steps.path_of(step, clips.SHEET)
    sheet = steps.pictures(step, result, clips.SHEET)[0].pixels
    cells = [cell for row in FileSheetGrid(*step.params["grid"]).cut(sheet, path) for cell in row]
    wanted = step.params["names"]
    if len(cells) < len(wanted):
        raise steps.misfit(
            path,
            f"it has {len(cells)} cells, the spec names {len(wanted)} pictures",
            "Add cells, correct files.frame, or shorten the list.",
        )
    return [(name, cell, path) for name, cell in zip(wanted, cells, strict=False)]
