"""Starting, finding, stopping: the runtime file, stale facts, signals with streams open."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.core.paths import DAEMON_FILE, DAEMON_LOG_FILE
from bridge.daemon import runtime
from bridge.daemon.process import control, presence
from bridge.daemon.runtime import Runtime
from tests.pipeline.conftest import Workspace
from tests.pipeline.daemon_client import Client, ended

STREAMS = 50


@pytest.fixture
def project(plain: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A project whose daemon, if any, is stopped at the end; with a home of its own."""
    for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    yield plain
    control.stop_daemon(plain.root)


def _streams(client: Client, count: int) -> list[tuple[http.client.HTTPConnection, http.client.HTTPResponse]]:
    found = []
    for _ in range(count):
        connection = http.client.HTTPConnection("127.0.0.1", client.runtime.port, timeout=20)
        connection.request("GET", "/v1/events", headers={"Authorization": f"Bearer {client.runtime.token}"})
        answer = connection.getresponse()
        assert answer.readline() == b"retry: 1000\n"
        found.append((connection, answer))
    return found


def test_the_command_line_starts_shows_and_stops_it(project: Workspace) -> None:
    assert project.run("daemon", "status", "--json", expect=1).json == {"daemon": None}
    started = project.run("daemon", "start", "--json").json
    assert started["started"] is True
    again = project.run("daemon", "start", "--json").json
    assert again == {"daemon": started["daemon"], "started": False}
    shown = project.run("daemon", "status", "--json").json["daemon"]
    assert {name: shown[name] for name in ("pid", "port")} == started["daemon"]
    assert project.run("status", "--json").json["daemon"] == started["daemon"]
    assert project.run("daemon", "stop", "--json").json["stopped"] is True
    assert project.run("daemon", "stop", "--json").json["stopped"] is False
    assert not (project.root / DAEMON_FILE).exists()
    assert project.run("status", "--json").json["daemon"] is None


def test_the_runtime_files_are_for_their_owner_alone(project: Workspace) -> None:
    found, _ = control.start_daemon(project.root)
    facts = json.loads((project.root / DAEMON_FILE).read_text(encoding="utf-8"))
    assert sorted(facts) == ["nonce", "pid", "port", "token", "version"]
    assert len(facts["token"]) == 64
    users = json.loads(presence.projects_file().read_text(encoding="utf-8"))["projects"]
    listed = users[os.path.realpath(project.root)]
    assert {name: listed[name] for name in facts} == facts
    if os.name == "posix":
        for path in (project.root / DAEMON_FILE, presence.projects_file()):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert found.token not in repr(found)
    control.stop_daemon(project.root)
    assert json.loads(presence.projects_file().read_text(encoding="utf-8")) == {"projects": {}}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "port": 1}', "\x00"])
def test_a_damaged_runtime_file_is_no_daemon(project: Workspace, text: str) -> None:
    project.write(DAEMON_FILE, text)
    assert runtime.find_running(project.root) is None
    assert control.stop_daemon(project.root) is None


def test_a_stale_runtime_file_is_replaced(project: Workspace) -> None:
    first, _ = control.start_daemon(project.root)
    os.kill(first.pid, signal.SIGKILL)
    assert ended(first.pid, 10)
    assert runtime.read_record(project.root) == first
    assert runtime.find_running(project.root) is None
    second, now = control.start_daemon(project.root)
    assert now
    assert second.nonce != first.nonce
    assert runtime.find_running(project.root) == second


def test_a_stranger_on_the_port_is_not_taken_for_it(project: Workspace) -> None:
    found, _ = control.start_daemon(project.root)
    assert runtime.is_answering(found, project.root)
    assert not runtime.is_answering(replace(found, nonce="0" * 16), project.root)
    assert not runtime.is_answering(replace(found, token="0" * 64), project.root)
    assert not runtime.is_answering(Runtime(os.getpid(), 9, "x"), project.root)
    assert not runtime.is_answering(found, project.root / "art")


def test_a_project_has_one_daemon(project: Workspace) -> None:
    found, _ = control.start_daemon(project.root)
    second = subprocess.run(
        [sys.executable, "-P", "-m", "bridge.daemon", str(project.root)], capture_output=True, text=True, timeout=30
    )
    assert second.returncode == 1
    assert second.stderr == "error: another daemon serves this project\n"
    assert runtime.find_running(project.root) == found


def test_two_starts_at_once_find_one_daemon(project: Workspace) -> None:
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: control.start_daemon(project.root)[0], range(3)))
    assert len({one.nonce for one in found}) == 1


def test_a_folder_named_like_a_module_is_not_imported(project: Workspace) -> None:
    project.write("bridge/__init__.py", "raise SystemExit(3)\n")
    project.write("uvicorn.py", "raise SystemExit(3)\n")
    assert control.start_daemon(project.root)[1]


def test_many_streams_hear_the_same(project: Workspace) -> None:
    client = Client(project.root, control.start_daemon(project.root)[0])
    streams = _streams(client, STREAMS)
    queued = client.post("/v1/build", {"all": True})
    heard = set()
    wanted = f'"request": {queued["request"]},'.encode()
    for connection, answer in streams:
        lines = [b"", b""]
        while wanted not in lines[-1]:
            lines.append(answer.readline())
        heard.add(b"".join(lines[-2:]))
        connection.close()
    (text,) = heard
    assert text.startswith(b"event: done\n")
    assert client.get("/v1/health")["ok"] is True


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM: /v1/shutdown is used there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_though_streams_are_open(project: Workspace, number: signal.Signals) -> None:
    client = Client(project.root, control.start_daemon(project.root)[0])
    streams = _streams(client, 5)
    with ThreadPoolExecutor(1) as pool:
        polling = pool.submit(client.ask, "GET", "/v1/events?wait=25")
        os.kill(client.runtime.pid, number)
        assert ended(client.runtime.pid, 3)
        with contextlib.suppress(OSError, http.client.HTTPException):
            assert polling.result(5).status == 200
    for connection, answer in streams:
        with contextlib.suppress(http.client.IncompleteRead):
            answer.read()
        connection.close()
    assert not (project.root / DAEMON_FILE).exists()
    assert (project.root / DAEMON_LOG_FILE).read_bytes() == b""


def test_shutdown_ends_it_though_streams_are_open(project: Workspace) -> None:
    client = Client(project.root, control.start_daemon(project.root)[0])
    streams = _streams(client, 5)
    assert client.post("/v1/shutdown") == {"ok": True}
    assert ended(client.runtime.pid, 3)
    for connection, answer in streams:
        answer.read()
        connection.close()


def test_a_build_that_is_stopped_goes_on_next_time(project: Workspace) -> None:
    for number in range(40):
        project.write(
            f"art/hero{number}.asset.toml",
            'kind = "character"\ndescription = "knight"\nsize = [32, 32]\n[animations.walk]\nfps = 8\nframes = 8\n',
        )
    client = Client(project.root, control.start_daemon(project.root)[0])
    cursor = client.post("/v1/build", {"all": True})["cursor"]
    while not any(event["state"] == "ready" for event in client.get(f"/v1/events?after={cursor}&wait=5")["events"]):
        pass
    client.post("/v1/shutdown")
    assert ended(client.runtime.pid, 10)
    assert (project.root / DAEMON_LOG_FILE).read_bytes() == b""
    project.run("build")
    assert project.run("plan", "--json").json["changes"] == 0
