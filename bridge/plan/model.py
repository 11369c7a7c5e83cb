"""A plan: what a build would do, per asset and step, with its price. Shown before anything happens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bridge.core.errors import BridgeError
from bridge.providers.api import Price, Step
from bridge.providers.fingerprint import digest

if TYPE_CHECKING:
    from bridge.orders.open_decisions import OpenDecision


class Action(StrEnum):
    """What a build does with an asset."""

    CREATE = "create"
    UPDATE = "update"
    EXPORT = "export"
    RENAME = "rename"
    NONE = "none"
    ORPHAN = "orphan"
    BLOCKED = "blocked"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step and whether its result is at hand. `fingerprint` is None while an input is not made yet.

    job, job_number: state and number of the order that is on its way for it; it costs nothing more. ended: number of
    the last order for it where that ended badly, so that only a person has it ordered again. step: what was compiled.
    """

    key: str
    provider: str
    operation: str
    fingerprint: str | None
    cached: bool
    price: Price
    job: str | None = None
    job_number: int | None = None
    ended: int | None = None
    step: Step | None = field(default=None, repr=False)

    @property
    def costs(self) -> bool:
        """Whether carrying it out would spend something."""
        return not self.cached and self.job is None and bool(self.price.unit) and self.price.amount != 0

    def as_dict(self) -> dict[str, Any]:
        """The JSON form; a cached step has no price, an unknown amount is null, a free order costs 0."""
        return {
            "key": self.key,
            "provider": self.provider,
            "operation": self.operation,
            "fingerprint": self.fingerprint,
            "cached": self.cached,
            "cost": _cost_data(self.provider, self.price)
            if self.price.unit and not self.cached and not self.job
            else None,
            "job": self.job,
            "ended": self.ended,
        }


def _cost_data(provider: str, price: Price) -> dict[str, Any]:
    amount = None if price.amount is None else str(price.amount)
    return {"provider": provider, "unit": price.unit, "amount": amount}


@dataclass(frozen=True, slots=True)
class AssetPlan:
    """One asset's part of the plan. `targets` are those whose files are to be written; `drifted` are edited files.

    upstream: ids of the assets that it is made of; building it builds them too, where they are not current.
    """

    id: str
    kind: str
    action: Action
    reasons: tuple[str, ...] = ()
    steps: tuple[PlannedStep, ...] = ()
    targets: tuple[str, ...] = ()
    drifted: tuple[str, ...] = ()
    renamed_from: str | None = None
    error: BridgeError | None = None
    upstream: tuple[str, ...] = ()

    def without_prices(self) -> AssetPlan:
        """The same with amounts that nobody has told."""
        if not any(step.costs for step in self.steps):
            return self
        steps = (replace(step, price=Price(step.price.unit, None)) if step.costs else step for step in self.steps)
        return replace(self, steps=tuple(steps))

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "id": self.id,
            "kind": self.kind,
            "action": str(self.action),
            "reasons": list(self.reasons),
            "steps": [step.as_dict() for step in self.steps],
            "targets": list(self.targets),
            "drifted": list(self.drifted),
            "renamed_from": self.renamed_from,
            "upstream": list(self.upstream),
            "error": self.error.as_dict() if self.error else None,
        }


@dataclass(frozen=True, slots=True)
class ProviderCost:
    """What a plan costs at one provider, in one unit.

    balance: what is left there, None when nobody could ask; budget: the limits of `[budget]`; verdict: `budget` (it may
    be spent without asking), `ask`, `over` (more than the budget or the balance allows) or `not_trusted` (nothing was
    priced); key: whether there is one; budget_note: what the user's own settings make of the budget.
    used: what counts against the day's budget so far; None without one.
    """

    provider: str
    unit: str
    amount: Decimal | None
    key: bool
    balance: Decimal | None = None
    balance_note: str = ""
    budget: dict[str, str] | None = None
    verdict: str = "ask"
    used: Decimal | None = None
    budget_note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "provider": self.provider,
            "unit": self.unit,
            "amount": None if self.amount is None else str(self.amount),
            "key": self.key,
            "balance": None if self.balance is None else str(self.balance),
            "balance_note": self.balance_note,
            "budget": self.budget,
            "verdict": self.verdict,
            "used": None if self.used is None else str(self.used),
            "budget_note": self.budget_note,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """All assets in order of their ids. `digest` changes whenever the plan would do something else.

    is_priced: False for a project that is not trusted: amounts are unknown then, whatever is published.
    """

    assets: tuple[AssetPlan, ...] = ()
    errors: tuple[BridgeError, ...] = ()
    notes: tuple[str, ...] = field(default=())
    providers: tuple[ProviderCost, ...] = ()
    decisions: tuple[OpenDecision, ...] = ()
    is_priced: bool = True

    def without_prices(self) -> Plan:
        """The same plan, with what each step is and not what it costs."""
        return replace(self, assets=tuple(asset.without_prices() for asset in self.assets), is_priced=False)

    @property
    def changes(self) -> int:
        """How many assets a build would touch."""
        return sum(asset.action not in (Action.NONE, Action.ORPHAN, Action.ERROR) for asset in self.assets)

    @property
    def digest(self) -> str:
        """16 hex digits over what would be done."""
        return digest([[asset.id, str(asset.action), _step_marks(asset)] for asset in self.assets])[:16]

    def costs(self) -> list[dict[str, Any]]:
        """The sum of the prices of what is not at hand, per provider and unit; null when a price is unknown.

        A wish that several assets have is ordered once and counts once.
        """
        steps = [step for asset in self.assets for step in asset.steps if step.costs]
        once = {step.fingerprint: step for step in steps if step.fingerprint is not None}
        waiting = [step for step in steps if step.fingerprint is None]
        return sum_costs((step.provider, step.price) for step in (*once.values(), *waiting))

    def as_dict(self) -> dict[str, Any]:
        """The document of `plan --json`."""
        return {
            "changes": self.changes,
            "digest": self.digest,
            "cost": self.costs(),
            "priced": self.is_priced,
            "providers": [provider.as_dict() for provider in self.providers],
            "decide": [decision.as_dict() for decision in self.decisions],
            "assets": [asset.as_dict() for asset in self.assets],
            "errors": [error.as_dict() for error in self.errors],
            "notes": list(self.notes),
        }


def _step_marks(asset: AssetPlan) -> list[list[str | bool | int | None]]:
    # Whoever approved a plan before an order ended badly has not approved what it is after that.
    return [
        [step.key, step.fingerprint, step.cached, *([step.ended] if step.ended is not None else [])]
        for step in asset.steps
    ]


def sum_costs(prices: Iterable[tuple[str, Price]]) -> list[dict[str, Any]]:
    """Prices added up per provider and unit, sorted."""
    sums: dict[tuple[str, str], Decimal | None] = {}
    for provider, price in prices:
        before = sums.get((provider, price.unit), Decimal(0))
        sums[provider, price.unit] = None if before is None or price.amount is None else before + price.amount
    return [_cost_data(provider, Price(unit, amount)) for (provider, unit), amount in sorted(sums.items())]
