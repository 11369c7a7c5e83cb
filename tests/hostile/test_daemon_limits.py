"""Any user of the machine floods the daemon's port: who has the token is served as ever, and nothing grows."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.core.paths import DAEMON_LOG_FILE
from bridge.daemon.limits import LIMITS
from bridge.daemon.process import control
from tests.hostile.stranger import SPRITE
from tests.pipeline.daemon_client import Client

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="counts files as POSIX has them")
FEW, MANY = 300, 2000


@pytest.fixture
def client(stranger: Path) -> Iterator[Client]:
    """A daemon that has built what there was when it started."""
    made = Client(stranger, control.start_daemon(stranger)[0])
    made.until_done(made.post("/v1/build", {"all": True}))
    yield made
    control.stop_daemon(stranger)
    assert (stranger / DAEMON_LOG_FILE).read_bytes() == b""


def pester(client: Client, number: int) -> socket.socket:
    """One of the ways in which a connection can be held."""
    connection = socket.create_connection(("127.0.0.1", client.runtime.port), timeout=20)
    host = f"Host: 127.0.0.1:{client.runtime.port}\r\n"
    texts = [
        "",
        "GET /v1/health HTTP/1.1\r\n",
        f"POST /v1/build HTTP/1.1\r\n{host}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{",
        f"GET /v1/health HTTP/1.1\r\n{host}Authorization: Bearer {'0' * 64}\r\n\r\n",
        f"GET /v1/health HTTP/1.1\r\n{host}X: {'x' * (1 << 16)}",
        "\x16\x03\x01nonsense",
    ]
    with contextlib.suppress(ConnectionError):
        connection.sendall(texts[number % len(texts)].encode())
        if number % 7 == 0:
            connection.shutdown(socket.SHUT_WR)
    return connection


@contextlib.contextmanager
def allowing_files(count: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(count, hard)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def save_and_wait(client: Client, words: str) -> float:
    """Seconds from a save to the built file."""
    cursor = client.get("/v1/health")["cursor"]
    began = time.monotonic()
    (client.root / "art" / "gem.asset.toml").write_text(SPRITE.replace("red gem", words), encoding="utf-8")
    client.until(cursor, lambda event: event["type"] == "asset" and event["state"] == "ready")
    return time.monotonic() - began


def open_files(client: Client) -> int:
    folder = Path(f"/proc/{client.runtime.pid}/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.full)])
def test_a_flood_keeps_nobody_out(client: Client, count: int) -> None:
    quiet = statistics.median(save_and_wait(client, f"{color} gem") for color in ("blue", "green", "black"))
    with allowing_files(2 * count), contextlib.ExitStack() as stack:
        for number in range(count):
            stack.enter_context(pester(client, number))
        taken = [save_and_wait(client, f"{color} gem") for color in ("white", "pink", "brown")]
        # A flood that went on would hold up what is built now by less than the debounce of a save and a look.
        assert statistics.median(taken) < 3 * quiet + 0.5
        assert open_files(client) < LIMITS.strangers + 100
        began = time.monotonic()
        assert control.find_daemon(client.root) == client.runtime
        assert time.monotonic() - began < 2
        began = time.monotonic()
        assert control.stop_daemon(client.root) == client.runtime
        assert time.monotonic() - began < 3
    assert (client.root / DAEMON_LOG_FILE).read_bytes() == b""


@pytest.mark.full
def test_strangers_are_gone_in_time(client: Client) -> None:
    before = open_files(client)
    with contextlib.ExitStack() as stack:
        for number in range(60):
            stack.enter_context(pester(client, number))
        deadline = time.monotonic() + LIMITS.header_seconds + 10
        while open_files(client) > before + 3:
            assert time.monotonic() < deadline
            time.sleep(0.2)


@pytest.mark.skipif(sys.platform != "linux", reason="changes the limit of another process")
def test_without_a_free_descriptor_it_neither_spins_nor_fills_the_disk(client: Client) -> None:
    """Whatever uses them up: new connections wait, and the log has a few lines of it."""
    pid = client.runtime.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used_before = _cpu_seconds(pid)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (open_files(client), hard))
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(socket.create_connection(("127.0.0.1", client.runtime.port), timeout=5))
        time.sleep(2)
        log = client.root / DAEMON_LOG_FILE
        assert 0 < log.stat().st_size < 64 << 10
        assert b"socket.accept() out of system resource" in log.read_bytes()
        assert _cpu_seconds(pid) - used_before < 1
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    deadline = time.monotonic() + 10
    while control.find_daemon(client.root) is None:
        assert time.monotonic() < deadline
    # This is what the log is for: the fixture wants it empty.
    os.truncate(log, 0)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="writes into the log of another process")
def test_the_log_has_a_bound_whoever_writes(client: Client) -> None:
    """A child, or a library in C, has the descriptor of the log and nothing else."""
    with Path(f"/proc/{client.runtime.pid}/fd/2").open("ab", buffering=0) as raw:
        for _ in range(3):
            raw.write(b"x" * LIMITS.log_bytes)
            deadline = time.monotonic() + 10
            while (client.root / DAEMON_LOG_FILE).stat().st_size > LIMITS.log_bytes // 2:
                assert time.monotonic() < deadline
                raw.write(b"y" * 1000)
                time.sleep(0.2)
    old = client.root / f"{DAEMON_LOG_FILE}.1"
    assert 0 < old.stat().st_size <= LIMITS.log_bytes
    assert old.stat().st_mode & 0o777 == 0o600
    os.truncate(client.root / DAEMON_LOG_FILE, 0)
