"""`.meta` files: the guid of an asset and how Unity imports it, merged with what users and the editor wrote.

An existing guid always wins, even where the rest is written anew: scenes and scripts refer to it. Everything else of
an existing file stays, but for the keys that the writers of this package own.

Source: Unity manual, "Asset metadata".
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from exporters.base import ExportContext, ExportError, OutputFile, Policy
from exporters.unity.editor import Editor
from exporters.unity.ids import guid_for
from exporters.unity.yaml import Node, Tree, YamlFault, read_scalar, read_tree, write_text, write_tree

GUID = re.compile(r"[0-9a-f]{32}")
TRAILER: Mapping[str, Node] = {"userData": "", "assetBundleName": "", "assetBundleVariant": ""}


@dataclass(frozen=True, slots=True)
class Meta:
    """The guid that others refer to, and the `.meta` file."""

    guid: str
    file: OutputFile


def previous_path(context: ExportContext, path: str) -> str:
    """Where an output of the asset was before a rename, else the same path.

    The asset's name stands in the stem and again in the names of the files of its folder.
    """
    if context.previous_stem is None or not path.startswith(context.stem):
        return path
    rest = path[len(context.stem) :]
    name, before = posixpath.basename(context.stem), posixpath.basename(context.previous_stem)
    return context.previous_stem + rest.replace(f"/{name}", f"/{before}", 1)


def read_present(context: ExportContext, path: str, *, always: bool = False) -> bytes | None:
    """What an output holds now, or held at its old place before a rename.

    always: even when the user wants what was added to go.
    """
    reader = (context.before or context.read) if always else context.read
    data = reader(path)
    return data if data is not None else reader(previous_path(context, path))


def read_meta(context: ExportContext, path: str, *, always: bool = False) -> Tree | None:
    """The present `.meta` of an output.

    Raises:
        ExportError: it is no `.meta` file that Unity would read.
    """
    name = f"{path}.meta"
    data = read_present(context, name, always=always)
    if data is None:
        return None
    try:
        tree = read_tree(data)
    except YamlFault as error:
        raise _unreadable_error(name, str(error)) from error
    if not GUID.fullmatch(str(tree.get("guid"))):
        raise _unreadable_error(name, "it has no guid")
    return tree


def _unreadable_error(name: str, why: str) -> ExportError:
    return ExportError(
        f"{name} cannot be read: {why}.",
        hint="Restore it from version control, or delete it: it is then written anew with the guid it had at first.",
    )


def guid_of(context: ExportContext, path: str, role: str) -> str:
    """The guid of an output: that of its `.meta` file where there is one, else made from the asset's identity.

    Raises:
        ExportError: see `read_meta`.
    """
    tree = read_meta(context, path, always=True)
    return guid_for(context.identity, role) if tree is None else str(tree["guid"])


def meta_file(
    context: ExportContext, path: str, role: str, importer: tuple[str, Mapping[str, Node]], *, note: str | None = None
) -> Meta:
    """The `.meta` of an output whose importer settings are the user's once they are written.

    importer: name and settings without the trailer. note: what `userData` is to say, None to leave it alone.

    Raises:
        ExportError: see `read_meta`.
    """
    guid = guid_of(context, path, role)
    name, settings = importer
    tree = read_meta(context, path) or {}
    if name not in tree:
        head: Tree = {"folderAsset": "yes"} if role.startswith("folder") else {}
        tree = {"fileFormatVersion": "2", "guid": guid, **head, name: {**settings, **TRAILER}}
    tree["guid"] = guid
    body = tree[name]
    if note is not None and isinstance(body, dict):
        body["userData"] = write_text(note)
    data = write_tree(tree).encode()
    return Meta(guid, OutputFile(f"{path}.meta", data, Policy.MERGE, owned_guid(tree)))


def note_of(tree: Tree | None) -> str:
    """The `userData` of a `.meta` file."""
    for value in (tree or {}).values():
        if isinstance(value, dict) and "userData" in value:
            return read_scalar(str(value["userData"]))
    return ""


def owned_guid(tree: Tree) -> str:
    """The hash of what is ours in a `.meta` of which only the guid is."""
    return hashlib.sha256(f"guid {tree.get('guid')}".encode()).hexdigest()


def folder_meta(context: ExportContext, path: str) -> Meta:
    """For a folder."""
    return meta_file(context, path, "folder", ("DefaultImporter", {"externalObjects": {}}))


def audio_meta(context: ExportContext, path: str, editor: Editor, *, streaming: bool) -> Meta:
    """For a track. streaming: read from the disk while it plays, for what is too long to unpack at once.

    From 2022.2 `preloadAudioData` belongs to the settings of a platform; at its old place it would be ignored.
    """
    defaults: Tree = {"serializedVersion": 2} if editor >= Editor.V2022 else {}
    defaults |= {
        "loadType": 2 if streaming else 0,
        "sampleRateSetting": 0,
        "sampleRateOverride": 44100,
        "compressionFormat": 1,
        "quality": 1,
        "conversionMode": 0,
    }
    settings: Tree = {
        "externalObjects": {},
        "serializedVersion": 7 if editor >= Editor.V2022 else 6,
        "defaultSettings": defaults,
        "platformSettingOverrides": {},
        "forceToMono": 0,
        "normalize": 1,
    }
    (defaults if editor >= Editor.V2022 else settings)["preloadAudioData"] = 1
    settings |= {"loadInBackground": 0, "ambisonic": 0, "3D": 1}
    return meta_file(context, path, "audio", ("AudioImporter", settings))
