"""`assetbridge lock --rebuild`: assetbridge.lock made again from specs, receipts, the store and the files there are.

Nothing is bought, and no file that differs from what would be written is touched: it counts as edited by hand.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.build.builder import Builder
from bridge.build.output_files import WritePolicy
from bridge.cache import plan_cache
from bridge.core import limits
from bridge.core.errors import UserError, Where
from bridge.operations.plan import make_plan, record_project_state
from bridge.store import lockfile

if TYPE_CHECKING:
    from bridge.build.reporter import AssetResult
    from bridge.core.errors import BridgeError
    from bridge.project import Project

KEPT_FILE = ".assetbridge/assetbridge.lock.before"


@dataclass(frozen=True, slots=True)
class RebuiltLock:
    """What came of it. salvaged: entries of the former file that could be read. unbought: ids of assets of which
    something would have to be bought: the next plan shows them. kept: where the former file is; empty without one.
    """

    results: tuple[AssetResult, ...]
    salvaged: int
    unbought: tuple[str, ...]
    errors: tuple[BridgeError, ...]
    kept: str = ""


def rebuild_lock(project: Project) -> RebuiltLock:
    """Rebuilds the lock; the project is owned by the caller.

    Raises:
        WorkFailed: a file cannot be written; the former lock stays as it is.
    """
    former = _read_former(project)
    salvaged = lockfile.salvage(former.decode("utf-8", "replace")) if former is not None else lockfile.Lock()
    kept, count = "", len(salvaged.assets)
    if former is not None:
        project.folder.write(KEPT_FILE, former, durable=True)
        kept = KEPT_FILE
    project.use_lock(salvaged)
    plan_cache.forget_plan(project.memory)
    planner, plan = make_plan(project)
    states = planner.evaluation.states
    unbought = planner.record.graph.with_users(asset_id for asset_id, state in states.items() if state.needs_buying)
    builder = Builder(project, planner, plan, policy=WritePolicy(keeps_foreign=True))
    results = builder.build([asset_id for asset_id in states if asset_id not in unbought], buy=False)
    record_project_state(project, planner, planner.plan())
    return RebuiltLock(tuple(results), count, tuple(sorted(unbought & states.keys())), plan.errors, kept)


def _read_former(project: Project) -> bytes | None:
    with contextlib.suppress(FileNotFoundError):
        try:
            return project.folder.read(lockfile.FILE_NAME, limits.LOCK_BYTES)
        except limits.TooLargeError as error:
            raise UserError(
                "lock_invalid",
                f"the lock file cannot be read: {error.strerror}",
                hint="Move it away, then rebuild it.",
                where=Where(lockfile.FILE_NAME),
            ) from error
    return None
