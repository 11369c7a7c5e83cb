"""`assetbridge approve`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options, no_daemon_option
from bridge.cli.run_build import BuildChoices, parse_caps, run_build


@click.command("approve")
@click.argument("ids", nargs=-1)
@common_options
@click.option("--max-cost", multiple=True, metavar="UNIT=N", help="Spend at most this much, and of no other unit.")
@no_daemon_option
def approve_command(
    ids: tuple[str, ...],
    project_dir: Path | None,
    as_json: bool,
    verbose: bool,
    max_cost: tuple[str, ...],
    no_daemon: bool,
) -> int:
    """Approve what the plan of IDS costs, and build them: the same as build --yes."""
    choices = BuildChoices(ids, as_json, verbose=verbose, yes=True, caps=parse_caps(max_cost))
    return run_build(project_dir, choices, no_daemon=no_daemon)
