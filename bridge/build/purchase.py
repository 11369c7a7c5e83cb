"""Building assets that have something to buy: many orders at once; an asset waits for those that it uses.

Every asset is a task that waits for the assets it uses; every paid step of it is an order with the runner. What fails
stops its own asset only, and what was bought beside it is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bridge.core.errors import BridgeError, ProviderError
from bridge.orders import failures
from bridge.orders.access import open_access
from bridge.orders.budget import format_price
from bridge.orders.input_url import url_for_input
from bridge.orders.model import TAKEN, Job, JobMovedError, JobState, OrderRequest
from bridge.orders.runner import recovery
from bridge.orders.runner.runner import PurchasedResult, Runner
from bridge.orders.webhooks.receiver import receive_hints
from bridge.plan.input_urls import own_ids
from bridge.plan.model import sum_costs
from bridge.plan.provider_clips import field_of
from bridge.providers import registry
from bridge.providers.api import Price
from bridge.store.lockfile import LockedStep

if TYPE_CHECKING:
    from bridge.build.builder import Builder
    from bridge.build.reporter import Result
    from bridge.core.clock import Clock
    from bridge.core.errors import Where
    from bridge.orders.budget import Approval
    from bridge.orders.journal import Journal
    from bridge.orders.webhooks.hints import Hints
    from bridge.plan.asset_state import AssetState
    from bridge.providers.api import Step, StepResult
    from bridge.store.lockfile import LockedAsset


class Purchases:
    """Buys and builds the given assets with a builder; see `run`."""

    def __init__(
        self,
        builder: Builder,
        journal: Journal,
        approval: Approval,
        clock: Clock,
        *,
        finished: Callable[[Result], None],
    ) -> None:
        self._builder = builder
        self._journal = journal
        self._approval = approval
        self._clock = clock
        self._finished = finished
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self, ids: Iterable[str]) -> None:
        """Builds the assets, in order of need; their results are in `builder.results` and told to `finished`.

        Also collects, for nothing, what an earlier run left at a provider.
        """
        project = self._builder.project
        recovery.recover_jobs(self._journal, project.store)
        with receive_hints(project.config.webhooks, self._note) as hints:
            await self._run(ids, hints)

    async def _run(self, ids: Iterable[str], hints: Hints) -> None:
        project = self._builder.project
        runner = Runner(
            self._journal,
            project.store,
            self._clock,
            lambda name: open_access(project.config, name),
            on_job=self._told,
            hints=hints,
        )
        async with runner:
            left = self._left_over()
            for asset_id in ids:
                self._tasks[asset_id] = asyncio.create_task(self._asset(runner, asset_id))
            collecting = [asyncio.create_task(self._collect(runner, job)) for job in left]
            try:
                await asyncio.gather(*self._tasks.values(), *collecting)
            finally:
                for task in (*self._tasks.values(), *collecting):
                    task.cancel()
                await asyncio.gather(*self._tasks.values(), *collecting, return_exceptions=True)

    def _note(self, why: str) -> None:
        self._journal.events.append("note", "", {"why": why})

    def _left_over(self) -> list[Job]:
        """Jobs at a provider that nothing in this build asks for."""
        wanted = {
            fingerprint for work in self._builder.planner.works.values() for fingerprint in work.fingerprints.values()
        }
        return [job for job in self._journal.jobs.list_in(TAKEN) if job.fingerprint not in wanted]

    async def _collect(self, runner: Runner, job: Job) -> None:
        try:
            bought = await runner.collect_job(job.id)
        except BridgeError as error:
            self._journal.events.append("note", job.asset, {"why": error.message}, job=job.id)
            return
        self._builder.project.state.remember_result(job.fingerprint, bought.result)

    def _told(self, job: Job, progress: float | None) -> None:
        self._builder.reporter.job(job, progress)

    async def _asset(self, runner: Runner, asset_id: str) -> None:
        work = self._builder.planner.works.get(asset_id)
        for other in work.upstream if work else ():
            if other in self._tasks:
                await self._tasks[other]
        # Drawing and exporting hold the loop: a stop has to get through between two assets.
        await asyncio.sleep(0)
        try:
            result = await self._made(runner, asset_id)
        except Exception as error:  # noqa: BLE001  one asset's failure must not stop the others; see `Builder.failed`
            result = self._builder.failed(asset_id, error)
        self._builder.results[asset_id] = result
        self._finished(result)

    async def _made(self, runner: Runner, asset_id: str) -> Result:
        begun = self._builder.begin(asset_id)
        if not isinstance(begun, tuple):
            if begun.state == "blocked":
                return await self._unblocked(runner, begun)
            return begun
        work, entry = begun
        failures: list[BridgeError] = []
        tried: set[str] = set()
        while ready := [step for step in work.missing if step.key not in tried and _ready(work, step)]:
            tried.update(step.key for step in ready)
            paid = [step for step in ready if not registry.get(step.provider).offline]
            for step in ready:
                if step not in paid:
                    self._builder.run(work, entry, step)
            done = await asyncio.gather(
                *(self._bought(runner, work, entry, step) for step in paid), return_exceptions=True
            )
            for outcome in done:
                if isinstance(outcome, BridgeError):
                    failures.append(outcome)
                elif isinstance(outcome, BaseException):
                    raise outcome
        if failures:
            self._builder.record(work, entry)
            raise _first(work, failures)
        result = self._builder.complete(work, entry)
        self._mark_exported(work)
        return result

    async def _bought(self, runner: Runner, work: AssetState, entry: LockedAsset, step: Step) -> None:
        fingerprint = work.fingerprints[step.key]
        assert fingerprint is not None
        wish = OrderRequest(work.id, step, fingerprint)
        tries = work.loaded.spec.retries
        while True:
            try:
                self._builder.check(work.id)
                bought = await runner.buy(wish, self._approval, lambda: self._ingredients(work, step))
                break
            except ProviderError as error:
                error.where = error.where or _place(work, step, error)
                if error.code != "provider_failed" or tries == 0 or not self._approval.is_within_budget(wish):
                    raise
                tries -= 1
            except BridgeError as error:
                error.where = error.where or _place(work, step, error)
                raise
            except JobMovedError as error:
                raise failures.describe_cancelled(work.id, step.key) from error
        self._keep(work, entry, step, bought)

    async def _ingredients(self, work: AssetState, step: Step) -> tuple[dict[str, bytes], Mapping[str, StepResult]]:
        """What an order is written from; pictures that the provider takes by address get one now."""
        inputs, needed = self._builder.ingredients(work, step)
        config = self._builder.project.config
        for item in step.inputs:
            if item.by_id:
                inputs[item.role] = own_ids(self._builder.planner.works, item)
            elif item.by_url:
                picture = inputs[item.role]
                address = await url_for_input(picture, item, step.provider, config, self._journal, self._clock)
                inputs[item.role] = address.encode()
        return inputs, needed

    def _keep(self, work: AssetState, entry: LockedAsset, step: Step, bought: PurchasedResult) -> None:
        fingerprint = work.fingerprints[step.key]
        assert fingerprint is not None
        self._builder.project.state.remember_result(fingerprint, bought.result)
        cost = {"unit": bought.charge.unit, "amount": str(bought.charge.amount)} if bought.charge else None
        locked = LockedStep(
            fingerprint, step.provider, step.operation, bought.result, step.seed, dict(bought.remote), cost
        )
        self._builder.made(work, entry, step, locked)

    def _mark_exported(self, work: AssetState) -> None:
        fingerprints = set(work.fingerprints.values())
        for job in self._journal.jobs.list_in((JobState.STORED,)):
            if job.fingerprint in fingerprints:
                self._journal.jobs.move(job, JobState.EXPORTED)

    async def _unblocked(self, runner: Runner, blocked: Result) -> Result:
        """Results that were paid for are gone from the store: they are fetched again by their ids, for nothing."""
        work = self._builder.planner.works[blocked.id]
        for step in work.missing:
            locked = work.entry.steps.get(step.key)
            fingerprint = work.fingerprints[step.key]
            if locked is None or fingerprint is None or registry.get(step.provider).offline:
                return blocked
            sha256 = await runner.refetch(OrderRequest(work.id, step, fingerprint), locked.provider_ids)
            if sha256 is None:
                return blocked
            work.results[step.key] = locked.result = sha256
            work.lost.discard(step.key)
        return self._builder.complete(work, work.entry)


def _place(work: AssetState, step: Step, error: BridgeError) -> Where:
    return work.loaded.where(field_of(step, error.field or step.field or "provider"))


def _ready(work: AssetState, step: Step) -> bool:
    return work.fingerprints[step.key] is not None and all(key in work.results for key in step.after)


def _first(work: AssetState, failures: list[BridgeError]) -> BridgeError:
    """The failure to show: what a provider said before what a person has to decide; a price as the sum of the asset."""
    first = min(failures, key=lambda error: (error.exit_code == 4, error.message))
    if first.code == "needs_approval":
        open_steps = [step for step in work.missing if step.price.unit]
        costs = sum_costs((step.provider, step.price) for step in open_steps)
        first.message = f"{work.id} costs " + ", ".join(_said(cost) for cost in costs)
        first.where = work.loaded.where("provider")
    elif first.code in _OF_THE_ACCOUNT:
        first.where = work.loaded.where("provider")
    return first


_OF_THE_ACCOUNT = frozenset({"key_missing", "key_unreadable", "key_rejected", "no_credits", "provider_offline"})


def _said(cost: dict[str, Any]) -> str:
    amount = None if cost["amount"] is None else Decimal(cost["amount"])
    return f"{format_price(Price(cost['unit'], amount))} at {cost['provider']}"
