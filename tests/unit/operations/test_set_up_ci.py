"""A check for continuous integration: written into the repository, with no key in it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from bridge.cli import main
from bridge.cli.group import COMMANDS
from bridge.operations.set_up_ci import GITHUB_FILE


@pytest.mark.parametrize("below", ["", "games/one two"])
def test_the_workflow_lies_where_the_repository_begins(tmp_path: Path, below: str) -> None:
    project = tmp_path / below
    project.mkdir(parents=True, exist_ok=True)
    assert main(["init", str(project)]) == 0
    assert main(["init", "--ci", "github", str(project)]) == 2
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert main(["init", "--ci", "github", str(project)]) == 0
    text = (tmp_path / GITHUB_FILE).read_text(encoding="utf-8")
    assert "assetbridge check" in text
    assert (f'working-directory: "{below}"' in text) is bool(below)
    assert not re.search(r"secrets\.|_KEY|ASSETBRIDGE_TRUST", text)
    assert "contents: read" in text
    assert main(["init", "--ci", "github", str(project)]) == 0
    (tmp_path / GITHUB_FILE).write_text("name: mine\n", encoding="utf-8")
    assert main(["init", "--ci", "github", str(project)]) == 2
    assert (tmp_path / GITHUB_FILE).read_text(encoding="utf-8") == "name: mine\n"


def test_the_hook_for_pre_commit_runs_a_check_where_something_of_ours_changes() -> None:
    root = Path(__file__).parents[3]
    [hook] = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {"id", "name", "entry", "language", "files"} <= hook.keys()
    assert (hook["entry"], hook["pass_filenames"]) == ("assetbridge check", False)
    assert "check" in COMMANDS
    for path in ("assetbridge.toml", "game/assetbridge.lock", "art/hero.asset.toml"):
        assert re.search(hook["files"], path)
    assert not re.search(hook["files"], "src/main.py")
    guide = (root / "docs/guides/team.md").read_text(encoding="utf-8")
    assert all(str(hook[name]) in guide for name in ("id", "entry", "files"))
