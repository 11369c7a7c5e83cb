"""What a stranger puts in the place of a file or folder, and which files a command has opened."""

from __future__ import annotations

import io
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from bridge.cli import main

PATIENCE_SECONDS = 30


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)


def file_link(path: Path, outside: Path) -> None:
    """A link to a file of the user's."""
    _clear(path)
    path.symlink_to(outside / "home/.bashrc")


def dangling_link(path: Path, outside: Path) -> None:
    """A link to a file that would be made by writing through it."""
    _clear(path)
    path.symlink_to(outside / "home/made-by-a-link")


def folder_link(path: Path, outside: Path) -> None:
    """A link to a folder of the user's."""
    _clear(path)
    path.symlink_to(outside / "home")


def hard_link(path: Path, outside: Path) -> None:
    """A second name of a file of the user's."""
    _clear(path)
    path.hardlink_to(outside / "home/.bashrc")


def pipe(path: Path, outside: Path) -> None:
    """A pipe that nobody writes into: whoever opens it to read waits for ever."""
    del outside
    _clear(path)
    os.mkfifo(path)


def device_link(path: Path, outside: Path) -> None:
    """A link to a device that never ends."""
    del outside
    _clear(path)
    path.symlink_to("/dev/zero")


def device(path: Path, outside: Path) -> None:
    """A device that never ends, in the folder itself: an archive that is unpacked by the system's user brings one."""
    if os.geteuid() != 0:
        return device_link(path, outside)
    _clear(path)
    os.mknod(path, 0o20666, os.makedev(1, 5))
    return None


TRAPS: tuple[Callable[[Path, Path], None], ...] = (
    file_link,
    dangling_link,
    folder_link,
    hard_link,
    pipe,
    device_link,
    device,
)


@contextmanager
def patience(seconds: int = PATIENCE_SECONDS) -> Iterator[None]:
    """Fails what waits for longer."""

    def fail(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise AssertionError(f"it waits for longer than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run(root: Path, *words: str) -> int:
    """The exit code of a command in this process; a defect and a hang fail the test."""
    with patience():
        code = main([*words, "--project", str(root)])
    assert code != 70, words
    return code


@contextmanager
def opened_files() -> Iterator[list[Path]]:
    """The real paths of the files and folders that this process opens, in order."""
    paths: list[Path] = []
    real_open, real_io = os.open, io.open

    def note(handle: int) -> None:
        paths.append(Path(os.readlink(f"/proc/self/fd/{handle}")))  # noqa: PTH115

    def call(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        handle = real_open(path, flags, *rest, **options)
        note(handle)
        return handle

    def call_io(file: Any, *rest: Any, **options: Any) -> Any:
        opened = real_io(file, *rest, **options)
        if not isinstance(file, int):
            note(opened.fileno())
        return opened

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", call)
        patch.setattr(io, "open", call_io)
        patch.setattr("builtins.open", call_io)
        yield paths
