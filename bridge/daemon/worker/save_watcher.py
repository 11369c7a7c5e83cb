"""Saved files make the daemon build: a watcher over what the project's specs look at, as the worker finds it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from bridge.daemon.worker.worker import BuildWorker
from bridge.store import lockfile
from bridge.watch.watched_files import WatchedFiles
from bridge.watch.watcher import Watcher


class SaveWatcher:
    """Watches a project for a worker, in threads of its own. `notice` says when the system's watches are not used."""

    def __init__(self, root: Path, worker: BuildWorker) -> None:
        self._root = root
        self._worker = worker
        self._watched_files: WatchedFiles | None = None
        self._watcher: Watcher | None = None
        self._has_looked = threading.Event()
        self._is_stale = threading.Event()
        self._has_ended = threading.Event()
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
        self._watcher = Watcher(self._root, self._covers, self._folders, self._on_change)
        with self._watcher:
            # And what was saved after the worker's look, before the watcher's.
            self._worker.look_again()
            noticed = None
            while not self._has_ended.is_set():
                if self.notice != noticed:
                    noticed = self.notice
                    self._worker.log.publish("notice", message=noticed)
                self._is_stale.wait()
                self._is_stale.clear()
                if not self._has_ended.is_set():
                    self._watcher.rescan()

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
