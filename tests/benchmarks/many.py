"""Ten thousand assets: building them, a plan with nothing to do, and what one change costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Measured, Row, process, python
from tests.benchmarks.peers import ninja
from tests.benchmarks.projects import ASSETBRIDGE, built, project, rest, spec_path

SIZES = (100, 1000, 10_000)
CHANGES = 3

LOOK = """
import os
todo = ['.']
while todo:
    with os.scandir(todo.pop()) as entries:
        for entry in entries:
            todo.append(entry.path) if entry.is_dir(follow_symlinks=False) else entry.stat()
"""
PARSE = """
import json, pathlib, tomllib
import numpy, pydantic
for path in pathlib.Path('art').rglob('*.asset.toml'):
    tomllib.loads(path.read_text(encoding='utf-8'))
json.loads(pathlib.Path('assetbridge.lock').read_text(encoding='utf-8'))
"""


def many(folder: Path, runs: int) -> Iterator[Row]:
    """100, 1,000 and 10,000 assets; then a plan and a build over the largest, unchanged and with one change."""
    times = []
    made = folder
    for size in SIZES:
        made = project(folder / f"many{size}", size)
        spent = built(made)
        times.append(spent.median)
        note = f"{spent.median / size:.1f} ms each"
        if len(times) > 1:
            power = math.log(times[-1] / times[-2]) / math.log(SIZES[len(times) - 1] / SIZES[len(times) - 2])
            note += f"; grows with the power {power:.2f} of the number of assets"
        yield Row(f"build {size:,} sprites", spent, note=note)
    yield from _unchanged(made, runs)
    yield from _changed(made)


def _unchanged(made: Path, runs: int) -> Iterator[Row]:
    floor = python(LOOK, made, runs)
    what = "an interpreter that stats every file of the project once"
    peer, peer_is = ninja(made, runs)
    nothing = process([*ASSETBRIDGE, "plan"], made, runs)
    yield Row("plan, 10,000 assets, nothing to do", nothing, 400, floor, what, peer, peer_is)
    yield Row("status, 10,000 assets", process([*ASSETBRIDGE, "status"], made, runs), None, floor, what)


def _changed(made: Path) -> Iterator[Row]:
    floor = python(PARSE, made, CHANGES)
    what = "an interpreter with numpy and pydantic that parses every spec with tomllib, and the lock"
    spec = spec_path(made, max(SIZES) // 2)

    def comment(number: int) -> None:
        spec.write_text(f"{spec.read_text(encoding='utf-8')}# {number}\n", encoding="utf-8")

    def wish(number: int) -> None:
        text = f'kind = "sprite"\ndescription = "blue potion {number}"\nsize = [8, 8]\n'
        spec.write_text(text, encoding="utf-8")

    def timed(command: str, change: str) -> Measured:
        before = {"comment": comment, "wish": wish}[change]
        return process([*ASSETBRIDGE, command], made, CHANGES, before=before)

    yield Row("plan, 10,000 assets, a comment changed", timed("plan", "comment"), None, floor, what)
    yield Row("plan, 10,000 assets, one wish changed", timed("plan", "wish"), None, floor, what)
    yield Row("build, 10,000 assets, one wish changed", timed("build", "wish"), None, floor, what)
    rest(made)
