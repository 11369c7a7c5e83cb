"""An open project: its settings, lock, store and memory in one hand."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from bridge.cache.project_memory import ProjectMemory
from bridge.config.project_config import Config, read_config
from bridge.core import atomic_files as disk
from bridge.core.errors import UserError, Where
from bridge.core.paths import JOURNAL_FILE, MEMORY_FOLDER, PROJECT_FILE, STORE_FOLDER, find_project, spec_file
from bridge.store import lockfile
from bridge.store.blobs import BlobStore
from bridge.store.lockfile import Lock

if TYPE_CHECKING:
    from bridge.orders.journal import Journal
    from bridge.store.lock_entry import LockedAsset


# modification time in ns, size and number of a file
LockStamp = tuple[int, int, int]

_PATIENCE = 2.0


class Project:
    """What every command but `init` works on. Close it, or use it as a context manager."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.root: Path = config.root
        self.memory = ProjectMemory(config.root)
        self.store = BlobStore(config.root / STORE_FOLDER)
        self._journal: Journal | None = None
        self.lock_stamp: LockStamp | None = None

    @classmethod
    def open(cls, start: Path | None = None) -> Project:
        """The project of a folder or of one above it.

        Raises:
            UserError: `no_project` or `config_invalid`.
        """
        return cls(read_config(find_project(start or Path.cwd())))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Saves what was learnt of files."""
        self.memory.close()
        if self._journal is not None:
            self._journal.close()

    @property
    def journal(self) -> Journal | None:
        """The money journal where there is one: a project that buys nothing has none."""
        if self._journal is None:
            from bridge.orders.journal import Journal

            if (self.root / JOURNAL_FILE).exists():
                self._journal = Journal(self.root)
        return self._journal

    def open_journal(self) -> Journal:
        """The money journal, begun if need be.

        Raises:
            WorkFailed, UserError: it is damaged, newer, or cannot be written.
        """
        from bridge.orders.journal import Journal

        self._journal = self.journal or Journal(self.root)
        return self._journal

    @cached_property
    def lock(self) -> Lock:
        """The lock as on the disk, with what a killed build had finished taken over."""
        self.lock_stamp = self.stamp_of_lock()
        lock = lockfile.read(self.root)
        for asset_id, record in self.memory.pending.read().items():
            # Another branch may be checked out since: what its specs do not ask for stays out of its lock.
            if (self.root / spec_file(asset_id)).exists():
                self._recover_entry(lock, asset_id, record)
        return lock

    def _recover_entry(self, lock: Lock, asset_id: str, record: dict[str, Any]) -> None:
        from bridge.store.output_hash import reconcile_hashes

        entry = lockfile.asset_from_dict(record["entry"])
        renamed_from = record.get("renamed_from")
        old = lock.remove(renamed_from) if isinstance(renamed_from, str) else None
        old = old or lock.assets.get(asset_id)
        for name, target in entry.targets.items():
            before = old.targets.get(name) if old else None
            if reconcile_hashes(self.root, target.output, target.files, before.files if before else {}):
                target.made = ""
        lock.put(asset_id, entry)

    def save_lock(self) -> None:
        """Writes the lock, then drops the records that cover a crash before this point.

        Raises:
            WorkFailed: the disk is full or the file cannot be written.
        """
        lockfile.write(self.root, self.lock)
        self.lock_stamp = self.stamp_of_lock()
        self.memory.pending.clear()

    def is_lock_replaced(self) -> bool:
        """Whether somebody else has written the lock file since it was read or written here."""
        return "lock" in self.__dict__ and self.lock_stamp != self.stamp_of_lock()

    def take_foreign_lock(self, entries: Mapping[str, LockedAsset], removed: Iterable[str]) -> None:
        """Takes over the lock that somebody else has put in the place of ours, and writes entries into it.

        entries: of the assets that were built. removed: earlier ids of renamed ones.

        Raises:
            UserError: their lock cannot be read; it stays as it is.
            WorkFailed: as `save_lock`.
        """
        theirs = lockfile.read(self.root)
        for asset_id in removed:
            theirs.remove(asset_id)
        for asset_id, entry in entries.items():
            theirs.put(asset_id, entry)
        self.lock.take_over(theirs)
        if entries:
            self.save_lock()
        else:
            self.memory.pending.clear()
        # Whoever keeps an evaluation has not seen their entries yet.
        self.lock_stamp = None

    def stamp_of_lock(self) -> LockStamp | None:
        """The lock file's time, size and number now; None without a file. Every writer replaces it as a whole."""
        try:
            stat = (self.root / lockfile.FILE_NAME).stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def reload_lock(self) -> set[str] | None:
        """Takes over a lock file that somebody else has written; returns the ids of the assets that it changes.

        None: the file is as this process has read or written it.

        Raises:
            UserError: it cannot be read.
        """
        if self.lock_stamp == self.stamp_of_lock():
            return None
        lock = self.lock
        self.forget_lock()
        changed = lock.take_over(self.lock)
        self.__dict__["lock"] = lock
        return changed

    def forget_lock(self) -> None:
        """The lock is read again when it is asked for: somebody else may have written it."""
        self.__dict__.pop("lock", None)

    @contextmanager
    def owned(self, patience: float = _PATIENCE) -> Iterator[None]:
        """Keeps every other assetbridge process from changing this project (an OS lock: a dead owner holds nothing).

        patience: seconds to wait for another owner, who may only be noting how everything stands.

        Raises:
            UserError: `project_locked`.
        """
        from filelock import FileLock, Timeout

        folder = self.root / MEMORY_FOLDER
        owner = folder / "owner.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder / "owner.lock")
            lock.acquire(timeout=patience, poll_interval=0.05)
        except Timeout:
            raise UserError(
                "project_locked",
                f"another assetbridge{_owner_pid(owner)} is working on this project",
                hint="Wait until it has finished, or stop it.",
            ) from None
        except OSError as error:
            raise disk.describe_failure(error, folder, MEMORY_FOLDER) from error
        try:
            # The file only tells others who works here: a disk that cannot take it must not stop the work.
            with suppress(OSError):
                owner.write_text(json.dumps({"pid": os.getpid()}))
            self._sweep_staged()
            yield
        finally:
            with suppress(OSError):
                owner.unlink(missing_ok=True)
            lock.release()

    def _sweep_staged(self) -> None:
        """Removes what a killed build had staged. Only the owner may: another's staged files are in use."""
        for record in self.memory.pending.read().values():
            for target in lockfile.asset_from_dict(record["entry"]).targets.values():
                disk.discard(disk.temp_path(self.root / target.output / path) for path in target.files)

    def where(self) -> Where:
        """The project file, for errors."""
        return Where(PROJECT_FILE)


def _owner_pid(owner: Path) -> str:
    try:
        return f" (process {json.loads(owner.read_text())['pid']})"
    except (OSError, ValueError, KeyError):
        return ""
