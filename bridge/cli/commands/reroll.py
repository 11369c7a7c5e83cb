"""`assetbridge reroll`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.edit_spec import edit_spec
from bridge.cli.options import common_options, no_daemon_option
from bridge.cli.output import print_json, print_line
from bridge.operations.edit_spec import reroll


@click.command("reroll")
@click.argument("asset")
@common_options
@no_daemon_option
def reroll_command(asset: str, project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool) -> int:
    """Ask for another take of ASSET, or of one clip or item: art/hero#walk. Writes `take` into the spec."""
    del verbose
    edited = edit_spec(project_dir, asset, "reroll", {}, reroll, no_daemon=no_daemon)
    if as_json:
        print_json(edited)
    else:
        print_line(f"{asset}: take {edited['take']}; next: assetbridge build {edited['id']}")
    return 0
