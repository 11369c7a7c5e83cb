"""A stranger's project, and a copied one, in the real Godot with the addon: Start is pressed, nothing of theirs runs.

What a game's own scripts do when Godot opens it is Godot's to decide; what is pressed in the dock is the addon's.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from bridge.core.root_folder import RootFolder
from bridge.daemon.process import control
from bridge.operations import install_addon as addons
from tests.engines.engine import Engine
from tests.engines.fake_daemon import FakeDaemon, serving
from tests.engines.godot_runs import run_quietly
from tests.engines.user_settings import write_launchers
from tests.hostile.planted_programs import PROGRAMS, careless_path, set_program

CHECKS = Path(__file__).with_name("addon_checks")
GAME = """config_version=5

[application]

config/name="addon"

[editor_overrides]

assetbridge/launcher="{evil}"

[editor_plugins]

enabled=PackedStringArray("res://addons/assetbridge/plugin.cfg")
"""
PROJECT = '[project]\nname = "copied"\nid = "7e57"\n[targets.json]\noutput = "export"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A clone whose every file that could name a program names one that leaves a mark."""
    root = tmp_path / "clone"
    game = root / "game"
    addons.install_files(RootFolder(game / "addons/assetbridge"), addons.packaged_files("godot"))
    shutil.copytree(CHECKS, game / "checks")
    for folder in (root, root / "bin", game, game / "bin"):
        folder.mkdir(exist_ok=True)
        for name in PROGRAMS:
            set_program(folder / name, tmp_path / "evil-ran")
    (game / "project.godot").write_text(GAME.format(evil=game / "bin/assetbridge"), encoding="utf-8")
    (root / "assetbridge.toml").write_text(PROJECT, encoding="utf-8")
    (root / ".assetbridge").mkdir()
    named = {"launcher": [str(root / "bin/assetbridge")], "default": [str(root / "bin/assetbridge")]}
    for name in ("launcher.json", "launchers.json"):
        (root / ".assetbridge" / name).write_text(json.dumps(named), encoding="utf-8")
    return root


def run_checks(godot: Engine, root: Path, *checks: str, path: str) -> None:
    """Runs methods of checks.gd in the editor, in a home beside the project; path: the PATH of its user."""
    mark = root.parent / "own-ran"
    words = ["--headless", "--editor", "--path", ".", "--script", "checks/runner.gd", "--", *checks]
    settings = {"PATH": path, "ASSETBRIDGE_MARK": str(mark)}
    home = root.parent / "home"
    out = run_quietly(godot, words, root / "game", codes=(0, 1), home=home, settings=settings)
    assert "RESULT 0" in out, "\n".join(line for line in out.splitlines() if line.startswith("FAIL"))


def careless(root: Path) -> str:
    """A PATH with folders of the project in front."""
    return os.pathsep.join([careless_path(root), str(root / "game"), str(root / "game/bin")])


def test_start_runs_the_users_own_program_and_no_strange_daemon_is_asked(godot: Engine, root: Path) -> None:
    own = set_program(root.parent / "own", root.parent / "own-ran")
    write_launchers(root.parent / "home", str(own))
    stranger = FakeDaemon(root, ["hero"])
    with serving(stranger, root.parent / "elsewhere"):
        run_checks(godot, root, "starts_the_users_own_program", path=careless(root))
    assert (stranger.asked, stranger.refused) == ([], 0)
    assert not (root.parent / "evil-ran").exists()


def test_start_runs_nothing_where_the_project_is_all_there_is(godot: Engine, root: Path) -> None:
    loose = set_program(root.parent / "loose", root.parent / "evil-ran")
    write_launchers(root.parent / "home", str(loose))
    (root.parent / "home/.config/assetbridge/launchers.json").chmod(0o666)
    own_path = os.pathsep.join(["", ".", "bin", str(root), str(root / "bin"), str(root / "game/bin")])
    run_checks(godot, root, "finds_no_program", "takes_only_what_is_written_for_godot", path=own_path)
    assert not (root.parent / "evil-ran").exists()


def test_the_dock_of_a_copy_does_not_reach_the_original(
    godot: Engine, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = root.parent / "home"
    write_launchers(home)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    control.start_daemon(root)
    copy = root.parent / "copy"
    try:
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns("*.lock"))
        run_checks(godot, copy, "does_not_reach_the_original", path=careless(copy))
    finally:
        control.stop_daemon(root)
        control.stop_daemon(copy)
    assert (copy / "art/new.asset.toml").is_file()
    assert not (root / "art").exists()
    assert not (root.parent / "evil-ran").exists()
