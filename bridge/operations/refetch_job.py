"""`jobs refetch`: the result of an order that is paid for, fetched once more from its provider, for nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.cache import plan_cache
from bridge.core.clock import SystemClock
from bridge.core.errors import BridgeError, ProviderError, UserError
from bridge.orders import failures
from bridge.orders.access import open_access
from bridge.orders.model import TAKEN, Job, JobState
from bridge.orders.receipts import rewrite_receipt
from bridge.orders.runner import recovery
from bridge.orders.runner.runner import Runner
from bridge.providers.api import StepResult
from bridge.providers.paid import Gone
from bridge.store import results
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.core.clock import Clock
    from bridge.orders.journal import Journal
    from bridge.project import Project

_FETCHED = frozenset({JobState.STORED, JobState.EXPORTED, JobState.DAMAGED})


def refetch_job(project: Project, number: int, clock: Clock | None = None) -> Job:
    """Fetches a result again and puts it in the place of the one that was kept; the project is owned by the caller.

    Raises:
        NeedsDecision: `not_trusted`. UserError: `unknown_job`, or there is nothing to fetch.
        ProviderError: the provider does not have it any more, or it comes damaged again; everything stays as it is.
    """
    project.config.trust.require(Gate.DECISIONS)
    journal = project.open_journal()
    recovery.recover_jobs(journal, project.store)
    job = journal.jobs.get(number)
    _check_state(job)
    fetched = asyncio.run(_fetch_again(project, journal, job, clock or SystemClock()))
    sha256 = results.save(project.store, fetched)
    if job.state is JobState.DAMAGED:
        job = journal.jobs.move(job, JobState.STORED, result=sha256, say={"why": "fetched again"})
    else:
        job = journal.jobs.update(job, result=sha256)
        journal.events.append("note", job.asset, {"why": "its result was fetched again"}, job=job.id)
    rewrite_receipt(project.store, job)
    _use_result(project, job)
    return job


def _check_state(job: Job) -> None:
    if job.state in TAKEN:
        hint = f"assetbridge build {job.asset}"
        raise UserError("usage", f"job {job.id} is {job.state}: the next build fetches its result", hint=hint)
    if job.state not in _FETCHED:
        message = f"job {job.id} is {job.state}: there is no result to fetch again"
        raise UserError("usage", message, hint="`assetbridge jobs --all` lists the jobs.")
    if not job.remote:
        raise UserError(
            "usage",
            f"the result of job {job.id} came with the answer to its order: {job.provider} has it no more",
            hint=f"`assetbridge jobs resubmit {job.id}` orders it anew, and says its price first."
            if job.state is JobState.DAMAGED
            else f"`assetbridge reroll {job.asset}` asks for another take; plan shows its price.",
        )


async def _fetch_again(project: Project, journal: Journal, job: Job, clock: Clock) -> StepResult:
    async with Runner(journal, project.store, clock, lambda name: open_access(project.config, name)) as runner:
        fetched = await runner.fetch_again(job)
    if isinstance(fetched, StepResult):
        return fetched
    if isinstance(fetched, Gone):
        raise ProviderError("output_lost", failures.describe_lost(job, fetched).message, hint="What is kept stays.")
    raise _describe_failure(job, fetched)


def _describe_failure(job: Job, why: str) -> BridgeError:
    return ProviderError(
        "result_damaged",
        f"{job.asset}: {job.provider} does not deliver {job.step.key} whole: {why}",
        hint="What is kept stays as it is. Look at your account there, and tell the provider.",
    )


def _use_result(project: Project, job: Job) -> None:
    """Every asset that has the step is made of the new result from now on."""
    project.memory.results.remember(job.fingerprint, job.result)
    lock, changed = project.lock, False
    for asset_id, entry in list(lock.assets.items()):
        steps = {
            key: replace(step, result=job.result, meta=results.whole(project.store, job.result))
            for key, step in entry.steps.items()
            if step.fingerprint == job.fingerprint and step.result != job.result
        }
        if steps:
            lock.put(asset_id, replace(entry, steps={**entry.steps, **steps}))
            changed = True
    if changed:
        project.save_lock()
    plan_cache.forget_plan(project.memory)
