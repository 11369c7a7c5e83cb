"""SIGKILL at every point of buying, for everything that a provider may be able to do; and again during the recovery."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.crash.killed import ABILITIES, WISHES, check, killed_at, points_of, run_once

SAMPLE = 12


def finish(root: Path, ability: str) -> None:
    """Starts until nothing moves any more."""
    for number in range(3):
        run_once(root, ability, 1_800_001_000.0 + 100 * number)


@pytest.mark.parametrize("ability", sorted(ABILITIES))
def test_a_kill_at_every_point(tmp_path: Path, ability: str) -> None:
    points = points_of(_folder(tmp_path, "trace"), ability)
    assert len(points) >= 25
    uncertain = {}
    for number, (name, which) in enumerate(points):
        root = _folder(tmp_path, str(number))
        assert killed_at(root, ability, name, which, 1_800_000_000.0)
        check_running(root)
        finish(root, ability)
        jobs = check(root)
        uncertain[name, which] = sum(job.state == "uncertain" for job in jobs)
        if ability == "knows_keys":
            assert uncertain[name, which] == 0
    if ability == "blind":
        # Only between the first intent and the last recorded answer can nobody know.
        sending = points.index(("job.submitting", 1))
        recorded = max(points.index(point) for point in points if point[0] == "job.submitted")
        doubtful = [points.index(point) for point, count in uncertain.items() if count]
        assert doubtful
        assert sending <= min(doubtful) <= max(doubtful) <= recorded


def check_running(root: Path) -> None:
    """Right after a kill nothing may be charged twice either."""
    import json
    from collections import Counter

    shop = root / "shop.json"
    if shop.exists():
        bodies = json.loads(shop.read_text(encoding="utf-8"))["charges"]
        assert max(Counter(bodies).values(), default=0) <= 1


@pytest.mark.parametrize("ability", sorted(ABILITIES))
def test_a_kill_during_the_recovery(tmp_path: Path, ability: str) -> None:
    pairs = _pairs(points_of(_folder(tmp_path, "trace"), ability))
    for number, (first, second) in enumerate(random.Random(7).sample(pairs, SAMPLE)):
        _killed_twice(_folder(tmp_path, str(number)), ability, first, second)


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("ability", sorted(ABILITIES))
def test_a_kill_at_every_pair(tmp_path: Path, ability: str) -> None:
    pairs = _pairs(points_of(_folder(tmp_path, "trace"), ability))
    for number, (first, second) in enumerate(pairs):
        _killed_twice(_folder(tmp_path, str(number)), ability, first, second)


Point = tuple[str, int]


def _pairs(points: list[Point]) -> list[tuple[Point, Point]]:
    return [(first, second) for first in points for second in points]


def _killed_twice(root: Path, ability: str, first: Point, second: Point) -> None:
    killed_at(root, ability, *first, 1_800_000_000.0)
    killed_at(root, ability, *second, 1_800_000_500.0)
    finish(root, ability)
    check(root)


def test_without_a_kill_everything_is_bought_once(tmp_path: Path) -> None:
    run_once(tmp_path, "blind", 1_800_000_000.0)
    jobs = check(tmp_path)
    assert [str(job.state) for job in jobs] == ["stored"] * len(WISHES)
    run_once(tmp_path, "blind", 1_800_000_100.0)
    assert len(check(tmp_path)) == len(WISHES)


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder
