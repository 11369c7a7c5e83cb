"""Saved files make the daemon build: a watcher over what the project's specs look at, asked anew when that changes."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from bridge.daemon.engine import Engine
from bridge.errors import BridgeError
from bridge.plan import lock as lockfile
from bridge.plan.planner import Planner
from bridge.project import Project
from bridge.watch.interest import Interest
from bridge.watch.watcher import Watcher


class Watching:
    """Watches a project for an engine, in threads of its own. `notice` says when the system's watches are not used."""

    def __init__(self, root: Path, engine: Engine) -> None:
        self._root = root
        self._engine = engine
        self._interest: Interest | None = None
        self._watcher: Watcher | None = None
        self._stale = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        """Begins; reading the specs for the first time does not hold up the daemon's start."""
        self._thread.start()

    def stop(self) -> None:
        """Ends."""
        self._ended.set()
        self._stale.set()
        self._thread.join(timeout=2)

    @property
    def notice(self) -> str | None:
        """Why files are looked at in turns, if they are."""
        return self._watcher.notice if self._watcher else None

    def _run(self) -> None:
        self._look()
        self._watcher = Watcher(self._root, self._covers, self._folders, self._told)
        with self._watcher:
            # What was saved while no daemon ran is built now.
            self._engine.changed(frozenset())
            while not self._ended.is_set():
                self._stale.wait()
                self._stale.clear()
                if not self._ended.is_set():
                    before = self._folders()
                    self._look()
                    if set(self._folders()) != set(before):
                        self._watcher.rescan()

    def _told(self, paths: frozenset[str]) -> None:
        if paths <= {lockfile.FILE_NAME}:
            # Our own builds write it, and one that version control brought asks for no art by itself.
            self._engine.touched(sorted(paths))
            return
        self._engine.changed(paths)
        self._stale.set()

    def _look(self) -> None:
        """Works out what to watch; a project that cannot be read keeps what was watched before."""
        try:
            with Project.open(self._root) as project:
                planner = Planner(project)
                planner.read()
                self._interest = Interest.of(planner)
        except BridgeError:
            return

    def _covers(self, path: str) -> bool:
        return self._interest is None or self._interest.covers(path)

    def _folders(self) -> Iterable[str]:
        return self._interest.folders() if self._interest else ["."]
