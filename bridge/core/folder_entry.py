"""A name in an open folder, and what is done with it without following a link: the calls of `RootFolder`."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from typing import NamedTuple

from bridge.core.disk_errors import RefusedPathError

TEMP_SUFFIX = ".assetbridge-tmp"
_BUSY_SECONDS = 2.5
WINDOWS = os.name == "nt"
# Whether each part of a path can be opened from the folder before it.
HAS_HANDLES = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
# The files that this process has staged and not yet moved or removed, by name.
_in_use: set[str] = set()
FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)


def is_temporary(name: str) -> bool:
    """Whether a file's name is one that files are staged under."""
    return name.endswith(TEMP_SUFFIX)


def split_path(path: str) -> list[str]:
    """The parts of a relative path with slashes.

    Raises:
        RefusedPathError: it is absolute, has `..`, a NUL, or on Windows a drive or a backslash.
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or "\0" in path or (WINDOWS and ("\\" in path or ":" in path)):
        raise RefusedPathError(path.replace("\0", "?"), "leads out of its folder")
    return parts


class FolderEntry(NamedTuple):
    """A name in an open folder; where a system has no handles of folders, the whole path and None."""

    folder: int | None
    name: str
    shown: str


def open_inner(folder: int, name: str, shown: str, *, create: bool) -> int:
    """A descriptor of a folder in an open folder, which is made if need be.

    Raises:
        RefusedPathError: it is a link. OSError: as the system says.
    """
    try:
        return os.open(name, FOLDER_FLAGS | _NO_LINK, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    except OSError:
        # Systems differ in what they say of a link.
        if is_link(look_at(FolderEntry(folder, name, shown))):
            raise RefusedPathError(shown, "is a link", is_link=True) from None
        raise
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, dir_fd=folder)
    return os.open(name, FOLDER_FLAGS | _NO_LINK, dir_fd=folder)


def look_at(entry: FolderEntry) -> os.stat_result:
    """What the system knows of an entry itself."""
    return os.stat(entry.name, dir_fd=entry.folder, follow_symlinks=False)


def is_link(facts: os.stat_result) -> bool:
    """Whether it is a symbolic link; on Windows also a junction. Other reparse points (files of a cloud) are none."""
    junction = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)
    return stat.S_ISLNK(facts.st_mode) or (junction is not None and getattr(facts, "st_reparse_tag", 0) == junction)


def look_at_target(entry: FolderEntry) -> os.stat_result | None:
    """What is in the place of a file that is to be changed; None for nothing.

    Raises:
        RefusedPathError: a link or a special file. IsADirectoryError.
    """
    try:
        facts = look_at(entry)
    except FileNotFoundError:
        return None
    if is_link(facts):
        raise RefusedPathError(entry.shown, "is a link", is_link=True)
    if stat.S_ISDIR(facts.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), entry.shown)
    if not stat.S_ISREG(facts.st_mode):
        raise RefusedPathError(entry.shown, "is no regular file")
    return facts


def open_regular(entry: FolderEntry, flags: int, mode: int = 0o666) -> int:
    """A descriptor of a regular file; nothing is waited for, and no link followed. mode: of one that is made."""
    if not HAS_HANDLES:
        look_at_target(entry)
    try:
        handle = os.open(entry.name, flags | _NO_LINK | _NO_WAIT, mode, dir_fd=entry.folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        with contextlib.suppress(FileNotFoundError):
            look_at_target(entry)
        raise error from None
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        if stat.S_ISDIR(facts.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), entry.shown)
        raise RefusedPathError(entry.shown, "is no regular file")
    return handle


def holds(entry: FolderEntry, facts: os.stat_result, data: bytes, *, private: bool) -> bool:
    """Whether a file holds these bytes (and, if private, only its owner may read it)."""
    if facts.st_size != len(data) or (private and not WINDOWS and facts.st_mode & 0o077):
        return False
    try:
        with os.fdopen(open_regular(entry, os.O_RDONLY), "rb") as file:
            return file.read() == data
    except OSError:
        return False


def stage_file(entry: FolderEntry, data: bytes, *, durable: bool = False, private: bool = False) -> str:
    """Writes `data` to a new file of a random name in the folder of `entry`; returns the name.

    Raises:
        OSError: as the system says; the new file is gone then.
    """
    name = f".{os.getpid()}-{os.urandom(8).hex()}{TEMP_SUFFIX}"
    _in_use.add(name)
    temp = beside(entry, name)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK
    try:
        handle = os.open(temp.name, flags, 0o600 if private else 0o666, dir_fd=temp.folder)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        with contextlib.suppress(OSError):
            unlink_entry(temp)
        raise
    return name


def beside(entry: FolderEntry, name: str) -> FolderEntry:
    """Another name in the folder of an entry."""
    full = name if entry.folder is not None else os.path.join(os.path.dirname(entry.name), name)  # noqa: PTH118, PTH120
    return FolderEntry(entry.folder, full, f"{entry.shown.rpartition('/')[0]}/{name}".lstrip("/"))


def unlink_entry(entry: FolderEntry) -> None:
    """Removes a name."""
    _in_use.discard(os.path.basename(entry.name))  # noqa: PTH119
    os.unlink(entry.name, dir_fd=entry.folder)


def move_entry(entry: FolderEntry, temp_name: str, present: os.stat_result | None) -> None:
    """Moves a staged file over its target.

    Engines that compare whole seconds (Godot) would miss a second write within one second, so the new file's time is
    then moved on by one.
    """
    temp = beside(entry, temp_name)
    _in_use.discard(temp_name)
    try:
        _replace(temp, entry)
    except BaseException:
        with contextlib.suppress(OSError):
            unlink_entry(temp)
        raise
    if present is not None:
        before = int(present.st_mtime)
        if int(look_at(entry).st_mtime) <= before:
            os.utime(entry.name, (before + 1, before + 1), dir_fd=entry.folder, follow_symlinks=not HAS_HANDLES)


def _replace(temp: FolderEntry, entry: FolderEntry) -> None:
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            os.replace(temp.name, entry.name, src_dir_fd=temp.folder, dst_dir_fd=entry.folder)
        except PermissionError:
            if not WINDOWS or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def staged_by(name: str) -> int | None:
    """The process that has staged a file of this name; None for a name of another form."""
    # No regular expression: compiling one is a part of what `status` takes.
    process, _, digits = name.removeprefix(".").removesuffix(TEMP_SUFFIX).partition("-")
    is_ours = name == f".{process}-{digits}{TEMP_SUFFIX}" and len(process) < 10 and process.isascii()
    has_digits = len(digits) == 16 and not digits.strip("0123456789abcdef")
    return int(process) if is_ours and has_digits and process.isdigit() else None


def is_abandoned(name: str, process: int) -> bool:
    """Whether nobody will use a staged file any more; False where that cannot be told. process: who has staged it."""
    if process == os.getpid():
        return name not in _in_use
    if WINDOWS:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
