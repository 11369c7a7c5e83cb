"""What the project's two SQLite databases have in common: state.db and journal.db are opened by several processes."""

from __future__ import annotations

import sqlite3
import time

# How long a database that somebody else is changing is waited for, seconds.
PATIENCE = 10.0
_PAUSE = 0.005


def is_busy(error: Exception) -> bool:
    """Whether another process holds the file: it is not damaged, and must stay where it is."""
    return "locked" in str(error)


def use_wal(database: sqlite3.Connection) -> None:
    """Turns the write-ahead log on.

    Two that open a new database at once stand in each other's way, and SQLite refuses both at once instead of waiting:
    the "busy handler" section of its C interface says that it does so where waiting could be a deadlock.

    Raises:
        sqlite3.OperationalError: it was held for longer than `PATIENCE`.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            database.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
