"""Where a project's daemon listens: `.assetbridge/daemon.json`, and the same facts per project in the user's folder.

The file in the project is the truth. `<user config>/assetbridge/daemons.json` maps project folders to the same facts,
for addons whose script engine cannot read hidden folders. Both hold the token, so both have mode 0600 (on Windows the
profile's access list protects them).
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge import __version__
from bridge.core.paths import DAEMON_FILE
from bridge.core.root_folder import RootFolder

FILE = ".assetbridge/daemon.json"
LOG = ".assetbridge/daemon.log"
_PATIENCE_SECONDS = 5.0


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


def read_record(root: Path) -> Runtime | None:
    """What the runtime file says; None when there is none or it is damaged. It may be left over from a dead process."""
    try:
        facts = json.loads(RootFolder(root).read(DAEMON_FILE))
        return Runtime(
            int(facts["pid"]), int(facts["port"]), str(facts["token"]), str(facts["version"]), str(facts["nonce"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def find_running(root: Path) -> Runtime | None:
    """The project's daemon if it answers; None when its file is stale (dead process, or a stranger on the port)."""
    recorded = read_record(root)
    return recorded if recorded is not None and is_answering(recorded, root) else None


def is_answering(runtime: Runtime, root: Path) -> bool:
    """Whether the very daemon of this start answers, and serves this folder (a copy of it has the same record)."""
    try:
        status, body = request_json(runtime, "GET", "/v1/health")
    except (OSError, ValueError):
        return False
    return status == 200 and body.get("nonce") == runtime.nonce and body.get("root") == os.path.realpath(root)


def request_json(
    runtime: Runtime, method: str, path: str, body: Mapping[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    """One request to a daemon: status and JSON object.

    Raises:
        OSError, ValueError: nobody answers, or not with JSON.
    """
    with open_request(runtime, method, path, body, patience=_PATIENCE_SECONDS) as answer:
        document = json.loads(answer.read())
    if not isinstance(document, dict):
        raise ValueError("not an object")
    return answer.status, document


@contextmanager
def open_request(
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
