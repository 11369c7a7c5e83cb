"""What a stranger's project would reach if something let it: a server that listens, and a name that is looked up."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from bridge.cli import main

_ANSWER = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@dataclass
class Trap:
    """A server that remembers whoever comes, and every name of another machine that this process looks up."""

    port: int
    received: list[bytes] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address to lure with."""
        return f"http://127.0.0.1:{self.port}/v2"

    def assert_untouched(self) -> None:
        """Fails when anybody came, or was to be asked elsewhere."""
        assert self.received == []
        assert self.looked_up == []


@contextmanager
def open_trap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    """A trap on a port of its own, as long as the block lasts."""
    look_up = socket.getaddrinfo
    with socket.create_server(("127.0.0.1", 0)) as listener:
        trap = Trap(listener.getsockname()[1])

        def look_up_here(host: Any, *rest: Any, **options: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else str(host)
            if name not in ("127.0.0.1", "localhost", "::1", "None"):
                trap.looked_up.append(name)
                raise OSError("no other machine is asked in a test")
            return look_up(host, *rest, **options)

        monkeypatch.setattr(socket, "getaddrinfo", look_up_here)
        thread = threading.Thread(target=_listen, args=(listener, trap), daemon=True)
        thread.start()
        yield trap
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _listen(listener: socket.socket, trap: Trap) -> None:
    while True:
        try:
            line, _ = listener.accept()
        except OSError:
            return
        with line:
            line.settimeout(5)
            trap.received.append(b"")
            try:
                trap.received[-1] = line.recv(1 << 16)
                line.sendall(_ANSWER)
            except OSError:
                continue


@dataclass(frozen=True)
class Said:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document of `--json`."""
        return json.loads(self.out)


class CommandLine:
    """The command line in this process."""

    def __init__(self, root: Any, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture

    def run(self, *words: str) -> Said:
        """Runs a command on the project; a traceback and a defect fail the test."""
        self._capture.readouterr()
        code = main([*words, "--project", str(self.root)])
        captured = self._capture.readouterr()
        assert "Traceback" not in captured.err + captured.out
        assert code != 70, captured.err
        return Said(code, captured.out, captured.err)
