"""`assetbridge export`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options
from bridge.cli.run_build import BuildChoices, run_here


@click.command("export")
@click.argument("ids", nargs=-1)
@common_options
@click.option("--force", is_flag=True, help="Overwrite outputs that were edited by hand, and files in the way.")
def export_command(ids: tuple[str, ...], project_dir: Path | None, as_json: bool, verbose: bool, force: bool) -> int:
    """Write the engines' files from stored results. Draws and buys nothing."""
    return run_here(project_dir, BuildChoices(ids, as_json, verbose=verbose, force=force, only_export=True))
