"""Orders that nothing but a person can decide about: what is to decide, and what to type."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bridge.orders import endings
from bridge.orders.evidence import describe_reserved
from bridge.orders.model import Job, JobState, format_money, format_price

if TYPE_CHECKING:
    from bridge.orders.journal import Journal


@dataclass(frozen=True, slots=True)
class OpenDecision:
    """An order, why only a person can say what becomes of it, and the commands there are for that."""

    job: Job
    why: str
    ways: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The row `decide` of `plan --json` and `spend --json`."""
        return {
            "job": self.job.id,
            "asset": self.job.asset,
            "step": self.job.step.key,
            "provider": self.job.provider,
            "state": str(self.job.state),
            "price": format_money(self.job.estimate.unit, self.job.estimate.amount),
            "why": self.why,
            "ways": list(self.ways),
        }


def list_open_decisions(journal: Journal | None, wanted: Collection[str] = ()) -> list[OpenDecision]:
    """What is open, as it was ordered. wanted: fingerprints of what specs ask for and do not have."""
    if journal is None:
        return []
    by_job = {decision.job.id: decision for decision in _list_of_money(journal)}
    for job in journal.jobs.list_bad_endings().values() if wanted else ():
        if job.fingerprint in wanted and job.estimate.amount != 0 and endings.may_ask_again(job):
            by_job[job.id] = _decide_again(job)
    return [by_job[number] for number in sorted(by_job)]


def _list_of_money(journal: Journal) -> Iterator[OpenDecision]:
    for job in journal.jobs.list_in((JobState.UNCERTAIN,)):
        ways = (
            f"assetbridge jobs adopt {job.id} --provider-id ID",
            f"assetbridge jobs abandon {job.id}",
            _format_resubmit(job),
        )
        reserved = describe_reserved(journal, job)
        why = f"nobody knows whether {job.provider} got it; it holds {_price_of(job)}"
        yield OpenDecision(job, f"{why}; {reserved}" if reserved else why, ways)
    for job in journal.jobs.list_damaged():
        ways = (
            *((f"assetbridge jobs refetch {job.id}",) if job.remote else ()),
            f"assetbridge jobs abandon {job.id}",
            _format_resubmit(job),
        )
        yield OpenDecision(job, f"it {job.describe_ending()} and is paid for", ways)
    unknown: dict[int, int] = {}
    for entry in journal.ledger.list_entries():
        unknown[entry.job] = unknown.get(entry.job, 0) + entry.change.unknown
    for number in (number for number, count in unknown.items() if count > 0):
        job = journal.jobs.get(number)
        why = f"what it cost at {job.provider} is not known, so no budget buys more in {job.estimate.unit} that day"
        yield OpenDecision(job, why, (f"assetbridge jobs settle {number} --charged N",))


def describe_unasked(decision: OpenDecision) -> OpenDecision:
    """The same of an order that nothing asks for any more: so it cannot be ordered again."""
    ways = tuple(way for way in decision.ways if way != _format_resubmit(decision.job))
    return replace(decision, why=f"{decision.why}; nothing asks for it any more", ways=ways)


def _format_resubmit(job: Job) -> str:
    return f"assetbridge jobs resubmit {job.id}"


def _decide_again(job: Job) -> OpenDecision:
    again = f"assetbridge build {job.asset} --yes"
    why = f"it {job.describe_ending()}; a new order costs {_price_of(job)}"
    return OpenDecision(job, why, (again,))


def _price_of(job: Job) -> str:
    return format_price(job.estimate)
