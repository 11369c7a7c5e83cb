"""What stored results mean: pictures, and frames of a clip. Pure."""

from __future__ import annotations

from bridge.assemble.parts import ClipPart, ImagePart, Part
from bridge.core.errors import WorkFailed
from bridge.media.images import decode, decode_still
from bridge.providers.api import ResultFile, Step, StepResult
from bridge.providers.pixeldojo import pictures, video
from bridge.providers.pixeldojo.compile import EditStep
from exporters.model.asset import Pixels


def interpret(step: Step, result: StepResult) -> list[Part]:
    """See `Provider.interpret`.

    Raises:
        UserError: `source_broken`: a stored file cannot be read; `missing_extra`: a video without PyAV.
        WorkFailed: `result_damaged`: the model delivered something else.
    """
    _, name, *rest = step.key.split("/")
    if step.operation == "video.create":
        return [_clip_part(step, result, name, int(rest[0]))]
    file = next((file for file in result.files if file.media_type.startswith("image/")), None)
    if file is None:
        raise _other(step, "a video and no picture")
    pixels = decode_still(file.data, file.name)
    if isinstance(step, EditStep) and step.source is not None and step.mask is not None:
        source, mask = decode_still(step.source, "the source"), decode_still(step.mask, "the mask")
        pixels = pictures.laid_over(source, mask, pixels)
    return [ImagePart(name, pixels)]


def _clip_part(step: Step, result: StepResult, name: str, wanted: int) -> ClipPart:
    file = next((file for file in result.files if file.media_type.startswith("video/")), None)
    if file is not None:
        return ClipPart(name, None, tuple(video.frames(file.data, file.name, wanted)))
    return ClipPart(name, None, _is_animated(step, result.files, wanted))


def _is_animated(step: Step, files: tuple[ResultFile, ...], wanted: int) -> tuple[Pixels, ...]:
    """Frames of a GIF or WebP, which some models deliver as their video."""
    for file in files:
        shown = decode(file.data, file.name)
        if len(shown) > 1:
            return tuple(shown[index].pixels for index in video.places(len(shown), wanted))
    raise _other(step, "a picture and no video")


def _other(step: Step, what: str) -> WorkFailed:
    return WorkFailed(
        "result_damaged",
        f"{step.key}: {step.params['model']} delivered {what}",
        hint="The file is kept as it was delivered; choose another model.",
    )
