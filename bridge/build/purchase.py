"""Building assets that have something to buy: many orders at once; an asset waits for those that it uses.

Every asset is a task that waits for the assets it uses; every paid step of it is an order with the runner. What fails
stops its own asset only, and what was bought beside it is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bridge.build.draw_pool import DrawPool
from bridge.build.reporter import AssetResult
from bridge.core.crash_log import explain_failure
from bridge.core.errors import BridgeError, NeedsDecision, ProviderError
from bridge.core.git_programs import read_user_name
from bridge.orders.access import open_access
from bridge.orders.input_url import url_for_input
from bridge.orders.model import TAKEN, Job, JobState, OrderRequest, format_price
from bridge.orders.runner import recovery
from bridge.orders.runner.runner import Runner
from bridge.orders.runner.team import TeamOrders
from bridge.orders.webhooks.receiver import receive_hints
from bridge.plan.input_urls import encode_provider_ids
from bridge.plan.model import sum_costs
from bridge.plan.provider_clips import field_of
from bridge.providers import registry
from bridge.providers.api import Price
from bridge.store.lock_entry import LockedStep

if TYPE_CHECKING:
    from bridge.build.asset_build import AssetBuild
    from bridge.build.build_queue import BuildQueue
    from bridge.build.reporter import Reporter
    from bridge.core.clock import Clock
    from bridge.core.errors import Where
    from bridge.orders.budget import Approval
    from bridge.orders.webhooks.hints import Hints
    from bridge.plan.asset_state import AssetState
    from bridge.project import Project
    from bridge.providers.api import Step, StepResult


@dataclass(frozen=True, slots=True)
class PurchaseReports:
    """Who hears of purchases. check: raises `interrupted` when nobody wants an asset any more. total: of assets."""

    reporter: Reporter
    check: Callable[[str], None]
    total: int


class Purchases:
    """Buys and builds assets of a queue; see `run`."""

    def __init__(
        self, project: Project, queue: BuildQueue, approval: Approval, clock: Clock, reports: PurchaseReports
    ) -> None:
        self._project = project
        self._queue = queue
        self._journal = project.open_journal()
        self._approval = approval
        self._clock = clock
        self._reports = reports
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self, ids: Iterable[str]) -> None:
        """Builds the assets, in order of need; the queue has their results.

        Also collects, for nothing, what an earlier run left at a provider.
        """
        recovery.recover_jobs(self._journal, self._project.store)
        with receive_hints(self._project.config, self._note_failure) as hints:
            await self._run_all(ids, hints)

    async def _run_all(self, ids: Iterable[str], hints: Hints) -> None:
        config = self._project.config
        runner = Runner(
            self._journal,
            self._project.store,
            self._clock,
            lambda name: open_access(config, name),
            on_job=self._reports.reporter.job,
            before_order=lambda job: self._reports.check(job.asset),
            hints=hints,
            team=self._open_team(),
        )
        async with runner:
            left = self._list_left_over()
            for asset_id in ids:
                self._tasks[asset_id] = asyncio.create_task(self._build_one(runner, asset_id))
            collecting = [asyncio.create_task(self._collect_job(runner, job)) for job in left]
            try:
                await asyncio.gather(*self._tasks.values(), *collecting)
            finally:
                for task in (*self._tasks.values(), *collecting):
                    task.cancel()
                await asyncio.gather(*self._tasks.values(), *collecting, return_exceptions=True)

    def _open_team(self) -> TeamOrders | None:
        """What claims orders in the team's store; None where the project has none."""
        shared = self._project.shared
        if shared is None:
            return None
        return TeamOrders(shared, self._journal, self._clock, read_user_name(self._project.root))

    def _note_failure(self, why: str) -> None:
        self._journal.events.append("note", "", {"why": why})

    def _list_left_over(self) -> list[Job]:
        """Jobs at a provider that nothing in this build asks for."""
        states = self._queue.evaluation.states.values()
        wanted = {state.fingerprints[step.key] for state in states for step in state.missing}
        return [job for job in self._journal.jobs.list_in(TAKEN) if job.fingerprint not in wanted]

    async def _collect_job(self, runner: Runner, job: Job) -> None:
        try:
            bought = await runner.collect_job(job.id)
        except Exception as error:  # noqa: BLE001  one job's failure must not stop the others
            failure = explain_failure(error, self._project.root, job.asset)
            self._journal.events.append("note", job.asset, {"why": failure.message}, job=job.id)
            return
        self._project.memory.results.remember(job.fingerprint, bought.result)

    async def _build_one(self, runner: Runner, asset_id: str) -> None:
        state = self._queue.evaluation.states.get(asset_id)
        for used in state.upstream if state else ():
            if used in self._tasks:
                await self._tasks[used]
        # Drawing and exporting hold the loop: a stop has to get through between two assets.
        await asyncio.sleep(0)
        try:
            result = await self._make_asset(runner, asset_id)
        except Exception as error:  # noqa: BLE001  one asset's failure must not stop the others
            result = self._queue.describe_failure(asset_id, error)
        self._queue.end_asset(result)
        self._reports.reporter.asset(result, len(self._queue.results), self._reports.total)

    async def _make_asset(self, runner: Runner, asset_id: str) -> AssetResult:
        build = self._queue.take(asset_id)
        if isinstance(build, AssetResult):
            return await self._unblock(runner, build) if build.state == "blocked" else build
        try:
            failures = await self._make_steps(runner, build)
            outcome = build.stop(_choose_failure(build.state, failures)) if failures else build.finish()
        except BaseException:
            # Whatever was bought beside it is kept; where the lock cannot take it, the journal knows it all the same.
            if build.has_bought:
                with suppress(BridgeError):
                    self._queue.commit(build.stop())
            raise
        result = self._queue.commit(outcome)
        self._mark_exported(build.state)
        return result

    async def _make_steps(self, runner: Runner, build: AssetBuild) -> list[BridgeError]:
        """Makes what can be made, in order of need; returns what went wrong with steps that are bought."""
        failures: list[BridgeError] = []
        tried: set[str] = set()
        while ready := [step for step in build.state.missing if step.key not in tried and _is_ready(build.state, step)]:
            tried.update(step.key for step in ready)
            paid = [step for step in ready if not registry.get(step.provider).offline]
            for step in ready:
                if step not in paid:
                    build.make_step(step, DrawPool({}))
            buying = []
            for step in paid:
                refusal = await self._find_refusal(runner, build.state, step)
                if refusal is None:
                    buying.append(step)
                else:
                    failures.append(refusal)
            outcomes = await asyncio.gather(
                *(self._buy_step(runner, build, step) for step in buying), return_exceptions=True
            )
            for outcome in outcomes:
                if isinstance(outcome, BridgeError):
                    failures.append(outcome)
                elif isinstance(outcome, BaseException):
                    raise outcome
        return failures

    async def _find_refusal(self, runner: Runner, state: AssetState, step: Step) -> NeedsDecision | None:
        """Why a free step at a provider is not done yet: it only serves steps that cost something, and none of those
        may be bought. None for all others.
        """
        if step.price.amount != 0:
            return None
        refusal = None
        for user in _list_users(state, step):
            if user.price.amount == 0:
                continue
            request = OrderRequest(state.id, user, state.fingerprints[user.key] or "", retries=_retries_of(state))
            try:
                await runner.check_approval(request, self._approval)
            except NeedsDecision as error:
                error.where = error.where or _locate_error(state, user, error)
                refusal = refusal or error
            else:
                return None
        return refusal

    async def _buy_step(self, runner: Runner, build: AssetBuild, step: Step) -> None:
        state = build.state
        fingerprint = state.fingerprints[step.key]
        assert fingerprint is not None
        request = OrderRequest(state.id, step, fingerprint, retries=_retries_of(state))
        while True:
            try:
                self._reports.check(state.id)
                bought = await runner.buy(request, self._approval, lambda: self._load_ingredients(build, step))
                break
            except ProviderError as error:
                error.where = error.where or _locate_error(state, step, error)
                if error.code != "provider_failed" or not await runner.can_retry(request, self._approval):
                    raise
            except BridgeError as error:
                error.where = error.where or _locate_error(state, step, error)
                raise
        self._project.memory.results.remember(fingerprint, bought.result)
        cost = {"unit": bought.charge.unit, "amount": str(bought.charge.amount)} if bought.charge else None
        ids = dict(bought.remote)
        build.add_result(
            step, LockedStep(fingerprint, step.provider, step.operation, bought.result, step.seed, ids, cost)
        )

    async def _load_ingredients(
        self, build: AssetBuild, step: Step
    ) -> tuple[dict[str, bytes], Mapping[str, StepResult]]:
        """What an order is written from; pictures that the provider takes by address get one now."""
        inputs, needed = build.load_ingredients(step)
        config = self._project.config
        for item in step.inputs:
            if item.by_id:
                inputs[item.role] = encode_provider_ids(self._queue.evaluation.states, item)
            elif item.by_url:
                picture = inputs[item.role]
                url = await url_for_input(picture, item, step.provider, config, self._journal, self._clock)
                inputs[item.role] = url.encode()
        return inputs, needed

    def _mark_exported(self, state: AssetState) -> None:
        fingerprints = set(state.fingerprints.values())
        for job in self._journal.jobs.list_in((JobState.STORED,)):
            if job.fingerprint in fingerprints:
                self._journal.jobs.move(job, JobState.EXPORTED)

    async def _unblock(self, runner: Runner, blocked: AssetResult) -> AssetResult:
        """Results that were paid for are gone from the store: they are fetched again by their ids, for nothing."""
        build = self._queue.take_blocked(blocked.id)
        if not await self._refetch_steps(runner, build):
            return blocked
        return self._queue.commit(build.finish())

    async def _refetch_steps(self, runner: Runner, build: AssetBuild) -> bool:
        """Whether every result that is not at hand could be fetched again."""
        for step in build.state.missing:
            locked = build.find_lost(step.key)
            fingerprint = build.state.fingerprints[step.key]
            if locked is None or fingerprint is None or registry.get(step.provider).offline:
                return False
            sha256 = await runner.refetch(OrderRequest(build.state.id, step, fingerprint), locked.provider_ids)
            if sha256 is None:
                return False
            build.add_result(step, replace(locked, result=sha256))
        return True


def _locate_error(state: AssetState, step: Step, error: BridgeError) -> Where:
    return state.loaded.where(field_of(step, error.field or step.field or "provider"))


def _retries_of(state: AssetState) -> int:
    return state.loaded.spec.retries


def _list_users(state: AssetState, step: Step) -> list[Step]:
    """The missing steps that need a step's result, directly or through others."""
    keys = {step.key}
    users = []
    for other in state.missing:
        needed = {*other.after, *(key for item in other.inputs for key in item.steps)}
        if other.key not in keys and needed & keys:
            keys.add(other.key)
            users.append(other)
    return users


def _is_ready(state: AssetState, step: Step) -> bool:
    return state.fingerprints[step.key] is not None and all(key in state.results for key in step.after)


def _choose_failure(state: AssetState, failures: list[BridgeError]) -> BridgeError:
    """The failure to show: what a provider said before what a person has to decide; a price as the sum of the asset."""
    first = min(failures, key=lambda error: (error.exit_code == 4, error.message))
    if first.code == "needs_approval":
        open_steps = [step for step in state.missing if step.price.unit]
        costs = sum_costs((step.provider, step.price) for step in open_steps)
        first.message = f"{state.id} costs " + ", ".join(_format_cost(cost) for cost in costs)
        first.where = state.loaded.where("provider")
    elif first.code in _OF_THE_ACCOUNT:
        first.where = state.loaded.where("provider")
    return first


_OF_THE_ACCOUNT = frozenset({"key_missing", "key_unreadable", "key_rejected", "no_credits", "provider_offline"})


def _format_cost(cost: dict[str, Any]) -> str:
    amount = None if cost["amount"] is None else Decimal(cost["amount"])
    return f"{format_price(Price(cost['unit'], amount))} at {cost['provider']}"
