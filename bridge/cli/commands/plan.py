"""`assetbridge plan`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.errors import worst_exit_code
from bridge.cli.options import common_options
from bridge.cli.output import print_json
from bridge.cli.render import show_plan
from bridge.core.errors import EXIT_CHANGES, EXIT_DONE


@click.command("plan")
@common_options
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 5 when there are changes.")
def plan_command(project_dir: Path | None, as_json: bool, verbose: bool, detailed_exitcode: bool) -> int:
    """Show what a build would do and cost. Changes nothing."""
    from bridge.cli.trust_question import ask_about_plan, ask_at_start
    from bridge.operations.plan import add_prices, make_plan, plan_errors, remember_plan
    from bridge.project import Project

    ask_at_start(project_dir, for_programs=as_json)
    with Project.open(project_dir) as project:
        planner, plan = make_plan(project)
        ask_about_plan(project.config, plan, for_programs=as_json)
        plan = add_prices(project, plan)
        remember_plan(project, planner, plan)
    if as_json:
        print_json(plan.as_dict())
    else:
        show_plan(plan, verbose=verbose)
    codes = [error.exit_code for error in plan_errors(plan)]
    return worst_exit_code([*codes, EXIT_CHANGES if plan.changes and detailed_exitcode else EXIT_DONE])
