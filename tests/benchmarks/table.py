"""Rows as text: the table, what the peers gave, and which of the twelve bars hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from tests.benchmarks.measure import Row

# What each bar is about, and where it is shown when no benchmark measures it.
POINTS = {
    1: "1,024 frames to sheet and JSON, a cold process",
    2: "the same in a process that runs already",
    3: "how full a sheet is, and its sides",
    4: "size of the PNG",
    5: "every frame rebuilt exactly, duplicates kept once",
    6: "peak memory",
    7: "a plan over 10,000 specs with nothing to do",
    8: "save → files, 256 frames",
    9: "start-up",
    10: "the grid of fake pixels",
    11: "a daemon while nothing happens",
    12: "terrains opened by the real Godot and Tiled",
}
ELSEWHERE = {12: "shown by tests/engines (make test-full), which opens the files in both programs"}
_HEADS = ("what", "median (min–max)", "cpu ms", "MiB", "bar", "floor", "× floor", "best peer", "× peer")


def table(rows: Sequence[Row]) -> str:
    """A line for each row, with its ratio to the floor and to the best peer, and what the floors are."""
    lines = [_HEADS, *(_line(row) for row in rows)]
    floors = {f"{row.name}: floor = {row.floor_is}": None for row in rows if row.floor_is}
    notes = [f"{_title(row)}: {row.note}" for row in rows if row.note]
    return "\n".join([*_aligned(lines), "", *floors, *notes])


def _line(row: Row) -> tuple[str, ...]:
    floor, best = row.floor, row.best
    low, high = min(row.measured.runs), max(row.measured.runs)
    spread = f" ({_number(low)}–{_number(high)})" if len(row.measured.runs) > 1 else ""
    return (
        _title(row),
        f"{_number(row.value)}{spread} {row.unit}",
        _number(row.measured.cpu) if row.measured.cpu else "",
        _number(row.measured.peak) if row.measured.peak else "",
        _bar(row),
        "" if floor is None else _number(floor.median),
        "" if floor is None else _ratio(row.value, floor.median),
        "" if best is None else f"{_number(best.value)} {best.name}",
        "" if best is None else _ratio(row.value, best.value),
    )


def peers_text(rows: Sequence[Row]) -> str:
    """For each subject with peers: ours and theirs, a line each; then those that gave nothing, and why."""
    parts = []
    for (subject, names), same in groupby((row for row in rows if row.peers), _group):
        columns = list(same)
        lines = [
            (subject, *(f"{row.name if row.subject else ''} {row.unit}".strip() for row in columns)),
            ("assetbridge", *(_number(row.value) for row in columns)),
        ]
        absent: dict[str, str] = {}
        for place, name in enumerate(names):
            cells = [row.peers[place] for row in columns]
            if any(cell.value is not None for cell in cells):
                lines.append((name, *(_number(cell.value) + "*" * (not cell.fair) for cell in cells)))
            for cell in cells:
                absent |= {name: cell.why} if cell.why else {}
        parts.append("\n".join([*_aligned(lines), *(f"{name}: {why}" for name, why in absent.items())]))
    return "\n\n".join(parts)


def _group(row: Row) -> tuple[str, tuple[str, ...]]:
    return row.subject or row.name, tuple(peer.name for peer in row.peers)


def bars_text(rows: Sequence[Row]) -> str:
    """Each of the twelve bars with the figures that were measured for it, and how many hold."""
    lines: list[tuple[str, ...]] = []
    holding: list[int] = []
    missed: list[int] = []
    absent: list[int] = []
    for point, what in POINTS.items():
        figures = [row for row in rows if row.point == point and row.bar is not None]
        if not figures:
            if point in ELSEWHERE:
                lines.append((f"{point:2}", what, "", ELSEWHERE[point]))
            else:
                absent.append(point)
            continue
        (holding if all(row.holds for row in figures) else missed).append(point)
        for number, row in enumerate(figures):
            heads = (f"{point:2}", what) if number == 0 else ("", "")
            lines.append((*heads, "holds" if row.holds else "MISSED", _figure(row)))
    summary = f"{len(holding)} of the {len(holding) + len(missed)} bars measured here hold"
    summary += f"; missed: {_listed(missed)}" if missed else ""
    summary += f"; not measured: {_listed(absent)}" if absent else ""
    return "\n".join([*_aligned(lines), "", summary])


def _figure(row: Row) -> str:
    sign = "≥" if row.more_is_better else "≤"
    # On a busy machine the processor time tells more than the time on the wall.
    cpu = f", {_number(row.measured.cpu)} ms of processor time" if row.measured.cpu and not row.holds else ""
    return f"{_title(row)}: {_number(row.value)} {row.unit} (bar {sign} {_number(row.bar)}){cpu}"


def _title(row: Row) -> str:
    return f"{row.subject}: {row.name}" if row.subject else row.name


def _bar(row: Row) -> str:
    if row.bar is None:
        return ""
    return f"{'≥' if row.more_is_better else '≤'} {_number(row.bar)} {'ok' if row.holds else 'MISSED'}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _ratio(value: float, other: float | None) -> str:
    return f"{value / other:.2f}" if other else ""


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _aligned(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
