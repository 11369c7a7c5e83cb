"""A daemon in a process of its own, talked to over real HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.core.paths import DAEMON_LOG_FILE
from bridge.daemon import runtime
from bridge.daemon.process import control, presence
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
[targets.json]
output = "export"
"""
SPRITE = 'kind = "sprite"\ndescription = "mossy boulder"\nsize = [16, 16]\n'


def write(root: Path, path: str, text: str) -> None:
    full = root / path
    full.parent.mkdir(parents=True, exist_ok=True)
    full.write_text(text, encoding="utf-8")


def make_project(root: Path) -> Path:
    write(root, "assetbridge.toml", PROJECT)
    write(root, "game/project.godot", "config_version=5\n")
    write(root, "art/rock.asset.toml", SPRITE)
    return root


@pytest.fixture(scope="module")
def own_config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of its own, so that no test writes into the user's."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA", "LOCALAPPDATA"):
            patch.setenv(name, str(folder))
        yield folder


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, own_config: Path) -> Iterator[Client]:
    """A daemon that the tests of one module share."""
    assert presence.projects_file().is_relative_to(own_config)
    root = make_project(tmp_path_factory.mktemp("project"))
    running, now = control.start_daemon(root)
    assert now
    assert running.pid != os.getpid()
    yield Client(root, running)
    control.stop_daemon(root)
    assert runtime.read_record(root) is None
    assert (root / DAEMON_LOG_FILE).read_bytes() == b""
