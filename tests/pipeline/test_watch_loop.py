"""`assetbridge watch` on a project: what a save builds, what it never builds, and what is told of mistakes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge.watch.events import WatchEvent
from bridge.watch.loop import WatchLoop
from tests.pipeline.conftest import SPRITE, Workspace

PATIENCE = 30.0
PAID = 'kind = "sprite"\nprovider = "pixellab"\ndescription = "mossy boulder"\nsize = [32, 32]\n'
PALETTED = SPRITE + '[process]\npalette = "art/colours.hex"\n'


class Running:
    """A watch in another thread, and what it told."""

    def __init__(self, root: Path) -> None:
        self._changed = threading.Condition()
        self._events: list[dict[str, Any]] = []
        self.watch = WatchLoop(root, self._hear)
        self.thread = threading.Thread(target=self.watch.run, daemon=True)

    def _hear(self, event: WatchEvent) -> None:
        with self._changed:
            self._events.append(event.as_dict())
            self._changed.notify_all()

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """What was told since the last `act`."""
        with self._changed:
            return [event for event in self._events if name in (None, event["event"])]

    def wait(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first event that fits."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with self._changed:
                found = next((event for event in self._events if fits(event)), None)
                if found is not None:
                    return found
                assert time.monotonic() < deadline, self._events
                assert self.thread.is_alive(), self._events
                self._changed.wait(0.2)

    def wait_for(self, name: str, subject: str | None = None) -> dict[str, Any]:
        """The first event of a name, about an asset or a file."""
        return self.wait(lambda event: event["event"] == name and subject in (None, event.get("id")))

    def act(self, change: Callable[[], object]) -> list[dict[str, Any]]:
        """What is told until the round that follows a change is done."""
        with self._changed:
            self._events.clear()
        change()
        self.wait_for("done")
        return self.events()


@contextmanager
def watching(root: Path) -> Iterator[Running]:
    """A watch that has built what was stale."""
    running = Running(root)
    running.thread.start()
    try:
        running.wait_for("watching")
        yield running
    finally:
        running.watch.stop()
        running.thread.join(PATIENCE)
    assert running.events("stopped")


def of(events: list[dict[str, Any]], name: str) -> list[str]:
    """The ids that events of a name are about."""
    return [event["id"] for event in events if event["event"] == name]


def test_what_is_stale_is_built_at_the_start(plain: Workspace) -> None:
    plain.write("art/rock.asset.toml", SPRITE)
    with watching(plain.root) as running:
        assert of(running.events(), "asset") == ["art/rock"]
    assert {action["action"] for action in plain.plan().values()} == {"none"}


def test_a_save_builds_only_what_it_changed(built_plain: Workspace) -> None:
    with watching(built_plain.root) as running:
        assert running.events("asset") == []
        events = running.act(lambda: built_plain.replace("art/rock.asset.toml", "[16, 16]", "[24, 24]"))
        assert of(events, "asset") == ["art/rock"]
        assert events[-1]["files"] == len(events[-2]["changed"]) > 0
        events = running.act(lambda: built_plain.write("art/new/gem.asset.toml", SPRITE))
        assert of(events, "asset") == ["art/new/gem"]
    assert {action["action"] for action in built_plain.plan().values()} == {"none"}


def test_outputs_and_other_files_never_trigger(built_plain: Workspace) -> None:
    with watching(built_plain.root) as running:
        before = len(running.events())
        for path in built_plain.files():
            built_plain.write(path, (built_plain.root / path).read_bytes())
        built_plain.write("game/player.gd", "extends Node\n")
        built_plain.write("export/notes.txt", "mine\n")
        events = running.act(lambda: built_plain.replace("art/rock.asset.toml", "[16, 16]", "[24, 24]"))
        assert [event["event"] for event in events] == ["changed", "asset", "done"]
        assert events[0]["paths"] == ["art/rock.asset.toml"]
        assert before == 1


def test_a_mistake_keeps_the_outputs_is_told_once_and_cleared(built_plain: Workspace) -> None:
    spec = "art/rock.asset.toml"
    with watching(built_plain.root) as running:
        files = built_plain.files()
        events = running.act(lambda: built_plain.write(spec, SPRITE.replace("size", "sice")))
        told = next(event for event in events if event["event"] == "error")
        assert (told["id"], told["error"]["code"]) == ("art/rock", "spec_unknown_key")
        assert told["error"]["where"]["file"] == spec
        assert of(events, "orphan") == []
        events = running.act(lambda: built_plain.replace("art/pebble.asset.toml", "[16, 16]", "[8, 8]"))
        assert of(events, "error") == []
        assert {path: data for path, data in built_plain.files().items() if "rock" in path} == {
            path: data for path, data in files.items() if "rock" in path
        }
        events = running.act(lambda: built_plain.write(spec, SPRITE))
        assert of(events, "cleared") == ["art/rock"]
        assert of(events, "asset") == []


def test_a_deleted_spec_is_an_orphan_once(built_plain: Workspace) -> None:
    with watching(built_plain.root) as running:
        files = built_plain.files()
        events = running.act((built_plain.root / "art/rock.asset.toml").unlink)
        assert of(events, "orphan") == ["art/rock"]
        assert built_plain.files() == files
        events = running.act(lambda: built_plain.replace("art/pebble.asset.toml", "[16, 16]", "[8, 8]"))
        assert of(events, "orphan") == []


def test_a_source_file_builds_what_looks_at_it(built_plain: Workspace) -> None:
    built_plain.write("art/gem.asset.toml", PALETTED)
    with watching(built_plain.root) as running:
        assert of(running.events(), "error") == ["art/gem"]
        events = running.act(lambda: built_plain.write("art/colours.hex", "000000\nffffff\n"))
        assert of(events, "cleared") == of(events, "asset") == ["art/gem"]
        events = running.act(lambda: built_plain.write("art/colours.hex", "000000\nff0000\n"))
        assert of(events, "asset") == ["art/gem"]


def test_what_uses_a_changed_asset_follows(plain: Workspace) -> None:
    tiles = 'kind = "tileset"\ntile_size = 8\n[[terrains]]\nname = "water"\n[[terrains]]\nname = "sand"\n'
    plain.write("art/land.asset.toml", tiles)
    plain.write("art/world.asset.toml", 'kind = "map"\nsize = [6, 6]\ntileset = "asset:art/land"\n')
    plain.write("art/rock.asset.toml", SPRITE)
    with watching(plain.root) as running:
        events = running.act(lambda: plain.write("art/land.asset.toml", tiles + '[[terrains]]\nname = "grass"\n'))
        assert of(events, "asset") == ["art/land", "art/world"]


def test_nothing_is_bought_without_a_budget_and_that_is_said_once(built_plain: Workspace) -> None:
    built_plain.write("art/idol.asset.toml", PAID)
    with watching(built_plain.root) as running:
        told = running.wait_for("error", "art/idol")
        assert told["error"]["code"] == "needs_approval"
        events = running.act(lambda: built_plain.replace("art/rock.asset.toml", "[16, 16]", "[24, 24]"))
        assert of(events, "asset") == ["art/rock"]
        assert of(events, "error") == of(events, "cleared") == []


def test_the_project_file_is_read_again(built_plain: Workspace) -> None:
    with watching(built_plain.root) as running:
        good = (built_plain.root / "assetbridge.toml").read_text()
        events = running.act(lambda: built_plain.write("assetbridge.toml", good + "[nonsense]\n"))
        assert [event["error"]["code"] for event in events if event["event"] == "error"] == ["config_invalid"]
        events = running.act(lambda: built_plain.write("assetbridge.toml", good + '[targets.tiled]\noutput = "maps"\n'))
        assert of(events, "cleared") == ["assetbridge.toml"]
        assert sorted(of(events, "asset")) == ["art/pebble", "art/rock"]


def test_a_lock_that_came_from_elsewhere_is_taken_over(built_plain: Workspace) -> None:
    with watching(built_plain.root) as running:
        first = (built_plain.root / "assetbridge.lock").read_bytes()
        running.act(lambda: built_plain.replace("art/rock.asset.toml", "boulder", "grey stone"))
        events = running.act(lambda: built_plain.write("assetbridge.lock", first))
        assert events[0]["paths"] == ["assetbridge.lock"]
    assert {action["action"] for action in built_plain.plan().values()} == {"none"}


def test_a_burst_of_200_specs(plain: Workspace) -> None:
    with watching(plain.root) as running:
        for number in range(200):
            plain.write(f"art/s{number}.asset.toml", SPRITE)
        for number in range(200):
            running.wait_for("asset", f"art/s{number}")
        assert len(running.events("asset")) == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.skipif(os.name == "nt", reason="a process cannot be sent these on Windows")
def test_a_signal_ends_it_with_the_lock_saved(plain: Workspace, number: signal.Signals) -> None:
    plain.write("art/rock.asset.toml", SPRITE)
    command = [sys.executable, "-m", "bridge", "watch", "--events", "--project", str(plain.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = [json.loads(process.stdout.readline())["event"]]
            while told[-1] != "watching":
                told.append(json.loads(process.stdout.readline())["event"])
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, err) == (0, "")
    assert json.loads(out.splitlines()[-1]) == {"event": "stopped"}
    assert {action["action"] for action in plain.plan().values()} == {"none"}


def test_only_one_may_watch(built_plain: Workspace) -> None:
    with watching(built_plain.root):
        answer = built_plain.run("watch", "--events", expect=2)
        assert answer.json["error"]["code"] == "project_locked"
