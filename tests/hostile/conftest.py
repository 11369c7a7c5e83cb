"""A user with keys and a home worth attacking, a stranger's folder, and what must still be as it was afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.outside import Outside
from tests.hostile.stranger import KEYS, PROJECT, SPRITE


@pytest.fixture
def user_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a shell profile and keys in the environment; no project is trusted by a variable."""
    home = tmp_path / "home"
    for name, folder in (("HOME", ""), ("USERPROFILE", ""), ("XDG_CONFIG_HOME", ".config"), ("LOCALAPPDATA", "local")):
        (home / folder).mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv(name, str(home / folder))
    for name, folder in (("XDG_STATE_HOME", ".state"), ("XDG_CACHE_HOME", ".cache"), ("XDG_DATA_HOME", ".data")):
        monkeypatch.setenv(name, str(home / folder))
    (home / ".bashrc").write_text("# the user's own shell profile\n", encoding="utf-8")
    (home / "notes.txt").write_text("the user's own notes\n", encoding="utf-8")
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ASSETBRIDGE_TRUST", raising=False)
    return home


@pytest.fixture
def stranger(tmp_path: Path, user_home: Path) -> Path:
    """A folder as `git clone` leaves it: a project file and one free sprite, and nothing was ever run in it."""
    del user_home
    root = tmp_path / "clone"
    (root / "art").mkdir(parents=True)
    (root / "assetbridge.toml").write_text(PROJECT, encoding="utf-8")
    (root / "art" / "gem.asset.toml").write_text(SPRITE, encoding="utf-8")
    return root


@pytest.fixture
def outside(tmp_path: Path, stranger: Path, user_home: Path) -> Iterator[Outside]:
    """Everything outside of the clone. The test fails at its end when a byte of it changed, appeared or went.

    What assetbridge itself keeps in the user's settings, state and cache folders is its own.
    """
    own = [user_home / folder / "assetbridge" for folder in (".config", ".state", ".cache", ".data", "local")]
    watched = Outside(tmp_path, ignored=[stranger, *own])
    yield watched
    watched.assert_unchanged()
