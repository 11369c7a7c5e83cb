"""What a move of an order means for its money: by how much the ledger's three columns change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from bridge.orders.model import Job, JobState, LedgerChange
from bridge.providers.paid import NEVER_SENT, Charge, Ending, Kept

if TYPE_CHECKING:
    from bridge.orders.model import LedgerEntry

_DELIVERED = frozenset({JobState.STORED, JobState.EXPORTED, JobState.DAMAGED})
_ENDINGS = {JobState.REJECTED: Ending.REFUSED, JobState.FAILED: Ending.FAILED, JobState.EXPIRED: Ending.MISSING}
_COSTLESS = NEVER_SENT | {Ending.REFUSED}


def find_ending(job: Job, to: JobState) -> Ending | None:
    """How an order ends by a move, where nobody says it more exactly; None where it does not, or brought something."""
    if to is not JobState.CANCELLED:
        return _ENDINGS.get(to)
    if job.state in (JobState.PLANNED, JobState.APPROVED):
        return Ending.UNSENT
    return Ending.ABANDONED if job.state in (JobState.UNCERTAIN, JobState.DAMAGED) else Ending.LEFT


def list_changes(job: Job, to: JobState, ending: Ending | None, charge: Charge | None) -> Iterator[LedgerChange]:
    """What to enter when a job moves. charge: what the provider says now that it cost in all; None if nothing."""
    if charge is not None:
        yield from _list_reported(job.charge, charge)
        return
    if to in _DELIVERED and job.state not in _DELIVERED and job.charge is None:
        # Nobody said what it cost: the published price is the best there is, and is marked as such.
        yield from _list_estimated(job, Kept.YES)
    elif ending is not None and ending not in _COSTLESS and job.state not in _DELIVERED:
        kept = job.keeps.get(ending, Kept.UNKNOWN)
        if job.charge is None:
            yield from _list_estimated(job, kept)
        elif kept is Kept.NO and job.charge.amount:
            yield LedgerChange(job.charge.unit, refunded=job.charge.amount)


def _list_reported(before: Charge | None, now: Charge) -> Iterator[LedgerChange]:
    if before is None or before.unit != now.unit:
        yield LedgerChange(now.unit, charged=now.amount, reported=True)
    elif now.amount > before.amount:
        yield LedgerChange(now.unit, charged=now.amount - before.amount, reported=True)
    elif now.amount < before.amount:
        yield LedgerChange(now.unit, refunded=before.amount - now.amount, reported=True)


def _list_estimated(job: Job, kept: Kept) -> Iterator[LedgerChange]:
    unit, amount = job.estimate.unit, job.estimate.amount
    if not unit or kept is Kept.NO:
        return
    if amount is None:
        yield LedgerChange(unit, unknown=1)
    elif kept is Kept.YES:
        yield LedgerChange(unit, charged=amount)
    elif amount:
        yield LedgerChange(unit, possible=amount)


def list_corrections(entries: Iterable[LedgerEntry], said: LedgerChange) -> Iterator[tuple[str, LedgerChange]]:
    """What to enter, and for which day, so that the columns of one order are what a person says that they are.

    entries: those of the order so far. said: the columns as they have to be, in the unit that was charged.
    """
    entered = list(entries)
    for unit in sorted({entry.unit for entry in entered} | {said.unit}):
        of_unit = [entry for entry in entered if entry.unit == unit]
        wanted = said if unit == said.unit else LedgerChange(unit)
        day = (of_unit or entered)[0].day if entered else ""
        guessed = sum((entry.change.charged for entry in of_unit if not entry.change.reported), Decimal(0))
        if guessed:
            yield day, LedgerChange(unit, charged=-guessed)
        change = LedgerChange(
            unit,
            wanted.charged - sum((entry.change.charged for entry in of_unit), Decimal(0)) + guessed,
            wanted.possible - sum((entry.change.possible for entry in of_unit), Decimal(0)),
            wanted.refunded - sum((entry.change.refunded for entry in of_unit), Decimal(0)),
            wanted.unknown - sum(entry.change.unknown for entry in of_unit),
            reported=True,
        )
        if change != LedgerChange(unit, reported=True):
            yield day, change
