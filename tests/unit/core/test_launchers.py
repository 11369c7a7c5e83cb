"""How assetbridge is started, written down in the user's own folder and nowhere else."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.core import launchers
from bridge.core.launchers import record_launcher
from bridge.core.user_files import read_user_file, user_folder, write_user_file

OURS = [sys.executable, "-P", "-m", "bridge"]


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def game(tmp_path: Path) -> Path:
    (tmp_path / "game").mkdir()
    return tmp_path / "game"


@pytest.fixture
def other(tmp_path: Path) -> list[str]:
    """The command line of another installation."""
    program = tmp_path / "other-python"
    program.write_text("", encoding="utf-8")
    return [str(program), "-P", "-m", "bridge"]


def read() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(read_user_file(launchers.FILE) or b"{}")
    return facts


def write(facts: object) -> None:
    write_user_file(launchers.FILE, json.dumps(facts).encode())


def test_the_first_is_the_default_and_nothing_lies_in_the_project(game: Path) -> None:
    record_launcher(game)
    assert read() == {"default": OURS, "projects": {}}
    assert list(game.iterdir()) == []


def test_what_is_there_is_not_written_again(game: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record_launcher(game)
    monkeypatch.setattr(launchers, "write_user_file", lambda *_: pytest.fail("written again"))
    record_launcher(game)
    record_launcher(None)


def test_a_project_of_another_installation_has_an_entry_of_its_own(game: Path, other: list[str]) -> None:
    write({"default": other, "projects": {}})
    record_launcher(game)
    assert read() == {"default": other, "projects": {os.path.realpath(game): OURS}}
    record_launcher(game, as_default=True)
    assert read() == {"default": OURS, "projects": {}}


def test_one_entry_however_the_project_is_reached(game: Path, tmp_path: Path, other: list[str]) -> None:
    write({"default": other, "projects": {}})
    (tmp_path / "link").symlink_to(game)
    record_launcher(tmp_path / "link")
    assert list(read()["projects"]) == [os.path.realpath(game)]


def test_a_program_or_a_project_that_is_gone_is_forgotten(game: Path, other: list[str]) -> None:
    gone = ["/gone/python", "-P", "-m", "bridge"]
    write({"default": gone, "projects": {os.path.realpath(game): gone, "/gone/game": other}})
    record_launcher(None)
    assert read() == {"default": OURS, "projects": {}}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"default": "python"}', '{"default": ["python"], "projects": 3}']
)
def test_a_damaged_file_is_begun_anew(game: Path, text: str) -> None:
    write_user_file(launchers.FILE, text.encode())
    record_launcher(game)
    assert read() == {"default": OURS, "projects": {}}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_file_that_others_may_write_is_not_believed(game: Path, other: list[str]) -> None:
    write({"default": other, "projects": {}})
    (user_folder() / launchers.FILE).chmod(0o666)
    record_launcher(game)
    assert read() == {"default": OURS, "projects": {}}


def test_a_python_that_does_not_know_its_own_program_is_not_recorded(
    game: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "")
    record_launcher(game)
    assert read_user_file(launchers.FILE) is None
