"""Whether the daemon's project is still where and what it was: it serves a folder, not a path.

A folder that is deleted, renamed or replaced (by a copy, by a fresh clone) is another one, though its path and even
its `.assetbridge/daemon.json` may be the same. The number of the folder in the file system tells; the lock file that
this process holds tells whether another daemon could begin to serve it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from bridge.core.paths import DAEMON_LOCK_FILE
from bridge.daemon.process import presence
from bridge.daemon.process.daemon_log import DaemonLog
from bridge.daemon.runtime import Runtime, read_record

# A file that is just being replaced, or a network that hiccups, is no reason to end: twice in a row is.
_LOOKS = 2
Identity = tuple[int, int]


def identify(path: Path) -> Identity | None:
    """Device and number of a file or folder; None where there is none.

    Raises:
        OSError: it cannot be told now.
    """
    try:
        facts = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return facts.st_dev, facts.st_ino


class ProjectHome:
    """The project's folder as it was at the start, while this process holds its lock. root: without links."""

    def __init__(self, root: Path, runtime: Runtime) -> None:
        self.root = root
        self.runtime = runtime
        self._folder = identify(root)
        self._lock = identify(root / DAEMON_LOCK_FILE)

    def is_there(self) -> bool:
        """Whether the folder is still the same, and nobody is just deleting it: asked before every answer and build."""
        try:
            is_same_lock = identify(self.root / DAEMON_LOCK_FILE) == self._lock
            return is_same_lock and identify(self.root) == self._folder
        except OSError:
            return True

    def find_reason_to_end(self) -> str | None:
        """Why there is nothing to serve here any more; None: all is well, and the record says where to ask.

        A record that was deleted, damaged or replaced is written anew: the lock proves that this is the daemon.
        """
        try:
            folder, lock = identify(self.root), identify(self.root / DAEMON_LOCK_FILE)
        except OSError:
            return None
        if folder is None:
            return "the project's folder is gone"
        if folder != self._folder:
            return "the project's folder was replaced"
        if lock != self._lock:
            return f"{DAEMON_LOCK_FILE} was deleted or replaced"
        if read_record(self.root) != self.runtime:
            with contextlib.suppress(OSError):
                presence.write_record(self.root, self.runtime)
        return None


class HomeWatch:
    """Looks at the project's folder again and again, in a thread of its own; `on_leave` is called once, if ever."""

    def __init__(self, home: ProjectHome, log: DaemonLog, look_seconds: float, on_leave: Callable[[], None]) -> None:
        self._home = home
        self._log = log
        self._look_seconds = look_seconds
        self._on_leave = on_leave
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="assetbridge-home", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends."""
        self._ended.set()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        looks = 0
        while not self._ended.wait(self._look_seconds):
            self._log.trim()
            why = self._home.find_reason_to_end()
            looks = looks + 1 if why else 0
            if looks == _LOOKS:
                logging.getLogger("assetbridge.daemon").warning("%s: the daemon ends", why)
                self._on_leave()
                return
