"""Git LFS: in a clone where `git lfs pull` was not run, small texts lie in the place of large files.

Source: the "Git LFS Specification", "The Pointer".
"""

from __future__ import annotations

_POINTER = b"version https://git-lfs"
PULL = "Run `git lfs pull`, then the same command again."


def is_lfs_pointer(data: bytes) -> bool:
    """Whether the bytes are a pointer to a file that is not here."""
    return data.startswith(_POINTER)
