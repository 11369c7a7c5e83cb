"""What orders were charged, may have been charged, and got back: changes of three columns, never changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from bridge.core.clock import day_of
from bridge.orders.model import Job, LedgerChange, LedgerEntry
from bridge.orders.tables.database import JournalDatabase, Number, read_amount, require_types


class Spent(NamedTuple):
    """What counts against a day's budget: what was charged and what may have been. unknown: orders that cost something
    of which nobody knows how much."""

    amount: Decimal
    unknown: int


class SpentElsewhere(NamedTuple):
    """What the books of a day say of other machines. fingerprints: of all orders that the books count."""

    spent: Spent = Spent(Decimal(0), 0)
    fingerprints: frozenset[str] = frozenset()


class LedgerTable:
    """Changes of all orders, oldest first."""

    def __init__(self, database: JournalDatabase) -> None:
        self._database = database

    def insert_row(self, connection: sqlite3.Connection, job: Job, change: LedgerChange, day: str = "") -> None:
        """Enters a change inside a transaction that has begun. day: that it counts for; empty for today."""
        now = self._database.clock.now()
        connection.execute(
            "INSERT INTO ledger (at, day, job, provider, account, asset, step, unit, charged, possible, refunded, "
            "unknown, reported) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                now,
                day or day_of(now),
                job.id,
                job.provider,
                job.account,
                job.asset,
                job.step.key,
                change.unit,
                str(change.charged),
                str(change.possible),
                str(change.refunded),
                change.unknown,
                int(change.reported),
            ),
        )

    def last_number(self) -> int:
        """The number of the last row, 0 for an empty ledger."""
        return int(self._database.read_rows("SELECT coalesce(max(seq), 0) FROM ledger")[0][0])

    def list_entries(self, *, first: str = "", last: str = "9999", after: int = 0) -> list[LedgerEntry]:
        """Rows of the UTC days `first` to `last` (`2026-03-01`) behind row `after`, oldest first."""
        rows = self._database.read_rows(
            f"SELECT {_COLUMNS} FROM ledger WHERE day >= ? AND day <= ? AND seq > ? ORDER BY seq", first, last, after
        )
        return self._database.parse_rows(_read_entry, rows)

    def list_of_job(self, job: int) -> list[LedgerEntry]:
        """The rows of one order, oldest first."""
        rows = self._database.read_rows(f"SELECT {_COLUMNS} FROM ledger WHERE job = ? ORDER BY seq", job)
        return self._database.parse_rows(_read_entry, rows)

    def sum_spent(self, provider: str, unit: str, day: str) -> Spent:
        """What was charged or may have been on a UTC day. What was given back does not make room again."""
        rows = self._database.read_rows(
            "SELECT charged, possible, unknown FROM ledger WHERE provider = ? AND unit = ? AND day = ?",
            provider,
            unit,
            day,
        )
        sums = self._database.parse_rows(_read_sum, rows)
        return Spent(sum((spent.amount for spent in sums), Decimal(0)), sum(spent.unknown for spent in sums))


_COLUMNS = "at, day, job, provider, account, asset, step, unit, charged, possible, refunded, unknown, reported"


def _read_entry(row: Sequence[Any]) -> LedgerEntry:
    require_types(row, (Number, str, int, *[str] * 8, int, int))
    at, day, job, provider, account, asset, step, unit, charged, possible, refunded, unknown, reported = row
    amounts = (read_amount(charged), read_amount(possible), read_amount(refunded))
    change = LedgerChange(unit, *amounts, unknown, bool(reported))
    return LedgerEntry(at, day, job, provider, account, asset, step, change)


def _read_sum(row: Sequence[Any]) -> Spent:
    require_types(row, (str, str, int))
    charged, possible, unknown = row
    return Spent(read_amount(charged) + read_amount(possible), unknown)
