"""Files of one user alone: made with 0600, never a link, narrowed where they were wider."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from pathlib import Path

import pytest

from bridge.cache.project_memory import ProjectMemory
from bridge.core.paths import JOURNAL_FILE, STATE_FILE
from bridge.core.private_files import UnsafeFileError, keep_database_private, read_private, write_private
from bridge.orders.journal import Journal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes and owners of POSIX")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def wide_umask() -> object:
    """A user whose new files everybody may write, as in a shared checkout."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_file_is_made_private_and_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "record"
    write_private(path, b"one")
    write_private(path, b"two")
    assert read_private(path, 3) == b"two"
    assert mode_of(path) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["record"]
    with pytest.raises(UnsafeFileError, match="more than 2 bytes"):
        read_private(path, 2)


def test_one_that_others_may_read_is_narrowed_and_one_that_they_may_write_refused(tmp_path: Path) -> None:
    path = tmp_path / "record"
    path.write_bytes(b"one")
    path.chmod(0o644)
    assert read_private(path, 10) == b"one"
    assert mode_of(path) == 0o600
    path.chmod(0o664)
    with pytest.raises(UnsafeFileError, match="written by other users"):
        read_private(path, 10)


def test_another_users_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "record"
    write_private(path, b"one")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(UnsafeFileError, match="another user"):
        read_private(path, 10)


def test_a_link_is_neither_read_nor_written_through(tmp_path: Path) -> None:
    path, outside = tmp_path / "record", tmp_path / "outside"
    outside.write_bytes(b"mine")
    path.symlink_to(outside)
    with pytest.raises(UnsafeFileError, match="link"):
        read_private(path, 10)
    write_private(path, b"one")
    assert outside.read_bytes() == b"mine"
    assert not path.is_symlink()


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "record").mkdir()
    (tmp_path / "record" / "file").touch()
    with pytest.raises(OSError, match="directory"):
        write_private(tmp_path / "record", b"one")
    assert [entry.name for entry in tmp_path.iterdir()] == ["record"]


@pytest.mark.parametrize("kind", ["state", "journal"])
def test_the_projects_databases_are_private(tmp_path: Path, kind: str) -> None:
    def work() -> None:
        opened = ProjectMemory(tmp_path) if kind == "state" else Journal(tmp_path)
        modes = {path.name: mode_of(path) for path in tmp_path.glob(".assetbridge/*.db*")}
        assert len(modes) == 3
        assert set(modes.values()) == {0o600}, modes
        opened.close()

    work()
    # One of an earlier version.
    (tmp_path / (STATE_FILE if kind == "state" else JOURNAL_FILE)).chmod(0o666)
    work()


def test_files_beside_a_wide_database_are_narrowed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE a (b)")
        assert mode_of(tmp_path / "a.db-wal") != 0o600
        keep_database_private(path)
        modes = {entry.name: mode_of(entry) for entry in tmp_path.iterdir()}
        assert modes == {"a.db": 0o600, "a.db-wal": 0o600, "a.db-shm": 0o600}
    database.close()


def test_a_database_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside.db").touch()
    (tmp_path / "a.db").symlink_to(tmp_path / "outside.db")
    with pytest.raises(OSError, match="symbolic links"):
        keep_database_private(tmp_path / "a.db")
