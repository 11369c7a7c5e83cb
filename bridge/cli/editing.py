"""reroll, pick, clean: small edits of specs that keep comments, and removal of what is left over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge import disk
from bridge.cli.options import common
from bridge.cli.run import counted
from bridge.cli.show import emit, on_terminal, say
from bridge.errors import NeedsDecision, UserError

if TYPE_CHECKING:
    from bridge.project import Project
    from bridge.spec.load import Loaded


def _loaded(project: Project, asset_id: str) -> Loaded:
    """The spec of one asset, valid.

    Raises:
        BridgeError: `unknown_asset`, or what is wrong with the spec.
    """
    from bridge.spec.load import load

    path = project.root / f"{asset_id}.asset.toml"
    if not path.is_file():
        raise UserError("unknown_asset", f"there is no asset {asset_id}", hint="assetbridge status lists the assets.")
    return load(path, project.config)


def _edit(project: Project, loaded: Loaded, values: dict[str, int]) -> None:
    from bridge.spec.edit import set_value

    path = project.root / loaded.path
    text = path.read_bytes().decode("utf-8")
    for field, value in values.items():
        text = set_value(text, field, value)
    disk.write(path, text.encode(), shown=loaded.path)


def _part_field(loaded: Loaded, part: str | None) -> str:
    """The dotted prefix of the table that a part's `take`, `seed`, `pick` stand in."""
    if part is None:
        return ""
    spec = loaded.spec
    if spec.kind == "character" and part in spec.animations:
        return f"animations.{part}."
    if spec.kind == "items":
        names = [item.name for item in spec.items]
        if part in names:
            return f"items.{names.index(part)}."
    raise UserError("source_part", f"{loaded.id} has no part {part}", hint="Name an animation or an item of its spec.")


def _split(target: str) -> tuple[str, str | None]:
    asset_id, _, part = target.removeprefix("asset:").partition("#")
    return asset_id, part or None


@click.command()
@click.argument("asset")
@common
def reroll(asset: str, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Ask for another take of ASSET, or of one clip or item: art/hero#walk. Writes `take` into the spec."""
    from bridge.project import Project

    del verbose
    asset_id, part = _split(asset)
    with Project.open(project_dir) as project:
        loaded = _loaded(project, asset_id)
        prefix = _part_field(loaded, part)
        holder = _holder(loaded, part)
        take = (getattr(holder, "take", None) or 1) + 1
        before = (project.root / loaded.path).read_bytes()
        _edit(project, loaded, {f"{prefix}take": take})
        _undo_if_refused(project, loaded, before)
    if as_json:
        emit({"id": asset_id, "part": part, "take": take})
    else:
        say(f"{asset}: take {take}; next: assetbridge build {asset_id}")
    return 0


def _undo_if_refused(project: Project, loaded: Loaded, before: bytes) -> None:
    """Takes an edit back when the provider cannot follow it, so that the spec stays one that builds.

    Raises:
        BridgeError: why it cannot.
    """
    from bridge.plan.planner import Planner

    planner = Planner(project)
    planner.read()
    failure = planner.failures.get(loaded.id)
    if failure is not None and failure.code == "spec_not_applicable":
        disk.write(project.root / loaded.path, before, shown=loaded.path)
        raise failure


def _holder(loaded: Loaded, part: str | None) -> object:
    spec = loaded.spec
    if part is not None and spec.kind == "character":
        return spec.animations[part]
    if part is not None and spec.kind == "items":
        return next(item for item in spec.items if item.name == part)
    return spec


@click.command()
@click.argument("asset")
@click.argument("number", type=click.IntRange(min=1))
@common
def pick(asset: str, number: int, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Choose variant NUMBER of ASSET (or of an item: art/icons#potion). Buys nothing that is stored."""
    from bridge.project import Project

    del verbose
    asset_id, part = _split(asset)
    with Project.open(project_dir) as project:
        loaded = _loaded(project, asset_id)
        prefix = _part_field(loaded, part)
        if not hasattr(_holder(loaded, part), "pick"):
            raise UserError("spec_not_applicable", f"{asset} has no variants to pick from")
        variants = loaded.spec.variants
        if part is None and number > variants:
            raise UserError(
                "spec_invalid",
                f"{asset} has {counted(variants, 'variant')}",
                hint="Set `variants` in its spec to get more.",
                where=loaded.where("variants"),
            )
        _edit(project, loaded, {f"{prefix}pick": number})
    if as_json:
        emit({"id": asset_id, "part": part, "pick": number})
    else:
        say(f"{asset}: variant {number}; next: assetbridge build {asset_id}")
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
