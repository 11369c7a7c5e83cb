"""Where a project's daemon listens: `.assetbridge/daemon.json`, and the same facts per project in the user's folder.

The file in the project is the truth. `<user config>/assetbridge/daemons.json` maps project folders to the same facts,
for addons whose script engine cannot read hidden folders. Both hold the token, so both have mode 0600 (on Windows the
profile's access list protects them).
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bridge import __version__
from bridge.core.paths import DAEMON_FILE, DAEMON_LOCK_FILE

_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Runtime:
    """A running daemon. token: 256 bits. nonce: tells this start from an earlier one with the same pid or port."""

    pid: int
    port: int
    token: str = field(repr=False)
    version: str = __version__
    nonce: str = ""

    @classmethod
    def new(cls, port: int) -> Runtime:
        """The facts of this process."""
        return cls(os.getpid(), port, secrets.token_hex(32), __version__, secrets.token_hex(8))


def read(root: Path) -> Runtime | None:
    """What the runtime file says; None when there is none or it is damaged. It may be stale: see `live`."""
    try:
        facts = json.loads((root / DAEMON_FILE).read_text(encoding="utf-8"))
        return Runtime(
            int(facts["pid"]), int(facts["port"]), str(facts["token"]), str(facts["version"]), str(facts["nonce"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def live(root: Path) -> Runtime | None:
    """The project's daemon if it answers; None when its file is stale (dead process, or a stranger on the port)."""
    found = read(root)
    return found if found is not None and answers(found, root) else None


def answers(runtime: Runtime, root: Path) -> bool:
    """Whether the very daemon of this start answers, and serves this folder (a copy of it has the same record)."""
    try:
        status, body = call(runtime, "GET", "/v1/health")
    except (OSError, ValueError):
        return False
    return status == 200 and body.get("nonce") == runtime.nonce and body.get("root") == os.path.realpath(root)


def call(runtime: Runtime, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    """One request to a daemon: status and JSON object.

    Raises:
        OSError, ValueError: nobody answers, or not with JSON.
    """
    with asked(runtime, method, path, body, patience=_PATIENCE) as answer:
        found = json.loads(answer.read())
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return answer.status, found


@contextmanager
def asked(
    runtime: Runtime, method: str, path: str, body: Mapping[str, Any] | None = None, *, patience: float
) -> Iterator[http.client.HTTPResponse]:
    """The answer to a request, to be read inside. patience: seconds of silence that are waited for.

    Raises:
        OSError: nobody answers, or not in HTTP.
    """
    connection = http.client.HTTPConnection("127.0.0.1", runtime.port, timeout=patience)
    try:
        headers = {"Authorization": f"Bearer {runtime.token}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        yield connection.getresponse()
    except http.client.HTTPException as error:
        raise OSError(f"no answer in HTTP: {error}") from error
    finally:
        connection.close()


@contextmanager
def only_daemon(root: Path) -> Iterator[bool]:
    """Whether no other daemon serves this project: an OS lock, which a dead process does not hold."""
    from filelock import FileLock, Timeout

    lock = FileLock(root / DAEMON_LOCK_FILE)
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
def announced(root: Path, runtime: Runtime) -> Iterator[None]:
    """Tells where the daemon is while it runs, in the project and in the user's folder."""
    _write(root / DAEMON_FILE, asdict(runtime))
    _record(root, runtime)
    try:
        yield
    finally:
        current = read(root)
        if current is not None and current.nonce == runtime.nonce:
            with contextlib.suppress(OSError):
                (root / DAEMON_FILE).unlink()
        _record(root, None)


def projects_file() -> Path:
    """The map of projects to daemons."""
    import platformdirs

    return Path(platformdirs.user_config_dir("assetbridge")) / "daemons.json"


def _record(root: Path, runtime: Runtime | None) -> None:
    """Enters or removes a project in the user's map. A home that cannot be written stops nothing: it is a service."""
    from filelock import FileLock, Timeout

    path = projects_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=_PATIENCE):
            projects = _projects(path)
            name = os.path.realpath(root)
            if runtime is None:
                projects.pop(name, None)
            else:
                projects[name] = {**asdict(runtime), "launcher": [sys.executable, "-P", "-m", "bridge"]}
            _write(path, {"projects": projects})
    except (OSError, Timeout):
        return


def _projects(path: Path) -> dict[str, Any]:
    try:
        projects = json.loads(path.read_text(encoding="utf-8"))["projects"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return projects if isinstance(projects, dict) else {}


def _write(path: Path, facts: Mapping[str, Any]) -> None:
    """Replaces a file that nobody else may read, at no moment readable by others."""
    temp = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with contextlib.suppress(FileNotFoundError):
        temp.unlink()
    handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1, sort_keys=True)
    temp.replace(path)
