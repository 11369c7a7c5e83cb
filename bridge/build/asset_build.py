"""One asset while it is built: from its task to its outcome. Nothing but blobs is written here; the lock is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bridge.build.asset_loader import with_slots
from bridge.build.export_targets import ExportSituation, render_targets, request_exports
from bridge.core.errors import BridgeError, NeedsDecision, UserError, WorkFailed
from bridge.plan.asset_state import AssetState, find_receipt, with_result
from bridge.plan.step_inputs import select_used_links
from bridge.processing import repeats
from bridge.processing.undecided import find_undecided
from bridge.providers import registry
from bridge.store import results
from bridge.store.lock_entry import LockedStep
from bridge.store.locked_steps import BoughtResults
from exporters.model.asset import SpriteAsset

if TYPE_CHECKING:
    from bridge.build.asset_loader import AssetLoader
    from bridge.build.draw_pool import DrawPool
    from bridge.build.output_files import FileSet
    from bridge.build.project_moment import ProjectMoment
    from bridge.orders.model import Job
    from bridge.plan.evaluation import Evaluation
    from bridge.plan.model import AssetPlan
    from bridge.project import Project
    from bridge.providers.api import Step, StepResult


@dataclass(frozen=True, slots=True)
class AssetTask:
    """What the build of one asset starts from.

    state: its `entry` is a copy of the one in the lock, the build's own. plan: None where what it uses has changed
    since the plan was made.
    """

    state: AssetState
    plan: AssetPlan | None


@dataclass(frozen=True, slots=True)
class AssetOutcome:
    """What came of a task; nothing of it is written yet.

    state: its `entry` is the new lock entry, but for the targets. is_complete: all steps have results and `files` are
    those of all targets; else the entry alone is to be kept. has_bought: a step of it may have been paid for.
    previews: pictures to choose a variant by, by their names.
    """

    state: AssetState
    is_complete: bool = False
    has_bought: bool = False
    files: tuple[FileSet, ...] = ()
    previews: Mapping[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    error: BridgeError | None = None


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What every asset of a build is made with.

    keep_result: stores what a step has made, by its fingerprint, and returns its hash.
    """

    project: Project
    evaluation: Evaluation
    loader: AssetLoader
    keep_result: Callable[[str, StepResult], str]
    moment: ProjectMoment
    force: bool


class AssetBuild:
    """Makes the steps of a task that have no result, in whichever way, and then the files."""

    def __init__(self, task: AssetTask, context: BuildContext) -> None:
        self._context = context
        self._locked = task.state.entry.steps
        self._state = self._carry_over(task.state)
        self._has_bought = False

    @property
    def state(self) -> AssetState:
        """The asset as far as it is made."""
        return self._state

    @property
    def has_bought(self) -> bool:
        """Whether a step was added that something may have been paid for."""
        return self._has_bought

    def run(self, drawing: DrawPool, on_step: Callable[[Step], None]) -> AssetOutcome:
        """Makes everything on this machine.

        Raises:
            BridgeError: a step or the files cannot be made.
        """
        for key in [step.key for step in self._state.missing]:
            # A step before may have told the others what they take up.
            step = self._state.step(key)
            on_step(step)
            self.make_step(step, drawing)
        return self.finish()

    def make_step(self, step: Step, drawing: DrawPool) -> None:
        """Makes one step on this machine.

        Raises:
            WorkFailed: `source_failed`, `project_changed`, and what the provider and the store raise.
        """
        fingerprint = self._state.fingerprints[step.key]
        if fingerprint is None or not registry.get(step.provider).offline:
            raise WorkFailed("source_failed", f"{self._state.id}: step {step.key} waits for an asset that is not ready")
        result = drawing.make_result(fingerprint, step, *self.load_ingredients(step))
        self._context.moment.require_current(self._state.id)
        sha256 = self._context.keep_result(fingerprint, result)
        ids = dict(result.provider_ids)
        self.add_result(step, LockedStep(fingerprint, step.provider, step.operation, sha256, step.seed, ids))

    def load_ingredients(self, step: Step) -> tuple[dict[str, bytes], Mapping[str, StepResult]]:
        """The bytes that a step needs by role, and the results of the steps before it.

        Raises:
            UserError, WorkFailed: as `AssetLoader.load_inputs` and `load_result`.
        """
        loader = self._context.loader
        inputs: dict[str, bytes] = {}
        try:
            for item in step.inputs:
                inputs |= loader.load_inputs(self._state, item)
        except UserError as error:
            error.where = error.where or self._state.loaded.where(step.field or "provider")
            raise
        return inputs, {key: loader.load_result(self._state, key) for key in step.after}

    def add_result(self, step: Step, locked: LockedStep) -> None:
        """A step has a result in the store: notes it, and tells the steps that waited for it."""
        project = self._context.project
        whole = results.whole(project.store, locked.result)
        self._state.entry.steps[step.key] = replace(locked, meta=whole)
        journal = project.journal if None in self._state.fingerprints.values() else None
        bought = BoughtResults(project.lock.steps, journal.jobs.list_results() if journal else {})
        self._state = with_result(project, self._state, step.key, locked.result, bought)
        self._has_bought = self._has_bought or not registry.get(step.provider).offline

    def find_lost(self, key: str) -> LockedStep | None:
        """What the lock or a receipt says of a step whose result is gone.

        Raises:
            WorkFailed: `receipt_damaged`.
        """
        locked, fingerprint = self._locked.get(key), self._state.fingerprints[key]
        if locked is not None and locked.fingerprint == fingerprint:
            return locked
        receipt = find_receipt(self._context.project.store, self._state.step(key), fingerprint)
        return receipt.as_step() if receipt is not None else None

    def stop(self, error: BridgeError | None = None, previews: Mapping[str, bytes] | None = None) -> AssetOutcome:
        """The outcome of a build that ends here: what has a result is kept. error: why it ends."""
        state = self._state
        entry = state.entry
        used = select_used_links(state.steps, state.fingerprints, state.links)
        kept = replace(entry, links={**entry.links, **used}, seedless_hash=state.seedless_hash, parts=state.parts)
        return AssetOutcome(
            replace(state, entry=kept), has_bought=self._has_bought, previews=previews or {}, error=error
        )

    def finish(self) -> AssetOutcome:
        """All steps have results: makes the files.

        Raises:
            BridgeError: the files cannot be made.
        """
        pick = self._find_missing_pick()
        if pick is not None:
            return self.stop(pick, self._context.loader.preview_variants(self._state))
        context = self._context
        assembled = context.loader.load_assembled(self._state)
        state = self._state = with_slots(self._state, assembled.slots)
        owners = context.project.lock.owners.without(state.id, state.renamed_from)
        situation = ExportSituation(context.project.config, context.evaluation, owners, context.force)
        notes = self._note_processing()
        requests, said = request_exports(context.loader.load_processed(state), state, situation)
        files = render_targets(requests)
        entry = replace(
            state.entry,
            links=select_used_links(state.steps, state.fingerprints, state.links),
            seedless_hash=state.seedless_hash,
            slots=dict(state.slots),
            parts=state.parts,
        )
        built = replace(state, entry=entry, links=entry.links)
        return AssetOutcome(
            built, is_complete=True, has_bought=self._has_bought, files=tuple(files), notes=(*notes, *said)
        )

    def _note_processing(self) -> list[str]:
        """What making the asset did that the user may want to know."""
        state, loader = self._state, self._context.loader
        before, after = loader.load_assembled(state), loader.load_processed(state)
        notes = list(before.notes)
        if isinstance(before.asset, SpriteAsset) and isinstance(after, SpriteAsset):
            notes += repeats.repeat_notes(before.asset, after)
        unsure = find_undecided(before.asset, state.process)
        return notes + [f"{one.step}: {one.message} ({one.fix})" for one in unsure if one.is_defect]

    def _find_missing_pick(self) -> NeedsDecision | None:
        """What is to be said where a variant has to be picked first."""
        asset_id, spec = self._state.id, self._state.loaded.spec
        if spec.kind != "character" or spec.variants == 1 or spec.pick is not None:
            return None
        return NeedsDecision(
            "needs_pick",
            f"{asset_id} has {spec.variants} variants and none is picked",
            hint=f"Look at .assetbridge/previews/{asset_id}.base_*.png, then: assetbridge pick {asset_id} NUMBER",
            where=self._state.loaded.where("variants"),
        )

    def _carry_over(self, state: AssetState) -> AssetState:
        """The state with steps that are at hand filled into its entry, and steps that it no longer has removed."""
        kept: dict[str, LockedStep] = {}
        for step in state.steps:
            fingerprint = state.fingerprints[step.key]
            if step.key not in state.results or fingerprint is None:
                continue
            locked = state.entry.steps.get(step.key)
            if locked is None or (locked.fingerprint, locked.result) != (fingerprint, state.results[step.key]):
                locked = self._find_locked(state, step, fingerprint)
            kept[step.key] = locked
        return replace(state, entry=replace(state.entry, kind=state.loaded.spec.kind, steps=kept))

    def _find_locked(self, state: AssetState, step: Step, fingerprint: str) -> LockedStep:
        """What is known of a step that was made for another asset, or earlier, or by somebody else."""
        project, result = self._context.project, state.results[step.key]
        known = (known for known in self._list_known(step, fingerprint) if known.result == result)
        locked = next(known, LockedStep(fingerprint, step.provider, step.operation, result, step.seed))
        return replace(locked, meta=locked.meta or results.whole(project.store, result))

    def _list_known(self, step: Step, fingerprint: str) -> Iterator[LockedStep]:
        """What the lock, the journal and a receipt say of a step, in this order."""
        project = self._context.project
        locked = project.lock.steps.get(fingerprint)
        if locked is not None:
            yield locked
        job = project.journal.jobs.find_bought(fingerprint) if project.journal else None
        if job is not None:
            yield _locked_job(job, fingerprint)
        receipt = find_receipt(project.store, step, fingerprint)
        if receipt is not None:
            yield receipt.as_step()


def _locked_job(job: Job, fingerprint: str) -> LockedStep:
    """A step that a stopped run had bought: the journal knows its ids and its cost."""
    cost = {"unit": job.charge.unit, "amount": str(job.charge.amount)} if job.charge else None
    return LockedStep(fingerprint, job.provider, job.step.operation, job.result, job.step.seed, dict(job.remote), cost)
