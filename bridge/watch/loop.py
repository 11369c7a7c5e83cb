"""`assetbridge watch`: save a spec and its files are built, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import contextlib
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from watchdog.observers import Observer

from bridge.core.git_state import GitGate
from bridge.core.waits import GIT_REST_S
from bridge.project import Project
from bridge.store import lockfile
from bridge.watch.events import OnEvent, WatchEvent
from bridge.watch.session import WatchSession
from bridge.watch.watcher import Watcher

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

    from bridge.watch.debounce import DebounceTiming
    from bridge.watch.watched_files import WatchedFiles

# How long a wait for changes lasts at most: on Windows a signal does not end it.
_BREATH = 1.0


class WatchLoop:
    """Watches one project. `run` does the work in the thread that calls it; `stop` ends it from any other."""

    def __init__(
        self,
        start: Path | None,
        on_event: OnEvent,
        *,
        timing: DebounceTiming | None = None,
        observer: Callable[[], BaseObserver] = Observer,
    ) -> None:
        self._start = start
        self._on_event = on_event
        self._timing = timing
        self._observer = observer
        self._git = GitGate(start or Path.cwd())
        self._told_git = ""
        self._inbox: queue.SimpleQueue[frozenset[str] | None] = queue.SimpleQueue()

    def stop(self) -> None:
        """Ends `run` after what it builds now."""
        self._inbox.put(None)

    def run(self) -> None:
        """Builds what is stale, then what every change asks for, until `stop`, Ctrl-C or SIGTERM.

        Raises:
            UserError: `no_project`, `config_invalid`, `project_locked`.
        """
        try:
            with Project.open(self._start) as project, project.owned(), _terminated_as_interrupted():
                self._git = GitGate(project.root)
                session = WatchSession(project.config, self._on_event)
                try:
                    self._watch_session(session)
                finally:
                    session.close()
        except KeyboardInterrupt:
            # The builder saves the lock on its way out: the next run goes on from there.
            pass
        self._on_event(WatchEvent("stopped"))

    def _watch_session(self, session: WatchSession) -> None:
        # The first look tells what to watch; the build looks again, so that nothing in between is missed.
        with contextlib.suppress(Exception):
            session.plan_project()
        watcher = Watcher(
            session.project.root,
            session.covers_path,
            session.watched_folders,
            self._inbox.put,
            timing=self._timing,
            observer=self._observer,
        )
        with watcher:
            known = session.watched_files
            if not self._wait_for_git():
                return
            session.build()
            _ignore_own_lock(session, watcher)
            self._on_event(WatchEvent("watching", {"assets": len(session.watched_files.specs)}))
            self._follow_changes(session, watcher, known)

    def _follow_changes(self, session: WatchSession, watcher: Watcher, watched: WatchedFiles) -> None:
        """known: what the watcher has last looked for."""
        notice = None
        pending: frozenset[str] = frozenset()
        while True:
            if session.watched_files != watched:
                watched = session.watched_files
                watcher.rescan()
            if watcher.notice != notice:
                notice = watcher.notice
                self._on_event(WatchEvent("notice", {"message": notice}))
            if watcher.failure is not None:
                raise watcher.failure
            _arm_sigterm()
            paths = self._next_changes(GIT_REST_S if pending else _BREATH)
            if paths is None:
                return
            pending |= paths
            if pending and self._is_git_at_rest():
                session.build_changes(pending, everything=self._git.take_moved())
                pending = frozenset()
                _ignore_own_lock(session, watcher)
                if session.is_outdated:
                    # What the project was changed to during the build is seen to by the next round.
                    watcher.rescan()
                    pending = frozenset({lockfile.FILE_NAME})

    def _is_git_at_rest(self) -> bool:
        """Whether git does nothing; where it waits for its user, that is said once."""
        is_at_rest = self._git.is_at_rest()
        if self._git.waits_for and self._git.waits_for != self._told_git:
            message = f"{self._git.waits_for} of git is not finished: nothing is built until it is"
            self._on_event(WatchEvent("notice", {"message": message}))
        self._told_git = self._git.waits_for if self._git.waits_for or is_at_rest else self._told_git
        return is_at_rest

    def _wait_for_git(self) -> bool:
        """Waits before the first build; False when the run is to end."""
        while not self._is_git_at_rest():
            if self._next_changes(GIT_REST_S) is None:
                return False
        return True

    def _next_changes(self, patience_seconds: float) -> frozenset[str] | None:
        """All that changed since the last time; empty after a while without; None: stop."""
        changed: frozenset[str] = frozenset()
        try:
            paths = self._inbox.get(timeout=patience_seconds)
            while paths is not None:
                changed |= paths
                paths = self._inbox.get_nowait()
        except queue.Empty:
            return changed
        return None


def _ignore_own_lock(session: WatchSession, watcher: Watcher) -> None:
    """The lock is watched, for version control may bring another; the one written here is no news."""
    if session.written_lock is not None:
        watcher.accept_written(lockfile.FILE_NAME, session.written_lock)


def _raise_interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _arm_sigterm() -> None:
    """SIGTERM ends the run as Ctrl-C does. Again before every wait: a build that buys leaves the default behind."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _raise_interrupt)


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    _arm_sigterm()
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
