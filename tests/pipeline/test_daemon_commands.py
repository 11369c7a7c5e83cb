"""Commands say and do the same through a running daemon as without one."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from bridge.core.paths import DAEMON_FILE, DAEMON_LOG_FILE
from bridge.daemon.process import control
from tests.pipeline.conftest import HERO, SPRITE, Workspace
from tests.pipeline.daemon_client import Client, ended

NOBODY = f"no daemon answers where {DAEMON_FILE} says"
OUTPUT = "export/art/rock.png"
BAD = 'kind = "sprite"\nsize = "large"\n'


class Both:
    """The same project twice: without a daemon, and with one that has nothing to do."""

    def __init__(self, alone: Workspace, served: Workspace) -> None:
        self.alone = alone
        self.served = served

    def change(self, act: str, path: str, data: bytes = b"") -> None:
        """Writes or removes the same file in both."""
        for project in (self.alone, self.served):
            if act == "remove":
                (project.root / path).unlink()
            else:
                project.write(path, data)

    def run(self, *words: str) -> int:
        """Runs a command on both; it must say and do the same. Returns the exit code."""
        here = self.alone.run(*words, expect=None)
        there = self.served.run(*words, expect=None)
        assert (there.out, there.err, there.code) == (here.out, here.err, here.code), words
        assert self.served.files() == self.alone.files()
        return here.code


@pytest.fixture
def both(built_plain: Workspace) -> Iterator[Both]:
    built_plain.write("art/gem.asset.toml", "variants = 3\npick = 1\n" + SPRITE)
    built_plain.run("build")
    root = built_plain.root.with_name("served")
    shutil.copytree(built_plain.root, root, ignore=shutil.ignore_patterns("state.db*"))
    served = Workspace(root, built_plain.run_words)
    served.run("build")
    _idle(served)
    yield Both(built_plain, served)
    control.stop_daemon(root)
    assert (root / DAEMON_LOG_FILE).read_bytes() == b""


def _idle(project: Workspace) -> Client:
    """A daemon that has done what it does at its start."""
    client = Client(project.root, control.start_daemon(project.root)[0])
    client.until_done({"request": 1, "cursor": "0"})
    return client


@pytest.mark.parametrize("words", [(), ("-v",), ("--json",), ("--events",), ("art/rock",), ("art/rock", "-v")])
def test_a_build(both: Both, words: tuple[str, ...]) -> None:
    assert both.run("build", *words) == 0
    both.change("remove", OUTPUT)
    assert both.run("build", *words) == 0
    assert (both.served.root / OUTPUT).is_file()


def test_outputs_that_were_edited_by_hand(both: Both) -> None:
    both.change("write", OUTPUT, b"mine")
    assert both.run("build") == 0
    assert (both.served.root / OUTPUT).read_bytes() == b"mine"
    assert both.run("build", "--force") == 0
    assert (both.served.root / OUTPUT).read_bytes() != b"mine"


@pytest.mark.parametrize("form", ["", "--json", "--events"])
def test_mistakes(both: Both, form: str) -> None:
    words = (form,) if form else ()
    assert both.run("build", "art/nothing", *words) == 2
    assert both.run("build", "--max-cost", "much", *words) == 2
    both.change("write", "art/bad.asset.toml", BAD.encode())
    assert both.run("build", *words) == 2
    assert both.run("build", "art/rock", *words) == 0
    both.change("write", "assetbridge.toml", b"[project]\nname = 3\n[nonsense]\n")
    assert both.run("build", *words) == 2


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_edits_and_decisions(both: Both, form: tuple[str, ...]) -> None:
    for words in (
        ("reroll", "art/nothing"),
        ("reroll", "art/rock#walk"),
        ("pick", "art/rock", "2"),
        ("jobs", "cancel", "7"),
        ("jobs", "settle", "7", "--charged", "2"),
        ("jobs", "abandon", "7"),
        ("jobs", "adopt", "7", "--provider-id", "x"),
    ):
        assert both.run(*words, *form) == 2
    for fine in ("jobs", "jobs --all", "plan", "spend", "check", "approve", "build --yes"):
        assert both.run(*fine.split(), *form) == 0
    for words in (("pick", "art/gem", "2"), ("reroll", "art/rock"), ("reroll", "art/rock")):
        here = both.alone.run(*words, *form)
        assert both.served.run(*words, *form) == here
    assert "take = 3" in (both.served.root / "art/rock.asset.toml").read_text(encoding="utf-8")
    assert "pick = 2" in (both.served.root / "art/gem.asset.toml").read_text(encoding="utf-8")


def test_the_command_line_works_while_the_daemon_builds(plain: Workspace) -> None:
    for number in range(12):
        plain.write(f"art/hero{number}.asset.toml", HERO)
    client = Client(plain.root, control.start_daemon(plain.root)[0])
    try:
        client.post("/v1/build", {"all": True})
        assert plain.run("build", "art/hero11").code == 0
        assert (plain.root / "export/art/hero11.png").is_file()
        assert plain.run("build", "--no-daemon", expect=None).code in (0, 2)
    finally:
        control.stop_daemon(plain.root)


@pytest.mark.skipif(os.name == "nt", reason="a process cannot be sent Ctrl-C alone on Windows")
def test_ctrl_c_ends_the_waiting_and_not_the_build(plain: Workspace) -> None:
    client = _idle(plain)
    for number in range(60):
        plain.write(f"art/hero{number}.asset.toml", HERO)
    command = [sys.executable, "-m", "bridge", "build", "--events", "--project", str(plain.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["event"] in ("step", "asset")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 130
    assert json.loads(out.splitlines()[-1])["error"]["code"] == "interrupted"
    assert "the daemon goes on building" in err
    client.until_done(client.post("/v1/build", {"all": True}))
    assert {row["state"] for row in client.get("/v1/assets")["assets"]} == {"ready"}
    control.stop_daemon(plain.root)


class Stranger(BaseHTTPRequestHandler):
    """Another program on the daemon's old port."""

    def do_GET(self) -> None:
        """Says that all is well."""
        body = b'{"ok": true, "nonce": "0"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class has this name
        """Nothing."""


class Reused(socketserver.ThreadingTCPServer):
    """Takes a port over that has just been left."""

    allow_reuse_address = True
    daemon_threads = True


@contextlib.contextmanager
def _stranger(port: int) -> Iterator[None]:
    with Reused(("127.0.0.1", port), Stranger) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def test_a_daemon_that_cannot_be_used_is_mentioned_and_left_alone(built_plain: Workspace) -> None:
    client = _idle(built_plain)
    record = built_plain.root / DAEMON_FILE
    good = record.read_bytes()

    def built(why: str) -> None:
        (built_plain.root / OUTPUT).unlink()
        answer = built_plain.run("build")
        assert answer.err == (f"note: {why}; working without it\n" if why else "")
        assert "ready" in answer.out
        assert (built_plain.root / OUTPUT).is_file()

    record.write_bytes(b"{")
    built(f"{DAEMON_FILE} is damaged")
    record.write_bytes(json.dumps({**json.loads(good), "version": "0.0.1"}).encode())
    assert "is version 0.0.1, this is" in built_plain.run("build").err
    record.write_bytes(good)
    built("")
    os.kill(client.runtime.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    assert ended(client.runtime.pid, 10)
    record.write_bytes(good)
    built(NOBODY)
    with _stranger(client.runtime.port):
        built(NOBODY)


def test_a_daemon_that_dies_meanwhile_is_said(built_plain: Workspace) -> None:
    client = _idle(built_plain)
    for number in range(60):
        built_plain.write(f"art/hero{number}.asset.toml", HERO)
    command = [sys.executable, "-m", "bridge", "build", "--events", "--project", str(built_plain.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            os.kill(client.runtime.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 1
    assert json.loads(out.splitlines()[-1])["error"]["code"] == "daemon_failed"
    assert "Traceback" not in err
    assert built_plain.run("build").code == 0
    assert built_plain.run("plan", "--json").json["changes"] == 0


def test_a_record_of_another_folder_is_not_followed(built_plain: Workspace, tmp_path: Path) -> None:
    """A project that was copied with its .assetbridge folder has the record of the other one's daemon."""
    _idle(built_plain)
    copied = tmp_path / "copied"
    shutil.copytree(built_plain.root, copied, ignore=shutil.ignore_patterns("*.db*"))
    try:
        other = Workspace(copied, built_plain.run_words)
        (copied / OUTPUT).unlink()
        assert "working without it" in other.run("build").err
        assert (copied / OUTPUT).is_file()
    finally:
        control.stop_daemon(built_plain.root)
