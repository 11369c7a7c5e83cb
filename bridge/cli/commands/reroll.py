"""reroll, pick, clean: small edits of specs that keep comments, and removal of what is left over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.errors import counted
from bridge.cli.options import beside, common
from bridge.cli.remote_build import attached, root_of
from bridge.cli.render import emit, on_terminal, say
from bridge.core.errors import NeedsDecision
from bridge.operations import edit_spec as edits

if TYPE_CHECKING:
    from bridge.project import Project


@click.command()
@click.argument("asset")
@common
@beside
def reroll(asset: str, project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool) -> int:
    """Ask for another take of ASSET, or of one clip or item: art/hero#walk. Writes `take` into the spec."""
    del verbose
    edited = _edited(project_dir, asset, no_daemon, "reroll", {}, edits.reroll)
    if as_json:
        emit(edited)
    else:
        say(f"{asset}: take {edited['take']}; next: assetbridge build {edited['id']}")
    return 0


def _edited(
    project_dir: Path | None,
    target: str,
    no_daemon: bool,
    verb: str,
    body: Mapping[str, Any],
    act: Callable[[Project, str], edits.Edited],
) -> dict[str, Any]:
    """Edits a spec, through the daemon if one runs: it lets one edit wait for another. Returns what `--json` says."""
    from bridge.project import Project

    client = attached(project_dir, no_daemon=no_daemon)
    if client is None:
        with Project.open(project_dir) as project:
            return act(project, target).as_dict(verb)
    asset_id, part = edits.split(target)
    edits.spec_path(root_of(project_dir), asset_id)
    return client.post_to(asset_id, verb, {**body, **({"part": part} if part else {})})


@click.command()
@click.argument("asset")
@click.argument("number", type=click.IntRange(min=1))
@common
@beside
def pick(asset: str, number: int, project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool) -> int:
    """Choose variant NUMBER of ASSET (or of an item: art/icons#potion). Buys nothing that is stored."""
    del verbose
    act = partial(edits.pick, number=number)
    edited = _edited(project_dir, asset, no_daemon, "pick", {"variant": number}, act)
    if as_json:
        emit(edited)
    else:
        say(f"{asset}: variant {number}; next: assetbridge build {edited['id']}")
    return 0


@click.command()
@common
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Remove also files that were edited by hand.")
def clean(project_dir: Path | None, as_json: bool, verbose: bool, yes: bool, force: bool) -> int:
    """Remove the files of assets whose specs are gone. What was paid for stays in the store."""
    from bridge.build.output_files import WritePolicy, folder_files, remove_stale_files
    from bridge.cache import plan_cache
    from bridge.plan.model import Action
    from bridge.plan.planner import Planner
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project, project.owned():
        planner = Planner(project)
        planner.read()
        orphans = [asset.id for asset in planner.plan().assets if asset.action is Action.ORPHAN]
        files = [path for path, owner in project.lock.outputs() if owner in orphans]
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
            for name, target in entry.targets.items():
                folder_file = folder_files(name, project.config.id)
                for folder, names in target.iter_folders():
                    done = remove_stale_files(project.root, folder, names, folder_file, WritePolicy(force))
                    removed += done.removed
                    drifted += done.drifted
            kept += drifted
            if not drifted:
                project.lock.remove(asset_id)
        plan_cache.forget_plan(project.memory)
        project.save_lock()
        project.memory.assets.save([], remove=[asset_id for asset_id in orphans if asset_id not in project.lock.assets])
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
