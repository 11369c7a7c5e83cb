"""`assetbridge skeleton`: an estimated skeleton as a file of the project."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.cli.run_build import BuildChoices, ask_consent, open_progress, parse_caps

if TYPE_CHECKING:
    from bridge.plan.model import Plan
    from bridge.project import Project


@click.command("skeleton")
@click.argument("asset")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@common_options
@click.option("--yes", is_flag=True, help="Approve what the estimate costs, where it is not made yet.")
@click.option("--max-cost", multiple=True, metavar="UNIT=N", help="Spend at most this much, and of no other unit.")
def skeleton_command(
    asset: str,
    file: Path,
    project_dir: Path | None,
    as_json: bool,
    verbose: bool,
    yes: bool,
    max_cost: tuple[str, ...],
) -> int:
    """Write the estimated skeleton of ASSET to FILE, a new file of the project, to be edited.

    It is estimated now where that is not done yet; the clip itself is not ordered.
    """
    from bridge.cli.trust_question import ask_about_plan, ask_at_start
    from bridge.operations.build_project import BuildOptions
    from bridge.operations.write_skeleton import write_skeleton
    from bridge.project import Project

    choices = BuildChoices((asset,), as_json, verbose=verbose, yes=yes, caps=parse_caps(max_cost))

    def consent(project: Project, part: Plan) -> bool:
        ask_about_plan(project.config, part, for_programs=choices.for_programs)
        return choices.yes or ask_consent(project, part, choices)

    ask_at_start(project_dir, for_programs=as_json)
    with Project.open(project_dir) as project:
        options = BuildOptions(choices.ids, caps=choices.caps)
        written = write_skeleton(project, options, file, consent, partial(open_progress, choices))
    if as_json:
        print_json(written.as_dict())
        return 0
    print_line(f"{written.path}: {written.joints} joints of {asset}")
    print_line(f'next: move them there, and add to [skeleton]: estimate = "{written.path}"')
    for row in written.spent:
        print_line(f"spent {row['amount']} {row['unit']} at {row['provider']}")
    return 0
