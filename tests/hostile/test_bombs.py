"""What is small and would become large is refused in time and in a gigabyte, with one error that says what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bridge.core import limits
from bridge.core.disk_errors import reason_of
from bridge.core.globs import compile_glob
from bridge.core.limits import TooLargeError
from bridge.core.root_folder import RootFolder
from exporters.base import ExportError
from exporters.model import safe_xml
from exporters.model.asset import Tile, TileFrame
from exporters.unity.tiles import film
from tests.pages.docs import limits_page

# What is read as it is, since reading it costs nothing: archives in an archive are not opened, nor is anything played.
HARMLESS = ("the pattern", "a ZIP of ZIPs", "a WAV of 65,535 channels")
MOST_SECONDS = 2.0


def test_every_bomb_is_refused_in_time_and_in_a_gigabyte(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.hostile.bombs", str(tmp_path / "bombs")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) > 60
    wrong = [
        one
        for one in told
        if not (one["told"].startswith("refused: ") or one["name"].startswith(HARMLESS))
        or one["seconds"] > MOST_SECONDS
        or "memory" in one["told"]
    ]
    assert not wrong


def test_a_long_moving_tile_is_refused_for_unity_and_not_written_out() -> None:
    pixels = np.zeros((8, 8, 4), dtype=np.uint8)
    tile = Tile(0, pixels, animation=(TileFrame(0, limits.FRAME_MS), TileFrame(1, 1)))
    with pytest.raises(ExportError, match="frames that show equally long"):
        film(tile, {0: "a", 1: "b"})
    sound = Tile(0, pixels, animation=(TileFrame(0, 1000), TileFrame(1, 333)))
    assert len(film(sound, {0: "a", 1: "b"})[0]) == 1333


def test_the_page_of_limits_is_the_table_and_xml_has_the_same() -> None:
    page = Path("docs/reference/limits.md").read_text(encoding="utf-8")
    assert page == limits_page()
    assert (limits.XML_ELEMENTS, limits.XML_DEPTH) == (safe_xml.MOST_ELEMENTS, safe_xml.MOST_DEPTH)
    named = {name for name in vars(limits) if name.isupper() and name != "LIMITS" and not name.startswith("_")}
    assert {limit.name for limit in limits.LIMITS} == named
    assert all(getattr(limits, limit.name) == limit.value for limit in limits.LIMITS)


def test_a_file_that_is_too_large_or_no_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert RootFolder(tmp_path).read("a", 5) == b"12345"
    with pytest.raises(TooLargeError, match="more than") as caught:
        RootFolder(tmp_path).read("a", 4)
    assert reason_of(caught.value).startswith("it has more than")
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        RootFolder(tmp_path).read("folder", 4)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(OSError, match="regular"):
            RootFolder(tmp_path).read("pipe", 4)


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("**/*.asset.toml", "gem.asset.toml", True),
        ("**/*.asset.toml", "a/b/gem.asset.toml", True),
        ("art/**/*.asset.toml", "art/a/b/gem.asset.toml", True),
        ("art/**/*.asset.toml", "arts/gem.asset.toml", False),
        ("art/*/x*y*.toml", "art/a/xxyyy.toml", True),
        ("art/*/x*y*.toml", "art/a/b/xy.toml", False),
        ("**.toml", "a/b/c.toml", True),
        ("art/**", "art/a/b", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("**/a/**/b/*", "x/a/a/y/b/c", True),
        ("**/a/**/b/*", "x/a/a/y/c/c", False),
    ],
)
def test_patterns_mean_what_they_did(glob: str, path: str, fits: bool) -> None:
    assert bool(compile_glob(glob).match(path)) is fits
