"""Whether a step may be bought: what a person approved, what the budget allows, what is already spent or held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bridge.core.clock import day_of
from bridge.core.errors import NeedsDecision
from bridge.orders.journal import Journal
from bridge.orders.model import OrderRequest, format_amount
from bridge.providers.api import Price


@dataclass(frozen=True, slots=True)
class Budget:
    """`[budget] PROVIDER = { unit, per_build, per_day }`; None is no limit of that kind. A day is a UTC day."""

    unit: str
    per_build: Decimal | None = None
    per_day: Decimal | None = None


def read_budgets(table: Mapping[str, Any]) -> dict[str, Budget]:
    """The `[budget]` table of a checked configuration."""
    return {
        provider: Budget(
            entry["unit"],
            Decimal(str(entry["per_build"])) if "per_build" in entry else None,
            Decimal(str(entry["per_day"])) if "per_day" in entry else None,
        )
        for provider, entry in table.items()
    }


@dataclass(slots=True)
class Approval:
    """What one build may spend.

    shown: prices of the plan that a person approved, by (asset, step key), each good for one purchase.
    caps: `--max-cost`: most per unit in this build.
    """

    budgets: Mapping[str, Budget]
    shown: dict[tuple[str, str], Price] = field(default_factory=dict)
    caps: Mapping[str, Decimal] = field(default_factory=dict)
    _spent: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def grant(self, wish: OrderRequest, journal: Journal) -> str:
        """Who allows a step: `plan` or `budget`; counts its price. Nothing is held back yet in the journal.

        Raises:
            NeedsDecision: `needs_approval` or `over_budget`.
        """
        price = wish.step.price
        by = self._approved_by(wish)
        if price.unit:
            self._check_limits(wish, journal)
            key = (wish.step.provider, price.unit)
            self._spent[key] = self._spent.get(key, Decimal(0)) + (price.amount or Decimal(0))
            self.shown.pop((wish.asset, wish.step.key), None)
        return by

    def is_within_budget(self, wish: OrderRequest) -> bool:
        """Whether a step may be tried again without asking: only inside a budget."""
        try:
            return self._approved_by(wish) == "budget"
        except NeedsDecision:
            return False

    def _approved_by(self, wish: OrderRequest) -> str:
        price = wish.step.price
        if not price.unit or price.amount == 0:
            return "free"
        shown = self.shown.get((wish.asset, wish.step.key))
        if shown is not None and shown.unit == price.unit and _not_dearer(price, shown):
            return "plan"
        budget = self.budgets.get(wish.step.provider)
        if budget is not None and price.amount is not None and budget.unit == price.unit:
            return "budget"
        raise NeedsDecision(
            "needs_approval",
            f"{wish.asset}: {wish.step.key} costs {format_price(price)} at {wish.step.provider}",
            hint="Look at `assetbridge plan`, then run `assetbridge build --yes`, or set a [budget].",
        )

    def _check_limits(self, wish: OrderRequest, journal: Journal) -> None:
        price, provider = wish.step.price, wish.step.provider
        amount = price.amount
        so_far = self._spent.get((provider, price.unit), Decimal(0))
        of_unit = sum((spent for (_, unit), spent in self._spent.items() if unit == price.unit), Decimal(0))
        cap = self.caps.get(price.unit)
        if cap is not None and (amount is None or of_unit + amount > cap):
            raise _over_budget(
                wish,
                f"--max-cost {price.unit}={format_amount(cap)}",
                of_unit,
                "Raise --max-cost, or build fewer assets.",
            )
        budget = self.budgets.get(provider)
        if budget is None or budget.unit != price.unit or amount is None:
            return
        hint = f"Raise it in assetbridge.toml, [budget] {provider}, or build fewer assets."
        if budget.per_build is not None and so_far + amount > budget.per_build:
            raise _over_budget(
                wish, f"the budget of {format_amount(budget.per_build)} {price.unit} a build", so_far, hint
            )
        if budget.per_day is not None:
            today = journal.ledger.sum_spent(provider, price.unit, day_of(journal.clock.now()))
            held = journal.jobs.sum_reserved(provider, price.unit)
            if today + held + amount > budget.per_day:
                raise _over_budget(
                    wish,
                    f"the budget of {format_amount(budget.per_day)} {price.unit} a day",
                    today + held,
                    f"{hint} The day ends at midnight UTC.",
                )


def _not_dearer(price: Price, shown: Price) -> bool:
    return shown.amount is None or (price.amount is not None and price.amount <= shown.amount)


def _over_budget(wish: OrderRequest, limit: str, spent: Decimal, hint: str) -> NeedsDecision:
    return NeedsDecision(
        "over_budget",
        f"{wish.asset}: {wish.step.key} costs {format_price(wish.step.price)}; "
        f"{format_amount(spent)} of {limit} is spent or held back",
        hint=hint,
    )


def format_price(price: Price) -> str:
    """`4 generations`, `1 generation`, `an unknown amount of usd`."""
    if price.amount is None:
        return f"an unknown amount of {price.unit}"
    return f"{format_amount(price.amount)} {price.unit.removesuffix('s') if price.amount == 1 else price.unit}"
