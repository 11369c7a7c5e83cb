"""A disk that fails: every operation below one folder is counted, and the N-th one goes wrong.

It stands between Python's file calls and the system (`os.replace`, `os.mkdir`, `os.fsync`, the writes of a file opened
for writing …), because a test that runs as root cannot be stopped by file modes, and because only a counted call can
be made to fail at every place in turn. SQLite opens its files by itself; `FaultyDatabase` counts its commits.
"""

from __future__ import annotations

import builtins
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Literal, Self

import pytest

# Calls that change the disk, each with the path as its first argument.
CHANGES = ("mkdir", "replace", "rename", "link", "unlink", "remove", "rmdir", "utime")


@dataclass
class FaultyDisk:
    """Counts operations below `root`; the one numbered `at` (from 1) gets `trouble` instead.

    trouble: called in place of the operation; it raises, or ends the process. reads: count openings for reading too.
    lasting: every operation from the N-th on fails, as on a disk that stays full.
    """

    root: Path
    at: int
    trouble: Callable[[str], None]
    reads: bool = False
    lasting: bool = False
    count: int = 0
    log: list[str] = field(default_factory=list)

    def operation(self, name: str, path: object) -> None:
        """Counts one operation and strikes when it is the chosen one."""
        path = _path_of(path) if isinstance(path, int) else path
        if not self.ours(path):
            return
        self.count += 1
        self.log.append(f"{name} {path}")
        if self.count == self.at or (self.lasting and self.count > self.at):
            self.trouble(f"{name} {path}")

    def ours(self, path: object) -> bool:
        """Whether a path lies below the root."""
        return Path(os.fsdecode(path) if isinstance(path, bytes) else str(path)).absolute().is_relative_to(self.root)

    @property
    def struck(self) -> bool:
        """Whether the N-th operation was reached."""
        return self.count >= self.at > 0


def _path_of(handle: int) -> Path:
    """The path behind an open handle, where the system tells (Linux)."""
    try:
        return Path(f"/proc/self/fd/{handle}").readlink()
    except OSError:
        return Path(os.sep)


class _File:
    """A file opened for writing: half of the data of a failing write reaches the disk, as on a full one."""

    def __init__(self, file: Any, path: object, disk: FaultyDisk) -> None:
        self._file = file
        self._path = path
        self._disk = disk

    def write(self, data: Any) -> int:
        """One counted write."""
        try:
            self._disk.operation("write", self._path)
        except BaseException:
            self._file.write(data[: len(data) // 2])
            raise
        return int(self._file.write(data))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def on(disk: FaultyDisk) -> Iterator[FaultyDisk]:
    """Puts the disk under everything that runs in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGES:
            patch.setattr(os, name, _counted(disk, name, getattr(os, name)))
        patch.setattr(os, "fsync", _counted(disk, "fsync", os.fsync))
        patch.setattr(os, "write", _written(disk, os.write))
        patch.setattr(os, "open", _opened(disk, os.open))
        patch.setattr(io, "open", _file_opened(disk, io.open))
        patch.setattr(builtins, "open", _file_opened(disk, io.open.__wrapped__))  # type: ignore[attr-defined]
        yield disk


def _counted(disk: FaultyDisk, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(path: Any, *rest: Any, **options: Any) -> Any:
        disk.operation(name, _full_path(path, options))
        return real(path, *rest, **options)

    return call


def _full_path(path: Any, options: dict[str, Any]) -> Any:
    """The path of a call that may be relative to an open folder."""
    folder = options.get("dir_fd", options.get("src_dir_fd"))
    return path if folder is None or isinstance(path, int) else _path_of(folder) / os.fsdecode(path)


def _written(disk: FaultyDisk, real: Callable[[int, Any], int]) -> Callable[[int, Any], int]:
    def call(handle: int, data: Any) -> int:
        try:
            disk.operation("write", handle)
        except BaseException:
            # Half of the data of a failing write reaches the disk, as on a full one.
            real(handle, data[: len(data) // 2])
            raise
        return real(handle, data)

    return call


def _opened(disk: FaultyDisk, real: Callable[..., int]) -> Callable[..., int]:
    def call(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        writing = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writing or (disk.reads and not flags & getattr(os, "O_DIRECTORY", 0)):
            disk.operation("create" if writing else "read", _full_path(path, options))
        return real(path, flags, *rest, **options)

    return call


def _file_opened(disk: FaultyDisk, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(path: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        writing = any(letter in mode for letter in "wax+")
        if (writing or disk.reads) and not isinstance(path, int):
            disk.operation("create" if writing else "read", path)
        file = real(path, mode, *rest, **options)
        return _File(file, path, disk) if writing and not isinstance(path, int) and disk.ours(path) else file

    call.__wrapped__ = real  # type: ignore[attr-defined]
    return call


def error(number: int) -> Callable[[str], None]:
    """Trouble that is an error of the system, like `errno.ENOSPC`."""

    def strike(what: str) -> None:
        raise OSError(number, os.strerror(number), what)

    return strike


def interrupt(what: str) -> None:
    """Trouble that is the user's Ctrl-C."""
    raise KeyboardInterrupt(what)


def death(what: str) -> None:
    """Trouble that ends this process at once, as a kill or a power cut does: nothing is cleaned up."""
    del what
    os._exit(9)


class FaultyDatabase(sqlite3.Connection):
    """A connection whose N-th statement that changes something fails as on a full disk or an unreadable one."""

    at: ClassVar[int] = 0
    count: ClassVar[int] = 0
    message: ClassVar[str] = "database or disk is full"

    def _operation(self, statement: str) -> None:
        if statement.lstrip()[:6].upper() in ("SELECT", "PRAGMA"):
            return
        FaultyDatabase.count += 1
        if FaultyDatabase.count == FaultyDatabase.at:
            raise sqlite3.OperationalError(self.message)

    def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
        """One counted statement."""
        self._operation(sql)
        return super().execute(sql, *rest)

    def executemany(self, sql: str, *rest: Any) -> sqlite3.Cursor:
        """One counted statement."""
        self._operation(sql)
        return super().executemany(sql, *rest)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        if kind is None:
            try:
                self._operation("COMMIT")
            except sqlite3.OperationalError:
                self.rollback()
                raise
        return super().__exit__(kind, error, trace)


@contextmanager
def database(at: int, message: str = "database or disk is full") -> Iterator[type[FaultyDatabase]]:
    """Puts the failing connection under `sqlite3.connect`; `at` counts from 1, 0 never fails."""
    FaultyDatabase.at, FaultyDatabase.count, FaultyDatabase.message = at, 0, message
    real = sqlite3.connect

    def connect(*words: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = real(*words, **{**options, "factory": FaultyDatabase})
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect)
        yield FaultyDatabase
