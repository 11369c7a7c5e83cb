"""A running Tiled with its windows, driven from a test: on a screen, or (`offscreen`) where nobody sees them.

Without `--evaluate` Tiled has an event loop, so that timers, promises and requests of extensions work.
"""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bridge.core.root_folder import RootFolder
from bridge.operations import install_addon as addons
from tests.engines.engine import Engine

CHECKS = Path(__file__).with_name("tiled_extension_checks")
PATIENCE = 30.0  # seconds; a generous one, for machines that do much else
_MARGIN = 20.0
_TURN = 0.25


@dataclass
class Session:
    """See the module. log: what Tiled printed so far."""

    process: subprocess.Popen[bytes]
    log: Path
    asked: queue.SimpleQueue[dict[str, Any]] = field(default_factory=queue.SimpleQueue)
    answers: queue.SimpleQueue[dict[str, Any]] = field(default_factory=queue.SimpleQueue)
    ended: threading.Event = field(default_factory=threading.Event)

    def evaluate(self, script: str, *, until: float = 0) -> Any:
        """What the body of a script function returns in Tiled; see driver.mjs for what it may use.

        until: seconds for which it is repeated until it returns something true.
        """
        self.asked.put({"script": script, "until": until})
        deadline = time.monotonic() + until + _MARGIN
        while time.monotonic() < deadline:
            try:
                answer = self.answers.get(timeout=_TURN)
            except queue.Empty:
                assert self.process.poll() is None, f"Tiled ended: {self.output()}"
                continue
            assert "error" not in answer, f"{script}\n{answer['error']}\n{self.output()}"
            return answer["value"]
        raise AssertionError(f"Tiled gives no answer: {script}\n{self.output()}")

    def until(self, condition: str, patience: float = PATIENCE) -> Any:
        """Waits for an expression to become true and returns its value."""
        return self.evaluate(f"return {condition}", until=patience)

    def output(self) -> str:
        """What Tiled and its extensions printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]


def install(home: Path) -> None:
    """Puts the extension under test, and the driver, into a home folder."""
    extensions = home / ".config/tiled/extensions"
    addons.install_files(RootFolder(extensions / "assetbridge"), addons.packaged_files("tiled"))
    (extensions / "driver").mkdir(parents=True)
    shutil.copy(CHECKS / "driver.mjs", extensions / "driver")


@contextmanager
def running(
    tiled: Engine, home: Path, words: Sequence[str], cwd: Path, settings: Mapping[str, str] | None = None
) -> Iterator[Session]:
    """Starts Tiled with the extensions of `home` and ends it afterwards; `settings` are those of a screen."""
    log = home / "tiled.log"
    with log.open("wb") as output:
        server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        server.daemon_threads = True
        environment = {**tiled.environment(home), **(settings or {})}
        environment["TILED_DRIVER"] = f"http://127.0.0.1:{server.server_port}"
        process = subprocess.Popen(
            [*tiled.command, "--new-instance", "--disable-opengl", *words],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        session = Session(process, log)
        server.RequestHandlerClass = _handler(session)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield session
        finally:
            session.ended.set()
            process.kill()
            process.wait()
            server.shutdown()
            server.server_close()


def _handler(session: Session) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            while not session.ended.is_set():
                try:
                    self._send(session.asked.get(timeout=_TURN))
                    return
                except queue.Empty:
                    continue

        def do_POST(self) -> None:
            session.answers.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._send({})

        def log_message(self, *_: object) -> None:
            """Says nothing."""

        def _send(self, document: dict[str, Any]) -> None:
            data = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler
