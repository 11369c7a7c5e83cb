"""Orders that are placed again after a person has given the first ones up (`jobs resubmit`): which, and at what price.

What is approved with them is the same request and nothing else: an asset may ask for more than it did then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from bridge.core.errors import UserError
from bridge.operations.plan import WantedOrder, keep_wanted
from bridge.orders.budget import Approval, read_budgets
from bridge.orders.model import OrderRequest
from bridge.orders.team_spending import TeamSpending
from bridge.plan.pricing import price_in_units
from bridge.providers.api import Price

if TYPE_CHECKING:
    from bridge.orders.model import Job
    from bridge.plan.model import Plan, PlannedStep
    from bridge.project import Project


@dataclass(frozen=True, slots=True)
class RepeatedOrder:
    """An order that is to be placed again: for which asset and step of it as they are now, and what it costs now."""

    job: Job
    asset: str
    step: PlannedStep

    @property
    def wanted(self) -> WantedOrder:
        """What is asked for of a build."""
        return WantedOrder(self.asset, self.step.key, self.job.fingerprint)

    @property
    def price(self) -> Price:
        """Of the new order."""
        return self.step.price


def find_repeats(project: Project, plan: Plan, jobs: Collection[Job]) -> list[RepeatedOrder]:
    """What each job would be ordered again for; without those that nothing in the project asks for any more."""
    wanted = [WantedOrder(job.asset, job.step.key, job.fingerprint) for job in jobs]
    part = price_in_units(project, keep_wanted(plan, wanted))
    users: dict[str, list[tuple[str, PlannedStep]]] = {}
    for asset in part.assets:
        for step in asset.steps:
            users.setdefault(step.fingerprint or "", []).append((asset.id, step))
    repeats = []
    for job in jobs:
        # Its own asset first: several may ask for the very same thing.
        asking = sorted(users.get(job.fingerprint, []), key=lambda user: user[0] != job.asset)
        repeats += [RepeatedOrder(job, *user) for user in asking[:1]]
    return repeats


def require_room(project: Project, repeats: Iterable[RepeatedOrder]) -> None:
    """Goes on only where the budgets have room for all of it: what is given up and then not ordered is half done.

    Raises:
        NeedsDecision: `over_budget`.
    """
    team = TeamSpending(project.store.receipts, project.journal)
    approval = Approval(read_budgets(project.config), trust=project.config.trust, team=team)
    totals: dict[tuple[str, str], Decimal] = {}
    for repeat in repeats:
        provider, price = repeat.step.provider, repeat.price
        total = totals.get((provider, price.unit), Decimal(0)) + (price.amount or Decimal(0))
        totals[provider, price.unit] = total
        step = replace(repeat.job.step, price=Price(price.unit, total))
        approval.require_room(OrderRequest(repeat.asset, step, repeat.job.fingerprint), project.open_journal())


def describe_unasked(job: Job) -> UserError:
    """Nothing in the project asks for what a job was ordered for."""
    return UserError(
        "usage",
        f"job {job.id} ({job.asset}: {job.step.key}) is not ordered again: nothing asks for it any more",
        hint=f"assetbridge jobs abandon {job.id} gives it up; `assetbridge plan` shows what the specs ask for now.",
    )
