"""Pictures and clips in any form → the clips they hold: numbered files, sheets, JSON sheets, animated pictures.

`Strip` is what a form says while the spec is compiled (names and counts, no pixels); `Clip` is the same with pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from bridge.core.errors import UserError
from bridge.media.images import decode
from bridge.providers.api import CompileContext, Input, Step, StepResult
from bridge.providers.files import aseprite, frame_json, names, steps
from bridge.providers.files.grid import FileSheetGrid, filled
from exporters.model.asset import Pixels

if TYPE_CHECKING:
    from bridge.spec.model import Spec

SOURCE = "source"
SHEET = "sheet"


@dataclass(frozen=True, slots=True)
class Strip:
    """A clip by name; both may be missing where the files do not say them."""

    animation: str
    direction: str | None


@dataclass(frozen=True, slots=True)
class FileClip:
    """Frames of a clip; durations in milliseconds, None where unsaid."""

    animation: str
    direction: str | None
    frames: tuple[Pixels, ...]
    durations: tuple[int, ...] | None = None
    loop: bool | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What a spec's files are: the operation, its params and inputs, the clips in them, and the field to blame."""

    operation: str
    params: Mapping[str, Any]
    inputs: tuple[Input, ...]
    strips: tuple[Strip, ...]
    field: str


def compile_form(spec: Spec, context: CompileContext, form: str) -> Form:
    """Looks up the files of a spec.

    Raises:
        UserError: files are missing, unreadable, or named so that two claim one place.
    """
    match form:
        case "pattern":
            return _pattern(spec, context)
        case "sheet":
            return _sheet(spec, context)
        case "json":
            return _json(spec, context)
        case "aseprite":
            return _aseprite(spec, context)
    field = "source" if form == "source" else "files.clip"
    ref = spec.source if form == "source" else spec.files.clip if spec.files else None
    picture_input = context.input(SOURCE, ref or "", field)
    return Form("files.picture", {}, (picture_input,), (Strip("", None),), field)


def _pattern(spec: Spec, context: CompileContext) -> Form:
    field = "files.pattern"
    pattern = (spec.files.pattern if spec.files else None) or ""
    matching_files = steps.found_files(pattern, field, context, ("animation", "direction", "frame"))
    clips: dict[Strip, dict[int, names.Match]] = {}
    for match in matching_files:
        strip = Strip(names.clip_name(match.values.get("animation", "")), match.direction)
        other = clips.setdefault(strip, {}).setdefault(match.frame or 0, match)
        if other is not match:
            raise context.fail(
                "spec_invalid",
                f"{other.path} and {match.path} are both frame {match.frame or 0} of "
                f"{_shown(strip.animation, strip.direction)}",
                field,
                "Remove one of the files, or make the pattern tell them apart.",
            )
    inputs, params = [], []
    for strip, numbered in clips.items():
        label = f"{strip.animation or '-'}/{strip.direction or '-'}"
        roles = [f"{label}/{index}" for index in range(len(numbered))]
        inputs += [
            context.input(role, numbered[number].path, field)
            for role, number in zip(roles, sorted(numbered), strict=True)
        ]
        params.append([strip.animation, strip.direction, roles])
    return Form("files.pattern", {"clips": params}, tuple(inputs), tuple(clips), field)


def _shown(animation: str, direction: str | None) -> str:
    return " ".join(part for part in (animation, direction) if part) or "the picture"


def _sheet(spec: Spec, context: CompileContext) -> Form:
    table = spec.files
    if table is None or table.sheet is None or table.frame is None:
        raise context.fail(
            "spec_invalid",
            "files.frame is required with files.sheet",
            "files.sheet",
            "Write the size of a frame, like frame = [32, 32].",
        )
    rows: list[tuple[str, str | None, int]] = [
        (row.animation, row.direction.replace("-", "_") if row.direction else None, row.frames)
        for row in table.rows or ()
    ]
    params = {
        "frame": list(table.frame),
        "margin": table.margin,
        "spacing": table.spacing,
        "rows": [list(row) for row in rows],
    }
    sheet_input = context.input(SHEET, table.sheet, "files.sheet")
    strips = tuple(Strip(name, direction) for name, direction, _ in rows) or (Strip("", None),)
    if len(set(strips)) < len(strips):
        raise context.fail(
            "spec_invalid", "two rows have the same animation and direction", "files.rows", "Rename one."
        )
    return Form("files.sheet", params, (sheet_input,), strips, "files.rows" if rows else "files.sheet")


def _json(spec: Spec, context: CompileContext) -> Form:
    field = "files.json"
    ref = (spec.files.json_ if spec.files else None) or ""
    path, sheet = read_json(ref, context)
    sheet_input = context.input(SHEET, image_beside(path, sheet.image), field)
    clips = _tagged(sheet) if sheet.sequence else _named(sheet)
    params = {
        "frames": [frame.as_list() for frame in sheet.frames],
        "clips": [
            [clip, direction, list(order), _durations(sheet, order), loop] for clip, direction, order, loop in clips
        ],
    }
    return Form("files.json", params, (sheet_input,), tuple(Strip(clip[0], clip[1]) for clip in clips), field)


def _aseprite(spec: Spec, context: CompileContext) -> Form:
    field = "files.aseprite"
    ref = (spec.files.aseprite if spec.files else None) or ""
    path, data = context.read(ref, field)
    try:
        file = aseprite.parse_aseprite(data, path)
    except UserError as error:
        raise steps.placed(error, field, context) from error
    whole = frame_json.FrameTag("", tuple(range(len(file.durations))), None)
    clips: dict[Strip, _Named] = {}
    for tag in file.tags or [whole]:
        name, direction = names.split_direction(tag.name)
        # The first of two tags with one name counts, as in Aseprite itself.
        clips.setdefault(Strip(name, direction), (name, direction, tag.order, tag.loop))
    params = {
        "clips": [
            [name, direction, list(order), [file.durations[index] for index in order], loop]
            for name, direction, order, loop in clips.values()
        ]
    }
    return Form("files.aseprite", params, (context.input(SHEET, ref, field),), tuple(clips), field)


def read_json(ref: str, context: CompileContext) -> tuple[str, frame_json.FrameSheet]:
    """A JSON file's own path and content."""
    path, data = context.read(ref, "files.json")
    try:
        return path, frame_json.parse(data, path)
    except UserError as error:
        raise steps.placed(error, "files.json", context) from error


def image_beside(path: str, image: str) -> str:
    """The picture that a JSON file names, relative to the project; of absolute paths only the name counts."""
    folder = PurePosixPath(path).parent
    if PurePosixPath(image).is_absolute() or PureWindowsPath(image).is_absolute():
        image = PureWindowsPath(image).name
    return str(folder / image.replace("\\", "/"))


_Named = tuple[str, str | None, tuple[int, ...], bool | None]


def _tagged(sheet: frame_json.FrameSheet) -> list[_Named]:
    if not sheet.tags:
        return [("", None, tuple(range(len(sheet.frames))), None)]
    named_strips: dict[Strip, _Named] = {}
    for tag in sheet.tags:
        name, direction = names.split_direction(tag.name)
        # The first of two tags with one name counts, as in Aseprite itself.
        named_strips.setdefault(Strip(name, direction), (name, direction, tag.order, tag.loop))
    return list(named_strips.values())


def _named(sheet: frame_json.FrameSheet) -> list[_Named]:
    """Clips of pictures that are named like `walk_south_3.png`, with their frames in order of the numbers."""
    numbered_frames: dict[Strip, list[tuple[int, int]]] = {}
    for index, frame in enumerate(sheet.frames):
        stem, number = names.split_frame(frame.name)
        numbered_frames.setdefault(Strip(*names.split_direction(stem)), []).append((number or 0, index))
    return [
        (strip.animation, strip.direction, tuple(index for _, index in sorted(frames)), None)
        for strip, frames in numbered_frames.items()
    ]


def _durations(sheet: frame_json.FrameSheet, order: Sequence[int]) -> list[int] | None:
    times = [sheet.frames[index].duration_ms for index in order]
    return [time for time in times if time is not None] if None not in times else None


def read_clips(step: Step, result: StepResult) -> list[FileClip]:
    """The clips of a stored result, in the order of its params.

    Raises:
        UserError: `source_broken` for damaged files and sheets that do not fit.
    """
    match step.operation:
        case "files.pattern":
            count = steps.PixelCount()
            return [_clip_of_files(step, result, count, *clip) for clip in step.params["clips"]]
        case "files.sheet":
            return _clips_of_sheet(step, result)
        case "files.json":
            return _clips_of_json(step, result)
        case "files.aseprite":
            path = steps.path_of(step, SHEET)
            return _in_order(step, aseprite.render_frames(steps.bytes_of(result, SHEET), path))
    frames = steps.pictures(step, result, SOURCE)
    times = tuple(frame.duration_ms for frame in frames) if len(frames) > 1 else None
    return [FileClip("", None, tuple(frame.pixels for frame in frames), times)]


def _clip_of_files(
    step: Step, result: StepResult, count: steps.PixelCount, name: str, direction: str | None, roles: Sequence[str]
) -> FileClip:
    decoded = []
    for role in roles:
        decoded.append(steps.pictures(step, result, role))
        count.add(steps.path_of(step, role), [frame.pixels for frame in decoded[-1]])
    frames = [frame for pictures in decoded for frame in pictures]
    animated = any(len(pictures) > 1 for pictures in decoded)
    times = tuple(frame.duration_ms for frame in frames) if animated else None
    return FileClip(name, direction, tuple(frame.pixels for frame in frames), times)


def _clips_of_sheet(step: Step, result: StepResult) -> list[FileClip]:
    path = steps.path_of(step, SHEET)
    width, height = step.params["frame"]
    sheet = steps.pictures(step, result, SHEET)[0].pixels
    cells = FileSheetGrid(width, height, step.params["margin"], step.params["spacing"]).cut(sheet, path)
    rows = step.params["rows"]
    if not rows:
        return [FileClip("", None, tuple(filled(cells)))]
    if len(rows) > len(cells):
        raise steps.misfit(path, f"it has {len(cells)} rows, the spec names {len(rows)}", "Correct files.rows.")
    for number, (name, _, count) in enumerate(rows):
        if count > len(cells[number]):
            raise steps.misfit(
                path,
                f"row {number + 1} ({name}) has room for {len(cells[number])} frames, the spec names {count}",
                "Correct frames in files.rows, or files.frame.",
            )
    return [
        FileClip(name, direction, tuple(cells[number][:count])) for number, (name, direction, count) in enumerate(rows)
    ]


def _clips_of_json(step: Step, result: StepResult) -> list[FileClip]:
    path = steps.path_of(step, SHEET)
    sheet = decode(steps.bytes_of(result, SHEET), path)[0].pixels
    return _in_order(step, [rect.cut(sheet, path) for rect in frame_json.rects_of(step.params["frames"])])


def _in_order(step: Step, frames: Sequence[Pixels]) -> list[FileClip]:
    """The clips that the params of a step put together from all frames of its file."""
    return [
        FileClip(name, direction, tuple(frames[index] for index in order), tuple(times) if times else None, loop)
        for name, direction, order, times, loop in step.params["clips"]
    ]
