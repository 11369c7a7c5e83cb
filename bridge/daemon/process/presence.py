"""What tells others that a daemon serves a project: an OS lock, and the records of where it listens."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bridge.core.database_journals import FOREIGN
from bridge.core.disk_errors import describe_failure
from bridge.core.errors import UserError
from bridge.core.paths import DAEMON_FILE, DAEMON_LOCK_FILE
from bridge.core.process_lock import ProcessLock
from bridge.core.root_folder import RootFolder
from bridge.core.user_files import read_user_file, user_folder, write_user_file
from bridge.daemon.runtime import Runtime, read_record

_PROJECTS = "daemons.json"
_OPEN_FILES = Path("/proc/self/fd")
_LOCK_PATIENCE_SECONDS = 5.0
# Whoever only asks whether the lock is held (`is_lock_held`) holds it himself for a moment.
_PROBE_SECONDS = 0.5


@contextmanager
def hold_daemon_lock(root: Path) -> Iterator[bool]:
    """Whether no other daemon serves this project: an OS lock, which a dead process does not hold.

    Raises:
        WorkFailed: `unsafe_path`, `output_unwritable`: the file of the lock cannot be used.
    """
    lock = ProcessLock(RootFolder(root, make=False), DAEMON_LOCK_FILE)
    try:
        if not lock.acquire(_PROBE_SECONDS):
            yield False
            return
    except OSError as error:
        raise describe_failure(error, DAEMON_LOCK_FILE) from error
    try:
        yield True
    finally:
        lock.release()


def is_lock_held(root: Path) -> bool:
    """Whether a daemon lives that serves the folder which is at this place now, even if it does not answer."""
    path = root / DAEMON_LOCK_FILE
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        # Another user's, who may have a daemon here or not: it is none that this user could ask.
        return False
    lock.release()
    return False


@contextmanager
def announce_daemon(root: Path, runtime: Runtime) -> Iterator[None]:
    """Tells where the daemon is while it runs, in the project and in the user's folder."""
    folder = _open_folder(root)
    write_record(root, runtime)
    _record_for_user(root, runtime)
    try:
        yield
    finally:
        _remove_record(root, runtime, folder)
        _record_for_user(root, None, runtime.nonce)


def write_record(root: Path, runtime: Runtime) -> None:
    """Writes where the project's daemon listens; a link in the place of that file is renamed, never followed.

    Raises:
        WorkFailed: `unsafe_path`, `disk_full`, `output_unwritable`.
    """
    folder = RootFolder(root, make=False)
    with contextlib.suppress(OSError):
        if stat.S_ISLNK(folder.stat(DAEMON_FILE).st_mode):
            name = Path(DAEMON_FILE).name
            folder.rename_beside(DAEMON_FILE, f"{name}.{FOREIGN}-{runtime.nonce}")
    folder.write(DAEMON_FILE, json.dumps(asdict(runtime), indent=1, sort_keys=True).encode(), private=True)


def _open_folder(root: Path) -> int | None:
    """The folder itself, whatever it will be called; None where the system does not show it (only Linux does)."""
    return os.open(root, os.O_RDONLY) if _OPEN_FILES.is_dir() else None


def _remove_record(root: Path, runtime: Runtime, folder: int | None) -> None:
    """Removes the own record: where the folder is now, and where a copy of it has taken its place."""
    current = read_record(root)
    with contextlib.suppress(OSError):
        if current is not None and current.nonce == runtime.nonce:
            RootFolder(root, make=False).remove(DAEMON_FILE)
    if folder is None:
        return
    try:
        with contextlib.suppress(OSError):
            if not _is_at(folder, root):
                # It was renamed: the record went along with it.
                RootFolder(_OPEN_FILES / str(folder)).remove(DAEMON_FILE)
    finally:
        os.close(folder)


def _is_at(folder: int, root: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(folder), root.stat())
    except FileNotFoundError:
        return False


def projects_file() -> Path:
    """The map of projects to daemons."""
    return user_folder() / _PROJECTS


def _record_for_user(root: Path, runtime: Runtime | None, own_nonce: str = "") -> None:
    """Enters or removes a project in the user's map. A home that cannot be written stops nothing: it is a service.

    own_nonce: a daemon that began here meanwhile, for the folder that took this one's place, stays in the map.
    """
    path = projects_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(path.with_suffix(".lock"), timeout=_LOCK_PATIENCE_SECONDS):
            projects = _read_projects()
            name = os.path.realpath(root)
            if runtime is not None:
                projects[name] = asdict(runtime)
            elif _nonce_of(projects.get(name)) == own_nonce:
                del projects[name]
            else:
                return
            document = json.dumps({"projects": projects}, indent=1, sort_keys=True)
            write_user_file(_PROJECTS, document.encode())
    except (OSError, Timeout):
        return


def _nonce_of(record: Any) -> str | None:
    nonce = record.get("nonce") if isinstance(record, dict) else None
    return nonce if isinstance(nonce, str) else None


def _read_projects() -> dict[str, Any]:
    """The map; one that is damaged, or that others could have written, is begun anew."""
    try:
        projects = json.loads(read_user_file(_PROJECTS) or b"{}")["projects"]
    except (UserError, OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return projects if isinstance(projects, dict) else {}
