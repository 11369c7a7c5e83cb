"""The table of docs/design/verified.md: what each reader made of each preset, as it was seen in this run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.engines.readers.cases import ExpectedClip

PAGE = Path(__file__).parents[3] / "docs/design/verified.md"
BEGIN, END = "<!-- table of readers: begin -->", "<!-- table of readers: end -->"
COLUMNS = (
    "packed",
    "trimmed",
    "grid",
    "strip",
    "extruded",
    "multi-page",
    "items",
    "two assets",
    "mirrored",
    "ping-pong",
    "times",
    "ends",
    "pivot",
)
YES, NO, NONE = "yes", "**no**", "–"
TITLES = {
    "phaser3": "Phaser 3.90.0",
    "phaser4": "Phaser 4.2.1",
    "pixi7": "PixiJS 7.4.2",
    "pixi8": "PixiJS 8.22.0",
    "excalibur": "Excalibur 0.31.0, aseprite plug-in 0.31.0",
    "kaplay": "KAPLAY 3001.0.19",
    "melonjs": "melonJS 20.7.0",
}


def judge_drawing(result: Mapping[str, Any]) -> str:
    """Whether every frame of every clip was there and drawn without a wrong pixel."""
    if "error" in result or any(clip is None for clip in result["clips"].values()):
        return NO
    return YES if not any(result["wrong"].values()) else NO


def judge_clips(result: Mapping[str, Any], expected: Mapping[str, ExpectedClip]) -> Iterator[tuple[str, str]]:
    """Column and verdict of what a reader tells of the clips of a character."""
    if "error" in result or any(clip is None for clip in result["clips"].values()):
        return
    clips, wrong = result["clips"], result["wrong"]
    counts = {name: clips[name]["count"] == len(clip.frames) for name, clip in expected.items()}
    yield "mirrored", YES if counts["walk_west"] and not wrong["walk_west"] else NO
    yield "ping-pong", YES if counts["wave_south"] and not wrong["wave_south"] else NO
    yield "times", _judge_all(clips, {name: list(clip.durations) for name, clip in expected.items()}, "durations")
    yield "ends", _judge_all(clips, {name: clip.loop for name, clip in expected.items()}, "loop")
    if result["pivot"]:
        yield "pivot", judge_drawing(result)


def _judge_all(clips: Mapping[str, Any], wanted: Mapping[str, Any], key: str) -> str:
    if any(clip[key] is None for clip in clips.values()):
        return NONE
    return YES if all(clips[name][key] == value for name, value in wanted.items()) else NO


def write_rows(cells: Mapping[tuple[str, str], Mapping[str, str]]) -> list[str]:
    """The table as lines; what was not run or has no form at a reader is a dash."""
    lines = [f"| preset | read by | {' | '.join(COLUMNS)} |", f"|{'---|' * (len(COLUMNS) + 2)}"]
    for (preset, reader), verdicts in cells.items():
        columns = " | ".join(verdicts.get(column, NONE) for column in COLUMNS)
        lines.append(f"| `{preset}` | {TITLES.get(reader, reader)} | {columns} |")
    return lines


def shown_rows() -> list[str]:
    """The table as it stands in the page."""
    text = PAGE.read_text(encoding="utf-8")
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip().splitlines()


def keep_rows(rows: Sequence[str]) -> None:
    """Puts the table into the page where `ASSETBRIDGE_WRITE_VERIFIED` is set."""
    if not os.environ.get("ASSETBRIDGE_WRITE_VERIFIED"):
        return
    text = PAGE.read_text(encoding="utf-8")
    head, tail = text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]
    PAGE.write_text("\n".join([head, *rows, tail]), encoding="utf-8")
