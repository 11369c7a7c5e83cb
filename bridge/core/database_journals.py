"""What SQLite would play back into a database, told from what it never wrote there.

SQLite believes whatever `-wal` or `-journal` lies beside a database (SQLite, "Write-Ahead Logging", "Atomic Commit"),
and version control writes over files that it was told to ignore. A strange one is set aside under another name:
a rollback journal beside a database that has a write-ahead log; a log that others may read beside a database that they
may not, for SQLite gives it the database's own mode; and a log without the database's label. The label is an extended
attribute, which no version control carries. It is there before anything is written into a log, so that a labelled
database is only ever read with a labelled log; one without a byte in it is nobody's, and one that a connected process
has open is what SQLite writes into (an earlier version, or a tool for databases). Where the file system or Python has
no extended attributes, modes alone are asked.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
from collections.abc import Iterator

from bridge.core.root_folder import RootFolder

if sys.platform != "win32":
    import fcntl

FOREIGN = "foreign"
_ATTRIBUTE = "user.assetbridge.log"
_HAS_ATTRIBUTES = hasattr(os, "setxattr")
# Where whoever is connected holds a lock (SQLite, "File Locking And Concurrency", as of `os.h`): first byte and count.
_SHARED_BYTES = (0x40000002, 510)
# `struct flock` of 64-bit Linux: type, whence, start, length, process (fcntl(2)).
_LOCK = struct.Struct("hhqqi4x")


class DatabaseJournals:
    """The journals of one database. label: what only this machine and user can have written for it.

    Nothing here is asked of a database that is open in this process, but `label_log`: to open its file once more would
    drop its locks.
    """

    def __init__(self, folder: RootFolder, path: str, label: str) -> None:
        self._folder = folder
        self._path = path
        self._log_path = f"{path}-wal"
        self._label = label.encode()

    def set_strange_aside(self, *, has_log: bool) -> None:
        """Renames what SQLite did not write. has_log: the database's header says that it has a write-ahead log.

        Raises:
            RefusedPathError, OSError: as `RootFolder.rename_beside`.
        """
        if has_log and self._folder.exists(f"{self._path}-journal"):
            self._set_aside("-journal")
        if os.name != "nt" and (self._has_strange_mode() or self._has_no_label()):
            self._set_aside("-wal")

    def label_database(self) -> bool:
        """Whether the database has its label now; the log that was found to be its own gets it, too."""
        if not _HAS_ATTRIBUTES:
            return False
        if self._is_labelled(self._path):
            return True
        # The log first: a process that is killed in between leaves a database that asks for nothing.
        with contextlib.suppress(OSError):
            with contextlib.suppress(FileNotFoundError):
                self._write_label(self._log_path)
            self._write_label(self._path)
            return True
        return False

    def label_log(self) -> None:
        """Labels the log of an open connection that has read and written nothing yet. As long as it is open no other
        log takes the place of this: SQLite removes it only when nobody else is connected.

        Raises:
            OSError: what was written into the log would not be believed afterwards.
        """
        if not self._is_labelled(self._log_path):
            self._write_label(self._log_path)

    def _has_strange_mode(self) -> bool:
        log = self._folder.check_in_place(self._log_path)
        database = self._folder.check_in_place(self._path)
        return log is not None and database is not None and bool(log.st_mode & 0o077 and not database.st_mode & 0o077)

    def _has_no_label(self) -> bool:
        # Size and label are those of one file: another may take its place between two looks at the name. What has
        # bytes was labelled before.
        if not self._is_labelled(self._path):
            return False
        with contextlib.suppress(FileNotFoundError):
            with self._open(self._log_path) as handle:
                log = os.fstat(handle)
                is_labelled = self._has_label(handle)
            return log.st_size > 0 and not is_labelled and not self._is_open(log)
        return False

    def _is_open(self, log: os.stat_result) -> bool:
        """Whether this process, or another that is connected to the database, has this very file open."""
        for process in (os.getpid(), self._find_connected()):
            with contextlib.suppress(OSError):
                for name in os.listdir(f"/proc/{process}/fd"):  # noqa: PTH208
                    with contextlib.suppress(OSError):
                        facts = os.stat(f"/proc/{process}/fd/{name}")  # noqa: PTH116
                        if (facts.st_ino, facts.st_dev) == (log.st_ino, log.st_dev):
                            return True
        return False

    def _find_connected(self) -> int:
        """A process that is connected to the database; 0 where there is none or the system does not say."""
        if sys.platform == "win32":
            return 0
        with contextlib.suppress(OSError, struct.error), self._open(self._path) as handle:
            asked = _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, *_SHARED_BYTES, 0)
            kind, _, _, _, process = _LOCK.unpack(fcntl.fcntl(handle, fcntl.F_GETLK, asked))
            return 0 if kind == fcntl.F_UNLCK else int(process)
        return 0

    def _set_aside(self, part: str) -> None:
        number = 1
        while self._folder.exists(f"{self._path}{part}.{FOREIGN}-{number}"):
            number += 1
        name = f"{self._path}{part}.{FOREIGN}-{number}"
        self._folder.rename_beside(self._path + part, name.rpartition("/")[2])

    def _is_labelled(self, path: str) -> bool:
        with contextlib.suppress(OSError), self._open(path) as handle:
            return self._has_label(handle)
        return False

    def _has_label(self, handle: int) -> bool:
        if _HAS_ATTRIBUTES:
            with contextlib.suppress(OSError):
                return os.getxattr(handle, _ATTRIBUTE) == self._label
        return False

    def _write_label(self, path: str) -> None:
        with self._open(path) as handle:
            os.setxattr(handle, _ATTRIBUTE, self._label)

    @contextlib.contextmanager
    def _open(self, path: str) -> Iterator[int]:
        handle = self._folder.open_to_read(path)
        try:
            yield handle
        finally:
            os.close(handle)
