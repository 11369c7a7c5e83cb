"""plan, build, export, check, status."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.options import common
from bridge.cli.run import counted, strongest
from bridge.cli.show import emit, on_terminal, reporter, say, show_costs, show_plan, show_results
from bridge.errors import EXIT_CHANGES, BridgeError, UserError, WorkFailed
from bridge.plan import quick
from bridge.planning import known_ids, last_entry, planned, remember, spent

if TYPE_CHECKING:
    from bridge.jobs.budget import Approval
    from bridge.plan.model import Plan
    from bridge.plan.planner import Planner
    from bridge.project import Project
    from bridge.report import Result


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
            from bridge.jobs.prices import priced

            made = dataclasses.replace(made, providers=priced(project, made))
        remember(project, planner, made)
    if as_json:
        emit(made.as_dict())
    else:
        show_plan(made, verbose=verbose)
    return strongest([_exit_code(made), EXIT_CHANGES if made.changes and detailed_exitcode else 0])


def _run(
    project: Project,
    ids: tuple[str, ...],
    *,
    as_json: bool,
    verbose: bool,
    force: bool,
    only_export: bool,
    yes: bool = False,
    caps: Mapping[str, Decimal] | None = None,
) -> int:
    from bridge.build import Builder

    planner, made = planned(project)
    wanted = known_ids(planner, ids)
    approval = None
    if not only_export and made.costs():
        approval = _approval(project, planner, made, wanted, as_json=as_json, yes=yes, caps=caps or {})
    quick.forget(project.state)
    progress = reporter(as_json=as_json, verbose=verbose)
    before = last_entry(project)
    try:
        builder = Builder(project, planner, made, progress, force=force, approval=approval)
        results = builder.build(wanted, only_export=only_export)
    finally:
        progress.close()
    after = planner.plan()
    remember(project, planner, after)
    errors = [error for error in made.errors if wanted is None]
    return _report(results, errors, spent(project, before), as_json=as_json)

    from bridge.cli.art import art_code, art_findings, show_art

def _approval(
    project: Project,
    planner: Planner,
    made: Plan,
    wanted: list[str] | None,
    *,
    as_json: bool,
    yes: bool,
    caps: Mapping[str, Decimal],
) -> Approval:
    """What this build may spend: the budget, and with --yes or a person's answer what the plan shows."""
    from bridge.jobs.budget import Approval, budgets
    from bridge.jobs.prices import priced

    needed = planner.with_upstream(wanted) if wanted is not None else set(planner.specs)
    mine = dataclasses.replace(made, assets=tuple(asset for asset in made.assets if asset.id in needed))
    costs = priced(project, mine, ask=not yes)
    asking = [cost for cost in costs if cost.verdict != "budget"]
    if asking and not yes and on_terminal() and not as_json and sys.stdin.isatty():
        show_costs(costs)
        yes = click.confirm("Spend this?", default=False)
    shown = {(asset.id, step.key): step.price for asset in mine.assets for step in asset.steps if step.costs and yes}
    return Approval(budgets(project.config.budget), shown, caps)


def _report(results: list[Result], errors: list[BridgeError], spent: list[dict[str, Any]], *, as_json: bool) -> int:
    from bridge.cli.run import tell

    codes = [result.error.exit_code for result in results if result.error is not None]
    codes += [error.exit_code for error in errors]
    if as_json:
        document: dict[str, Any] = {"assets": [result.as_dict() for result in results], "spent": spent}
    if art:
        show_art(pixels)
        document["errors"] = [error.as_dict() for error in errors]
        emit(document)
    else:
        for error in errors:
            tell(error, as_json=False)
        show_results(results)
        for row in spent:
            say(f"spent {row['amount']} {row['unit']} at {row['provider']}")
    return strongest(codes)


@click.command()
@click.argument("ids", nargs=-1)
@common
@click.option("--yes", is_flag=True, help="Approve what the plan shows.")
@click.option("--max-cost", multiple=True, metavar="UNIT=N", help="Spend at most this much of a unit.")
@click.option("--force", is_flag=True, help="Overwrite outputs that were edited by hand, and files in the way.")
def build(
    ids: tuple[str, ...],
    project_dir: Path | None,
    as_json: bool,
    verbose: bool,
    yes: bool,
    max_cost: tuple[str, ...],
    force: bool,
) -> int:
    """Draw or buy what is missing and write the engines' files. Without IDS: everything."""
    return run_build(project_dir, ids, as_json=as_json, verbose=verbose, yes=yes, max_cost=max_cost, force=force)


def run_build(
    project_dir: Path | None,
    ids: tuple[str, ...],
    *,
    as_json: bool,
    verbose: bool,
    yes: bool = False,
    max_cost: tuple[str, ...] = (),
    force: bool = False,
) -> int:
    """Builds; see the options of `build`. Returns the exit code."""
    from bridge.project import Project

    caps = dict(_cap(limit) for limit in max_cost)
    with Project.open(project_dir) as project, project.owned():
        return _run(project, ids, as_json=as_json, verbose=verbose, force=force, only_export=False, yes=yes, caps=caps)


def _cap(text: str) -> tuple[str, Decimal]:
    unit, sign, amount = text.partition("=")
    if not (unit and sign and amount.replace(".", "", 1).isdigit()):
        raise UserError("usage", f"--max-cost {text} is not UNIT=N", hint="For example --max-cost generations=20")
    return unit, Decimal(amount)


@click.command()
@click.argument("ids", nargs=-1)
@common
@click.option("--force", is_flag=True, help="Overwrite outputs that were edited by hand, and files in the way.")
def export(ids: tuple[str, ...], project_dir: Path | None, as_json: bool, verbose: bool, force: bool) -> int:
    """Write the engines' files from stored results. Draws and buys nothing."""
    from bridge.project import Project

    with Project.open(project_dir) as project, project.owned():
        return _run(project, ids, as_json=as_json, verbose=verbose, force=force, only_export=True)


@click.command()
@common
@click.option("--art", is_flag=True, help="Look at the pixels too; limits are set in [lint].")
def check(project_dir: Path | None, as_json: bool, verbose: bool, art: bool) -> int:
    """For CI: specs are valid, lock and outputs are current and unedited. Reads only, no network."""
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
    from bridge.cli.run import tell

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
    return code


@click.command()
@common
def status(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Where every asset stands, from what is remembered; `plan` looks closer."""
    from bridge.cli.status import status as answer

    del verbose
    words = [*(["--project", str(project_dir)] if project_dir else []), *(["--json"] if as_json else [])]
    return answer(words) or 0
