"""When size and time prove that a file still holds what it held."""

from __future__ import annotations

import os

import pytest

from bridge.core.file_stat import Stamp, changed_ns

SECOND = 1_000_000_000
READ = 100 * SECOND


def stat(modified: int, entry: int = 0, size: int = 3) -> os.stat_result:
    """What a file system says of a file, times in ns."""
    times = {"st_atime_ns": 0, "st_mtime_ns": modified, "st_ctime_ns": entry}
    return os.stat_result((0o644, 1, 1, 1, 0, 0, size, 0, 0, 0), times)


@pytest.mark.parametrize(("age", "trusted"), [(10, True), (3, True), (2, False), (1, False), (0, False)])
def test_a_file_that_was_young_when_it_was_read_proves_nothing(age: int, trusted: bool) -> None:
    changed = READ - age * SECOND
    assert Stamp(3, changed, READ, "hash").is_current(stat(changed)) is trusted


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(stat(READ - 8 * SECOND), id="another time"),
        pytest.param(stat(READ - 9 * SECOND, size=4), id="another size"),
        pytest.param(stat(READ - 9 * SECOND, entry=READ + SECOND), id="its old time put back"),
    ],
)
def test_whatever_else_changed_is_noticed(now: os.stat_result) -> None:
    stamp = Stamp(3, READ - 9 * SECOND, READ, "hash")
    assert stamp.is_current(stat(READ - 9 * SECOND))
    assert not stamp.is_current(now)


def test_the_later_of_the_two_times_counts() -> None:
    assert changed_ns(stat(5, 7)) == 7
    assert changed_ns(stat(9, 7)) == 9
