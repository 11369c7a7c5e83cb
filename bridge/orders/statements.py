"""What providers booked, beside what the ledger says: evidence for people, asked and never written down.

A provider that publishes a statement is compared over a range of UTC days. Of one that tells its balance only, the fall
of the balance since it was last heard of is compared with what the ledger has entered since then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bridge.core.clock import Clock, SystemClock, day_of
from bridge.orders.balances import ask_provider
from bridge.orders.ledger import sum_entries
from bridge.orders.model import LedgerEntry, format_amount
from bridge.providers.paid import Balance, Billing, FreeCalls, PaidProvider, Statement

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.orders.journal import Journal

_HERE = ("charged", "estimated", "possible", "refunded", "unknown", "orders")
DAYS = 30
"""Length of the range that is compared where none is named."""


@dataclass(frozen=True, slots=True)
class StatementComparison:
    """One unit at one provider. here: a row of `sum_entries`. there: what the provider charged less what it gave back.

    first, last: UTC days, both included. note: why there is nothing to compare, or what is compared. answered: whether
    the provider could be asked at all.
    """

    provider: str
    unit: str
    first: str
    last: str
    here: dict[str, Any]
    there: Decimal | None = None
    statement: Statement | None = None
    balance: Decimal | None = None
    note: str = ""
    answered: bool = True

    @property
    def difference(self) -> Decimal | None:
        """How much more was charged there than is entered here."""
        return None if self.there is None else self.there - _sum_paid(self.here)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form of a row of `spend --remote --json`."""
        said = self.statement
        return {
            "provider": self.provider,
            "unit": self.unit,
            "from": self.first,
            "to": self.last,
            "here": {name: self.here[name] for name in _HERE},
            "there": _text(self.there),
            "statement": said
            and {
                "used": format_amount(said.used),
                "refunded": format_amount(said.refunded),
                "added": format_amount(said.added),
                "orders": said.orders,
            },
            "balance": _text(self.balance),
            "difference": _text(self.difference),
            "note": self.note,
        }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else format_amount(amount)


def compare_statements(
    config: Config, names: Iterable[str], journal: Journal | None, *, first: str = "", last: str = ""
) -> list[StatementComparison]:
    """The providers' books beside ours, asked at the same time, each for a few seconds at most.

    first, last: UTC days, empty for the thirty days that end today.
    """
    clock = journal.clock if journal is not None else SystemClock()
    last = last or day_of(clock.now())
    first = first or (date.fromisoformat(last) - timedelta(days=DAYS - 1)).isoformat()
    return asyncio.run(_compare_all(config, list(names), journal, clock, (first, last)))


async def _compare_all(
    config: Config, names: list[str], journal: Journal | None, clock: Clock, days: tuple[str, str]
) -> list[StatementComparison]:
    rows = await asyncio.gather(*(_compare_one(config, name, journal, clock, days) for name in names))
    return [row for compared in rows for row in compared]


async def _compare_one(
    config: Config, name: str, journal: Journal | None, clock: Clock, days: tuple[str, str]
) -> list[StatementComparison]:
    async def ask(provider: PaidProvider, line: FreeCalls) -> tuple[Statement | None, Balance]:
        statement = await provider.statement(line, *days) if isinstance(provider, Billing) else None
        return statement, await provider.balance(line)

    asked = await ask_provider(config, name, clock, ask, journal)
    if asked.said is None or asked.reached is None:
        return _without_statement(name, journal, days, asked.note, answered=False)
    statement, balance = asked.said
    if statement is not None:
        here = _sum_of_days(journal, name, statement.unit, statement.first, statement.last)
        there = statement.used - statement.refunded
        left = balance.amounts.get(statement.unit)
        return [
            StatementComparison(name, statement.unit, statement.first, statement.last, here, there, statement, left)
        ]
    return _by_balance(name, journal, asked.reached.key.fingerprint, balance, days)


def _without_statement(
    name: str, journal: Journal | None, days: tuple[str, str], note: str, *, answered: bool
) -> list[StatementComparison]:
    entries = _list_entries(journal, name, *days)
    units = sorted({entry.unit for entry in entries}) or [""]
    return [
        StatementComparison(name, unit, *days, _sum_of_days(journal, name, unit, *days), note=note, answered=answered)
        for unit in units
    ]


def _by_balance(
    name: str, journal: Journal | None, account: str, balance: Balance, days: tuple[str, str]
) -> list[StatementComparison]:
    """What a balance fell by since it was heard of. Credits that were bought meanwhile make it rise."""
    known = journal.accounts.load_balance(name, account) if journal is not None else None
    rows = []
    for unit, left in sorted(balance.amounts.items()):
        before = Decimal(known[0][unit]) if known is not None and unit in known[0] else None
        if known is None or before is None:
            here = _sum_of_days(journal, name, unit, *days)
            note = "it tells its balance only, and none is known from before"
            rows.append(StatementComparison(name, unit, *days, here, balance=left, note=note))
            continue
        since, today = known[1], days[1]
        entries = [entry for entry in _list_entries(journal, name) if entry.unit == unit and entry.at >= since]
        here = _sum_or_zero(name, unit, entries)
        note = f"it tells its balance only: it was {format_amount(before)} when it was last asked"
        rows.append(StatementComparison(name, unit, day_of(since), today, here, before - left, balance=left, note=note))
    if rows:
        return rows
    if known is None:
        note = "it does not say what it charged, nor what is left"
        return _without_statement(name, journal, days, note, answered=True)
    note = f"it tells what is left with each order only; this is as of {day_of(known[1])}"
    return [
        StatementComparison(
            name, unit, *days, _sum_of_days(journal, name, unit, *days), balance=Decimal(left), note=note
        )
        for unit, left in sorted(known[0].items())
    ]


def _list_entries(journal: Journal | None, name: str, first: str = "", last: str = "9999") -> list[LedgerEntry]:
    compared = journal.ledger.list_entries(first=first, last=last) if journal is not None else []
    return [entry for entry in compared if entry.provider == name]


def _sum_of_days(journal: Journal | None, name: str, unit: str, first: str, last: str) -> dict[str, Any]:
    return _sum_or_zero(
        name, unit, [entry for entry in _list_entries(journal, name, first, last) if entry.unit == unit]
    )


def _sum_or_zero(name: str, unit: str, entries: list[LedgerEntry]) -> dict[str, Any]:
    rows = sum_entries(entries, "provider")
    nothing = {"name": name, "unit": unit, **dict.fromkeys(_HERE[:4], "0"), "unknown": 0, "orders": 0}
    return rows[0] if rows else nothing


def _sum_paid(here: dict[str, Any]) -> Decimal:
    """What the ledger says was charged less what it says was given back."""
    return Decimal(here["charged"]) - Decimal(here["refunded"])
