"""What others have spent, as far as receipts in the store tell: those of orders that this machine did not place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from bridge.orders.model import LedgerChange, LedgerEntry
from bridge.orders.tables.ledger import Spent
from bridge.store.receipts import parse_time

if TYPE_CHECKING:
    from bridge.core.errors import WorkFailed
    from bridge.orders.journal import Journal
    from bridge.store.receipts import Receipt, Receipts


class TeamSpending:
    """Receipts as rows of a ledger; read when they are first asked for, and once.

    What is written later in this process is of its own orders, which the journal counts.
    """

    def __init__(self, receipts: Receipts, journal: Journal | None) -> None:
        self._receipts = receipts
        self._journal = journal

    @cached_property
    def _read(self) -> tuple[list[Receipt], list[WorkFailed]]:
        own = self._journal.jobs.list_results() if self._journal is not None else {}
        receipts, errors = self._receipts.list_all()
        return [receipt for receipt in receipts if receipt.fingerprint not in own], errors

    @property
    def errors(self) -> Sequence[WorkFailed]:
        """What is wrong with receipts that cannot be read, and count for nothing."""
        return self._read[1]

    def list_entries(
        self, first: str = "", last: str = "9999", counted: Collection[str] = ()
    ) -> list[tuple[LedgerEntry, str]]:
        """The rows of the UTC days `first` to `last`, oldest first, each with who ordered it (empty: not said).

        counted: fingerprints of what is known from elsewhere, which is left out.
        """
        chosen = [
            receipt
            for receipt in self._read[0]
            if first <= receipt.day <= last and receipt.cost is not None and receipt.fingerprint not in counted
        ]
        chosen.sort(key=lambda receipt: (receipt.at, receipt.fingerprint))
        return [(_entry_of(receipt), receipt.by) for receipt in chosen]

    def sum_spent(self, provider: str, unit: str, day: str, counted: Collection[str] = ()) -> Spent:
        """What others were charged on a UTC day. counted: as for `list_entries`."""
        named = self.list_entries(day, day, counted)
        entries = [entry for entry, _ in named if entry.provider == provider and entry.unit == unit]
        charged = sum((entry.change.charged for entry in entries), Decimal(0))
        return Spent(charged, sum(entry.change.unknown for entry in entries))


def _entry_of(receipt: Receipt) -> LedgerEntry:
    cost = receipt.cost
    if cost is None:
        change = LedgerChange("")
    else:
        unknown = cost.amount is None
        change = LedgerChange(
            cost.unit, charged=cost.amount or Decimal(0), unknown=int(unknown), reported=cost.is_reported
        )
    return LedgerEntry(
        parse_time(receipt.at), receipt.day, 0, receipt.provider, "", receipt.asset, receipt.step, change
    )
