"""Runs the daemon in this process until SIGTERM, Ctrl-C or `POST /v1/shutdown`. Prints nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import uvicorn

from bridge.core.errors import UserError, WorkFailed
from bridge.daemon.api.auth import RequestGate, encode_error
from bridge.daemon.api.endpoint import DaemonContext
from bridge.daemon.api.routes import ENDPOINTS, make_application
from bridge.daemon.events import EventLog
from bridge.daemon.limits import LIMITS, Limits, allow_descriptors, fit_descriptors
from bridge.daemon.process.daemon_log import DaemonLog, begin_logging
from bridge.daemon.process.home import HomeWatch, ProjectHome
from bridge.daemon.process.presence import announce_daemon, hold_daemon_lock
from bridge.daemon.runtime import Runtime
from bridge.daemon.worker.plan_reader import PlanReader
from bridge.daemon.worker.save_watcher import SaveWatcher
from bridge.daemon.worker.worker import BuildWorker
from bridge.http.connections import ConnectionLimits, ConnectionTable, GuardedServer, guard_connections

# Open event streams would keep uvicorn alive for ever; they are told to end, and cut off after this.
_GRACE_SECONDS = 1
_BACKLOG = 128


class DaemonServer(GuardedServer):
    """A server that leaves signals to `serve`: uvicorn would repeat them after its end, before anything is tidied.

    And one that sleeps while nobody asks: uvicorn itself looks ten times a second whether to end.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()

    async def main_loop(self) -> None:
        """Keeps the header `Date` right, until `end`."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), timeout=1)

    def end(self) -> None:
        """Ends serving; from any thread and from signal handlers."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._ended.set)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing."""
        yield


def open_socket() -> socket.socket:
    """A socket on a free port of 127.0.0.1, where requests wait from now on."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.bind(("127.0.0.1", 0))
    listening.listen(_BACKLOG)
    return listening


def serve_project(root: Path, limits: Limits = LIMITS) -> None:
    """Serves the project of `root`.

    Raises:
        WorkFailed: `daemon_failed`: another daemon serves it.
    """
    # A link that leads elsewhere one day must not lead this daemon there.
    root = Path(os.path.realpath(root))
    with hold_daemon_lock(root) as is_alone:
        if not is_alone:
            raise WorkFailed(
                "daemon_failed",
                "another daemon serves this project",
                hint="assetbridge daemon status shows it.",
            )
        log = begin_logging(root, limits)
        limits = fit_descriptors(limits, allow_descriptors())
        with open_socket() as listening:
            runtime = Runtime.new(listening.getsockname()[1])
            has_ended = _serve(ProjectHome(root, runtime), log, listening, limits)
    if not has_ended:
        # A thread that cannot be stopped must not keep the process: the journal knows what to do after a kill.
        os._exit(1)


def _serve(home: ProjectHome, log: DaemonLog, listening: socket.socket, limits: Limits) -> bool:
    root, runtime = home.root, home.runtime
    events = EventLog(runtime.nonce)
    worker = BuildWorker(root, events, home.is_there)
    reader = PlanReader(root, lambda: worker.generation)

    def stop() -> None:
        server.end()
        events.close()

    def stop_on_signal(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop()

    watcher = SaveWatcher(root, worker)
    context = DaemonContext(runtime, worker, reader, events, stop, lambda: watcher.notice, ENDPOINTS, limits)
    gate = RequestGate(
        make_application(context), port=runtime.port, token=runtime.token, is_at_home=home.is_there, limits=limits
    )
    server = DaemonServer(_configure_server(gate, limits))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop_on_signal)
    worker.start()
    with announce_daemon(root, runtime):
        home_watch = HomeWatch(home, log, limits.look_seconds, stop)
        home_watch.start()
        watcher.start()
        server.run(sockets=[listening])
        home_watch.stop()
        watcher.stop()
        has_ended = worker.stop()
        reader.close()
    return has_ended


def _configure_server(gate: RequestGate, limits: Limits) -> uvicorn.Config:
    connections = ConnectionLimits(
        limits.connections,
        limits.strangers,
        limits.header_seconds,
        limits.body_seconds,
        limits.stalled_seconds,
    )
    table = ConnectionTable(connections, lambda problem: encode_error(UserError("bad_request", problem)))
    return uvicorn.Config(
        gate,
        lifespan="off",
        log_config=None,
        log_level="error",  # a request that makes no sense is its sender's matter
        access_log=False,
        server_header=False,
        ws="none",
        h11_max_incomplete_event_size=limits.header_bytes,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        **guard_connections(table),
    )
