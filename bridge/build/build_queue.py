"""A plan as a queue of tasks: what each asset's build starts from, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.build.asset_build import AssetBuild, AssetOutcome, AssetTask, BuildContext
from bridge.build.reporter import AssetResult
from bridge.core.crash_log import explain_failure
from bridge.core.disk_errors import describe_failure
from bridge.core.errors import BridgeError, NeedsDecision, WorkFailed
from bridge.plan.model import Action

if TYPE_CHECKING:
    from bridge.build.committer import Committer
    from bridge.plan.asset_state import AssetState
    from bridge.plan.evaluation import Evaluation
    from bridge.plan.model import AssetPlan, Plan
    from bridge.plan.planner import Planner

_READY = ("ready", "drifted")
# What a person has to decide about an asset, by the code of its error; else it is its price.
_DECISION_STATES = {
    "needs_pick": "needs_pick",
    "uncertain": "uncertain",
    "order_failed": "failed",
    "order_cancelled": "cancelled",
    "not_trusted": "needs_trust",
}


class BuildQueue:
    """Hands out builds in order of need and takes their outcomes.

    results: what became of the assets so far. touched: the assets whose build was begun.
    """

    def __init__(self, planner: Planner, plan: Plan, context: BuildContext, committer: Committer) -> None:
        self._planner = planner
        self._plans = {asset.id: asset for asset in plan.assets}
        self._context = context
        self._committer = committer
        evaluation = planner.evaluation
        self._planned_pixels = {
            asset_id: evaluation.fingerprint_of(state)
            for asset_id, state in evaluation.states.items()
            if state.upstream
        }
        self._blocked: dict[str, AssetTask] = {}
        self._builds: dict[str, AssetBuild] = {}
        self._results: dict[str, AssetResult] = {}
        self._touched: set[str] = set()

    @property
    def results(self) -> Mapping[str, AssetResult]:
        """What became of the assets so far."""
        return self._results

    @property
    def touched(self) -> set[str]:
        """The assets whose build was begun."""
        return set(self._touched)

    @property
    def evaluation(self) -> Evaluation:
        """What every asset comes to."""
        return self._planner.evaluation

    def list_ids(self, ids: Iterable[str] | None) -> list[str]:
        """These assets (all without) and what they use, in order of need."""
        wanted = self.evaluation.with_upstream(self.evaluation.specs if ids is None else ids)
        ordered = [asset_id for asset_id in self.evaluation.order if asset_id in wanted]
        return ordered + sorted(wanted.difference(ordered))

    def list_paid_ids(self, ids: Iterable[str]) -> list[str]:
        """Those of these assets with a missing step that is not made on this machine, and all that they use."""
        todo, states = list(ids), self.evaluation.states
        paid = self.evaluation.with_upstream(
            asset_id for asset_id in todo if asset_id in states and states[asset_id].needs_buying
        )
        return [asset_id for asset_id in todo if asset_id in paid]

    def take(self, asset_id: str, *, only_export: bool = False) -> AssetBuild | AssetResult:
        """The begun build of an asset, or its result where there is nothing to make.

        only_export: nothing may be drawn or bought.

        Raises:
            BridgeError: what it uses is not ready, or a result is missing that may not be made now.
        """
        failure = self.evaluation.failures.get(asset_id)
        if failure is not None:
            return AssetResult(asset_id, "invalid", failure)
        task = self._prepare_task(asset_id)
        if task.plan is not None and task.plan.action in (Action.NONE, Action.BLOCKED) and not self._context.force:
            if task.plan.action is Action.BLOCKED:
                self._blocked[asset_id] = task
            return self._describe_unchanged(task.plan, task.state)
        if task.state.missing and only_export:
            raise WorkFailed(
                "store_missing",
                f"{asset_id} has steps without a result: {', '.join(step.key for step in task.state.missing)}",
                hint="Run `assetbridge build`.",
            )
        return self._begin_task(task)

    def take_blocked(self, asset_id: str) -> AssetBuild:
        """The begun build of an asset that `take` has found blocked: its lost results may be had again."""
        return self._begin_task(self._blocked.pop(asset_id))

    def _begin_task(self, task: AssetTask) -> AssetBuild:
        self._touched.add(task.state.id)
        build = self._builds[task.state.id] = AssetBuild(task, self._context)
        return build

    def _prepare_task(self, asset_id: str) -> AssetTask:
        state = self.evaluation.states[asset_id]
        for used in state.upstream:
            if used in self._results and self._results[used].state not in _READY:
                raise WorkFailed(
                    "source_failed",
                    f"{asset_id} uses {used}, which is not ready",
                    hint=f"Mend {used} first.",
                )
        plan = self._plans.get(asset_id)
        if not self._touched.isdisjoint(state.upstream) or None in state.fingerprints.values():
            again = self._planner.evaluate_again(asset_id, self._context.loader.hash_part)
            if not self._is_as_planned(state, again):
                state, plan = again, None
        return AssetTask(replace(state, entry=state.entry.copy()), plan)

    def _is_as_planned(self, state: AssetState, again: AssetState) -> bool:
        """Whether an asset that was evaluated again comes to what it did when the plan was made."""
        results_at_hand = {key: result for key, result in again.results.items() if key not in state.lost}
        return (
            results_at_hand == state.results
            and again.fingerprints == state.fingerprints
            and self.evaluation.fingerprint_of(again) == self._planned_pixels.get(state.id)
        )

    def _describe_unchanged(self, plan: AssetPlan, state: AssetState) -> AssetResult:
        if plan.action is Action.BLOCKED:
            error = WorkFailed(
                "store_missing",
                f"{plan.id}: results that were paid for are not in the store",
                hint="Bring .assetbridge/store from the machine that built it (with Git LFS: git lfs pull), or approve "
                "the price of a new one.",
            )
            return AssetResult(plan.id, "blocked", error)
        name = "drifted" if plan.drifted else "ready"
        if not state.entry.targets:
            row = self._context.project.memory.assets.get(plan.id)
            name = "needs_pick" if row is not None and row.state == "needs_pick" else name
        return AssetResult(
            plan.id,
            name,
            outputs=state.entry.outputs(),
            notes=[f"{path} was edited by hand and is kept" for path in plan.drifted],
        )

    def commit(self, outcome: AssetOutcome) -> AssetResult:
        """Writes an outcome; returns what became of the asset.

        Raises:
            BridgeError: it cannot be written; or why the asset is not complete.
        """
        committed = self._committer.commit(outcome)
        self._builds.pop(outcome.state.id, None)
        self._planner.accept_state(committed.state)
        self._context.loader.release(outcome.state.id)
        if outcome.error is not None:
            raise outcome.error
        drifted = [f"{path} was edited by hand and is kept" for path in committed.drifted]
        return AssetResult(
            outcome.state.id,
            "drifted" if committed.drifted else "ready",
            outputs=committed.state.entry.outputs(),
            changed=committed.changed,
            notes=[*outcome.notes, *drifted],
        )

    def end_asset(self, result: AssetResult) -> None:
        """This became of an asset."""
        self._results[result.id] = result
        build = self._builds.pop(result.id, None)
        if build is not None:
            # It failed: what was made of it is at hand all the same, and the lock has what was recorded of it.
            locked = self._context.project.lock.assets.get(result.id)
            entry = locked if locked is not None else self.evaluation.entries[result.id]
            self._planner.accept_state(replace(build.state, entry=entry))

    def save(self) -> None:
        """Writes the lock file and the states of the assets that were built.

        Raises:
            BridgeError: the lock cannot be saved (what was made is kept beside it and taken over next time).
        """
        for state in self._committer.put_facts(self.evaluation.states.values()):
            self._planner.accept_state(state)
        self._committer.save(self._results, self.evaluation)

    def describe_failure(self, asset_id: str, error: Exception) -> AssetResult:
        """What an exception means for one asset; the trace of a defect is kept in crash.log."""
        if isinstance(error, OSError):
            error = describe_failure(error, self._context.project.root, asset_id)
        if not isinstance(error, BridgeError):
            error = explain_failure(error, self._context.project.root, asset_id)
        if error.where is None and asset_id in self.evaluation.specs:
            error.where = self.evaluation.specs[asset_id].where(error.field or "kind")
        state = "failed"
        if isinstance(error, NeedsDecision):
            state = _DECISION_STATES.get(error.code, "needs_approval")
        elif error.code in ("interrupted", "project_changed"):
            state = "cancelled"
        return AssetResult(asset_id, state, error)
