"""`assetbridge inspect`: what processing does to the pixels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.errors import pluralize
from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.core.paths import INSPECT_FOLDER

if TYPE_CHECKING:
    from bridge.operations.inspect_asset import Inspection
    from bridge.preview.process_report import ClipDrift

MOST_CLIPS = 12
"""Lines about clips that `inspect` prints; `--json` has all."""


@click.command("inspect")
@click.argument("asset")
@common_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Where the pictures go. Default: {INSPECT_FOLDER}/ASSET.",
)
def inspect_command(asset: str, project_dir: Path | None, as_json: bool, verbose: bool, output: Path | None) -> int:
    """Show what each step of [process] does to ASSET: a before-and-after picture for each. Changes nothing."""
    from bridge.operations.inspect_asset import inspect_asset
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        inspection = inspect_asset(project, asset, output)
    if as_json:
        print_json(inspection.as_dict())
    else:
        _show_inspection(inspection)
    return 0


def _show_inspection(inspection: Inspection) -> None:
    for row in inspection.steps:
        (width, height), (new_width, new_height) = row["size"]
        size = f"{width}×{height}" + (f" → {new_width}×{new_height}" if row["size"][0] != row["size"][1] else "")
        colors = " → ".join(dict.fromkeys(str(count) for count in row["colours"]))
        changed = f"{row['frames_changed']} of {pluralize(row['frames'], 'frame')} changed"
        print_line(f"{row['step']:<8} {changed}, {size}, {colors} colours  {row['picture']}")
    if not inspection.steps:
        print_line(f"{inspection.id}: [process] does nothing to it")
    _show_drift(inspection.drift)
    for doubt in inspection.undecided:
        print_line(f"{doubt.step}: {doubt.message}")
        print_line(f"  {doubt.fix}")


def _show_drift(clips: Sequence[ClipDrift]) -> None:
    """Prints where clips stand from frame to frame, those that wander most first."""
    ordered = sorted(clips, key=lambda clip: clip.wander, reverse=True)
    for clip in ordered[:MOST_CLIPS]:
        feet, center = (_format_range(positions) for positions in (clip.after.feet, clip.after.centre))
        print_line(f"drift    {clip.clip}: feet line {feet}, centre {center}")
    if len(ordered) > MOST_CLIPS:
        more = len(ordered) - MOST_CLIPS
        print_line(f"drift    {more} more {'clip wanders' if more == 1 else 'clips wander'} less")


def _format_range(positions: Sequence[int | None]) -> str:
    from bridge.processing.stabilize import spread_of

    ends = spread_of(positions)
    return "nowhere" if ends is None else "–".join(dict.fromkeys(str(end) for end in ends))
