"""Where a project's daemon listens: `.assetbridge/daemon.json`, and the same facts per project in the user's folder.

The file in the project is the truth. `<user config>/assetbridge/daemons.json` maps project folders to the same facts,
for addons whose script engine cannot read hidden folders. Both hold the token, so both have mode 0600 (on Windows the
profile's access list protects them).

The file may be left over, and its port may be anybody's by now: what answers there is believed when it names the nonce
of the file, and read with a limit in bytes and in seconds until then.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge import __version__
from bridge.core.paths import DAEMON_FILE
from bridge.core.private_files import UnsafeFileError, read_private
from bridge.core.root_folder import RootFolder

_PATIENCE_SECONDS = 5.0
_MOST_RECORD_BYTES = 64 << 10
# Health, and the answer to a shutdown, are some hundred bytes.
_MOST_ANSWER_BYTES = 1 << 20


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


@dataclass(frozen=True, slots=True)
class Record:
    """What the runtime file says. runtime: None when there is none; problem: why a file that is there is not used."""

    runtime: Runtime | None = None
    problem: str = ""


def load_record(root: Path) -> Record:
    """Reads the runtime file. It may be left over from a dead process, or a copy of another project's."""
    try:
        facts = json.loads(read_private(RootFolder(root), DAEMON_FILE, _MOST_RECORD_BYTES))
        return Record(_read_facts(facts))
    except UnsafeFileError as error:
        return Record(problem=str(error))
    except (FileNotFoundError, NotADirectoryError):
        return Record()
    except OSError as error:
        return Record(problem=f"cannot be read ({error.strerror})")
    except (ValueError, KeyError, TypeError, RecursionError):
        return Record(problem="is damaged")


def _read_facts(facts: Any) -> Runtime:
    pid, port = facts["pid"], facts["port"]
    texts = [facts[name] for name in ("token", "version", "nonce")]
    if type(pid) is not int or type(port) is not int or not 0 < port < 1 << 16:
        raise ValueError("no numbers")
    # They go into headers and messages.
    if not all(isinstance(text, str) and text.isascii() and text.isprintable() for text in texts):
        raise ValueError("no plain texts")
    return Runtime(pid, port, *texts)


def read_record(root: Path) -> Runtime | None:
    """What the runtime file says; None when there is none or it cannot be believed."""
    return load_record(root).runtime


def find_running(root: Path, patience_seconds: float = _PATIENCE_SECONDS) -> Runtime | None:
    """The project's daemon if it answers; None when its file is stale (dead process, or a stranger on the port)."""
    recorded = read_record(root)
    return recorded if recorded is not None and is_answering(recorded, root, patience_seconds) else None


def is_answering(runtime: Runtime, root: Path, patience_seconds: float = _PATIENCE_SECONDS) -> bool:
    """Whether the very daemon of this start answers, and serves this folder (a copy of it has the same record)."""
    try:
        status, body = request_json(runtime, "GET", "/v1/health", patience=patience_seconds)
    except (OSError, ValueError):
        return False
    return status == 200 and body.get("nonce") == runtime.nonce and body.get("root") == os.path.realpath(root)


def request_json(
    runtime: Runtime,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    patience: float = _PATIENCE_SECONDS,
) -> tuple[int, dict[str, Any]]:
    """One request with a short answer: status and JSON object. patience: seconds for all of it.

    Raises:
        OSError, ValueError: nobody answers in time, or not with JSON.
    """
    deadline = time.monotonic() + patience
    with open_request(runtime, method, path, body, patience=patience, deadline=deadline) as answer:
        document = read_object(answer, _MOST_ANSWER_BYTES)
    return answer.status, document


def read_object(answer: http.client.HTTPResponse, most_bytes: int) -> dict[str, Any]:
    """The JSON object of an answer.

    Raises:
        OSError, ValueError: it is none, it is broken off, or it has more bytes.
    """
    try:
        data = answer.read(most_bytes + 1)
        if len(data) > most_bytes:
            raise ValueError("too long")
        document = json.loads(data)
    except http.client.HTTPException as error:
        raise OSError(f"no answer in HTTP: {error}") from error
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(document, dict):
        raise ValueError("not an object")
    return document


@contextmanager
def open_request(
    runtime: Runtime,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    patience: float,
    deadline: float | None = None,
) -> Iterator[http.client.HTTPResponse]:
    """The answer to a request, to be read inside.

    patience: seconds of silence that are waited for. deadline: when all must be over, on the monotonic clock.

    Raises:
        OSError: nobody answers, or not in HTTP.
    """
    connection = http.client.HTTPConnection("127.0.0.1", runtime.port)
    try:
        connection.sock = _connect(runtime.port, patience, deadline)
        headers = {"Authorization": f"Bearer {runtime.token}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        with connection.getresponse() as answer:
            yield answer
    except http.client.HTTPException as error:
        raise OSError(f"no answer in HTTP: {error}") from error
    finally:
        connection.close()


def _connect(port: int, patience: float, deadline: float | None) -> socket.socket:
    connected = _TimedSocket(socket.AF_INET, socket.SOCK_STREAM)
    connected.patience = patience
    connected.deadline = deadline
    try:
        connected.settimeout(patience)
        connected.connect(("127.0.0.1", port))
    except BaseException:
        connected.close()
        raise
    return connected


class _TimedSocket(socket.socket):
    """A socket that reads until a deadline: one that gets a byte now and then would else wait for ever."""

    patience = 0.0
    deadline: float | None = None

    def recv_into(self, *words: Any, **named: Any) -> int:
        """As a socket does; TimeoutError after the deadline."""
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("no whole answer in time")
            self.settimeout(min(self.patience, left))
        return super().recv_into(*words, **named)
