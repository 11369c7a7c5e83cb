"""Jobs and their moves. A move is one transaction with its event, its charge and its addresses, by compare-and-set."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from bridge.core.errors import UserError
from bridge.orders import charges
from bridge.orders.model import (
    LIVE,
    MOVES,
    OWNED,
    BegunOrder,
    Job,
    JobMovedError,
    JobState,
    KeptUrl,
    LedgerChange,
    OrderRequest,
)
from bridge.orders.tables.database import JournalDatabase, read_amount
from bridge.orders.tables.events import EventTable
from bridge.orders.tables.job_rows import COLUMNS, read_job, step_text
from bridge.orders.tables.kept_urls import KeptUrlTable
from bridge.orders.tables.ledger import LedgerTable, Spent
from bridge.providers.paid import Charge, Ending

_JSON = frozenset({"remote", "facts", "error", "balance_before", "origin", "keeps"})
_SETTABLE = _JSON | {
    *("account", "approved_by", "sent", "path", "body", "attempt", "next_attempt", "result", "charge", "hook"),
    *("method", "addresses", "ending"),
}
_GOOD = tuple(sorted({*LIVE, *OWNED}))


class JobTable:
    """Jobs, only ever moved along `model.MOVES`."""

    def __init__(
        self, database: JournalDatabase, events: EventTable, ledger: LedgerTable, kept_urls: KeptUrlTable
    ) -> None:
        self._database = database
        self._events = events
        self._ledger = ledger
        self._kept_urls = kept_urls

    # what changes them

    def plan(self, request: OrderRequest, *, account: str = "", key: str = "") -> Job:
        """A new job in state `planned`; the live one for this request where there is one already.

        key: of an order that is claimed in the team's store; empty for one that is minted here.
        """
        now = self._database.clock.now()
        with self._database.begin_write() as connection:
            live = _read_live(connection, request.fingerprint)
            if live:
                return self._read_jobs(live)[0]
            price = request.step.price
            cursor = connection.execute(
                "INSERT INTO job (key, asset, step, fingerprint, provider, state, version, account, unit, estimate, "
                "approved_by, created, updated) VALUES (?, ?, ?, ?, ?, 'planned', 0, ?, ?, ?, ?, ?, ?)",
                (
                    key or str(uuid.uuid4()),
                    request.asset,
                    step_text(request.step),
                    request.fingerprint,
                    request.step.provider,
                    account,
                    price.unit,
                    None if price.amount is None else str(price.amount),
                    request.approved_by,
                    now,
                    now,
                ),
            )
            number = int(cursor.lastrowid or 0)
            data = {"state": "planned", "step": request.step.key}
            self._events.insert_row(connection, "job", request.asset, number, data)
        return self.get(number)

    def take_over(self, request: OrderRequest, begun: BegunOrder) -> Job:
        """A job that another machine has begun, now ours: `submitted` where its ids are known, else `uncertain`.

        It is in that state from its first moment on, so that no crash makes it one that was never sent.
        """
        now, price = self._database.clock.now(), request.step.price
        state = JobState.SUBMITTED if begun.remote else JobState.UNCERTAIN
        said = {"code": "uncertain", "message": "another machine was stopped while the order was on its way"}
        values: dict[str, Any] = {
            "key": begun.key,
            "asset": request.asset,
            "step": step_text(request.step),
            "fingerprint": request.fingerprint,
            "provider": request.step.provider,
            "state": str(state),
            "version": 0,
            "account": begun.account,
            "unit": price.unit,
            "estimate": None if price.amount is None else str(price.amount),
            "approved_by": "team",
            "created": now,
            "updated": now,
            "sent": begun.sent,
            "path": begun.path,
            "method": begun.method,
            "body": begun.body,
            "remote": json.dumps(dict(begun.remote)),
            "origin": json.dumps(dict(begun.origin)),
            "keeps": json.dumps(dict(begun.keeps)),
            "facts": json.dumps(dict(begun.facts)),
            "error": None if begun.remote else json.dumps(said),
        }
        with self._database.begin_write() as connection:
            cursor = connection.execute(
                f"INSERT INTO job ({', '.join(values)}) VALUES ({_marks(values)})", tuple(values.values())
            )
            number = int(cursor.lastrowid or 0)
            data = {"state": str(state), "step": request.step.key, "why": "another machine had begun it"}
            self._events.insert_row(connection, "job", request.asset, number, data)
        return self.get(number)

    def move(self, job: Job, to: JobState, *, say: Mapping[str, Any] | None = None, **facts: Any) -> Job:
        """Moves a job, with further columns set in the same transaction; returns it as it is now.

        facts: `account`, `approved_by`, `sent`, `path`, `body`, `attempt`, `next_attempt`, `remote`, `facts`, `charge`
        (a `Charge`: what it cost in all, as the provider says), `result`, `error`, `balance_before`, `hook`, `method`,
        `origin`, `keeps`, `addresses` (of `KeptUrl`), `ending` (where the move alone does not say it). What the move
        means for the money is entered in the ledger.
        say: further words for the event.

        Raises:
            JobMovedError: another process moved it meanwhile.
        """
        if to not in MOVES[job.state]:
            raise AssertionError(f"job {job.id}: {job.state} → {to} is not allowed")
        return self._change(job, to, {"state": str(to), "step": job.step.key, **(say or {})}, facts)

    def update(self, job: Job, **facts: Any) -> Job:
        """Sets columns of a job that stays where it is (its next attempt, what is known of its balance).

        Raises:
            JobMovedError: another process moved it meanwhile.
        """
        return self._change(job, job.state, None, facts)

    def _change(self, job: Job, to: JobState, event: Mapping[str, Any] | None, facts: dict[str, Any]) -> Job:
        unknown = set(facts) - _SETTABLE
        if unknown:
            raise AssertionError(f"no such column: {unknown}")
        now = self._database.clock.now()
        charge: Charge | None = facts.pop("charge", None)
        ending: Ending | None = facts.pop("ending", None) or charges.find_ending(job, to)
        kept_urls: Iterable[KeptUrl] = facts.pop("addresses", ())
        values: dict[str, Any] = {key: json.dumps(value) if key in _JSON else value for key, value in facts.items()}
        if charge is not None:
            values |= {"charge_unit": charge.unit, "charge": str(charge.amount)}
        if ending is not None:
            values["ending"] = str(ending)
        if to not in LIVE:
            values["body"] = None
        columns = "".join(f", {column} = ?" for column in values)
        with self._database.begin_write() as connection:
            done = connection.execute(
                f"UPDATE job SET state = ?, version = version + 1, updated = ?{columns} WHERE id = ? AND version = ?",
                (to, now, *values.values(), job.id, job.version),
            )
            if done.rowcount != 1:
                raise JobMovedError(f"job {job.id} was moved by another process")
            for change in charges.list_changes(job, to, ending, charge):
                self._ledger.insert_row(connection, job, change)
            self._kept_urls.insert_rows(connection, job, kept_urls)
            if event is not None:
                self._events.insert_row(connection, "job", job.asset, job.id, event)
        return self.get(job.id)

    def correct_ledger(self, job: Job, said: LedgerChange) -> Job:
        """Enters what a person knows of the money of an order that has ended: its columns are as `said` then.

        Raises:
            JobMovedError: another process moved it meanwhile.
        """
        with self._database.begin_write() as connection:
            done = connection.execute(
                "UPDATE job SET version = version + 1, charge_unit = ?, charge = ? WHERE id = ? AND version = ?",
                (said.unit, str(said.charged - said.refunded), job.id, job.version),
            )
            if done.rowcount != 1:
                raise JobMovedError(f"job {job.id} was moved by another process")
            for day, change in charges.list_corrections(self._ledger.list_of_job(job.id), said):
                self._ledger.insert_row(connection, job, change, day)
            data = {"state": str(job.state), "step": job.step.key, "why": "its charge was entered by hand"}
            self._events.insert_row(connection, "job", job.asset, job.id, data)
        return self.get(job.id)

    # what looks at them

    def get(self, number: int) -> Job:
        """A job by its number.

        Raises:
            UserError: `unknown_job`.
        """
        rows = self._database.read_rows(f"SELECT {COLUMNS} FROM job WHERE id = ?", number)
        if not rows:
            raise UserError("unknown_job", f"there is no job {number}", hint="`assetbridge jobs` lists them.")
        return self._read_jobs(rows[:1])[0]

    def find_key(self, key: str) -> Job | None:
        """The job with an idempotency key."""
        rows = self._database.read_rows(f"SELECT {COLUMNS} FROM job WHERE key = ?", key)
        return self._read_jobs(rows[:1])[0] if rows else None

    def list_keys(self) -> set[str]:
        """The idempotency keys of all jobs."""
        return {str(row[0]) for row in self._database.read_rows("SELECT key FROM job")}

    def list_all(self) -> list[Job]:
        """All jobs, in the order they were planned."""
        return self._read_jobs(self._database.read_rows(f"SELECT {COLUMNS} FROM job ORDER BY id"))

    def _read_jobs(self, rows: Iterable[Any]) -> list[Job]:
        return self._database.parse_rows(read_job, rows)

    def list_in(self, states: Iterable[str]) -> list[Job]:
        """Jobs in these states, in the order they were planned."""
        names = [str(state) for state in states]
        rows = self._database.read_rows(
            f"SELECT {COLUMNS} FROM job WHERE state IN ({_marks(names)}) ORDER BY id", *names
        )
        return self._read_jobs(rows)

    def has_unfinished(self) -> bool:
        """Whether a stopped run left something to look after."""
        names = sorted(LIVE - {JobState.UNCERTAIN})
        return bool(self._database.read_rows(f"SELECT 1 FROM job WHERE state IN ({_marks(names)}) LIMIT 1", *names))

    def find_live(self, fingerprint: str) -> Job | None:
        """The job that is on its way for a request, if any."""
        with self._database.translate_errors():
            rows = _read_live(self._database.connection, fingerprint)
        return self._read_jobs(rows)[0] if rows else None

    def list_damaged(self) -> list[Job]:
        """Jobs whose result came damaged and that are the last word on their request."""
        rows = self._database.read_rows(
            f"SELECT {COLUMNS} FROM job WHERE state = 'damaged' AND id = "
            "(SELECT max(id) FROM job AS other WHERE other.fingerprint = job.fingerprint) ORDER BY id"
        )
        return self._read_jobs(rows)

    def list_results(self) -> dict[str, str]:
        """fingerprint → result of everything that was ever bought and stored here; the newest counts."""
        rows = self._database.read_rows(
            f"SELECT fingerprint, result FROM job WHERE state IN ({_marks(OWNED)}) AND result != '' ORDER BY id",
            *sorted(OWNED),
        )
        return {str(fingerprint): str(result) for fingerprint, result in rows}

    def find_bought(self, fingerprint: str) -> Job | None:
        """The newest job that delivered this request."""
        rows = self._database.read_rows(
            f"SELECT {COLUMNS} FROM job WHERE fingerprint = ? AND state IN ({_marks(OWNED)}) ORDER BY id DESC LIMIT 1",
            fingerprint,
            *sorted(OWNED),
        )
        return self._read_jobs(rows[:1])[0] if rows else None

    def list_bad_endings(self) -> dict[str, Job]:
        """fingerprint → the newest order of everything whose newest order ended, and brought nothing that is of use.

        What was never sent is no order: nobody decided anything about it.
        """
        rows = self._database.read_rows(
            f"SELECT {COLUMNS} FROM job WHERE id IN (SELECT max(id) FROM job WHERE ending != 'unsent' "
            f"GROUP BY fingerprint) AND state NOT IN ({_marks(_GOOD)})",
            *_GOOD,
        )
        return {job.fingerprint: job for job in self._read_jobs(rows)}

    def list_of(self, fingerprint: str) -> list[Job]:
        """All orders of one request, oldest first."""
        rows = self._database.read_rows(f"SELECT {COLUMNS} FROM job WHERE fingerprint = ? ORDER BY id", fingerprint)
        return self._read_jobs(rows)

    def list_remote_ids(self) -> frozenset[str]:
        """Every provider id that some job has: a lost order is never taken for one of these."""
        rows = self._database.read_rows("SELECT remote FROM job WHERE remote != '{}'")
        tables = self._database.parse_rows(lambda row: list(json.loads(row[0]).values()), rows)
        return frozenset(text for table in tables for text in table if isinstance(text, str))

    def sum_reserved(self, provider: str, unit: str) -> Spent:
        """What live jobs hold back: approved and not yet charged."""
        names = sorted(LIVE - {JobState.PLANNED})
        rows = self._database.read_rows(
            f"SELECT estimate FROM job WHERE provider = ? AND unit = ? AND charge IS NULL AND state IN "
            f"({_marks(names)})",
            provider,
            unit,
            *names,
        )
        amounts = self._database.parse_rows(lambda row: None if row[0] is None else read_amount(row[0]), rows)
        return Spent(sum((amount or Decimal(0) for amount in amounts), Decimal(0)), amounts.count(None))


def _read_live(connection: sqlite3.Connection, fingerprint: str) -> list[Any]:
    """The row of the job that is on its way for a request, if any."""
    return connection.execute(
        f"SELECT {COLUMNS} FROM job WHERE fingerprint = ? AND state IN ({_marks(LIVE)})", (fingerprint, *sorted(LIVE))
    ).fetchmany(1)


def _marks(values: Iterable[str]) -> str:
    return ", ".join("?" for _ in values)
