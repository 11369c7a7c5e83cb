"""What git is asked by its own program."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bridge.core import git_programs
from bridge.core.git_programs import ask_git, read_user_name


def test_the_name_is_one_visible_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "config", "user.name", "Ada\n\x1b[2J  Lovelace" + "e" * 200], cwd=tmp_path, check=True)
    read_user_name.cache_clear()
    name = read_user_name(tmp_path)
    assert name.startswith("Ada \\x1b[2J Lovelace")
    assert len(name) == 100
    monkeypatch.setattr(git_programs, "find_program", lambda _name, _outside: None)
    read_user_name.cache_clear()
    assert read_user_name(tmp_path) == ""


def test_without_an_answer_there_is_none(tmp_path: Path) -> None:
    assert ask_git(tmp_path, "no-such-command") is None
    assert ask_git(tmp_path / "missing", "status") is None
