"""Every way to save, on a real file system. Waits end as soon as what they wait for has come."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingEmitter

from bridge.core.file_stat import RACY_NS, Stamp
from bridge.watch.contents import ContentSnapshot
from bridge.watch.debounce import DebounceTiming
from bridge.watch.watcher import Watcher
from tests.unit.watch.watched_folder import PATIENCE, QUICK, RecordedChanges, folders_of, watched


def in_place(path: Path, text: str) -> None:
    with path.open("r+") as file:
        file.write(text)
        file.truncate()


def truncate_and_write(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.flush()
        file.write(text)


def atomic_replace(path: Path, text: str) -> None:
    temp = path.with_name(f".{path.name}.swp")
    temp.write_text(text)
    temp.replace(path)


def with_backup(path: Path, text: str) -> None:
    backup = path.with_name(path.name + "~")
    path.rename(backup)
    path.write_text(text)
    backup.unlink()


def moved_in(path: Path, text: str) -> None:
    outside = path.parent.parent.parent / "outside"
    outside.write_text(text)
    outside.replace(path)


def delete_and_create(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text)


needs_links = pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
SAVES = [in_place, truncate_and_write, atomic_replace, with_backup, moved_in, delete_and_create]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    (made / "art").mkdir(parents=True)
    (made / "art/hero.toml").write_text("first")
    return made


@pytest.mark.parametrize("save", SAVES)
def test_every_way_to_save_is_reported_once(root: Path, save: Callable[[Path, str], None]) -> None:
    with watched(root) as (_, changes):
        save(root / "art/hero.toml", "second")
        changes.wait("art/hero.toml")
        save(root / "art/hero.toml", "third time")
        (root / "art/end.toml").write_text("end")
        changes.wait("art/end.toml")
        assert [paths for paths in changes.batches if "art/hero.toml" in paths] == changes.batches[:2]


@pytest.mark.parametrize("save", SAVES)
def test_the_same_bytes_are_not_reported(root: Path, save: Callable[[Path, str], None]) -> None:
    with watched(root) as (_, changes):
        save(root / "art/hero.toml", "first")
        (root / "art/end.toml").write_text("end")
        changes.wait("art/end.toml")
        assert changes.paths == {"art/end.toml"}


def test_reading_and_what_is_not_watched_are_not_reported(root: Path) -> None:
    (root / "out").mkdir()
    with watched(root) as (_, changes):
        (root / "art/hero.toml").read_text()
        (root / "out/made.toml").write_text("output")
        (root / "art/picture.png").write_bytes(b"")
        (root / ".git").mkdir()
        (root / "art/end.toml").write_text("end")
        changes.wait("art/end.toml")
        assert changes.paths == {"art/end.toml"}


def test_a_deleted_file_is_reported(root: Path) -> None:
    with watched(root) as (_, changes):
        (root / "art/hero.toml").unlink()
        changes.wait("art/hero.toml")


def test_a_renamed_file_is_reported_under_both_names(root: Path) -> None:
    with watched(root) as (_, changes):
        (root / "art/hero.toml").rename(root / "art/knight.toml")
        changes.wait("art/hero.toml", "art/knight.toml")


def test_new_folders_with_files_at_once(root: Path) -> None:
    with watched(root) as (_, changes):
        (root / "deep/er/est").mkdir(parents=True)
        (root / "deep/er/est/a.toml").write_text("one")
        changes.wait("deep/er/est/a.toml")
        (root / "deep/er/est/a.toml").write_text("second")
        (root / "deep/er/b.toml").write_text("one")
        changes.wait("deep/er/b.toml")
        changes.wait("deep/er/est/a.toml")


def test_folders_made_between_looking_and_watching_are_watched_too(root: Path) -> None:
    changes = RecordedChanges()

    def folders() -> list[str]:
        listed = folders_of(root)
        (root / "late/inner").mkdir(parents=True, exist_ok=True)
        return listed

    with Watcher(root, lambda path: path.endswith(".toml"), folders, changes, timing=QUICK):
        (root / "late/inner/a.toml").write_text("one")
        changes.wait("late/inner/a.toml")


def test_a_folder_that_is_moved_and_one_made_again(root: Path) -> None:
    with watched(root) as (_, changes):
        (root / "art").rename(root / "pictures")
        changes.wait("art/hero.toml", "pictures/hero.toml")
        changes.forget()
        (root / "pictures/hero.toml").write_text("second")
        changes.wait("pictures/hero.toml")
        shutil.rmtree(root / "pictures")
        (root / "pictures").mkdir()
        changes.forget()
        (root / "pictures/new.toml").write_text("one")
        changes.wait("pictures/new.toml")
        changes.forget()
        (root / "pictures/new.toml").write_text("third")
        changes.wait("pictures/new.toml")


def test_a_burst_of_200_changes(root: Path) -> None:
    paths = [f"art/f{number}.toml" for number in range(200)]
    with watched(root) as (_, changes):
        for path in paths:
            (root / path).write_text("one")
        changes.wait(*paths)
        assert sum(len(batch) for batch in changes.batches) == 200


def test_lost_events_are_found_by_a_rescan(root: Path) -> None:
    def deaf() -> BaseObserver:
        return BaseObserver(PollingEmitter, timeout=3600)

    with watched(root, observer=deaf) as (watcher, changes):
        (root / "art/hero.toml").write_text("second")
        logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; events were lost")
        changes.wait("art/hero.toml")
        changes.forget()
        (root / "art/hero.toml").unlink()
        watcher.rescan()
        changes.wait("art/hero.toml")


def test_the_rescan_comes_by_itself(root: Path) -> None:
    timing = DebounceTiming(QUICK.quiet, QUICK.cap, rescan=0.05)
    with watched(root, timing=timing, observer=lambda: BaseObserver(PollingEmitter, timeout=3600)) as (_, changes):
        (root / "art/hero.toml").write_text("second")
        changes.wait("art/hero.toml")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE])
def test_without_free_watches_it_looks_by_itself_and_says_so(root: Path, number: int) -> None:
    class Full(BaseObserver):
        def schedule(self, *_: Any, **__: Any) -> Any:
            raise OSError(number, os.strerror(number))

    with watched(root, observer=lambda: Full(PollingEmitter)) as (watcher, changes):
        assert watcher.notice is not None
        assert "limit of watched folders" in watcher.notice
        (root / "art/hero.toml").write_text("second")
        (root / "new").mkdir()
        (root / "new/a.toml").write_text("one")
        changes.wait("art/hero.toml", "new/a.toml")


def test_an_observer_that_cannot_begin(root: Path) -> None:
    def broken() -> BaseObserver:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with watched(root, observer=broken) as (watcher, changes):
        assert watcher.notice is not None
        (root / "art/hero.toml").write_text("second")
        changes.wait("art/hero.toml")


@pytest.fixture
def elsewhere(root: Path) -> Path:
    """A folder of the project that is not watched, with a file that a watched folder has a link to."""
    made = root / "out/elsewhere"
    made.mkdir(parents=True)
    (made / "shared.toml").write_text("first")
    (root / "art/link.toml").symlink_to(made / "shared.toml")
    return made


@needs_links
@pytest.mark.parametrize("save", [in_place, atomic_replace])
def test_a_change_behind_a_link_is_reported(root: Path, elsewhere: Path, save: Callable[[Path, str], None]) -> None:
    with watched(root) as (_, changes):
        for text in ("second", "third time"):
            save(elsewhere / "shared.toml", text)
            changes.wait("art/link.toml")
            assert changes.paths == {"art/link.toml"}
            changes.forget()


@needs_links
def test_a_link_that_is_made_later_and_one_whose_file_goes_and_comes_back(root: Path, elsewhere: Path) -> None:
    with watched(root) as (_, changes):
        (elsewhere / "later.toml").write_text("first")
        (root / "art/later.toml").symlink_to(elsewhere / "later.toml")
        changes.wait("art/later.toml")
        for change in (
            lambda: (elsewhere / "later.toml").write_text("second"),
            (elsewhere / "later.toml").unlink,
            lambda: (elsewhere / "later.toml").write_text("back"),
        ):
            changes.forget()
            change()
            changes.wait("art/later.toml")


@needs_links
def test_a_folder_on_the_way_of_a_link_that_leads_elsewhere_now(root: Path, elsewhere: Path) -> None:
    for name in ("one", "two"):
        (elsewhere / name).mkdir()
        (elsewhere / name / "hero.toml").write_text(name)
    (elsewhere / "current").symlink_to("one")
    (root / "art/current.toml").symlink_to(elsewhere / "current/hero.toml")
    with watched(root) as (_, changes):
        (elsewhere / "next").symlink_to("two")
        (elsewhere / "next").replace(elsewhere / "current")
        changes.wait("art/current.toml")


def test_network_shares_are_polled(root: Path) -> None:
    with watched(root, file_system_of=lambda _: "nfs4") as (watcher, changes):
        assert watcher.notice is not None
        assert "nfs4" in watcher.notice
        assert watcher.notice.endswith(f"looking every {QUICK.poll} seconds")
        (root / "art/hero.toml").write_text("second")
        changes.wait("art/hero.toml")


def test_polling_reads_no_file_that_stands(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[str] = []
    read = ContentSnapshot.read

    def later(snapshot: ContentSnapshot, path: str) -> Stamp | None:
        """Reads a file as if it had been there for long."""
        reads.append(path)
        stamp = read(snapshot, path)
        return stamp._replace(read_ns=stamp.read_ns + 10 * RACY_NS) if stamp else None

    looks = threading.Semaphore(0)

    def folders() -> list[str]:
        looks.release()
        return ["art"]

    monkeypatch.setattr(ContentSnapshot, "read", later)
    with Watcher(root, lambda _: True, folders, lambda _: None, timing=QUICK, file_system_of=lambda _: "nfs4"):
        for _ in range(4):
            assert looks.acquire(timeout=PATIENCE)
    assert reads == ["art/hero.toml"]


def test_what_takes_long_is_polled_less_often(root: Path) -> None:
    watcher = Watcher(root, lambda _: True, lambda: ["art"], lambda _: None)
    assert watcher._rescan_seconds() == 2.0
    watcher._effort = 0.3
    assert watcher._rescan_seconds() == pytest.approx(10.0)


def test_a_thread_that_fails_says_why(root: Path) -> None:
    def told(_: frozenset[str]) -> None:
        raise LookupError("here")

    watcher = Watcher(root, lambda _: True, lambda: ["art"], told, timing=QUICK)
    watcher.start()
    try:
        (root / "art/hero.toml").write_text("second")
        assert watcher._thread is not None
        watcher._thread.join(20)
        assert isinstance(watcher.failure, LookupError)
    finally:
        watcher.stop()
