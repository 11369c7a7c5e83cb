"""What is remembered of files, so that unchanged ones are not read again.

A file's entry is trusted when its mark (see `bridge.core.file_stat`) is equal and the file was not younger than two
seconds when it was hashed (a later write within the same tick would look equal). A path where nothing was has an
entry as well, with an empty hash: it is a change when something comes there.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING, Any, NamedTuple

from bridge.core import limits
from bridge.core.file_stat import RACY_NS, changed_ns, hash_stat
from bridge.core.paths import lies_inside
from bridge.core.root_folder import RootFolder

if TYPE_CHECKING:
    from bridge.cache.memory_database import MemoryDatabase

# A mark that no file has: nothing is known of it.
_NOTHING = 0
# In place of a hash: no file ever has it.
_UNREADABLE = "unreadable"


class FileRow(NamedTuple):
    """What is remembered of a file: its role, how it stood, and what it held when it was checked.

    owned: for merged outputs the hash over the keys that are ours.
    """

    path: str
    role: str
    changed_ns: int
    mark: int
    sha256: str
    owned: str
    checked_ns: int


# The types of a row's columns.
_COLUMNS = (str, str, int, int, str, str, int)


def _read_row(row: tuple[Any, ...]) -> FileRow:
    if tuple(map(type, row)) != _COLUMNS:
        raise TypeError("a column holds something else")
    return FileRow._make(row)


def _now_ns() -> int:
    return time.time_ns()


class FileIndex:
    """The files of one project that were looked at, by their project-relative paths."""

    def __init__(self, database: MemoryDatabase, root: Path, *, now_ns: Callable[[], int] = _now_ns) -> None:
        self._database = database
        self._root = root
        self._folder = RootFolder(root)
        self._prefix = str(root) + os.sep
        self._now_ns = now_ns
        self._dirty: dict[str, FileRow] = {}
        # The hashes that this process has met, by path.
        self._met: dict[str, str] = {}

    def list_rows(self, *roles: str) -> list[FileRow]:
        """All remembered files of these roles (of every role without), in order of their paths."""
        which = f" WHERE role IN ({', '.join('?' * len(roles))})" if roles else ""
        query = f"SELECT path, role, mtime, mark, sha256, owned, checked FROM file{which} ORDER BY path"
        rows = self._database.fetch_rows(query, *roles)
        # By columns: of tens of thousands of rows each call would cost.
        columns = zip(zip(*rows, strict=True), _COLUMNS, strict=False)
        if any(set(map(type, column)) - {kind} for column, kind in columns):
            self._database.set_aside()
            return []
        return list(map(FileRow._make, rows))

    def is_unchanged(self, row: FileRow, stat: os.stat_result | None = None) -> bool:
        """Whether a file holds what `row` remembers of it; read only when `stat` (else asked for) cannot tell."""
        if stat is None:
            try:
                stat = os.stat(self._prefix + row.path)  # noqa: PTH116  of ten thousand: a Path costs more than the call
            except OSError:
                return not row.sha256
        return _is_fresh(row, stat) or self._still_holds(row.path, row.role, row.sha256)

    def are_unchanged(self, rows: Iterable[FileRow], stats: Mapping[str, os.stat_result]) -> bool:
        """Whether `is_unchanged` is true of all of these files. stats: of files already looked at."""
        prefix, ask, looked_at = self._prefix, os.stat, stats.get
        for path, role, changed, known, sha256, _, checked in rows:
            # Written out: for tens of thousands of files a call would cost as much as what it does.
            stat = looked_at(path)
            if stat is None:
                try:
                    stat = ask(prefix + path)
                except OSError:
                    if sha256:
                        return False
                    continue
            now = hash((stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino))
            if now == known and checked - changed > RACY_NS:
                continue
            if not self._still_holds(path, role, sha256):
                return False
        return True

    def record_used(self, path: str, role: str, sha256: str) -> bool:
        """Remembers that something was made from these bytes of a file; whether the file still holds them.

        A file that was changed meanwhile is remembered by the bytes that were used: it differs until those are back.
        """
        self._met[path] = sha256
        row = self.get(path)
        if row is not None and row.role == role and row.sha256 == sha256 and self.is_unchanged(row):
            return True
        if self._still_holds(path, role, sha256):
            return True
        self._dirty[path] = FileRow(path, role, 0, _NOTHING, sha256, "", 0)
        return False

    def _still_holds(self, path: str, role: str, sha256: str) -> bool:
        """Reads a file; it is remembered only if it holds the expected bytes."""
        read = self._read_hash(path, role)
        if read is None or read[1] != sha256:
            return False
        # What a link now leads to outside of the project is refused, even if it holds the same.
        if role in ("source", "folder") and not lies_inside(str(self._root), path, {}):
            return False
        self._keep_row(path, role, read[0], sha256, self._known_owned(path, sha256))
        return True

    def _read_hash(self, path: str, role: str) -> tuple[os.stat_result, str] | None:
        """(stat before reading, sha256) of a file or of a folder's names; None when it cannot be read."""
        full = self._root / path
        try:
            stat = full.stat()
            if S_ISDIR(stat.st_mode):
                return stat, hashlib.sha256(_list_names(full)).hexdigest()
            return stat, self._hash_file(path, role)
        except OSError:
            return None

    def _hash_file(self, path: str, role: str) -> str:
        # What is written is reached without a link; what is read may be, inside of the project.
        is_output = role == "output"
        handle = self._folder.open_to_read(path) if is_output else self._folder.open_source(path)
        with os.fdopen(handle, "rb") as file:
            return limits.hash_open(file, limits.SOURCE_BYTES)

    def get(self, path: str) -> FileRow | None:
        """What is remembered of a path, whatever the disk says now."""
        if path in self._dirty:
            return self._dirty[path]
        query = "SELECT path, role, mtime, mark, sha256, owned, checked FROM file WHERE path = ?"
        rows = self._database.parse_rows(_read_row, query, path)
        return rows[0] if rows else None

    def _known_owned(self, path: str, sha256: str) -> str:
        """The hash over the keys that are ours, where it is known of this content."""
        row = self.get(path)
        return row.owned if row is not None and row.sha256 == sha256 else ""

    def _keep_row(self, path: str, role: str, stat: os.stat_result, sha256: str, owned: str) -> None:
        self._dirty[path] = FileRow(path, role, changed_ns(stat), hash_stat(stat), sha256, owned, self._now_ns())

    def hash_of(self, path: str, role: str) -> str | None:
        """The sha256 of a project file now (None: not there), read only when its mark changed."""
        row = self.get(path)
        try:
            stat = os.stat(self._prefix + path)  # noqa: PTH116  see `is_unchanged`
        except OSError:
            if row is None or row.role != role or row.sha256:
                self._dirty[path] = FileRow(path, role, 0, _NOTHING, "", "", self._now_ns())
            self._met[path] = ""
            return None
        if row is not None and row.role == role and _is_fresh(row, stat):
            self._met[path] = row.sha256
            return row.sha256
        read = self._read_hash(path, role)
        if read is None:
            self._dirty[path] = FileRow(path, role, 0, _NOTHING, _UNREADABLE, "", 0)
            self._met[path] = _UNREADABLE
            return None
        stat, sha256 = read
        self._keep_row(path, role, stat, sha256, row.owned if row is not None and row.sha256 == sha256 else "")
        self._met[path] = sha256
        return sha256

    def changed_elsewhere(self, rows: Iterable[FileRow]) -> bool:
        """Whether another process has met something else in one of these files than this one did."""
        met = self._met.get
        return any(met(row.path, row.sha256) != row.sha256 for row in rows)

    def record_written(self, path: str, role: str, sha256: str, owned: str) -> None:
        """Remembers a file just written or just read, with the hash over the keys that are ours."""
        try:
            stat = (self._root / path).stat()
        except OSError:
            return
        self._keep_row(path, role, stat, sha256, owned)
        self._met[path] = sha256

    def forget_others(self, role: str, keep: Iterable[str]) -> None:
        """Drops what is remembered of files of a role that are not in `keep`."""
        kept = set(keep)
        others = [(row.path,) for row in self.list_rows(role) if row.path not in kept]
        if others:
            with self._database.writing() as database:
                database.executemany("DELETE FROM file WHERE path = ?", others)

    def flush(self) -> bool:
        """Saves what was learnt; a disk that cannot take it (False) only costs time later."""
        if not self._dirty:
            return True
        rows = list(self._dirty.values())
        self._dirty.clear()
        try:
            with self._database.transaction() as database:
                database.executemany("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            return False
        return True


def _is_fresh(row: FileRow, stat: os.stat_result) -> bool:
    """Whether what is remembered of a file proves that it is the same."""
    return row.mark == hash_stat(stat) and row.checked_ns - row.changed_ns > RACY_NS


def _list_names(folder: Path) -> bytes:
    with os.scandir(folder) as entries:
        # A pattern takes files alone: a folder's name is another thing.
        return b"\0".join(sorted(os.fsencode(entry.name) + b"/" * (not entry.is_file()) for entry in entries))
