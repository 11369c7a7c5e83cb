"""Frames to a sheet: 1,024, 256 and 64 of them, in a process of its own and in one that runs already.

Beside each, in turns with it, every packer that can be had; all sheets are judged by one reader.
"""

from __future__ import annotations

import sys
import textwrap
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.benchmarks.boxes import MOST_ASPECT, boxes
from tests.benchmarks.frames import frame_folder
from tests.benchmarks.measure import Command, Measured, Peer, Row, inside, needed, side_by_side
from tests.benchmarks.packers import ABSENT, FRAMES, PACKERS, commands, out_folder
from tests.benchmarks.reader import Judged, Truth, judged, truth_of

COUNTS = (1024, 256, 64)
# Of so many frames the boxes are placed alone too: with more, one of the peers needs a minute.
PLACED = 256
WARM = {1024: 150.0, 64: 12.0}
# The same limit as the peers'; padding is 1 and nothing is turned by default.
_MOST = 4096
_OURS, _FLOOR = "assetbridge", "floor"

WRITE = """
import sys, zlib
from pathlib import Path
import numpy as np
from PIL import Image
frames = [np.asarray(Image.open(path)) for path in sorted(Path(sys.argv[-2]).iterdir())]
Path(sys.argv[-1]).write_bytes(zlib.compress(np.concatenate(frames).tobytes(), 6))
"""
AGAIN = f"""
import sys
from pathlib import Path
from exporters.sheet.folder import pack_folder
def work():
    pack_folder(Path(sys.argv[-2]), Path(sys.argv[-1]), max_sheet={_MOST})
"""


def sheet(folder: Path, runs: int, *, peers: bool = True) -> Iterator[Row]:
    """Time, memory and worth of the sheets, for each number of frames."""
    for count in COUNTS:
        own = folder / f"sheet{count}"
        source = frame_folder(own / FRAMES, count)
        yield from _cold(own, source, runs, peers)
        yield _warm(own, source, runs)
        if count == PLACED:
            yield from boxes(source, own, runs, peers=peers)


@dataclass(frozen=True, slots=True)
class _Result:
    measured: Measured
    judged: Judged


@dataclass(frozen=True, slots=True)
class _Figure:
    """One thing that is told of every packer; point and bars (by the number of frames) as in Row."""

    name: str
    unit: str
    of: Callable[[_Result], float]
    point: int
    bars: Mapping[int, float]
    more_is_better: bool = False


_FIGURES = (
    _Figure("cold process", "ms", lambda one: one.measured.median, 1, {1024: 300}),
    _Figure("peak memory", "MiB", lambda one: one.measured.peak, 6, {1024: 60}),
    _Figure("full", "%", lambda one: one.judged.full, 3, {1024: 92, 256: 89, 64: 84}, more_is_better=True),
    _Figure("sides", ": 1", lambda one: one.judged.aspect, 3, dict.fromkeys(COUNTS, MOST_ASPECT)),
    _Figure("PNG", "kB", lambda one: one.judged.bytes / 1000, 4, {1024: 175}),
    _Figure(
        "rebuilt", "frames", lambda one: one.judged.exact, 5, {count: count for count in COUNTS}, more_is_better=True
    ),
)


def _cold(folder: Path, source: Path, runs: int, peers: bool) -> Iterator[Row]:
    """Everything in processes of its own, in turns."""
    out, raw = folder / "out", str(folder / "raw")
    out.mkdir()
    words = [sys.executable, "-m", "exporters.sheet", str(source), str(out / "sheet"), "--max-sheet", str(_MOST)]
    ours = {
        _OURS: Command(words, runs),
        _FLOOR: Command([sys.executable, "-c", WRITE, str(source), raw], runs),
    }
    others, missing = commands(source, folder, runs) if peers else ({}, {})
    measured = side_by_side(ours | others, folder)
    truth = truth_of(source)
    places = {packer.name: out_folder(folder, number) for number, packer in enumerate(PACKERS)}
    results = {name: _result(measured[name], places[name], truth) for name in others} | missing
    found = {name: results[name] for name in (*places, *dict(ABSENT)) if name in results}
    own = _Result(needed(measured[_OURS]), judged(out, truth))
    yield from _rows(own, needed(measured[_FLOOR]), found, truth)


def _result(measured: Measured | str, made: Path, truth: Truth) -> _Result | str:
    if isinstance(measured, str):
        return measured
    try:
        return _Result(measured, judged(made, truth))
    except (ValueError, KeyError, OSError) as error:
        return f"its sheet cannot be read: {error}"


def _rows(own: _Result, floor: Measured, found: Mapping[str, _Result | str], truth: Truth) -> Iterator[Row]:
    count = len(truth.frames)
    subject = f"{count:,} frames"
    reading = "reading the same files with Pillow and compressing their pixels once"
    floors = {
        "cold process": (floor, reading),
        "peak memory": (Measured((floor.peak,)), reading),
        "PNG": (
            Measured((_packed(truth) / 1000,)),
            "the different pictures without gaps, a byte a pixel, zlib 9",
        ),
    }
    kept = _Figure("kept", "pictures", lambda one: one.judged.stored, 5, {count: len(truth.pictures)})
    for figure in (*_FIGURES, kept):
        least, what = floors.get(figure.name, (None, ""))
        yield Row(
            figure.name,
            own.measured if figure.name == "cold process" else Measured((figure.of(own),)),
            figure.bars.get(count),
            least,
            what,
            peers=tuple(_peer(name, one, figure, count) for name, one in found.items()),
            unit=figure.unit,
            more_is_better=figure.more_is_better,
            point=figure.point,
            subject=subject,
        )


def _peer(name: str, one: _Result | str, figure: _Figure, count: int) -> Peer:
    if isinstance(one, str):
        return Peer(name, None, one)
    # Who cuts frames has less of everything to do, and a strip is filled easily.
    return Peer(name, figure.of(one), fair=one.judged.exact == count and one.judged.aspect <= MOST_ASPECT)


def _packed(truth: Truth) -> int:
    """Bytes of the different pictures when nothing lies between them, one number for each pixel's colour."""
    pixels = np.concatenate([np.asarray(picture).view(np.uint32).ravel() for picture in truth.pictures])
    _, numbers = np.unique(pixels, return_inverse=True)
    return len(zlib.compress(numbers.astype(np.uint8).tobytes(), 9))


def _warm(folder: Path, source: Path, runs: int) -> Row:
    count = len(list(source.iterdir()))
    measured = inside(AGAIN, [str(source), str(folder / "warm")], folder, runs)
    alone = inside(f"def work():\n{textwrap.indent(WRITE, '    ')}", [str(source), str(folder / "raw")], folder, runs)
    what = "the same as of the cold process, inside one that runs already"
    return Row("warm", measured, WARM.get(count), alone, what, point=2, subject=f"{count:,} frames")
