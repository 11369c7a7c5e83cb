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
from bridge.core import limits
from bridge.core.crash_log import explain_failure
from bridge.core.errors import BridgeError, ErrorGroup, NeedsDecision, ProviderError, UserError
from bridge.core.paths import PROJECT_FILE, asset_id_of
from bridge.plan.incremental import IncrementalPlanner
from bridge.plan.model import Action, AssetPlan, Plan
from bridge.plan.planner import Planner
from bridge.project import Project
from bridge.providers.fingerprint import digest
from bridge.store import lockfile
from bridge.watch import events
from bridge.watch.events import OnEvent, WatchEvent
from bridge.watch.watched_files import WatchedFiles

if TYPE_CHECKING:
    from bridge.build.reporter import AssetResult
    from bridge.config.project_config import Config

_AT_REST = frozenset({Action.NONE, Action.ORPHAN, Action.ERROR})
# What a person or a provider has to change first: trying again without a change would only say it again.
_PARKING = (NeedsDecision, ProviderError, UserError)


class WatchSession:
    """Builds what is stale, again and again, and tells what came of it. Use it as owner of the project, in one thread.

    watched_files: which matter, as of the last look. written_lock: the lock file as last written here, if it was.
    is_outdated: the project was changed during the last build: what was made then is not what it asks for now.
    """

    def __init__(self, config: Config, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._emitted_errors: dict[str, str] = {}
        self._orphans: set[str] = set()
        self._parked: dict[str, str] = {}
        self._states: dict[str, str] = {}
        self.is_outdated = False
        self._open_project(config)

    def _open_project(self, config: Config) -> None:
        self.project = Project(config)
        self.watched_files = WatchedFiles(config)
        self.written_lock: bytes | None = None
        self._incremental = IncrementalPlanner(self.project, part_hash_of)
        self._watch_revision = -1
        self._parked.clear()

    def close(self) -> None:
        """Saves what is known of files."""
        self.project.close()

    def covers_path(self, path: str) -> bool:
        """Whether a project-relative path matters; from any thread."""
        return self.watched_files.covers(path)

    def watched_folders(self) -> list[str]:
        """The project-relative folders that may hold such paths; from any thread."""
        return self.watched_files.folders_to_watch()

    def plan_project(self, paths: Collection[str] | None = None) -> tuple[Planner, Plan]:
        """Plans the whole project as it is now. Changes nothing.

        paths: the files that changed since the last look (None: any may have).
        """
        plan = self._incremental.look(paths)
        self._update_watched_files()
        return self._incremental.planner, plan

    def _update_watched_files(self) -> None:
        if self._incremental.watch_revision != self._watch_revision:
            self._watch_revision = self._incremental.watch_revision
            self.watched_files = WatchedFiles.from_planner(
                self._incremental.project, self._incremental.planner.evaluation
            )

    def build_changes(self, paths: frozenset[str], *, everything: bool = False) -> None:
        """Builds what follows from changed files. everything: others may have changed with them."""
        if lockfile.FILE_NAME in paths and self._is_own_lock() and not self.is_outdated:
            paths -= {lockfile.FILE_NAME}
        if not paths and not everything:
            return
        everything = everything or self.is_outdated
        self.is_outdated = False
        self._on_event(WatchEvent("changed", {"paths": sorted(paths)}))
        if PROJECT_FILE in paths:
            self._reopen_project()
        elif lockfile.FILE_NAME in paths:
            self._parked.clear()
        self._on_event(WatchEvent("done", {"files": self.build(None if everything else paths)}))

    def _reopen_project(self) -> None:
        """Reads the project file again; one with a mistake is reported, and the settings stay as they were."""
        try:
            config = read_config(self.project.root)
        except BridgeError as error:
            self._emit_error(PROJECT_FILE, (error,))
            return
        self._emit_cleared(PROJECT_FILE)
        self._replace_project(config)

    def _replace_project(self, config: Config) -> None:
        self.close()
        self._open_project(config)

    def _is_own_lock(self) -> bool:
        try:
            return self.project.folder.read(lockfile.FILE_NAME, limits.LOCK_BYTES) == self.written_lock
        except OSError:
            return False

    def build(self, paths: Collection[str] | None = None) -> int:
        """Builds what is stale and free or inside a budget; returns how many files were written.

        Never asks: what needs a decision is reported and waits. paths: the files that changed; None: any may have.
        """
        try:
            files = self._build_stale(paths)
        except Exception as error:  # noqa: BLE001  what one save meets must not end the watching
            failure = explain_failure(error, self.project.root, "the project")
            # No single asset's: the lock cannot be read, or the disk takes nothing more.
            self._emit_error(lockfile.FILE_NAME, (failure,))
            return 0
        self._emit_cleared(lockfile.FILE_NAME)
        return files

    def _build_stale(self, paths: Collection[str] | None) -> int:
        planner, plan = self.plan_project(paths)
        trust = self.project.config.trust.digest_state()
        stale = {
            asset.id: _retry_signature(asset, planner, trust) for asset in plan.assets if asset.action not in _AT_REST
        }
        self._parked = {asset_id: mark for asset_id, mark in self._parked.items() if stale.get(asset_id) == mark}
        todo = [asset_id for asset_id in stale if asset_id not in self._parked]
        # A lock entry that a killed run left behind is written with the rest.
        results = self._build_ids(planner, plan, todo) if todo or self.project.memory.pending.read() else []
        self.is_outdated = any(_is_outdated(result) for result in results)
        results = [result for result in results if not _is_outdated(result)]
        for result in results:
            if result.id in stale and isinstance(result.error, _PARKING):
                self._parked[result.id] = stale[result.id]
        self._emit_problems(planner, plan, results)
        return sum(len(result.changed) for result in results)

    def _build_ids(self, planner: Planner, plan: Plan, ids: list[str]) -> list[AssetResult]:
        """What is free first: a provider may take its time."""
        plan_cache.forget_plan(self.project.memory)
        builder = Builder(self.project, planner, plan, _ResultReporter(self._emit_result))
        bought = [asset_id for asset_id in ids if _needs_buying(planner, asset_id)]
        free = [asset_id for asset_id in ids if asset_id not in bought]
        try:
            results = builder.build(free, buy=False) if free or not bought else []
            if bought:
                results = builder.build(bought)
        finally:
            self._incremental.note_built(builder.touched)
            self.project.memory.files.flush()
        self._update_watched_files()
        self.written_lock = lockfile.encode_lock(self.project.lock)
        return results

    def _emit_result(self, result: AssetResult) -> None:
        before = self._states.get(result.id)
        self._states[result.id] = result.state
        if result.changed or (before is not None and before != result.state and result.error is None):
            self._on_event(events.asset_event(result))

    def _emit_problems(self, planner: Planner, plan: Plan, results: Iterable[AssetResult]) -> None:
        """Tells what is newly wrong, mended or without a spec."""
        wrong: dict[str, list[BridgeError]] = {}
        for error in planner.evaluation.errors:
            file = error.where.file if error.where else PROJECT_FILE
            wrong.setdefault(asset_id_of(file), []).append(error)
        for asset_id, failure in planner.evaluation.failures.items():
            wrong.setdefault(asset_id, []).append(failure)
        for result in results:
            if result.error is not None and result.id not in wrong:
                wrong[result.id] = [result.error]
        for subject, errors in wrong.items():
            self._emit_error(subject, tuple(errors))
        for subject in set(self._emitted_errors) - set(wrong) - set(self._parked) - {PROJECT_FILE, lockfile.FILE_NAME}:
            self._emit_cleared(subject)
        orphans = {asset.id for asset in plan.assets if asset.action is Action.ORPHAN}
        for asset_id in sorted(orphans - self._orphans):
            self._on_event(WatchEvent("orphan", {"id": asset_id}))
        self._orphans = orphans

    def _emit_error(self, subject: str, errors: tuple[BridgeError, ...]) -> None:
        flat = tuple(one for error in errors for one in (error.errors if isinstance(error, ErrorGroup) else [error]))
        shown = json.dumps([one.as_dict() for one in flat])
        if self._emitted_errors.get(subject) != shown:
            self._emitted_errors[subject] = shown
            self._on_event(events.error_event(subject, flat))

    def _emit_cleared(self, subject: str) -> None:
        if self._emitted_errors.pop(subject, None) is not None:
            self._on_event(WatchEvent("cleared", {"id": subject}))


def _is_outdated(result: AssetResult) -> bool:
    return result.error is not None and result.error.code == "project_changed"


def _needs_buying(planner: Planner, asset_id: str) -> bool:
    evaluation = planner.evaluation
    needed = evaluation.with_upstream([asset_id])
    return any(used in evaluation.states and evaluation.states[used].needs_buying for used in needed)


def _retry_signature(asset: AssetPlan, planner: Planner, trust: str) -> str:
    """Changes with whatever could make another attempt end otherwise. trust: where the project stands with its user."""
    steps = [[step.key, step.fingerprint, step.cached, step.job] for step in asset.steps]
    return digest(
        [asset.id, str(asset.action), steps, list(asset.targets), trust, planner.evaluation.specs[asset.id].sha256]
    )


class _ResultReporter(SilentReporter):
    def __init__(self, on_result: Callable[[AssetResult], None]) -> None:
        self._on_result = on_result

    def asset(self, result: AssetResult, done: int, total: int) -> None:
        """Passes the result on as soon as its files are there."""
        del done, total
        self._on_result(result)
