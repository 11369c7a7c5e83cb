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

from bridge.core.errors import BridgeError
from bridge.project import Project
from bridge.store import lockfile
from bridge.watch.events import Event, Hear
from bridge.watch.session import Session
from bridge.watch.watcher import Watcher

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

    from bridge.watch.debounce import Timing
    from bridge.watch.watched_files import WatchedFiles

# How long a wait for changes lasts at most: on Windows a signal does not end it.
_BREATH = 1.0


class Watch:
    """Watches one project. `run` does the work in the thread that calls it; `stop` ends it from any other."""

    def __init__(
        self,
        start: Path | None,
        hear: Hear,
        *,
        timing: Timing | None = None,
        observer: Callable[[], BaseObserver] = Observer,
    ) -> None:
        self._start = start
        self._hear = hear
        self._timing = timing
        self._observer = observer
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
                session = Session(project.config, self._hear)
                try:
                    self._watch(session)
                finally:
                    session.close()
        except KeyboardInterrupt:
            # The builder saves the lock on its way out: the next run goes on from there.
            pass
        self._hear(Event("stopped"))

    def _watch(self, session: Session) -> None:
        # The first look tells what to watch; the build looks again, so that nothing in between is missed.
        with contextlib.suppress(BridgeError):
            session.look()
        watcher = Watcher(
            session.project.root,
            session.covers,
            session.folders,
            self._inbox.put,
            timing=self._timing,
            observer=self._observer,
        )
        with watcher:
            known = session.interest
            session.build()
            _own(session, watcher)
            self._hear(Event("watching", {"assets": len(session.interest.specs)}))
            self._follow(session, watcher, known)

    def _follow(self, session: Session, watcher: Watcher, known: WatchedFiles) -> None:
        """known: what the watcher has last looked for."""
        notice = None
        while True:
            if session.interest != known:
                known = session.interest
                watcher.rescan()
            if watcher.notice != notice:
                notice = watcher.notice
                self._hear(Event("notice", {"message": notice}))
            if watcher.failure is not None:
                raise watcher.failure
            _arm()
            paths = self._next()
            if paths is None:
                return
            if paths:
                session.changed(paths)
                _own(session, watcher)

    def _next(self) -> frozenset[str] | None:
        """All that changed since the last time; empty after a while without; None: stop."""
        found: frozenset[str] = frozenset()
        try:
            paths = self._inbox.get(timeout=_BREATH)
            while paths is not None:
                found |= paths
                paths = self._inbox.get_nowait()
        except queue.Empty:
            return found
        return None


def _own(session: Session, watcher: Watcher) -> None:
    """The lock is watched, for version control may bring another; the one written here is no news."""
    if session.locked is not None:
        watcher.wrote(lockfile.FILE_NAME, session.locked)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _arm() -> None:
    """SIGTERM ends the run as Ctrl-C does. Again before every wait: a build that buys leaves the default behind."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _interrupt)


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    _arm()
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
