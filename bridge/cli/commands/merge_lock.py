"""`assetbridge merge-lock`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.output import print_note

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("merge-lock")
@click.argument("base", type=_FILE)
@click.argument("ours", type=_FILE)
@click.argument("theirs", type=_FILE)
def merge_lock_command(base: Path, ours: Path, theirs: Path) -> int:
    """Merge two versions of assetbridge.lock into OURS: git's merge driver (%O %A %B), set up by init."""
    from bridge.operations.merge_lock import merge_lock_files

    for note in merge_lock_files(base, ours, theirs):
        print_note(f"note: {note}")
    return 0
