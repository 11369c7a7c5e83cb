"""The state of every asset as of a plan: what `status` and the daemon's list say until the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.cache.project_memory import AssetRow
from bridge.core.errors import ErrorGroup
from bridge.core.paths import PROJECT_FILE, SPEC_SUFFIX, asset_id_of, is_text
from bridge.plan.model import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bridge.core.errors import BridgeError
    from bridge.plan.model import AssetPlan, Plan
    from bridge.plan.planner import Planner
    from bridge.project import Project


def record_states(project: Project, planner: Planner, plan: Plan) -> None:
    """Saves the states of all assets as of a plan of the whole project; call it while the project is owned.

    A build saves the states of what it built. The others may stand elsewhere since an edit of the project file, a merge
    of the lock, or a mistake in a spec.
    """
    memory = project.memory
    rows = memory.assets.list_rows(snapshots=False)
    settled = dict(_invalid_rows(plan, rows))
    gone = rows.keys() - planner.evaluation.specs.keys() - settled.keys() - project.lock.assets.keys()
    for path in [row.spec for row in settled.values()]:
        memory.files.hash_of(path, "spec")
    for asset in plan.assets:
        loaded, row = planner.evaluation.specs.get(asset.id), rows.get(asset.id)
        if loaded is None:
            continue
        if asset.action in (Action.NONE, Action.ERROR):
            memory.files.record_used(loaded.path, "spec", loaded.sha256)
            settled[asset.id] = _settled_row(asset, loaded.path, row)
        elif row is not None and row.state in ("ready", "drifted"):
            settled[asset.id] = row._replace(state="stale", error=None)
        elif row is not None and row.state == "invalid":
            gone.add(asset.id)
    memory.assets.save([row for row in settled.values() if row != rows.get(row.id)], remove=sorted(gone))
    memory.files.record_used(PROJECT_FILE, "project", project.config.sha256)


def _settled_row(asset: AssetPlan, path: str, row: AssetRow | None) -> AssetRow:
    """An asset that is as its spec wants it, or cannot be made."""
    if asset.action is Action.ERROR:
        error = asset.error.as_dict() if asset.error is not None else None
        return AssetRow(asset.id, asset.kind, path, "invalid", error)
    if row is not None and row.state == "needs_pick":
        return row
    return AssetRow(asset.id, asset.kind, path, "drifted" if asset.drifted else "ready")


def _invalid_rows(plan: Plan, rows: Mapping[str, AssetRow]) -> Iterator[tuple[str, AssetRow]]:
    """The assets whose spec cannot be read, each with the first mistake in it."""
    seen = set()
    for error in _flatten_errors(plan.errors):
        path = error.where.file if error.where else ""
        asset_id = asset_id_of(path)
        if path.endswith(SPEC_SUFFIX) and asset_id not in seen and is_text(path):
            seen.add(asset_id)
            kind = rows[asset_id].kind if asset_id in rows else ""
            yield asset_id, AssetRow(asset_id, kind, path, "invalid", error.as_dict())


def _flatten_errors(errors: tuple[BridgeError, ...]) -> Iterator[BridgeError]:
    for error in errors:
        yield from error.errors if isinstance(error, ErrorGroup) else [error]
