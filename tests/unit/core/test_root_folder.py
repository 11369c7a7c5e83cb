"""A folder whose files are reached without links: what is written is whole, what is left over is swept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.core import flush, folder_entry
from bridge.core.disk_errors import RefusedPathError
from bridge.core.errors import WorkFailed
from bridge.core.flush import flush_files
from bridge.core.folder_entry import split_path
from bridge.core.process_lock import ProcessLock
from bridge.core.root_folder import RootFolder


@pytest.fixture(params=[True, False], ids=["handles", "paths"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RootFolder:
    """A folder, reached by handles where the system has them, and by paths as on Windows."""
    if not request.param:
        monkeypatch.setattr(folder_entry, "HAS_HANDLES", False)
    return RootFolder(tmp_path / "root")


def names(folder: RootFolder) -> list[str]:
    return sorted(path.relative_to(folder.path).as_posix() for path in folder.path.rglob("*") if path.is_file())


def test_what_is_written_is_read_and_not_written_again(folder: RootFolder) -> None:
    assert folder.write("a/b/file", b"one", durable=True)
    before = folder.stat("a/b/file")
    assert not folder.write("a/b/file", b"one")
    assert folder.stat("a/b/file").st_ino == before.st_ino
    assert folder.write("a/b/file", b"two")
    assert folder.read("a/b/file") == b"two"
    # Engines compare whole seconds.
    assert int(folder.stat("a/b/file").st_mtime) > int(before.st_mtime)
    assert names(folder) == ["a/b/file"]


@pytest.mark.parametrize("path", ["", ".", "..", "a/../../b", "/etc/passwd", "a\0b", ".git/config", "a/.GIT/hooks/x"])
def test_no_path_leads_out_or_into_version_control(folder: RootFolder, path: str) -> None:
    with pytest.raises(WorkFailed) as caught:
        folder.write(path, b"")
    assert caught.value.code == "unsafe_path"


@pytest.mark.parametrize("path", ["C:x", "C:\\x", "\\\\host\\share\\x", "a\\..\\b", "file:stream"])
def test_on_windows_drives_shares_and_streams_lead_out(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(folder_entry, "WINDOWS", True)
    with pytest.raises(RefusedPathError):
        split_path(path)


def test_a_folder_below_is_reached_from_above(folder: RootFolder) -> None:
    folder.below("a/b").write("file", b"")
    assert names(folder) == ["a/b/file"]
    assert folder.below("a").path == folder.path / "a"
    with pytest.raises(RefusedPathError):
        folder.below("../a")


def test_a_folder_in_the_way_is_a_conflict(folder: RootFolder) -> None:
    folder.make_folder("file")
    with pytest.raises(WorkFailed) as caught:
        folder.write("file", b"")
    assert caught.value.code == "output_conflict"


def test_a_new_file_is_never_written_over_another(folder: RootFolder) -> None:
    assert folder.create_new("file", b"first", private=True)
    assert not folder.create_new("file", b"second")
    assert folder.read("file") == b"first"
    assert names(folder) == ["file"]
    folder.write("other", b"")
    with pytest.raises(FileExistsError):
        folder.rename_beside("other", "file")


@pytest.mark.skipif(os.name != "posix", reason="processes are looked up as POSIX does")
def test_only_what_nobody_will_use_is_swept(folder: RootFolder) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    folder.write("kept", b"")
    staged = folder.stage("target", b"in use")
    left = f".{ended.pid}-0123456789abcdef.assetbridge-tmp"
    alive = f".{os.getppid()}-0123456789abcdef.assetbridge-tmp"
    for name in (left, alive, ".user.assetbridge-tmp", "x0123456789abcdef.assetbridge-tmp"):
        (folder.path / name).write_bytes(b"")
    (folder.path / f".{ended.pid}-fedcba9876543210.assetbridge-tmp").mkdir()
    folder.sweep(".", in_use=True)
    assert left not in names(folder)
    assert {alive, staged.temp, "kept", ".user.assetbridge-tmp"} <= set(names(folder))
    folder.commit(staged)
    assert folder.read("target") == b"in use"
    folder.sweep(".", in_use=False)
    assert names(folder) == [".user.assetbridge-tmp", "kept", "target", "x0123456789abcdef.assetbridge-tmp"]


def test_a_lock_is_held_by_one(folder: RootFolder) -> None:
    first, second = ProcessLock(folder, "a/lock"), ProcessLock(folder, "a/lock")
    assert first.acquire()
    assert not second.acquire(0.1)
    first.release()
    assert second.acquire()
    second.release()


@pytest.mark.parametrize("number", [1, 25])
def test_files_are_waited_for_one_by_one_or_all_at_once(
    folder: RootFolder, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    paths = [f"out/{index}" for index in range(number)]
    for path in paths:
        folder.write(path, b"x")
    synced: list[str] = []

    def flush_all(_folder: RootFolder) -> bool:
        synced.append("all")
        return True

    monkeypatch.setattr(flush, "_flush_file_system", flush_all)
    monkeypatch.setattr(RootFolder, "sync_files", lambda _self, files: synced.extend(files))
    flush_files(folder, [*paths, "gone"])
    assert synced == ([*paths, "gone"] if number == 1 else ["all"])


def test_a_real_flush_of_either_kind_succeeds(folder: RootFolder) -> None:
    for index in range(12):
        folder.write(f"out/{index}", b"x")
    flush_files(folder, ["out/1", "gone/2"])
    flush_files(folder, [f"out/{index}" for index in range(12)])
