"""What stored results mean: stills, cells of sheets, tracks. Pure."""

from __future__ import annotations

from bridge.assemble.parts import AudioPart, ClipPart, ImagePart, Part
from bridge.core.errors import WorkFailed
from bridge.media.images import decode_still
from bridge.processing.cells import UNIT, Axis, sampled
from bridge.providers.api import Step, StepResult
from bridge.providers.sprixen import map_files, sheets, sound
from exporters.model.asset import Pixels


def interpret(step: Step, result: StepResult) -> list[Part]:
    """See `Provider.interpret`.

    Raises:
        UserError: `source_broken`: a stored file cannot be read. `missing_extra`: music without the extra `audio`.
        WorkFailed: `assemble_failed`: a sheet cannot be divided.
    """
    family, _, kind = step.operation.partition(".")
    if step.operation == "image.pack":
        return _item_parts(step, result)
    if family == "image":
        first = int(step.key.rpartition("/")[2])
        pictures = [_reduced(step, _read_pixels(result, index)) for index in range(len(result.files))]
        return [ImagePart(str(first + index), pixels) for index, pixels in enumerate(pictures)]
    if family == "character":
        return _still_part(step, result)
    if family == "clip":
        return _clip_parts(step, result)
    if family == "map":
        return [map_files.meaning(step, result)] if kind in ("edit", "adopt") else []
    if family == "project":
        return []
    if family == "tile":
        return [ImagePart(step.key.rpartition("/")[2], _read_pixels(result, 0))]
    samples, rate = sound.decoded(result.files[0].data)
    return [AudioPart(samples, rate)]


def _read_pixels(result: StepResult, index: int) -> Pixels:
    file = result.files[index]
    return decode_still(file.data, file.name)


def _read_cells(step: Step, result: StepResult) -> list[Pixels]:
    """The pictures of a sheet, by the division that was recorded when it was fetched."""
    sheet = _read_pixels(result, 0)
    grid, count = result.meta.get("grid"), result.meta.get("count")
    if not grid or not count:
        raise WorkFailed(
            "assemble_failed",
            f"{step.key}: nobody can say how the sheet of {sheet.shape[1]}×{sheet.shape[0]} pixels is divided",
            hint="The sheet is kept as it was delivered; raise `take` for another one.",
        )
    return sheets.cells(sheet, grid[0], grid[1], count)


def _item_parts(step: Step, result: StepResult) -> list[Part]:
    names = step.key.partition("/")[2].split("+")
    if len(names) == 1:
        return [ImagePart(names[0], _reduced(step, _read_pixels(result, 0)))]
    return [ImagePart(name, _reduced(step, cell)) for name, cell in zip(names, _read_cells(step, result), strict=True)]


def _reduced(step: Step, pixels: Pixels) -> Pixels:
    """A picture that came several times as large as it was ordered, at that size: each pixel is what prevails in it."""
    wide, _, high = str(step.params["request"].get("resolution", "")).partition("x")
    if not (wide.isdigit() and high.isdigit()):
        return pixels
    width, height = int(wide), int(high)
    side = pixels.shape[1] // width
    if side < 2 or pixels.shape[:2] != (height * side, width * side):
        return pixels
    reduced: Pixels = sampled(pixels, Axis(0, side * UNIT, width), Axis(0, side * UNIT, height))
    return reduced


def _still_part(step: Step, result: StepResult) -> list[Part]:
    """The one still of a character; `character.select` has no picture, and what a clip is drawn after is no part."""
    direction: str = step.params.get("direction", "")
    if not result.files or not direction:
        return []
    return [ImagePart(direction.replace("-", "_"), _read_pixels(result, 0))]


def _clip_parts(step: Step, result: StepResult) -> list[Part]:
    """A clip (`clip/NAME`, `clip/NAME/DIRECTION`, with `/still`, or `stabilize/` before it): where its direction has no
    still, its first frame is that too."""
    name, *rest = step.key.partition("clip/")[2].split("/")
    direction = rest[0] if rest else None
    frames = tuple(_read_cells(step, result))
    parts: list[Part] = [ClipPart(name, direction, frames, whole=True)]
    if direction is not None and rest[1:]:
        parts.append(ImagePart(direction, frames[0]))
    return parts
