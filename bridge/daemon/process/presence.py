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

from bridge.daemon.runtime import FILE, Runtime, read_record

_LOCK = ".assetbridge/daemon.lock"
_LOCK_PATIENCE_SECONDS = 5.0


@contextmanager
def hold_daemon_lock(root: Path) -> Iterator[bool]:
    """Whether no other daemon serves this project: an OS lock, which a dead process does not hold."""
    lock = FileLock(root / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def announce_daemon(root: Path, runtime: Runtime) -> Iterator[None]:
    """Tells where the daemon is while it runs, in the project and in the user's folder."""
    _write_private(root / FILE, asdict(runtime))
    _record_for_user(root, runtime)
    try:
        yield
    finally:
        current = read_record(root)
        if current is not None and current.nonce == runtime.nonce:
            with contextlib.suppress(OSError):
                (root / FILE).unlink()
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
            _write_private(path, {"projects": projects})
    except (OSError, Timeout):
        return


def _read_projects(path: Path) -> dict[str, Any]:
    try:
        projects = json.loads(path.read_text(encoding="utf-8"))["projects"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return projects if isinstance(projects, dict) else {}


def _write_private(path: Path, facts: Mapping[str, Any]) -> None:
    """Replaces a file that nobody else may read, at no moment readable by others."""
    temp = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with contextlib.suppress(FileNotFoundError):
        temp.unlink()
    handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1, sort_keys=True)
    temp.replace(path)
