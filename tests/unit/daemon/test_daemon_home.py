"""Whether a project's folder is still the one that the daemon was started for."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.core.paths import DAEMON_FILE, DAEMON_LOCK_FILE, JOURNAL_FILE
from bridge.daemon.process import presence
from bridge.daemon.process.daemon_log import DaemonLog
from bridge.daemon.process.home import HomeWatch, ProjectHome
from bridge.daemon.runtime import Runtime, load_record, read_record
from bridge.orders.journal import Journal

RUNTIME = Runtime(1, 2, "0" * 64, nonce="0" * 16)


@pytest.fixture
def home(tmp_path: Path) -> ProjectHome:
    root = tmp_path / "project"
    (root / ".assetbridge").mkdir(parents=True)
    (root / DAEMON_LOCK_FILE).touch()
    presence.write_record(root, RUNTIME)
    return ProjectHome(root, RUNTIME)


def test_all_is_well(home: ProjectHome) -> None:
    assert home.is_there()
    assert home.find_reason_to_end() is None


def test_a_folder_that_went_is_left(home: ProjectHome) -> None:
    home.root.rename(home.root.with_name("moved"))
    assert not home.is_there()
    assert home.find_reason_to_end() == "the project's folder is gone"
    shutil.copytree(home.root.with_name("moved"), home.root)
    assert not home.is_there()
    assert home.find_reason_to_end() == "the project's folder was replaced"
    shutil.rmtree(home.root)
    home.root.write_text("a file", encoding="utf-8")
    assert home.find_reason_to_end() == "the project's folder was replaced"
    home.root.unlink()
    home.root.with_name("moved").rename(home.root)
    assert home.find_reason_to_end() is None


def test_a_lock_that_another_daemon_could_take_is_left(home: ProjectHome) -> None:
    (home.root / DAEMON_LOCK_FILE).unlink()
    assert not home.is_there()
    assert home.find_reason_to_end() == f"{DAEMON_LOCK_FILE} was deleted or replaced"


@pytest.mark.parametrize("kind", ["none", "damaged", "another", "wide", "link"])
def test_a_record_that_is_not_right_is_written_anew(home: ProjectHome, kind: str, tmp_path: Path) -> None:
    record = home.root / DAEMON_FILE
    if kind == "another":
        presence.write_record(home.root, replace(RUNTIME, nonce="1" * 16))
    elif kind == "damaged":
        record.write_text("{", encoding="utf-8")
    elif kind == "wide":
        record.chmod(0o666)
    else:
        record.unlink()
    if kind == "link":
        target = tmp_path / "target"
        target.write_text("not ours", encoding="utf-8")
        record.symlink_to(target)
    assert home.find_reason_to_end() is None
    assert read_record(home.root) == RUNTIME
    assert not load_record(home.root).problem
    if kind == "link":
        assert target.read_text(encoding="utf-8") == "not ours"
    if os.name == "posix":
        assert record.stat().st_mode & 0o777 == 0o600


def test_two_looks_in_a_row_end_it_and_one_does_not(home: ProjectHome, tmp_path: Path) -> None:
    left = threading.Event()
    looks: list[str | None] = ["gone", None, "gone", "gone"]
    home.find_reason_to_end = lambda: looks.pop(0) if looks else None  # type: ignore[method-assign]
    watch = HomeWatch(home, DaemonLog(tmp_path, 100, descriptor=-1), 0.001, left.set)
    watch.start()
    assert left.wait(5)
    assert looks == []
    watch.stop()


def test_a_journal_goes_along_with_its_folder(tmp_path: Path) -> None:
    """SQLite keeps its files open through a rename, and closes without touching those of whoever took the place."""
    root, moved = tmp_path / "project", tmp_path / "moved"
    (root / ".assetbridge").mkdir(parents=True)
    journal = Journal(root)
    journal.accounts  # noqa: B018  the tables are made
    database = journal._database.connection
    database.execute("CREATE TABLE proof (word TEXT)")
    database.execute("INSERT INTO proof VALUES ('before')")
    root.rename(moved)
    # What took its place is open, with rows that are only in its write-ahead log.
    (root / ".assetbridge").mkdir(parents=True)
    other = Journal(root)
    others = other._database.connection
    others.execute("CREATE TABLE proof (word TEXT)")
    others.execute("INSERT INTO proof VALUES ('other')")
    database.execute("INSERT INTO proof VALUES ('after')")
    journal.close()
    with sqlite3.connect(moved / JOURNAL_FILE) as reopened:
        assert reopened.execute("SELECT word FROM proof").fetchall() == [("before",), ("after",)]
    reopened.close()
    assert others.execute("SELECT word FROM proof").fetchall() == [("other",)]
    assert (root / f"{JOURNAL_FILE}-wal").exists()
    other.close()
    with sqlite3.connect(root / JOURNAL_FILE) as reopened:
        assert reopened.execute("SELECT word FROM proof").fetchall() == [("other",)]
    reopened.close()
