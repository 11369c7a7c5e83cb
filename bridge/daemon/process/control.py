"""Starting and stopping a project's daemon from another process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bridge.core import atomic_files as disk
from bridge.core.errors import WorkFailed
from bridge.core.paths import DAEMON_LOG_FILE
from bridge.daemon import runtime
from bridge.daemon.runtime import Runtime

_START_SECONDS = 20.0
# Longer than the daemon itself waits for an order that is out.
_STOP_SECONDS = 40.0
_PAUSE = 0.02


def start(root: Path) -> tuple[Runtime, bool]:
    """The project's daemon, started if none answers, and whether it was started now.

    Raises:
        WorkFailed: `daemon_failed`; .assetbridge/daemon.log says why.
    """
    found = runtime.live(root)
    if found is not None:
        return found, False
    try:
        (root / DAEMON_LOG_FILE).parent.mkdir(parents=True, exist_ok=True)
        with (root / DAEMON_LOG_FILE).open("wb") as log:
            process = _detached(root, log)
    except OSError as error:
        raise disk.describe_failure(error, root / DAEMON_LOG_FILE, DAEMON_LOG_FILE) from error
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        found = runtime.read(root)
        if found is not None and runtime.answers(found, root):
            ours = found.pid == process.pid
            if ours:
                # It outlives this process on purpose: Popen must not complain that it still runs.
                process.returncode = 0
            else:
                # Another start was quicker: ours finds that out and ends by itself.
                process.wait(_START_SECONDS)
            return found, ours
        if process.poll() is not None:
            break
        time.sleep(_PAUSE)
    # Two starts at once: the other one's daemon serves as well.
    found = runtime.live(root)
    if found is not None:
        return found, False
    raise WorkFailed("daemon_failed", "the daemon did not start", hint=f"{DAEMON_LOG_FILE} says why.")


def _detached(root: Path, log: Any) -> subprocess.Popen[bytes]:
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


def stop(root: Path) -> Runtime | None:
    """Ends the project's daemon and waits until it has ended; None when none answers.

    Raises:
        WorkFailed: `daemon_failed`: it is still there.
    """
    found = runtime.live(root)
    if found is None:
        return None
    with contextlib.suppress(OSError, ValueError):
        runtime.call(found, "POST", "/v1/shutdown", {})
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        # The OS lock goes last, with the process.
        with runtime.only_daemon(root) as gone:
            if gone:
                return found
        time.sleep(_PAUSE)
    raise WorkFailed(
        "daemon_failed",
        f"the daemon (process {found.pid}) has not ended yet: it waits for an order that is on its way",
        hint="Try again in a minute.",
    )
