"""Files of one user alone: made with 0600, never a link, narrowed where they were wider."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.cache.project_memory import ProjectMemory
from bridge.core.paths import JOURNAL_FILE, STATE_FILE
from bridge.core.private_files import UnsafeFileError, open_private, read_private
from bridge.core.root_folder import RootFolder
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


def test_a_file_that_is_made_is_private(tmp_path: Path) -> None:
    folder = RootFolder(tmp_path)
    with os.fdopen(open_private(folder, "log", os.O_RDWR | os.O_APPEND), "wb") as file:
        file.write(b"two")
    assert read_private(folder, "log", 3) == b"two"
    assert mode_of(tmp_path / "log") == 0o600
    with pytest.raises(UnsafeFileError, match="more than 2 bytes"):
        read_private(folder, "log", 2)


def test_one_that_others_may_read_is_narrowed_and_one_that_they_may_write_refused(tmp_path: Path) -> None:
    path = tmp_path / "record"
    path.write_bytes(b"one")
    path.chmod(0o644)
    assert read_private(RootFolder(tmp_path), "record", 10) == b"one"
    assert mode_of(path) == 0o600
    path.chmod(0o664)
    with pytest.raises(UnsafeFileError, match="written by other users"):
        read_private(RootFolder(tmp_path), "record", 10)


def test_another_users_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "record").write_bytes(b"one")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(UnsafeFileError, match="another user"):
        read_private(RootFolder(tmp_path), "record", 10)


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR])
def test_a_link_and_a_pipe_are_refused_and_not_waited_for(tmp_path: Path, flags: int) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    (tmp_path / "record").symlink_to(outside)
    os.mkfifo(tmp_path / "pipe")
    for name in ("record", "pipe"):
        with pytest.raises(UnsafeFileError, match="link"):
            open_private(RootFolder(tmp_path), name, flags)
    assert outside.read_bytes() == b"mine"


@pytest.mark.parametrize("kind", ["state", "journal"])
def test_the_projects_databases_are_private(tmp_path: Path, kind: str) -> None:
    def work() -> None:
        opened = ProjectMemory(tmp_path) if kind == "state" else Journal(tmp_path)
        modes = {path.name: mode_of(path) for path in tmp_path.glob(".assetbridge/*.db*")}
        assert len(modes) == 4
        assert set(modes.values()) == {0o600}, modes
        opened.close()

    work()
    # One of an earlier version.
    (tmp_path / (STATE_FILE if kind == "state" else JOURNAL_FILE)).chmod(0o666)
    work()


@pytest.mark.parametrize("kind", ["state", "journal"])
def test_a_second_connection_leaves_the_locks_of_the_first(tmp_path: Path, kind: str) -> None:
    """Another process must not take the log of changes away while this one has the database open."""
    begin = ProjectMemory if kind == "state" else Journal
    path = tmp_path / (STATE_FILE if kind == "state" else JOURNAL_FILE)
    begin(tmp_path).close()
    first = begin(tmp_path)
    begin(tmp_path).close()
    script = (
        "import sqlite3, sys; database = sqlite3.connect(sys.argv[1], timeout=0.1);"
        "database.execute('PRAGMA locking_mode=EXCLUSIVE'); database.execute('PRAGMA journal_mode=DELETE').fetchall()"
    )
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=False)
    assert "database is locked" in done.stderr
    first.close()
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
