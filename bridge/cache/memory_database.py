"""The connection to `.assetbridge/state.db`. A database that cannot be read is set aside and begun anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from bridge.cache.migrations import migrate
from bridge.core.disk_errors import RefusedPathError, describe_failure
from bridge.core.errors import UserError, Where, WorkFailed
from bridge.core.paths import GODOT_IGNORE_FILE, STATE_FILE
from bridge.core.project_database import BROKEN, ProjectDatabase
from bridge.core.root_folder import RootFolder
from bridge.core.sqlite import PATIENCE, is_busy

Parsed = TypeVar("Parsed")
# A damaged page may make SQLite say names that are no text.
_DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)
# What reading a row may raise that holds something else than was written.
ROW_ERRORS = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


class MemoryDatabase:
    """One connection, for one thread. Opening is cheap.

    Raises:
        WorkFailed: `unsafe_path`: a link or no regular file is in the place of the database.
        UserError: `settings_unsafe`: what the user keeps of this machine cannot be believed.
    """

    def __init__(self, root: Path) -> None:
        self._folder = RootFolder(root, make=False)
        self._file = ProjectDatabase(root, STATE_FILE)
        self._database = self._open_database()

    def _open_database(self) -> sqlite3.Connection:
        try:
            if not self._folder.exists(GODOT_IGNORE_FILE):
                self._folder.create_new(GODOT_IGNORE_FILE, b"")
            return self._connect()
        except RefusedPathError as error:
            raise describe_failure(error, STATE_FILE) from error
        except (IsADirectoryError, *_DAMAGE) as error:
            is_readable = not isinstance(error, IsADirectoryError) and is_busy(error)
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
        except (OSError, UserError, *_DAMAGE):
            return _remember_nothing()

    def _connect(self) -> sqlite3.Connection:
        database = self._file.connect(timeout=PATIENCE)
        try:
            database.execute("PRAGMA synchronous=NORMAL")
            return migrate(database)
        except _DAMAGE:
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
        except UnicodeDecodeError as error:
            raise self._set_aside_damaged() from error
        except sqlite3.DatabaseError as error:
            if any(words in str(error) for words in ("malformed", "not a database", "no such table", "corrupt")):
                raise self._set_aside_damaged() from error
            full = "full" in str(error)
            raise WorkFailed(
                "disk_full" if full else "output_unwritable",
                f"the project's state cannot be saved: {error}",
                hint="Free some space and run the same command again." if full else "Make .assetbridge writable.",
                where=Where(STATE_FILE),
            ) from error

    def _set_aside_damaged(self) -> WorkFailed:
        self.set_aside()
        return WorkFailed(
            "output_unwritable",
            "the project's state was damaged, and is begun anew",
            hint="Run the same command again; it costs time, never money.",
            where=Where(".assetbridge/state.db"),
        )

    def fetch_rows(self, query: str, *values: str) -> list[Any]:
        """The answer to a query. Damage shows only when the damaged page is read: memory is begun anew then."""
        try:
            return self._database.execute(query, values).fetchall()
        except (*_DAMAGE, OverflowError) as error:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = _remember_nothing() if is_busy(error) else self._begin_anew()
            return self._database.execute(query, values).fetchall()

    def parse_rows(self, parse: Callable[[Any], Parsed], query: str, *values: str) -> list[Parsed]:
        """What the rows of a query say; nothing where one holds what is never written there: memory is begun anew."""
        rows = self.fetch_rows(query, *values)
        try:
            return [parse(row) for row in rows]
        except ROW_ERRORS:
            self.set_aside()
            return []

    def set_aside(self) -> None:
        """Begins memory anew: what is in it cannot be believed."""
        with suppress(sqlite3.Error):
            self._database.close()
        self._database = self._begin_anew()


def _remember_nothing() -> sqlite3.Connection:
    """A database for this process alone: nothing can be kept, which costs time."""
    return migrate(sqlite3.connect(":memory:"))
