"""reroll, pick, clean: small edits of specs that keep comments, and removal of what is left over."""

from __future__ import annotations

from pathlib import Path

import click

from bridge import edits
from bridge.cli.options import common
from bridge.cli.run import counted
from bridge.cli.show import emit, on_terminal, say
from bridge.errors import NeedsDecision


@click.command()
@click.argument("asset")
@common
def reroll(asset: str, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Ask for another take of ASSET, or of one clip or item: art/hero#walk. Writes `take` into the spec."""
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        edited = edits.reroll(project, asset)
    if as_json:
        emit({"id": edited.id, "part": edited.part, "take": edited.number})
    else:
        say(f"{asset}: take {edited.number}; next: assetbridge build {edited.id}")
    return 0


@click.command()
@click.argument("asset")
@click.argument("number", type=click.IntRange(min=1))
@common
def pick(asset: str, number: int, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Choose variant NUMBER of ASSET (or of an item: art/icons#potion). Buys nothing that is stored."""
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        edited = edits.pick(project, asset, number)
    if as_json:
        emit({"id": edited.id, "part": edited.part, "pick": number})
    else:
        say(f"{asset}: variant {number}; next: assetbridge build {edited.id}")
    return 0


@click.command()
@common
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Remove also files that were edited by hand.")
def clean(project_dir: Path | None, as_json: bool, verbose: bool, yes: bool, force: bool) -> int:
    """Remove the files of assets whose specs are gone. What was paid for stays in the store."""
    from bridge.outputs import remove_stale
    from bridge.plan import quick
    from bridge.plan.model import Action
    from bridge.plan.planner import Planner
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project, project.owned():
        planner = Planner(project)
        planner.read()
        orphans = [asset.id for asset in planner.plan().assets if asset.action is Action.ORPHAN]
        files = [path for _, path, owner in project.lock.owners() if owner in orphans]
        if orphans and not yes:
            for path in files:
                click.echo(f"remove {path}", err=as_json)
            if not on_terminal() or as_json:
                raise NeedsDecision(
                    "usage", f"{counted(len(files), 'file')} would be removed", hint="assetbridge clean --yes"
                )
            if not click.confirm(f"Remove {counted(len(files), 'file')} of {counted(len(orphans), 'asset')}?"):
                return NeedsDecision.exit_code
        removed, kept = [], []
        for asset_id in orphans:
            entry = project.lock.assets[asset_id]
            drifted = []
            for folder, names in (pair for target in entry.targets.values() for pair in target.everything()):
                done = remove_stale(project.root, folder, names, force=force)
                removed += done.removed
                drifted += done.drifted
            kept += drifted
            if not drifted:
                del project.lock.assets[asset_id]
        quick.forget(project.state)
        project.save_lock()
        project.state.save_assets([], remove=[asset_id for asset_id in orphans if asset_id not in project.lock.assets])
    if as_json:
        emit({"assets": orphans, "removed": removed, "kept": kept})
        return 0
    for path in kept:
        say(f"kept {path}: it was edited by hand (--force removes it)")
    say(
        f"removed {counted(len(removed), 'file')} of {counted(len(orphans), 'asset')}"
        if orphans
        else "nothing to clean"
    )
    return 0
