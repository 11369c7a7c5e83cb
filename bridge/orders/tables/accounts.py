"""What is remembered of an account at a provider: its rate limit, and the balance last heard of."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from bridge.orders.tables.database import JournalDatabase, read_amount


class AccountTable:
    """One row an account, which is named by the provider and the fingerprint of its key."""

    def __init__(self, database: JournalDatabase) -> None:
        self._database = database

    def load_rate_limit(self, provider: str, account: str) -> tuple[float, list[float]]:
        """(not before, times of the last minute's requests) of an account."""
        rows = self._database.read_rows(
            "SELECT not_before, recent FROM pace WHERE provider = ? AND account = ?", provider, account
        )
        pace = self._database.parse_rows(_read_pace, rows)
        return pace[0] if pace else (0.0, [])

    def save_rate_limit(self, provider: str, account: str, not_before: float, recent: list[float]) -> None:
        """Keeps them, so that a restart does not run into a limit that was known."""
        with self._database.begin_write() as connection:
            connection.execute(
                "INSERT INTO pace (provider, account, not_before, recent) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (provider, account) DO UPDATE SET not_before = excluded.not_before, "
                "recent = excluded.recent",
                (provider, account, not_before, json.dumps(recent)),
            )

    def load_balance(self, provider: str, account: str) -> tuple[dict[str, str], float] | None:
        """The balance last heard of, and when."""
        rows = self._database.read_rows(
            "SELECT balance, balance_at FROM pace WHERE provider = ? AND account = ?", provider, account
        )
        known = [row for row in rows if row[1] is not None]
        balances = self._database.parse_rows(_read_balance, known)
        return balances[0] if balances else None

    def save_balance(self, provider: str, account: str, amounts: Mapping[str, str]) -> None:
        """Remembers a balance: evidence beside an uncertain job, never proof."""
        with self._database.begin_write() as connection:
            connection.execute(
                "INSERT INTO pace (provider, account, balance, balance_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (provider, account) DO UPDATE SET balance = excluded.balance, "
                "balance_at = excluded.balance_at",
                (provider, account, json.dumps(dict(amounts)), self._database.clock.now()),
            )


def _read_pace(row: Any) -> tuple[float, list[float]]:
    recent = [float(time) for time in json.loads(row[1])]
    times = [float(row[0]), *recent]
    if not all(map(math.isfinite, times)):
        raise ValueError("a time is no number")
    return times[0], recent


def _read_balance(row: Any) -> tuple[dict[str, str], float]:
    amounts = {str(unit): str(amount) for unit, amount in dict(json.loads(row[0])).items()}
    for amount in amounts.values():
        read_amount(amount)
    return amounts, float(row[1])
