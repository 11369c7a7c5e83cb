"""Where delivered pictures can still be seen. Such links may be signed and stand nowhere else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from bridge.orders.model import Job, KeptUrl
from bridge.orders.tables.database import JournalDatabase, OptionalNumber, require_types


class KeptUrlTable:
    """Addresses by the content of what is behind them."""

    def __init__(self, database: JournalDatabase) -> None:
        self._database = database

    def insert_rows(self, connection: sqlite3.Connection, job: Job, kept_urls: Iterable[KeptUrl]) -> None:
        """Keeps the addresses of a job's result inside a transaction that has begun, and drops those that ended."""
        connection.executemany(
            "INSERT INTO address (pixels, provider, url, expires, job) VALUES (?, ?, ?, ?, ?)",
            [(kept.pixels, job.provider, kept.url, kept.expires, job.id) for kept in kept_urls],
        )
        connection.execute("DELETE FROM address WHERE expires < ?", (self._database.clock.now(),))

    def list_for(self, pixels: str) -> list[KeptUrl]:
        """Where pictures of this content (`bridge.media.images.pixel_hash`) were delivered; the newest first."""
        rows = self._database.read_rows(
            "SELECT pixels, url, expires, provider FROM address WHERE pixels = ? ORDER BY rowid DESC", pixels
        )
        return self._database.parse_rows(_read_url, rows)

    def forget(self, url: str) -> None:
        """There is nothing behind it any more."""
        with self._database.begin_write() as connection:
            connection.execute("DELETE FROM address WHERE url = ?", (url,))


def _read_url(row: Sequence[Any]) -> KeptUrl:
    require_types(row, (str, str, OptionalNumber, str))
    return KeptUrl(*row)
