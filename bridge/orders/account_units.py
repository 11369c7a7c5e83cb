"""In which unit an account pays for an order, where a provider has several: the first of which it has enough left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from bridge.core.errors import NeedsDecision
from bridge.orders.model import OrderRequest, format_price
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


def sum_left(journal: Journal, provider: str, amounts: Mapping[str, Decimal], heard: float) -> dict[str, Decimal]:
    """What is left on an account now that had `amounts` when it was heard of: without what was ordered since, and what
    live orders hold back.
    """
    left = dict(amounts)
    for unit in left:
        left[unit] -= journal.jobs.sum_reserved(provider, unit).amount
    for entry in journal.ledger.list_entries():
        if entry.provider == provider and entry.at >= heard and entry.unit in left:
            left[entry.unit] -= entry.change.charged + entry.change.possible
    return left


def with_price(request: OrderRequest, price: Price) -> OrderRequest:
    """The same request, at another price."""
    return replace(request, step=replace(request.step, price=price))


def describe_unknown_unit(request: OrderRequest, provider: str) -> NeedsDecision:
    """Nobody knows in which unit the account pays, so no budget can allow it."""
    return NeedsDecision(
        "needs_approval",
        f"{request.asset}: {request.step.key} costs {format_price(request.step.price)} at {provider}, or that much in "
        "another unit: the account does not say what it has left",
        hint="Look at `assetbridge providers balance`, then run `assetbridge build --yes`.",
    )
