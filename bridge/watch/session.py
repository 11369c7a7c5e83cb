"""A project kept open between builds, so that a save costs only what it changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from bridge.build.asset_loader import part_hash_of
from bridge.build.builder import Builder
from bridge.build.reporter import SilentReporter
from bridge.cache import plan_cache
from bridge.config.project_config import read_config
from bridge.core.errors import BridgeError, ErrorGroup, NeedsDecision, ProviderError, UserError
from bridge.core.paths import FILE_NAME
from bridge.plan.incremental import IncrementalPlanner
from bridge.plan.model import Action, AssetPlan, Plan
from bridge.plan.planner import Planner
from bridge.project import Project
from bridge.providers.fingerprint import digest
from bridge.spec.scan import SUFFIX
from bridge.store import lockfile
from bridge.watch import events
from bridge.watch.events import Event, Hear
from bridge.watch.watched_files import WatchedFiles

if TYPE_CHECKING:
    from bridge.build.reporter import AssetResult
    from bridge.config.project_config import Config

_AT_REST = frozenset({Action.NONE, Action.ORPHAN, Action.ERROR})
# What a person or a provider has to change first: trying again without a change would only say it again.
_PARKING = (NeedsDecision, ProviderError, UserError)


class Session:
    """Builds what is stale, again and again, and tells what came of it. Use it as owner of the project, in one thread.

    interest: which files matter, as of the last look. locked: the lock file as last written here, if it was.
    """

    def __init__(self, config: Config, hear: Hear) -> None:
        self._hear = hear
        self._told: dict[str, str] = {}
        self._orphans: set[str] = set()
        self._parked: dict[str, str] = {}
        self._states: dict[str, str] = {}
        self._open(config)

    def _open(self, config: Config) -> None:
        self.project = Project(config)
        self.interest = WatchedFiles(config)
        self.locked: bytes | None = None
        self._warm = IncrementalPlanner(self.project, part_hash_of)
        self._shape = -1
        self._parked.clear()

    def close(self) -> None:
        """Saves what was learnt of files."""
        self.project.close()

    def covers(self, path: str) -> bool:
        """Whether a project-relative path matters; from any thread."""
        return self.interest.covers(path)

    def folders(self) -> list[str]:
        """The project-relative folders that may hold such paths; from any thread."""
        return self.interest.folders()

    def look(self, paths: Collection[str] | None = None) -> tuple[Planner, Plan]:
        """Plans the whole project as it is now. Changes nothing.

        paths: the files that changed since the last look (None: any may have).
        """
        plan = self._warm.look(paths)
        self._take_interest()
        return self._warm.planner, plan

    def _take_interest(self) -> None:
        if self._warm.watch_revision != self._shape:
            self._shape = self._warm.watch_revision
            self.interest = WatchedFiles.of(self.project, self._warm.planner.evaluation)

    def changed(self, paths: frozenset[str]) -> None:
        """Builds what follows from changed files."""
        if lockfile.FILE_NAME in paths and self._lock_is_ours():
            paths -= {lockfile.FILE_NAME}
        if not paths:
            return
        self._hear(Event("changed", {"paths": sorted(paths)}))
        if FILE_NAME in paths:
            self._reopen()
        elif lockfile.FILE_NAME in paths:
            self._parked.clear()
        self._hear(Event("done", {"files": self.build(paths)}))

    def _reopen(self) -> None:
        """Reads the project file again; one with a mistake is told, and the settings stay as they were."""
        try:
            config = read_config(self.project.root)
        except BridgeError as error:
            self._tell(FILE_NAME, (error,))
            return
        self._clear(FILE_NAME)
        self._take(config)

    def _take(self, config: Config) -> None:
        self.close()
        self._open(config)

    def _lock_is_ours(self) -> bool:
        try:
            return (self.project.root / lockfile.FILE_NAME).read_bytes() == self.locked
        except OSError:
            return False

    def build(self, paths: Collection[str] | None = None) -> int:
        """Builds what is stale and free or inside a budget; returns how many files were written.

        Never asks: what needs a decision is told and waits. paths: see `look`.
        """
        try:
            files = self._built(paths)
        except BridgeError as error:
            # No single asset's: the lock cannot be read, or the disk takes nothing more.
            self._tell(lockfile.FILE_NAME, (error,))
            return 0
        self._clear(lockfile.FILE_NAME)
        return files

    def _built(self, paths: Collection[str] | None) -> int:
        planner, plan = self.look(paths)
        stale = {asset.id: _signature(asset, planner) for asset in plan.assets if asset.action not in _AT_REST}
        self._parked = {asset_id: mark for asset_id, mark in self._parked.items() if stale.get(asset_id) == mark}
        todo = [asset_id for asset_id in stale if asset_id not in self._parked]
        # A lock entry that a killed run left behind is written with the rest.
        results = self._build(planner, plan, todo) if todo or self.project.memory.pending.read() else []
        for result in results:
            if result.id in stale and isinstance(result.error, _PARKING):
                self._parked[result.id] = stale[result.id]
        self._conclude(planner, plan, results)
        return sum(len(result.changed) for result in results)

    def _build(self, planner: Planner, plan: Plan, ids: list[str]) -> list[AssetResult]:
        """What is free first: a provider may take its time."""
        plan_cache.forget_plan(self.project.memory)
        builder = Builder(self.project, planner, plan, _Teller(self._finished))
        bought = [asset_id for asset_id in ids if _needs_buying(planner, asset_id)]
        free = [asset_id for asset_id in ids if asset_id not in bought]
        try:
            results = builder.build(free, buy=False) if free or not bought else []
            if bought:
                results = builder.build(bought)
        finally:
            self._warm.note_built(builder.touched)
            self.project.memory.files.flush()
        self._take_interest()
        self.locked = lockfile.dumps(self.project.lock).encode()
        return results

    def _finished(self, result: AssetResult) -> None:
        before = self._states.get(result.id)
        self._states[result.id] = result.state
        if result.changed or (before is not None and before != result.state and result.error is None):
            self._hear(events.asset(result))

    def _conclude(self, planner: Planner, plan: Plan, results: Iterable[AssetResult]) -> None:
        """Tells what is newly wrong, mended or without a spec."""
        wrong: dict[str, list[BridgeError]] = {}
        for error in planner.evaluation.errors:
            file = error.where.file if error.where else FILE_NAME
            wrong.setdefault(file.removesuffix(SUFFIX), []).append(error)
        for asset_id, failure in planner.evaluation.failures.items():
            wrong.setdefault(asset_id, []).append(failure)
        for result in results:
            if result.error is not None and result.id not in wrong:
                wrong[result.id] = [result.error]
        for subject, errors in wrong.items():
            self._tell(subject, tuple(errors))
        for subject in set(self._told) - set(wrong) - set(self._parked) - {FILE_NAME, lockfile.FILE_NAME}:
            self._clear(subject)
        orphans = {asset.id for asset in plan.assets if asset.action is Action.ORPHAN}
        for asset_id in sorted(orphans - self._orphans):
            self._hear(Event("orphan", {"id": asset_id}))
        self._orphans = orphans

    def _tell(self, subject: str, errors: tuple[BridgeError, ...]) -> None:
        flat = tuple(one for error in errors for one in (error.errors if isinstance(error, ErrorGroup) else [error]))
        told = json.dumps([one.as_dict() for one in flat])
        if self._told.get(subject) != told:
            self._told[subject] = told
            self._hear(events.error(subject, flat))

    def _clear(self, subject: str) -> None:
        if self._told.pop(subject, None) is not None:
            self._hear(Event("cleared", {"id": subject}))


def _needs_buying(planner: Planner, asset_id: str) -> bool:
    evaluation = planner.evaluation
    needed = evaluation.with_upstream([asset_id])
    return any(used in evaluation.states and evaluation.states[used].needs_buying for used in needed)


def _signature(asset: AssetPlan, planner: Planner) -> str:
    """Changes with whatever could make another attempt end otherwise."""
    steps = [[step.key, step.fingerprint, step.cached, step.job] for step in asset.steps]
    return digest([asset.id, str(asset.action), steps, list(asset.targets), planner.evaluation.specs[asset.id].sha256])


class _Teller(SilentReporter):
    def __init__(self, finished: Callable[[AssetResult], None]) -> None:
        self._finished = finished

    def asset(self, result: AssetResult, done: int, total: int) -> None:
        """Passes the result on as soon as its files are there."""
        del done, total
        self._finished(result)
