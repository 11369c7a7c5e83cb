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

from bridge.cache.file_index import State
from bridge.cache.migrations import MIGRATIONS
from bridge.core.file_stat import changed_ns

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND
PATH = "a.asset.toml"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(tmp_path, now_ns=lambda: NOW)
    yield made
    made.close()


def write(state: State, text: str, *, age: int = 10) -> str:
    """Writes the file, `age` seconds before the state's clock; returns its sha256."""
    path = state.root / PATH
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(NOW - age * SECOND, NOW - age * SECOND))
    return hashlib.sha256(text.encode()).hexdigest()


def same(state: State) -> bool:
    state.flush()
    (row,) = state.files("spec")
    return state.same(row)


def test_a_settled_file_is_the_same_until_it_changes(state: State) -> None:
    assert state.settle(PATH, "spec", write(state, "one"))
    assert same(state)
    write(state, "two", age=9)
    assert not same(state)
    assert not same(state), "looking once must not make the change the new truth"
    write(state, "one", age=8)
    assert same(state)
    (state.root / PATH).unlink()
    assert not same(state)


def test_what_was_used_stays_known_when_the_file_has_changed_meanwhile(state: State) -> None:
    used = write(state, "one")
    write(state, "two", age=9)
    assert not state.settle(PATH, "spec", used)
    assert not same(state)
    write(state, "one", age=8)
    assert same(state)
    assert state.settle(PATH, "spec", used)


def test_a_forged_time_does_not_hide_a_change(state: State) -> None:
    state.settle(PATH, "spec", write(state, "one", age=10))
    write(state, "two", age=10)
    assert not same(state), "unpacking and copying give new bytes an old time"


def test_a_touched_file_with_the_same_bytes_is_the_same(state: State) -> None:
    state.settle(PATH, "spec", write(state, "one", age=10))
    write(state, "one", age=5)
    assert same(state)
    state.flush()
    (row,) = state.files()
    now = changed_ns((state.root / PATH).stat())
    assert row[2] == now, "the new time is remembered, so that it is not read every time"


def test_files_are_listed_by_role_in_order_of_paths(state: State) -> None:
    for path, role in (("b", "output"), ("c", "spec"), ("a", "output")):
        (state.root / path).write_text(path, encoding="utf-8")
        state.look(path, role)
    state.flush()
    assert [row[:2] for row in state.files()] == [("a", "output"), ("b", "output"), ("c", "spec")]
    assert [row[0] for row in state.files("output")] == ["a", "b"]
    state.forget_others("output", ["b"])
    assert [row[0] for row in state.files()] == ["b", "c"]


def test_many_that_open_a_new_memory_at_once_share_it(tmp_path: Path) -> None:
    """The daemon's worker and its readers do, in a project that has none yet."""
    threads = 4
    for attempt in range(10):
        root = tmp_path / str(attempt)
        together = threading.Barrier(threads)

        def write(number: int, root: Path = root, together: threading.Barrier = together) -> None:
            together.wait()
            made = State(root)
            made.set_meta(f"from {number}", "here")
            made.close()

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(write, range(threads)))
        made = State(root)
        assert [made.meta(f"from {number}") for number in range(threads)] == ["here"] * threads
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
    made = State(tmp_path)
    assert (made.files(), made.meta("plan"), made.result("f1:0")) == ([], None, "result")
    made.close()
    assert not list(folder.glob("*.broken"))


def test_where_nothing_is_something_may_come(state: State) -> None:
    assert state.look(PATH, "spec") is None
    state.flush()
    (row,) = state.files()
    assert state.same(row)
    assert state.all_same([row], {})
    write(state, "one")
    assert not state.same(row)
    assert not state.all_same([row], {})
