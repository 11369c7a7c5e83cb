"""The README is tried as it is written: its commands run, its examples build."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.cli import group as app
from tests.pipeline.conftest import Answer

README = Path(__file__).parents[2] / "README.md"
PAGE = README.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[list[str]]:
    return [shlex.split(line, comments=True) for line in block.splitlines() if line.strip()]


def test_the_first_screen_has_the_two_commands() -> None:
    first = commands(blocks("sh")[0])
    assert first == [["make", "demo"], ["make", "test"]]
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    assert {"demo", "test"} <= set(re.findall(r"[\w-]+", makefile.split("\n\n", 2)[2].split(":", 1)[0]))


def test_the_tour_for_godot_runs(
    tmp_path: Path, run_words: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project.godot").write_text("config_version=5\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    tour = next(block for block in blocks("sh") if "assetbridge init" in block)
    done = [words[1:] for words in commands(tour) if words[0] == "assetbridge"]
    assert [words[0] for words in done] == ["init", "new", "build"]
    for words in done:
        answer = run_words(*words)
        assert answer.code == 0, answer
    assert (tmp_path / "art/generated/art/hero.tres").is_file()
    example = next(block for block in blocks("toml") if "blue cape" in block)
    (tmp_path / "art/hero.asset.toml").write_text(example, encoding="utf-8")
    assert run_words("build").code == 0
    assert '"attack_north_west"' in (tmp_path / "art/generated/art/hero.tres").read_text(encoding="utf-8")


def test_the_table_of_commands_names_real_ones() -> None:
    named = set(re.findall(r"^\| `assetbridge ([a-z-]+)", PAGE, re.MULTILINE))
    assert named
    assert named <= set(app.COMMANDS)
