"""The journal's shape, as named steps. A step that was released never changes; a newer journal is refused."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from decimal import Decimal

from bridge.core.clock import day_of

Migration = Callable[[sqlite3.Connection], None]
MIGRATIONS: dict[str, Migration] = {}


def migration(function: Migration) -> Migration:
    """Registers a step under its name; the order of the file is the order of application."""
    MIGRATIONS[function.__name__] = function
    return function


@migration
def m001_jobs(database: sqlite3.Connection) -> None:
    """Jobs, events, ledger, pace."""
    database.execute(
        "CREATE TABLE job (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, asset TEXT NOT NULL, "
        "step TEXT NOT NULL, fingerprint TEXT NOT NULL, provider TEXT NOT NULL, state TEXT NOT NULL, "
        "version INTEGER NOT NULL, account TEXT NOT NULL, unit TEXT NOT NULL, estimate TEXT, "
        "approved_by TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL, sent REAL, "
        "path TEXT NOT NULL DEFAULT '', body BLOB, "
        "attempt INTEGER NOT NULL DEFAULT 0, next_attempt REAL, remote TEXT NOT NULL DEFAULT '{}', "
        "facts TEXT NOT NULL DEFAULT '{}', charge_unit TEXT, charge TEXT, result TEXT NOT NULL DEFAULT '', error TEXT, "
        "balance_before TEXT NOT NULL DEFAULT '{}')"
    )
    # One wish is never on its way twice, whatever a program does.
    database.execute(
        "CREATE UNIQUE INDEX live_wish ON job (fingerprint) WHERE state IN "
        "('planned', 'approved', 'submitting', 'submitted', 'running', 'fetching', 'uncertain')"
    )
    database.execute("CREATE INDEX job_state ON job (state)")
    database.execute(
        "CREATE TABLE event (seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, type TEXT NOT NULL, "
        "asset TEXT NOT NULL, job INTEGER, data TEXT NOT NULL)"
    )
    database.execute(
        "CREATE TABLE ledger (seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, day TEXT NOT NULL, "
        "job INTEGER NOT NULL, provider TEXT NOT NULL, account TEXT NOT NULL, asset TEXT NOT NULL, step TEXT NOT NULL, "
        "kind TEXT NOT NULL, unit TEXT NOT NULL, amount TEXT NOT NULL, reported INTEGER NOT NULL)"
    )
    database.execute("CREATE INDEX ledger_day ON ledger (provider, unit, day)")
    database.execute(
        "CREATE TABLE pace (provider TEXT NOT NULL, account TEXT NOT NULL, not_before REAL NOT NULL DEFAULT 0, "
        "recent TEXT NOT NULL DEFAULT '[]', balance TEXT NOT NULL DEFAULT '{}', balance_at REAL, "
        "PRIMARY KEY (provider, account)) WITHOUT ROWID"
    )


@migration
def m002_hooks(database: sqlite3.Connection) -> None:
    """The secret part of the address that a provider was given to tell of an order's end."""
    database.execute("ALTER TABLE job ADD COLUMN hook TEXT NOT NULL DEFAULT ''")


@migration
def m003_orders(database: sqlite3.Connection) -> None:
    """How an order is sent where it is no POST, and what it builds on (see `bridge.providers.paid.Order`)."""
    database.execute("ALTER TABLE job ADD COLUMN method TEXT NOT NULL DEFAULT 'POST'")
    database.execute("ALTER TABLE job ADD COLUMN origin TEXT NOT NULL DEFAULT '{}'")


@migration
def m004_addresses(database: sqlite3.Connection) -> None:
    """Where delivered pictures can still be seen; such links may be signed and stand nowhere else."""
    database.execute(
        "CREATE TABLE address (pixels TEXT NOT NULL, provider TEXT NOT NULL, url TEXT NOT NULL, expires REAL, "
        "job INTEGER NOT NULL)"
    )
    database.execute("CREATE INDEX address_pixels ON address (pixels)")


@migration
def m005_damaged(database: sqlite3.Connection) -> None:
    """Jobs may be `damaged`: a version that does not know the word must not read the journal."""
    database.execute("CREATE INDEX job_fingerprint ON job (fingerprint)")


@migration
def m006_columns(database: sqlite3.Connection) -> None:
    """The ledger's three columns, how orders ended, and what providers keep of those that brought nothing.

    Orders that ended badly before were entered only where their charge was said: what else they may have cost joins the
    ledger as possible, for the day on which they ended. So does the price of what was delivered without a known one.
    """
    database.execute("ALTER TABLE job ADD COLUMN ending TEXT NOT NULL DEFAULT ''")
    database.execute("ALTER TABLE job ADD COLUMN keeps TEXT NOT NULL DEFAULT '{}'")
    database.execute("ALTER TABLE ledger RENAME TO ledger_before")
    database.execute("DROP INDEX ledger_day")
    database.execute(
        "CREATE TABLE ledger (seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, day TEXT NOT NULL, "
        "job INTEGER NOT NULL, provider TEXT NOT NULL, account TEXT NOT NULL, asset TEXT NOT NULL, step TEXT NOT NULL, "
        "unit TEXT NOT NULL, charged TEXT NOT NULL DEFAULT '0', possible TEXT NOT NULL DEFAULT '0', "
        "refunded TEXT NOT NULL DEFAULT '0', unknown INTEGER NOT NULL DEFAULT 0, reported INTEGER NOT NULL DEFAULT 0)"
    )
    database.execute(
        "INSERT INTO ledger (seq, at, day, job, provider, account, asset, step, unit, charged, possible, reported) "
        "SELECT seq, at, day, job, provider, account, asset, step, unit, "
        "CASE WHEN kind = 'possible' THEN '0' ELSE amount END, CASE WHEN kind = 'possible' THEN amount ELSE '0' END, "
        "reported FROM ledger_before ORDER BY seq"
    )
    database.execute("DROP TABLE ledger_before")
    database.execute("CREATE INDEX ledger_day ON ledger (provider, unit, day)")
    database.execute("CREATE INDEX ledger_job ON ledger (job)")
    _enter_former_endings(database)


@migration
def m007_reserved(database: sqlite3.Connection) -> None:
    """What running jobs held back at the provider when its balance was heard of."""
    database.execute("ALTER TABLE pace ADD COLUMN reserved TEXT NOT NULL DEFAULT '{}'")


def _enter_former_endings(database: sqlite3.Connection) -> None:
    """How orders ended before that was written down, and what they may have cost."""
    doubted = {
        job
        for job, data in database.execute("SELECT job, data FROM event WHERE type = 'job'")
        if json.loads(data).get("state") == "uncertain"
    }
    entered = {job for (job,) in database.execute("SELECT job FROM ledger")}
    jobs = database.execute(
        "SELECT id, state, remote, estimate, unit, charge, updated, provider, account, asset, step FROM job ORDER BY id"
    ).fetchall()
    for number, state, remote, estimate, unit, charge, updated, *whose in jobs:
        ending = _FORMER_ENDINGS.get(state, "")
        if state == "cancelled":
            ending = "left" if remote != "{}" else "abandoned" if number in doubted else "unsent"
        if ending:
            database.execute("UPDATE job SET ending = ? WHERE id = ?", (ending, number))
        is_unpriced = state in ("stored", "exported") and estimate is None
        has_cost = ending in ("failed", "missing", "left", "abandoned") or is_unpriced
        if not has_cost or not unit or charge is not None or number in entered:
            continue
        if estimate is not None and not Decimal(estimate):
            continue
        provider, account, asset, step = whose
        price = (unit, estimate or "0", int(estimate is None))
        database.execute(
            "INSERT INTO ledger (at, day, job, provider, account, asset, step, unit, possible, unknown) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (updated, day_of(updated), number, provider, account, asset, json.loads(step)["key"], *price),
        )


@migration
def m008_team(database: sqlite3.Connection) -> None:
    """Who this journal is for the team's store, and which results it has put there."""
    database.execute("CREATE TABLE team (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    database.execute(
        "CREATE TABLE shared (fingerprint TEXT NOT NULL, store TEXT NOT NULL, PRIMARY KEY (fingerprint, store)) "
        "WITHOUT ROWID"
    )


_FORMER_ENDINGS = {"rejected": "refused", "failed": "failed", "expired": "missing"}


def migrate(database: sqlite3.Connection) -> None:
    """Brings a journal up to date.

    Raises:
        NewerJournalError: it was written by a newer version.
        sqlite3.DatabaseError: it is damaged.
    """
    with database:
        database.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY)")
    done = {row[0] for row in database.execute("SELECT name FROM migration")}
    if not all(isinstance(name, str) for name in done):
        raise sqlite3.DatabaseError("the list of migrations is malformed")
    if done - set(MIGRATIONS):
        raise NewerJournalError(", ".join(sorted(done - set(MIGRATIONS))))
    for name, step in MIGRATIONS.items():
        if name not in done:
            with database:
                database.execute("BEGIN IMMEDIATE")
                # Another process, or another thread of the daemon, may have done it since it was looked up.
                if database.execute("SELECT 1 FROM migration WHERE name = ?", (name,)).fetchone() is None:
                    try:
                        step(database)
                    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
                        raise sqlite3.DatabaseError("a row is malformed") from error
                    database.execute("INSERT INTO migration VALUES (?)", (name,))


class NewerJournalError(Exception):
    """The journal has migrations that this version does not know."""
