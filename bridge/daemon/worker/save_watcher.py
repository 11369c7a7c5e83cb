"""Saved files make the daemon build: a watcher over what the project's specs look at, as the worker finds it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from pathlib import Path

from bridge.daemon.worker.worker import BuildWorker
from bridge.store import lockfile
from bridge.watch.watched_files import WatchedFiles
from bridge.watch.watcher import Watcher

_LOGGER = logging.getLogger("assetbridge.daemon")
# How often it is looked whether the watcher's own thread still lives.
_CHECK_SECONDS = 5.0


class SaveWatcher:
    """Watches a project for a worker, in threads of its own. `notice` says when the system's watches are not used.

    is_watching: whether a save would be noticed now.
    """

    def __init__(self, root: Path, worker: BuildWorker) -> None:
        self._root = root
        self._worker = worker
        self._watched_files: WatchedFiles | None = None
        self._watcher: Watcher | None = None
        self._has_looked = threading.Event()
        self._is_stale = threading.Event()
        self._has_ended = threading.Event()
        self.is_watching = False
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        """Begins; the worker's first look does not hold up the daemon's start."""
        self._worker.tell_looks_to(self._take_watched_files)
        self._thread.start()

    def stop(self) -> None:
        """Ends."""
        self._has_ended.set()
        self._is_stale.set()
        self._has_looked.set()
        self._thread.join(timeout=2)

    @property
    def notice(self) -> str | None:
        """Why files are looked at in turns, if they are."""
        return self._watcher.notice if self._watcher else None

    def _run(self) -> None:
        # What was saved while no daemon ran is built now.
        self._worker.build_changed(frozenset())
        self._has_looked.wait()
        if self._has_ended.is_set():
            return
        while not self._has_ended.is_set():
            self._watcher = Watcher(self._root, self._covers, self._folders, self._on_change)
            failure = self._watch(self._watcher)
            if failure is not None:
                # Saves must not go unnoticed from now on: it begins anew, and looks at everything.
                _LOGGER.error("watching failed and begins anew", exc_info=failure)
                self._has_ended.wait(_CHECK_SECONDS)

    def _watch(self, watcher: Watcher) -> BaseException | None:
        """Watches until the end, or until the watcher has failed."""
        with watcher:
            self.is_watching = True
            # And what was saved after the worker's look, before the watcher's.
            self._worker.look_again()
            noticed = None
            while not self._has_ended.is_set() and watcher.failure is None:
                if watcher.notice != noticed:
                    noticed = watcher.notice
                    self._worker.log.publish("notice", message=noticed)
                if self._is_stale.wait(_CHECK_SECONDS):
                    self._is_stale.clear()
                    if not self._has_ended.is_set():
                        watcher.rescan()
        self.is_watching = False
        return watcher.failure

    def _take_watched_files(self, watched: WatchedFiles | None) -> None:
        """Called by the worker whenever it has looked; a project that cannot be read leaves what was watched before."""
        if watched is not None and watched != self._watched_files:
            self._watched_files = watched
            self._is_stale.set()
        self._has_looked.set()

    def _on_change(self, paths: frozenset[str]) -> None:
        if paths <= {lockfile.FILE_NAME}:
            # Our own builds write it, and one that version control brought asks for no art by itself.
            self._worker.announce_changes(sorted(paths))
            self._worker.retry_owed()
            return
        self._worker.build_changed(paths)

    def _covers(self, path: str) -> bool:
        return self._watched_files is None or self._watched_files.covers(path)

    def _folders(self) -> Iterable[str]:
        return self._watched_files.folders_to_watch() if self._watched_files else ["."]
