"""`assetbridge clean`: removal of the files of assets whose specs are gone. What was paid for stays in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.build.output_files import beside_of, remove_stale
from bridge.cache import plan_cache
from bridge.plan.evaluator import Planner
from bridge.plan.model import Action

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
    return Orphans(ids, [path for _, path, owner in project.lock.owners() if owner in ids])


def remove_orphans(project: Project, ids: Sequence[str], *, force: bool) -> RemovedFiles:
    """Removes the files of these assets, those edited by hand only with `force`, and the lock entries of assets that
    have none left. The project is owned by the caller.

    Raises:
        WorkFailed: `output_outside`, or a file cannot be removed.
    """
    removed, kept = [], []
    for asset_id in ids:
        drifted = []
        for name, target in project.lock.assets[asset_id].targets.items():
            beside = beside_of(name, project.config.id)
            for folder, names in target.everything():
                done = remove_stale(project.root, folder, names, beside, force=force)
                removed += done.removed
                drifted += done.drifted
        kept += drifted
        if not drifted:
            del project.lock.assets[asset_id]
    plan_cache.forget(project.state)
    project.save_lock()
    project.state.save_assets([], remove=[asset_id for asset_id in ids if asset_id not in project.lock.assets])
    return RemovedFiles(removed, kept)
