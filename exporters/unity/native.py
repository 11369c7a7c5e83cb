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
from exporters.unity.meta import Meta, meta_file, note_of, previous_path, read_meta, read_present
from exporters.unity.yaml import Node, YamlObject, write_objects, write_text

NOTE = "assetbridge "
EDITABLE_HASH = hashlib.sha256(b"editable").hexdigest()
COMMON: Mapping[str, Node] = {
    "m_ObjectHideFlags": 0,
    "m_CorrespondingSourceObject": "{fileID: 0}",
    "m_PrefabInstance": "{fileID: 0}",
    "m_PrefabAsset": "{fileID: 0}",
}


def native_files(context: ExportContext, path: str, role: str, main: YamlObject) -> list[OutputFile]:
    """A file that is ours alone, and its `.meta`.

    Raises:
        ExportError: the present `.meta` cannot be read.
    """
    meta = meta_file(context, path, role, _importer_of(main.anchor))
    return [OutputFile(path, write_objects([main])), meta.file]


def editable_files(
    context: ExportContext, path: str, role: str, objects: Iterable[YamlObject], main: int = 0
) -> list[OutputFile]:
    """A file that stays as it is once a user has edited it, and its `.meta`. main: 0 for a prefab.

    Raises:
        ExportError: a present file is no Unity file, or its `.meta` cannot be read.
    """
    data = write_objects(objects)
    edited = _read_edited(context, path, data)
    kept = data if edited is None else edited
    note = note_of(read_meta(context, path, always=True)) if edited is not None else NOTE + _hash_text(data)
    meta: Meta = meta_file(context, path, role, _importer_of(main), note=note)
    return [OutputFile(path, kept, Policy.MERGE, EDITABLE_HASH), meta.file]


def _importer_of(main: int) -> tuple[str, Mapping[str, Node]]:
    if main == 0:
        return "PrefabImporter", {"externalObjects": {}}
    return "NativeFormatImporter", {"externalObjects": {}, "mainObjectFileID": main}


def _hash_text(data: bytes) -> str:
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()[:32]


def _read_edited(context: ExportContext, path: str, data: bytes) -> bytes | None:
    """The present file where a user has edited it, None where it may be written."""
    now = read_present(context, path, always=True)
    if now is None:
        return None
    if not now.startswith(b"%YAML"):
        raise ExportError(
            f"{path} cannot be read: it is no Unity file.", hint="Delete it to have it written anew, or move it away."
        )
    if _hash_text(now) == _hash_text(data) or note_of(read_meta(context, path, always=True)) == NOTE + _hash_text(now):
        return None
    return _rename_object(now, previous_path(context, path), path)


def _rename_object(now: bytes, before: str, path: str) -> bytes:
    """A kept file under its new name: Unity wants an object to be called as its file."""
    old, new = (posixpath.splitext(posixpath.basename(one))[0] for one in (before, path))
    if old == new:
        return now
    line = re.compile(rb"^(  m_Name: )%s(\r?)$" % re.escape(write_text(old).encode()), re.MULTILINE)
    return line.sub(lambda match: match[1] + write_text(new).encode() + match[2], now)


def scripted_object(name: str, script: str, fields: Mapping[str, Node]) -> YamlObject:
    """The object of a ScriptableObject's file; `script` refers to its class."""
    head: dict[str, Node] = {
        **COMMON,
        "m_GameObject": "{fileID: 0}",
        "m_Enabled": 1,
        "m_EditorHideFlags": 0,
        "m_Script": script,
        "m_Name": write_text(name),
        "m_EditorClassIdentifier": "",
    }
    return YamlObject(114, ids.SCRIPTED, "MonoBehaviour", head | dict(fields))
