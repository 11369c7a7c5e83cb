"""Runs of the real Godot that accept no complaint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.engines.engine import Engine
from tests.engines.godot_plan import GodotProject

COMPLAINTS = ("ERROR", "WARNING", "SCRIPT ERROR", "USER ERROR", "USER WARNING")
# A script that ends the editor leaves parts of the editor itself unreleased; that says nothing of a project.
ENDING = ("leaked at exit", "were leaked", "instances leaked", "still in use at exit")


def import_project(godot: Engine, game: Path) -> None:
    """Imports a project as on a build server; errors and warnings fail the test."""
    run_quietly(godot, ["--headless", "--import", "--path", "."], game)


def run_checks(godot: Engine, project: GodotProject) -> None:
    """Runs the plan of a project in the editor and fails with what its steps found wrong."""
    project.write_plan()
    out = run_quietly(
        godot, ["--headless", "--editor", "--path", ".", "--script", "check.gd"], project.root, codes=(0, 1)
    )
    failures = [line for line in out.splitlines() if line.startswith("FAIL")]
    assert not failures, "\n".join(failures[:20])
    assert "RESULT 0" in out


def run_quietly(
    godot: Engine,
    words: Sequence[str],
    game: Path,
    codes: tuple[int, ...] = (0,),
    *,
    home: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> str:
    """Runs Godot in a project and returns its output; fails on another exit code, an error or a warning."""
    done = godot.run(words, cwd=game, timeout=90, home=home, settings=settings)
    report = done.stdout + done.stderr
    complaints = [
        line
        for line in report.splitlines()
        if line.startswith(COMPLAINTS) and not any(ending in line for ending in ENDING)
    ]
    assert not complaints, "\n".join(complaints[:20])
    assert done.returncode in codes, report[-3000:]
    return report
