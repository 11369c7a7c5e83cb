"""Bursts of saves of every style under `assetbridge watch`: nothing is lost, and nothing goes round in circles."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.conftest import PLAIN_PROJECT, SPRITE, Workspace
from tests.pipeline.save_styles import STYLES
from tests.pipeline.test_watch_loop import Running, watching

LAST = "art/last.asset.toml"
SPECS = [f"art/s{number}.asset.toml" for number in range(4)]
WORDS = ("mossy boulder", "red gem", "oak tree", "iron sword", "blue potion", "gold coin", "old chest")
SOME, ALL = 40, 1000
BURSTS = [pytest.param(SOME, id="some"), pytest.param(ALL, id="all", marks=pytest.mark.full)]


def _text(number: int) -> bytes:
    size = 8 + number % 5
    text = SPRITE.replace("mossy boulder", WORDS[number % len(WORDS)]).replace("[16, 16]", f"[{size}, {size}]")
    return f"{text}take = {1 + number // 7}\n".encode()


@pytest.fixture
def project(plain: Workspace) -> Workspace:
    for number, spec in enumerate(SPECS):
        plain.write(spec, _text(number))
    plain.run("build")
    return plain


def _burst(project: Workspace, styles: list[str], count: int) -> None:
    """Saves the specs in turn, each time with other content."""
    for number in range(count):
        path = project.root / SPECS[number % len(SPECS)]
        if path.is_symlink():
            # Its target lies where nobody watches; a person who edits that edits another file.
            path.unlink()
        STYLES[styles[number % len(styles)]](path, _text(number))


def _clean_build(project: Workspace, root: Path) -> dict[str, bytes]:
    """What a build from nothing makes of the specs as they are now."""
    clean = Workspace(root, project.run_words)
    clean.write("assetbridge.toml", PLAIN_PROJECT)
    clean.write("game/project.godot", "config_version=5\n")
    for spec in SPECS:
        clean.write(spec, (project.root / spec).read_bytes())
    clean.run("build")
    return clean.files()


def _holds(project: Workspace, styles: list[str], count: int, clean: Path) -> None:
    with watching(project.root) as running:
        _burst(project, styles, count)
        wanted = _clean_build(project, clean)

        def settled(event: dict[str, Any]) -> bool:
            return event["event"] in ("done", "watching") and project.files() == wanted

        running.wait(settled)
        told = {path for event in running.events("changed") for path in event["paths"]}
        assert told <= set(SPECS)
        assert _rests(project, running)
    assert {action["action"] for action in project.plan().values()} == {"none"}


def _rests(project: Workspace, running: Running) -> bool:
    """Whether a save of another spec is soon all that is told of; a folder that was away may come back a bit later."""
    for number in range(10):
        events = running.act(partial(project.write, LAST, _text(number)))
        told = {path for event in events if event["event"] == "changed" for path in event["paths"]}
        assert told <= {LAST, *SPECS}
        if [event["event"] for event in events] == ["changed", "asset", "done"] and told == {LAST}:
            return True
    return False


@pytest.mark.parametrize("count", BURSTS)
@pytest.mark.parametrize("style", STYLES)
def test_a_style(project: Workspace, tmp_path: Path, style: str, count: int) -> None:
    _holds(project, [style], count, tmp_path / "clean")


@pytest.mark.parametrize("count", BURSTS)
def test_all_styles_in_disorder(project: Workspace, tmp_path: Path, count: int) -> None:
    styles = [*STYLES] * 3
    random.Random(7).shuffle(styles)
    _holds(project, styles, 2 * count, tmp_path / "clean")


@pytest.mark.skipif(sys.platform != "linux", reason="the queue of inotify is what overflows here")
def test_an_overflow_of_the_systems_queue_loses_no_change(project: Workspace) -> None:
    """The watch is stopped while more happens than the system keeps for it: the last change has no event at all."""
    room = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text(encoding="ascii"))
    command = [sys.executable, "-m", "bridge", "watch", "--events", "--project", str(project.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["event"] == "watching"
            process.send_signal(signal.SIGSTOP)
            # Equal events in a row are merged: those of two files in turn are not.
            noise = [project.write(f"art/noise{number}.txt", "x") for number in (0, 1)]
            for number in range(2 * room):
                noise[number % 2].open("ab").close()
            project.write(SPECS[1], _text(99))
            process.send_signal(signal.SIGCONT)
            told = json.loads(process.stdout.readline())
            assert told == {"event": "changed", "paths": [SPECS[1]]}
        finally:
            process.kill()
