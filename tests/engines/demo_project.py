"""The project of `assetbridge demo`, as the tests of the engines use it: built, copied, edited, and its pixels."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bridge.build.builder import Builder
from bridge.plan.planner import Planner
from bridge.project import Project
from exporters.model.asset import Asset

CHECKS = Path(__file__).with_name("demo_project_checks")
UNCOMMITTED = (".godot", ".assetbridge")
# What differs between two machines and may not reach a file.
DEMO_ENVIRONMENT = {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "0"}


@dataclass(frozen=True)
class Demo:
    """A folder with the demo project."""

    root: Path

    @property
    def game(self) -> Path:
        """The Godot project."""
        return self.root / "game"

    def assetbridge(
        self, *words: str, expect: int = 0, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command line on the project in a process of its own, as a user does; checks its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "bridge", *words],
            cwd=self.root,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            encoding="utf-8",
            timeout=100,
            check=False,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    def copy(self, root: Path) -> Demo:
        """The project with everything in it, in another folder."""
        shutil.copytree(self.root, root)
        return Demo(root)

    def clone(self, root: Path) -> Demo:
        """What a colleague gets from version control: neither an engine's cache nor our memory and store."""
        shutil.copytree(self.root, root, ignore=shutil.ignore_patterns(*UNCOMMITTED))
        return Demo(root)

    def files(self, folder: str = "") -> dict[str, bytes]:
        """Every file of the project but an engine's cache and the memory of this machine, by path."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted((self.root / folder).rglob("*"))
            if path.is_file() and ".godot" not in path.parts and not _local(path)
        }

    def replace(self, path: str, before: str, after: str) -> None:
        """Edits a text file of the project."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert before in text
        (self.root / path).write_text(text.replace(before, after), encoding="utf-8", newline="\n")

    def move(self, before: str, after: str) -> None:
        """Moves a file to another place in the project."""
        (self.root / after).parent.mkdir(parents=True, exist_ok=True)
        (self.root / before).rename(self.root / after)

    def plan_is_empty(self) -> None:
        """Nothing is left to do."""
        assert "nothing to do" in self.assetbridge("plan", "--detailed-exitcode").stdout
        self.assetbridge("check")

    def assets(self) -> dict[str, Asset]:
        """The neutral assets by id: stored results, assembled and processed, before any exporter saw them."""
        with Project.open(self.root) as project:
            planner = Planner(project)
            planner.read()
            art = Builder(project, planner, planner.plan()).loader
            states = planner.evaluation.states
            return {asset_id: art.load_processed(states[asset_id]) for asset_id in sorted(states)}


def build_demo(root: Path, environment: Mapping[str, str] | None = None) -> Demo:
    """Runs `assetbridge demo` for a new folder."""
    root.mkdir(parents=True)
    demo = Demo(root)
    demo.assetbridge("demo", ".", environment=environment)
    return demo


def _local(path: Path) -> bool:
    return path.parent.name == ".assetbridge" and path.name.startswith(("state.db", "owner.lock"))
