"""`.import` files: how Godot imports a picture or a track, written once and then Godot's and the user's.

A short file is enough: Godot keeps its uid and parameters and adds the rest. An existing one must never be
replaced, since without the path that Godot wrote into it the resource cannot be loaded until the next import.
After a rename the uid and the parameters of the file before it are carried over.

Source: Godot documentation, "Import process"; class reference, "ResourceImporterTexture", "ResourceImporterWAV".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from exporters.base import ExportContext, OutputFile, Policy
from exporters.godot.uid import uid_for

UID_LINE = re.compile(r'^uid="(uid://[a-y0-8]+)"\s*$', re.MULTILINE)
PARAMS = re.compile(r"^\[params\]\s*\n(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)

# Lossless, no mipmaps; 0 stops Godot from compressing a sheet that is used in 3D.
TEXTURE = {"compress/mode": "0", "mipmaps/generate": "false", "detect_3d/compress_to": "0"}


@dataclass(frozen=True, slots=True)
class Imported:
    """A file that Godot imports: the uid by which resources name it, and its `.import` file."""

    uid: str
    file: OutputFile


def texture_import(context: ExportContext, path: str, previous: str, role: str) -> Imported:
    """For a PNG at `path`, which before a rename was at `previous`."""
    return _import_file(context, path, previous, role, ("texture", "CompressedTexture2D"), TEXTURE)


def wav_import(context: ExportContext, path: str, previous: str) -> Imported:
    """For a WAV file; Godot reads the loop from the file itself (`edit/loop_mode` 0)."""
    params = {"edit/loop_mode": "0", "compress/mode": "0"}
    return _import_file(context, path, previous, "audio_wav", ("wav", "AudioStreamWAV"), params)


def ogg_import(context: ExportContext, path: str, previous: str, *, loop: bool, start: float) -> Imported:
    """For an OGG file; `start` is where a loop begins again, in seconds."""
    params = {"loop": "true" if loop else "false", "loop_offset": repr(float(start))}
    return _import_file(context, path, previous, "audio_ogg", ("oggvorbisstr", "AudioStreamOggVorbis"), params)


def _import_file(
    context: ExportContext,
    path: str,
    previous: str,
    role: str,
    importer: tuple[str, str],
    params: Mapping[str, str],
) -> Imported:
    present = _read_present(context, path) or _read_present(context, previous)
    uid_line = UID_LINE.search(present)
    uid = uid_line[1] if uid_line else uid_for(context.identity, role)
    kept = PARAMS.search(present)
    body = kept[1].strip() if kept else "\n".join(f"{key}={value}" for key, value in params.items())
    head = f'[remap]\n\nimporter="{importer[0]}"\ntype="{importer[1]}"\nuid="{uid}"\n'
    text = f"{head}\n[params]\n\n{body}\n"
    return Imported(uid, OutputFile(f"{path}.import", text.encode(), Policy.CREATE))


def _read_present(context: ExportContext, path: str) -> str:
    data = context.read(f"{path}.import")
    return data.decode(errors="replace").replace("\r\n", "\n") if data else ""
