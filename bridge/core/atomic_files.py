"""Every byte that assetbridge writes to a user's disk goes through here.

Files are complete or untouched: temporary file beside the target, fsync, `os.replace`, fsync of the folder (Pillai et
al., OSDI '14: a rename without fsync may surface as an empty file). A failed fsync is not retried on the same pages:
the temporary file is thrown away (Rebello et al., ATC '20).
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterable
from pathlib import Path

from bridge.core.errors import Where, WorkFailed

TEMP_SUFFIX = ".assetbridge-tmp"
_BUSY_SECONDS = 2.5
_WINDOWS = os.name == "nt"


def temp_path(path: Path) -> Path:
    """Where `path` is staged: a dot file in the same folder, which engines do not scan."""
    return path.with_name(f".{path.name}{TEMP_SUFFIX}")


def describe_failure(error: OSError, path: Path, shown: str | None = None) -> WorkFailed:
    """The user's error for a failed file operation on `path` (`shown` is the name to show)."""
    name = shown or path.name
    where = Where(name)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WorkFailed(
            "disk_full",
            f"the disk is full: {name} was not written",
            hint="Free some space and run the same command again; what was finished is kept.",
            where=where,
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return WorkFailed(
            "output_unwritable",
            f"{name} cannot be written: {os.strerror(error.errno)}",
            hint="Make the folder writable, or choose another output folder in assetbridge.toml.",
            where=where,
        )
    if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST):
        return WorkFailed(
            "output_conflict",
            f"{name} cannot be written: a file or folder of that name is in the way",
            hint="Move it away, or choose another output folder in assetbridge.toml.",
            where=where,
        )
    reason = os.strerror(error.errno) if error.errno else str(error)
    return WorkFailed(
        "output_unwritable",
        f"{name} cannot be written: {reason}",
        hint="Check the disk, then run the same command again.",
        where=where,
    )


def stage(path: Path, data: bytes, *, durable: bool = False) -> Path:
    """Writes `data` to the temporary file of `path` and returns it; `durable` waits for the disk.

    Raises:
        OSError: as the system says; the temporary file is gone then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temp = temp_path(path)
    try:
        with temp.open("wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            temp.unlink()
        raise
    return temp


def commit(temp: Path, path: Path) -> None:
    """Moves a staged file over its target. An engine or indexer that holds the target is waited for (Windows).

    Engines that compare whole seconds (Godot) would miss a second write within one second, so the new file's time is
    then moved on by one.
    """
    try:
        before = int(path.stat().st_mtime)
    except OSError:
        before = None
    _replace_file(temp, path)
    if before is not None and int(path.stat().st_mtime) <= before:
        os.utime(path, (before + 1, before + 1))


def _replace_file(temp: Path, path: Path) -> None:
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            temp.replace(path)
        except PermissionError:
            if not _WINDOWS or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def sync_folder(folder: Path) -> None:
    """Makes a rename in `folder` survive a power cut (no such call on Windows)."""
    if _WINDOWS:
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write(path: Path, data: bytes, *, durable: bool = False, shown: str | None = None) -> bool:
    """Writes one file atomically; returns False when it already holds these bytes.

    Raises:
        WorkFailed: `disk_full`, `output_unwritable`, `output_conflict`.
    """
    try:
        with contextlib.suppress(OSError):
            if path.read_bytes() == data:
                return False
        temp = stage(path, data, durable=durable)
        try:
            commit(temp, path)
        except BaseException:
            discard([temp])
            raise
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        raise describe_failure(error, path, shown) from error
    return True


def discard(temps: Iterable[Path]) -> None:
    """Removes staged files that will not be used."""
    for temp in temps:
        with contextlib.suppress(OSError):
            temp.unlink()
