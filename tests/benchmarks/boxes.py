"""Placing boxes alone, beside libraries that do nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from exporters.packing.skyline import place_boxes
from tests.benchmarks.measure import Measured, Peer, Row, printed, timed
from tests.benchmarks.peers import DRIVERS, Missing, python_with
from tests.benchmarks.reader import truth_of

_MOST = 4096
# Long side to short side of a sheet.
MOST_ASPECT = 2


def boxes(frames: Path, folder: Path, runs: int, *, peers: bool) -> Iterator[Row]:
    """Placing the boxes of the different pictures in a folder of frames, with 1 pixel between them."""
    pictures = truth_of(frames).pictures
    sizes = [(picture.width + 1, picture.height + 1) for picture in pictures]
    listed = folder / "boxes.json"
    listed.write_text(json.dumps(sizes), encoding="utf-8")
    spent = timed(lambda: place_boxes(sizes, _MOST), runs)
    (page,) = place_boxes(sizes, _MOST)
    width = max(x + sizes[index][0] for index, (x, _) in page.items())
    height = max(y + sizes[index][1] for index, (_, y) in page.items())
    area = sum(wide * high for wide, high in sizes)
    found, why = _algorithms(folder, listed) if peers else ({}, {})

    def theirs(figure: Callable[[float, float, float], float]) -> tuple[Peer, ...]:
        known = [Peer(name, figure(*one), fair=sides(*one) <= MOST_ASPECT) for name, one in found.items()]
        return (*known, *(Peer(name, None, reason) for name, reason in why.items()))

    def full(_: float, wide: float, high: float) -> float:
        return 100 * area / (wide * high)

    def sides(_: float, wide: float, high: float) -> float:
        return max(wide, high) / min(wide, high)

    subject = f"placing {len(sizes)} boxes"
    yield Row("time", spent, peers=theirs(lambda spent, *_: spent), subject=subject)
    own = Measured((full(0, width, height),))
    yield Row("full", own, peers=theirs(full), unit="%", more_is_better=True, subject=subject)
    yield Row("sides", Measured((sides(0, width, height),)), peers=theirs(sides), unit=": 1", subject=subject)


def _algorithms(folder: Path, listed: Path) -> tuple[dict[str, tuple[float, float, float]], dict[str, str]]:
    """Milliseconds, width and height of each algorithm's page; or of each that cannot be had the reason."""
    package = "rectpack==0.2.2 rectangle-packer==2.1.1"
    try:
        return printed([str(python_with(package)), str(DRIVERS / "use_boxes.py"), str(listed)], folder), {}
    except (Missing, RuntimeError) as error:
        return {}, {package: str(error)}
