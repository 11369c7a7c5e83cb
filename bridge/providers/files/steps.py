"""What the forms of own art have in common: the step, the stored files, and finding them again.

A step of this provider reads files and keeps them exactly as they are. Roles say what a file is for (`walk/south/0`,
`sheet`), so that moving a file changes no fingerprint; what the art means is decided when the stored bytes are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from bridge.core import limits
from bridge.core.errors import UserError
from bridge.media.images import DecodedFrame, decode
from bridge.providers.api import CompileContext, Input, ResultFile, Step, StepResult
from bridge.providers.files import names

if TYPE_CHECKING:
    from bridge.spec.model import Spec
    from exporters.model.asset import Pixels

KEY = "files"
_MEDIA_TYPES = {
    ".png": "image/png",
    ".apng": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
    ".tmx": "application/xml",
    ".tsx": "application/xml",
    ".tx": "application/xml",
}


def step(
    operation: str, params: Mapping[str, Any], inputs: Sequence[Input], field: str, gives: Sequence[str] = ()
) -> Step:
    """The one step of an asset made from own files; gives: see `Step`."""
    return Step(KEY, "files", operation, params, inputs=tuple(inputs), field=field, gives=tuple(gives))


def delivered(of: Step, inputs: Mapping[str, bytes]) -> StepResult:
    """The files of a step as they were read, named by their roles."""
    return StepResult(
        tuple(ResultFile(item.role, _media_type(item.ref), inputs[item.role]) for item in of.inputs),
    )


def _media_type(ref: str) -> str:
    return _MEDIA_TYPES.get(PurePosixPath(ref.partition("#")[0]).suffix.lower(), "application/octet-stream")


def path_of(of: Step, role: str) -> str:
    """The file behind a role, for messages."""
    return next(item.ref for item in of.inputs if item.role == role)


def bytes_of(result: StepResult, role: str) -> bytes:
    """The stored bytes of a role."""
    return next(file.data for file in result.files if file.name == role)


def pictures(of: Step, result: StepResult, role: str) -> list[DecodedFrame]:
    """The decoded frames of a role's file.

    Raises:
        UserError: `source_broken`.
    """
    path = path_of(of, role)
    return decode(bytes_of(result, role), path)


def misfit(path: str, message: str, hint: str) -> UserError:
    """The error for a file that is damaged or does not fit what the spec says of it.

    It names the file; the place is the spec's, which whoever called for the art knows.
    """
    return UserError("source_broken", f"{path}: {message}", hint=hint)


def placed(error: UserError, field: str, context: CompileContext) -> Exception:
    """An error of a file's content on the line of the field that names the file."""
    return context.fail(error.code, error.message, field, error.hint)


def found_files(pattern: str, field: str, context: CompileContext, allowed: Sequence[str]) -> list[names.Match]:
    """The files of a pattern.

    Raises:
        UserError: a placeholder that means nothing here, or no file fits; then with the files that lie near.
    """
    try:
        used = names.placeholders(pattern)
    except names.PatternError as error:
        raise context.fail("spec_invalid", f"{field}: {error}", field, _placeholder_hint(allowed)) from None
    for name in used:
        if name not in allowed:
            raise context.fail(
                "spec_not_applicable", f"{{{name}}} has no meaning here", field, _placeholder_hint(allowed)
            )
    matching_files = names.matches(pattern, context.files(names.glob_of(pattern), field))
    if not matching_files:
        raise context.fail(
            "source_missing", f"no file matches {pattern}", field, _nearby_files(pattern, field, context)
        )
    return matching_files


def _placeholder_hint(allowed: Sequence[str]) -> str:
    return f"Placeholders here: {', '.join(f'{{{name}}}' for name in allowed)}."


def _nearby_files(pattern: str, field: str, context: CompileContext) -> str:
    folder = pattern.rpartition("/")[0]
    folder = folder.split("{")[0].rpartition("/")[0] if "{" in folder else folder
    near = context.files(f"{folder}/*" if folder else "*", field)
    if not near:
        return f"There are no files in {folder or 'the project folder'}. Paths are relative to the project."
    shown = ", ".join(near[:5]) + (f" and {len(near) - 5} more" if len(near) > 5 else "")
    return f"Files near it: {shown}."


def form_of(spec: Spec) -> str:
    """Which of pattern, sheet, json, clip, aseprite gives the art, or `source` for a top-level path."""
    if spec.files is not None:
        for form in ("pattern", "sheet", "json", "clip", "aseprite"):
            if spec.files.get(form) is not None:
                return form
    return "source"


def check_form(spec: Spec, context: CompileContext, allowed: Sequence[str]) -> str:
    """The form of a spec's art, when its kind has it and exactly one is given.

    Raises:
        UserError: `spec_invalid` for none or two, `spec_not_applicable` for one that this kind does not have.
    """
    form = form_of(spec)
    ways = ", ".join("source" if one == "source" else f"files.{one}" for one in allowed)
    if form == "source" and spec.source is None:
        raise context.fail("spec_invalid", "nothing says which files the art is in", "files", f"Give one of {ways}.")
    if form != "source" and spec.source is not None:
        raise context.fail("spec_invalid", f"source cannot stand beside files.{form}", "source", "Remove one of them.")
    if form not in allowed:
        raise context.fail(
            "spec_not_applicable", f"{form} does not apply to a {spec.kind}", f"files.{form}", f"Give one of {ways}."
        )
    return form


class PixelCount:
    """Adds up the pictures of one asset's files while they are read."""

    def __init__(self) -> None:
        self._pixels = 0

    def add(self, path: str, frames: Iterable[Pixels]) -> None:
        """Counts the pictures of a file.

        Raises:
            UserError: `source_broken`: with those before, they are more than an asset may have.
        """
        self._pixels += sum(pixels.shape[0] * pixels.shape[1] for pixels in frames)
        if self._pixels > limits.ASSET_PIXELS:
            reason = f"with the files before it, it has more than {limits.ASSET_PIXELS:,} pixels"
            raise misfit(path, reason, "Use smaller pictures, or divide the asset.")
