"""Many assets: building them, a plan with nothing to do, and what one change costs."""

from __future__ import annotations

import math
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bridge.daemon import runtime
from tests.benchmarks import builders
from tests.benchmarks.measure import (
    Command,
    Measured,
    Row,
    inside,
    needed,
    peers_of,
    process,
    python,
    side_by_side,
    timed,
)
from tests.benchmarks.projects import ASSETBRIDGE, built, daemon, processor_seconds, project, rest, spec_path

CHANGES = 3
# The bars are set for so many; with fewer they would say nothing.
BARRED = 10_000

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


def many(folder: Path, runs: int, assets: int, *, peers: bool = True) -> Iterator[Row]:
    """A hundredth, a tenth and all of so many assets; then plans and builds over all, unchanged and with one change."""
    sizes = [max(1, assets // 100), max(1, assets // 10), assets]
    times: list[float] = []
    made = folder
    for number, size in enumerate(sizes):
        made = project(folder / f"many{number}", size)
        spent = built(made)
        times.append(spent.median)
        note = f"{spent.median / size:.1f} ms each"
        if number:
            power = math.log(times[-1] / times[-2]) / math.log(size / sizes[number - 1])
            note += f"; grows with the power {power:.2f} of the number of assets"
        yield Row(f"build {size:,} sprites", spent, note=note)
    yield from _unchanged(made, folder / "builders", runs, assets, peers)
    yield from _in_daemon(made, runs, assets)
    yield from _changed(made, assets)


def _unchanged(made: Path, folder: Path, runs: int, assets: int, peers: bool) -> Iterator[Row]:
    what = "an interpreter that stats every file of the project once"
    others, missing = builders.commands(made, folder, runs) if peers else ({}, {})
    own = {word: Command([*ASSETBRIDGE, word], runs) for word in ("plan", "status")}
    own["floor"] = Command([sys.executable, "-I", "-c", LOOK], runs)
    found = side_by_side(own | others, made)
    plan, status, floor = (needed(found.pop(name)) for name in ("plan", "status", "floor"))
    beside = peers_of(found | missing)
    yield Row(f"plan, {assets:,} assets, nothing to do", plan, _bar(120, assets), floor, what, beside, point=7)
    yield Row(f"status, {assets:,} assets", status, None, floor, what)


def _in_daemon(made: Path, runs: int, assets: int) -> Iterator[Row]:
    """From the request to the last byte of the plan, which is that of every asset."""
    floor = inside(f"def work():\n{textwrap.indent(LOOK, '    ')}", [], made, runs)
    with daemon(made) as pid:
        found = runtime.read_record(made)
        assert found is not None

        def ask() -> bytes:
            with runtime.open_request(found, "GET", "/v1/plan", patience=300) as answer:
                return answer.read()

        size = len(ask())
        used = processor_seconds(pid)
        spent = timed(ask, runs)
        cpu = 1000 * (processor_seconds(pid) - used) / (runs + 1)
    what = "a stat of every file of the project in a process that runs already"
    name, note = f"plan in the daemon, {assets:,} assets, nothing to do", f"{size / 1e6:.1f} MB of JSON"
    yield Row(name, replace(spent, cpu=cpu), _bar(45, assets), floor, what, note=note, point=7)


def _bar(bar: float, assets: int) -> float | None:
    return bar if assets >= BARRED else None


def _changed(made: Path, assets: int) -> Iterator[Row]:
    floor = python(PARSE, made, CHANGES)
    what = "an interpreter with numpy and pydantic that parses every spec with tomllib, and the lock"
    spec = spec_path(made, assets // 2)

    def comment(number: int) -> None:
        spec.write_text(f"{spec.read_text(encoding='utf-8')}# {number}\n", encoding="utf-8")

    def wish(number: int) -> None:
        text = f'kind = "sprite"\ndescription = "blue potion {number}"\nsize = [8, 8]\n'
        spec.write_text(text, encoding="utf-8")

    def once(command: str, change: str) -> Measured:
        before = {"comment": comment, "wish": wish}[change]
        return process([*ASSETBRIDGE, command], made, CHANGES, before=before)

    yield Row(f"plan, {assets:,} assets, a comment changed", once("plan", "comment"), None, floor, what)
    yield Row(f"plan, {assets:,} assets, one wish changed", once("plan", "wish"), None, floor, what)
    yield Row(f"build, {assets:,} assets, one wish changed", once("build", "wish"), None, floor, what)
    rest(made)
