"""`assetbridge spend`: what was spent, from the journal's ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from bridge.core.errors import UserError

if TYPE_CHECKING:
    from bridge.orders.model import LedgerEntry
    from bridge.project import Project


def check_days(first: str, last: str) -> None:
    """Refuses days that are none, and a first one after the last; empty is no limit.

    Raises:
        UserError: `usage`.
    """
    for name, value in (("--from", first), ("--to", last)):
        try:
            is_day = not value or date.fromisoformat(value).isoformat() == value
        except ValueError:
            is_day = False
        if not is_day:
            raise UserError("usage", f"{name} {value} is not a day", hint=f"For example {name} 2026-03-01")
    if first and last and first > last:
        raise UserError("usage", f"{first} is after {last}", hint="Exchange --from and --to.")


def list_entries(project: Project, first: str, last: str) -> Sequence[LedgerEntry]:
    """The ledger between two UTC days, both of them included."""
    journal = project.journal
    return journal.ledger.list_entries(first=first, last=last or "9999") if journal else []


def entry_as_dict(entry: LedgerEntry) -> dict[str, Any]:
    """An entry of the ledger in `spend --json -v`."""
    return {
        "at": entry.at,
        "day": entry.day,
        "job": entry.job,
        "provider": entry.provider,
        "asset": entry.asset,
        "step": entry.step,
        "kind": entry.kind,
        "unit": entry.unit,
        "amount": str(entry.amount),
        "reported": entry.reported,
    }
