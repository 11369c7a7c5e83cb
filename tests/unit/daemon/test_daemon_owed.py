"""Work that failed as a whole is kept, tried again without a spin, and told of once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from bridge.build.reporter import AssetResult
from bridge.core.errors import Defect, UserError, WorkFailed
from bridge.core.paths import PROJECT_FILE
from bridge.daemon.build_outcomes import BuildOutcome
from bridge.daemon.events import EventLog
from bridge.daemon.worker import owed as owing
from bridge.daemon.worker import save_watcher
from bridge.daemon.worker.owed import OwedWork, find_cause, is_worth_trying, note_failure
from bridge.daemon.worker.requests import ApprovedPlan, BuildRequest, RequestOptions
from bridge.daemon.worker.save_watcher import SaveWatcher
from bridge.daemon.worker.worker import BuildWorker
from bridge.project import Project
from bridge.store import lockfile
from bridge.watch.watcher import Watcher
from tests.unit.daemon.conftest import SPRITE, make_project, write

FULL = WorkFailed("disk_full", "the disk is full")
BAD_LOCK = UserError("lock_invalid", "conflict markers")


def test_what_is_owed() -> None:
    assert find_cause(BuildOutcome(failure=FULL), follows=False) is FULL
    assert find_cause(BuildOutcome(failure=BAD_LOCK), follows=True) is BAD_LOCK
    assert find_cause(BuildOutcome((AssetResult("a", "failed", FULL),)), follows=True) is FULL
    # Of a spec, of who asked, of a person who stopped it.
    broken = UserError("spec_invalid", "a mistake")
    assert find_cause(BuildOutcome((AssetResult("a", "failed", broken),), (broken,)), follows=True) is None
    assert find_cause(BuildOutcome(failure=UserError("plan_changed", "x")), follows=False) is None
    assert find_cause(BuildOutcome(failure=WorkFailed("interrupted", "x")), follows=True) is None
    assert find_cause(BuildOutcome(), follows=True) is None


def test_a_minute_has_few_attempts_and_later_ones_one() -> None:
    monotonic, owed, tries = 0.0, None, []
    while monotonic < 600:
        owed = note_failure(owed, BAD_LOCK, 1000.0 + monotonic, monotonic)
        tries.append(monotonic)
        monotonic = owed.retry_at
    assert [one for one in tries if one < 60] == [0, 1, 3, 7, 15, 31]
    assert all(later - earlier <= 60 for earlier, later in pairwise(tries))
    assert owed is not None
    assert (owed.attempts, owed.since) == (len(tries), 1000.0)


def test_a_defect_waits_for_a_change() -> None:
    assert note_failure(None, Defect("internal", "x"), 0, 0).retry_at == math.inf


def test_a_full_disk_is_looked_at_before_anything_is_drawn(tmp_path: Path) -> None:
    owed = OwedWork(FULL, 0, 1, 0)
    assert not is_worth_trying(owed, tmp_path, lambda _root: 1000)
    assert is_worth_trying(owed, tmp_path, lambda _root: 1 << 30)
    assert is_worth_trying(OwedWork(BAD_LOCK, 0, 1, 0), tmp_path, lambda _root: 0)


@pytest.fixture
def worker(tmp_path: Path, own_config: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BuildWorker]:
    """A worker in this process that tries again every few milliseconds."""
    del own_config
    monkeypatch.setattr(owing, "_FIRST_SECONDS", 0.05)
    monkeypatch.setattr(owing, "_LONGEST_SECONDS", 0.1)
    made = BuildWorker(make_project(tmp_path / "project"), EventLog("run"))
    made.start()
    made.build_changed(frozenset())
    wait_until(lambda: not made.is_busy)
    assert made.owed is None
    yield made
    assert made.stop()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def tell(worker: BuildWorker) -> list[tuple[str, str | None]]:
    """The events so far that have an error or are about one: type and code."""
    events = [event.as_dict() for event in worker.log.after("0") or ()]
    return [
        (event["type"], event["error"]["code"] if event["error"] else None)
        for event in events
        if event["type"] == "owed" or (event["type"] == "done" and event["error"])
    ]


@pytest.mark.parametrize(
    ("name", "bad", "code"),
    [
        (lockfile.FILE_NAME, "<<<<<<< ours\n", "lock_invalid"),
        (PROJECT_FILE, "[project\n", "config_invalid"),
        (PROJECT_FILE, None, "config_invalid"),
    ],
)
def test_a_save_is_built_when_the_cause_is_gone(worker: BuildWorker, name: str, bad: str | None, code: str) -> None:
    root, good = worker.root, (worker.root / name).read_text(encoding="utf-8")
    (root / name).unlink() if bad is None else write(root, name, bad)
    write(root, "art/rock.asset.toml", SPRITE.replace("mossy", "dry"))
    before = (root / "export/art/rock.png").read_bytes()
    worker.build_changed(frozenset({"art/rock.asset.toml"}))
    wait_until(lambda: worker.owed is not None and worker.owed.attempts > 3)
    owed = worker.owed
    assert owed is not None
    assert owed.error.code == code
    # However often it was tried: said once.
    assert tell(worker) == [("owed", code), ("done", code)]
    # A save of another file does not make it forgotten.
    write(root, "art/pebble.asset.toml", SPRITE)
    worker.build_changed(frozenset({"art/pebble.asset.toml"}))
    wait_until(lambda: not worker.is_busy)
    write(root, name, good)
    wait_until(lambda: worker.owed is None)
    assert (root / "export/art/rock.png").read_bytes() != before
    assert (root / "export/art/pebble.png").exists()
    assert tell(worker)[-1] == ("owed", None)


def test_settings_of_another_project_are_taken_up(worker: BuildWorker) -> None:
    text = (worker.root / PROJECT_FILE).read_text(encoding="utf-8")
    write(worker.root, PROJECT_FILE, text.replace('id = "7e57"', 'id = "0ther"').replace('"export"', '"elsewhere"'))
    worker.build_changed(frozenset({PROJECT_FILE}))
    wait_until(lambda: not worker.is_busy)
    assert (worker.root / "elsewhere/art/rock.png").exists()
    assert worker.owed is None


def test_another_process_at_work_is_waited_for(worker: BuildWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker._owner, "owned", partial(worker._owner.owned, 0.0))
    write(worker.root, "art/pebble.asset.toml", SPRITE)
    with Project.open(worker.root) as project, project.owned():
        worker.build_changed(frozenset({"art/pebble.asset.toml"}))
        wait_until(lambda: worker.owed is not None and worker.owed.attempts > 2)
        assert tell(worker) == [("owed", "project_locked"), ("done", "project_locked")]
    wait_until(lambda: worker.owed is None)
    assert (worker.root / "export/art/pebble.png").exists()


def test_a_build_that_somebody_asked_for_is_not_repeated(worker: BuildWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a save asks for is tried again: without the approval and the options of the request that failed."""
    tried: list[BuildRequest] = []
    execute = worker._execute

    def note(request: BuildRequest) -> BuildOutcome:
        tried.append(request)
        return execute(request)

    monkeypatch.setattr(worker, "_execute", note)
    good = (worker.root / lockfile.FILE_NAME).read_text(encoding="utf-8")
    write(worker.root, lockfile.FILE_NAME, "<<<<<<< ours\n")
    number = worker.build(["art/rock"], RequestOptions(ApprovedPlan("digest"), force=True))
    wait_until(lambda: worker.owed is not None and worker.owed.attempts > 7)
    asked, *retries = tried
    assert (asked.number, asked.options.force) == (number, True)
    assert {request.is_retry and request.options == RequestOptions() for request in retries} == {True}
    # And who asked can still read what became of it.
    outcome = worker.outcome_of(number)
    assert outcome is not None
    assert outcome.failure is not None
    assert outcome.failure.code == "lock_invalid"
    write(worker.root, lockfile.FILE_NAME, good)
    wait_until(lambda: worker.owed is None)


@pytest.mark.parametrize("name", [lockfile.FILE_NAME, PROJECT_FILE])
def test_a_daemon_that_starts_beside_a_bad_file_watches_all_the_same(
    tmp_path: Path, own_config: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the watcher can tell: another try is an hour away."""
    del own_config
    monkeypatch.setattr(owing, "_FIRST_SECONDS", 3600.0)
    monkeypatch.setattr(owing, "_LONGEST_SECONDS", 3600.0)
    root = make_project(tmp_path / "project")
    good = (root / name).read_text(encoding="utf-8") if (root / name).exists() else ""
    write(root, name, "<<<<<<< ours\n")
    worker = BuildWorker(root, EventLog("run"))
    watcher = SaveWatcher(root, worker)
    worker.start()
    watcher.start()
    wait_until(lambda: worker.owed is not None and not worker.is_busy and watcher.is_watching)
    (root / name).unlink()
    if good:
        write(root, name, good)
    wait_until(lambda: (root / "export/art/rock.png").exists() and worker.owed is None)
    watcher.stop()
    assert worker.stop()


def test_a_watcher_that_failed_begins_anew(worker: BuildWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(save_watcher, "_CHECK_SECONDS", 0.05)
    look, failures = Watcher._look_everywhere_now, [OSError("a defect")]

    def fail_once(watcher: Watcher) -> set[str]:
        if failures:
            raise failures.pop()
        return look(watcher)

    watcher = SaveWatcher(worker.root, worker)
    watcher.start()
    wait_until(lambda: watcher.is_watching)
    monkeypatch.setattr(Watcher, "_look_everywhere_now", fail_once)
    first = watcher._watcher
    assert first is not None
    first.rescan()
    wait_until(lambda: watcher._watcher is not first and watcher.is_watching)
    write(worker.root, "art/pebble.asset.toml", SPRITE)
    wait_until((worker.root / "export/art/pebble.png").exists)
    watcher.stop()


def test_nothing_is_built_where_the_folder_was_replaced(tmp_path: Path, own_config: Path) -> None:
    del own_config
    worker = BuildWorker(make_project(tmp_path / "project"), EventLog("run"), is_at_home=lambda: False)
    worker.start()
    worker.build_changed(frozenset())
    wait_until(lambda: not worker.is_busy)
    assert not (worker.root / "export").exists()
    assert not (worker.root / ".assetbridge").exists()
    assert worker.stop()
