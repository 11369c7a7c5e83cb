"""A daemon whose folder is deleted, renamed or replaced, and whose records are deleted, damaged or somebody else's."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.core.paths import DAEMON_FILE, DAEMON_LOCK_FILE
from bridge.daemon import runtime
from bridge.daemon.process import control, presence
from bridge.daemon.runtime import Runtime
from tests.hostile.stranger import PROJECT
from tests.pipeline.daemon_client import Client, ended

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a folder that is in use cannot be moved there")
LEAVE_SECONDS = 15


@pytest.fixture
def client(stranger: Path) -> Iterator[Client]:
    """A daemon with nothing to do."""
    made = Client(stranger, control.start_daemon(stranger)[0])
    made.until_done(made.post("/v1/build", {"all": True}))
    # The lock and the memory are written behind the last event.
    deadline = time.monotonic() + 20
    while made.get("/v1/health")["busy"] and time.monotonic() < deadline:
        time.sleep(0.05)
    yield made
    with contextlib.suppress(ChildProcessError):
        if not ended(made.runtime.pid, 0.05):
            control.stop_daemon(stranger)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Runs a command in this process: exit code and output."""
    capsys.readouterr()
    code = main(words)
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return code, said.out + said.err


def test_a_renamed_project_takes_along_its_books_and_leaves_its_daemon(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    root, moved = client.root, client.root.with_name("moved")
    root.rename(moved)
    # From this moment nothing is done for whoever still knows the port.
    refused = client.ask("POST", "/v1/build", {"all": True})
    assert (refused.status, refused.code) == (410, "daemon_failed")
    assert ended(client.runtime.pid, LEAVE_SECONDS)
    assert not root.exists()
    assert not (moved / DAEMON_FILE).exists()
    projects = json.loads(presence.projects_file().read_text(encoding="utf-8"))["projects"]
    assert projects == {}
    assert run(capsys, "daemon", "status", "--project", str(moved))[0] == 1
    assert run(capsys, "daemon", "stop", "--project", str(moved)) == (0, "no daemon runs\n")
    again, now = control.start_daemon(moved)
    assert now
    assert Client(moved, again).get("/v1/assets")["assets"][0]["state"] == "ready"
    control.stop_daemon(moved)


def test_a_copy_in_its_place_never_reaches_the_original(client: Client) -> None:
    root, moved, copy = client.root, client.root.with_name("moved"), client.root.with_name("copy")
    shutil.copytree(root, copy)
    # A copy elsewhere has the whole record, token included.
    assert runtime.read_record(copy) == client.runtime
    assert control.find_daemon(copy) is None
    root.rename(moved)
    copy.rename(root)
    assert runtime.find_running(root) is None
    # `start` where the original was finds a free lock: its own folder's.
    started, now = control.start_daemon(root)
    assert now
    assert started.pid != client.runtime.pid
    assert ended(client.runtime.pid, LEAVE_SECONDS)
    assert runtime.find_running(root) == started
    listed = json.loads(presence.projects_file().read_text(encoding="utf-8"))["projects"]
    assert listed[os.path.realpath(root)]["nonce"] == started.nonce
    assert control.stop_daemon(root) == started


def test_a_deleted_project_stays_deleted(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    # Whatever is being deleted may be built for the last time meanwhile.
    shutil.rmtree(client.root, ignore_errors=True)
    assert ended(client.runtime.pid, LEAVE_SECONDS)
    shutil.rmtree(client.root, ignore_errors=True)
    assert not client.root.exists()
    client.root.mkdir()
    (client.root / "assetbridge.toml").write_text(PROJECT, encoding="utf-8")
    assert run(capsys, "daemon", "status", "--project", str(client.root))[0] == 1
    assert run(capsys, "daemon", "stop", "--project", str(client.root))[0] == 0


def test_a_record_that_is_lost_is_written_anew(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    root, record = client.root, client.root / DAEMON_FILE
    other = Runtime(client.runtime.pid, client.runtime.port, "0" * 64, nonce="0" * 16)
    for text in (None, "{", json.dumps(asdict(other))):
        record.unlink() if text is None else record.write_text(text, encoding="utf-8")
        code, said = run(capsys, "daemon", "status", "--project", str(root))
        assert (code, f"process {client.runtime.pid}" in said) == (0, True)
        assert control.start_daemon(root) == (client.runtime, False)
    record.unlink()
    # And without settings, or with broken ones.
    (root / "assetbridge.toml").unlink()
    assert run(capsys, "daemon", "stop", "--project", str(root))[0] in (0, 2)
    (root / "assetbridge.toml").write_text("[", encoding="utf-8")
    assert run(capsys, "daemon", "stop", "--project", str(root))[0] == 0
    assert ended(client.runtime.pid, 5)


def test_without_its_lock_file_it_ends(client: Client) -> None:
    """Another daemon could begin beside it."""
    (client.root / DAEMON_LOCK_FILE).unlink()
    second, now = control.start_daemon(client.root)
    assert now
    assert ended(client.runtime.pid, LEAVE_SECONDS)
    assert runtime.find_running(client.root) == second
    control.stop_daemon(client.root)


def test_a_dead_daemons_pid_and_port_are_nobody(stranger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """This very process has the pid, and a program that accepts and never answers the port."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        old = Runtime(os.getpid(), silent.getsockname()[1], "0" * 64, nonce="0" * 16)
        (stranger / ".assetbridge").mkdir()
        presence.write_record(stranger, old)
        (stranger / DAEMON_LOCK_FILE).touch()
        assert run(capsys, "daemon", "status", "--project", str(stranger)) == (1, "no daemon runs\n")
        assert run(capsys, "daemon", "stop", "--project", str(stranger)) == (0, "no daemon runs\n")
        started, now = control.start_daemon(stranger)
        assert now
        assert started.port != old.port
        assert control.stop_daemon(stranger) == started


def test_a_daemon_that_does_not_answer_is_said_so(
    stranger: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "_FIND_SECONDS", 0.1)
    monkeypatch.setattr(control, "_START_SECONDS", 0.1)
    (stranger / ".assetbridge").mkdir()
    with presence.hold_daemon_lock(stranger) as is_alone:
        assert is_alone
        for verb in ("status", "stop", "start"):
            code, said = run(capsys, "daemon", verb, "--project", str(stranger))
            assert (code, "does not answer" in said) == (1, True)


def test_records_that_others_could_have_written_are_not_believed(stranger: Path, tmp_path: Path) -> None:
    (stranger / ".assetbridge").mkdir()
    mine = Runtime(os.getpid(), 1, "0" * 64, nonce="0" * 16)
    presence.write_record(stranger, mine)
    assert runtime.load_record(stranger) == runtime.Record(mine)
    record = stranger / DAEMON_FILE
    for mode, problem in ((0o620, "can be written"), (0o602, "can be written")):
        record.chmod(mode)
        assert problem in runtime.load_record(stranger).problem
    record.unlink()
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(json.dumps(asdict(replace(mine, port=2))), encoding="utf-8")
    record.symlink_to(elsewhere)
    assert "link" in runtime.load_record(stranger).problem
    record.unlink()
    os.mkfifo(record)
    assert "regular file" in runtime.load_record(stranger).problem
    record.unlink()
    record.write_bytes(b" " * (1 << 20))
    assert "more than" in runtime.load_record(stranger).problem
    for text in ("[" * 60_000, '{"pid": 1e999}', '{"pid": true, "port": 1, "token": "", "version": "", "nonce": ""}'):
        record.write_text(text, encoding="utf-8")
        assert runtime.load_record(stranger) == runtime.Record(problem="is damaged")


def test_private_files_are_private(client: Client, user_home: Path) -> None:
    folder = client.root / ".assetbridge"
    names = {path.name for path in folder.iterdir() if path.is_file()}
    assert {"daemon.json", "daemon.log", "state.db"} <= names
    wide = {
        name
        for name in names
        if name.startswith(("daemon.json", "daemon.log", "state.db")) and (folder / name).stat().st_mode & 0o077
    }
    assert wide == set()
    settings = user_home / ".config" / "assetbridge"
    assert settings.stat().st_mode & 0o777 == 0o700
    assert (settings / "daemons.json").stat().st_mode & 0o777 == 0o600
