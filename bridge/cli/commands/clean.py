"""`assetbridge clean`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.errors import pluralize
from bridge.cli.options import common_options
from bridge.cli.output import ask_yes, is_on_terminal, print_json, print_line, print_note
from bridge.core.errors import EXIT_DECISION, NeedsDecision

if TYPE_CHECKING:
    from bridge.operations.clean import Orphans


@click.command("clean")
@common_options
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Remove also files that were edited by hand.")
def clean_command(project_dir: Path | None, as_json: bool, verbose: bool, yes: bool, force: bool) -> int:
    """Remove the files of assets whose specs are gone. What was paid for stays in the store."""
    from bridge.operations.clean import list_orphans, remove_orphans
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project, project.owned():
        orphans = list_orphans(project)
        if orphans.ids and not yes and not _ask_removal(orphans, as_json=as_json):
            return EXIT_DECISION
        done = remove_orphans(project, orphans.ids, force=force)
    if as_json:
        print_json({"assets": list(orphans.ids), "removed": list(done.removed), "kept": list(done.kept)})
        return 0
    for path in done.kept:
        print_line(f"kept {path}: it was edited by hand (--force removes it)")
    print_line(
        f"removed {pluralize(len(done.removed), 'file')} of {pluralize(len(orphans.ids), 'asset')}"
        if orphans.ids
        else "nothing to clean"
    )
    return 0


def _ask_removal(orphans: Orphans, *, as_json: bool) -> bool:
    """Whether a person lets these files be removed.

    Raises:
        NeedsDecision: `usage`, when nobody can be asked.
    """
    for path in orphans.files:
        (print_note if as_json else print_line)(f"remove {path}")
    files = pluralize(len(orphans.files), "file")
    if not is_on_terminal() or as_json:
        raise NeedsDecision("usage", f"{files} would be removed", hint="assetbridge clean --yes")
    return ask_yes(f"Remove {files} of {pluralize(len(orphans.ids), 'asset')}?")
