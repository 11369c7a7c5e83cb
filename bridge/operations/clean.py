"""`assetbridge clean`: removal of the files of assets whose specs are gone. What was paid for stays in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.build.output_files import WritePolicy, remove_stale_files, target_files
from bridge.cache import plan_cache
from bridge.plan.model import Action
from bridge.plan.planner import Planner

if TYPE_CHECKING:
    from bridge.project import Project


@dataclass(frozen=True, slots=True)
class Orphans:
    """Assets whose specs are gone, and their output files (project-relative)."""

    ids: Sequence[str]
    files: Sequence[str]


@dataclass(frozen=True, slots=True)
class RemovedFiles:
    """What was removed, and what was kept because it was edited by hand (project-relative)."""

    removed: Sequence[str]
    kept: Sequence[str]


def list_orphans(project: Project) -> Orphans:
    """What `remove_orphans` would remove."""
    planner = Planner(project)
    planner.read()
    ids = [asset.id for asset in planner.plan().assets if asset.action is Action.ORPHAN]
    return Orphans(ids, [path for path, owner in project.lock.outputs() if owner in ids])


def remove_orphans(project: Project, ids: Sequence[str], *, force: bool) -> RemovedFiles:
    """Removes the files of these assets, those edited by hand only with `force`, and the lock entries of assets that
    have none left. The project is owned by the caller.

    Raises:
        WorkFailed: `unsafe_path`, or a file cannot be removed.
    """
    removed, kept = [], []
    for asset_id in ids:
        drifted = []
        for name, target in project.lock.assets[asset_id].targets.items():
            engine = target_files(name, project.config.id)
            for folder, names in target.iter_folders():
                done = remove_stale_files(project.root, folder, names, engine, WritePolicy(force))
                removed += done.removed
                drifted += done.drifted
        kept += drifted
        if not drifted:
            project.lock.remove(asset_id)
    plan_cache.forget_plan(project.memory)
    project.save_lock()
    project.memory.assets.save([], remove=[asset_id for asset_id in ids if asset_id not in project.lock.assets])
    return RemovedFiles(removed, kept)
