"""The seal on a plan without changes: how every file and folder that it looked at stood, in one piece.

While none of them has another size or time nothing can have changed, and nothing else has to be read: no list of
specs, no row of what is remembered of each file. Folders stand for what is in them: a file that comes, goes or is
renamed changes the time of its folder (POSIX.1-2017, 4.9 "File Times Update"; Windows promises so only for NTFS, so
nothing is sealed there).
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterable
from pathlib import Path

from bridge.stamps import RACY_NS, changed_ns

_FOLDERS_TELL = os.name == "posix"
_END = b"\0\0"

# path, size in bytes, time of the last change in ns, time of the look in ns
Looked = tuple[str, int, int, int]


def look(root: Path, path: str) -> Looked:
    """How a file or folder of a project stands; ask before you read it."""
    stat = (root / path).stat()
    return path, stat.st_size, changed_ns(stat), time.time_ns()


def sealed(looked: Iterable[Looked]) -> bytes | None:
    """The seal on all these files and folders; None where one is too young for its time to prove anything."""
    names: list[bytes] = []
    numbers: list[int] = []
    for path, size, changed, seen in looked:
        if seen - changed <= RACY_NS:
            return None
        names.append(os.fsencode(path))
        numbers += (size, changed)
    if not _FOLDERS_TELL:
        return None
    return b"\0".join(names) + _END + struct.pack(f"<{len(numbers)}q", *numbers)


def joined(first: bytes | None, second: bytes | None) -> bytes | None:
    """One seal on what two are on; None if one of them is not there."""
    if first is None or second is None:
        return None
    (names, _, numbers), (more_names, _, more_numbers) = first.partition(_END), second.partition(_END)
    return names + b"\0" + more_names + _END + numbers + more_numbers


def holds(seal: bytes, root: str) -> bool:
    """Whether every file and folder of a seal stands as it did. root: the project's folder."""
    names, _, packed = seal.partition(_END)
    numbers = struct.unpack(f"<{len(packed) // 8}q", packed)
    ask = os.stat
    try:
        folder = os.open(root, os.O_RDONLY)
    except OSError:
        return False
    try:
        # Written out, from an open folder and with names as bytes: of tens of thousands every microsecond counts.
        for name, size, changed in zip(names.split(b"\0"), numbers[::2], numbers[1::2], strict=True):
            stat = ask(name, dir_fd=folder)
            modified, entry = stat.st_mtime_ns, stat.st_ctime_ns
            if (max(modified, entry)) != changed or stat.st_size != size:
                return False
    except OSError:
        return False
    finally:
        os.close(folder)
    return True
