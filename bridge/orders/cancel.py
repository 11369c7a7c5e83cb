"""Stopping a job: at the provider, where it can be told, and here.

What the provider has finished meanwhile is never thrown away: it is paid for, and the next build collects it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bridge.core.errors import BridgeError, UserError
from bridge.http.outcome import TransportError
from bridge.orders import decisions, failures
from bridge.orders.access import ProviderAccess, open_access, provider_settings
from bridge.orders.model import LIVE, TAKEN, Job, JobMovedError, JobState
from bridge.orders.runner.connection import open_connection
from bridge.orders.runner.rate_limit import RateLimiter
from bridge.providers.paid import Broken, Ending, Finished, Status
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.orders.journal import Journal

_PATIENCE = 5.0
_PAUSE = 0.02


def cancel_at_provider(config: Config, journal: Journal, number: int) -> Job:
    """Cancels a job; `error` of the job says what the provider made of it, where it was told.

    Raises:
        UserError: `unknown_job`; it has ended, also at the provider, or it is uncertain. NeedsDecision: `not_trusted`.
    """
    job = journal.jobs.get(number)
    status = _ask_to_stop(config, journal, [job])[number]
    if isinstance(status, Finished):
        raise UserError(
            "usage",
            f"{job.provider} has finished job {job.id} already: there is nothing to cancel",
            hint=f"The next build collects it, for nothing: assetbridge build {job.asset}",
        )
    return _cancel_here(journal, number, status)


def cancel_all(config: Config, journal: Journal, numbers: Iterable[int]) -> list[Job]:
    """Cancels jobs, whose providers are told at the same time; those that a provider has finished are left to be
    collected, and so are those that have ended here meanwhile.
    """
    status = _ask_to_stop(config, journal, [journal.jobs.get(number) for number in numbers])
    ended = []
    for number, said in status.items():
        if isinstance(said, Finished):
            continue
        try:
            ended.append(_cancel_here(journal, number, said))
        except UserError:
            # One that a build has seen the end of meanwhile needs no cancelling, and must not stop the others'.
            if journal.jobs.get(number).is_live:
                raise
    return ended


def _cancel_here(journal: Journal, number: int, status: Status | None) -> Job:
    if not isinstance(status, Broken):
        return decisions.cancel_job(journal, number)
    try:
        job = journal.jobs.get(number)
        error = failures.stopped_error(job, status)
        if job.state in LIVE:
            say = {"why": error["message"]}
            facts = {"charge": status.charge, "error": error, "ending": Ending.STOPPED}
            return journal.jobs.move(job, JobState.CANCELLED, say=say, **facts)
    except JobMovedError:
        pass
    # A build that runs has seen it first, and has written down the same.
    return journal.jobs.get(number)


def _ask_to_stop(config: Config, journal: Journal, jobs: Iterable[Job]) -> dict[int, Status | None]:
    """What the providers say of jobs, by number, after they were asked to stop them; None where one was not told."""

    asked_jobs = list(jobs)
    if any(job.state in (*TAKEN, JobState.SUBMITTING) for job in asked_jobs):
        # Who may not be told would go on, and nobody would wait for it any more.
        config.trust.require(Gate.DECISIONS)

    async def ask() -> dict[int, Status | None]:
        said = await asyncio.gather(*(_ask_one_to_stop(config, journal, job) for job in asked_jobs))
        return {job.id: status for job, status in zip(asked_jobs, said, strict=True)}

    return asyncio.run(ask())


async def _ask_one_to_stop(config: Config, journal: Journal, job: Job) -> Status | None:
    try:
        job = await _wait_until_sent(journal, job)
        if job.state not in TAKEN or not provider_settings(config, job.provider)[0].abilities.can_cancel:
            return None
        return await asyncio.wait_for(_stop_and_check(open_access(config, job.provider), journal, job), _PATIENCE)
    except (BridgeError, TransportError, TimeoutError):
        # It is cancelled here all the same: nobody waits for it any more.
        return None


async def _wait_until_sent(journal: Journal, job: Job) -> Job:
    """The job once it is not on the wire any more, or after a while: before that its provider cannot be told."""
    deadline = time.monotonic() + _PATIENCE
    while job.state is JobState.SUBMITTING and time.monotonic() < deadline:
        await asyncio.sleep(_PAUSE)
        job = journal.jobs.get(job.id)
    return job


async def _stop_and_check(reached: ProviderAccess, journal: Journal, job: Job) -> Status:
    order = reached.provider.cancelling(job.remote)
    limiter = RateLimiter(journal, journal.clock, job.provider, reached.key.fingerprint, reached.limits)
    async with open_connection(reached, limiter, journal.clock) as line:
        await limiter.before_request()
        # Whatever is answered (409: it has ended), the state of the job is what counts.
        await line.submit(order.path, json.dumps(order.body).encode())
        return await reached.provider.check(line, job.step, job.remote)
