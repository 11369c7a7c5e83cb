"""The project as the daemon keeps it open between requests: the one place that knows planner and builder."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.build.asset_loader import AssetLoader, part_hash_of
from bridge.build.builder import Builder
from bridge.build.reporter import AssetResult, Reporter
from bridge.cache import plan_cache
from bridge.config.project_config import Config, read_config
from bridge.core.errors import BridgeError
from bridge.core.paths import JOURNAL_FILE, STATE_FILE
from bridge.daemon.worker.requests import RequestOptions
from bridge.operations import asset_states
from bridge.operations import plan as planning
from bridge.operations.repeat_orders import RepeatedOrder, describe_unasked, find_repeats, require_room
from bridge.orders import decisions
from bridge.plan.asset_state import AssetState
from bridge.plan.incremental import IncrementalPlanner
from bridge.plan.model import AssetPlan, Plan
from bridge.plan.planner import Planner
from bridge.project import Project
from bridge.spec.load import Loaded
from bridge.watch.watched_files import WatchedFiles

# Above, one question for all is quicker than one for each.
_MANY = 500


@dataclass(frozen=True, slots=True)
class PlanView:
    """An open project, evaluated. Only for the thread that looked, and only until its next look.

    texts: answers that stay the same while the plan does.
    """

    project: Project
    plan: Plan
    assets: AssetLoader
    texts: dict[str, str]
    _planner: Planner

    def check_ids(self, ids: Collection[str]) -> None:
        """Checks that ids are assets.

        Raises:
            UserError: `unknown_asset`.
        """
        planning.known_ids(self._planner, ids)

    def find_repeat(self, number: int) -> RepeatedOrder:
        """What an order would be placed again for, and what that costs.

        Raises:
            UserError: `unknown_job`, there is nothing to decide about it, or nothing asks for it any more.
            NeedsDecision: `over_budget`.
        """
        job = decisions.require_undecided(self.project.open_journal(), number)
        for repeat in find_repeats(self.project, self.plan, [job]):
            require_room(self.project, [repeat])
            return repeat
        raise describe_unasked(job)

    def planned(self, asset_id: str) -> AssetPlan | None:
        """What would be done about an asset."""
        return next((asset for asset in self.plan.assets if asset.id == asset_id), None)

    def spec_of(self, asset_id: str) -> Loaded | None:
        """The spec of an asset, if it is valid."""
        return self._planner.evaluation.specs.get(asset_id)

    def state_of(self, asset_id: str) -> AssetState | None:
        """What an asset is made from, if that could be worked out."""
        return self._planner.evaluation.states.get(asset_id)

    def failure_of(self, asset_id: str) -> BridgeError | None:
        """Why that could not be worked out."""
        return self._planner.evaluation.failures.get(asset_id)

    def content_of(self, asset_id: str) -> str:
        """Changes with the pixels of an asset."""
        state = self._planner.evaluation.states.get(asset_id)
        return f"{self._planner.evaluation.fingerprint_of(state) if state is not None else None}"

    def locked_outputs(self, asset_id: str) -> dict[str, list[str]]:
        """The files of an asset's last build by target."""
        entry = self.project.lock.assets.get(asset_id)
        return entry.outputs() if entry else {}


@dataclass(frozen=True, slots=True)
class ProjectLook:
    """A plan of the project. evaluated: the assets that this very look evaluated. is_whole: whether that is all."""

    plan: Plan
    evaluated: frozenset[str]
    is_whole: bool


class OpenProject:
    """Use it in one thread. watched_files: which files matter, as of the last look; None before the first."""

    def __init__(self, root: Path) -> None:
        self.watched_files: WatchedFiles | None = None
        self._root = root
        self._incremental: IncrementalPlanner | None = None
        self._state_inode = 0
        self._journal_inode = 0
        self._watch_revision = -1

    def open(self) -> Project:
        """The project, opened anew when its settings changed or its memory was taken away.

        Raises:
            UserError: `no_project` or `config_invalid`; what was open stays so.
        """
        return self._open().project

    def _open(self) -> IncrementalPlanner:
        config = read_config(self._root)
        incremental = self._incremental
        if (
            incremental is None
            or _has_other_settings(incremental.project.config, config)
            or self._read_inode(STATE_FILE) != self._state_inode
            or self._has_other_journal()
        ):
            self.close()
            incremental = self._incremental = IncrementalPlanner(Project(config), part_hash_of)
            self._state_inode, self._journal_inode = self._read_inode(STATE_FILE), self._read_inode(JOURNAL_FILE)
        return incremental

    def _has_other_journal(self) -> bool:
        """Whether the journal was deleted or another put in its place: what is ordered now must not be written into a
        file that nobody will find."""
        inode = self._read_inode(JOURNAL_FILE)
        if self._journal_inode:
            return inode != self._journal_inode
        # The first order begins one: that is our own.
        self._journal_inode = inode
        return False

    def _opened(self) -> IncrementalPlanner:
        return self._incremental if self._incremental is not None else self._open()

    def close(self) -> None:
        """Closes the project: whatever comes next begins anew."""
        incremental, self._incremental = self._incremental, None
        self._watch_revision = -1
        if incremental is not None:
            incremental.project.close()

    def look(self, paths: Collection[str] | None = None) -> ProjectLook:
        """Plans the opened project as it is now. paths: the files that changed since the last look; None: any may have.

        Raises:
            BridgeError: the lock cannot be read.
        """
        incremental = self._opened()
        plan = incremental.look(paths)
        return ProjectLook(plan, incremental.looked, incremental.looked >= incremental.planner.evaluation.specs.keys())

    def view(self, before: PlanView | None) -> PlanView:
        """Opens the project, looks at all of it and shows what is there. before: the last view.

        Raises:
            BridgeError: the project cannot be read.
        """
        project = self.open()
        plan, planner = self.look().plan, self._opened().planner
        texts = before.texts if before is not None and before.plan is plan else {}
        return PlanView(project, plan, AssetLoader(project, planner.evaluation), texts, planner)

    def update_watched_files(self) -> None:
        """Works out which files matter, if that may have changed."""
        incremental = self._incremental
        if incremental is not None and incremental.watch_revision != self._watch_revision:
            self._watch_revision = incremental.watch_revision
            self.watched_files = WatchedFiles.from_planner(incremental.project, incremental.planner.evaluation)

    def known_ids(self, ids: Collection[str]) -> list[str]:
        """The asked ids whose specs are valid.

        Raises:
            UserError: `unknown_asset`.
        """
        return planning.known_ids(self._opened().planner, ids) or []

    def known_states(self, ids: Collection[str] | None) -> dict[str, str]:
        """The last known states of assets (None: of all)."""
        rows = self._opened().project.memory.assets
        if ids is None or len(ids) > _MANY:
            return {row.id: row.state for row in rows.list_rows(snapshots=False).values()}
        return {row.id: row.state for row in map(rows.get, ids) if row is not None}

    def has_pending_entries(self) -> bool:
        """Whether a killed run left lock entries behind, which the next build writes."""
        return bool(self._opened().project.memory.pending.read())

    def note_states(self, plan: Plan) -> None:
        """Saves where all assets stand, as of a plan of everything."""
        incremental = self._opened()
        asset_states.record_states(incremental.project, incremental.planner, plan)

    def take_stock(self, plan: Plan) -> None:
        """The same, and remembers the plan for commands."""
        incremental = self._opened()
        planning.record_project_state(incremental.project, incremental.planner, plan)

    def build(
        self,
        plan: Plan,
        ids: Collection[str] | None,
        options: RequestOptions,
        reporter: Reporter,
        check: Callable[[str], None],
    ) -> tuple[list[AssetResult], list[dict[str, Any]]]:
        """Builds assets of the plan of the last look; returns what became of them, and what was spent.

        check: asked before anything is ordered for an asset; raises when nobody wants it any more.
        """
        incremental = self._opened()
        project, planner = incremental.project, incremental.planner
        plan_cache.forget_plan(project.memory)
        before = planning.last_entry(project)
        part = planning.part_of(planner, plan, ids)
        approval = planning.grant_approval(
            project,
            part,
            shown=options.approved is not None,
            caps=options.caps,
            only=options.only,
            is_asked=options.is_asked,
        )
        builder = Builder(project, planner, plan, reporter, force=options.force, approval=approval, check=check)
        try:
            results = builder.build(ids)
        finally:
            incremental.note_built(builder.touched)
        return results, planning.spent_since(project, before)

    def _read_inode(self, name: str) -> int:
        """Tells one database from another in its place; 0 for none."""
        try:
            return (self._root / name).stat().st_ino
        except OSError:
            return 0


def _has_other_settings(old: Config, new: Config) -> bool:
    """Whether settings differ: those of the project file, and what a target reads from its engine's project."""
    return old.sha256 != new.sha256 or old.targets != new.targets
