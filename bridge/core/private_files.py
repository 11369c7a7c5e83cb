"""Files in a project that are one user's alone: mode 0600, and believed only when this user owns them.

A folder may be shared by several users of a machine (a common checkout), so its own mode is left as the user's umask
makes it; each private file in it protects itself. On Windows the access list of the profile does.
"""

from __future__ import annotations

import os
import stat

from bridge.core import limits
from bridge.core.disk_errors import RefusedPathError
from bridge.core.root_folder import RootFolder

_WINDOWS = os.name == "nt"


class UnsafeFileError(OSError):
    """A file that is not believed; its text says why (`belongs to another user`)."""


def open_private(folder: RootFolder, path: str, flags: int) -> int:
    """The descriptor of a regular file of this user, reached without a link; one that was wider is narrowed to 0600.

    One that is opened to be written is made where there is none.

    Raises:
        UnsafeFileError: a link, no regular file, another user's, or others may write it.
        OSError: as the system says.
    """
    try:
        handle = folder.open_to_read(path) if flags == os.O_RDONLY else folder.open_in_place(path, flags, private=True)
    except (RefusedPathError, IsADirectoryError) as error:
        raise UnsafeFileError("is a link or no regular file") from error
    try:
        _check_private(os.fstat(handle))
        narrow_mode(handle)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _check_private(facts: os.stat_result) -> None:
    if _WINDOWS:
        return
    if facts.st_uid != os.geteuid():
        raise UnsafeFileError("belongs to another user")
    if facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnsafeFileError("can be written by other users")


def narrow_mode(handle: int) -> None:
    """Takes the mode of others from an open file of this user."""
    facts = os.fstat(handle)
    if not _WINDOWS and facts.st_uid == os.geteuid() and stat.S_IMODE(facts.st_mode) & 0o077:
        os.fchmod(handle, 0o600)


def read_private(folder: RootFolder, path: str, most_bytes: int) -> bytes:
    """The bytes of a private file.

    Raises:
        UnsafeFileError: as `open_private`, or it has more than `most_bytes`.
        OSError: as the system says.
    """
    with os.fdopen(open_private(folder, path, os.O_RDONLY), "rb") as file:
        try:
            return limits.read_open(file, most_bytes)
        except limits.TooLargeError:
            raise UnsafeFileError(f"has more than {most_bytes} bytes") from None
