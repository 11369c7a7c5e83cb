"""What is remembered of an account at a provider: its rate limit, and the balance last heard of."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bridge.orders.tables.database import JournalDatabase


class AccountTable:
    """One row an account, which is named by the provider and the fingerprint of its key."""

    def __init__(self, database: JournalDatabase) -> None:
        self._database = database

    def load_rate_limit(self, provider: str, account: str) -> tuple[float, list[float]]:
        """(not before, times of the last minute's requests) of an account."""
        rows = self._database.read_rows(
            "SELECT not_before, recent FROM pace WHERE provider = ? AND account = ?", provider, account
        )
        return (rows[0][0], json.loads(rows[0][1])) if rows else (0.0, [])

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
        return (json.loads(rows[0][0]), rows[0][1]) if rows and rows[0][1] is not None else None

    def save_balance(self, provider: str, account: str, amounts: Mapping[str, str]) -> None:
        """Remembers a balance: evidence beside an uncertain job, never proof."""
        with self._database.begin_write() as connection:
            connection.execute(
                "INSERT INTO pace (provider, account, balance, balance_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (provider, account) DO UPDATE SET balance = excluded.balance, "
                "balance_at = excluded.balance_at",
                (provider, account, json.dumps(dict(amounts)), self._database.clock.now()),
            )
