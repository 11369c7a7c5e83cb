"""What a project on this machine has to know of its team's store: who it is there, and what it has put there."""

from __future__ import annotations

import uuid

from bridge.orders.tables.database import JournalDatabase


class TeamTable:
    """Single values by name, and the fingerprints whose results were put into the shared store."""

    def __init__(self, database: JournalDatabase) -> None:
        self._database = database

    def owner_id(self) -> str:
        """Who owns the claims of this journal, for other machines; minted once."""
        known = self.get("owner")
        if not known:
            self._insert("owner", uuid.uuid4().hex)
            known = self.get("owner")
        return known

    def get(self, name: str) -> str:
        """A value; empty for none."""
        rows = self._database.read_rows("SELECT value FROM team WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def put(self, name: str, value: str) -> None:
        """Keeps a value."""
        with self._database.begin_write() as connection:
            connection.execute(
                "INSERT INTO team (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    def note_shared(self, fingerprint: str, address: str) -> None:
        """The result of a fingerprint is in the store at this address."""
        with self._database.begin_write() as connection:
            connection.execute("INSERT OR IGNORE INTO shared VALUES (?, ?)", (fingerprint, address))

    def list_shared(self, address: str) -> set[str]:
        """The fingerprints whose results are in the store at this address."""
        rows = self._database.read_rows("SELECT fingerprint FROM shared WHERE store = ?", address)
        return {str(row[0]) for row in rows}

    def _insert(self, name: str, value: str) -> None:
        with self._database.begin_write() as connection:
            connection.execute("INSERT OR IGNORE INTO team (name, value) VALUES (?, ?)", (name, value))
