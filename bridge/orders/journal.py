"""The money journal, `.assetbridge/journal.db`: every paid order, what became of it, and what it cost.

SQLite in WAL mode with `synchronous=FULL`: a commit survives a power cut. A move between two states is one
transaction with its event, done by compare-and-set, and only along `model.MOVES`. Unlike the memory in state.db the
journal is never begun anew by itself: a damaged one stops paid work with a clear error.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from bridge.core.clock import Clock, SystemClock, day_of
from bridge.core.errors import UserError, Where, WorkFailed
from bridge.core.paths import JOURNAL_FILE, MEMORY_FOLDER
from bridge.core.sqlite import PATIENCE, use_wal
from bridge.orders.migrations import NewerJournalError, migrate
from bridge.orders.model import LIVE, MOVES, OWNED, Entry, Event, Job, JobState, KeptAddress, OrderRequest
from bridge.orders.rows import COLUMNS, step_text
from bridge.orders.rows import job as read
from bridge.providers.paid import Charge

_JSON = frozenset({"remote", "facts", "error", "balance_before", "origin"})
_SETTABLE = _JSON | {
    *("account", "approved_by", "sent", "path", "body", "attempt", "next_attempt", "result", "charge", "hook"),
    *("method", "addresses"),
}


class Journal:
    """One project's journal. Only the owner of the project writes; anyone may read."""

    def __init__(self, root: Path, *, clock: Clock | None = None) -> None:
        self.path = root / JOURNAL_FILE
        self.clock = clock or SystemClock()
        with self._guarded():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # isolation_level None: transactions are begun here, never by the module on its own account.
            self._database = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                use_wal(self._database)
                self._database.execute("PRAGMA synchronous=FULL")
                migrate(self._database)
            except BaseException:
                self._database.close()
                raise

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except NewerJournalError as error:
            raise UserError(
                "journal_newer",
                f"{JOURNAL_FILE} was written by a newer assetbridge (it has {error})",
                hint="Upgrade assetbridge.",
                where=Where(JOURNAL_FILE),
            ) from error
        except (sqlite3.DatabaseError, OSError) as error:
            raise _failure(error) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._guarded():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._guarded():
            return self._database.execute(query, values).fetchall()

    # jobs

    def plan(self, wish: OrderRequest, *, account: str = "") -> Job:
        """A new job in state `planned`; the live one for this wish where there is one already."""
        now = self.clock.now()
        with self._writing() as database:
            live = self._live(wish.fingerprint)
            if live is not None:
                return live
            price = wish.step.price
            cursor = database.execute(
                "INSERT INTO job (key, asset, step, fingerprint, provider, state, version, account, unit, estimate, "
                "approved_by, created, updated) VALUES (?, ?, ?, ?, ?, 'planned', 0, ?, ?, ?, ?, ?, ?)",
                (
                    str(uuid.uuid4()),
                    wish.asset,
                    step_text(wish.step),
                    wish.fingerprint,
                    wish.step.provider,
                    account,
                    price.unit,
                    None if price.amount is None else str(price.amount),
                    wish.approved_by,
                    now,
                    now,
                ),
            )
            number = int(cursor.lastrowid or 0)
            self._event(database, "job", wish.asset, number, {"state": "planned", "step": wish.step.key})
        return self.job(number)

    def move(self, job: Job, to: JobState, *, say: Mapping[str, Any] | None = None, **facts: Any) -> Job:
        """Moves a job, with further columns set in the same transaction; returns it as it is now.

        facts: `account`, `approved_by`, `sent`, `path`, `body`, `attempt`, `next_attempt`, `remote`, `facts`, `charge`
        (a `Charge`), `result`, `error`, `balance_before`, `hook`, `method`, `origin`, `addresses` (of
        `KeptAddress`). The first `charge` of a job is entered in the ledger.
        say: further words for the event.

        Raises:
            JobMoved: another process moved it meanwhile.
        """
        if to not in MOVES[job.state]:
            raise AssertionError(f"job {job.id}: {job.state} → {to} is not allowed")
        return self._change(job, to, "job", say, facts)

    def note(self, job: Job, **facts: Any) -> Job:
        """Sets columns of a job that stays where it is (its next attempt, what is known of its balance)."""
        return self._change(job, job.state, "", None, facts)

    def _change(self, job: Job, to: JobState, event: str, say: Mapping[str, Any] | None, facts: dict[str, Any]) -> Job:
        unknown = set(facts) - _SETTABLE
        if unknown:
            raise AssertionError(f"no such column: {unknown}")
        now = self.clock.now()
        charge: Charge | None = facts.pop("charge", None)
        places: Iterable[KeptAddress] = facts.pop("addresses", ())
        values: dict[str, Any] = {key: json.dumps(value) if key in _JSON else value for key, value in facts.items()}
        if charge is not None:
            values |= {"charge_unit": charge.unit, "charge": str(charge.amount)}
        if to not in LIVE:
            values["body"] = None
        columns = "".join(f", {column} = ?" for column in values)
        with self._writing() as database:
            done = database.execute(
                f"UPDATE job SET state = ?, version = version + 1, updated = ?{columns} WHERE id = ? AND version = ?",
                (to, now, *values.values(), job.id, job.version),
            )
            if done.rowcount != 1:
                raise JobMovedError(f"job {job.id} was moved by another process")
            if charge is not None and job.charge is None:
                self._enter(database, job, "charge", charge, reported=True)
            elif to is JobState.STORED and job.charge is None and job.estimate.unit and job.estimate.amount is not None:
                # Nobody said what it cost: the published price is the best there is, and is marked as such.
                self._enter(database, job, "charge", Charge(job.estimate.unit, job.estimate.amount), reported=False)
            elif to is JobState.CANCELLED and job.state is JobState.UNCERTAIN and job.estimate.amount:
                self._enter(database, job, "possible", Charge(job.estimate.unit, job.estimate.amount), reported=False)
            self._keep(database, job, places)
            if event:
                self._event(database, event, job.asset, job.id, {"state": str(to), "step": job.step.key, **(say or {})})
        return self.job(job.id)

    def job(self, number: int) -> Job:
        """A job by its number.

        Raises:
            UserError: `unknown_job`.
        """
        rows = self._rows(f"SELECT {COLUMNS} FROM job WHERE id = ?", number)
        if not rows:
            raise UserError("unknown_job", f"there is no job {number}", hint="`assetbridge jobs` lists them.")
        return read(rows[0])

    def jobs(self, states: Iterable[str] | None = None) -> list[Job]:
        """Jobs in these states (all without), in the order they were planned."""
        if states is None:
            return [read(row) for row in self._rows(f"SELECT {COLUMNS} FROM job ORDER BY id")]
        names = [str(state) for state in states]
        marks = ", ".join("?" * len(names))
        rows = self._rows(f"SELECT {COLUMNS} FROM job WHERE state IN ({marks}) ORDER BY id", *names)
        return [read(row) for row in rows]

    def unfinished(self) -> bool:
        """Whether a stopped run left something to look after."""
        names = sorted(LIVE - {JobState.UNCERTAIN})
        marks = ", ".join("?" * len(names))
        return bool(self._rows(f"SELECT 1 FROM job WHERE state IN ({marks}) LIMIT 1", *names))

    def live(self, fingerprint: str) -> Job | None:
        """The job that is on its way for a wish, if any."""
        with self._guarded():
            return self._live(fingerprint)

    def _live(self, fingerprint: str) -> Job | None:
        marks = ", ".join("?" * len(LIVE))
        row = self._database.execute(
            f"SELECT {COLUMNS} FROM job WHERE fingerprint = ? AND state IN ({marks})",
            (fingerprint, *sorted(LIVE)),
        ).fetchone()
        return read(row) if row else None

    def results(self) -> dict[str, str]:
        """fingerprint → result of everything that was ever bought and stored here; the newest counts."""
        marks = ", ".join("?" * len(OWNED))
        rows = self._rows(
            f"SELECT fingerprint, result FROM job WHERE state IN ({marks}) AND result != '' ORDER BY id", *sorted(OWNED)
        )
        return {str(fingerprint): str(result) for fingerprint, result in rows}

    def bought(self, fingerprint: str) -> Job | None:
        """The newest job that delivered this wish."""
        marks = ", ".join("?" * len(OWNED))
        rows = self._rows(
            f"SELECT {COLUMNS} FROM job WHERE fingerprint = ? AND state IN ({marks}) ORDER BY id DESC LIMIT 1",
            fingerprint,
            *sorted(OWNED),
        )
        return read(rows[0]) if rows else None

    def remote_ids(self) -> frozenset[str]:
        """Every provider id that some job has: a lost order is never taken for one of these."""
        found: set[str] = set()
        for (text,) in self._rows("SELECT remote FROM job WHERE remote != '{}'"):
            found.update(json.loads(text).values())
        return frozenset(found)

    # addresses

    def _keep(self, database: sqlite3.Connection, job: Job, places: Iterable[KeptAddress]) -> None:
        database.executemany(
            "INSERT INTO address (pixels, provider, url, expires, job) VALUES (?, ?, ?, ?, ?)",
            [(place.pixels, job.provider, place.url, place.expires, job.id) for place in places],
        )
        database.execute("DELETE FROM address WHERE expires < ?", (self.clock.now(),))

    def addresses(self, pixels: str) -> list[KeptAddress]:
        """Where pictures of this content (`bridge.media.images.pixel_hash`) were delivered; the newest first."""
        rows = self._rows(
            "SELECT pixels, url, expires, provider FROM address WHERE pixels = ? ORDER BY rowid DESC", pixels
        )
        return [KeptAddress(*row) for row in rows]

    def forget_address(self, url: str) -> None:
        """There is nothing behind it any more."""
        with self._writing() as database:
            database.execute("DELETE FROM address WHERE url = ?", (url,))

    # events

    def say(self, kind: str, asset: str, data: Mapping[str, Any], *, job: int | None = None) -> None:
        """Appends an event that moves no job."""
        with self._writing() as database:
            self._event(database, kind, asset, job, data)

    def events(self, after: int = 0, *, most: int = 1000) -> list[Event]:
        """Events behind a cursor, oldest first."""
        rows = self._rows(
            "SELECT seq, at, type, asset, job, data FROM event WHERE seq > ? ORDER BY seq LIMIT ?", after, most
        )
        return [Event(row[0], row[1], row[2], row[3], row[4], json.loads(row[5])) for row in rows]

    def _event(
        self, database: sqlite3.Connection, kind: str, asset: str, job: int | None, data: Mapping[str, Any]
    ) -> None:
        database.execute(
            "INSERT INTO event (at, type, asset, job, data) VALUES (?, ?, ?, ?, ?)",
            (self.clock.now(), kind, asset, job, json.dumps(dict(data))),
        )

    # money

    def _enter(self, database: sqlite3.Connection, job: Job, kind: str, charge: Charge, *, reported: bool) -> None:
        now = self.clock.now()
        database.execute(
            "INSERT INTO ledger (at, day, job, provider, account, asset, step, kind, unit, amount, reported) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                now,
                day_of(now),
                job.id,
                job.provider,
                job.account,
                job.asset,
                job.step.key,
                kind,
                charge.unit,
                str(charge.amount),
                int(reported),
            ),
        )

    def entries(self) -> int:
        """The number of the ledger's last row, 0 for an empty ledger."""
        return int(self._rows("SELECT coalesce(max(seq), 0) FROM ledger")[0][0])

    def ledger(self, *, first: str = "", last: str = "9999", after: int = 0) -> list[Entry]:
        """Ledger rows of the UTC days `first` to `last` (`2026-03-01`) behind row `after`, oldest first."""
        rows = self._rows(
            "SELECT at, day, job, provider, account, asset, step, kind, unit, amount, reported FROM ledger "
            "WHERE day >= ? AND day <= ? AND seq > ? ORDER BY seq",
            first,
            last,
            after,
        )
        names = [field.name for field in fields(Entry)]
        return [
            Entry(**{**dict(zip(names, row, strict=True)), "amount": Decimal(row[9]), "reported": bool(row[10])})
            for row in rows
        ]

    def spent(self, provider: str, unit: str, day: str) -> Decimal:
        """What was charged, or may have been, on a UTC day."""
        rows = self._rows("SELECT amount FROM ledger WHERE provider = ? AND unit = ? AND day = ?", provider, unit, day)
        return sum((Decimal(amount) for (amount,) in rows), Decimal(0))

    def reserved(self, provider: str, unit: str) -> Decimal:
        """What live jobs hold back: approved and not yet charged."""
        names = sorted(LIVE - {JobState.PLANNED})
        rows = self._rows(
            f"SELECT estimate FROM job WHERE provider = ? AND unit = ? AND charge IS NULL AND estimate IS NOT NULL "
            f"AND state IN ({', '.join('?' * len(names))})",
            provider,
            unit,
            *names,
        )
        return sum((Decimal(amount) for (amount,) in rows), Decimal(0))

    # pace and balance

    def pace(self, provider: str, account: str) -> tuple[float, list[float]]:
        """(not before, times of the last minute's requests) of an account."""
        rows = self._rows("SELECT not_before, recent FROM pace WHERE provider = ? AND account = ?", provider, account)
        return (rows[0][0], json.loads(rows[0][1])) if rows else (0.0, [])

    def set_pace(self, provider: str, account: str, not_before: float, recent: list[float]) -> None:
        """Keeps them, so that a restart does not run into a limit that was known."""
        with self._writing() as database:
            database.execute(
                "INSERT INTO pace (provider, account, not_before, recent) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (provider, account) DO UPDATE SET not_before = excluded.not_before, "
                "recent = excluded.recent",
                (provider, account, not_before, json.dumps(recent)),
            )

    def balance(self, provider: str, account: str) -> tuple[dict[str, str], float] | None:
        """The balance last heard of, and when."""
        rows = self._rows("SELECT balance, balance_at FROM pace WHERE provider = ? AND account = ?", provider, account)
        return (json.loads(rows[0][0]), rows[0][1]) if rows and rows[0][1] is not None else None

    def set_balance(self, provider: str, account: str, amounts: Mapping[str, str]) -> None:
        """Remembers a balance: evidence beside an uncertain job, never proof."""
        with self._writing() as database:
            database.execute(
                "INSERT INTO pace (provider, account, balance, balance_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (provider, account) DO UPDATE SET balance = excluded.balance, "
                "balance_at = excluded.balance_at",
                (provider, account, json.dumps(dict(amounts)), self.clock.now()),
            )


class JobMovedError(Exception):
    """Compare-and-set failed: the caller looked at an old version of the job."""


def _failure(error: Exception) -> WorkFailed:
    text = str(error)
    if "full" in text or getattr(error, "errno", None) == 28:
        return WorkFailed(
            "disk_full",
            "the money journal cannot be written: the disk is full",
            hint="Nothing was sent that the journal does not know. Free some space and run the same command again.",
            where=Where(JOURNAL_FILE),
        )
    if "malformed" in text or "not a database" in text:
        return WorkFailed(
            "journal_damaged",
            f"the money journal is damaged: {text}",
            hint=f"Restore {JOURNAL_FILE} from a backup. To begin a new one, move it away: jobs on their way "
            "are then forgotten, and what they bought has to be adopted by hand.",
            where=Where(JOURNAL_FILE),
        )
    return WorkFailed(
        "output_unwritable",
        f"the money journal cannot be used: {text}",
        hint=f"Make the folder {MEMORY_FOLDER} writable, and close other programs that hold it.",
        where=Where(JOURNAL_FILE),
    )
