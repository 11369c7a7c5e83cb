"""`assetbridge lock`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.errors import pluralize, print_error, worst_exit_code
from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line

if TYPE_CHECKING:
    from bridge.project import Project


@click.command("lock")
@common_options
@click.option("--rebuild", is_flag=True, help="Make it again from specs, receipts, the store and the files there are.")
def lock_command(project_dir: Path | None, as_json: bool, verbose: bool, rebuild: bool) -> int:
    """Look whether assetbridge.lock can be read; with --rebuild make it again. Nothing is bought."""
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        if rebuild:
            with project.owned():
                return _rebuild(project, as_json=as_json)
        assets = len(project.lock.assets)
        notes = list(project.lock.notes)
    if as_json:
        print_json({"assets": assets, "notes": notes})
        return 0
    for note in notes:
        print_line(f"note: {note}")
    print_line(f"assetbridge.lock knows {pluralize(assets, 'asset')}")
    return 0


def _rebuild(project: Project, *, as_json: bool) -> int:
    from bridge.operations.rebuild_lock import rebuild_lock

    done = rebuild_lock(project)
    failed = [result for result in done.results if result.error is not None]
    drifted = [result.id for result in done.results if result.state == "drifted"]
    codes = [error.exit_code for error in (*done.errors, *(result.error for result in failed)) if error is not None]
    if as_json:
        print_json(
            {
                "assets": [result.as_dict() for result in done.results],
                "salvaged": done.salvaged,
                "unbought": list(done.unbought),
                "kept": done.kept or None,
                "errors": [error.as_dict() for error in done.errors],
            }
        )
        return worst_exit_code(codes)
    for error in (*done.errors, *(result.error for result in failed)):
        if error is not None:
            print_error(error, as_json=False)
    if done.kept:
        print_line(f"the former lock is in {done.kept}; {pluralize(done.salvaged, 'asset')} of it could be read")
    print_line(f"assetbridge.lock knows {pluralize(len(done.results) - len(failed), 'asset')}")
    for asset_id in drifted:
        print_line(f"{asset_id}: its files differ from what would be written and are kept (build --force writes them)")
    for asset_id in done.unbought:
        print_line(f"{asset_id}: not everything of it is in the store; assetbridge plan shows what it would cost")
    return worst_exit_code(codes)
