"""Start-up: what a person waits for before anything happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Row, process, python
from tests.benchmarks.projects import ASSETBRIDGE, built, project

LIBRARIES = "sqlite3, tomllib, json, pathlib, hashlib, re"


def start(folder: Path, runs: int) -> Iterator[Row]:
    """`--version`, `--help`, and `status` and `plan` on a hundred assets."""
    bare = python("pass", folder, runs)
    yield Row("--version", process([*ASSETBRIDGE, "--version"], folder, runs), 35, bare, "a bare interpreter")
    click = python("import click", folder, runs)
    yield Row("--help", process([*ASSETBRIDGE, "--help"], folder, runs), None, click, "an interpreter with click")
    made = project(folder / "hundred", 100)
    built(made)
    needed = python(f"import {LIBRARIES}", folder, runs)
    what = f"an interpreter with {LIBRARIES}"
    yield Row("status, 100 assets", process([*ASSETBRIDGE, "status"], made, runs), 60, needed, what)
    yield Row("plan, 100 assets, nothing to do", process([*ASSETBRIDGE, "plan"], made, runs), None, needed, what)
