"""The journal: allowed moves, one live job per wish, compare-and-set, ledger, damage, two processes."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bridge.core.errors import UserError, WorkFailed
from bridge.core.paths import JOURNAL_FILE
from bridge.core.project_database import ProjectDatabase
from bridge.orders.journal import Journal
from bridge.orders.model import LIVE, MOVES, JobMovedError, JobState, LedgerChange
from bridge.orders.tables.migrations import MIGRATIONS, migrate
from bridge.providers.api import Price
from bridge.providers.paid import Charge
from tests.unit.orders.shop import FakeClock, wish

ROAD = (JobState.APPROVED, JobState.SUBMITTING, JobState.SUBMITTED, JobState.RUNNING, JobState.FETCHING)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path, clock=FakeClock())


def test_every_state_is_in_the_table_and_ends_hold_no_money() -> None:
    assert set(MOVES) == set(JobState)
    ends = {state for state, after in MOVES.items() if not after}
    assert not ends & LIVE
    reached = {JobState.PLANNED} | {state for after in MOVES.values() for state in after}
    assert reached == set(JobState)


@pytest.mark.parametrize("state", list(JobState))
def test_nothing_leads_from_a_sent_order_back_to_sending(state: JobState) -> None:
    if JobState.SUBMITTING in MOVES[state]:
        assert state in (JobState.APPROVED, JobState.UNCERTAIN)
    if JobState.APPROVED in MOVES[state]:
        assert state in (JobState.PLANNED, JobState.SUBMITTING)


def test_moves_outside_the_table_are_a_defect(journal: Journal) -> None:
    job = journal.jobs.plan(wish())
    with pytest.raises(AssertionError, match="planned → submitted"):
        journal.jobs.move(job, JobState.SUBMITTED)


def test_a_wish_has_one_live_job(journal: Journal) -> None:
    first = journal.jobs.plan(wish())
    assert journal.jobs.plan(wish()).id == first.id
    for state in ROAD:
        first = journal.jobs.move(first, state)
        assert journal.jobs.plan(wish()).id == first.id
    first = journal.jobs.move(first, JobState.STORED, result="ab")
    assert journal.jobs.plan(wish()).id != first.id


def test_an_old_view_of_a_job_cannot_move_it(journal: Journal) -> None:
    job = journal.jobs.plan(wish())
    journal.jobs.move(job, JobState.APPROVED)
    with pytest.raises(JobMovedError):
        journal.jobs.move(job, JobState.CANCELLED)


def test_each_move_is_one_event_with_a_rising_number(journal: Journal) -> None:
    job = journal.jobs.plan(wish())
    for state in ROAD:
        job = journal.jobs.move(job, state)
    events = journal.events.list_after()
    assert [event.seq for event in events] == list(range(1, 7))
    assert [event.data["state"] for event in events] == ["planned", *map(str, ROAD)]
    assert [event.seq for event in journal.events.list_after(4)] == [5, 6]


def test_the_first_charge_counts_and_counts_once(journal: Journal) -> None:
    job = journal.jobs.plan(wish())
    for state in ROAD[:-1]:
        job = journal.jobs.move(job, state)
    job = journal.jobs.move(job, JobState.FETCHING, charge=Charge("coins", Decimal(5)))
    journal.jobs.move(job, JobState.STORED, result="ab")
    assert [entry.change for entry in journal.ledger.list_entries()] == [
        LedgerChange("coins", charged=Decimal(5), reported=True)
    ]


def test_without_a_reported_charge_the_price_is_entered_as_a_guess(journal: Journal) -> None:
    job = journal.jobs.plan(wish())
    for state in ROAD:
        job = journal.jobs.move(job, state)
    assert journal.jobs.sum_reserved("shop", "coins") == (Decimal(3), 0)
    journal.jobs.move(job, JobState.STORED, result="ab")
    assert [entry.change for entry in journal.ledger.list_entries()] == [LedgerChange("coins", charged=Decimal(3))]
    assert journal.jobs.sum_reserved("shop", "coins") == (Decimal(0), 0)


def test_a_job_given_up_may_have_been_charged(journal: Journal) -> None:
    job = journal.jobs.plan(wish())
    for state in (JobState.APPROVED, JobState.SUBMITTING, JobState.UNCERTAIN, JobState.CANCELLED):
        job = journal.jobs.move(job, state)
    assert [entry.change for entry in journal.ledger.list_entries()] == [LedgerChange("coins", possible=Decimal(3))]


def test_amounts_are_exact(journal: Journal) -> None:
    for number in range(3):
        job = journal.jobs.plan(wish(seed=number, price=Price("usd", Decimal("0.1"))))
        for state in ROAD:
            job = journal.jobs.move(job, state)
        journal.jobs.move(job, JobState.STORED, result="ab")
    assert journal.ledger.sum_spent("shop", "usd", "2027-01-15") == (Decimal("0.3"), 0)


def test_another_process_sees_and_waits(tmp_path: Path) -> None:
    one, two = Journal(tmp_path, clock=FakeClock()), Journal(tmp_path, clock=FakeClock())
    made: list[int] = []

    def plan(journal: Journal) -> None:
        made.extend(journal.jobs.plan(wish(seed=number)).id for number in range(30))

    threads = [threading.Thread(target=plan, args=(journal,)) for journal in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(one.jobs.list_all()) == 30
    assert sorted(set(made)) == sorted(job.id for job in two.jobs.list_all())


def test_it_is_durable(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    assert journal._database.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert journal._database.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def begin_without_log(root: Path) -> None:
    """A journal whose write-ahead log was not turned on yet."""
    with closing(ProjectDatabase(root, JOURNAL_FILE).connect()) as database:
        database.execute("PRAGMA journal_mode=DELETE")


def test_opening_waits_for_another_that_is_opening_the_same_new_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_without_log(tmp_path)
    other = sqlite3.connect(tmp_path / JOURNAL_FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        other.execute("COMMIT")

    monkeypatch.setattr("bridge.core.sqlite.time.sleep", pause)
    journal = Journal(tmp_path)
    assert len(waited) == 1, "SQLite itself does not wait for this lock"
    assert journal.jobs.list_all() == []
    assert journal._database.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_journal_that_is_held_for_too_long_is_told_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_without_log(tmp_path)
    other = sqlite3.connect(tmp_path / JOURNAL_FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("bridge.core.sqlite.PATIENCE", 0.0)
    with pytest.raises(WorkFailed, match="locked"):
        Journal(tmp_path)
    other.execute("COMMIT")
    assert Journal(tmp_path).jobs.list_all() == []


def test_two_that_open_a_new_journal_at_once_migrate_it_once(tmp_path: Path) -> None:
    Journal(tmp_path).close()

    class Late(sqlite3.Connection):
        """Looked up what was done before the other one was through."""

        def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
            return super().execute(f"{sql} WHERE 0" if sql == "SELECT name FROM migration" else sql, *rest)

    late = sqlite3.connect(tmp_path / JOURNAL_FILE, factory=Late)
    migrate(late)
    assert len(late.execute("SELECT * FROM migration").fetchall()) == len(MIGRATIONS)
    late.close()


def test_a_newer_journal_is_refused(tmp_path: Path) -> None:
    Journal(tmp_path).close()
    with sqlite3.connect(tmp_path / JOURNAL_FILE) as database:
        database.execute("INSERT INTO migration VALUES ('m999_later')")
    database.close()
    with pytest.raises(UserError) as caught:
        Journal(tmp_path)
    assert caught.value.code == "journal_newer"


def test_a_damaged_journal_is_never_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_FILE
    path.parent.mkdir()
    path.write_bytes(b"this is no database, but it may have been one" * 100)
    before = path.read_bytes()
    with pytest.raises(WorkFailed) as caught:
        Journal(tmp_path)
    assert caught.value.code == "journal_damaged"
    assert path.read_bytes() == before


def test_a_migration_that_was_released_keeps_its_name() -> None:
    assert next(iter(MIGRATIONS)) == "m001_jobs"
