"""Files that are one user's alone: mode 0600, no link, and believed only when this user owns them.

A folder may be shared by several users of a machine (a common checkout), so its own mode is left as the user's umask
makes it; each private file in it protects itself. On Windows the access list of the profile does.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

_WINDOWS = os.name == "nt"
_SAFE = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe in the file's place must not hold anybody up
)


class UnsafeFileError(OSError):
    """A file that is not believed; its text says why (`belongs to another user`)."""


def open_private(path: Path, flags: int) -> int:
    """The descriptor of a regular file of this user; one that is made has mode 0600, one that was wider is narrowed.

    Raises:
        UnsafeFileError: a link, no regular file, another user's, or others may write it.
        OSError: as the system says.
    """
    try:
        handle = os.open(path, flags | _SAFE, 0o600)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.EISDIR, errno.ENXIO):
            raise UnsafeFileError("is a link or no regular file") from error
        raise
    try:
        _check_private(os.fstat(handle))
        _narrow(handle)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _check_private(facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise UnsafeFileError("is a link or no regular file")
    if _WINDOWS:
        return
    if facts.st_uid != os.geteuid():
        raise UnsafeFileError("belongs to another user")
    if facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnsafeFileError("can be written by other users")


def _narrow(handle: int) -> None:
    if not _WINDOWS and stat.S_IMODE(os.fstat(handle).st_mode) & 0o077:
        os.fchmod(handle, 0o600)


def read_private(path: Path, most_bytes: int) -> bytes:
    """The bytes of a private file.

    Raises:
        UnsafeFileError: as `open_private`, or it has more than `most_bytes`.
        OSError: as the system says.
    """
    with os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise UnsafeFileError(f"has more than {most_bytes} bytes")
    return data


def write_private(path: Path, data: bytes) -> None:
    """Replaces a file as a whole by one that nobody else may read, at no moment readable by others.

    Raises:
        OSError: as the system says.
    """
    temp = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temp.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temp.unlink()
        raise


def keep_database_private(path: Path) -> None:
    """Sees to it that an SQLite database is for its owner alone; one that is missing is begun, empty.

    SQLite gives the files beside it (`-wal`, `-shm`) the mode of the database itself, so those need a look only where
    an earlier version made them wider.

    Raises:
        OSError: as the system says.
    """
    if not _narrow_own(os.open(path, os.O_RDWR | os.O_CREAT | _SAFE, 0o600)):
        return
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(OSError):
            _narrow_own(os.open(path.with_name(path.name + suffix), os.O_RDWR | _SAFE))


def _narrow_own(handle: int) -> bool:
    """Takes the mode of others from an open file, if it is this user's, and closes it; whether there was any."""
    try:
        facts = os.fstat(handle)
        if _WINDOWS or facts.st_uid != os.geteuid() or not stat.S_IMODE(facts.st_mode) & 0o077:
            return False
        os.fchmod(handle, 0o600)
        return True
    finally:
        os.close(handle)
