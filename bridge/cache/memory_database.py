"""The connection to `.assetbridge/state.db`. A database that cannot be read is set aside and begun anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bridge.cache.migrations import migrate
from bridge.core.disk_errors import RefusedPathError, describe_failure
from bridge.core.errors import UserError, Where, WorkFailed
from bridge.core.paths import GODOT_IGNORE_FILE, STATE_FILE
from bridge.core.project_database import BROKEN, ProjectDatabase
from bridge.core.root_folder import RootFolder
from bridge.core.sqlite import PATIENCE, is_busy, use_wal


class MemoryDatabase:
    """One connection, for one thread. Opening is cheap.

    Raises:
        WorkFailed: `unsafe_path`: a link or no regular file is in the place of the database.
        UserError: `settings_unsafe`: what the user keeps of this machine cannot be believed.
    """

    def __init__(self, root: Path) -> None:
        self._folder = RootFolder(root)
        self._file = ProjectDatabase(root, STATE_FILE)
        self._database = self._open_database()

    def _open_database(self) -> sqlite3.Connection:
        try:
            if not self._folder.exists(GODOT_IGNORE_FILE):
                self._folder.create_new(GODOT_IGNORE_FILE, b"")
            return self._connect()
        except RefusedPathError as error:
            raise describe_failure(error, STATE_FILE) from error
        except (IsADirectoryError, sqlite3.DatabaseError) as error:
            is_readable = isinstance(error, sqlite3.DatabaseError) and is_busy(error)
            if is_readable or not self._folder.exists(STATE_FILE):
                return _remember_nothing()
        except UserError as error:
            if error.code != "settings_unusable":
                raise
            return _remember_nothing()
        except OSError:
            return _remember_nothing()
        return self._begin_anew()

    def _begin_anew(self) -> sqlite3.Connection:
        """A new database; the damaged one and its journals are set aside."""
        try:
            self._file.set_aside(BROKEN)
            return self._connect()
        except (OSError, UserError, sqlite3.DatabaseError):
            return _remember_nothing()

    def _connect(self) -> sqlite3.Connection:
        database = self._file.connect(timeout=PATIENCE)
        try:
            use_wal(database)
            database.execute("PRAGMA synchronous=NORMAL")
            return migrate(database)
        except sqlite3.DatabaseError:
            database.close()
            raise

    def close(self) -> None:
        """Closes the connection."""
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """What is written inside is kept as a whole or not at all.

        Raises:
            sqlite3.DatabaseError: the disk cannot take it.
        """
        with self._database:
            yield self._database

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The same, for what must not be lost.

        Raises:
            WorkFailed: `disk_full` or `output_unwritable`.
        """
        try:
            with self._database:
                yield self._database
        except sqlite3.DatabaseError as error:
            full = "full" in str(error)
            raise WorkFailed(
                "disk_full" if full else "output_unwritable",
                f"the project's state cannot be saved: {error}",
                hint="Free some space and run the same command again." if full else "Make .assetbridge writable.",
                where=Where(STATE_FILE),
            ) from error

    def fetch_rows(self, query: str, *values: str) -> list[Any]:
        """The answer to a query. Damage shows only when the damaged page is read: memory is begun anew then."""
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = _remember_nothing() if is_busy(error) else self._begin_anew()
            return self._database.execute(query, values).fetchall()


def _remember_nothing() -> sqlite3.Connection:
    """A database for this process alone: nothing can be kept, which costs time."""
    return migrate(sqlite3.connect(":memory:"))
