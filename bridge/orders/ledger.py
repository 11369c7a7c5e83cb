"""What the journal has to say to people: orders on their way, and what was spent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bridge.orders.budget import COMMON_UNITS
from bridge.orders.model import LIVE, Job, JobState, LedgerEntry, format_amount

if TYPE_CHECKING:
    from bridge.orders.journal import Journal

GROUPS: Mapping[str, Callable[[LedgerEntry], str]] = {
    "provider": lambda entry: entry.provider,
    "asset": lambda entry: entry.asset,
    "day": lambda entry: entry.day,
    "order": lambda entry: f"{entry.job} {entry.asset}: {entry.step}",
}
"""What rows of spending can be added up by."""


def list_orders(journal: Journal | None, *, everything: bool) -> list[Job]:
    """Orders on their way or not in the engines' files yet; with `everything` also those that have ended."""
    if journal is None:
        return []
    return journal.jobs.list_all() if everything else journal.jobs.list_in((*LIVE, JobState.STORED, JobState.DAMAGED))


@dataclass(slots=True)
class _Sum:
    """The three columns of some orders, in one currency."""

    charged: Decimal = Decimal(0)
    estimated: Decimal = Decimal(0)
    possible: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    unknown: int = 0

    def add(self, entry: LedgerEntry) -> None:
        change = entry.change
        self.charged += change.charged
        self.estimated += Decimal(0) if change.reported else change.charged
        self.possible += change.possible
        self.refunded += change.refunded
        self.unknown += change.unknown

    def as_dict(self, orders: int) -> dict[str, Any]:
        return {
            "charged": format_amount(self.charged),
            "estimated": format_amount(self.estimated),
            "possible": format_amount(self.possible),
            "refunded": format_amount(self.refunded),
            "unknown": self.unknown,
            "orders": orders,
        }


def sum_entries(entries: Iterable[LedgerEntry], by: str) -> list[dict[str, Any]]:
    """Ledger rows added up by one of `GROUPS`, per provider and unit: charged, of that by the published price, what may
    have been charged besides, what was given back, and how many orders cost something that nobody knows.
    """
    name_of = GROUPS[by]
    keyed = [((name_of(entry), entry.provider, entry.unit), entry) for entry in entries]
    rows = _add_up(keyed)
    if by == "order":
        rows.sort(key=lambda row: (int(row[0][0].partition(" ")[0]), row[0]))
    return [{"name": name, "provider": provider, "unit": unit, **sums} for (name, provider, unit), sums in rows]


def sum_named(named: Iterable[tuple[LedgerEntry, str]]) -> list[dict[str, Any]]:
    """Ledger rows, each with who ordered it, added up by person, provider and unit."""
    keyed = [((person or "unknown", entry.provider, entry.unit), entry) for entry, person in named]
    return [
        {"name": name, "provider": provider, "unit": unit, **sums} for (name, provider, unit), sums in _add_up(keyed)
    ]


def sum_by_unit(entries: Iterable[LedgerEntry]) -> list[dict[str, Any]]:
    """What was spent per currency: dollars of all providers together, other units of each provider by itself."""
    keyed = [(("" if entry.unit in COMMON_UNITS else entry.provider, entry.unit), entry) for entry in entries]
    return [{"unit": unit, "provider": provider or None, **sums} for (provider, unit), sums in _add_up(keyed)]


def _add_up(keyed: Iterable[tuple[Any, LedgerEntry]]) -> list[tuple[Any, dict[str, Any]]]:
    sums: dict[Any, _Sum] = {}
    orders: dict[Any, set[object]] = {}
    for key, entry in keyed:
        sums.setdefault(key, _Sum()).add(entry)
        # Orders of others have no number here; they are told apart by what they were for.
        orders.setdefault(key, set()).add(entry.job or (entry.at, entry.asset, entry.step))
    return [(key, sums[key].as_dict(len(orders[key]))) for key in sorted(sums)]
