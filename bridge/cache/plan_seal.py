"""The seal on a plan without changes: how every file and folder that it looked at stood, in one piece.

While all of them have their marks (see `bridge.core.file_stat`) nothing can have changed, and nothing else has to be
read: no list of specs, no row of what is remembered of each file. Folders stand for what is in them: a file that
comes, goes or is renamed changes the time of its folder (POSIX.1-2017, 4.9 "File Times Update"; Windows promises so
only for NTFS, so nothing is sealed there).
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Collection, Iterable
from pathlib import Path

from bridge.core.file_stat import RACY_NS, changed_ns, hash_stat

_FOLDERS_TELL = os.name == "posix"
_END = b"\0\0"

# path, mark (0: nothing was there), time of the last change in ns, time of the look in ns
FileLook = tuple[str, int, int, int]


def look_at(root: Path, path: str) -> FileLook:
    """How a file or folder of a project stands; ask before you read it.

    Raises:
        OSError: it is not there, or the system does not say.
    """
    stat = (root / path).stat()
    return path, hash_stat(stat), changed_ns(stat), time.time_ns()


def has_young(looked: Iterable[FileLook]) -> bool:
    """Whether one of these files and folders is too young for its time to prove anything."""
    return any(seen - changed <= RACY_NS for _, _, changed, seen in looked)


def make_seal(looked: Collection[FileLook]) -> bytes | None:
    """The seal on all these files and folders; None where one is too young for that."""
    if has_young(looked) or not _FOLDERS_TELL:
        return None
    names = b"\0".join([os.fsencode(path) for path, _, _, _ in looked])
    return names + _END + struct.pack(f"<{len(looked)}q", *(known for _, known, _, _ in looked))


def seal_holds(seal: bytes, root: str) -> bool:
    """Whether every file and folder of a seal stands as it did. root: the project's folder."""
    names, _, packed = seal.partition(_END)
    marks = struct.unpack(f"<{len(packed) // 8}q", packed)
    ask = os.stat
    try:
        folder = os.open(root, os.O_RDONLY)
    except OSError:
        return False
    try:
        # Written out, from an open folder and with names as bytes: of tens of thousands every microsecond counts.
        for name, known in zip(names.split(b"\0"), marks, strict=True):
            try:
                stat = ask(name, dir_fd=folder)
            except OSError:
                if known:
                    return False
                continue
            if hash((stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)) != known:
                return False
    finally:
        os.close(folder)
    return True
