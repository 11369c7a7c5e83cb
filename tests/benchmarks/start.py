"""Start-up: what a person waits for before anything happens."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Command, Row, needed, peers_of, side_by_side
from tests.benchmarks.peers import Missing, python_with
from tests.benchmarks.projects import ASSETBRIDGE, built, project

_OURS, _FLOOR = "assetbridge", "floor"
LIBRARIES = "sqlite3, tomllib, json, pathlib, hashlib, re"
# Package, program and the least Python of tools with a command line that draw or buy game art.
TOOLS = (
    ("pixling==0.3.1", "pixling", (3, 11)),
    ("spritekiln==0.2.0", "spritekiln", (3, 11)),
    ("pixellab-cli==0.7.0", "pixellab-cli", (3, 12)),
)


def start(folder: Path, runs: int, *, peers: bool = True) -> Iterator[Row]:
    """`--version`, `--help`, and `status` and `plan` on a hundred assets."""
    yield _row("--version", "pass", "a bare interpreter", folder, runs, 35, peers)
    yield _row("--help", "import click", "an interpreter with click", folder, runs, None, peers)
    made = project(folder / "hundred", 100)
    built(made)
    code, what = f"import {LIBRARIES}", f"an interpreter with {LIBRARIES}"
    yield _row("status", code, what, made, runs, 45, peers=False)
    yield _row("plan", code, what, made, runs, None, peers=False)


def _row(word: str, code: str, what: str, folder: Path, runs: int, bar: float | None, peers: bool) -> Row:
    """One word after `assetbridge`, in turns with its floor and with others that know the word too."""
    found, missing = _tools(word, runs) if peers else ({}, {})
    own = {
        _OURS: Command([*ASSETBRIDGE, word], runs),
        _FLOOR: Command([sys.executable, "-I", "-c", code], runs),
    }
    spent = side_by_side(own | found, folder)
    ours, floor = needed(spent.pop(_OURS)), needed(spent.pop(_FLOOR))
    name = word if word.startswith("-") else f"{word}, 100 assets, nothing to do"
    return Row(name, ours, bar, floor, what, peers_of(spent | missing), point=9 if bar else 0)


def _tools(word: str, runs: int) -> tuple[dict[str, Command], dict[str, str]]:
    found, missing = {}, {}
    for package, program, oldest in TOOLS:
        name = package.replace("==", " ")
        try:
            found[name] = Command([str(python_with(package, oldest).with_name(program)), word], max(1, runs // 2), 60)
        except Missing as error:
            missing[name] = str(error)
    return found, missing
