"""Which paths of a project are watched."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.config.project_config import read_config
from bridge.watch.watched_files import WatchedFiles

PROJECT = """\
[project]
id = "7e57"
specs = ["art/**/*.asset.toml"]
[targets.godot]
root = "game"
output = "generated"
[targets.json]
output = "export"
"""


@pytest.fixture
def watched_files(tmp_path: Path) -> WatchedFiles:
    (tmp_path / "assetbridge.toml").write_text(PROJECT)
    for folder in ("art/deep", "game/generated/art", "game/.godot/imported", "export", ".git/refs", "pictures/walk"):
        (tmp_path / folder).mkdir(parents=True)
    return WatchedFiles(
        read_config(tmp_path),
        specs=frozenset({"art/deep/hero.asset.toml"}),
        sources=frozenset({"art/colours.hex", "game/generated/mine.png"}),
        listed=frozenset({"pictures"}),
        outputs=frozenset({"game/generated/art/hero.png", "pictures/made.png"}),
    )


@pytest.mark.parametrize(
    "path",
    [
        "assetbridge.toml",
        "assetbridge.lock",
        "art/deep/hero.asset.toml",
        "art/new/folder/gem.asset.toml",
        "art/colours.hex",
        "game/generated/mine.png",
        "pictures/a.png",
        "pictures/walk/0.png",
    ],
)
def test_what_a_build_depends_on_is_watched(watched_files: WatchedFiles, path: str) -> None:
    assert watched_files.covers(path)


@pytest.mark.parametrize(
    "path",
    [
        "other/hero.asset.toml",
        "art/other.hex",
        "game/player.gd",
        "game/generated/art/hero.png",
        "pictures/made.png",
        "pictures/.git/index",
        "art/.hero.asset.toml.assetbridge-tmp",
        ".assetbridge/state.db",
        "game/.godot/x.asset.toml",
    ],
)
def test_outputs_caches_and_strangers_are_not(watched_files: WatchedFiles, path: str) -> None:
    assert not watched_files.covers(path)


def test_outputs_and_caches_are_not_entered_but_for_sources(watched_files: WatchedFiles) -> None:
    assert watched_files.folders_to_watch() == [
        ".",
        "art/deep",
        "art",
        "game/generated",
        "game",
        "pictures",
        "pictures/walk",
    ]


def test_the_project_listed_covers_only_what_lies_right_in_it(watched_files: WatchedFiles) -> None:
    top = WatchedFiles(watched_files.config, listed=frozenset({"."}))
    assert top.covers("hero.png")
    assert not top.covers("game/icon.png")
