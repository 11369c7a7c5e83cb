"""Two people, one repository, real git: the lock merges by itself, with and without the merge driver."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.store import lockfile

SPRITE = 'kind = "sprite"\ndescription = "{}"\nsize = [16, 16]\n'


def git(folder: Path, *words: str, fails: bool = False) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    for name, value in (("user.email", "a@example.org"), ("user.name", "A"), ("core.autocrlf", "false")):
        git(tmp_path, "config", name, value)
    assert main(["init", str(tmp_path)]) == 0
    add_sprite(tmp_path, "crate")
    return tmp_path


def add_sprite(root: Path, name: str, description: str = "") -> None:
    spec = root / "art" / f"{name}.asset.toml"
    spec.parent.mkdir(exist_ok=True)
    spec.write_text(SPRITE.format(description or name), encoding="utf-8")
    assert main(["build", "--project", str(root)]) == 0
    git(root, "add", "-A")
    git(root, "commit", "-qm", name)


def set_driver(root: Path) -> None:
    words = [sys.executable, "-P", "-m", "bridge", "merge-lock"]
    git(root, "config", "merge.assetbridge.driver", f"{shlex.join(words)} %O %A %B")


@pytest.mark.parametrize("has_driver", [False, True], ids=["markers", "driver"])
def test_two_assets_in_the_same_gap_merge_and_nothing_is_made_again(
    repository: Path, capsys: pytest.CaptureFixture[str], has_driver: bool
) -> None:
    if has_driver:
        set_driver(repository)
    git(repository, "checkout", "-qb", "one")
    add_sprite(repository, "barrel")
    git(repository, "checkout", "-q", "main")
    add_sprite(repository, "bench")
    git(repository, "merge", "-q", "one", fails=not has_driver)
    capsys.readouterr()
    assert main(["build", "--project", str(repository)]) == 0
    assert "3 ready; 0 files changed" in capsys.readouterr().out
    assert sorted(lockfile.read(repository).assets) == ["art/barrel", "art/bench", "art/crate"]
    assert "<<<<" not in (repository / "assetbridge.lock").read_text(encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "merged", "--allow-empty")
    assert main(["check", "--project", str(repository)]) == 0
    assert git(repository, "status", "--porcelain") == ""


def test_a_plan_says_that_it_joined_the_sides_and_writes_nothing(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(repository, "checkout", "-qb", "one")
    add_sprite(repository, "barrel")
    git(repository, "checkout", "-q", "main")
    add_sprite(repository, "bench")
    git(repository, "merge", "-q", "one", fails=True)
    before = (repository / "assetbridge.lock").read_bytes()
    capsys.readouterr()
    assert main(["plan", "--project", str(repository)]) == 0
    assert "note: the two sides of an unfinished merge of assetbridge.lock were joined" in capsys.readouterr().out
    assert (repository / "assetbridge.lock").read_bytes() == before
