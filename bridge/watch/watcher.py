"""A thread that tells which watched files hold something else than before.

Events only say where to look: what counts is that a file's content, read twice, differs from what it was. So editors
may save as they like, a lost event costs a minute, and writing the same bytes again is no change.

Measured with watchdog 7.1 on Linux: an atomic replacement names the file only as the target of a move; a save with a
backup begins with a move away; a folder made with a file in it reports the folder alone. Reading a file is an event
too, so only the kinds of events that can change content are asked for.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Self

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from bridge.core.file_stat import Stamp
from bridge.core.waits import THREAD_END_S
from bridge.spec.scan import SKIPPED
from bridge.watch.contents import ContentSnapshot
from bridge.watch.debounce import Debouncer, DebounceTiming
from bridge.watch.filesystems import SILENT, file_system_type

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver, ObservedWatch

# What looking may use of a processor while nothing happens: everywhere, where events tell the rest; everywhere, where
# nothing else does; and at symbolic links.
_IDLE_SHARE = 0.0005
_POLL_SHARE = 0.03
_LINK_SHARE = 0.005
# In caps of the debounce timing: how long what rests waits for what does not.
_LONGEST_HOLD = 2.0
_FILES: tuple[type[FileSystemEvent], ...] = (
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
)
_FOLDERS: tuple[type[FileSystemEvent], ...] = (DirCreatedEvent, DirMovedEvent, DirDeletedEvent)


class Watcher:
    """Watches files of a project, and tells of those that hold something else than before.

    is_watched: whether a project-relative path is watched. folders: the project-relative folders that hold such
    files (`.` is the project); asked again whenever folders change. on_change: gets the changed paths. All three are
    called from threads of the watcher. file_system_of: the type of the file system that holds a folder.
    """

    def __init__(
        self,
        root: Path,
        is_watched: Callable[[str], bool],
        folders: Callable[[], Iterable[str]],
        on_change: Callable[[frozenset[str]], None],
        *,
        timing: DebounceTiming | None = None,
        clock: Callable[[], float] = time.monotonic,
        observer: Callable[[], BaseObserver] = Observer,
        file_system_of: Callable[[Path], str] = file_system_type,
    ) -> None:
        self.notice: str | None = None
        self.failure: BaseException | None = None
        self._root = Path(os.path.realpath(root))
        self._is_watched = is_watched
        self._folders = folders
        self._on_change = on_change
        self._timing = timing or DebounceTiming()
        self._clock = clock
        self._make_observer = observer
        self._file_system_of = file_system_of
        self._snapshot = ContentSnapshot(self._root)
        self._debouncer = Debouncer(self._timing, self._snapshot.read)
        self._observer: BaseObserver | None = None
        self._watches: dict[str, ObservedWatch] = {}
        self._wake = threading.Condition()
        self._events: set[str] = set()
        self._lost: set[str] = set()
        self._links: set[str] = set()
        self._look_everywhere = False
        self._held: set[str] = set()
        self._held_since = 0.0
        self._stopping = False
        self._effort = 0.0
        self._link_effort = 0.0
        self._thread: threading.Thread | None = None
        self._overflow = _OverflowHandler(self.rescan)

    def start(self) -> None:
        """Begins; what files hold now is taken as known, every later change is reported."""
        logging.getLogger("watchdog").addHandler(self._overflow)
        self._start_observer()
        folders = self._sync_watches()
        self._snapshot.accept_all(self._list_files(folders))
        self._thread = threading.Thread(target=self._run_guarded, name="assetbridge-watcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends; nothing is reported any more when it returns."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(THREAD_END_S)
        self._end_observer()
        logging.getLogger("watchdog").removeHandler(self._overflow)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def rescan(self) -> None:
        """Asks for a look at all folders and files: events were lost, or other files are watched now."""
        with self._wake:
            self._look_everywhere = True
            self._wake.notify_all()

    def accept_written(self, path: str, data: bytes) -> None:
        """Takes as known what the caller itself wrote: only something else is reported from now on."""
        self._snapshot.accept(path, Stamp(len(data), 0, 0, hashlib.sha256(data).hexdigest()))

    # events, on the observer's threads

    def note_event(self, event: FileSystemEvent) -> None:
        """Notes what an event is about."""
        paths = [self._relative_path(path) for path in (event.src_path, event.dest_path) if path]
        with self._wake:
            if isinstance(event, _FOLDERS):
                inside = [path for path in paths if path is not None and not SKIPPED.intersection(path.split("/"))]
                self._lost.update(inside)
                self._look_everywhere = self._look_everywhere or bool(inside)
            elif isinstance(event, _FILES):
                self._events.update(path for path in paths if path is not None and self._is_watched(path))
            if self._events or self._look_everywhere:
                self._wake.notify_all()

    def _relative_path(self, path: bytes | str) -> str | None:
        inside = os.path.relpath(os.fsdecode(path), self._root).replace(os.sep, "/")
        return None if inside == ".." or inside.startswith("../") else inside

    # the watcher's own thread

    def _run_guarded(self) -> None:
        try:
            self._run()
        except Exception as error:  # noqa: BLE001  a thread cannot raise: whoever waits for it finds this
            self.failure = error

    def _run(self) -> None:
        rescan_at = self._clock() + self._rescan_seconds()
        links_looked_at = self._clock()
        while True:
            now = self._clock()
            look_at = self._debouncer.next_look()
            links_at = links_looked_at + self._link_rescan_seconds()
            due = min(rescan_at, links_at, math.inf if look_at is None else look_at)
            with self._wake:
                if not (self._stopping or self._events or self._look_everywhere) and due > now:
                    self._wake.wait(due - now)
                if self._stopping:
                    return
                events, self._events = self._events, set()
                everywhere, self._look_everywhere = self._look_everywhere, False
            now = self._clock()
            if everywhere or now >= rescan_at:
                events |= self._look_everywhere_now()
                rescan_at = self._clock() + self._rescan_seconds()
            if now >= links_at:
                events |= self._look_at_links()
                links_looked_at = self._clock()
            for path in events:
                self._debouncer.note_change(path, now)
            look_at = self._debouncer.next_look()
            if look_at is not None and now >= look_at:
                self._accept_settled(now)

    def _look_everywhere_now(self) -> set[str]:
        began = time.thread_time()
        candidates = self._snapshot.changed_candidates(self._list_files(self._sync_watches()))
        self._effort = time.thread_time() - began
        return candidates

    def _look_at_links(self) -> set[str]:
        """Links whose files may have changed: events come from the folder that a file really lies in."""
        began = time.thread_time()
        candidates = self._snapshot.restamped_files(self._links)
        self._link_effort = time.thread_time() - began
        return candidates

    def _rescan_seconds(self) -> float:
        """Seconds between two looks at everything. A large project is looked at less often."""
        if self._observer is None:
            return max(self._timing.poll, self._effort / _POLL_SHARE)
        return max(self._timing.rescan, self._effort / _IDLE_SHARE)

    def _link_rescan_seconds(self) -> float:
        """Seconds between two looks at links; endless where there are none, or where every look goes everywhere."""
        if self._observer is None or not self._links:
            return math.inf
        return max(self._timing.links, self._link_effort / _LINK_SHARE)

    def _accept_settled(self, now: float) -> None:
        rests = self._debouncer.take_settled(now)
        for path in rests:
            (self._links.add if (self._root / path).is_symlink() else self._links.discard)(path)
        changed = {path for path, stamp in rests.items() if self._snapshot.accept(path, stamp)}
        if changed and not self._held:
            self._held_since = now
        self._held |= changed
        # All that changed at once is told at once: a switch of branches takes specs away and brings another lock.
        if self._held and (not self._debouncer or now - self._held_since >= _LONGEST_HOLD * self._timing.cap):
            told, self._held = frozenset(self._held), set()
            self._on_change(told)

    def _list_files(self, folders: Iterable[str]) -> list[str]:
        """Every watched file in these folders."""
        files = []
        self._links.clear()
        for folder in folders:
            with contextlib.suppress(OSError), os.scandir(self._root / folder) as entries:
                for entry in entries:
                    path = entry.name if folder == "." else f"{folder}/{entry.name}"
                    if not self._is_watched(path):
                        continue
                    if entry.is_symlink():
                        self._links.add(path)
                    if entry.is_file():
                        files.append(path)
        return files

    # watches

    def _start_observer(self) -> None:
        kind = self._file_system_of(self._root)
        if kind in SILENT:
            self.notice = f"the project lies on {kind}, which does not report all changes: {self._polling_notice()}"
            return
        try:
            self._observer = self._make_observer()
            self._observer.start()
        except (OSError, RuntimeError) as error:
            self._fall_back(error)

    def _fall_back(self, error: Exception) -> None:
        """Without events: every look goes through all folders."""
        limit = isinstance(error, RuntimeError) or (isinstance(error, OSError) and error.errno in _LIMITS)
        why = "the system's limit of watched folders is reached" if limit else f"changes are not reported ({error})"
        self.notice = f"{why}: {self._polling_notice()}"
        self._end_observer()

    def _polling_notice(self) -> str:
        return f"looking every {self._timing.poll:g} seconds"

    def _end_observer(self) -> None:
        observer, self._observer = self._observer, None
        self._watches.clear()
        if observer is not None and observer.is_alive():
            observer.stop()
            observer.join(THREAD_END_S)

    def _sync_watches(self) -> list[str]:
        """Watches the folders that are to be watched now, and no others; returns them."""
        folders, tried = list(dict.fromkeys(self._folders())), set[str]()
        with self._wake:
            lost, self._lost = self._lost, set()
        for folder in list(self._watches):
            # The watch of a folder that was removed or moved is dead, also where there is a new one of that name.
            if folder not in folders or any(folder == gone or folder.startswith(f"{gone}/") for gone in lost):
                self._unwatch_folder(folder)
        handler = _EventHandler(self.note_event)
        while new := [folder for folder in folders if folder not in self._watches and folder not in tried]:
            for folder in new:
                if self._observer is None:
                    return folders
                self._watch_folder(folder, handler)
            # What was made in one of them before its watch began is reported by nobody.
            tried.update(new)
            folders = list(dict.fromkeys(self._folders()))
        return folders

    def _watch_folder(self, folder: str, handler: FileSystemEventHandler) -> None:
        assert self._observer is not None
        try:
            self._watches[folder] = self._observer.schedule(
                handler, str(self._root / folder), event_filter=[*_FILES, *_FOLDERS]
            )
        except (OSError, RuntimeError) as error:
            if isinstance(error, RuntimeError) or error.errno in _LIMITS:
                self._fall_back(error)

    def _unwatch_folder(self, folder: str) -> None:
        watch = self._watches.pop(folder)
        if self._observer is not None:
            with contextlib.suppress(KeyError, OSError):
                self._observer.unschedule(watch)


_LIMITS = frozenset({errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM})


class _EventHandler(FileSystemEventHandler):
    def __init__(self, on_event: Callable[[FileSystemEvent], None]) -> None:
        self._on_event = on_event

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Passes every event on."""
        self._on_event(event)


class _OverflowHandler(logging.Handler):
    """Hears from watchdog's log that the system dropped events: it has no public call for that."""

    def __init__(self, on_loss: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._on_loss = on_loss

    def emit(self, record: logging.LogRecord) -> None:
        """Any warning may mean that something was missed."""
        del record
        self._on_loss()
