"""Waiting for a job and fetching its result: free, and repeated as often as it takes."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.core.failpoint import failpoint
from bridge.http.outcome import TransportError
from bridge.orders import failures as messages
from bridge.orders import kept_urls as addresses
from bridge.orders.model import Job, JobState
from bridge.orders.runner.session import OrderContext, ProviderSession
from bridge.providers.api import Step, StepResult
from bridge.providers.paid import Broken, Finished, Gone, Running
from bridge.store import results


class Collector:
    """Collects what the providers of one runner have taken."""

    def __init__(self, office: OrderContext) -> None:
        self._office = office

    async def finished(self, desk: ProviderSession, job: Job) -> Job:
        """Waits until the provider has finished; the job's state is `fetching` (or further) then.

        Raises:
            ProviderError: it failed, it is gone, or it takes longer than this run waits.
            WorkFailed: somebody cancelled it there.
        """
        began = job.sent or self._office.clock.now()
        entered = self._office.clock.now()
        shortest = desk.shortest.get(job.step.operation)
        wait = max(desk.access.limits.poll_first, 0.95 * shortest if shortest else 0.0)
        if job.state is not JobState.SUBMITTED or entered - began > wait:
            wait = 0.0
        if job.hook:
            self._office.hints.expect(job.hook, job.id)
        while job.state in (JobState.SUBMITTED, JobState.RUNNING):
            await self._office.hints.pause(self._office.clock, job.id, wait)
            elapsed = self._office.clock.now() - began
            wait = min(desk.access.limits.poll_most, max(desk.access.limits.poll, 0.02 * elapsed))
            try:
                status = await desk.access.provider.check(desk.line, job.step, job.remote)
            except TransportError as error:
                if not error.passing:
                    raise messages.unreadable(desk.access, job, error) from error
                status = Running(after=error.retry_after)
            if isinstance(status, Finished):
                desk.shortest[job.step.operation] = min(elapsed, shortest or elapsed)
                job = self._kept_charge(job, status)
                failpoint("job.fetching")
            elif isinstance(status, Broken):
                if status.stopped:
                    why = messages.stopped(job, status)
                    self._office.moved(job, JobState.CANCELLED, charge=status.charge, error=why)
                    raise messages.cancelled(job.asset, job.step.key)
                failure = messages.failed(job, status)
                self._office.moved(job, JobState.FAILED, charge=status.charge, error=failure.as_dict())
                raise failure
            elif isinstance(status, Gone):
                raise self._office.lost(desk, job, status)
            else:
                if job.state is JobState.SUBMITTED:
                    job = self._office.moved(job, JobState.RUNNING)
                self._office.told(job, status.progress)
                wait = max(wait, status.after or 0.0)
                if self._office.clock.now() - entered > desk.access.limits.patience:
                    raise messages.still_running(job)
        return job

    def _kept_charge(self, job: Job, status: Finished) -> Job:
        return self._office.moved(job, JobState.FETCHING, facts=dict(status.facts), charge=status.charge)

    async def fetched(self, desk: ProviderSession, job: Job) -> Job:
        """Fetches the result of a finished job; the job is `stored` then.

        Raises:
            ProviderError: the result is gone, or it takes longer than this run waits.
            WorkFailed: it cannot be stored.
        """
        began = self._office.clock.now()
        wait = desk.access.limits.poll
        while job.state is JobState.FETCHING:
            try:
                found = await desk.access.provider.fetch(desk.line, job.step, job.remote, job.facts)
            except TransportError as error:
                if not error.passing:
                    raise messages.unreadable(desk.access, job, error) from error
                found = Running(after=error.retry_after)
            if isinstance(found, StepResult):
                failpoint("job.fetched")
                sha256 = results.save(self._office.store, found)
                failpoint("job.blob_stored")
                places = addresses.of(found, self._office.clock.now(), desk.access.api.base_url)
                job = self._office.moved(job, JobState.STORED, result=sha256, addresses=places)
                failpoint("job.stored")
            elif isinstance(found, Gone):
                raise self._office.lost(desk, job, found)
            else:
                if self._office.clock.now() - began > desk.access.limits.patience:
                    raise messages.still_running(job)
                await self._office.clock.sleep(max(wait, found.after or 0.0))
                wait = min(desk.access.limits.poll_most, wait * 1.5)
        return job

    async def refetched(self, desk: ProviderSession, step: Step, remote: Mapping[str, str]) -> str | None:
        """The result of a step that was paid for earlier, fetched again by its ids; None when it is gone.

        Raises:
            ProviderError: `provider_offline`.
        """
        provider = desk.access.provider
        try:
            status = await provider.check(desk.line, step, remote)
            facts = status.facts if isinstance(status, Finished) else {}
            if isinstance(status, Broken):
                return None
            found = await provider.fetch(desk.line, step, remote, facts)
        except TransportError as error:
            if error.passing:
                raise messages.offline(desk.access.provider.name, error.detail) from error
            return None
        return results.save(self._office.store, found) if isinstance(found, StepResult) else None
