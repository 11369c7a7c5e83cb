"""What a plan costs at each provider, beside what is left there and what the budget says."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from bridge.core import credentials as secrets
from bridge.core.clock import day_of
from bridge.core.errors import BridgeError
from bridge.orders.access import provider_settings
from bridge.orders.balances import BalanceAnswer, ask_balances
from bridge.orders.budget import Budget, describe_budget, read_budgets
from bridge.plan.model import Plan, ProviderCost

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.orders.journal import Journal
    from bridge.project import Project


def price_plan(project: Project, plan: Plan, *, ask: bool = True) -> tuple[ProviderCost, ...]:
    """The plan's costs per provider and unit. With `ask` the providers' balances are looked up, each for 5 seconds
    at most; a provider that does not answer is noted and stops nothing. Of a plan without prices nobody is asked.
    """
    if not plan.is_priced:
        return tuple(
            ProviderCost(cost["provider"], cost["unit"], None, key=False, verdict="not_trusted")
            for cost in plan.costs()
        )
    costs = [
        (cost["provider"], cost["unit"], None if cost["amount"] is None else Decimal(cost["amount"]))
        for cost in plan.costs()
    ]
    names = sorted({provider for provider, _, _ in costs})
    said = ask_balances(project.config, names, journal=project.journal) if ask and names else {}
    limits = read_budgets(project.config)
    return tuple(_price_cost(project, limits, said, *cost) for cost in costs)


def _price_cost(
    project: Project,
    limits: Mapping[str, Budget],
    said: Mapping[str, BalanceAnswer],
    provider: str,
    unit: str,
    amount: Decimal | None,
) -> ProviderCost:
    budget = limits.get(provider)
    asked = said.get(provider, BalanceAnswer(None))
    left = asked.balance.amounts.get(unit) if asked.balance else None
    return ProviderCost(
        provider,
        unit,
        amount,
        key=_has_key(project.config, provider),
        balance=left,
        balance_note=asked.note,
        budget=describe_budget(budget) if budget else None,
        verdict=_judge_cost(project.journal, budget, left, provider, unit, amount),
        budget_note=budget.note if budget else "",
    )


def _has_key(config: Config, provider: str) -> bool:
    try:
        return secrets.find_key(provider, provider_settings(config, provider)[1].key_env) is not None
    except BridgeError:
        # What is wrong with it is said when it is needed.
        return False


def _judge_cost(
    journal: Journal | None,
    budget: Budget | None,
    left: Decimal | None,
    provider: str,
    unit: str,
    amount: Decimal | None,
) -> str:
    if amount is not None and left is not None and amount > left:
        return "over"
    if amount is None or budget is None or budget.unit != unit or not budget.is_automatic:
        return "ask"
    if budget.per_build is not None and amount > budget.per_build:
        return "over"
    if budget.per_day is not None:
        used = Decimal(0)
        if journal is not None:
            used = journal.ledger.sum_spent(provider, unit, day_of(journal.clock.now())) + journal.jobs.sum_reserved(
                provider, unit
            )
        if used + amount > budget.per_day:
            return "over"
    return "budget"
