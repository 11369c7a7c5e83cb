"""Every byte that assetbridge reads, writes or deletes below a folder of the user's goes through here.

The folder itself may be reached through links: that is the user's way to it. Below it no link is followed, for what
lies there may come from a stranger: each part of a path is opened from the folder before it (POSIX.1-2017, `openat`,
with `O_NOFOLLOW`), so that nothing that is swapped meanwhile leads out. Where a system has no such call (Windows) each
part is looked at first. A file is replaced and never written into, so a second name (a hard link) of it keeps its
content; what is no regular file is refused, and none is waited for.

Files are complete or untouched: temporary file of a random name beside the target, fsync, rename, fsync of the folder
(Pillai et al., OSDI '14: a rename without fsync may surface as an empty file). A failed fsync is not retried on the
same pages: the temporary file is thrown away (Rebello et al., ATC '20).
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bridge.core import folder_entry, limits
from bridge.core.disk_errors import RefusedPathError, describe_failure
from bridge.core.folder_entry import (
    FOLDER_FLAGS,
    WINDOWS,
    FolderEntry,
    beside,
    holds,
    is_abandoned,
    is_link,
    look_at,
    look_at_target,
    move_entry,
    open_inner,
    open_regular,
    split_path,
    stage_file,
    staged_by,
    unlink_entry,
)

# Longer than any process has a file staged.
_STAGED_SECONDS = 3600.0
# Longer than `create_new` needs to take away the first of two names.
_NAMING_SECONDS = 0.4
# Version control trusts what lies in its own folder: hooks and settings there are commands.
_NEVER_CHANGED = ".git"


class Staged(NamedTuple):
    """A file that is written and not yet in its place: the path it is for, and its temporary name beside it."""

    path: str
    temp: str


class RootFolder:
    """A folder and what lies below it, by relative paths with slashes. It holds nothing open.

    make: the folder itself is made where it is missing and something is written. Without, a project that was deleted
    or renamed under a process that goes on does not come back.
    """

    __slots__ = ("_below", "_make", "_root")

    def __init__(self, path: Path, *, make: bool = True) -> None:
        self._root = path
        self._make = make
        self._below: list[str] = []

    def __repr__(self) -> str:
        return f"RootFolder({self.path})"

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._root.joinpath(*self._below)

    def below(self, path: str) -> RootFolder:
        """A folder in this one, which need not exist: the way to it from this one is taken without links, too.

        Raises:
            RefusedPathError: the path leads out.
        """
        inner = RootFolder(self._root, make=self._make)
        inner._below = [*self._below, *split_path(path)]
        return inner

    # looking

    def read(self, path: str, most: int = limits.SOURCE_BYTES) -> bytes:
        """The bytes of a regular file that is reached without a link.

        Raises:
            RefusedPathError: a link or no regular file. TooLargeError: it has more than `most` bytes. OSError: as the
                system says.
        """
        with os.fdopen(self.open_to_read(path), "rb") as file:
            return limits.read_open(file, most)

    def open_to_read(self, path: str) -> int:
        """A descriptor of a regular file that is reached without a link; its owner closes it.

        Raises:
            RefusedPathError, OSError: as `read`.
        """
        with self._entry(path) as entry:
            return open_regular(entry, os.O_RDONLY)

    def read_source(self, path: str, most: int = limits.SOURCE_BYTES) -> bytes:
        """The bytes of a regular file whose real place, through whatever links, is below this folder.

        Raises:
            RefusedPathError: it lies outside, or is no regular file. TooLargeError, OSError: as `read`.
        """
        with os.fdopen(self.open_source(path), "rb") as file:
            return limits.read_open(file, most)

    def open_source(self, path: str) -> int:
        """A descriptor of a file as `read_source` takes it; its owner closes it.

        Raises:
            RefusedPathError, OSError: as `read_source`.
        """
        try:
            return self.open_to_read(path)
        except RefusedPathError as error:
            if not error.is_link:
                raise
        # Read by its real place, part by part: a link that is swapped now is met as a link, and refused.
        top = Path(os.path.realpath(self._root))
        real = Path(os.path.realpath(self.path / path))
        if not real.is_relative_to(top):
            raise RefusedPathError(path, "leads out of the project through a link")
        return RootFolder(top).open_to_read(real.relative_to(top).as_posix())

    def stat(self, path: str) -> os.stat_result:
        """What the system knows of an entry itself; a link is not followed.

        Raises:
            RefusedPathError: there is a link on the way. OSError: as the system says.
        """
        with self._entry(path) as entry:
            return look_at(entry)

    def exists(self, path: str) -> bool:
        """Whether there is an entry of this name, be it a link that leads nowhere.

        Raises:
            RefusedPathError: there is a link on the way.
        """
        try:
            self.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def is_file(self, path: str) -> bool:
        """Whether a regular file is there, reached without a link."""
        try:
            return stat.S_ISREG(self.stat(path).st_mode)
        except OSError:
            return False

    def list_names(self, path: str) -> list[str]:
        """The names in a folder that is reached without a link, sorted; empty where there is none.

        Raises:
            RefusedPathError: it is a link, or there is one on the way.
        """
        try:
            with self._folder(split_path(path)) as (handle, text):
                return sorted(os.listdir(text if handle is None else handle))  # noqa: PTH208
        except (FileNotFoundError, NotADirectoryError):
            return []

    # changing

    def write(
        self, path: str, data: bytes, *, durable: bool = False, private: bool = False, shown: str | None = None
    ) -> bool:
        """Writes one file atomically, with the folders above it; returns False when it already holds these bytes.

        durable: it survives a power cut. private: only its owner may read it.

        Raises:
            WorkFailed: `unsafe_path`, `disk_full`, `output_unwritable`, `output_conflict`.
        """
        try:
            with self._entry(path, create=True) as entry:
                present = look_at_target(entry)
                if present is not None and holds(entry, present, data, private=private):
                    return False
                temp = stage_file(entry, data, durable=durable, private=private)
                move_entry(entry, temp, present)
                if durable:
                    self._sync(entry)
        except OSError as error:
            raise describe_failure(error, path, shown) from error
        return True

    def stage(self, path: str, data: bytes) -> Staged:
        """Writes `data` beside the file that it is for, with the folders above it.

        Raises:
            RefusedPathError: a link or no regular file is in its place or on the way. OSError: as the system says.
        """
        with self._entry(path, create=True) as entry:
            look_at_target(entry)
            return Staged(path, stage_file(entry, data))

    def commit(self, staged: Staged) -> None:
        """Moves a staged file to its place. An engine or indexer that holds the target is waited for (Windows).

        Raises:
            RefusedPathError, OSError: as `stage`.
        """
        with self._entry(staged.path, change=True) as entry:
            move_entry(entry, staged.temp, look_at_target(entry))

    def discard(self, staged: Iterable[Staged]) -> None:
        """Removes staged files that will not be used."""
        for one in staged:
            with contextlib.suppress(OSError), self._entry(one.path, change=True) as entry:
                unlink_entry(beside(entry, one.temp))

    def remove(self, path: str) -> None:
        """Removes a regular file.

        Raises:
            RefusedPathError: it is a link or no regular file, or there is a link on the way. OSError.
        """
        with self._entry(path, change=True) as entry:
            if look_at_target(entry) is None:
                raise FileNotFoundError(path)
            unlink_entry(entry)

    def remove_folder(self, path: str) -> None:
        """Removes an empty folder.

        Raises:
            RefusedPathError: there is a link on the way. OSError: it is not empty, a link, or no folder.
        """
        with self._entry(path, change=True) as entry:
            os.rmdir(entry.name, dir_fd=entry.folder)

    def make_folder(self, path: str) -> None:
        """Makes a folder and those above it; one that is there is left as it is.

        Raises:
            RefusedPathError: there is a link in its place or on the way. OSError: as the system says.
        """
        with self._folder(split_path(path), create=True):
            return

    def rename_beside(self, path: str, name: str) -> None:
        """Gives an entry (a link, too) another name in its folder, where no entry has that name.

        Raises:
            RefusedPathError: there is a link on the way. FileExistsError. OSError: as the system says.
        """
        with self._entry(path, change=True) as entry:
            target = beside(entry, name)
            with contextlib.suppress(FileNotFoundError):
                look_at(target)
                raise FileExistsError(name)
            os.rename(entry.name, target.name, src_dir_fd=entry.folder, dst_dir_fd=entry.folder)

    def create_new(self, path: str, data: bytes, *, private: bool = False) -> bool:
        """Writes a file that is not there yet, whole at once and durably; False where another has been quicker.

        Raises:
            RefusedPathError, OSError: as `stage`.
        """
        with self._entry(path, create=True) as entry:
            temp = beside(entry, stage_file(entry, data, durable=True, private=private))
            try:
                os.link(temp.name, entry.name, src_dir_fd=entry.folder, dst_dir_fd=entry.folder, follow_symlinks=False)
            except FileExistsError:
                return False
            except (OSError, NotImplementedError):
                # A file system without second names.
                if look_at_target(entry) is not None:
                    return False
                os.replace(temp.name, entry.name, src_dir_fd=entry.folder, dst_dir_fd=entry.folder)
            finally:
                with contextlib.suppress(OSError):
                    unlink_entry(temp)
            self._sync(entry)
        return True

    def open_in_place(self, path: str, flags: int, *, private: bool = False) -> int:
        """A descriptor of a file that is used where it lies (a lock, a log), made if need be; its owner closes it.

        private: one that is made is for its owner alone.

        Raises:
            RefusedPathError: a link, no regular file, or one with a second name. OSError: as the system says.
        """
        with self._entry(path, create=True) as entry:
            handle = open_regular(entry, flags | os.O_CREAT, 0o600 if private else 0o666)
            try:
                if os.fstat(handle).st_nlink > 1:
                    self._settle_names(entry)
            except BaseException:
                os.close(handle)
                raise
            return handle

    def check_in_place(self, path: str) -> os.stat_result | None:
        """What there is of a file that another library opens in its place; None where nothing is.

        Raises:
            RefusedPathError: as `open_in_place`. OSError: as the system says.
        """
        try:
            with self._entry(path, change=True) as entry:
                facts = look_at_target(entry)
                return self._settle_names(entry) if facts is not None and facts.st_nlink > 1 else facts
        except FileNotFoundError:
            return None

    def _settle_names(self, entry: FolderEntry) -> os.stat_result:
        """A file with a second name: one that `create_new` has just given it, or was killed before it took it away.

        Raises:
            RefusedPathError: another.
        """
        deadline = time.monotonic() + _NAMING_SECONDS
        while (facts := look_at(entry)).st_nlink > 1 and time.monotonic() < deadline:
            time.sleep(_NAMING_SECONDS / 20)
        if facts.st_nlink > 1:
            names = os.listdir(os.path.dirname(entry.name) if entry.folder is None else entry.folder)  # noqa: PTH120, PTH208
            for temp in (beside(entry, name) for name in names if staged_by(name) is not None):
                with contextlib.suppress(FileNotFoundError):
                    if look_at(temp).st_ino == facts.st_ino:
                        unlink_entry(temp)
            facts = look_at(entry)
        if facts.st_nlink > 1:
            raise RefusedPathError(entry.shown, "is a hard link: the file has another name elsewhere")
        return facts

    def sync_files(self, paths: Iterable[str]) -> None:
        """Waits until files and their names are on the disk (no such call for a folder on Windows).

        Raises:
            OSError: the disk cannot take them.
        """
        folders: dict[str, None] = {}
        for path in paths:
            folders[path.rpartition("/")[0]] = None
            with contextlib.suppress(FileNotFoundError), self._entry(path) as entry:
                handle = open_regular(entry, os.O_RDWR if WINDOWS else os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
        for folder in folders:
            with contextlib.suppress(FileNotFoundError), self._folder(split_path(folder)) as (handle_of_folder, _):
                if handle_of_folder is not None:
                    os.fsync(handle_of_folder)

    def sweep(self, path: str, *, in_use: bool) -> None:
        """Removes what killed processes had staged in a folder. in_use: others may be staging files there now, so that
        only those of a process that is gone are removed, or older ones than any process leaves.
        """
        with contextlib.suppress(OSError):
            for name in self.list_names(path):
                process = staged_by(name)
                if process is not None:
                    is_free = not in_use or is_abandoned(name, process)
                    self._sweep_file(f"{path}/{name}", None if is_free else _STAGED_SECONDS)

    def _sweep_file(self, path: str, older_than: float | None) -> None:
        with contextlib.suppress(OSError):
            facts = self.stat(path)
            is_own = WINDOWS or facts.st_uid == os.geteuid()
            if is_own and (older_than is None or time.time() - facts.st_mtime >= older_than):
                self.remove(path)

    # the way there

    @contextlib.contextmanager
    def _entry(self, path: str, *, change: bool = False, create: bool = False) -> Iterator[FolderEntry]:
        """The place of a path. change: what belongs to version control is refused. create: also, folders on the way
        are made.
        """
        parts = split_path(path)
        if not parts:
            raise RefusedPathError(path or ".", "names no file")
        if (change or create) and any(part.casefold().rstrip(". ") == _NEVER_CHANGED for part in parts):
            raise RefusedPathError(path, "belongs to version control")
        with self._folder(parts[:-1], create=create) as (handle, text):
            if handle is None:
                yield FolderEntry(None, os.path.join(text, parts[-1]), path)  # noqa: PTH118
            else:
                yield FolderEntry(handle, parts[-1], path)

    @contextlib.contextmanager
    def _folder(self, parts: list[str], *, create: bool = False) -> Iterator[tuple[int | None, str]]:
        """The open folder of these parts, or where there are no such handles its path after a look at each part."""
        parts = [*self._below, *parts]
        if not folder_entry.HAS_HANDLES:
            if create and self._make:
                self._root.mkdir(parents=True, exist_ok=True)
            elif not self._root.is_dir():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._root))
            yield None, self._walk_by_path(parts, create=create)
            return
        try:
            handle = os.open(self._root, FOLDER_FLAGS)
        except FileNotFoundError:
            if not create or not self._make:
                raise
            self._root.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._root, FOLDER_FLAGS)
        try:
            for number, part in enumerate(parts, 1):
                inner = open_inner(handle, part, "/".join(parts[:number]), create=create)
                os.close(handle)
                handle = inner
            yield handle, ""
        finally:
            os.close(handle)

    def _walk_by_path(self, parts: list[str], *, create: bool) -> str:
        text = os.fspath(self._root)
        for number, part in enumerate(parts, 1):
            text = os.path.join(text, part)  # noqa: PTH118
            if create:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(text)  # noqa: PTH102
            facts = look_at(FolderEntry(None, text, "/".join(parts[:number])))
            if is_link(facts):
                raise RefusedPathError("/".join(parts[:number]), "is a link", is_link=True)
        return text

    def _sync(self, entry: FolderEntry) -> None:
        if entry.folder is not None:
            os.fsync(entry.folder)
