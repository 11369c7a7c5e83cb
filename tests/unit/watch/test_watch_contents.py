"""Snapshots and the kinds of file systems."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.watch.contents import ContentSnapshot
from bridge.watch.filesystems import file_system_type

LATER = 10_000_000_000


def snapshot(root: Path, *paths: str) -> ContentSnapshot:
    """A snapshot whose files were old when they were read."""
    made = ContentSnapshot(root, now_ns=lambda: max(path.stat().st_mtime_ns for path in root.iterdir()) + LATER)
    made.accept_all(paths)
    return made


def test_the_same_bytes_again_are_no_change(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    kept = snapshot(tmp_path, "a")
    (tmp_path / "a").write_text("one")
    assert not kept.accept("a", kept.read("a"))
    (tmp_path / "a").write_text("two")
    assert kept.accept("a", kept.read("a"))
    assert not kept.accept("a", kept.read("a"))


def test_coming_and_going_are_changes(tmp_path: Path) -> None:
    kept = ContentSnapshot(tmp_path)
    assert not kept.accept("a", kept.read("a"))
    (tmp_path / "a").write_text("one")
    assert kept.accept("a", kept.read("a"))
    (tmp_path / "a").unlink()
    assert kept.accept("a", kept.read("a"))
    assert "a" not in kept


def test_only_what_may_differ_is_read_again(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text("one")
    kept = snapshot(tmp_path, "a", "b", "c")
    assert kept.changed_candidates("abc") == set()
    (tmp_path / "a").write_text("longer")
    (tmp_path / "b").unlink()
    (tmp_path / "d").write_text("new")
    assert kept.changed_candidates("acd") == {"a", "b", "d"}


def test_a_file_that_is_not_there_is_in_doubt_only_if_it_was(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    kept = snapshot(tmp_path, "a")
    assert kept.restamped_files(["a", "never"]) == set()
    (tmp_path / "a").unlink()
    assert kept.restamped_files(["a", "never"]) == {"a"}


def test_a_file_read_right_after_its_write_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    written = (tmp_path / "a").stat().st_mtime_ns
    kept = ContentSnapshot(tmp_path, now_ns=lambda: written + 1)
    kept.accept_all("a")
    (tmp_path / "a").write_text("two")
    os.utime(tmp_path / "a", ns=(written, written))
    assert kept.changed_candidates("a") == {"a"}


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert ContentSnapshot(tmp_path).read("a") is None


def test_the_file_system_is_that_of_the_innermost_mount(tmp_path: Path) -> None:
    share = tmp_path / "my share"
    share.mkdir()
    escaped = os.path.realpath(share).replace(" ", "\\040")
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        f"41 22 0:40 / {escaped} rw,relatime shared:7 master:1 - nfs4 host:/export rw\n"
        "42 22 0:41 / /elsewhere rw - tmpfs tmpfs rw\n"
    )
    assert file_system_type(share, mounts) == "nfs4"
    assert file_system_type(tmp_path, mounts) == "ext4"
    assert file_system_type(tmp_path, tmp_path / "nothing") == ""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_no_file_and_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rock.asset.toml")
    assert ContentSnapshot(tmp_path).read("rock.asset.toml") is None
