"""`assetbridge pick`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from bridge.cli.edit_spec import edit_spec
from bridge.cli.options import common_options, no_daemon_option
from bridge.cli.output import print_json, print_line
from bridge.operations.edit_spec import pick


@click.command("pick")
@click.argument("asset")
@click.argument("number", type=click.IntRange(min=1))
@common_options
@no_daemon_option
def pick_command(
    asset: str, number: int, project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool
) -> int:
    """Choose variant NUMBER of ASSET (or of an item: art/icons#potion). Buys nothing that is stored."""
    del verbose
    edit = partial(pick, number=number)
    edited = edit_spec(project_dir, asset, "pick", {"variant": number}, edit, no_daemon=no_daemon)
    if as_json:
        print_json(edited)
    else:
        print_line(f"{asset}: variant {number}; next: assetbridge build {edited['id']}")
    return 0
