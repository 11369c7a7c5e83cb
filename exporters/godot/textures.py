"""The pictures of an asset in Godot: PNG, `.import` file and the reference that resources hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exporters.base import ExportContext, OutputFile
from exporters.godot.import_file import texture_import
from exporters.godot.tres import Section, ext_resource
from exporters.model.asset import Pixels
from exporters.model.png import encode_png
from exporters.packing.sprite_sheet import page_path


@dataclass(frozen=True, slots=True)
class Textures:
    """Files to write, and for each page the `ext_resource` that names it (ids `1_sheet`, `2_sheet` …)."""

    files: tuple[OutputFile, ...]
    references: tuple[Section, ...]


def write_textures(context: ExportContext, stem: str, pages: Sequence[Pixels]) -> Textures:
    """The pages of an asset whose files begin with `stem`."""
    files: list[OutputFile] = []
    references = []
    previous = previous_path(context, stem)
    for number, pixels in enumerate(pages):
        path = page_path(stem, number, ".png")
        role = page_path("texture", number, "")
        imported = texture_import(context, path, page_path(previous, number, ".png"), role)
        files += [OutputFile(path, encode_png(pixels)), imported.file]
        references.append(ext_resource("Texture2D", imported.uid, res_path(context, path), f"{number + 1}_sheet"))
    return Textures(tuple(files), tuple(references))


def res_path(context: ExportContext, path: str) -> str:
    """The `res://` path of an output."""
    return f"res://{context.output}/{path}" if context.output else f"res://{path}"


def previous_path(context: ExportContext, path: str) -> str:
    """Where an output of the asset was before a rename, else the same path."""
    if context.previous_stem is None or not path.startswith(context.stem):
        return path
    return context.previous_stem + path[len(context.stem) :]


def read_present(context: ExportContext, path: str) -> bytes | None:
    """What an output holds now, or held at its old place before a rename."""
    data = context.read(path)
    return data if data is not None else context.read(previous_path(context, path))
