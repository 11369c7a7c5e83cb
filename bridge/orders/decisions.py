"""What a person decides about a job: take it over, give it up, stop waiting for it (recovery: see recovery.py)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bridge.core.errors import UserError
from bridge.orders.journal import Journal
from bridge.orders.model import LIVE, MOVES, TAKEN, Job, JobMovedError, JobState, LedgerChange, format_amount
from bridge.providers.paid import Ending

_PATIENCE = 5.0


def adopt_job(journal: Journal, number: int, remote: Mapping[str, str]) -> Job:
    """An uncertain job did arrive: `remote` are its ids at the provider. The next build collects it, for nothing.

    Raises:
        UserError: `unknown_job`, or it is not uncertain.
    """
    job = require_uncertain(journal, number)
    ids = {**job.origin, **remote}
    return _move(journal, job, JobState.SUBMITTED, "adopted", remote=ids)


def abandon_job(journal: Journal, number: int, why: str = "abandoned") -> Job:
    """An uncertain job is given up: it may have been charged, and the ledger says so. Or a damaged one: it was charged.

    Raises:
        UserError: `unknown_job`, or it is neither.
    """
    return _move(journal, require_undecided(journal, number), JobState.CANCELLED, why)


def _move(journal: Journal, job: Job, to: JobState, why: str, **facts: Any) -> Job:
    try:
        return journal.jobs.move(job, to, say={"why": why}, **facts)
    except JobMovedError:
        raise _describe_moved(journal, job) from None


def _describe_moved(journal: Journal, job: Job) -> UserError:
    now = journal.jobs.get(job.id)
    return UserError("usage", f"job {job.id} has just become {now.state}", hint="`assetbridge jobs --all` lists it.")


def settle_job(journal: Journal, number: int, charged: Decimal | None, refunded: Decimal | None) -> Job:
    """A person has looked at the account: so much an order cost in all, or so much of it was given back.

    Raises:
        UserError: `unknown_job`; it has not ended, costs nothing, or got back more than it cost.
    """
    job = journal.jobs.get(number)
    if job.is_live or not job.estimate.unit:
        why = f"is {job.state}" if job.is_live else "costs nothing"
        raise UserError("usage", f"job {job.id} {why}: there is nothing to settle", hint="`assetbridge jobs --all`")
    entries = journal.ledger.list_of_job(number)
    unit = job.charge.unit if job.charge is not None else job.estimate.unit
    before = [entry.change for entry in entries if entry.unit == unit]
    if charged is None:
        charged = sum((change.charged + change.possible for change in before), Decimal(0))
    if refunded is None:
        refunded = Decimal(0)
    if refunded > charged:
        raise UserError(
            "usage",
            f"job {job.id} cannot get {format_amount(refunded)} {unit} back: it cost {format_amount(charged)}",
            hint=f"Say what it cost as well: assetbridge jobs settle {job.id} --charged N --refunded N",
        )
    try:
        return journal.jobs.correct_ledger(job, LedgerChange(unit, charged=charged, refunded=refunded))
    except JobMovedError:
        raise _describe_moved(journal, job) from None


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
                ending = None if job.state in TAKEN else Ending.UNWANTED
                return journal.jobs.move(job, JobState.CANCELLED, say={"why": "cancelled"}, ending=ending)
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
