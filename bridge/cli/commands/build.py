"""plan, build, export, check, status."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.errors import pluralize, worst_exit_code
from bridge.cli.options import common_options, no_daemon_option
from bridge.cli.render import print_json, print_line, show_plan
from bridge.cli.run_build import BuildChoices, parse_caps, run_build, run_here
from bridge.core.errors import EXIT_CHANGES, WorkFailed
from bridge.operations.plan import make_plan, remember_plan

if TYPE_CHECKING:
    from bridge.plan.model import Plan


def _exit_code(plan: Plan) -> int:
    codes = [error.exit_code for error in plan.errors]
    codes += [asset.error.exit_code for asset in plan.assets if asset.error is not None]
    return worst_exit_code(codes)


@click.command()
@common_options
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 5 when there are changes.")
def plan(project_dir: Path | None, as_json: bool, verbose: bool, detailed_exitcode: bool) -> int:
    """Show what a build would do and cost. Changes nothing."""
    from bridge.project import Project

    with Project.open(project_dir) as project:
        planner, made = make_plan(project)
        if made.costs():
            from bridge.plan.pricing import priced

            made = dataclasses.replace(made, providers=priced(project, made))
        remember_plan(project, planner, made)
    if as_json:
        print_json(made.as_dict())
    else:
        show_plan(made, verbose=verbose)
    return worst_exit_code([_exit_code(made), EXIT_CHANGES if made.changes and detailed_exitcode else 0])


@click.command()
@click.argument("ids", nargs=-1)
@common_options
@click.option("--yes", is_flag=True, help="Approve what the plan shows.")
@click.option("--max-cost", multiple=True, metavar="UNIT=N", help="Spend at most this much of a unit.")
@click.option("--force", is_flag=True, help="Overwrite outputs that were edited by hand, and files in the way.")
@click.option("--events", "as_events", is_flag=True, help="One JSON object a line as things happen, at last `done`.")
@no_daemon_option
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
    choices = BuildChoices(ids, as_json, as_events, verbose, force, yes=yes, caps=parse_caps(max_cost))
    return run_build(project_dir, choices, no_daemon=no_daemon)


@click.command()
@click.argument("ids", nargs=-1)
@common_options
@click.option("--force", is_flag=True, help="Overwrite outputs that were edited by hand, and files in the way.")
def export(ids: tuple[str, ...], project_dir: Path | None, as_json: bool, verbose: bool, force: bool) -> int:
    """Write the engines' files from stored results. Draws and buys nothing."""
    return run_here(project_dir, BuildChoices(ids, as_json, verbose=verbose, force=force, only_export=True))


@click.command()
@common_options
@click.option("--art", is_flag=True, help="Look at the pixels too; limits are set in [lint].")
def check(project_dir: Path | None, as_json: bool, verbose: bool, art: bool) -> int:
    """For CI: specs are valid, lock and outputs are current and unedited. Reads only, no network."""
    from bridge.cli.commands.inspect import art_code, art_findings, show_art
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        planner, made = make_plan(project)
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
    code = worst_exit_code([_exit_code(made), WorkFailed.exit_code if findings else 0, art_code(pixels)])
    errors = [*made.errors, *(asset.error for asset in made.assets if asset.error is not None)]
    if as_json:
        document = {"ok": code == 0, "findings": findings, "errors": [error.as_dict() for error in errors]}
        print_json(document | ({"art": [checked.as_dict() for checked in pixels]} if art else {}))
        return code
    from bridge.cli.errors import print_error

    for error in errors:
        print_error(error, as_json=False)
    for finding in findings:
        print_line(f"{finding['id']}: {finding['state']} ({', '.join(finding['reasons'])})")
    if errors:
        print_line(f"{pluralize(len(errors), 'error')} in the specs")
    elif findings:
        print_line("not current: run assetbridge build and commit what it writes")
    else:
        print_line("all current")
    if art:
        show_art(pixels)
    return code


@click.command()
@common_options
def status(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Where every asset stands, from what is remembered; `plan` looks closer."""
    from bridge.cli.fast.status import answer_status as answer

    del verbose
    words = [*(["--project", str(project_dir)] if project_dir else []), *(["--json"] if as_json else [])]
    return answer(words) or 0
