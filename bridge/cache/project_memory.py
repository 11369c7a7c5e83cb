"""`.assetbridge/state.db`: what this machine remembers, so that nothing is read twice. Losing it loses no money.

Tables: `file` (see `bridge.cache.file_index`), `result` (step fingerprint → result, so going back to an earlier spec
costs nothing), `asset` (the last state and spec snapshot of each asset), `pending` (lock entries whose outputs were
being written: a killed build is told from an edit by hand) and `meta`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bridge.cache.file_index import FileIndex
from bridge.cache.memory_database import MemoryDatabase


class AssetRow(NamedTuple):
    """The last known state of an asset. `snapshot` is the spec as it was when its outputs were made."""

    id: str
    kind: str
    spec: str
    state: str
    error: dict[str, Any] | None = None
    snapshot: dict[str, Any] | None = None


class ResultIndex:
    """Step fingerprint → result, of everything that this machine has made or bought."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def get(self, fingerprint: str) -> str | None:
        """The result hash that this step had before, if this machine made or bought it."""
        rows = self._database.fetch_rows("SELECT result FROM result WHERE fingerprint = ?", fingerprint)
        return str(rows[0][0]) if rows else None

    def remember(self, fingerprint: str, result: str) -> None:
        """Keeps fingerprint → result beyond the lock's current entry."""
        with self._database.writing() as database:
            database.execute("INSERT OR REPLACE INTO result VALUES (?, ?)", (fingerprint, result))


class AssetStatusTable:
    """The last known state of every asset."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def list_rows(self, *, snapshots: bool = True) -> dict[str, AssetRow]:
        """All remembered assets by id; without `snapshots` their specs are left out."""
        column = "snapshot" if snapshots else "NULL"
        query = f"SELECT id, kind, spec, state, error, {column} FROM asset"
        return {row.id: row for row in self._database.parse_rows(_asset_row, query)}

    def list_ids(self) -> set[str]:
        """The ids of all remembered assets."""
        return set(self._database.parse_rows(_text, "SELECT id FROM asset"))

    def get(self, asset_id: str) -> AssetRow | None:
        """What is remembered of one asset, its spec included."""
        query = "SELECT id, kind, spec, state, error, snapshot FROM asset WHERE id = ?"
        rows = self._database.parse_rows(_asset_row, query, asset_id)
        return rows[0] if rows else None

    def save(self, rows: Iterable[AssetRow], *, remove: Iterable[str] = ()) -> None:
        """Saves states; a row without a snapshot keeps the old one."""
        with self._database.writing() as database:
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


class PendingEntries:
    """Lock entries on their way into the lock file."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def read(self) -> dict[str, dict[str, Any]]:
        """Lock entries that were committed here and may not be in the lock file yet."""
        return dict(self._database.parse_rows(_pending_entry, "SELECT id, entry FROM pending"))

    def put(self, asset_id: str, entry: dict[str, Any]) -> None:
        """Commits a lock entry before its outputs are touched."""
        with self._database.writing() as database:
            database.execute("INSERT OR REPLACE INTO pending VALUES (?, ?)", (asset_id, json.dumps(entry)))

    def clear(self) -> None:
        """The lock file holds everything now."""
        with self._database.writing() as database:
            database.execute("DELETE FROM pending")


class FactTable:
    """Single facts, by name."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def get(self, key: str) -> str | None:
        """A remembered fact."""
        rows = self._database.fetch_rows("SELECT value FROM meta WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def put(self, key: str, value: str) -> None:
        """Remembers a fact."""
        self.put_all({key: value})

    def put_all(self, facts: Mapping[str, str]) -> None:
        """Remembers facts that belong together: all or, after a crash, none."""
        with self._database.writing() as database:
            database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())

    def read_seal(self) -> bytes | None:
        """The seal on the remembered plan (see `bridge.cache.plan_seal`)."""
        rows = self._database.fetch_rows("SELECT value FROM meta WHERE key = 'seal'")
        return rows[0][0] if rows and isinstance(rows[0][0], bytes) else None

    def put_seal(self, seal: bytes) -> None:
        """Puts a seal on the remembered plan; empty: takes it off."""
        with self._database.writing() as database:
            database.execute("INSERT OR REPLACE INTO meta VALUES ('seal', ?)", (seal,))


def _asset_row(row: tuple[str, str, str, str, str | None, str | None]) -> AssetRow:
    asset_id, kind, spec, state, error, snapshot = row
    _require_texts(asset_id, kind, spec, state)
    return AssetRow(asset_id, kind, spec, state, _table(error), _table(snapshot))


def _pending_entry(row: tuple[str, str]) -> tuple[str, dict[str, Any]]:
    _require_texts(*row)
    record = json.loads(row[1])
    if not isinstance(record["entry"], dict):
        raise TypeError("an entry is no table")
    return row[0], record


def _text(row: tuple[str]) -> str:
    _require_texts(*row)
    return row[0]


def _require_texts(*values: object) -> None:
    if not all(isinstance(value, str) for value in values):
        raise TypeError("a column holds no text")


def _table(text: str | None) -> dict[str, Any] | None:
    if not text:
        return None
    table = json.loads(text)
    if not isinstance(table, dict):
        raise TypeError("a column holds no table")
    return table


class ProjectMemory:
    """One project's memory, in one thread: all tables over one connection."""

    def __init__(self, root: Path, *, now_ns: Callable[[], int] | None = None) -> None:
        self.root = root
        self._database = MemoryDatabase(root)
        self.files = FileIndex(self._database, root, **({"now_ns": now_ns} if now_ns is not None else {}))
        self.results = ResultIndex(self._database)
        self.assets = AssetStatusTable(self._database)
        self.pending = PendingEntries(self._database)
        self.facts = FactTable(self._database)

    def set_aside(self) -> None:
        """Begins everything anew: what is remembered cannot be believed."""
        self._database.set_aside()

    def close(self) -> None:
        """Saves what was learnt of files and closes the database."""
        self.files.flush()
        self._database.close()
