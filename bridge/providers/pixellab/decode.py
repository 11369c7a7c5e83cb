"""What stored results mean: stills, clips, Wang tiles. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from bridge.assemble.parts import ClipPart, ImagePart, Part, WangTilePart
from bridge.core.errors import WorkFailed
from bridge.media.images import decode_still
from bridge.providers.api import ResultFile, Step, StepResult
from bridge.providers.pixellab.figures import direction_of
from bridge.providers.pixellab.tiles import CORNERS
from bridge.providers.pixellab.tileset import terrains_of
from exporters.model.asset import Pixels


def interpret(step: Step, result: StepResult) -> list[Part]:
    """See `Provider.interpret`.

    Raises:
        UserError: `source_broken`: a stored picture cannot be read.
        WorkFailed: `assemble_failed`: a tile does not say its corners.
    """
    family, _, kind = step.operation.partition(".")
    if family == "image":
        return _turned_parts(step, result) if kind == "rotate" else [_image_part(step, result)]
    if family == "clip":
        return [_chunk_part(step, result)]
    if family == "character":
        return [_clip_part(step, result)] if kind == "animate" else _still_parts(result)
    if family == "tileset":
        return list(_wang_tiles(step, result))
    if family == "isometric":
        return [ImagePart(_last_file(step), _read_pixels(result.files[0]))]
    return []


def _last_file(step: Step) -> str:
    return step.key.rpartition("/")[2]


def _read_pixels(file: ResultFile) -> Pixels:
    return decode_still(file.data, file.name)


def _stored_picture(result: StepResult, name: str) -> Pixels | None:
    return next((_read_pixels(file) for file in result.files if file.name == name), None)


def _image_part(step: Step, result: StepResult) -> ImagePart:
    """A picture under the number of its variant or the item's name; an edit keeps what is outside its mask."""
    pixels = _read_pixels(result.files[0])
    source, mask = _stored_picture(result, "source.png"), _stored_picture(result, "mask.png")
    keeps = step.operation == "image.inpaint" and step.key.startswith("image/")
    if keeps and source is not None and mask is not None and source.shape == mask.shape == pixels.shape:
        pixels = np.where(mask[..., :1] > 0, pixels, source)
    return ImagePart(_last_file(step), pixels)


def _turned_parts(step: Step, result: StepResult) -> list[Part]:
    pixels = _read_pixels(result.files[0])
    _, _, rest = step.key.partition("/")
    if not rest:
        return [ImagePart("", pixels)]
    parts: list[Part] = [ImagePart(rest.partition("/")[0], pixels)]
    source = _stored_picture(result, "source.png")
    if rest.endswith("/with_source") and source is not None:
        shown: str = step.params["request"]["from_direction"]
        parts.insert(0, ImagePart(shown.replace("-", "_"), source))
    return parts


def _chunk_part(step: Step, result: StepResult) -> ClipPart:
    """The frames of a clip that are new in a window; its other frames come from the steps before and after."""
    _, name, _ = step.key.split("/")
    frames = [_read_pixels(file) for file in result.files if file.name.startswith("frame_")]
    return ClipPart(name, None, tuple(frames[step.params.get("frozen", 0) : step.params.get("kept")]))


def _clip_part(step: Step, result: StepResult) -> ClipPart:
    _, name, direction = step.key.split("/")
    return ClipPart(name, direction, tuple(_read_pixels(file) for file in result.files))


def _still_parts(result: StepResult) -> list[Part]:
    parts: list[Part] = []
    for file in result.files:
        direction = direction_of(file.name.partition(".")[0])
        if direction is not None:
            parts.append(ImagePart(direction.replace("-", "_"), _read_pixels(file)))
    return parts


def _wang_tiles(step: Step, result: StepResult) -> list[WangTilePart]:
    lower, upper = terrains_of(step)
    names = {"lower": lower, "upper": upper, "transition": f"{lower}_{upper}_edge"}
    files = {file.name: file for file in result.files}
    seen: Counter[tuple[str, ...]] = Counter()
    parts = []
    for tile in result.meta["tiles"]:
        one, two, three, four = _corners_of(step, tile, names)
        corners = (one, two, three, four)
        # Twins differ in what lies between their corners only: further pictures of the same corners.
        parts.append(WangTilePart(corners, (_read_pixels(files[tile["file"]]),), variation=seen[corners]))
        seen[corners] += 1
    return parts


def _corners_of(step: Step, tile: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """The terrains of a tile's corners. Only `corners` is believed: names and patterns contradicted the pictures."""
    said = tile.get("corners")
    corner_names = [str(said.get(corner)) for corner in CORNERS] if isinstance(said, Mapping) else []
    if len(corner_names) != len(CORNERS) or any(value not in names for value in corner_names):
        raise WorkFailed(
            "assemble_failed",
            f"{step.key}: the tile {tile.get('name') or tile.get('id') or tile['file']} does not say its corners",
            hint="The set is kept as it was delivered; raise `take` for another one.",
        )
    return [names[value] for value in corner_names]
