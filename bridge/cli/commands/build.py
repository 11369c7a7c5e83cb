"""plan, build, export, check, status."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.errors import counted, strongest
from bridge.cli.options import beside, common
from bridge.cli.render import emit, say, show_plan
from bridge.cli.run_build import Choices, caps_of, run_build, run_here
from bridge.core.errors import EXIT_CHANGES, WorkFailed
from bridge.operations.plan import planned, remember

if TYPE_CHECKING:
    from bridge.plan.model import Plan


def _exit_code(plan: Plan) -> int:
    codes = [error.exit_code for error in plan.errors]
    codes += [asset.error.exit_code for asset in plan.assets if asset.error is not None]
    return strongest(codes)


@click.command()
@common
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 5 when there are changes.")
def plan(project_dir: Path | None, as_json: bool, verbose: bool, detailed_exitcode: bool) -> int:
    """Show what a build would do and cost. Changes nothing."""
    from bridge.project import Project

    with Project.open(project_dir) as project:
        planner, made = planned(project)
        if made.costs():
            from bridge.plan.pricing import price_plan

            made = dataclasses.replace(made, providers=price_plan(project, made))
        remember(project, planner, made)
    if as_json:
        emit(made.as_dict())
    else:
        show_plan(made, verbose=verbose)
    return strongest([_exit_code(made), EXIT_CHANGES if made.changes and detailed_exitcode else 0])


@click.command()
@click.argument("ids", nargs=-1)
@common
@click.option("--yes", is_flag=True, help="Approve what the plan shows.")
@click.option("--max-cost", multiple=True, metavar="UNIT=N", help="Spend at most this much of a unit.")
@click.option("--force", is_flag=True, help="Overwrite outputs that were edited by hand, and files in the way.")
@click.option("--events", "as_events", is_flag=True, help="One JSON object a line as things happen, at last `done`.")
@beside
def build(
    ids: tuple[str, ...],
    project_dir: Path | None,
    as_json: bool,
    verbose: bool,
    yes: bool,
    max_cost: tuple[str, ...],
    force: bool,
    as_events: bool,
    no_daemon: bool,
) -> int:
    """Draw or buy what is missing and write the engines' files. Without IDS: everything."""
    choices = Choices(ids, as_json, as_events, verbose, force, yes=yes, caps=caps_of(max_cost))
    return run_build(project_dir, choices, no_daemon=no_daemon)


@click.command()
@click.argument("ids", nargs=-1)
@common
@click.option("--force", is_flag=True, help="Overwrite outputs that were edited by hand, and files in the way.")
def export(ids: tuple[str, ...], project_dir: Path | None, as_json: bool, verbose: bool, force: bool) -> int:
    """Write the engines' files from stored results. Draws and buys nothing."""
    return run_here(project_dir, Choices(ids, as_json, verbose=verbose, force=force, only_export=True))


@click.command()
@common
@click.option("--art", is_flag=True, help="Look at the pixels too; limits are set in [lint].")
def check(project_dir: Path | None, as_json: bool, verbose: bool, art: bool) -> int:
    """For CI: specs are valid, lock and outputs are current and unedited. Reads only, no network."""
    from bridge.cli.commands.inspect import art_code, art_findings, show_art
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        planner, made = planned(project)
        pixels = art_findings(project, planner) if art else []
    findings = [
        {
            "id": asset.id,
            "state": "drifted" if asset.action == "none" else str(asset.action),
            "reasons": list(asset.reasons),
        }
        for asset in made.assets
        if asset.action not in ("none", "error") or asset.drifted
    ]
    code = strongest([_exit_code(made), WorkFailed.exit_code if findings else 0, art_code(pixels)])
    errors = [*made.errors, *(asset.error for asset in made.assets if asset.error is not None)]
    if as_json:
        document = {"ok": code == 0, "findings": findings, "errors": [error.as_dict() for error in errors]}
        emit(document | ({"art": [checked.as_dict() for checked in pixels]} if art else {}))
        return code
    from bridge.cli.errors import tell

    for error in errors:
        tell(error, as_json=False)
    for finding in findings:
        say(f"{finding['id']}: {finding['state']} ({', '.join(finding['reasons'])})")
    if errors:
        say(f"{counted(len(errors), 'error')} in the specs")
    elif findings:
        say("not current: run assetbridge build and commit what it writes")
    else:
        say("all current")
    if art:
        show_art(pixels)
    return code


@click.command()
@common
def status(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Where every asset stands, from what is remembered; `plan` looks closer."""
    from bridge.cli.fast.status import status as answer

    del verbose
    words = [*(["--project", str(project_dir)] if project_dir else []), *(["--json"] if as_json else [])]
    return answer(words) or 0
