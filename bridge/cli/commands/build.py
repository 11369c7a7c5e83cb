"""`assetbridge build`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options, no_daemon_option
from bridge.cli.run_build import BuildChoices, parse_caps, run_build


@click.command("build")
@click.argument("ids", nargs=-1)
@common_options
@click.option("--yes", is_flag=True, help="Approve what the plan shows.")
@click.option("--max-cost", multiple=True, metavar="UNIT=N", help="Spend at most this much, and of no other unit.")
@click.option("--force", is_flag=True, help="Overwrite outputs that were edited by hand, and files in the way.")
@click.option("--events", "as_events", is_flag=True, help="One JSON object a line as things happen, at last `done`.")
@no_daemon_option
def build_command(
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
