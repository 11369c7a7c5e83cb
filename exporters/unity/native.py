"""Unity's own files (clips, controllers, tiles, prefabs) with their `.meta`, and which of them users may edit.

Users wire states into a controller, paint on a palette and set colliders of tiles. Such a file is written until it
differs from what was written last; from then on it is the user's for good. What was written last stands as a hash in
the `userData` of the `.meta`, which Unity keeps.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable, Mapping

from exporters.base import ExportContext, ExportError, OutputFile, Policy
from exporters.unity import ids
from exporters.unity.meta import Meta, meta_file, note_of, present, previous_path, read_meta
from exporters.unity.yaml import Node, Object, text, write_objects

NOTE = "assetbridge "
EDITABLE_HASH = hashlib.sha256(b"editable").hexdigest()
COMMON: Mapping[str, Node] = {
    "m_ObjectHideFlags": 0,
    "m_CorrespondingSourceObject": "{fileID: 0}",
    "m_PrefabInstance": "{fileID: 0}",
    "m_PrefabAsset": "{fileID: 0}",
}


def native(context: ExportContext, path: str, role: str, main: Object) -> list[OutputFile]:
    """A file that is ours alone, and its `.meta`.

    Raises:
        ExportError: the present `.meta` cannot be read.
    """
    meta = meta_file(context, path, role, _importer(main.anchor))
    return [OutputFile(path, write_objects([main])), meta.file]


def editable(
    context: ExportContext, path: str, role: str, objects: Iterable[Object], main: int = 0
) -> list[OutputFile]:
    """A file that stays as it is once a user has edited it, and its `.meta`. main: 0 for a prefab.

    Raises:
        ExportError: a present file is no Unity file, or its `.meta` cannot be read.
    """
    data = write_objects(objects)
    edited = _edited(context, path, data)
    kept = data if edited is None else edited
    note = note_of(read_meta(context, path, always=True)) if edited is not None else NOTE + _hash(data)
    meta: Meta = meta_file(context, path, role, _importer(main), note=note)
    return [OutputFile(path, kept, Policy.MERGE, EDITABLE_HASH), meta.file]


def _importer(main: int) -> tuple[str, Mapping[str, Node]]:
    if main == 0:
        return "PrefabImporter", {"externalObjects": {}}
    return "NativeFormatImporter", {"externalObjects": {}, "mainObjectFileID": main}


def _hash(data: bytes) -> str:
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()[:32]


def _edited(context: ExportContext, path: str, data: bytes) -> bytes | None:
    """The present file where a user has edited it, None where it may be written."""
    now = present(context, path, always=True)
    if now is None:
        return None
    if not now.startswith(b"%YAML"):
        raise ExportError(
            f"{path} cannot be read: it is no Unity file.", hint="Delete it to have it written anew, or move it away."
        )
    if _hash(now) == _hash(data) or note_of(read_meta(context, path, always=True)) == NOTE + _hash(now):
        return None
    return _renamed(now, previous_path(context, path), path)


def _renamed(now: bytes, before: str, path: str) -> bytes:
    """A kept file under its new name: Unity wants an object to be called as its file."""
    old, new = (posixpath.splitext(posixpath.basename(one))[0] for one in (before, path))
    if old == new:
        return now
    line = re.compile(rb"^(  m_Name: )%s(\r?)$" % re.escape(text(old).encode()), re.MULTILINE)
    return line.sub(lambda found: found[1] + text(new).encode() + found[2], now)


def scripted(name: str, script: str, fields: Mapping[str, Node]) -> Object:
    """The object of a ScriptableObject's file; `script` refers to its class."""
    head: dict[str, Node] = {
        **COMMON,
        "m_GameObject": "{fileID: 0}",
        "m_Enabled": 1,
        "m_EditorHideFlags": 0,
        "m_Script": script,
        "m_Name": text(name),
        "m_EditorClassIdentifier": "",
    }
    return Object(114, ids.SCRIPTED, "MonoBehaviour", head | dict(fields))
