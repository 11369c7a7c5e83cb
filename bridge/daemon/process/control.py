"""Starting and stopping a project's daemon from another process."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from bridge.core.disk_errors import describe_failure
from bridge.core.errors import WorkFailed
from bridge.core.paths import DAEMON_FILE, DAEMON_LOCK_FILE, DAEMON_LOG_FILE
from bridge.core.private_files import UnsafeFileError
from bridge.core.programs import python_command, start_program
from bridge.daemon import runtime
from bridge.daemon.process.daemon_log import open_log
from bridge.daemon.process.presence import is_lock_held
from bridge.daemon.runtime import Runtime

_START_SECONDS = 20.0
# Longer than the daemon itself waits for an order that is out.
_STOP_SECONDS = 40.0
# Longer than a daemon takes to write a record anew that was deleted, or to leave a folder that was replaced.
_FIND_SECONDS = 5.0
_PAUSE_SECONDS = 0.02


def start_daemon(root: Path) -> tuple[Runtime, bool]:
    """The project's daemon, started if none answers, and whether it was started now.

    One that is just ending, or that serves what was here before, is waited for.

    Raises:
        WorkFailed: `daemon_failed`; .assetbridge/daemon.log says why.
    """
    deadline = time.monotonic() + _START_SECONDS
    while True:
        # Without a lock no daemon lives here, whoever is on the port that an old record names.
        is_held = is_lock_held(root)
        answering = _find_answering(root) if is_held else _start_process(root, deadline)
        if answering is not None:
            return answering
        if time.monotonic() >= deadline:
            raise _describe_silence(root, "start") if is_held else _describe_failed_start()
        time.sleep(_PAUSE_SECONDS)


def _find_answering(root: Path) -> tuple[Runtime, bool] | None:
    running = runtime.find_running(root)
    return None if running is None else (running, False)


def _start_process(root: Path, deadline: float) -> tuple[Runtime, bool] | None:
    """Starts a daemon and waits until one answers; None: another process was quicker, and does not answer yet.

    Raises:
        WorkFailed: `daemon_failed`; what opening the log raises.
    """
    left_over = runtime.read_record(root)
    try:
        log = open_log(root)
        try:
            # A process of its own: closing the terminal does not end it.
            process = start_program(python_command("-m", "bridge.daemon", os.fspath(root.absolute())), log)
        finally:
            os.close(log)
    except UnsafeFileError as error:
        raise WorkFailed(
            "daemon_failed", f"{DAEMON_LOG_FILE} {error}", hint=f"Look at it, then delete it: {DAEMON_LOG_FILE}"
        ) from error
    except OSError as error:
        raise describe_failure(error, DAEMON_LOG_FILE) from error
    while time.monotonic() < deadline:
        running = runtime.read_record(root)
        if running is not None and running != left_over and runtime.is_answering(running, root):
            is_ours = running.pid == process.pid
            if is_ours:
                # It outlives this process on purpose: Popen must not complain that it still runs.
                process.returncode = 0
            else:
                # Another start was quicker: ours finds that out and ends by itself.
                process.wait(_START_SECONDS)
            return running, is_ours
        if process.poll() is not None:
            if is_lock_held(root):
                return None
            break
        time.sleep(_PAUSE_SECONDS)
    raise _describe_failed_start()


def _describe_failed_start() -> WorkFailed:
    return WorkFailed("daemon_failed", "the daemon did not start", hint=f"{DAEMON_LOG_FILE} says why.")


def _describe_silence(root: Path, verb: str) -> WorkFailed:
    recorded = runtime.read_record(root)
    process = f" (process {recorded.pid}, if {DAEMON_FILE} is right)" if recorded is not None else ""
    return WorkFailed(
        "daemon_failed",
        f"a daemon{process} holds {DAEMON_LOCK_FILE} and does not answer",
        hint=f"It may be ending: try to {verb} it again in a minute. Else end it by hand; its name is bridge.daemon.",
    )


def find_daemon(root: Path) -> Runtime | None:
    """The project's daemon; None when none lives here. One whose record was deleted or damaged writes it anew: it is
    waited for.

    Raises:
        WorkFailed: `daemon_failed`: one lives, and does not answer.
    """
    deadline = time.monotonic() + _FIND_SECONDS
    while is_lock_held(root):
        running = runtime.find_running(root)
        if running is not None:
            return running
        if time.monotonic() >= deadline:
            raise _describe_silence(root, "ask")
        time.sleep(_PAUSE_SECONDS)
    return None


def stop_daemon(root: Path) -> Runtime | None:
    """Ends the project's daemon and waits until it has ended; None when none lives here.

    Raises:
        WorkFailed: `daemon_failed`: it is still there, or it does not answer.
    """
    running = find_daemon(root)
    if running is None:
        return None
    with contextlib.suppress(OSError, ValueError):
        runtime.request_json(running, "POST", "/v1/shutdown", {})
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        # The OS lock goes last, with the process.
        if not is_lock_held(root):
            return running
        time.sleep(_PAUSE_SECONDS)
    raise WorkFailed(
        "daemon_failed",
        f"the daemon (process {running.pid}) has not ended yet: it waits for an order that is on its way",
        hint="Try again in a minute.",
    )
