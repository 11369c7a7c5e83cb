"""What is known of an order of which nobody can say whether the provider took it: signs for a person, never proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from bridge.orders.model import LIVE, Job, JobState, format_amount

if TYPE_CHECKING:
    from bridge.orders.journal import Journal


def list_signs(journal: Journal, job: Job) -> list[str]:
    """Sentences on the balance around the order, and on what the provider's lists have shown."""
    searched = str((job.error or {}).get("searched", ""))
    held = describe_reserved(journal, job)
    return [*_compare_balances(journal, job), *([held] if held else []), *([searched] if searched else [])]


def describe_reserved(journal: Journal, job: Job) -> str:
    """What running jobs held back at the provider when it was last asked after the order; empty where it does not say.

    An order that arrived is among them as long as its job runs.
    """
    now = journal.accounts.load_balance(job.provider, job.account)
    unit = job.estimate.unit
    if now is None or job.sent is None or now.at <= job.sent or unit not in now.reserved:
        return ""
    held = Decimal(now.reserved[unit])
    if not held:
        return f"running jobs held back no {unit} there on {_format_moment(now.at)}: if it arrived, its job has ended"
    live = journal.jobs.list_in(sorted(LIVE - {JobState.PLANNED, JobState.APPROVED, JobState.UNCERTAIN}))
    known = sum(
        (
            other.estimate.amount or Decimal(0)
            for other in live
            if (other.provider, other.account, other.estimate.unit) == (job.provider, job.account, unit)
        ),
        Decimal(0),
    )
    return (
        f"running jobs held back {format_amount(held)} {unit} there on {_format_moment(now.at)}, "
        f"of which {format_amount(known)} are other orders of this project"
    )


def _format_moment(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _compare_balances(journal: Journal, job: Job) -> Iterator[str]:
    now = journal.accounts.load_balance(job.provider, job.account)
    if not job.balance_before:
        yield "the balance before it is not known"
    if now is None or job.sent is None or now.at <= job.sent:
        if job.balance_before:
            amounts = _format_amounts(job.balance_before)
            yield f"before it {amounts} were left; `assetbridge providers balance` asks again"
        return
    moment = _format_moment(now.at)
    for unit, before in job.balance_before.items():
        left = now.amounts.get(unit)
        if left is None:
            continue
        fell = Decimal(before) - Decimal(left)
        known = _sum_known(journal, job, unit)
        yield (
            f"before it {format_amount(Decimal(before))} {unit} were left, "
            f"and {format_amount(Decimal(left))} on {moment}: "
            f"{format_amount(fell)} less, of which {format_amount(known)} are other orders of this project"
        )


def _format_amounts(amounts: Mapping[str, str]) -> str:
    return ", ".join(f"{format_amount(Decimal(amount))} {unit}" for unit, amount in amounts.items())


def _sum_known(journal: Journal, job: Job, unit: str) -> Decimal:
    """What other orders of the project have cost there since the order was sent."""
    entries = journal.ledger.list_entries()
    return sum(
        (
            entry.change.charged + entry.change.possible - entry.change.refunded
            for entry in entries
            if entry.provider == job.provider
            and entry.account == job.account
            and entry.unit == unit
            and entry.job != job.id
            and entry.at >= (job.sent or 0.0)
        ),
        Decimal(0),
    )
