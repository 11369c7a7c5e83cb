"""Starting and stopping a project's daemon from another process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bridge.core.disk_errors import describe_failure
from bridge.core.errors import WorkFailed
from bridge.core.paths import DAEMON_LOG_FILE
from bridge.core.root_folder import RootFolder
from bridge.daemon import runtime
from bridge.daemon.process.presence import hold_daemon_lock
from bridge.daemon.runtime import Runtime

_START_SECONDS = 20.0
# Longer than the daemon itself waits for an order that is out.
_STOP_SECONDS = 40.0
_PAUSE_SECONDS = 0.02


def start_daemon(root: Path) -> tuple[Runtime, bool]:
    """The project's daemon, started if none answers, and whether it was started now.

    Raises:
        WorkFailed: `daemon_failed`; .assetbridge/daemon.log says why.
    """
    running = runtime.find_running(root)
    if running is not None:
        return running, False
    try:
        with os.fdopen(RootFolder(root).open_in_place(DAEMON_LOG_FILE, os.O_WRONLY), "wb") as log:
            log.truncate(0)
            process = _spawn_detached(root, log)
    except OSError as error:
        raise describe_failure(error, DAEMON_LOG_FILE) from error
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        running = runtime.read_record(root)
        if running is not None and runtime.is_answering(running, root):
            is_ours = running.pid == process.pid
            if is_ours:
                # It outlives this process on purpose: Popen must not complain that it still runs.
                process.returncode = 0
            else:
                # Another start was quicker: ours finds that out and ends by itself.
                process.wait(_START_SECONDS)
            return running, is_ours
        if process.poll() is not None:
            break
        time.sleep(_PAUSE_SECONDS)
    # Two starts at once: the other one's daemon serves as well.
    running = runtime.find_running(root)
    if running is not None:
        return running, False
    raise WorkFailed("daemon_failed", "the daemon did not start", hint=f"{DAEMON_LOG_FILE} says why.")


def _spawn_detached(root: Path, log: Any) -> subprocess.Popen[bytes]:
    """The daemon as a process of its own: closing the terminal does not end it.

    `-P`: a folder of the game named like a module must not be imported.
    """
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "bridge.daemon", os.fspath(root)],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        **options,
    )


def stop_daemon(root: Path) -> Runtime | None:
    """Ends the project's daemon and waits until it has ended; None when none answers.

    Raises:
        WorkFailed: `daemon_failed`: it is still there.
    """
    running = runtime.find_running(root)
    if running is None:
        return None
    with contextlib.suppress(OSError, ValueError):
        runtime.request_json(running, "POST", "/v1/shutdown", {})
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        # The OS lock goes last, with the process.
        with hold_daemon_lock(root) as is_gone:
            if is_gone:
                return running
        time.sleep(_PAUSE_SECONDS)
    raise WorkFailed(
        "daemon_failed",
        f"the daemon (process {running.pid}) has not ended yet: it waits for an order that is on its way",
        hint="Try again in a minute.",
    )
