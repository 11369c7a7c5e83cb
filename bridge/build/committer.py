"""The one place that writes what a build has made, in the one order in which a kill at any moment is harmless.

Blobs first, then the lock entry in state.db (`pending`), then the files, at the end of a build the lock file and the
states of the assets. Until the files of an asset are written its entry also names those that are to go, so that a build
that is stopped leaves none without an owner.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bridge.build.asset_build import AssetOutcome
from bridge.build.output_files import (
    FileSet,
    WritePolicy,
    Written,
    check_files,
    remove_stale_files,
    target_files,
    write_files,
    write_folder_files,
)
from bridge.cache.project_memory import AssetRow
from bridge.core.errors import BridgeError
from bridge.core.paths import PREVIEW_FOLDER, PROJECT_FILE
from bridge.plan.asset_state import AssetState
from bridge.plan.diff import snapshot_spec
from bridge.plan.lock_entries import broken_ids
from bridge.plan.step_inputs import select_used_links
from bridge.store import results
from bridge.store.lock_entry import LockedAsset, LockedTarget, join_path
from bridge.store.lockfile import asset_as_dict
from bridge.store.output_hash import MERGED, reconcile_hashes
from exporters.base import OutputFile

if TYPE_CHECKING:
    from bridge.build.project_moment import ProjectMoment
    from bridge.build.reporter import AssetResult
    from bridge.plan.evaluation import Evaluation
    from bridge.project import Project
    from bridge.providers.api import StepResult


@dataclass(slots=True)
class Committed:
    """An asset's state after its outcome was written, and paths in the project: written ones, and drifted ones."""

    state: AssetState
    changed: list[str] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)

    def add(self, written: Written) -> None:
        """Takes over what happened to some of the files."""
        self.changed += written.changed + written.removed
        self.drifted += written.drifted


class Committer:
    """Writes outcomes of a build; use it inside `project.owned()`."""

    def __init__(self, project: Project, policy: WritePolicy, moment: ProjectMoment) -> None:
        self._project = project
        self._policy = policy
        self._moment = moment
        self._entered: dict[str, LockedAsset] = {}
        self._removed: set[str] = set()

    def keep_result(self, fingerprint: str, result: StepResult) -> str:
        """Stores what a step has made, and remembers it beyond the lock's current entry; returns its hash.

        Raises:
            WorkFailed: `disk_full` or `output_unwritable`.
        """
        sha256 = results.save(self._project.store, result)
        self._project.memory.results.remember(fingerprint, sha256)
        return sha256

    def commit(self, outcome: AssetOutcome) -> Committed:
        """Writes an asset's entry, and its files; files of targets it no longer has are removed.

        Raises:
            BridgeError: the asset cannot be written, or it is not asked for any more; nothing was touched unless the
                disk failed half-way.
        """
        self._moment.require_current(outcome.state.id)
        if not outcome.is_complete:
            return self._commit_entry(outcome)
        self._check_files(outcome)
        entry = outcome.state.entry.copy()
        before = entry.targets
        locked = {files.target: files.locked() for files in outcome.files}
        entry.targets = before | locked
        done = Committed(outcome.state)
        try:
            self._record_entry(outcome.state, entry)
            for files in outcome.files:
                self._write_files(files, locked[files.target], done)
            for name in sorted(before.keys() - locked.keys() - self._project.config.unloaded_targets):
                engine = target_files(name, self._project.config.id)
                for folder, stale in before[name].iter_folders():
                    done.add(remove_stale_files(self._project.root, folder, stale, engine, self._policy))
                del entry.targets[name]
        except BaseException:
            # The lock must say of every file what is really on the disk, or ours would pass for edited.
            for files in outcome.files:
                locked[files.target].made = ""
                reconcile_hashes(self._project.root, files.folder, locked[files.target].files, files.recorded)
            raise
        finally:
            self._record_entry(outcome.state, entry)
        done.state = replace(outcome.state, entry=entry, renamed_from=None)
        return done

    def _check_files(self, outcome: AssetOutcome) -> None:
        try:
            for files in outcome.files:
                check_files(self._project.root, files, self._policy)
        except BridgeError:
            # What was paid for is known to the lock even so.
            if outcome.has_bought:
                self._record_entry(outcome.state, outcome.state.entry.copy())
            raise

    def _commit_entry(self, outcome: AssetOutcome) -> Committed:
        """Steps have results and the asset is not made yet: its files stay as they are."""
        entry = outcome.state.entry.copy()
        self._record_entry(outcome.state, entry)
        for name, data in outcome.previews.items():
            self._project.folder.write(f"{PREVIEW_FOLDER}/{name}", data)
        return Committed(replace(outcome.state, entry=entry))

    def _record_entry(self, state: AssetState, entry: LockedAsset) -> None:
        """The lock entry is committed; called before any output of the asset is touched."""
        lock = self._project.lock
        if state.renamed_from is not None:
            lock.remove(state.renamed_from)
            self._removed.add(state.renamed_from)
        lock.put(state.id, entry)
        self._entered[state.id] = entry
        self._project.memory.pending.put(state.id, {"entry": asset_as_dict(entry), "renamed_from": state.renamed_from})

    def _write_files(self, files: FileSet, locked: LockedTarget, done: Committed) -> None:
        root = self._project.root
        written = write_files(root, files, self._policy)
        for file in files.files:
            # An edited file keeps the hash we once wrote, so that it stays recognised as edited.
            if join_path(files.folder, file.path) in written.drifted and file.path in files.recorded:
                locked.files[file.path] = files.recorded[file.path]
        done.add(written)
        self._project.note_written(written.changed)
        self._remember_files(files, locked, written)
        engine = target_files(files.target, self._project.config.id)
        done.add(write_folder_files(root, files.folder, (file.path for file in files.files), engine))
        for folder in sorted(locked.left):
            done.add(remove_stale_files(root, folder, locked.left[folder], engine, self._policy))
        locked.left = {}

    def _remember_files(self, files: FileSet, locked: LockedTarget, written: Written) -> None:
        """Remembers what the files hold now; one that was edited by hand and kept holds something else."""
        for file in files.files:
            recorded = locked.files[file.path]
            path = join_path(files.folder, file.path)
            if recorded and path not in written.drifted and self._has_size(path, file):
                owned = recorded.removeprefix(MERGED) if recorded.startswith(MERGED) else ""
                self._project.memory.files.record_written(path, "output", hashlib.sha256(file.data).hexdigest(), owned)

    def _has_size(self, path: str, file: OutputFile) -> bool:
        try:
            return (self._project.root / path).stat().st_size == len(file.data)
        except OSError:
            return False

    # the end of a build

    def save(self, built: Mapping[str, AssetResult], evaluation: Evaluation) -> None:
        """Writes the lock file, then the states of the assets that were built.

        Raises:
            BridgeError: the lock cannot be saved (what was made is kept beside it and taken over next time); or
                `receipt_damaged`, of a merge that left a receipt of which no side can be read.
        """
        was_unmerged = bool(self._project.lock.notes)
        if self._project.is_lock_replaced():
            self._save_beside()
        else:
            self._project.save_lock()
        self._save_states(built, evaluation)
        if was_unmerged:
            # Receipts may have been left with both sides, too.
            receipts = self._project.store.receipts
            for fingerprint in receipts.list_fingerprints():
                receipts.settle_conflict(fingerprint)

    def _save_beside(self) -> None:
        """Version control has brought another lock meanwhile: ours goes into it, for the specs that are there."""
        self._moment.wait_for_git()
        entered = {asset_id: entry for asset_id, entry in self._entered.items() if self._moment.has_spec(asset_id)}
        self._project.take_foreign_lock(entered, self._removed if entered else ())

    def put_facts(self, states: Iterable[AssetState]) -> list[AssetState]:
        """What was found out of assets on the way goes into the lock: a clone need not find it out again.

        Returns the states that have another entry for that.
        """
        lock = self._project.lock
        changed = []
        for state in states:
            entry = state.entry
            if lock.assets.get(state.id) is not entry:
                continue
            links = {**entry.links, **select_used_links(state.steps, state.fingerprints, state.links)}
            if (state.parts, state.slots, links) != (entry.parts, entry.slots, entry.links):
                facts = replace(entry, parts=state.parts, slots=dict(state.slots), links=links)
                lock.put(state.id, facts)
                changed.append(replace(state, entry=facts))
        return changed

    def _save_states(self, built: Mapping[str, AssetResult], evaluation: Evaluation) -> None:
        memory, config = self._project.memory, self._project.config
        if memory.files.get(PROJECT_FILE) is None:
            # The first states of this project: they hold for the project file as it is.
            memory.files.record_used(PROJECT_FILE, "project", config.sha256)
        rows = []
        for result in built.values():
            loaded = evaluation.specs.get(result.id)
            if loaded is None:
                continue
            memory.files.record_used(loaded.path, "spec", loaded.sha256)
            rows.append(
                AssetRow(
                    result.id,
                    loaded.spec.kind,
                    loaded.path,
                    result.state,
                    result.error.as_dict() if result.error else None,
                    snapshot_spec(loaded) if result.state in ("ready", "drifted", "needs_pick") else None,
                )
            )
        removed = memory.assets.list_ids() - set(evaluation.specs) - broken_ids(evaluation.errors)
        memory.assets.save(rows, remove=removed)
