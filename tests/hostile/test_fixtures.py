"""The net itself: it sees a byte that changed outside, and a harmless stranger's project builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.outside import Outside
from tests.hostile.stranger import run_bridge


def test_a_changed_byte_outside_is_seen(tmp_path: Path, stranger: Path, user_home: Path) -> None:
    watched = Outside(tmp_path, ignored=[stranger])
    (user_home / ".bashrc").write_text("rm\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="bashrc"):
        watched.assert_unchanged()


def test_a_strangers_free_art_is_drawn(stranger: Path, outside: Outside) -> None:
    done = run_bridge(stranger, "build")
    assert done.returncode == 0, done.stderr
    assert (stranger / "export" / "art" / "gem.png").is_file()
    outside.assert_unchanged()
