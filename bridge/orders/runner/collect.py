"""Waiting for a job and fetching its result: free, and repeated as often as it takes."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.core.failpoint import failpoint
from bridge.http.outcome import TransportError
from bridge.orders import failures, kept_urls
from bridge.orders.model import Job, JobMovedError, JobState
from bridge.orders.runner.session import OrderContext, ProviderSession
from bridge.providers.api import Step, StepResult
from bridge.providers.paid import Broken, Ending, Finished, Gone, Running
from bridge.store import results


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
                if self._context.clock.now() - entered > session.access.limits.patience:
                    raise failures.describe_still_running(job)
        return job

    def _move_to_fetching(self, job: Job, status: Finished) -> Job:
        return self._context.move(job, JobState.FETCHING, facts=dict(status.facts), charge=status.charge)

    async def fetch_result(self, session: ProviderSession, job: Job) -> Job:
        """Fetches the result of a finished job; the job is `stored` then.

        Raises:
            ProviderError: the result is gone, or it takes longer than this run waits.
            WorkFailed: it cannot be stored.
        """
        began = self._context.clock.now()
        wait = session.access.limits.poll
        while job.state is JobState.FETCHING:
            try:
                result = await session.access.provider.fetch(session.connection, job.step, job.remote, job.facts)
            except TransportError as error:
                if not error.is_temporary:
                    raise failures.describe_unreadable(session.access, job, error) from error
                result = Running(after=error.retry_after)
            if isinstance(result, StepResult):
                failpoint("job.fetched")
                sha256 = results.save(self._context.store, result)
                failpoint("job.blob_stored")
                urls = kept_urls.urls_of_result(result, self._context.clock.now(), session.access.api.base_url)
                job = self._context.move(job, JobState.STORED, result=sha256, addresses=urls)
                failpoint("job.stored")
            elif isinstance(result, Gone):
                raise self._context.expire(session, job, result)
            else:
                if self._context.clock.now() - began > session.access.limits.patience:
                    raise failures.describe_still_running(job)
                await self._context.clock.sleep(max(wait, result.after or 0.0))
                wait = min(session.access.limits.poll_most, wait * 1.5)
        return job

    async def refetch(self, session: ProviderSession, step: Step, remote: Mapping[str, str]) -> str | None:
        """The result of a step that was paid for earlier, fetched again by its ids; None when it is gone.

        Raises:
            ProviderError: `provider_offline`.
        """
        provider = session.access.provider
        try:
            status = await provider.check(session.connection, step, remote)
            facts = status.facts if isinstance(status, Finished) else {}
            if isinstance(status, Broken):
                return None
            result = await provider.fetch(session.connection, step, remote, facts)
        except TransportError as error:
            if error.is_temporary:
                raise failures.describe_offline(session.access.provider.name, error.detail) from error
            return None
        return results.save(self._context.store, result) if isinstance(result, StepResult) else None
