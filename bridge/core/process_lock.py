"""A file in a project that one process holds: a lock of the system, which a dead process does not hold any more."""

from __future__ import annotations

import os
import sys
import time

from bridge.core.root_folder import RootFolder

_PAUSE_SECONDS = 0.05


class ProcessLock:
    """A lock on a file below a folder, which is made if need be and stays. It is held by one object at a time.

    The file is opened by `RootFolder`: what opens it by name would follow a link there, and might empty what it leads
    to.
    """

    def __init__(self, folder: RootFolder, path: str) -> None:
        self._folder = folder
        self._path = path
        self._handle: int | None = None

    def acquire(self, patience: float = 0.0) -> bool:
        """Takes the lock; False when another has it for longer than `patience` seconds.

        Raises:
            RefusedPathError: a link, a hard link or no regular file is in its place. OSError: as the system says.
        """
        handle = self._folder.open_in_place(self._path, os.O_RDWR)
        deadline = time.monotonic() + patience
        try:
            while not _try_lock(handle):
                if time.monotonic() >= deadline:
                    os.close(handle)
                    return False
                time.sleep(_PAUSE_SECONDS)
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle
        return True

    def release(self) -> None:
        """Lets go of the lock; nothing happens when it is not held."""
        if self._handle is not None:
            _unlock(self._handle)
            os.close(self._handle)
            self._handle = None


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
