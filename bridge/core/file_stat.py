"""What proves, without reading it, that a file still holds what it held.

Size and time do, unless the file is too young: a second write within the tick of the file system's clock leaves both as
they were ("racy", as git calls it: Documentation/technical/racy-git).
"""

from __future__ import annotations

import os
from typing import NamedTuple

RACY_NS = 2_000_000_000


def changed_ns(stat: os.stat_result) -> int:
    """When a file was changed last, ns: the later of its modification time and, where the system has one, the time that
    its entry was changed, which nobody can set. Unpacking and copying give a new content an old modification time.
    """
    return max(stat.st_mtime_ns, stat.st_ctime_ns)


def hash_stat(stat: os.stat_result) -> int:
    """All that tells a file from another in one number: size, both times, and which file it is. Folders that change
    places bring along files of one size and one tick, and a clock set back does not hide a write.
    """
    # The hash of whole numbers is the same in every process; in another version of Python files are read once more.
    return hash((stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino))


class Stamp(NamedTuple):
    """A file as it was read: bytes, time of its last change and of the reading in ns, sha256 of its content."""

    size: int
    changed_ns: int
    read_ns: int
    sha256: str

    def is_current(self, stat: os.stat_result) -> bool:
        """Whether size and time prove that the file still holds the same."""
        same = stat.st_size == self.size and changed_ns(stat) == self.changed_ns
        return same and self.read_ns - self.changed_ns > RACY_NS
