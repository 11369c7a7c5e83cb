"""The daemon's log: bounded, without keys and control characters, and each thing a few times."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.core import redact
from bridge.core.paths import DAEMON_LOG_FILE
from bridge.core.private_files import UnsafeFileError
from bridge.daemon.process.daemon_log import DaemonLog, DaemonLogHandler, RepeatLimiter, open_log

MOST = 20_000


class FakeTime:
    """A clock that is set by hand."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    opened = open_log(tmp_path)
    yield opened
    os.close(opened)


def read(root: Path, suffix: str = "") -> str:
    return (root / f"{DAEMON_LOG_FILE}{suffix}").read_text(encoding="utf-8")


def make_logger(root: Path, descriptor: int, clock: FakeTime, most_lines: int = 1000) -> logging.Logger:
    handler = DaemonLogHandler(DaemonLog(root, MOST, descriptor), RepeatLimiter(most_lines, clock), descriptor)
    logger = logging.getLogger(f"tests.{root.name}")
    logger.propagate = False
    logger.addHandler(handler)
    return logger


def test_it_never_grows_beyond_its_bound(tmp_path: Path, descriptor: int) -> None:
    clock = FakeTime()
    logger = make_logger(tmp_path, descriptor, clock)
    for number in range(500):
        clock.seconds += 61
        logger.error("line %d %s", number, "x" * 500)
        assert (tmp_path / DAEMON_LOG_FILE).stat().st_size <= MOST
    assert "line 499 " in read(tmp_path)
    old = read(tmp_path, ".1")
    assert 0 < len(old) <= MOST + 1000
    assert sorted(path.name for path in (tmp_path / ".assetbridge").iterdir()) == ["daemon.log", "daemon.log.1"]


def test_the_same_is_said_three_times_a_minute_and_then_counted(tmp_path: Path, descriptor: int) -> None:
    clock = FakeTime()
    logger = make_logger(tmp_path, descriptor, clock)
    for number in range(100):
        logger.error(f"connection {number} failed")  # noqa: G004  as asyncio does
    assert read(tmp_path).count("connection") == 3
    clock.seconds = 61
    logger.error("connection 7 failed")
    assert "97 more like this were left out" in read(tmp_path)


def test_different_things_have_a_bound_of_their_own(tmp_path: Path, descriptor: int) -> None:
    logger = make_logger(tmp_path, descriptor, FakeTime(), most_lines=10)
    for number in range(500):
        logger.error("x" * number)
    assert read(tmp_path).count("ERROR") == 10


def test_keys_and_what_a_terminal_obeys_are_not_in_it(
    tmp_path: Path, descriptor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redact, "_known", {"very-secret-key"})
    logger = make_logger(tmp_path, descriptor, FakeTime())
    try:
        raise ValueError("very-secret-key \x1b[2J \u202e \ud800")
    except ValueError:
        logger.exception("failed")
    text = read(tmp_path)
    assert "Traceback" in text
    assert "very-secret-key" not in text
    assert "\\x1b[2J \\u202e \\ud800" in text


def test_a_long_entry_is_cut(tmp_path: Path, descriptor: int) -> None:
    make_logger(tmp_path, descriptor, FakeTime()).error("begin %s end", "x" * 100_000)
    text = read(tmp_path)
    assert len(text) < 10_000
    assert "begin" in text
    assert "end" in text


def test_what_an_earlier_daemon_left_is_kept_beside_it(tmp_path: Path, descriptor: int) -> None:
    os.write(descriptor, b"crashed\n")
    DaemonLog(tmp_path, MOST, descriptor).begin()
    assert read(tmp_path) == ""
    assert read(tmp_path, ".1") == "crashed\n"


def test_a_disk_that_takes_no_old_log_still_has_a_bound(tmp_path: Path, descriptor: int) -> None:
    (tmp_path / f"{DAEMON_LOG_FILE}.1").mkdir()
    os.write(descriptor, b"x" * (MOST + 1))
    DaemonLog(tmp_path, MOST, descriptor).trim()
    assert read(tmp_path) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")
@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "wide"])
def test_it_is_no_link_and_nobody_elses(tmp_path: Path, kind: str) -> None:
    log, outside = tmp_path / DAEMON_LOG_FILE, tmp_path / "outside"
    outside.write_text("mine", encoding="utf-8")
    log.parent.mkdir()
    if kind == "link":
        log.symlink_to(outside)
    elif kind == "pipe":
        os.mkfifo(log)
    elif kind == "folder":
        log.mkdir()
    else:
        log.touch()
        log.chmod(0o666)
    with pytest.raises(UnsafeFileError):
        open_log(tmp_path)
    assert outside.read_text(encoding="utf-8") == "mine"


def test_a_terminal_is_left_alone(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"x" * 100)
    DaemonLog(tmp_path, 10, writing).trim()
    assert os.read(reading, 1000) == b"x" * 100
    os.close(reading)
    os.close(writing)


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be moved there")
def test_a_log_that_another_file_replaced_is_not_cut(tmp_path: Path, descriptor: int) -> None:
    os.write(descriptor, b"x" * 100)
    (tmp_path / DAEMON_LOG_FILE).rename(tmp_path / "kept")
    (tmp_path / DAEMON_LOG_FILE).write_text("another", encoding="utf-8")
    DaemonLog(tmp_path, 10, descriptor).trim()
    assert (tmp_path / "kept").stat().st_size == 100
    assert read(tmp_path) == "another"
