"""`.assetbridge/daemon.log`: what went wrong in the daemon, bounded whatever happens.

The descriptors 1 and 2 of the process are the file itself, opened for appending: what the interpreter writes at its end
(faulthandler), a library or a child process arrives there as well, without anybody who must still be alive to pass it
on. So the file is not exchanged when it is full: its content is copied to `daemon.log.1` and the file is cut to nothing
in place, where everybody's next line follows.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import stat
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from bridge.core import credentials
from bridge.core.errors import WorkFailed
from bridge.core.paths import DAEMON_LOG_FILE
from bridge.core.private_files import open_private
from bridge.core.redact import redact
from bridge.core.root_folder import RootFolder
from bridge.daemon.limits import Limits

_WINDOW_SECONDS = 60.0
_SAME_LINES = 3
_KNOWN_LINES = 64
_LONGEST_ENTRY = 8 << 10
_STDERR = 2


def open_log(root: Path) -> int:
    """The descriptor of the log of a project, for the process that will write it.

    Raises:
        OSError: it cannot be opened, or is a link, no regular file, or another user's.
    """
    return open_private(RootFolder(root, make=False), DAEMON_LOG_FILE, os.O_RDWR | os.O_APPEND)


class DaemonLog:
    """The log of this process, where its descriptor 2 is the log file of `root`; elsewhere (a terminal) nothing."""

    def __init__(self, root: Path, most_bytes: int, descriptor: int = _STDERR) -> None:
        self._path = root / DAEMON_LOG_FILE
        self._folder = RootFolder(root, make=False)
        self._most_bytes = most_bytes
        self._descriptor = descriptor

    def begin(self) -> None:
        """What an earlier daemon left is kept beside the new log."""
        self.trim(0)

    def trim(self, most_bytes: int | None = None) -> None:
        """Begins anew when there is more in it than may be. Never raises: no log is worth that."""
        with contextlib.suppress(OSError):
            facts = os.fstat(self._descriptor)
            limit = self._most_bytes if most_bytes is None else most_bytes
            if stat.S_ISREG(facts.st_mode) and facts.st_size > limit and self._is_at(facts):
                self._keep_old(facts.st_size)
                os.ftruncate(self._descriptor, 0)

    def _is_at(self, facts: os.stat_result) -> bool:
        """Whether the file is the log: only that may be cut. One that was unlinked or moved may as well."""
        try:
            there = self._path.lstat()
        except FileNotFoundError:
            return facts.st_nlink == 0
        return os.path.samestat(there, facts)

    def _keep_old(self, size: int) -> None:
        """Copies the end of the log beside it. A disk that is full costs the old lines, never the bound."""
        with contextlib.suppress(OSError, WorkFailed):
            reading = open_private(self._folder, DAEMON_LOG_FILE, os.O_RDONLY)
            with os.fdopen(reading, "rb") as file:
                file.seek(max(0, size - self._most_bytes))
                lines = file.read(self._most_bytes)
            self._folder.write(f"{DAEMON_LOG_FILE}.1", lines, private=True)


class RepeatLimiter:
    """Which entries are written: of each a few a minute, of all not more than `most_lines`."""

    def __init__(self, most_lines: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._written: deque[float] = deque(maxlen=most_lines)

    def admit(self, key: str) -> int | None:
        """None: it is not written. Else how often the same was left out before it."""
        now = self._monotonic()
        began, count = self._seen.pop(key, (now, 0))
        left_out = 0
        if now - began >= _WINDOW_SECONDS:
            left_out, began, count = max(0, count - _SAME_LINES), now, 0
        self._seen[key] = (began, count + 1)
        while len(self._seen) > _KNOWN_LINES:
            self._seen.popitem(last=False)
        is_full = len(self._written) == self._written.maxlen and now - self._written[0] < _WINDOW_SECONDS
        if count >= _SAME_LINES or is_full:
            return None
        self._written.append(now)
        return left_out


class DaemonLogHandler(logging.Handler):
    """Writes entries to the log: without keys, cut to a length, and not the same one again and again."""

    def __init__(self, log: DaemonLog, limiter: RepeatLimiter, descriptor: int = _STDERR) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self._limiter = limiter
        self._descriptor = descriptor
        formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        """Writes an entry, or counts it."""
        try:
            kind = record.exc_info[0] if record.exc_info else None
            line = "".join(letter for letter in str(record.msg).partition("\n")[0] if not letter.isdigit())
            left_out = self._limiter.admit(f"{record.name} {line} {kind}")
            if left_out is None:
                return
            repeated = f"\n({left_out} more like this were left out)" if left_out else ""
            self.write(self.format(record) + repeated)
        except Exception:  # noqa: BLE001  a log that cannot be written must not end what it tells of
            return

    def write(self, text: str) -> None:
        """Writes an entry as it is, but for keys and characters that a terminal would obey."""
        text = redact(text, credentials.live_keys())
        if len(text) > _LONGEST_ENTRY:
            text = f"{text[: _LONGEST_ENTRY // 2]}\n...\n{text[-_LONGEST_ENTRY // 2 :]}"
        shown = "".join(letter if letter.isprintable() or letter in "\n\t" else ascii(letter)[1:-1] for letter in text)
        with contextlib.suppress(OSError):
            os.write(self._descriptor, f"{shown}\n".encode(errors="backslashreplace"))
        self._log.trim()


def begin_logging(root: Path, limits: Limits) -> DaemonLog:
    """From now on everything that this process has to say of itself is in the log, in bounds."""
    log = DaemonLog(root, limits.log_bytes)
    log.begin()
    handler = DaemonLogHandler(log, RepeatLimiter(limits.log_lines))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Whoever watches hears of lost events by itself.
    logging.getLogger("watchdog").propagate = False
    defects = logging.getLogger("assetbridge.daemon")

    def note_in_thread(facts: threading.ExceptHookArgs) -> None:
        if facts.exc_value is not None:
            trace = (facts.exc_type, facts.exc_value, facts.exc_traceback)
            defects.error("a thread ended by a defect", exc_info=trace)

    def note_at_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        defects.error("the daemon ended by a defect", exc_info=(kind, error, trace))

    threading.excepthook = note_in_thread
    sys.excepthook = note_at_end
    with contextlib.suppress(OSError, ValueError):
        faulthandler.enable(_STDERR)
    return log
