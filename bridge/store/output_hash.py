"""The hashes of output files that the lock keeps: what tells an edited file from ours.

The lock keeps one hash per output. Files we own whole: sha256 of the bytes, text with its newlines normalised, so
that version control's line endings are no drift. Merged files: `m:` and the exporter's hash over our keys. Files
that are written once: empty.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from bridge.core.root_folder import RootFolder
from bridge.store.lock_entry import join_path
from exporters.base import OutputFile, Policy

TEXT_SUFFIXES = frozenset({".json", ".tres", ".tscn", ".tsx", ".tmx", ".import", ".meta", ".anim", ".controller"})
MERGED = "m:"
NOTHING_HASH = hashlib.sha256(b"").hexdigest()


def content_hash(path: str, data: bytes) -> str:
    """The hash of an output that we own whole."""
    if PurePosixPath(path).suffix in TEXT_SUFFIXES:
        data = data.replace(b"\r\n", b"\n")
    return hashlib.sha256(data).hexdigest()


def disk_hash(folder: RootFolder, path: str, like: str) -> str | None:
    """The hash of a file on the disk in the form of `like`; None when it is not there or merged."""
    if like.startswith(MERGED):
        return None
    try:
        return content_hash(path, folder.read(path))
    except OSError:
        return None


def is_torn(data: bytes) -> bool:
    """Whether an output holds what nobody edits it to by hand: nothing or zeros, as a power cut leaves it, or both
    sides of a merge, as version control does. It is made again.
    """
    return not data.strip(b"\0") or is_unmerged(data)


def is_unmerged(data: bytes) -> bool:
    """Whether version control left both sides in an output that it could not merge."""
    return all(data.startswith(mark) or b"\n" + mark in data for mark in (b"<<<<<<< ", b"=======", b">>>>>>> "))


def recorded_hash(file: OutputFile, owned_hash: Callable[[str, bytes], str]) -> str:
    """What the lock keeps of a file that is being written."""
    if file.policy is Policy.CREATE:
        return ""
    if file.policy is Policy.MERGE:
        return MERGED + (file.owned or owned_hash(file.path, file.data))
    return content_hash(file.path, file.data)


def reconcile_hashes(root: Path, folder: str, files: dict[str, str], before: Mapping[str, str]) -> bool:
    """Takes back recorded hashes whose files were never written (a kill or a full disk came first).

    files: new hashes by path, corrected in place; before: the earlier ones. Returns whether any was taken back.
    """
    disk = RootFolder(root)
    changed = False
    for path, wanted in list(files.items()):
        shown, earlier = join_path(folder, path), before.get(path)
        if earlier is None and not _is_there(disk, shown):
            del files[path]
            changed = True
        elif wanted and earlier and earlier != wanted and disk_hash(disk, shown, earlier) == earlier:
            files[path] = earlier
            changed = True
    return changed


def _is_there(folder: RootFolder, path: str) -> bool:
    try:
        return folder.exists(path)
    except OSError:
        # A link in the way: the file was not written through it.
        return False
