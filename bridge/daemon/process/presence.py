"""What tells others that a daemon serves a project: an OS lock, and the records of where it listens."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock, Timeout

from bridge.core.disk_errors import describe_failure
from bridge.core.errors import WorkFailed
from bridge.core.paths import DAEMON_FILE, DAEMON_LOCK_FILE
from bridge.core.process_lock import ProcessLock
from bridge.core.root_folder import RootFolder
from bridge.daemon.runtime import Runtime, read_record

_LOCK_PATIENCE_SECONDS = 5.0


@contextmanager
def hold_daemon_lock(root: Path) -> Iterator[bool]:
    """Whether no other daemon serves this project: an OS lock, which a dead process does not hold.

    Raises:
        WorkFailed: `unsafe_path`, `output_unwritable`: the file of the lock cannot be used.
    """
    lock = ProcessLock(RootFolder(root), DAEMON_LOCK_FILE)
    try:
        if not lock.acquire():
            yield False
            return
    except OSError as error:
        raise describe_failure(error, DAEMON_LOCK_FILE) from error
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def announce_daemon(root: Path, runtime: Runtime) -> Iterator[None]:
    """Tells where the daemon is while it runs, in the project and in the user's folder."""
    RootFolder(root).write(DAEMON_FILE, _encode_json(asdict(runtime)), private=True)
    _record_for_user(root, runtime)
    try:
        yield
    finally:
        current = read_record(root)
        if current is not None and current.nonce == runtime.nonce:
            with contextlib.suppress(OSError):
                RootFolder(root).remove(DAEMON_FILE)
        _record_for_user(root, None)


def projects_file() -> Path:
    """The map of projects to daemons."""
    return Path(platformdirs.user_config_dir("assetbridge")) / "daemons.json"


def _record_for_user(root: Path, runtime: Runtime | None) -> None:
    """Enters or removes a project in the user's map. A home that cannot be written stops nothing: it is a service."""
    path = projects_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=_LOCK_PATIENCE_SECONDS):
            projects = _read_projects(path)
            name = os.path.realpath(root)
            if runtime is None:
                projects.pop(name, None)
            else:
                projects[name] = {**asdict(runtime), "launcher": [sys.executable, "-P", "-m", "bridge"]}
            RootFolder(path.parent).write(path.name, _encode_json({"projects": projects}), private=True)
    except (OSError, Timeout, WorkFailed):
        return


def _read_projects(path: Path) -> dict[str, Any]:
    try:
        projects = json.loads(path.read_text(encoding="utf-8"))["projects"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return projects if isinstance(projects, dict) else {}


def _encode_json(facts: Mapping[str, Any]) -> bytes:
    return json.dumps(facts, indent=1, sort_keys=True).encode()
