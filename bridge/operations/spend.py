"""`assetbridge spend`: what was spent, from the journal's ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from bridge.core.errors import BridgeError, UserError
from bridge.core.git_programs import read_user_name
from bridge.operations.plan import make_plan, note_unasked
from bridge.operations.team_store import TeamEntries, list_team_entries
from bridge.orders.ledger import sum_by_unit, sum_entries, sum_named
from bridge.orders.model import JobState, format_amount
from bridge.orders.open_decisions import list_open_decisions
from bridge.orders.team_spending import TeamSpending

if TYPE_CHECKING:
    from bridge.orders.model import LedgerEntry
    from bridge.orders.open_decisions import OpenDecision
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


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent. rows: added up by `by`; sums: per currency; decisions: orders that only a person can decide
    about; errors: receipts of others that cannot be read, and count for nothing.
    """

    by: str
    entries: Sequence[LedgerEntry]
    rows: Sequence[Mapping[str, Any]]
    sums: Sequence[Mapping[str, Any]]
    decisions: Sequence[OpenDecision]
    errors: Sequence[BridgeError] = ()

    def as_dict(self) -> dict[str, Any]:
        """The document of `spend --json`, without single entries."""
        decide = [decision.as_dict() for decision in self.decisions]
        return {"by": self.by, "rows": list(self.rows), "sums": list(self.sums), "decide": decide}


def describe_team_spending(project: Project, by: str, first: str = "", last: str = "") -> Spending:
    """What was spent by everybody, added up by one of `TEAM_GROUPS`: of others as far as the books of the team's store
    tell, and what receipts here say besides; without such a store, or a connection to it, by receipts alone.
    """
    own = [(entry, read_user_name(project.root)) for entry in list_entries(project, first, last)]
    team = TeamSpending(project.store.receipts, project.journal)
    errors: list[BridgeError] = [*team.errors]
    booked = TeamEntries()
    if project.shared is not None:
        try:
            booked = list_team_entries(project, first, last or "9999")
        except BridgeError as error:
            errors.append(error)
    named = [*own, *booked.entries, *team.list_entries(first, last or "9999", booked.fingerprints)]
    entries = [entry for entry, _ in named]
    decisions = _list_decisions(project)
    rows = sum_named(named) if by == "person" else sum_entries(entries, by)
    return Spending(by, entries, rows, sum_by_unit(entries), decisions, errors)


def describe_spending(project: Project, by: str, first: str = "", last: str = "") -> Spending:
    """What was spent between two UTC days, both of them included (empty: no limit), added up by one of `GROUPS`."""
    entries = list_entries(project, first, last)
    return Spending(by, entries, sum_entries(entries, by), sum_by_unit(entries), _list_decisions(project))


def _list_decisions(project: Project) -> list[OpenDecision]:
    decisions = list_open_decisions(project.journal)
    if any(decision.job.state in (JobState.UNCERTAIN, JobState.DAMAGED) for decision in decisions):
        _, plan = make_plan(project)
        return [note_unasked(plan, decision) for decision in decisions]
    return decisions


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
        "unit": entry.unit,
        "charged": format_amount(entry.change.charged),
        "possible": format_amount(entry.change.possible),
        "refunded": format_amount(entry.change.refunded),
        "unknown": entry.change.unknown,
        "reported": entry.change.reported,
    }
