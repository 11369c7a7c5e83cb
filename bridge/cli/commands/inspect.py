"""`inspect` and `check --art`: what processing does to the pixels, and what a player would notice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.errors import counted, lines_of, strongest
from bridge.cli.options import common
from bridge.cli.render import emit, say
from bridge.core.errors import UserError, WorkFailed
from bridge.operations.plan import planned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.lint.model import Finding
    from bridge.operations.check_art import Checked
    from bridge.plan.asset_state import AssetState
    from bridge.plan.planner import Planner
    from bridge.preview.process_report import Standing
    from bridge.project import Project


@click.command()
@click.argument("asset")
@common
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the pictures go. Default: .assetbridge/inspect/ASSET.",
)
def inspect(asset: str, project_dir: Path | None, as_json: bool, verbose: bool, output: Path | None) -> int:
    """Show what each step of [process] does to ASSET: a before-and-after picture for each. Changes nothing."""
    from bridge.build.asset_loader import AssetLoader
    from bridge.core import atomic_files as disk
    from bridge.media.images import encode_png
    from bridge.operations.plan import known_ids
    from bridge.preview.process_report import inspect as inspected
    from bridge.preview.process_report import standings
    from bridge.processing.undecided import doubts
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        planner, _ = planned(project)
        known_ids(planner, [asset])
        work = _made(planner, asset)
        own = project.root / ".assetbridge" / "inspect" / asset
        folder = output if output is not None else own
        art = AssetLoader(project, planner.evaluation)
        assembled = art.load_assembled(work).asset
        stages = inspected(assembled, work.process)
        stand = standings(assembled, art.load_processed(work))
        unclear = doubts(assembled, work.process)
        for old in own.glob("*.png") if folder == own else ():
            old.unlink()
        rows = []
        for number, stage in enumerate(stages, 1):
            path = folder / f"{number}-{stage.step}.png"
            disk.write(path, encode_png(stage.sheet))
            shown = path.relative_to(project.root) if path.is_relative_to(project.root) else path
            rows.append({**stage.as_dict(), "picture": shown.as_posix()})
    if as_json:
        drift, unsure = ([one.as_dict() for one in some] for some in (stand, unclear))
        emit({"id": asset, "steps": rows, "drift": drift, "doubts": unsure})
        return 0
    for row in rows:
        (width, height), (new_width, new_height) = row["size"]
        size = f"{width}×{height}" + (f" → {new_width}×{new_height}" if row["size"][0] != row["size"][1] else "")
        colours = " → ".join(dict.fromkeys(str(count) for count in row["colours"]))
        changed = f"{row['frames_changed']} of {counted(row['frames'], 'frame')} changed"
        say(f"{row['step']:<8} {changed}, {size}, {colours} colours  {row['picture']}")
    if not rows:
        say(f"{asset}: [process] does nothing to it")
    _show_drift(stand)
    for doubt in unclear:
        say(f"{doubt.step}: {doubt.message}\n  {doubt.fix}")
    return 0


def _made(planner: Planner, asset: str) -> AssetState:
    """The asset, whose results are at hand.

    Raises:
        BridgeError: what is wrong with its spec; `not_built`.
    """
    work = planner.evaluation.states.get(asset)
    if work is not None and not work.missing:
        return work
    file = f"{asset}.asset.toml"
    wrong = [
        planner.evaluation.failures.get(asset),
        *(one for one in planner.evaluation.errors if one.where and one.where.file == file),
    ]
    for error in filter(None, wrong):
        raise error
    raise UserError("not_built", f"{asset} is not made yet", hint=f"Make it first: assetbridge build {asset}")


MOST_CLIPS = 12
"""Lines about clips that `inspect` prints; `--json` has all."""


def _show_drift(stand: Sequence[Standing]) -> None:
    """Prints where clips stand from frame to frame, those that wander most first."""
    ordered = sorted(stand, key=lambda one: one.wander, reverse=True)
    for one in ordered[:MOST_CLIPS]:
        feet, centre = (_range(places) for places in (one.after.feet, one.after.centre))
        say(f"drift    {one.clip}: feet line {feet}, centre {centre}")
    if len(ordered) > MOST_CLIPS:
        more = len(ordered) - MOST_CLIPS
        say(f"drift    {more} more {'clip wanders' if more == 1 else 'clips wander'} less")


def _range(places: Sequence[int | None]) -> str:
    from bridge.processing.stabilize import spread

    found = spread(places)
    return "nowhere" if found is None else "–".join(dict.fromkeys(str(place) for place in found))


def art_findings(project: Project, planner: Planner) -> list[Checked]:
    """What the art lint finds, and which terrains of tilesets may meet; without assets that have nothing to tell."""
    from bridge.operations.check_art import check_art

    return [one for one in check_art(project, planner) if one.findings or one.error or one.coverage]


def show_art(findings: list[Checked]) -> None:
    """Prints findings as `file: part, frame, box: what is wrong`, each with the way out."""
    for checked in findings:
        if checked.error is not None:
            say("\n".join(lines_of(checked.error)))
        for finding in checked.findings:
            say(f"{checked.file}: {_place(finding)}{finding.message} [{finding.rule}]")
            say(f"  {finding.fix}")
        if checked.picture:
            say(f"  see {checked.picture}")
        whole = [name for name, missing in checked.coverage if not missing]
        if whole:
            say(f"{checked.file}: all corner tiles of {', '.join(whole)}")
    count = sum(len(checked.findings) for checked in findings)
    say(f"art: {counted(count, 'finding')}" if count else "art: nothing found")


def _place(finding: Finding) -> str:
    words = [finding.part] if finding.part else []
    if finding.frame is not None:
        more = f" and {len(finding.others)} more" if finding.others else ""
        words.append(f"frame {finding.frame}{more}")
    if finding.box is not None:
        left, top, width, height = finding.box
        words.append(f"{width}×{height} at {left},{top}")
    return ", ".join(words) + ": " if words else ""


def art_code(findings: list[Checked]) -> int:
    """The exit code: 1 with findings, else that of the worst error."""
    codes = [checked.error.exit_code for checked in findings if checked.error is not None]
    return strongest([*codes, WorkFailed.exit_code if any(checked.findings for checked in findings) else 0])
