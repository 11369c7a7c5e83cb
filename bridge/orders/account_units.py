"""In which unit an account pays for an order, where a provider has several: the first of which it has enough left.

An order is sent only when that is certain whatever becomes of those that are on their way, in whatever order they
arrive: else one would be held in one unit, and be paid in another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from bridge.core.errors import NeedsDecision
from bridge.orders.model import LIVE, JobState, LedgerChange, OrderRequest, format_price
from bridge.providers.api import Price, Step
from bridge.providers.paid import SeveralUnits

if TYPE_CHECKING:
    from bridge.orders.journal import Journal

RECENT_S = 60.0
"""Seconds for which a balance that was heard of is believed without asking again."""


def list_prices(provider: object, step: Step) -> Mapping[str, Price]:
    """The prices of a step by unit where the provider has several; empty where there is but one."""
    if not isinstance(provider, SeveralUnits) or not step.price.unit:
        return {}
    prices = provider.prices(step)
    return prices if len(prices) > 1 else {}


def choose_price(prices: Mapping[str, Price], left: Mapping[str, Decimal]) -> Price:
    """The price in the unit that an account with so much left pays in; in the last one where nothing is enough."""
    having = [unit for unit in prices if left.get(unit)] or list(prices)
    enough = (unit for unit in having if left.get(unit, Decimal(0)) >= (prices[unit].amount or Decimal(0)))
    return prices[next(enough, having[-1])]


def choose_certain(
    prices: Mapping[str, Price], left: tuple[Mapping[str, Decimal], Mapping[str, Decimal]] | None
) -> Price | None:
    """The price in the unit that an account pays in; None where that is not certain. left: what it has at least and at
    most, by unit; None where nobody knows.
    """
    if left is None:
        return None
    least, most = (choose_price(prices, amounts) for amounts in left)
    return least if least.unit == most.unit else None


def sum_left(journal: Journal, provider: str, amounts: Mapping[str, Decimal], heard: float) -> dict[str, Decimal]:
    """What is left at least on an account that had `amounts` when it was heard of: without what was or may have been
    charged since, and what live orders hold back.
    """
    left = dict(amounts)
    for unit in left:
        left[unit] -= journal.jobs.sum_reserved(provider, unit).amount
    for (_, unit), change in _sum_changes(journal, provider, heard).items():
        if unit in left:
            left[unit] -= max(Decimal(0), change.charged + change.possible)
    return left


def sum_most_left(journal: Journal, provider: str, amounts: Mapping[str, Decimal], heard: float) -> dict[str, Decimal]:
    """What may be left at most: without what was charged since for certain; what is on its way may cost nothing.

    Of an order that was sent before, nobody knows whether `amounts` are without its price already.
    """
    left = dict(amounts)
    for (job, unit), change in _sum_changes(journal, provider, heard).items():
        if unit in left:
            was_sent_before = (journal.jobs.get(job).sent or 0.0) < heard
            charged = Decimal(0) if was_sent_before else max(Decimal(0), change.charged)
            left[unit] += change.refunded - charged
    return left


def _sum_changes(journal: Journal, provider: str, heard: float) -> dict[tuple[int, str], LedgerChange]:
    """What was entered since a balance was heard of, by order and unit."""
    changes: dict[tuple[int, str], LedgerChange] = {}
    for entry in journal.ledger.list_entries():
        if entry.provider == provider and entry.at >= heard:
            before = changes.get((entry.job, entry.unit), LedgerChange(entry.unit))
            changes[entry.job, entry.unit] = replace(
                before,
                charged=before.charged + entry.change.charged,
                possible=before.possible + entry.change.possible,
                refunded=before.refunded + entry.change.refunded,
            )
    return changes


def with_price(request: OrderRequest, price: Price) -> OrderRequest:
    """The same request, at another price."""
    return replace(request, step=replace(request.step, price=price))


def describe_unknown_unit(request: OrderRequest, journal: Journal) -> NeedsDecision:
    """Nobody knows in which unit the account pays, so no budget can allow it, and no price that was shown is sure."""
    provider = request.step.provider
    out = [job for job in journal.jobs.list_in(sorted(LIVE)) if job.provider == provider and job.estimate.amount != 0]
    numbers = ", ".join(str(job.id) for job in out)
    if not out:
        hint = "Look at `assetbridge providers balance`, then run `assetbridge build --yes`."
    elif any(job.state is JobState.UNCERTAIN for job in out):
        hint = f"It depends on job {numbers}: decide about it (`assetbridge jobs` says how), then build again."
    else:
        hint = f"It depends on job {numbers}: `assetbridge build` collects it; then build again."
    return NeedsDecision(
        "needs_approval",
        f"{request.asset}: {request.step.key} costs {format_price(request.step.price)} at {provider}, or that much in "
        "another unit: what the account has left is not certain",
        hint=hint,
    )
