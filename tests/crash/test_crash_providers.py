"""SIGKILL at every point of buying from every provider, on real sockets; then people decide what nobody can know.

The services go on while the customer is dead: they live in this process, the customer in a child.
"""

from __future__ import annotations

import os
import random
import signal
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.core import failpoint
from tests.contract.market import MIDNIGHT, STALLS, Chain, Market, QuickClock

SAMPLE = 5
SPEED = 40


def market_of(root: Path, name: str) -> Market:
    root.mkdir(parents=True, exist_ok=True)
    return Market(root, QuickClock(MIDNIGHT, SPEED), {name: STALLS[name]})


def in_child(work: Callable[[], object]) -> int:
    """The wait status of a child that does the work."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  only the exit code leaves a child
            traceback.print_exc()
            os._exit(9)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def chains_of(name: str) -> list[Chain]:
    """One of each spec of the stall: answers with results, jobs, and steps that need each other."""
    return [STALLS[name].chain(number) for number in range(len(STALLS[name].texts))]


def points_of(root: Path, name: str) -> list[tuple[str, int]]:
    """Every passing of a failpoint in an undisturbed run: (name, which time)."""
    trace = root / "trace.txt"
    with market_of(root, name) as market:

        def traced() -> None:
            failpoint._TRACE = str(trace)
            assert all(error is None for error in market.buy(chains_of(name)).values())

        assert in_child(traced) == 0
    seen: Counter[str] = Counter()
    points = []
    for point in trace.read_text(encoding="utf-8").split():
        seen[point] += 1
        points.append((point, seen[point]))
    return points


def killed(root: Path, name: str, point: str, which: int) -> None:
    """Dies there, begins again until everything is bought, and is judged by the service's own ledger."""
    with market_of(root, name) as market:

        def doomed() -> None:
            failpoint._NAME, failpoint._NUMBER, failpoint._passed = point, str(which), 0
            market.buy(chains_of(name))

        status = in_child(doomed)
        # The order of two jobs may differ from run to run, so that a point is not reached a last time.
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, f"the run failed before {point}"
        assert not os.WIFSIGNALED(status) or os.WTERMSIG(status) == signal.SIGKILL
        assert market.charged_twice() == {}
        market.buy(chains_of(name))
        market.decide()
        market.settle(chains_of(name))
        assert market.charged_twice() == {}
        assert all(market.store.get(job.result) for job in market.jobs("stored"))


@pytest.mark.parametrize("name", STALLS)
def test_a_kill_while_buying(tmp_path: Path, name: str) -> None:
    points = points_of(tmp_path, name)
    assert {"job.submitting", "job.answered", "job.submitted", "job.stored"} <= {point for point, _ in points}
    for number, (point, which) in enumerate(random.Random(11).sample(points, SAMPLE)):
        killed(tmp_path / str(number), name, point, which)


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", STALLS)
def test_a_kill_at_every_point_of_buying(tmp_path: Path, name: str) -> None:
    for number, (point, which) in enumerate(points_of(tmp_path, name)):
        killed(tmp_path / str(number), name, point, which)
