"""`.assetbridge/state.db`: what this machine remembers, so that nothing is read twice. Losing it loses no money.

Tables: `file` (path and mark → hash, so unchanged files are not read again), `result` (step fingerprint →
result, so going back to an earlier wish costs nothing), `asset` (the last state and spec snapshot of each asset),
`pending` (lock entries whose outputs were being written: a killed build is told from an edit by hand) and `meta`.

A file's entry is trusted when its mark (see `bridge.core.file_stat`) is equal and the file was not younger than two
seconds when it was hashed (a later write within the same tick would look equal). A path where nothing was has an
entry as well, with an empty hash: it is a change when something comes there.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from bridge.cache.migrations import migrated
from bridge.core.errors import Where, WorkFailed
from bridge.core.file_stat import RACY_NS, changed_ns, hash_stat
from bridge.core.paths import MEMORY_FOLDER, STATE_FILE
from bridge.core.sqlite import PATIENCE, is_busy, use_wal

# A mark that no file has: nothing is known of it.
_NOTHING = 0
# In place of a hash: no file ever has it.
_UNREADABLE = "unreadable"

# path, role, time of the last change in ns, mark, sha256, checked in ns: plain tuples, for a plan goes through
# tens of thousands
FileRow = tuple[str, str, int, int, str, int]
# the same with the hash over the keys that are ours before the last
_WholeRow = tuple[str, str, int, int, str, str, int]


class Known(NamedTuple):
    """What is remembered of a file: its hash, and for merged outputs the hash over the keys that are ours."""

    sha256: str
    owned: str


class AssetRow(NamedTuple):
    """The last known state of an asset. `snapshot` is the spec as it was when its outputs were made."""

    id: str
    kind: str
    spec: str
    state: str
    error: dict[str, Any] | None = None
    snapshot: dict[str, Any] | None = None


def _now_ns() -> int:
    return time.time_ns()


class State:
    """One project's memory. Opening is cheap; a database that cannot be read is set aside and begun anew."""

    def __init__(self, root: Path, *, now_ns: Callable[[], int] = _now_ns) -> None:
        self.root = root
        self._prefix = str(root) + os.sep
        self._now_ns = now_ns
        self.path = root / STATE_FILE
        self._database = self._open()
        self._dirty: dict[str, _WholeRow] = {}
        self._found: dict[str, str] = {}

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            ignore = self.path.parent / ".gdignore"
            if not ignore.exists():
                ignore.touch()
        except OSError:
            return migrated(sqlite3.connect(":memory:"))
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if is_busy(error) or not self.path.exists():
                return migrated(sqlite3.connect(":memory:"))
        return self._anew()

    def _anew(self) -> sqlite3.Connection:
        """A new database; the damaged one and its journals are set aside."""
        try:
            for suffix in ("", "-wal", "-shm"):
                part = self.path.with_name(self.path.name + suffix)
                if part.exists():
                    part.replace(part.with_name(f"{part.name}.broken"))
            return self._connect()
        except (OSError, sqlite3.DatabaseError):
            return migrated(sqlite3.connect(":memory:"))

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=PATIENCE)
        try:
            use_wal(database)
            database.execute("PRAGMA synchronous=NORMAL")
            return migrated(database)
        except sqlite3.DatabaseError:
            database.close()
            raise

    def close(self) -> None:
        """Saves what was learnt of files and closes the database."""
        self.flush()
        self._database.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._database:
                yield self._database
        except sqlite3.DatabaseError as error:
            full = "full" in str(error)
            raise WorkFailed(
                "disk_full" if full else "output_unwritable",
                f"the project's state cannot be saved: {error}",
                hint="Free some space and run the same command again." if full else f"Make {MEMORY_FOLDER} writable.",
                where=Where(STATE_FILE),
            ) from error

    def _rows(self, query: str, *values: str) -> list[Any]:
        """The answer to a query. Damage shows only when the damaged page is read: memory is begun anew then."""
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = migrated(sqlite3.connect(":memory:")) if is_busy(error) else self._anew()
            return self._database.execute(query, values).fetchall()

    # files

    def files(self, *roles: str) -> list[FileRow]:
        """All remembered files of these roles (of every role without), in order of their paths."""
        which = f" WHERE role IN ({', '.join('?' * len(roles))})" if roles else ""
        return self._rows(f"SELECT path, role, mtime, mark, sha256, checked FROM file{which} ORDER BY path", *roles)

    def same(self, row: FileRow, stat: os.stat_result | None = None) -> bool:
        """Whether a file holds what `row` remembers of it; read only when `stat` (else asked for) cannot tell."""
        path, role, changed, known, sha256, checked = row
        if stat is None:
            try:
                stat = os.stat(self._prefix + path)  # noqa: PTH116  of ten thousand: a Path costs more than the call
            except OSError:
                return not sha256
        return _fresh(changed, known, checked, stat) or self._holds(path, role, sha256)

    def all_same(self, rows: Iterable[FileRow], stats: Mapping[str, os.stat_result]) -> bool:
        """Whether all of these files hold what is remembered of them; see `same`. stats: of files already looked at."""
        prefix, ask, looked_at = self._prefix, os.stat, stats.get
        for path, role, changed, known, sha256, checked in rows:
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
            if not self._holds(path, role, sha256):
                return False
        return True

    def settle(self, path: str, role: str, sha256: str) -> bool:
        """Remembers that something was made from these bytes of a file; whether the file still holds them.

        A file that was changed meanwhile is remembered by the bytes that were used: it differs until those are back.
        """
        self._found[path] = sha256
        row = self._row(path)
        kept = row is not None and row[1] == role and row[4] == sha256
        if row is not None and kept and self.same((path, role, row[2], row[3], sha256, row[6])):
            return True
        if self._holds(path, role, sha256):
            return True
        self._dirty[path] = (path, role, 0, _NOTHING, sha256, "", 0)
        return False

    def _holds(self, path: str, role: str, sha256: str) -> bool:
        """Reads a file; it is remembered only if it holds the expected bytes."""
        from bridge.spec.refs import lies_inside

        found = self._read(path)
        if found is None or found[1] != sha256:
            return False
        # What a link now leads to outside of the project is refused, even if it holds the same.
        if role in ("source", "folder") and not lies_inside(str(self.root), path, {}):
            return False
        row = self._row(path)
        owned = row[5] if row is not None and row[4] == sha256 else ""
        self._dirty[path] = (path, role, changed_ns(found[0]), hash_stat(found[0]), sha256, owned, self._now_ns())
        return True

    def _read(self, path: str) -> tuple[os.stat_result, str] | None:
        """(stat before reading, sha256) of a file or of a folder's names; None when it cannot be read."""
        full = self.root / path
        try:
            stat = full.stat()
            data = full.read_bytes() if full.is_file() else _listing(full)
        except OSError:
            return None
        return stat, hashlib.sha256(data).hexdigest()

    def _row(self, path: str) -> _WholeRow | None:
        if path in self._dirty:
            return self._dirty[path]
        found = self._rows("SELECT path, role, mtime, mark, sha256, owned, checked FROM file WHERE path = ?", path)
        return found[0] if found else None

    def known(self, path: str) -> Known | None:
        """What is remembered of a path, whatever the disk says now."""
        row = self._row(path)
        return Known(row[4], row[5]) if row is not None else None

    def look(self, path: str, role: str) -> str | None:
        """The sha256 of a project file now (None: not there), read only when its mark changed."""
        row = self._row(path)
        try:
            stat = os.stat(self._prefix + path)  # noqa: PTH116  see `same`
        except OSError:
            if row is None or row[1] != role or row[4]:
                self._dirty[path] = (path, role, 0, _NOTHING, "", "", self._now_ns())
            self._found[path] = ""
            return None
        if row is not None and row[1] == role and _fresh(row[2], row[3], row[6], stat):
            self._found[path] = row[4]
            return row[4]
        found = self._read(path)
        if found is None:
            self._dirty[path] = (path, role, 0, _NOTHING, _UNREADABLE, "", 0)
            self._found[path] = _UNREADABLE
            return None
        stat, sha256 = found
        owned = row[5] if row is not None and row[4] == sha256 else ""
        self._dirty[path] = (path, role, changed_ns(stat), hash_stat(stat), sha256, owned, self._now_ns())
        self._found[path] = sha256
        return sha256

    def overtaken(self, rows: Iterable[FileRow]) -> bool:
        """Whether another process has found something else in one of these files than this one did."""
        found = self._found.get
        return any(found(row[0], row[4]) != row[4] for row in rows)

    def learn(self, path: str, role: str, sha256: str, owned: str) -> None:
        """Remembers a file just written or just read, with the hash over the keys that are ours."""
        try:
            stat = (self.root / path).stat()
        except OSError:
            return
        self._dirty[path] = (path, role, changed_ns(stat), hash_stat(stat), sha256, owned, self._now_ns())
        self._found[path] = sha256

    def forget_others(self, role: str, keep: Iterable[str]) -> None:
        """Drops what is remembered of files of a role that are not in `keep`."""
        kept = set(keep)
        gone = [(row[0],) for row in self.files(role) if row[0] not in kept]
        if gone:
            with self._writing() as database:
                database.executemany("DELETE FROM file WHERE path = ?", gone)

    def flush(self) -> bool:
        """Saves what was learnt; a disk that cannot take it (False) only costs time later."""
        if not self._dirty:
            return True
        rows = list(self._dirty.values())
        self._dirty.clear()
        try:
            with self._database:
                self._database.executemany("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        except sqlite3.DatabaseError:
            return False
        return True

    # results of steps

    def result(self, fingerprint: str) -> str | None:
        """The result hash that this wish had before, if this machine made or bought it."""
        found = self._rows("SELECT result FROM result WHERE fingerprint = ?", fingerprint)
        return str(found[0][0]) if found else None

    def remember_result(self, fingerprint: str, result: str) -> None:
        """Keeps fingerprint → result beyond the lock's current entry."""
        with self._writing() as database:
            database.execute("INSERT OR REPLACE INTO result VALUES (?, ?)", (fingerprint, result))

    # assets

    def assets(self, *, snapshots: bool = True) -> dict[str, AssetRow]:
        """All remembered assets by id; without `snapshots` their specs are left out."""
        column = "snapshot" if snapshots else "NULL"
        rows = self._rows(f"SELECT id, kind, spec, state, error, {column} FROM asset")
        return {row[0]: _asset_row(row) for row in rows}

    def asset_ids(self) -> set[str]:
        """The ids of all remembered assets."""
        return {row[0] for row in self._rows("SELECT id FROM asset")}

    def asset(self, asset_id: str) -> AssetRow | None:
        """What is remembered of one asset, its spec included."""
        rows = self._rows("SELECT id, kind, spec, state, error, snapshot FROM asset WHERE id = ?", asset_id)
        return _asset_row(rows[0]) if rows else None

    def save_assets(self, rows: Iterable[AssetRow], *, remove: Iterable[str] = ()) -> None:
        """Saves states; a row without a snapshot keeps the old one."""
        with self._writing() as database:
            database.executemany("DELETE FROM asset WHERE id = ?", [(asset_id,) for asset_id in remove])
            database.executemany(
                "INSERT INTO asset VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET kind = excluded.kind, "
                "spec = excluded.spec, state = excluded.state, error = excluded.error, "
                "snapshot = coalesce(excluded.snapshot, snapshot)",
                [
                    (
                        row.id,
                        row.kind,
                        row.spec,
                        row.state,
                        json.dumps(row.error) if row.error else None,
                        json.dumps(row.snapshot) if row.snapshot is not None else None,
                    )
                    for row in rows
                ],
            )

    # lock entries on their way

    def pending(self) -> dict[str, dict[str, Any]]:
        """Lock entries that were committed here and may not be in the lock file yet."""
        return {row[0]: json.loads(row[1]) for row in self._rows("SELECT id, entry FROM pending")}

    def set_pending(self, asset_id: str, entry: dict[str, Any]) -> None:
        """Commits a lock entry before its outputs are touched."""
        with self._writing() as database:
            database.execute("INSERT OR REPLACE INTO pending VALUES (?, ?)", (asset_id, json.dumps(entry)))

    def clear_pending(self) -> None:
        """The lock file holds everything now."""
        with self._writing() as database:
            database.execute("DELETE FROM pending")

    # facts

    def meta(self, key: str) -> str | None:
        """A remembered fact."""
        found = self._rows("SELECT value FROM meta WHERE key = ?", key)
        return str(found[0][0]) if found else None

    def set_meta(self, key: str, value: str) -> None:
        """Remembers a fact."""
        self.set_metas({key: value})

    def set_metas(self, facts: Mapping[str, str]) -> None:
        """Remembers facts that belong together: all or, after a crash, none."""
        with self._writing() as database:
            database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())

    def seal(self) -> bytes | None:
        """The seal on the remembered plan (see `bridge.cache.plan_seal`)."""
        found = self._rows("SELECT value FROM meta WHERE key = 'seal'")
        return found[0][0] if found else None

    def set_seal(self, seal: bytes) -> None:
        """Puts a seal on the remembered plan; empty: takes it off."""
        with self._writing() as database:
            database.execute("INSERT OR REPLACE INTO meta VALUES ('seal', ?)", (seal,))


def _asset_row(row: tuple[str, str, str, str, str | None, str | None]) -> AssetRow:
    asset_id, kind, spec, state, error, snapshot = row
    return AssetRow(
        asset_id,
        kind,
        spec,
        state,
        json.loads(error) if error else None,
        json.loads(snapshot) if snapshot else None,
    )


def _fresh(changed: int, known: int, checked: int, stat: os.stat_result) -> bool:
    """Whether what is remembered of a file proves that it is the same. known: its mark."""
    return known == hash_stat(stat) and checked - changed > RACY_NS


def _listing(folder: Path) -> bytes:
    with os.scandir(folder) as entries:
        # A pattern takes files alone: a folder's name is another thing.
        return b"\0".join(sorted(os.fsencode(entry.name) + b"/" * (not entry.is_file()) for entry in entries))
