"""Saved files make the daemon build: a watcher over what the project's specs look at, as the worker finds it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from pathlib import Path

from bridge.core.git_state import GitGate
from bridge.core.waits import GIT_REST_S
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
        self._wakes = threading.Event()
        self._is_stale = False
        self._git = GitGate(root)
        self._told_git = ""
        self._adding = threading.Lock()
        self._pending: frozenset[str] = frozenset()
        self._all_changed = False
        self._has_ended = threading.Event()
        self.is_watching = False
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        """Begins; the worker's first look does not hold up the daemon's start."""
        self._worker.tell_looks_to(self._take_watched_files, self._note_all_changed)
        self._thread.start()

    def stop(self) -> None:
        """Ends."""
        self._has_ended.set()
        self._wakes.set()
        self._has_looked.set()
        self._thread.join(timeout=2)

    @property
    def notice(self) -> str | None:
        """Why files are looked at in turns, if they are."""
        return self._watcher.notice if self._watcher else None

    def _run(self) -> None:
        self._wait_for_git()
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
            self._note_all_changed()
            noticed = None
            while not self._has_ended.is_set() and watcher.failure is None:
                if watcher.notice != noticed:
                    noticed = watcher.notice
                    self._worker.log.publish("notice", message=noticed)
                self._wakes.wait(GIT_REST_S if self._has_pending else _CHECK_SECONDS)
                self._wakes.clear()
                if self._is_stale and not self._has_ended.is_set():
                    self._is_stale = False
                    watcher.rescan()
                self._pass_on()
        self.is_watching = False
        return watcher.failure

    def _wait_for_git(self) -> None:
        while not self._is_git_at_rest() and not self._has_ended.wait(GIT_REST_S):
            pass

    def _is_git_at_rest(self) -> bool:
        """Whether git does nothing; where it waits for its user, listeners are told once."""
        is_at_rest = self._git.is_at_rest()
        if self._git.waits_for and self._git.waits_for != self._told_git:
            message = f"{self._git.waits_for} of git is not finished: nothing is built by itself until it is"
            self._worker.log.publish("notice", message=message)
        self._told_git = self._git.waits_for if self._git.waits_for or is_at_rest else self._told_git
        return is_at_rest

    # what has changed, until git rests

    @property
    def _has_pending(self) -> bool:
        return bool(self._pending) or self._all_changed

    def _note_all_changed(self) -> None:
        self._all_changed = True
        self._wakes.set()

    def _pass_on(self) -> None:
        if not self._has_pending or self._has_ended.is_set() or not self._is_git_at_rest():
            return
        with self._adding:
            paths, self._pending = self._pending, frozenset()
            everything, self._all_changed = self._all_changed, False
        everything = self._git.take_moved() or everything
        if paths and paths <= {lockfile.FILE_NAME} and not everything:
            # Our own builds write it, and one that version control brought asks for no art by itself.
            self._worker.announce_changes(sorted(paths))
            self._worker.retry_owed()
            return
        if everything:
            self._worker.announce_changes(sorted(paths))
            self._worker.look_again()
        else:
            self._worker.build_changed(paths)

    def _take_watched_files(self, watched: WatchedFiles | None) -> None:
        """Called by the worker whenever it has looked; a project that cannot be read leaves what was watched before."""
        if watched is not None and watched != self._watched_files:
            self._watched_files = watched
            self._is_stale = True
            self._wakes.set()
        self._has_looked.set()

    def _on_change(self, paths: frozenset[str]) -> None:
        with self._adding:
            self._pending |= paths
        self._wakes.set()

    def _covers(self, path: str) -> bool:
        return self._watched_files is None or self._watched_files.covers(path)

    def _folders(self) -> Iterable[str]:
        return self._watched_files.folders_to_watch() if self._watched_files else ["."]
