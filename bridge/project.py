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
from bridge.core.disk_errors import describe_failure
from bridge.core.errors import UserError, Where, WorkFailed
from bridge.core.paths import (
    JOURNAL_FILE,
    MEMORY_FOLDER,
    OWNER_FILE,
    OWNER_LOCK_FILE,
    PROJECT_FILE,
    STORE_FOLDER,
    find_project,
    spec_file,
)
from bridge.core.project_database import DatabaseOrigin, ProjectDatabase
from bridge.core.root_folder import RootFolder
from bridge.store import lockfile
from bridge.store.blobs import BlobStore
from bridge.store.lockfile import Lock

if TYPE_CHECKING:
    from bridge.orders.journal import Journal
    from bridge.store.lock_entry import LockedAsset
    from bridge.store.shared.shared_store import SharedStore


# modification time in ns, size and number of a file
LockStamp = tuple[int, int, int]

_PATIENCE = 2.0


class Project:
    """What every command but `init` works on. Close it, or use it as a context manager."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.root: Path = config.root
        self.folder = RootFolder(config.root, make=False)
        self.memory = ProjectMemory(config.root)
        self.store = BlobStore(config.root, STORE_FOLDER)
        self._journal: Journal | None = None
        self._shared: SharedStore | None = None
        self.lock_stamp: LockStamp | None = None
        # Outputs that the disk may not have taken yet.
        self._written: dict[str, None] = {}

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
        if self._shared is not None:
            self._shared.close()

    @property
    def journal(self) -> Journal | None:
        """The money journal where there is one: a project that buys nothing has none.

        Raises:
            WorkFailed, UserError: it is damaged, newer, or not to be opened.
        """
        if self._journal is None and self._has_journal():
            from bridge.orders.journal import Journal

            self._journal = Journal(self.root)
        return self._journal

    def _has_journal(self) -> bool:
        try:
            if not self.folder.exists(JOURNAL_FILE):
                return False
            return ProjectDatabase(self.root, JOURNAL_FILE).settle() is not DatabaseOrigin.NONE
        except OSError as error:
            raise describe_failure(error, JOURNAL_FILE) from error

    @property
    def shared(self) -> SharedStore | None:
        """The team's store; None where the project has none, or is not trusted. Nothing is asked by that."""
        remote = self.config.store.get("remote")
        if remote is None or not self._may_share():
            return None
        if self._shared is None:
            from bridge.core.remote_address import parse_remote
            from bridge.store.shared.shared_store import SharedStore
            from bridge.trust.project_trust import Gate

            address, trust = parse_remote(remote), self.config.trust
            assert address is not None
            self._shared = SharedStore(address, self.store, lambda: trust.require(Gate.SHARED_STORE))
        return self._shared

    def _may_share(self) -> bool:
        try:
            return self.config.trust.is_trusted
        except UserError:
            # What was trusted cannot be read, which is said where something is bought.
            return False

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
        return self._take_pending(lockfile.read(self.root))

    def _take_pending(self, lock: Lock) -> Lock:
        for asset_id, record in self._read_pending().items():
            # Another branch may be checked out since: what its specs do not ask for stays out of its lock.
            if self.folder.is_file(spec_file(asset_id)):
                self._recover_entry(lock, asset_id, record)
        return lock

    def _read_pending(self) -> dict[str, dict[str, Any]]:
        """What killed builds had finished; none where memory holds an entry that no build writes."""
        pending = self.memory.pending.read()
        try:
            for record in pending.values():
                lockfile.asset_from_dict(record["entry"], checked=True)
        except lockfile.ENTRY_ERRORS:
            self.memory.set_aside()
            return {}
        return pending

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

        What the lock vouches for is on the disk before the lock is: a power cut leaves no output that looks as if
        somebody had emptied it by hand.

        Raises:
            WorkFailed: the disk is full or the file cannot be written.
        """
        self._sync_written()
        lockfile.write(self.root, self.lock)
        self.lock_stamp = self.stamp_of_lock()
        self.memory.pending.clear()

    def note_written(self, paths: Iterable[str]) -> None:
        """These outputs were written, and `save_lock` has to wait for the disk."""
        self._written.update(dict.fromkeys(paths))

    def _sync_written(self) -> None:
        if not self._written:
            return
        from bridge.core.flush import flush_files

        try:
            flush_files(self.folder, self._written)
        except OSError as error:
            raise describe_failure(error, lockfile.FILE_NAME) from error
        self._written.clear()

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

    def use_lock(self, lock: Lock) -> None:
        """This is the lock from now on; it takes the place of the file when it is saved."""
        self.__dict__["lock"] = self._take_pending(lock)
        self.lock_stamp = self.stamp_of_lock()

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
        from bridge.core.process_lock import ProcessLock

        lock = ProcessLock(self.folder, OWNER_LOCK_FILE)
        try:
            if not lock.acquire(patience):
                raise UserError(
                    "project_locked",
                    f"another assetbridge{self._owner_pid()} is working on this project",
                    hint="Wait until it has finished, or stop it.",
                )
        except OSError as error:
            raise describe_failure(error, MEMORY_FOLDER) from error
        try:
            self._sweep_staged()
            # The file only tells others who works here: a disk that cannot take it must not stop the work.
            with suppress(WorkFailed):
                self.folder.write(OWNER_FILE, json.dumps({"pid": os.getpid()}).encode())
            yield
        finally:
            with suppress(OSError):
                self.folder.remove(OWNER_FILE)
            lock.release()

    def _owner_pid(self) -> str:
        try:
            return f" (process {int(json.loads(self.folder.read(OWNER_FILE))['pid'])})"
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def _sweep_staged(self) -> None:
        """Removes what killed processes had staged. Only the owner may: another's staged files are in use.

        An owner that was killed has left its file, or entries that no lock has yet.
        """
        for folder in (".", MEMORY_FOLDER):
            self.folder.sweep(folder, in_use=True)
        pending = self._read_pending()
        if not pending and not self.folder.is_file(OWNER_FILE):
            return
        written = set()
        for asset_id, record in pending.items():
            # What was staged and never came into its place is in no entry any more.
            below = asset_id.rpartition("/")[0]
            written |= {f"{target.path}/{below}" for target in self.config.targets.values()}
            for target in lockfile.asset_from_dict(record["entry"]).targets.values():
                written |= {path.rpartition("/")[0] or "." for path in target.paths()}
        stores = [f"{STORE_FOLDER}/{name}" for name in self.folder.list_names(STORE_FOLDER)]
        for folder in sorted(written) + stores:
            self.folder.sweep(folder, in_use=False)

    def where(self) -> Where:
        """The project file, for errors."""
        return Where(PROJECT_FILE)
