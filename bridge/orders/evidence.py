"""What is known of an order of which nobody can say whether the provider took it: signs for a person, never proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from bridge.orders.model import Job, format_amount

if TYPE_CHECKING:
    from bridge.orders.journal import Journal


def list_signs(journal: Journal, job: Job) -> list[str]:
    """Sentences on the balance around the order, and on what the provider's lists have shown."""
    searched = str((job.error or {}).get("searched", ""))
    return [*_compare_balances(journal, job), *([searched] if searched else [])]


def _compare_balances(journal: Journal, job: Job) -> Iterator[str]:
    now = journal.accounts.load_balance(job.provider, job.account)
    if not job.balance_before:
        yield "the balance before it is not known"
    if now is None or job.sent is None or now[1] <= job.sent:
        if job.balance_before:
            amounts = _format_amounts(job.balance_before)
            yield f"before it {amounts} were left; `assetbridge providers balance` asks again"
        return
    moment = datetime.fromtimestamp(now[1], UTC).strftime("%Y-%m-%d %H:%M UTC")
    for unit, before in job.balance_before.items():
        left = now[0].get(unit)
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
