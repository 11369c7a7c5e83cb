"""Projects to measure on: many small sprites."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.measure import Measured, environment, process

ASSETBRIDGE = (sys.executable, "-m", "bridge")
PROJECT = '[project]\nname = "b"\nid = "7e57beef"\n[targets.json]\noutput = "export"\n'


def project(folder: Path, specs: int) -> Path:
    """A project with so many small sprites, not built."""
    folder.mkdir()
    (folder / "assetbridge.toml").write_text(PROJECT, encoding="utf-8")
    for number in range(specs):
        path = spec_path(folder, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'kind = "sprite"\ndescription = "red potion {number}"\nsize = [8, 8]\n', encoding="utf-8")
    return folder


def spec_path(folder: Path, number: int) -> Path:
    """The spec of a project's asset, a hundred to a folder."""
    return folder / "art" / f"{number // 100:03d}" / f"a{number:05d}.asset.toml"


def built(made: Path) -> Measured:
    """Builds a project and lets it come to rest; measured is the build."""
    measured = process([*ASSETBRIDGE, "build"], made, 1, warm=False)
    rest(made)
    return measured


def rest(made: Path) -> None:
    """Files younger than two seconds are hashed to be sure: what is measured next is the state that lasts."""
    time.sleep(2.1)
    words = [*ASSETBRIDGE, "plan"]
    subprocess.run(words, cwd=made, env=environment(), check=True, stdout=subprocess.DEVNULL)
