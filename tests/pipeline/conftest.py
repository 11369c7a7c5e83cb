"""A small project in a temporary folder, driven through the command line as a user would."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bridge.cli import main
from bridge.daemon.process import control
from tests.pipeline.daemon_client import Client

PROJECT = """\
[project]
name = "test"
id = "7e57"
specs = ["art/**/*.asset.toml"]
[defaults]
provider = "procedural"
[targets.godot]
root = "game"
output = "generated"
[targets.tiled]
output = "maps"
[targets.json]
output = "export"
"""
PLAIN_PROJECT = PROJECT.replace('[targets.tiled]\noutput = "maps"\n', "")


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document of `--json`."""
        return json.loads(self.out)


@dataclass
class Workspace:
    """A project's folder and its command line."""

    root: Path
    run_words: Callable[..., Answer]

    def write(self, path: str, text: str | bytes) -> Path:
        """Writes a file of the project."""
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(text.encode() if isinstance(text, str) else text)
        return full

    def replace(self, path: str, before: str, after: str) -> None:
        """Edits a file of the project."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert before in text
        self.write(path, text.replace(before, after))

    def run(self, *words: str, expect: int | None = 0) -> Answer:
        """Runs a command on the project."""
        answer = self.run_words(*words, "--project", str(self.root))
        assert expect is None or answer.code == expect, answer
        assert "Traceback" not in answer.err + answer.out
        return answer

    def plan(self) -> dict[str, Any]:
        """Plan actions by id."""
        return {asset["id"]: asset for asset in self.run("plan", "--json", expect=None).json["assets"]}

    def files(self, *folders: str) -> dict[str, bytes]:
        """Every file in some output folders, by project-relative path."""
        found = {}
        for folder in folders or ("game", "maps", "export"):
            for path in sorted((self.root / folder).rglob("*")):
                if path.is_file():
                    found[path.relative_to(self.root).as_posix()] = path.read_bytes()
        return found


@pytest.fixture
def run_words(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Runs a command line in this process."""

    def run(*words: str) -> Answer:
        capsys.readouterr()
        code = main(words)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


@pytest.fixture
def workspace(tmp_path: Path, run_words: Callable[..., Answer]) -> Workspace:
    root = tmp_path / "game project"
    made = Workspace(root, run_words)
    made.write("assetbridge.toml", PROJECT)
    made.write("game/project.godot", "config_version=5\n")
    return made


SPRITE = 'kind = "sprite"\ndescription = "mossy boulder"\nsize = [16, 16]\n'
HERO = """\
kind = "character"
description = "knight"
size = [24, 24]
directions = 4
mirror = { west = "east" }
[animations.walk]
fps = 8
frames = 4
"""
TILES = """\
kind = "tileset"
tile_size = 8
[[terrains]]
name = "water"
animated = 2
[[terrains]]
name = "sand"
[[terrains]]
name = "grass"
variations = 1
"""


@pytest.fixture
def built(workspace: Workspace) -> Workspace:
    """A project with a sprite, a character and a tileset, built."""
    workspace.write("art/rock.asset.toml", SPRITE)
    workspace.write("art/hero.asset.toml", HERO)
    workspace.write("art/land.asset.toml", TILES)
    workspace.run("build")
    return workspace


@pytest.fixture
def plain(workspace: Workspace) -> Workspace:
    """An empty project for Godot and JSON alone: the quickest to build."""
    workspace.write("assetbridge.toml", PLAIN_PROJECT)
    return workspace


@pytest.fixture
def built_plain(plain: Workspace) -> Workspace:
    """A project with two sprites, built."""
    plain.write("art/rock.asset.toml", SPRITE)
    plain.write("art/pebble.asset.toml", SPRITE.replace("boulder", "pebble"))
    plain.run("build")
    return plain


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], Client]]:
    """Starts daemons with a home of their own; all are stopped at the end."""
    for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    roots: list[Path] = []

    def started(root: Path) -> Client:
        roots.append(root)
        return Client(root, control.start_daemon(root)[0])

    yield started
    for root in roots:
        control.stop_daemon(root)
        assert "Traceback" not in (root / ".assetbridge" / "daemon.log").read_text(encoding="utf-8")
