"""What is measured, in the order it is shown; one module a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.buying import buying
from tests.benchmarks.demo import demo
from tests.benchmarks.lock import lock
from tests.benchmarks.many import many
from tests.benchmarks.measure import Row
from tests.benchmarks.pixels import pixels
from tests.benchmarks.saving import saving
from tests.benchmarks.shared import shared
from tests.benchmarks.sheet import sheet
from tests.benchmarks.start import start
from tests.benchmarks.watch import watch


@dataclass(frozen=True, slots=True)
class How:
    """How often each command runs after the first, how many assets the largest project has, and whether with peers."""

    runs: int
    assets: int
    peers: bool


CASES: dict[str, Callable[[Path, How], Iterator[Row]]] = {
    "start": lambda folder, how: start(folder, how.runs, peers=how.peers),
    "demo": lambda folder, how: demo(folder, how.runs),
    "sheet": lambda folder, how: sheet(folder, how.runs, peers=how.peers),
    "pixels": lambda folder, how: pixels(folder, peers=how.peers),
    "many": lambda folder, how: many(folder, how.runs, how.assets, peers=how.peers),
    "lock": lambda folder, how: lock(folder, how.runs, how.assets),
    "saving": lambda folder, how: saving(folder, peers=how.peers),
    "watch": lambda folder, how: watch(folder, how.assets),
    "buying": lambda folder, how: buying(folder, how.runs),
    "shared": lambda folder, how: shared(folder, how.assets),
}
