"""Whether a step may be bought: what a person approved, what the budget allows, what is already spent or held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bridge.config.user_settings import SETTINGS_FILE, read_user_settings
from bridge.core.clock import day_of
from bridge.core.errors import NeedsDecision
from bridge.core.user_files import show_user_path
from bridge.orders.journal import Journal
from bridge.orders.model import OrderRequest, format_amount
from bridge.providers.api import Price
from bridge.trust.project_trust import NO_PROJECT, Gate, ProjectTrust

if TYPE_CHECKING:
    from bridge.config.project_config import Config


@dataclass(frozen=True, slots=True)
class Budget:
    """`[budget] PROVIDER = { unit, per_build, per_day }`; None is no limit of that kind. A day is a UTC day.

    note: what the user's own settings make of it; such a budget names their file. is_automatic: whether it may be spent
    without asking.
    """

    unit: str
    per_build: Decimal | None = None
    per_day: Decimal | None = None
    note: str = ""
    is_automatic: bool = True


def read_budgets(config: Config) -> dict[str, Budget]:
    """What a project may spend without asking: its `[budget]`, no more than the user's own settings allow.

    Nothing where it is not trusted: a stranger's budget is no allowance.

    Raises:
        UserError: `settings_unsafe`, `settings_damaged`; `config_invalid`: the user's own settings have a mistake.
    """
    if not config.budget or not config.trust.is_trusted:
        return {}
    own = read_user_settings().budget
    return {name: _cap_budget(_read_budget(table), own.get(name)) for name, table in config.budget.items()}


def describe_budget(budget: Budget) -> dict[str, str]:
    """The JSON form: the unit, and those limits that there are."""
    limits = {"per_build": budget.per_build, "per_day": budget.per_day}
    told = {name: format_amount(limit) for name, limit in limits.items() if limit is not None}
    return {"unit": budget.unit, **told}


def _read_budget(table: Mapping[str, Any]) -> Budget:
    limits = {key: Decimal(str(table[key])) for key in ("per_build", "per_day") if key in table}
    return Budget(table["unit"], limits.get("per_build"), limits.get("per_day"))


def _cap_budget(budget: Budget, own: Mapping[str, Any] | None) -> Budget:
    """A budget under the user's own limits: the smaller wins; those in another unit allow nothing."""
    if own is None:
        return budget
    cap, file = _read_budget(own), show_user_path(SETTINGS_FILE)
    if cap.unit != budget.unit:
        note = f"{file} allows {cap.unit} only: nothing is spent without asking"
        return replace(budget, note=note, is_automatic=False)
    capped = Budget(budget.unit, _smaller(budget.per_build, cap.per_build), _smaller(budget.per_day, cap.per_day))
    return replace(capped, note=f"limited by {file}") if capped != budget else budget


def _smaller(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    limits = [limit for limit in (one, other) if limit is not None]
    return min(limits) if limits else None


@dataclass(slots=True)
class Approval:
    """What one build may spend.

    shown: prices of the plan that a person approved, by (asset, step key), each good for one purchase.
    caps: `--max-cost`: most per unit in this build. trust: in the project; a step is granted to a trusted one only,
    whoever approved it.
    """

    budgets: Mapping[str, Budget]
    shown: dict[tuple[str, str], Price] = field(default_factory=dict)
    caps: Mapping[str, Decimal] = field(default_factory=dict)
    trust: ProjectTrust = NO_PROJECT
    _spent: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def grant(self, wish: OrderRequest, journal: Journal) -> str:
        """Who allows a step: `plan` or `budget`; counts its price. Nothing is held back yet in the journal.

        Raises:
            NeedsDecision: `not_trusted`, `needs_approval` or `over_budget`.
        """
        self.trust.require(Gate.SPENDING)
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
        is_automatic = budget is not None and budget.is_automatic and budget.unit == price.unit
        if is_automatic and price.amount is not None:
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
        file = show_user_path(SETTINGS_FILE) if budget.note else "assetbridge.toml"
        hint = f"Raise it in {file}, [budget] {provider}, or build fewer assets."
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
