"""The append-only log of what happened to jobs: the cursor of all listeners."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.orders.model import OrderEvent
from bridge.orders.tables.database import JournalDatabase, Number, require_types


class EventTable:
    """Events, in the order they happened."""

    def __init__(self, database: JournalDatabase) -> None:
        self._database = database

    def append(self, kind: str, asset: str, data: Mapping[str, Any], *, job: int | None = None) -> None:
        """Appends an event that moves no job."""
        with self._database.begin_write() as connection:
            self.insert_row(connection, kind, asset, job, data)

    def insert_row(
        self, connection: sqlite3.Connection, kind: str, asset: str, job: int | None, data: Mapping[str, Any]
    ) -> None:
        """Appends an event inside a transaction that has begun."""
        connection.execute(
            "INSERT INTO event (at, type, asset, job, data) VALUES (?, ?, ?, ?, ?)",
            (self._database.clock.now(), kind, asset, job, json.dumps(dict(data))),
        )

    def list_after(self, cursor: int = 0, *, limit: int = 1000) -> list[OrderEvent]:
        """Events behind a cursor, oldest first."""
        rows = self._database.read_rows(
            "SELECT seq, at, type, asset, job, data FROM event WHERE seq > ? ORDER BY seq LIMIT ?", cursor, limit
        )
        return self._database.parse_rows(_read_event, rows)


def _read_event(row: Sequence[Any]) -> OrderEvent:
    require_types(row, (int, Number, str, str, (int, type(None)), str))
    return OrderEvent(row[0], row[1], row[2], row[3], row[4], dict(json.loads(row[5])))
