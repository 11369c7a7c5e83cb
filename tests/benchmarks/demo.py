"""The demo project, from an empty folder to built files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Row, process, python
from tests.benchmarks.projects import ASSETBRIDGE


def demo(folder: Path, runs: int) -> Iterator[Row]:
    """`assetbridge demo` into a new folder each time."""
    words = [*ASSETBRIDGE, "demo", "demo"]
    made = process(words, folder, runs, before=lambda _: shutil.rmtree(folder / "demo", ignore_errors=True))
    floor = python("import numpy, PIL.Image, pydantic, click", folder, runs)
    yield Row("demo", made, 5000, floor, "importing numpy, Pillow, pydantic and click")
