"""What a plan costs at each provider, beside what is left there and what the budget says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bridge.core import credentials as secrets
from bridge.core.errors import BridgeError
from bridge.orders import account_units
from bridge.orders.access import provider_settings
from bridge.orders.balances import BalanceAnswer, ask_balances, use_heard_balance
from bridge.orders.budget import Budget, describe_budget, read_budgets, sum_used
from bridge.orders.runner.team_books import read_elsewhere
from bridge.orders.team_spending import TeamSpending
from bridge.plan.model import Plan, PlannedStep, ProviderCost
from bridge.providers import registry

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.orders.tables.ledger import Spent
    from bridge.project import Project


def price_plan(project: Project, plan: Plan, *, ask: bool = True) -> tuple[ProviderCost, ...]:
    """The plan's costs per provider and unit. With `ask` the providers' balances are looked up, each for 5 seconds
    at most; a provider that does not answer is noted and stops nothing. Of a plan without prices nobody is asked.
    """
    return price_and_cost(project, plan, ask=ask).providers


def price_and_cost(project: Project, plan: Plan, *, ask: bool = True) -> Plan:
    """The plan with each price in the unit that the account pays in, and with its costs as of `price_plan`."""
    if not plan.is_priced:
        untold = (
            ProviderCost(cost["provider"], cost["unit"], None, key=False, verdict="not_trusted")
            for cost in plan.costs()
        )
        return replace(plan, providers=tuple(untold))
    names = sorted({cost["provider"] for cost in plan.costs()})
    said = ask_balances(project.config, names, journal=project.journal) if ask and names else {}
    known = {name: use_heard_balance(project.config, project.journal, name, said.get(name)) for name in names}
    plan = _with_units(project, plan, known)
    limits = read_budgets(project.config)
    asked_again = {
        (step.provider, step.price.unit)
        for asset in plan.assets
        for step in asset.steps
        if step.costs and step.ended is not None
    }
    costs = []
    for cost in plan.costs():
        provider = cost["provider"]
        used = _sum_today(project, limits.get(provider), provider, ask=ask)
        priced = _price_cost(project, cost, limits.get(provider), known[provider], used)
        if (priced.provider, priced.unit) in asked_again and priced.verdict == "budget":
            priced = replace(priced, verdict="ask")
        costs.append(priced)
    return replace(plan, providers=tuple(costs))


def price_in_units(project: Project, plan: Plan) -> Plan:
    """The plan with each price in the unit that the account pays in; only where there are several anybody is asked."""
    steps = [step.step for asset in plan.assets for step in asset.steps if step.costs and step.step is not None]
    names = {step.provider for step in steps if account_units.list_prices(registry.get(step.provider), step)}
    if not names:
        return plan
    said = ask_balances(project.config, sorted(names), journal=project.journal)
    return _with_units(
        project, plan, {name: use_heard_balance(project.config, project.journal, name, said[name]) for name in names}
    )


def _with_units(project: Project, plan: Plan, known: Mapping[str, BalanceAnswer]) -> Plan:
    """The plan with prices in the units that accounts pay in; what is ordered first uses up what is left first."""
    left: dict[str, dict[str, Decimal]] = {}
    for name, heard in known.items():
        if heard.balance is not None and project.journal is not None:
            since = project.journal.clock.now() if heard.at is None else heard.at
            left[name] = account_units.sum_left(project.journal, name, heard.balance.amounts, since)
        elif heard.balance is not None:
            left[name] = dict(heard.balance.amounts)

    def reprice(step: PlannedStep) -> PlannedStep:
        amounts = left.get(step.provider)
        if not step.costs or step.step is None or not amounts:
            return step
        prices = account_units.list_prices(registry.get(step.provider), step.step)
        if not prices:
            return step
        price = account_units.choose_price(prices, amounts)
        if price.unit in amounts:
            amounts[price.unit] -= price.amount or Decimal(0)
        return replace(step, price=price)

    assets = tuple(replace(asset, steps=tuple(map(reprice, asset.steps))) for asset in plan.assets)
    return replace(plan, assets=assets)


def _price_cost(
    project: Project, cost: Mapping[str, Any], budget: Budget | None, heard: BalanceAnswer, used: Spent | None
) -> ProviderCost:
    """What a row of `Plan.costs` comes to. used: of the budget's day so far; None where it has none."""
    provider, unit = cost["provider"], cost["unit"]
    amount = None if cost["amount"] is None else Decimal(cost["amount"])
    left = heard.balance.amounts.get(unit) if heard.balance else None
    return ProviderCost(
        provider,
        unit,
        amount,
        key=_has_key(project.config, provider),
        balance=left,
        balance_note=heard.note,
        budget=describe_budget(budget) if budget else None,
        verdict=_judge_cost(used, budget, left, unit, amount),
        used=used.amount if used is not None else None,
        budget_note=budget.note if budget else "",
        reserved=heard.balance.reserved.get(unit) if heard.balance else None,
    )


def _sum_today(project: Project, budget: Budget | None, provider: str, *, ask: bool) -> Spent | None:
    """What counts against a day's budget so far, whoever bought it; None where there is no such budget. ask: whether
    the books of the team's store are looked up.
    """
    if budget is None or budget.per_day is None:
        return None
    team = TeamSpending(project.store.receipts, project.journal)
    shared = project.shared if ask else None
    booked = read_elsewhere(shared, project.journal, provider, budget.unit) if shared is not None else None
    return sum_used(project.journal, provider, budget.unit, team, booked)


def _has_key(config: Config, provider: str) -> bool:
    try:
        return secrets.find_key(provider, provider_settings(config, provider)[1].key_env) is not None
    except BridgeError:
        # What is wrong with it is said when it is needed.
        return False


def _judge_cost(
    used: Spent | None, budget: Budget | None, left: Decimal | None, unit: str, amount: Decimal | None
) -> str:
    if amount is not None and left is not None and amount > left:
        return "over"
    if amount is None or budget is None or budget.unit != unit or not budget.is_automatic:
        return "ask"
    if budget.per_build is not None and amount > budget.per_build:
        return "over"
    if budget.per_day is not None and used is not None and (used.unknown or used.amount + amount > budget.per_day):
        return "over"
    return "budget"
