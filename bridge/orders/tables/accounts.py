"""What is remembered of an account at a provider: its rate limit, and the balance last heard of."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from bridge.orders.tables.database import JournalDatabase, read_amount

LONGEST_HOLD = 3600.0
"""Nothing asks for a longer wait: a clock that was set back must not stop all work."""
_PACE = "SELECT not_before, recent FROM pace WHERE provider = ? AND account = ?"


class RequestWindow(NamedTuple):
    """How many requests (`most`, None for no limit) may go out in the last `seconds` before `now`."""

    now: float
    seconds: float
    most: int | None

    def find_wait(self, not_before: float, recent: list[float]) -> float:
        """Seconds until one more may go out. recent: when those before it did, inside the window."""
        wait = not_before - self.now
        if self.most is not None and len(recent) >= self.most:
            wait = max(wait, recent[-self.most] + self.seconds - self.now)
        return wait


def _save_pace(connection: sqlite3.Connection, who: tuple[str, str], not_before: float, recent: list[float]) -> None:
    connection.execute(
        "INSERT INTO pace (provider, account, not_before, recent) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (provider, account) DO UPDATE SET not_before = excluded.not_before, recent = excluded.recent",
        (*who, not_before, json.dumps(recent)),
    )


class AccountTable:
    """One row an account, which is named by the provider and the fingerprint of its key."""

    def __init__(self, database: JournalDatabase) -> None:
        self._database = database

    def take_turn(self, provider: str, account: str, window: RequestWindow) -> float:
        """Counts a request that goes out now, and returns 0; else the seconds that it has to wait.

        It is one transaction, so that two processes do not take the same turn, and a restart runs into no limit that
        was known.
        """
        if window.most is None:
            return self.find_wait(provider, account, window)
        with self._database.begin_write() as connection:
            not_before, recent = self._read_window(connection.execute(_PACE, (provider, account)), window)
            wait = window.find_wait(not_before, recent)
            if wait <= 0:
                _save_pace(connection, (provider, account), not_before, [*recent, window.now])
        return max(0.0, wait)

    def find_wait(self, provider: str, account: str, window: RequestWindow) -> float:
        """The seconds that a request would have to wait now."""
        rows = self._database.read_rows(_PACE, provider, account)
        return max(0.0, window.find_wait(*self._read_window(rows, window)))

    def _read_window(self, rows: Iterable[Any], window: RequestWindow) -> tuple[float, list[float]]:
        for not_before, recent in self._database.parse_rows(_read_pace, rows):
            inside = [moment for moment in recent if window.now - window.seconds < moment <= window.now]
            return min(not_before, window.now + LONGEST_HOLD), inside
        return 0.0, []

    def hold_until(self, provider: str, account: str, moment: float) -> None:
        """Nothing goes out before a moment: the provider asked for it."""
        with self._database.begin_write() as connection:
            rows = connection.execute(_PACE, (provider, account))
            not_before, recent = next(iter(self._database.parse_rows(_read_pace, rows)), (0.0, []))
            _save_pace(connection, (provider, account), max(not_before, moment), recent)

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
