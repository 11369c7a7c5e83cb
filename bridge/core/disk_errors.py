"""What a user is told when a file of his cannot be read or written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from bridge.core.errors import Where, WorkFailed


class RefusedPathError(OSError):
    """A path is not used, whatever lies there: it is a link, no regular file, has a second name, or leads away.

    path: as it is shown, relative to the folder. why: what it is, a predicate.
    """

    def __init__(self, path: str, why: str, *, is_link: bool = False) -> None:
        super().__init__(errno.ELOOP, why, path)
        self.path = path
        self.why = why
        self.is_link = is_link


def reason_of(error: OSError) -> str:
    """What the system, `RefusedPathError` or `TooLargeError` says of a failure, to stand in a sentence."""
    if isinstance(error, RefusedPathError):
        return f"it {error.why}"
    return error.strerror or (os.strerror(error.errno) if error.errno else str(error))


def describe_failure(error: OSError, path: Path | str, shown: str | None = None) -> WorkFailed:
    """The user's error for a failed file operation on `path` (`shown` is the name to show)."""
    name = shown or (path if isinstance(path, str) else path.name)
    where = Where(name)
    if isinstance(error, RefusedPathError):
        return WorkFailed(
            "unsafe_path",
            f"{error.path} {error.why}; it was not touched",
            hint="Put a real file or folder in its place, inside the project.",
            where=Where(error.path or name),
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WorkFailed(
            "disk_full",
            f"the disk is full: {name} was not written",
            hint="Free some space and run the same command again; what was finished is kept.",
            where=where,
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return WorkFailed(
            "output_unwritable",
            f"{name} cannot be written: {os.strerror(error.errno)}",
            hint="Make the folder writable, or choose another output folder in assetbridge.toml.",
            where=where,
        )
    if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST):
        return WorkFailed(
            "output_conflict",
            f"{name} cannot be written: a file or folder of that name is in the way",
            hint="Move it away, or choose another output folder in assetbridge.toml.",
            where=where,
        )
    return WorkFailed(
        "output_unwritable",
        f"{name} cannot be written: {reason_of(error)}",
        hint="Check the disk, then run the same command again.",
        where=where,
    )
