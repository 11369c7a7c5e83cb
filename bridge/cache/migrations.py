"""The shape of state.db, as steps that are applied in their order. A database of a newer version is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

_Migration = Callable[[sqlite3.Connection], None]
MIGRATIONS: list[_Migration] = []


def _migration(function: _Migration) -> _Migration:
    MIGRATIONS.append(function)
    return function


@_migration
def m001_first(database: sqlite3.Connection) -> None:
    """The first shape."""
    database.execute(
        "CREATE TABLE file (path TEXT PRIMARY KEY, role TEXT NOT NULL, mtime INTEGER NOT NULL, size INTEGER NOT NULL, "
        "sha256 TEXT NOT NULL, owned TEXT NOT NULL, checked INTEGER NOT NULL) WITHOUT ROWID"
    )
    database.execute("CREATE TABLE result (fingerprint TEXT PRIMARY KEY, result TEXT NOT NULL) WITHOUT ROWID")
    database.execute(
        "CREATE TABLE asset (id TEXT PRIMARY KEY, kind TEXT NOT NULL, spec TEXT NOT NULL, state TEXT NOT NULL, "
        "error TEXT, snapshot TEXT) WITHOUT ROWID"
    )
    database.execute("CREATE TABLE pending (id TEXT PRIMARY KEY, entry TEXT NOT NULL) WITHOUT ROWID")
    database.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")


@_migration
def m002_marks(database: sqlite3.Connection) -> None:
    """All that the system tells of a file, in place of its size; nothing remembered of files or plans fits that."""
    database.execute("ALTER TABLE file RENAME COLUMN size TO mark")
    database.execute("DELETE FROM file")
    database.execute("DELETE FROM meta")


def migrate(database: sqlite3.Connection) -> sqlite3.Connection:
    """The database in the newest shape.

    Raises:
        sqlite3.DatabaseError: it was written by a newer version, or cannot be read.
    """
    if _read_version(database) == len(MIGRATIONS):
        return database
    # One transaction from the look to the last step: a second opener waits for it and finds all of it done.
    database.execute("BEGIN IMMEDIATE")
    with database:
        for number, migration in enumerate(MIGRATIONS[_read_version(database) :], start=_read_version(database) + 1):
            migration(database)
            database.execute(f"PRAGMA user_version = {number}")
    return database


def _read_version(database: sqlite3.Connection) -> int:
    """How many migrations a database has had.

    Raises:
        sqlite3.DatabaseError: more than there are here.
    """
    done = int(database.execute("PRAGMA user_version").fetchone()[0])
    if done > len(MIGRATIONS):
        raise sqlite3.DatabaseError("written by a newer version")
    return done
