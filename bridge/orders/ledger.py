"""What the journal has to say to people: orders on their way, and what was spent."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bridge.orders.model import LIVE, Job, JobState, LedgerEntry, format_amount

if TYPE_CHECKING:
    from bridge.orders.journal import Journal


def list_orders(journal: Journal | None, *, everything: bool) -> list[Job]:
    """Orders on their way or not in the engines' files yet; with `everything` also those that have ended."""
    if journal is None:
        return []
    return journal.jobs.list_all() if everything else journal.jobs.list_in((*LIVE, JobState.STORED, JobState.DAMAGED))


def sum_entries(entries: Iterable[LedgerEntry], by: str) -> list[dict[str, Any]]:
    """Ledger rows summed per name and unit: charged, of that by estimate, and what may have been charged besides."""
    sums: dict[tuple[str, str], list[Any]] = {}
    for entry in entries:
        row = sums.setdefault((getattr(entry, by), entry.unit), [Decimal(0), Decimal(0), Decimal(0), 0])
        if entry.kind == "possible":
            row[2] += entry.amount
        else:
            row[0] += entry.amount
            row[1] += Decimal(0) if entry.reported else entry.amount
            row[3] += 1
    return [
        {
            "name": name,
            "unit": unit,
            "amount": format_amount(row[0]),
            "estimated": format_amount(row[1]),
            "possible": format_amount(row[2]),
            "orders": row[3],
        }
        for (name, unit), row in sorted(sums.items())
    ]
