"""Carrying out a plan: steps → store → lock, then assets → processing → exporters → files.

One failing asset never stops the others; what uses it is reported as `source_failed`. The order of records makes a
kill at any moment harmless: blobs, then the lock entry in state.db, then the files, then the lock file.
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from bridge.build.asset_loader import AssetLoader
from bridge.build.draw_pool import Drawing
from bridge.build.export_targets import Exported, write_targets
from bridge.build.reporter import Reporter, Result, Silent
from bridge.cache.file_index import AssetRow
from bridge.core.errors import BridgeError, Defect, NeedsDecision, WorkFailed
from bridge.core.paths import CRASH_LOG_FILE, PROJECT_FILE, STORE_FOLDER, asset_id_of
from bridge.plan.asset_state import AssetState, proceed
from bridge.plan.evaluator import Planner, snapshot
from bridge.plan.model import Action, AssetPlan, Plan
from bridge.plan.step_inputs import used_links
from bridge.project import Project
from bridge.providers import registry
from bridge.providers.api import Step, StepResult
from bridge.store import results
from bridge.store.lockfile import LockedAsset, LockedStep, asset_data

if TYPE_CHECKING:
    from bridge.core.clock import Clock
    from bridge.orders.budget import Approval

LOCK_EVERY = 50


class Builder:
    """Builds the assets of a plan. Call it inside `project.owned()`."""

    def __init__(
        self,
        project: Project,
        planner: Planner,
        plan: Plan,
        reporter: Reporter | None = None,
        *,
        force: bool = False,
        approval: Approval | None = None,
        clock: Clock | None = None,
        check: Callable[[str], None] = lambda _asset_id: None,
    ) -> None:
        """check: asked before anything is ordered for an asset; raises `interrupted` when nobody wants it any more."""
        self.project = project
        self.planner = planner
        self.plans = {asset.id: asset for asset in plan.assets}
        self.reporter = reporter or Silent()
        self.force = force
        self.approval = approval
        self.clock = clock
        self.check = check
        self.art = AssetLoader(project, planner)
        planner.hash_parts_with(self.art.part_hash)
        self.results: dict[str, Result] = {}
        self.touched: set[str] = set()
        self.drawing = Drawing({})

    def build(self, ids: Iterable[str] | None = None, *, only_export: bool = False, buy: bool = True) -> list[Result]:
        """Builds the given assets and what they use (all without ids); returns results in order of ids.

        only_export: draw and buy nothing; assets with missing results fail with `store_missing`.
        buy: whether anything is bought or collected; without, `ids` must need neither.

        Raises:
            BridgeError: the lock cannot be saved (what was made is kept beside it and taken over next time).
        """
        wanted = self.planner.with_upstream(self.planner.specs if ids is None else ids)
        todo = [asset_id for asset_id in self.planner.order if asset_id in wanted]
        todo += sorted(wanted.difference(todo))
        try:
            if buy and not only_export:
                self._buy(todo)
            rest = [asset_id for asset_id in todo if asset_id not in self.results]
            with Drawing(self._to_draw(rest)) as self.drawing:
                for done, asset_id in enumerate(rest, start=len(todo) - len(rest)):
                    result = self._guarded(asset_id, done, len(todo), only_export=only_export)
                    self.results[asset_id] = result
                    self.reporter.asset(result, done + 1, len(todo))
                    if (done + 1) % LOCK_EVERY == 0:
                        self.project.state.flush()
        finally:
            self.project.save_lock()
            self._save_states()
        return [self.results[asset_id] for asset_id in sorted(self.results)]

    def _to_draw(self, todo: list[str]) -> dict[str, Step]:
        """The steps that these assets will have made on this machine, by their fingerprints."""
        found = {}
        for work in (self.planner.works[asset_id] for asset_id in todo if asset_id in self.planner.works):
            for step in work.missing:
                fingerprint = work.fingerprints[step.key]
                # Other packages' providers are left alone: what they load may not fit into memory more than once.
                offline = step.provider in registry.KNOWN and registry.get(step.provider).offline
                if fingerprint is not None and offline:
                    found[fingerprint] = step
        return found

    def _buy(self, todo: list[str]) -> None:
        """Builds the assets of `todo` that have something to buy or to collect."""
        journal = self.project.journal
        paid = self._paid(todo)
        if not paid and (journal is None or not journal.jobs.has_unfinished()):
            return
        import asyncio

        from bridge.build.purchase import Purchases
        from bridge.core.clock import SystemClock
        from bridge.core.shutdown import run_stoppable
        from bridge.orders.budget import Approval, read_budgets

        approval = self.approval or Approval(read_budgets(self.project.config.budget))
        purchases = Purchases(
            self,
            self.project.open_journal(),
            approval,
            self.clock or SystemClock(),
            finished=lambda result: self.reporter.asset(result, len(self.results), len(todo)),
        )
        asyncio.run(run_stoppable(purchases.run(paid)))

    def _paid(self, todo: list[str]) -> list[str]:
        """The assets with a missing step that is not made on this machine, and all that they use, in order of need."""
        works = self.planner.works
        paid = self.planner.with_upstream(asset_id for asset_id in todo if asset_id in works and buys(works[asset_id]))
        return [asset_id for asset_id in todo if asset_id in paid]

    def _guarded(self, asset_id: str, done: int, total: int, *, only_export: bool) -> Result:
        try:
            return self._build(asset_id, done, total, only_export=only_export)
        except Exception as error:  # noqa: BLE001  one asset's failure must not stop the others; see `failed`
            return self.failed(asset_id, error)

    def failed(self, asset_id: str, error: Exception) -> Result:
        """What an exception means for one asset; the trace of a defect is kept in crash.log."""
        if isinstance(error, OSError):
            from bridge.core import atomic_files as disk

            error = disk.describe_failure(error, self.project.root, asset_id)
        if not isinstance(error, BridgeError):
            return Result(asset_id, "failed", self._defect(asset_id, error))
        if error.where is None and asset_id in self.planner.specs:
            error.where = self.planner.specs[asset_id].where(error.field or "kind")
        state = "failed"
        if isinstance(error, NeedsDecision):
            state = error.code if error.code in ("needs_pick", "uncertain") else "needs_approval"
        elif error.code == "interrupted":
            state = "cancelled"
        return Result(asset_id, state, error)

    def _defect(self, asset_id: str, error: Exception) -> BridgeError:
        from bridge.core import atomic_files as disk
        from bridge.core import credentials as secrets
        from bridge.core.redact import redact

        log = self.project.root / CRASH_LOG_FILE
        text = "".join(traceback.format_exception(error)).replace(str(self.project.root), ".")
        text = redact(text, secrets.live_keys())
        with contextlib.suppress(BridgeError):
            disk.write(log, f"{asset_id}\n{text}".encode())
        return Defect(
            "internal",
            redact(f"{asset_id}: unexpected {type(error).__name__}: {error}", secrets.live_keys()),
            hint=f"This is a defect in assetbridge; {CRASH_LOG_FILE} has the details for a report.",
        )

    def _build(self, asset_id: str, done: int, total: int, *, only_export: bool) -> Result:
        begun = self.begin(asset_id, only_export=only_export)
        if isinstance(begun, Result):
            return begun
        work, entry = begun
        for place in [step.key for step in work.missing]:
            # A step before may have told the others what they take up.
            step = work.step(place)
            self.reporter.step(asset_id, step.key, done, total)
            self.run(work, entry, step)
        return self.complete(work, entry)

    def begin(self, asset_id: str, *, only_export: bool = False) -> Result | tuple[AssetState, LockedAsset]:
        """An asset's work and the lock entry to fill, or its result where there is nothing to make.

        Raises:
            BridgeError: what it uses is not ready, or a result is missing that may not be made now.
        """
        failure = self.planner.failures.get(asset_id)
        if failure is not None:
            return Result(asset_id, "invalid", failure)
        work = self.planner.works[asset_id]
        for other in work.upstream:
            if other in self.results and self.results[other].state not in ("ready", "drifted"):
                raise WorkFailed(
                    "source_failed",
                    f"{asset_id} uses {other}, which is not ready",
                    hint=f"Mend {other} first.",
                )
        plan = self.plans.get(asset_id)
        if any(self.results[other].changed for other in work.upstream if other in self.results) or any(
            fingerprint is None for fingerprint in work.fingerprints.values()
        ):
            work = self._again(asset_id)
            plan = None
        if plan is not None and plan.action in (Action.NONE, Action.BLOCKED) and not self.force:
            return self._unchanged(plan, work)
        if work.missing and only_export:
            raise WorkFailed(
                "store_missing",
                f"{asset_id} has steps without a result: {', '.join(step.key for step in work.missing)}",
                hint="Run `assetbridge build`.",
            )
        self.touched.add(asset_id)
        return work, self._carried(work)

    def complete(self, work: AssetState, entry: LockedAsset) -> Result:
        """All steps have results: writes the asset's files.

        Raises:
            BridgeError: a variant has to be picked, or the files cannot be made.
        """
        self.planner.invalidate(work.id)
        self._ask_for_pick(work, entry)
        entry.links = used_links(work.steps, work.fingerprints, entry)
        exported = write_targets(self.project, self.planner, self.art, work, entry, self.record, force=self.force)
        self.planner.invalidate(work.id)
        self.art.release(work.id)
        return self._finished(work, exported)

    def _again(self, asset_id: str) -> AssetState:
        work = self.planner.evaluate(asset_id)
        if work is None:
            raise self.planner.failures[asset_id]
        # The plan has named lost results of what is paid for: those are never made again unasked.
        if work.offline:
            self.planner.note_lost(work)
        return work

    def _unchanged(self, plan: AssetPlan, work: AssetState) -> Result:
        if plan.action is Action.BLOCKED:
            error = WorkFailed(
                "store_missing",
                f"{plan.id}: results that were paid for are not in the store",
                hint=f"Bring {STORE_FOLDER} from the machine that built it, or approve the price of a new one.",
            )
            return Result(plan.id, "blocked", error)
        state = "drifted" if plan.drifted else "ready"
        if not work.entry.targets:
            row = self.project.state.asset(plan.id)
            state = "needs_pick" if row is not None and row.state == "needs_pick" else state
        return Result(
            plan.id,
            state,
            outputs=outputs_of(work.entry),
            notes=[f"{p} was edited by hand and is kept" for p in plan.drifted],
        )

    def _carried(self, work: AssetState) -> LockedAsset:
        """The asset's lock entry, with steps that are at hand filled in and steps it no longer has removed."""
        entry = work.entry
        self.project.lock.changed(work.id)
        entry.kind = work.loaded.spec.kind
        kept: dict[str, LockedStep] = {}
        for step in work.steps:
            fingerprint = work.fingerprints[step.key]
            if step.key not in work.results or fingerprint is None:
                continue
            old = entry.steps.get(step.key)
            if old is None or old.fingerprint != fingerprint:
                old = (
                    self.planner.steps.get(fingerprint)
                    or self._bought_earlier(fingerprint)
                    or LockedStep(fingerprint, step.provider, step.operation, work.results[step.key], step.seed)
                )
                old.meta = old.meta or results.whole(self.project.store, old.result)
            kept[step.key] = old
        entry.steps = kept
        return entry

    def _bought_earlier(self, fingerprint: str) -> LockedStep | None:
        """A step that a stopped run had bought: the journal knows its ids and its cost."""
        journal = self.project.journal
        job = journal.jobs.find_bought(fingerprint) if journal else None
        if job is None:
            return None
        cost = {"unit": job.charge.unit, "amount": str(job.charge.amount)} if job.charge else None
        return LockedStep(
            fingerprint, job.provider, job.step.operation, job.result, job.step.seed, dict(job.remote), cost
        )

    def ingredients(self, work: AssetState, step: Step) -> tuple[dict[str, bytes], Mapping[str, StepResult]]:
        """The bytes that a step needs by role, and the results of the steps before it."""
        inputs: dict[str, bytes] = {}
        for item in step.inputs:
            inputs |= self.art.inputs(work, item)
        return inputs, {key: self.art.result(work, key) for key in step.after}

    def run(self, work: AssetState, entry: LockedAsset, step: Step) -> None:
        """Makes one step on this machine.

        Raises:
            WorkFailed: `source_failed`, and what the provider and the store raise.
        """
        fingerprint = work.fingerprints[step.key]
        provider = registry.get(step.provider)
        if fingerprint is None or not provider.offline:
            raise WorkFailed("source_failed", f"{work.id}: step {step.key} waits for an asset that is not ready")
        result = self.drawing.result(fingerprint, step, *self.ingredients(work, step))
        sha256 = results.save(self.project.store, result)
        self.project.state.remember_result(fingerprint, sha256)
        ids = dict(result.provider_ids)
        locked = LockedStep(fingerprint, step.provider, step.operation, sha256, step.seed, ids)
        self.made(work, entry, step, locked)

    def made(self, work: AssetState, entry: LockedAsset, step: Step, locked: LockedStep) -> None:
        """A step has a result in the store: notes it, and tells the steps that waited for it."""
        locked.meta = results.whole(self.project.store, locked.result)
        work.results[step.key] = locked.result
        entry.steps[step.key] = locked
        self.project.lock.changed(work.id)
        proceed(self.project, work, self.planner.bought)

    def _ask_for_pick(self, work: AssetState, entry: LockedAsset) -> None:
        spec = work.loaded.spec
        if spec.kind != "character" or spec.variants == 1 or spec.pick is not None:
            return
        self.record(work, entry)
        paths = self.art.variant_previews(work)
        raise NeedsDecision(
            "needs_pick",
            f"{work.id} has {spec.variants} variants and none is picked",
            hint=f"Look at {paths}, then: assetbridge pick {work.id} NUMBER",
            where=work.loaded.where("variants"),
        )

    def record(self, work: AssetState, entry: LockedAsset) -> None:
        """The lock entry is committed; called before any output of the asset is touched."""
        entry.wish = work.wish
        lock = self.project.lock
        if work.renamed_from is not None:
            lock.assets.pop(work.renamed_from, None)
            lock.changed(work.renamed_from)
            self.planner.steps.forget(work.renamed_from)
        lock.assets[work.id] = entry
        lock.changed(work.id)
        self.planner.steps.update(work.id, entry)
        self.project.state.set_pending(work.id, {"entry": asset_data(entry), "renamed_from": work.renamed_from})

    def _finished(self, work: AssetState, exported: Exported) -> Result:
        work.known = True
        if work.renamed_from is not None:
            self.planner.renamed.pop(work.id, None)
            work.renamed_from = None
        notes = [*exported.notes, *(f"{path} was edited by hand and is kept" for path in exported.drifted)]
        return Result(
            work.id,
            "drifted" if exported.drifted else "ready",
            outputs=outputs_of(work.entry),
            changed=exported.changed,
            notes=notes,
        )

    def _save_states(self) -> None:
        state, config = self.project.state, self.project.config
        if state.known(PROJECT_FILE) is None:
            # The first states of this project: they hold for the project file as it is.
            state.settle(PROJECT_FILE, "project", config.sha256)
        rows = []
        for result in self.results.values():
            loaded = self.planner.specs.get(result.id)
            if loaded is None:
                continue
            self.project.state.settle(loaded.path, "spec", loaded.sha256)
            rows.append(
                AssetRow(
                    result.id,
                    loaded.spec.kind,
                    loaded.path,
                    result.state,
                    result.error.as_dict() if result.error else None,
                    snapshot(loaded) if result.state in ("ready", "drifted", "needs_pick") else None,
                )
            )
        gone = (
            self.project.state.asset_ids()
            - set(self.planner.specs)
            - {asset_id_of(error.where.file) for error in self.planner.errors if error.where}
        )
        self.project.state.save_assets(rows, remove=gone)


def buys(work: AssetState) -> bool:
    """Whether an asset has a missing or lost step that is not made on this machine."""
    return any(not registry.get(step.provider).offline for step in (*work.missing, *_lost(work)))


def _lost(work: AssetState) -> list[Step]:
    return [step for step in work.steps if step.key in work.lost]


def outputs_of(entry: LockedAsset) -> dict[str, list[str]]:
    """Project-relative output paths by target."""
    from bridge.store.lockfile import join

    return {
        name: [join(target.output, path) for path in target.files] for name, target in sorted(entry.targets.items())
    }
