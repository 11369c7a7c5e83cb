"""A stranger's project, and a copied one, in the real Tiled with the extension: no action runs anything of theirs."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from bridge.daemon import runtime
from bridge.daemon.process import control
from tests.engines.engine import Engine
from tests.engines.fake_daemon import FakeDaemon, serving
from tests.engines.tiled_session import Session
from tests.engines.tiled_workplace import Workplace, press, trigger
from tests.engines.user_settings import write_launchers
from tests.hostile.planted_programs import PROGRAMS, set_program

REFUSAL = {"error": {"code": "no_luck", "message": "an own program refuses", "hint": "", "where": None}}


@pytest.fixture
def place(tiled: Engine, tmp_path: Path) -> Workplace:
    """A clone whose every file that could name a program names one that leaves a mark; a user without assetbridge."""
    place = Workplace.made(tiled, tmp_path)
    for folder in (place.root, place.root / "bin", place.root / "maps"):
        folder.mkdir(exist_ok=True)
        for name in PROGRAMS:
            set_program(folder / name, tmp_path / "evil-ran")
    named = {"launcher": [str(place.root / "bin/assetbridge")], "default": [str(place.root / "bin/assetbridge")]}
    for name in ("launcher.json", "launchers.json"):
        place.write(f".assetbridge/{name}", json.dumps(named))
    (place.home / ".config/assetbridge/launchers.json").unlink()
    place.settings["PATH"] = only_inside(place.root)
    return place


def only_inside(root: Path) -> str:
    """A PATH of empty and relative entries, and of folders of the project."""
    return os.pathsep.join(["", ".", "bin", str(root), str(root / "bin")])


def own_program(folder: Path) -> Path:
    """A program of the user's own: it notes what it was told and where it runs, and refuses."""
    path = folder / "own" / "assetbridge"
    path.parent.mkdir()
    mark = folder / "own-ran"
    path.write_text(f"#!/bin/sh\necho \"$PWD $*\" >> '{mark}'\necho '{json.dumps(REFUSAL)}'\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def close(session: Session) -> None:
    """Closes the window in front and waits until nothing is at work."""
    press(session, "close")
    session.until("tools.idle()")


def test_actions_run_the_users_own_program_and_no_strange_daemon_is_asked(place: Workplace, tmp_path: Path) -> None:
    stranger = FakeDaemon(place.root, ["hero"])
    with serving(stranger, tmp_path / "elsewhere"), place.started() as session:
        assert "cannot be started from here" in trigger(session, "Status", "terminal")
        close(session)
        assert not (tmp_path / "own-ran").exists()
        own = own_program(tmp_path)
        write_launchers(place.home, str(own))
        assert "own program refuses" in trigger(session, "Status", "refuses")
        close(session)
        assert (stranger.asked, stranger.refused) == ([], 0)
    said = (tmp_path / "own-ran").read_text(encoding="utf-8").splitlines()
    assert {line.partition(" ")[0] for line in said} == {str(own.parent)}
    assert any("daemon start" in line and f"--project {place.root}" in line for line in said)
    assert not (tmp_path / "evil-ran").exists()


def test_a_copy_does_not_reach_the_daemon_of_the_original(
    place: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place.home / ".config"))
    original, _ = control.start_daemon(place.root)
    copy = Workplace(
        place.tiled, place.home, tmp_path / "copied lands", {"PATH": only_inside(tmp_path / "copied lands")}
    )
    try:
        shutil.copytree(place.root, copy.root, ignore=shutil.ignore_patterns("*.lock"))
        assert runtime.read_record(copy.root) == original
        with copy.started() as session:
            trigger(session, "Status", "terminal")
            close(session)
            write_launchers(place.home)
            assert str(copy.root) in trigger(session, "Status", "Project: ")
            own = runtime.find_running(copy.root)
            assert own is not None
            assert own.pid != original.pid
            close(session)
    finally:
        control.stop_daemon(place.root)
    assert not (tmp_path / "evil-ran").exists()
