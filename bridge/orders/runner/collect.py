"""Waiting for a job and fetching its result: free, and repeated as often as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.core import waits
from bridge.core.errors import ProviderError
from bridge.core.failpoint import failpoint
from bridge.http.outcome import TransportError
from bridge.orders import failures, kept_urls
from bridge.orders.model import Job, JobMovedError, JobState
from bridge.orders.runner.session import OrderContext, ProviderSession
from bridge.providers.api import Step, StepResult
from bridge.providers.paid import Broken, DamagedResultError, Ending, Finished, Gone, Running
from bridge.providers.result_check import find_damage
from bridge.store import results


@dataclass(slots=True)
class _Arrivals:
    """Damaged results of one job that have come so far: what the last one was, and what is wrong with it."""

    count: int = 0
    why: str = ""
    result: StepResult = field(default_factory=lambda: StepResult(()))

    @property
    def is_enough(self) -> bool:
        """Whether it has come damaged so often that it will not come whole."""
        return self.count >= waits.MOST_DAMAGED_ARRIVALS

    def wait_seconds(self, poll: float) -> float:
        """Seconds before it is fetched again, ever longer."""
        first = min(poll, waits.FIRST_WAIT_AFTER_DAMAGE_S)
        return float(first * 2.0 ** (self.count - 1))

    def note(self, why: str, result: StepResult) -> None:
        """Another one has come."""
        self.count += 1
        self.why = why
        # What has content says more of the failure than what has none.
        if any(file.data for file in result.files) or not self.result.files:
            self.result = result


class Collector:
    """Collects what the providers of one runner have taken."""

    def __init__(self, context: OrderContext) -> None:
        self._context = context

    async def wait_until_finished(self, session: ProviderSession, job: Job) -> Job:
        """Waits until the provider has finished; the job's state is `fetching` (or further) then.

        Raises:
            ProviderError: it failed, it is gone, or it takes longer than this run waits.
            WorkFailed: somebody cancelled it there.
        """
        began = job.sent or self._context.clock.now()
        entered = self._context.clock.now()
        shortest = session.shortest.get(job.step.operation)
        wait = max(session.access.limits.poll_first, 0.95 * shortest if shortest else 0.0)
        if job.state is not JobState.SUBMITTED or entered - began > wait:
            wait = 0.0
        if job.hook:
            self._context.hints.expect(job.hook, job.id)
        patience = session.access.limits.patience
        if entered - began > patience:
            # An earlier run has waited for it all that time: one that never ends must not hold up every build.
            patience = waits.LATE_JOB_PATIENCE_S
        while job.state in (JobState.SUBMITTED, JobState.RUNNING):
            await self._context.hints.pause(self._context.clock, job.id, wait)
            elapsed = self._context.clock.now() - began
            wait = min(session.access.limits.poll_most, max(session.access.limits.poll, 0.02 * elapsed))
            if self._context.journal.jobs.get(job.id).version != job.version:
                # A person has cancelled it meanwhile: nobody waits for it any more.
                raise JobMovedError(f"job {job.id} was moved by another process")
            try:
                status = await session.access.provider.check(session.connection, job.step, job.remote)
            except TransportError as error:
                if not error.is_temporary:
                    raise failures.describe_unreadable(session.access, job, error) from error
                status = Running(after=error.retry_after)
            if isinstance(status, Finished):
                session.shortest[job.step.operation] = min(elapsed, shortest or elapsed)
                job = self._move_to_fetching(job, status)
                failpoint("job.fetching")
            elif isinstance(status, Broken):
                if status.stopped:
                    why = failures.stopped_error(job, status)
                    facts = {"charge": status.charge, "error": why, "ending": Ending.STOPPED}
                    self._context.move(job, JobState.CANCELLED, **facts)
                    raise failures.describe_cancelled(job.asset, job.step.key)
                failure = failures.describe_failed(job, status)
                self._context.move(job, JobState.FAILED, charge=status.charge, error=failure.as_dict())
                raise failure
            elif isinstance(status, Gone):
                raise self._context.expire(session, job, status)
            else:
                if job.state is JobState.SUBMITTED:
                    job = self._context.move(job, JobState.RUNNING)
                self._context.on_job(job, status.progress)
                wait = max(wait, status.after or 0.0)
                if self._context.clock.now() - entered > patience:
                    raise failures.describe_still_running(job)
        return job

    def _move_to_fetching(self, job: Job, status: Finished) -> Job:
        return self._context.move(job, JobState.FETCHING, facts=dict(status.facts), charge=status.charge)

    async def fetch_result(self, session: ProviderSession, job: Job) -> Job:
        """Fetches the result of a finished job and looks at all of it; the job is `stored` then.

        What comes damaged is fetched again, a few times, from the addresses that the provider gives anew.

        Raises:
            ProviderError: the result is gone, is damaged for good (the job is `damaged` then, and what came is kept),
                or it takes longer than this run waits.
            WorkFailed: it cannot be stored.
        """
        began = self._context.clock.now()
        wait = session.access.limits.poll
        damaged = _Arrivals()
        while job.state is JobState.FETCHING:
            outcome = await self._fetch_once(session, job, damaged)
            if isinstance(outcome, StepResult):
                failpoint("job.fetched")
                sha256 = results.save(self._context.store, outcome)
                failpoint("job.blob_stored")
                urls = kept_urls.urls_of_result(outcome, self._context.clock.now(), session.access.api.base_url)
                job = self._context.move(job, JobState.STORED, result=sha256, addresses=urls)
                failpoint("job.stored")
            elif damaged.is_enough or (isinstance(outcome, Gone) and damaged.count):
                raise self._record_damaged(job, damaged)
            elif isinstance(outcome, Gone):
                raise self._context.expire(session, job, outcome)
            else:
                if self._context.clock.now() - began > session.access.limits.patience:
                    raise failures.describe_still_running(job)
                await self._context.clock.sleep(max(wait, outcome.after or 0.0) if outcome.after != 0 else 0.0)
                wait = min(session.access.limits.poll_most, wait * 1.5)
        return job

    async def _fetch_once(self, session: ProviderSession, job: Job, damaged: _Arrivals) -> StepResult | Running | Gone:
        """The result where it is whole; one that is not is noted, and waited for."""
        provider = session.access.provider
        came = StepResult(())
        try:
            outcome = await provider.fetch(session.connection, job.step, job.remote, job.facts)
            if not isinstance(outcome, StepResult):
                return outcome
            came = outcome
            why = await asyncio.to_thread(find_damage, provider, job.step, outcome)
            if not why:
                return outcome
        except DamagedResultError as error:
            why, came = error.message, StepResult(error.files)
        except TransportError as error:
            if not error.is_temporary:
                raise failures.describe_unreadable(session.access, job, error) from error
            return Running(after=error.retry_after)
        damaged.note(why, came)
        if not damaged.is_enough:
            self._context.journal.events.append("note", job.asset, {"why": f"{why}: fetched again"}, job=job.id)
            await self._context.clock.sleep(damaged.wait_seconds(session.access.limits.poll))
        return Running(after=0)

    def _record_damaged(self, job: Job, damaged: _Arrivals) -> ProviderError:
        sha256 = results.save(self._context.store, damaged.result)
        error = failures.describe_damaged(job, damaged.why)
        self._context.move(job, JobState.DAMAGED, result=sha256, error=error.as_dict())
        return error

    async def refetch(self, session: ProviderSession, step: Step, remote: Mapping[str, str]) -> str | None:
        """The result of a step that was paid for earlier, fetched again by its ids; None when it is gone.

        Raises:
            ProviderError: `provider_offline`.
        """
        result = await self.fetch_again(session, step, remote)
        return results.save(self._context.store, result) if isinstance(result, StepResult) else None

    async def fetch_again(
        self, session: ProviderSession, step: Step, remote: Mapping[str, str]
    ) -> StepResult | Gone | str:
        """The whole result of a step that was paid for earlier, by its ids; or what keeps it from being had.

        Raises:
            ProviderError: `provider_offline`.
        """
        provider, clock = session.access.provider, self._context.clock
        damaged = _Arrivals()
        while not damaged.is_enough:
            try:
                status = await provider.check(session.connection, step, remote)
                if isinstance(status, Broken):
                    return status.message
                facts = status.facts if isinstance(status, Finished) else {}
                result = await provider.fetch(session.connection, step, remote, facts)
                if isinstance(result, Gone):
                    return result
                if isinstance(result, Running):
                    return "it is not finished there"
                why = await asyncio.to_thread(find_damage, provider, step, result)
                if not why:
                    return result
                damaged.note(why, result)
            except DamagedResultError as error:
                damaged.note(error.message, StepResult(error.files))
            except TransportError as error:
                if error.is_temporary:
                    raise failures.describe_offline(provider.name, error.detail) from error
                return error.detail
            await clock.sleep(damaged.wait_seconds(session.access.limits.poll))
        return damaged.why
