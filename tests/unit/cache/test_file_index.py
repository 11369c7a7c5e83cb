"""What is remembered of files: trusted only when size and time prove it, and never replaced by merely looking."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bridge.cache.migrations import MIGRATIONS
from bridge.cache.project_memory import ProjectMemory
from bridge.core.file_stat import changed_ns

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND
PATH = "a.asset.toml"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[ProjectMemory]:
    made = ProjectMemory(tmp_path, now_ns=lambda: NOW)
    yield made
    made.close()


def write(state: ProjectMemory, text: str, *, age: int = 10) -> str:
    """Writes the file, `age` seconds before the state's clock; returns its sha256."""
    path = state.root / PATH
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(NOW - age * SECOND, NOW - age * SECOND))
    return hashlib.sha256(text.encode()).hexdigest()


def same(state: ProjectMemory) -> bool:
    state.files.flush()
    (row,) = state.files.list_rows("spec")
    return state.files.is_unchanged(row)


def test_a_settled_file_is_the_same_until_it_changes(state: ProjectMemory) -> None:
    assert state.files.record_used(PATH, "spec", write(state, "one"))
    assert same(state)
    write(state, "two", age=9)
    assert not same(state)
    assert not same(state), "looking once must not make the change the new truth"
    write(state, "one", age=8)
    assert same(state)
    (state.root / PATH).unlink()
    assert not same(state)


def test_what_was_used_stays_known_when_the_file_has_changed_meanwhile(state: ProjectMemory) -> None:
    used = write(state, "one")
    write(state, "two", age=9)
    assert not state.files.record_used(PATH, "spec", used)
    assert not same(state)
    write(state, "one", age=8)
    assert same(state)
    assert state.files.record_used(PATH, "spec", used)


def test_a_forged_time_does_not_hide_a_change(state: ProjectMemory) -> None:
    state.files.record_used(PATH, "spec", write(state, "one", age=10))
    write(state, "two", age=10)
    assert not same(state), "unpacking and copying give new bytes an old time"


def test_a_touched_file_with_the_same_bytes_is_the_same(state: ProjectMemory) -> None:
    state.files.record_used(PATH, "spec", write(state, "one", age=10))
    write(state, "one", age=5)
    assert same(state)
    state.files.flush()
    (row,) = state.files.list_rows()
    now = changed_ns((state.root / PATH).stat())
    assert row[2] == now, "the new time is remembered, so that it is not read every time"


def test_files_are_listed_by_role_in_order_of_paths(state: ProjectMemory) -> None:
    for path, role in (("b", "output"), ("c", "spec"), ("a", "output")):
        (state.root / path).write_text(path, encoding="utf-8")
        state.files.hash_of(path, role)
    state.files.flush()
    assert [row[:2] for row in state.files.list_rows()] == [("a", "output"), ("b", "output"), ("c", "spec")]
    assert [row[0] for row in state.files.list_rows("output")] == ["a", "b"]
    state.files.forget_others("output", ["b"])
    assert [row[0] for row in state.files.list_rows()] == ["b", "c"]


def test_many_that_open_a_new_memory_at_once_share_it(tmp_path: Path) -> None:
    """The daemon's worker and its readers do, in a project that has none yet."""
    threads = 4
    for attempt in range(10):
        root = tmp_path / str(attempt)
        root.mkdir()
        together = threading.Barrier(threads)

        def write(number: int, root: Path = root, together: threading.Barrier = together) -> None:
            together.wait()
            made = ProjectMemory(root)
            made.facts.put(f"from {number}", "here")
            made.close()

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(write, range(threads)))
        made = ProjectMemory(root)
        assert [made.facts.get(f"from {number}") for number in range(threads)] == ["here"] * threads
        made.close()
        assert not list(root.rglob("*.broken"))


def test_a_memory_of_the_first_shape_keeps_its_results(tmp_path: Path) -> None:
    folder = tmp_path / ".assetbridge"
    folder.mkdir()
    with sqlite3.connect(folder / "state.db") as database:
        MIGRATIONS[0](database)
        database.execute("PRAGMA user_version = 1")
        database.execute("INSERT INTO file VALUES ('a', 'spec', 1, 2, 'hash', '', 3)")
        database.execute("INSERT INTO meta VALUES ('plan', 'of other marks')")
        database.execute("INSERT INTO result VALUES ('f1:0', 'result')")
    database.close()
    made = ProjectMemory(tmp_path)
    assert (made.files.list_rows(), made.facts.get("plan"), made.results.get("f1:0")) == ([], None, "result")
    made.close()
    assert not list(folder.glob("*.broken"))


def test_where_nothing_is_something_may_come(state: ProjectMemory) -> None:
    assert state.files.hash_of(PATH, "spec") is None
    state.files.flush()
    (row,) = state.files.list_rows()
    assert state.files.is_unchanged(row)
    assert state.files.are_unchanged([row], {})
    write(state, "one")
    assert not state.files.is_unchanged(row)
    assert not state.files.are_unchanged([row], {})
