"""What a person decides about a job: take it over, give it up, stop waiting for it (recovery: see recovery.py)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping

from bridge.core.errors import UserError
from bridge.orders.journal import Journal
from bridge.orders.model import LIVE, MOVES, Job, JobMovedError, JobState

_PATIENCE = 5.0


def adopt_job(journal: Journal, number: int, remote: Mapping[str, str]) -> Job:
    """An uncertain job did arrive: `remote` are its ids at the provider. The next build collects it, for nothing.

    Raises:
        UserError: `unknown_job`, or it is not uncertain.
    """
    job = require_uncertain(journal, number)
    return journal.jobs.move(job, JobState.SUBMITTED, remote={**job.origin, **remote}, say={"why": "adopted"})


def abandon_job(journal: Journal, number: int, why: str = "abandoned") -> Job:
    """An uncertain job is given up: it may have been charged, and the ledger says so. Or a damaged one: it was charged.

    Raises:
        UserError: `unknown_job`, or it is neither.
    """
    return journal.jobs.move(require_undecided(journal, number), JobState.CANCELLED, say={"why": why})


def cancel_job(journal: Journal, number: int) -> Job:
    """Nobody waits for a job any more. What the provider has begun it finishes, and may charge.

    Raises:
        UserError: `unknown_job`, it has ended, or it is uncertain.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        job = journal.jobs.get(number)
        if job.state not in LIVE or job.state == "uncertain":
            hint = f"assetbridge jobs abandon {job.id}" if job.state == "uncertain" else ""
            raise UserError("usage", f"job {job.id} is {job.state} and cannot be cancelled", hint=hint)
        # An order that is on the wire is waited for: cancelled now, nobody would know whether it arrived. And where the
        # runner moved it meanwhile, what it is now decides.
        if JobState.CANCELLED in MOVES[job.state]:
            with contextlib.suppress(JobMovedError):
                return journal.jobs.move(job, JobState.CANCELLED, say={"why": "cancelled"})
        if time.monotonic() > deadline:
            raise UserError("usage", f"job {job.id} is on its way to {job.provider}", hint="Try again in a moment.")
        time.sleep(0.02)


def require_undecided(journal: Journal, number: int) -> Job:
    """A job that waits for a person: uncertain, or with a damaged result.

    Raises:
        UserError: `unknown_job`, or there is nothing to decide about it.
    """
    job = journal.jobs.get(number)
    return job if job.state is JobState.DAMAGED else require_uncertain(journal, number)


def require_uncertain(journal: Journal, number: int) -> Job:
    """An uncertain job.

    Raises:
        UserError: `unknown_job`, or there is nothing to decide about it.
    """
    job = journal.jobs.get(number)
    if job.state != "uncertain":
        raise UserError(
            "usage",
            f"job {job.id} is {job.state}, not uncertain: there is nothing to decide",
            hint="`assetbridge jobs` lists the jobs.",
        )
    return job
