"""What processing makes of the damaged corpus with known truth: pixels right before and after each step, and time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from bridge.media.images import decode_still
from exporters.model.asset import Pixels
from exporters.model.png import encode_png
from tests.benchmarks.grid_peers import NOT_HERE, Size, grid_finders, without_grounds
from tests.benchmarks.measure import Measured, Peer, Row
from tests.unit.processing import corpus
from tests.unit.processing.corpus import CASES, Case, Clip

COUNT, LETTERED_COUNT, PEER_COUNT = 18, 40, 8
TUNED, HELD_OUT = 5000, 40_000
"""First seeds: of what the limits of the steps were set on, and of what was never looked at for that."""
SIZE_BAR, STATED_BAR, TIME_BAR = 95.0, 99.0, 150.0
_BARRED = ("C", "D", "E")
_MATTE_PEER = ("magenta", "white")


@dataclass(frozen=True, slots=True)
class Tried:
    """A case on one clip: shares of right pixels, whether their number is right, or was left as it is, milliseconds."""

    case: Case
    seed: int
    before: float
    after: float
    sized: bool
    refused: bool
    spent: float


def pixels(folder: Path, *, peers: bool = True) -> Iterator[Row]:
    """A row for each kind of damage; the bars of grids are measured on seeds that were never looked at."""
    for (step, group), same in groupby(CASES, lambda case: (case.step, case.group)):
        cases = list(same)
        lettered = group[:2] in {f"{letter} " for letter in "ABCDE"}
        count = LETTERED_COUNT if lettered else COUNT
        known, new = (_tried(cases, count, first) for first in (TUNED, HELD_OUT))
        yield from _rows(step, group, known, new, barred=lettered)
    if peers:
        yield from _grids_beside(folder)
        yield from _matte_beside(folder)


def _tried(cases: Sequence[Case], count: int, first: int) -> list[Tried]:
    found = []
    for case in cases:
        for number, (truth, bad) in enumerate(case.pairs(count, first)):
            began = time.process_time()
            made = case.mend(bad, truth)
            spent = (time.process_time() - began) * 1000
            sized = case.step == "matte" or corpus.counted_right(made, case.name)
            refused = all(one.shape == other.shape for one, other in zip(made, bad, strict=True))
            shares = case.before(bad, truth), case.after(made, truth)
            found.append(Tried(case, first + number, *shares, sized, refused and not sized, spent))
    return found


def _rows(step: str, group: str, known: Sequence[Tried], new: Sequence[Tried], *, barred: bool) -> Iterator[Row]:
    worst = min((*known, *new), key=lambda one: one.after)
    spent = statistics.median(one.spent for one in known)
    note = (
        f"{_percent(known, 'before')} % before → {_percent(known, 'after')} %; new seeds {_percent(new, 'after')} %; "
        f"worst {worst.after * 100:.1f} % ({worst.case.name}, seed {worst.seed})"
    )
    yield Row(f"{step}: {group}", Measured((100 * _mean(new, "after"),), cpu=spent), unit="% right", note=note)
    if step == "grid":
        bar = (STATED_BAR if "stated" in group else SIZE_BAR) if barred and group.startswith(_BARRED) else None
        yield Row(
            f"{step}: {group}, size",
            Measured((100 * _mean(new, "sized"),)),
            bar=bar,
            unit="% right",
            more_is_better=True,
            point=10 if bar else 0,
            note=f"{_sizes(known)}; new seeds: {_sizes(new)}",
        )
    if group.startswith("B "):
        times = Measured(tuple(one.spent for one in known))
        yield Row(f"{step}: {group}, 1 Mpx", times, bar=TIME_BAR, point=10, note="processor time of one picture")


def _sizes(tried: Sequence[Tried]) -> str:
    sized, refused = sum(one.sized for one in tried), sum(one.refused for one in tried)
    return f"{sized} of {len(tried)} right, {refused} refused, {len(tried) - sized - refused} wrong"


def _mean(tried: Sequence[Tried], what: str) -> float:
    return statistics.fmean(float(getattr(one, what)) for one in tried)


def _percent(tried: Sequence[Tried], what: str) -> str:
    return f"{100 * _mean(tried, what):.2f}"


def _grids_beside(folder: Path) -> Iterator[Row]:
    """The same pictures for all, without the size: no peer is told it."""
    source = folder / "grids"
    source.mkdir()
    cases = [case for case in CASES if case.step == "grid" and case.name in corpus.LETTERED]
    made = {case.name: _tried([case], PEER_COUNT, HELD_OUT) for case in cases}
    for case in cases:
        _written(source, case.name[0], [bad[0] for _, bad in case.pairs(PEER_COUNT, HELD_OUT)])
    found = list(grid_finders(source))
    for name, ours in made.items():
        theirs = [Peer(peer, *_counted(rows, name)) for peer, rows in found]
        share = Measured((100 * _mean(ours, "sized"),))
        yield Row(name, share, peers=tuple(theirs), unit="%", more_is_better=True, subject="grid: size right")
    for name, ours in made.items():
        theirs = [Peer(peer, *_spent(rows, name)) for peer, rows in found]
        times = Measured(tuple(one.spent for one in ours))
        yield Row(name, times, peers=tuple(theirs), subject="grid: processor time")


def _counted(rows: dict[str, Size] | str, case: str) -> tuple[float | None, str]:
    if isinstance(rows, str):
        return None, rows
    sizes = [size for file, size in rows.items() if file.startswith(case[0])]
    empty = [np.empty((size.height, size.width, 4), dtype=np.uint8) for size in sizes]
    return 100 * statistics.fmean(corpus.counted_right([one], case) for one in empty), ""


def _spent(rows: dict[str, Size] | str, case: str) -> tuple[float | None, str]:
    if isinstance(rows, str):
        return None, rows
    return statistics.median(size.spent for file, size in rows.items() if file.startswith(case[0])), ""


def _matte_beside(folder: Path) -> Iterator[Row]:
    for colour in _MATTE_PEER:
        for case in (case for case in CASES if case.step == "matte" and case.name.startswith(f"{colour},")):
            source, out = (folder / f"{case.name}-{part}" for part in ("in", "out"))
            source.mkdir()
            out.mkdir()
            pairs = list(case.pairs(COUNT, HELD_OUT))
            _written(source, "", [bad[0] for _, bad in pairs])
            peer, spent = without_grounds(source, out)
            value, why = (None, spent) if isinstance(spent, str) else (_shared(case, pairs, out), "")
            ours = _tried([case], COUNT, HELD_OUT)
            theirs = (Peer(peer, value, why), Peer(NOT_HERE.split(":")[0], None, NOT_HERE.split(": ")[1]))
            yield Row(
                case.name,
                Measured((100 * _mean(ours, "after"),)),
                peers=theirs,
                unit="%",
                more_is_better=True,
                subject="matte: pixels right",
            )


def _shared(case: Case, pairs: Sequence[tuple[Clip, Clip]], out: Path) -> float:
    made = [_read(path) for path in sorted(out.glob("*.png"))]
    return 100 * statistics.fmean(case.after([one], truth) for one, (truth, _) in zip(made, pairs, strict=True))


def _read(path: Path) -> Pixels:
    return decode_still(path.read_bytes(), path.name)


def _written(folder: Path, prefix: str, pictures: Sequence[Pixels]) -> None:
    for number, picture in enumerate(pictures):
        (folder / f"{prefix}{number:02d}.png").write_bytes(encode_png(picture))
