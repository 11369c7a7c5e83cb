"""The money journal, `.assetbridge/journal.db`: every paid order, what became of it, and what it cost.

SQLite in WAL mode with `synchronous=FULL`: a commit survives a power cut. A move between two states is one
transaction with its event, done by compare-and-set, and only along `model.MOVES`. Unlike the memory in state.db the
journal is never begun anew by itself: a damaged one stops paid work with a clear error.
"""

from __future__ import annotations

from pathlib import Path

from bridge.core.clock import Clock, SystemClock
from bridge.orders.tables.accounts import AccountTable
from bridge.orders.tables.database import JournalDatabase
from bridge.orders.tables.events import EventTable
from bridge.orders.tables.jobs import JobTable
from bridge.orders.tables.kept_urls import KeptUrlTable
from bridge.orders.tables.ledger import LedgerTable, SpentElsewhere
from bridge.orders.tables.team import TeamTable


class Journal:
    """One project's journal: its tables, over one connection. Only the owner of the project writes; anyone may read.

    jobs: orders and their moves. events: what happened. ledger: what was charged. kept_urls: where delivered pictures
    can be seen. accounts: rate limits and balances. team: of the team's store. others: what other machines have spent
    or hold back, by UTC day, provider and unit, as the team's books said when they were last read.
    """

    def __init__(self, root: Path, *, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self._database = JournalDatabase(root, self.clock)
        self.path = self._database.path
        self.events = EventTable(self._database)
        self.ledger = LedgerTable(self._database)
        self.kept_urls = KeptUrlTable(self._database)
        self.accounts = AccountTable(self._database)
        self.team = TeamTable(self._database)
        self.others: dict[tuple[str, str, str], SpentElsewhere] = {}
        self.jobs = JobTable(self._database, self.events, self.ledger, self.kept_urls)

    def close(self) -> None:
        """Closes the file."""
        self._database.connection.close()
