"""Carrying out a plan: steps → store → lock, then assets → processing → exporters → files.

One failing asset never stops the others; what uses it is reported as `source_failed`. What is made is written by
`bridge.build.committer` alone, in an order in which a kill at any moment is harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from bridge.build.asset_build import BuildContext
from bridge.build.asset_loader import AssetLoader
from bridge.build.build_queue import BuildQueue
from bridge.build.committer import Committer
from bridge.build.draw_pool import DrawPool
from bridge.build.output_files import WritePolicy
from bridge.build.project_moment import ProjectMoment
from bridge.build.purchase import PurchaseReports, Purchases
from bridge.build.reporter import AssetResult, Reporter, SilentReporter
from bridge.core.clock import SystemClock
from bridge.core.errors import BridgeError
from bridge.core.shutdown import run_stoppable
from bridge.orders.budget import Approval, read_budgets
from bridge.orders.model import JobState
from bridge.orders.team_spending import TeamSpending
from bridge.providers import registry
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.core.clock import Clock
    from bridge.orders.journal import Journal
    from bridge.plan.model import Plan
    from bridge.plan.planner import Planner
    from bridge.project import Project
    from bridge.providers.api import Step

_WRITTEN = frozenset({"ready", "drifted"})
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
        is_asked: bool = True,
        clock: Clock | None = None,
        check: Callable[[str], None] = lambda _asset_id: None,
        policy: WritePolicy | None = None,
    ) -> None:
        """approval: what may be spent; None spends inside the budgets. is_asked: whether somebody asks for this build,
        and no saved file. check: asked before anything is ordered for an asset; raises `interrupted` when nobody wants
        it any more. policy: what becomes of files in the way, where it is not `force` alone.
        """
        self._project = project
        self._reporter = reporter or SilentReporter()
        self._approval = approval
        self._is_asked = is_asked
        self._clock = clock
        self._check = check
        self.loader = AssetLoader(project, planner.evaluation)
        self._moment = ProjectMoment(project, planner.evaluation)
        committer = Committer(project, policy or WritePolicy(force=force), self._moment)
        context = BuildContext(project, planner.evaluation, self.loader, committer.keep_result, self._moment, force)
        self._queue = BuildQueue(planner, plan, context, committer)

    @property
    def touched(self) -> set[str]:
        """The assets whose build was begun."""
        return self._queue.touched

    def build(
        self, ids: Iterable[str] | None = None, *, only_export: bool = False, buy: bool = True
    ) -> list[AssetResult]:
        """Builds the given assets and what they use (all without ids); returns results in order of ids.

        only_export: draw and buy nothing; assets with missing results fail with `store_missing`.
        buy: whether anything is bought or collected; without, `ids` must need neither.

        Raises:
            BridgeError: the lock cannot be saved (what was made is kept beside it and taken over next time).
        """
        queue = self._queue
        todo = queue.list_ids(ids)
        try:
            if buy and not only_export:
                self._buy(todo)
            rest = [asset_id for asset_id in todo if asset_id not in queue.results]
            with DrawPool(self._list_steps_to_draw(rest)) as drawing:
                for done, asset_id in enumerate(rest, start=len(todo) - len(rest)):
                    result = self._build_one(asset_id, drawing, done, len(todo), only_export=only_export)
                    queue.end_asset(result)
                    self._reporter.asset(result, done + 1, len(todo))
                    if (done + 1) % LOCK_EVERY == 0:
                        self._project.memory.files.flush()
            if buy and not only_export:
                self._note_exported()
        finally:
            queue.save()
        return [queue.results[asset_id] for asset_id in sorted(queue.results)]

    def _list_steps_to_draw(self, todo: list[str]) -> dict[str, Step]:
        """The steps that these assets will have made on this machine, by their fingerprints."""
        steps = {}
        states = self._queue.evaluation.states
        for state in (states[asset_id] for asset_id in todo if asset_id in states):
            for step in state.missing:
                fingerprint = state.fingerprints[step.key]
                # Other packages' providers are left alone: what they load may not fit into memory more than once.
                offline = step.provider in registry.KNOWN and registry.get(step.provider).offline
                if fingerprint is not None and offline:
                    steps[fingerprint] = step
        return steps

    def _buy(self, todo: list[str]) -> None:
        """Builds the assets of `todo` that have something to buy or to collect."""
        paid, journal = self._queue.list_paid_ids(todo), self._project.journal
        if not paid and (journal is None or not (journal.jobs.has_unfinished() or self._has_unshared(journal))):
            return
        if self._find_refusal() is not None:
            self._hold_back(paid, len(todo))
            return
        purchases = Purchases(
            self._project,
            self._queue,
            self._approval or self._make_approval(),
            self._clock or SystemClock(),
            PurchaseReports(self._reporter, self._check_wanted, len(todo)),
        )
        asyncio.run(run_stoppable(purchases.run(paid)))

    def _has_unshared(self, journal: Journal) -> bool:
        """Whether something was bought here that the team's store has not got, as far as the journal knows."""
        shared = self._project.shared
        if shared is None:
            return False
        return bool(journal.jobs.list_results().keys() - journal.team.list_shared(str(shared.bucket.address)))

    def _make_approval(self) -> Approval:
        """What may be spent without asking: what the budgets have left, of everything that is known to be spent."""
        project = self._project
        team = TeamSpending(project.store.receipts, project.journal)
        return Approval(read_budgets(project.config), trust=project.config.trust, is_asked=self._is_asked, team=team)

    def _note_exported(self) -> None:
        """Results that an earlier build had bought and could not write out are in their files by now."""
        journal, states, results = self._project.journal, self._queue.evaluation.states, self._queue.results
        stored = journal.jobs.list_in((JobState.STORED,)) if journal is not None else []
        if journal is None or not stored:
            return
        ready = [states[one.id] for one in results.values() if one.state in _WRITTEN and one.id in states]
        written = {fingerprint for state in ready for fingerprint in state.fingerprints.values()}
        for job in stored:
            if job.fingerprint in written:
                journal.jobs.move(job, JobState.EXPORTED)

    def _hold_back(self, paid: list[str], total: int) -> None:
        """What has something to buy waits until the project is trusted; what is free of it is built as ever."""
        queue = self._queue
        for asset_id in paid:
            state, refusal = queue.evaluation.states.get(asset_id), self._find_refusal()
            if state is not None and state.needs_buying and refusal is not None:
                refusal.where = state.loaded.where("provider")
                result = queue.describe_failure(asset_id, refusal)
                queue.end_asset(result)
                self._reporter.asset(result, len(queue.results), total)

    def _find_refusal(self) -> BridgeError | None:
        """Why nothing may be bought in this project; None where it is trusted."""
        try:
            return self._project.config.trust.refusal(Gate.SPENDING)
        except BridgeError as error:
            # What was trusted cannot be read: that stops what costs something, and nothing else.
            return error

    def _check_wanted(self, asset_id: str) -> None:
        """Raises where nobody wants an asset any more, or its spec is not what is on the disk."""
        self._check(asset_id)
        self._moment.require_current(asset_id)

    def _build_one(self, asset_id: str, drawing: DrawPool, done: int, total: int, *, only_export: bool) -> AssetResult:
        def report_step(step: Step) -> None:
            self._reporter.step(asset_id, step.key, done, total)

        try:
            build = self._queue.take(asset_id, only_export=only_export)
            if isinstance(build, AssetResult):
                return build
            return self._queue.commit(build.run(drawing, report_step))
        except Exception as error:  # noqa: BLE001  one asset's failure must not stop the others
            return self._queue.describe_failure(asset_id, error)
