"""Saved files make the daemon build: a watcher over what the project's specs look at, as the engine finds it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from bridge.daemon.worker.worker import BuildWorker
from bridge.store import lockfile
from bridge.watch.watched_files import WatchedFiles
from bridge.watch.watcher import Watcher


class Watching:
    """Watches a project for an engine, in threads of its own. `notice` says when the system's watches are not used."""

    def __init__(self, root: Path, engine: BuildWorker) -> None:
        self._root = root
        self._engine = engine
        self._interest: WatchedFiles | None = None
        self._watcher: Watcher | None = None
        self._looked = threading.Event()
        self._stale = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        """Begins; the engine's first look does not hold up the daemon's start."""
        self._engine.attend(self._take)
        self._thread.start()

    def stop(self) -> None:
        """Ends."""
        self._ended.set()
        self._stale.set()
        self._looked.set()
        self._thread.join(timeout=2)

    @property
    def notice(self) -> str | None:
        """Why files are looked at in turns, if they are."""
        return self._watcher.notice if self._watcher else None

    def _run(self) -> None:
        # What was saved while no daemon ran is built now.
        self._engine.changed(frozenset())
        self._looked.wait()
        if self._ended.is_set():
            return
        self._watcher = Watcher(self._root, self._covers, self._folders, self._told)
        with self._watcher:
            # And what was saved after the engine's look, before the watcher's.
            self._engine.look_again()
            noticed = None
            while not self._ended.is_set():
                if self.notice != noticed:
                    noticed = self.notice
                    self._engine.log.publish("notice", message=noticed)
                self._stale.wait()
                self._stale.clear()
                if not self._ended.is_set():
                    self._watcher.rescan()

    def _take(self, interest: WatchedFiles | None) -> None:
        """Called by the engine whenever it has looked; a project that cannot be read leaves what was watched before."""
        if interest is not None and interest != self._interest:
            self._interest = interest
            self._stale.set()
        self._looked.set()

    def _told(self, paths: frozenset[str]) -> None:
        if paths <= {lockfile.FILE_NAME}:
            # Our own builds write it, and one that version control brought asks for no art by itself.
            self._engine.touched(sorted(paths))
            return
        self._engine.changed(paths)

    def _covers(self, path: str) -> bool:
        return self._interest is None or self._interest.covers(path)

    def _folders(self) -> Iterable[str]:
        return self._interest.folders() if self._interest else ["."]
