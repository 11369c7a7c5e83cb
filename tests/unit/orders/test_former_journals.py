"""A journal of an earlier version: it is brought up to date, loses nothing, and is completed."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from bridge.core.paths import JOURNAL_FILE
from bridge.orders.journal import Journal
from bridge.orders.ledger import sum_by_unit
from bridge.orders.tables.migrations import MIGRATIONS

BEFORE = "m006_columns"
MOMENT = 1_800_000_000.0
JOBS = {
    1: ("exported", {"job": "r1"}, "3", "5", False),
    2: ("failed", {"job": "r2"}, "3", None, False),
    3: ("failed", {"job": "r3"}, "3", "0", False),
    4: ("expired", {"job": "r4"}, "3", None, False),
    5: ("cancelled", {}, "3", None, False),
    6: ("cancelled", {"job": "r6"}, "3", None, False),
    7: ("cancelled", {}, "3", None, True),
    8: ("rejected", {}, "3", None, False),
    9: ("stored", {"job": "r9"}, None, None, False),
    10: ("failed", {"job": "r10"}, "0", None, False),
    11: ("running", {"job": "r11"}, "3", None, False),
    12: ("cancelled", {}, None, None, True),
}
ENDINGS = {
    **dict.fromkeys((2, 3, 10), "failed"),
    4: "missing",
    5: "unsent",
    6: "left",
    7: "abandoned",
    8: "refused",
    12: "abandoned",
}


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """A project whose journal was written before the ledger had its columns."""
    path = tmp_path / JOURNAL_FILE
    path.parent.mkdir()
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE migration (name TEXT PRIMARY KEY)")
    for name, step in MIGRATIONS.items():
        if name == BEFORE:
            break
        step(database)
        database.execute("INSERT INTO migration VALUES (?)", (name,))
    step_text = json.dumps(
        {"key": "image/1", "provider": "shop", "operation": "make", "params": {}, "seed": 1, "after": [], "field": ""}
    )
    for number, (state, remote, estimate, charge, was_uncertain) in JOBS.items():
        charged_in = "coins" if charge else None
        database.execute(
            "INSERT INTO job (id, key, asset, step, fingerprint, provider, state, version, account, unit, estimate, "
            "approved_by, created, updated, remote, charge_unit, charge) "
            "VALUES (?, ?, 'art/rock', ?, ?, 'shop', ?, 1, 'a', 'coins', ?, 'plan', ?, ?, ?, ?, ?)",
            (
                *(number, str(number), step_text, f"f{number}", state, estimate, MOMENT, MOMENT),
                *(json.dumps(remote), charged_in, charge),
            ),
        )
        for word in ("uncertain", state) if was_uncertain else (state,):
            database.execute(
                "INSERT INTO event (at, type, asset, job, data) VALUES (?, 'job', 'art/rock', ?, ?)",
                (MOMENT, number, json.dumps({"state": word})),
            )
    for job, kind, amount, reported in ((1, "charge", "5", 1), (3, "charge", "0", 1), (7, "possible", "3", 0)):
        database.execute(
            "INSERT INTO ledger (at, day, job, provider, account, asset, step, kind, unit, amount, reported) "
            "VALUES (?, '2027-01-15', ?, 'shop', 'a', 'art/rock', 'image/1', ?, 'coins', ?, ?)",
            (MOMENT, job, kind, amount, reported),
        )
    database.commit()
    database.close()
    return tmp_path


def test_nothing_is_lost_and_what_was_missing_is_entered(former: Path) -> None:
    journal = Journal(former)
    assert {job.id: str(job.ending) for job in journal.jobs.list_all() if job.ending} == ENDINGS
    assert {job.id: str(job.state) for job in journal.jobs.list_all()} == {
        number: facts[0] for number, facts in JOBS.items()
    }
    entered = {
        entry.job: (str(entry.change.charged), str(entry.change.possible), entry.change.unknown, entry.change.reported)
        for entry in journal.ledger.list_entries()
    }
    assert entered == {
        1: ("5", "0", 0, True),
        2: ("0", "3", 0, False),
        3: ("0", "0", 0, True),
        4: ("0", "3", 0, False),
        6: ("0", "3", 0, False),
        7: ("0", "3", 0, False),
        9: ("0", "0", 1, False),
        12: ("0", "0", 1, False),
    }
    assert {entry.day for entry in journal.ledger.list_entries()} == {"2027-01-15"}
    (row,) = sum_by_unit(journal.ledger.list_entries())
    assert (row["charged"], row["possible"], row["unknown"]) == ("5", "12", 2)
    journal.close()


def test_it_is_brought_up_to_date_once(former: Path) -> None:
    Journal(former).close()
    journal = Journal(former)
    assert len(journal.ledger.list_entries()) == 8
    assert [job.fingerprint for job in journal.jobs.list_bad_endings().values()] == [
        f"f{number}" for number in (2, 3, 4, 6, 7, 8, 10, 12)
    ]
    journal.close()
