"""What is measured, in the order it is shown; one module a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.buying import buying
from tests.benchmarks.demo import demo
from tests.benchmarks.many import many
from tests.benchmarks.measure import Row
from tests.benchmarks.pixels import pixels
from tests.benchmarks.sheet import sheet
from tests.benchmarks.start import start
from tests.benchmarks.watch import watch

CASES: dict[str, Callable[[Path, int], Iterator[Row]]] = {
    "start": start,
    "demo": demo,
    "sheet": sheet,
    "pixels": pixels,
    "many": many,
    "watch": watch,
    "buying": buying,
}
