"""What was charged, or may have been: one row each, never changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from bridge.core.clock import day_of
from bridge.orders.model import Job, LedgerEntry
from bridge.orders.tables.database import JournalDatabase, Number, read_amount, require_types
from bridge.providers.paid import Charge


class LedgerTable:
    """Charges of all jobs, oldest first."""

    def __init__(self, database: JournalDatabase) -> None:
        self._database = database

    def insert_row(
        self, connection: sqlite3.Connection, job: Job, kind: str, charge: Charge, *, reported: bool
    ) -> None:
        """Enters a charge inside a transaction that has begun. reported: the provider said so, it is no estimate."""
        now = self._database.clock.now()
        connection.execute(
            "INSERT INTO ledger (at, day, job, provider, account, asset, step, kind, unit, amount, reported) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                now,
                day_of(now),
                job.id,
                job.provider,
                job.account,
                job.asset,
                job.step.key,
                kind,
                charge.unit,
                str(charge.amount),
                int(reported),
            ),
        )

    def last_number(self) -> int:
        """The number of the last row, 0 for an empty ledger."""
        return int(self._database.read_rows("SELECT coalesce(max(seq), 0) FROM ledger")[0][0])

    def list_entries(self, *, first: str = "", last: str = "9999", after: int = 0) -> list[LedgerEntry]:
        """Rows of the UTC days `first` to `last` (`2026-03-01`) behind row `after`, oldest first."""
        rows = self._database.read_rows(
            "SELECT at, day, job, provider, account, asset, step, kind, unit, amount, reported FROM ledger "
            "WHERE day >= ? AND day <= ? AND seq > ? ORDER BY seq",
            first,
            last,
            after,
        )
        return self._database.parse_rows(_read_entry, rows)

    def sum_spent(self, provider: str, unit: str, day: str) -> Decimal:
        """What was charged, or may have been, on a UTC day."""
        rows = self._database.read_rows(
            "SELECT amount FROM ledger WHERE provider = ? AND unit = ? AND day = ?", provider, unit, day
        )
        return sum(self._database.parse_rows(lambda row: read_amount(row[0]), rows), Decimal(0))


def _read_entry(row: Sequence[Any]) -> LedgerEntry:
    require_types(row, (Number, str, int, *[str] * 7, int))
    names = [field.name for field in fields(LedgerEntry)]
    return LedgerEntry(
        **{**dict(zip(names, row, strict=True)), "amount": read_amount(row[9]), "reported": bool(row[10])}
    )
