"""The addon in the real Godot editor: it loads without a word, and shows and does what a daemon says."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from bridge.core.root_folder import RootFolder
from bridge.operations import install_addon as addons
from tests.engines.engine import Engine
from tests.engines.fake_daemon import FakeDaemon, serving
from tests.engines.godot_runs import run_quietly

CHECKS = Path(__file__).with_name("addon_checks")
PROJECT = """config_version=5

[application]

config/name="addon"

[editor_plugins]

enabled=PackedStringArray("res://addons/assetbridge/plugin.cfg")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An assetbridge project whose game, in a folder of it, has the addon."""
    root = tmp_path / "project"
    game = root / "game"
    addons.install_files(RootFolder(game / "addons/assetbridge"), addons.packaged_files("godot"))
    (game / "project.godot").write_text(PROJECT)
    (root / "assetbridge.toml").write_text("")
    shutil.copytree(CHECKS, game / "checks")
    return root


def home(root: Path) -> Path:
    """The home folder in which the editor runs."""
    return root.parent / "home"


def run_checks(godot: Engine, root: Path, *checks: str) -> None:
    """Runs methods of checks.gd in the editor."""
    words = ["--headless", "--editor", "--path", ".", "--script", "checks/runner.gd", "--", *checks]
    out = run_quietly(godot, words, root / "game", codes=(0, 1), home=home(root))
    assert "RESULT 0" in out, "\n".join(line for line in out.splitlines() if line.startswith("FAIL"))


def test_it_survives_without_a_daemon_and_being_switched_off(godot: Engine, root: Path) -> None:
    run_checks(godot, root, "stays_stopped", "leaves_nothing_behind")
    assert addons.edited_files(RootFolder(root / "game/addons/assetbridge"), addons.packaged_files("godot")) == []


def test_it_lists_builds_and_makes_the_editor_take_the_files_over(godot: Engine, root: Path) -> None:
    with serving(FakeDaemon(root, ["hero", "slime"]), home(root)) as daemon:
        run_checks(godot, root, "lists_assets", "shows_thumbnails", "finds_resources", "builds_and_refreshes")
    assert daemon.refused == 0
    assert ("POST /v1/build", {"all": True}) in daemon.asked


def test_approving_names_the_plan_and_edits_reach_the_daemon(godot: Engine, root: Path) -> None:
    with serving(FakeDaemon(root, ["hero", "slime"]), home(root)) as daemon:
        run_checks(godot, root, "edits", "approves")
    bodies = [body for asked, body in daemon.asked if asked.startswith("POST")]
    assert {"variant": 2, "build": True} in bodies
    assert {"kind": "sprite", "id": "art/new", "description": "a gem"} in bodies
    assert {"digest": "an old plan"} in bodies
    assert {"digest": daemon.digest} in bodies


def test_a_price_has_what_the_asset_is_made_of(godot: Engine, root: Path) -> None:
    upstream = {"knight": ["hero", "slime"], "hero": ["slime"]}
    with serving(FakeDaemon(root, ["hero", "knight", "slime"], upstream=upstream), home(root)):
        run_checks(godot, root, "adds_prices_up")


def test_a_wrong_token_is_no_connection(godot: Engine, root: Path) -> None:
    with serving(FakeDaemon(root, ["hero"]), home(root), token_in_file="stale") as daemon:
        run_checks(godot, root, "stays_stopped")
    assert daemon.refused > 0
    assert daemon.asked == []


def test_another_start_than_that_of_the_record_is_not_talked_to(godot: Engine, root: Path) -> None:
    stranger = FakeDaemon(root, ["hero"])
    stranger.nonce = "another"
    with serving(stranger, home(root)):
        run_checks(godot, root, "stays_stopped")
    assert {asked for asked, _ in stranger.asked} == {"GET /v1/health"}


def test_another_major_version_is_not_talked_to(godot: Engine, root: Path) -> None:
    with serving(FakeDaemon(root, ["hero"], version="1.0.0"), home(root)) as daemon:
        run_checks(godot, root, "refuses_version")
    assert {asked for asked, _ in daemon.asked} == {"GET /v1/health"}


def test_it_finds_a_restarted_daemon(godot: Engine, root: Path) -> None:
    done = threading.Event()
    first = FakeDaemon(root, ["hero"])

    def restart() -> None:
        with serving(first, home(root)):
            while not done.is_set() and ("POST /v1/shutdown", {}) not in first.asked:
                done.wait(0.05)
        with serving(FakeDaemon(root, ["second"], token="another"), home(root)):
            done.wait(60)

    thread = threading.Thread(target=restart)
    thread.start()
    try:
        run_checks(godot, root, "reconnects")
    finally:
        done.set()
        thread.join()


def test_a_thousand_assets_need_few_rows_and_few_pictures(godot: Engine, root: Path) -> None:
    with serving(FakeDaemon(root, [f"art/asset{number:04}" for number in range(1000)]), home(root)) as daemon:
        run_checks(godot, root, "keeps_few_rows")
    assert sum("preview.png" in asked for asked, _ in daemon.asked) < 60
