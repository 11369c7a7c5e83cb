"""Whether a step may be bought: what a person approved, what the budget allows, what is already spent or held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bridge.config.user_settings import SETTINGS_FILE, read_user_settings
from bridge.core.clock import SystemClock, day_of
from bridge.core.errors import NeedsDecision
from bridge.core.user_files import show_user_path
from bridge.orders import endings
from bridge.orders.journal import Journal
from bridge.orders.model import Job, OrderRequest, format_amount, format_price
from bridge.orders.tables.ledger import Spent, SpentElsewhere
from bridge.providers.api import Price
from bridge.trust.project_trust import NO_PROJECT, Gate, ProjectTrust

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.orders.team_spending import TeamSpending

COMMON_UNITS = frozenset({"usd"})
"""Units that are the same at every provider; all others are a provider's own."""


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
    caps: `--max-cost`: most in this build, by `PROVIDER:UNIT` or by unit; what is in none of them may not be spent.
    seen: numbers of the orders of which the person saw that they had ended badly.
    is_asked: whether somebody asks for this very build; a saved file does not.
    trust: in the project; a step is granted to a trusted one only, whoever approved it.
    only: the steps that are wanted, by (asset, step key); nothing else that costs something is bought. None for all.
    team: what others have bought, which counts against the budget of a day, too.
    """

    budgets: Mapping[str, Budget]
    shown: dict[tuple[str, str], Price] = field(default_factory=dict)
    caps: Mapping[str, Decimal] = field(default_factory=dict)
    seen: frozenset[int] = frozenset()
    trust: ProjectTrust = NO_PROJECT
    only: frozenset[tuple[str, str]] | None = None
    is_asked: bool = True
    team: TeamSpending | None = None
    _spent: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def grant(self, wish: OrderRequest, journal: Journal) -> str:
        """Who allows a step: `plan`, `budget`, `retries` or `free`; counts its price.

        Nothing is held back yet in the journal.

        Raises:
            NeedsDecision: as `check`.
        """
        by = self.check(wish, journal)
        price = wish.step.price
        if price.unit:
            key = (wish.step.provider, price.unit)
            self._spent[key] = self._spent.get(key, Decimal(0)) + (price.amount or Decimal(0))
            self.shown.pop((wish.asset, wish.step.key), None)
        return by

    def check(self, wish: OrderRequest, journal: Journal) -> str:
        """Who would allow a step now; counts nothing.

        Raises:
            NeedsDecision: `not_trusted`, `needs_approval`, `over_budget`, `order_failed` or `order_cancelled`.
            ProviderError: `result_damaged`.
        """
        self.trust.require(Gate.SPENDING)
        by = self._find_approver(wish, journal)
        if wish.step.price.unit:
            self._check_caps(wish)
            self._check_budget(wish, journal, is_automatic=by != "plan")
        return by

    def _find_approver(self, wish: OrderRequest, journal: Journal) -> str:
        price = wish.step.price
        if self.only is not None and price.unit and (wish.asset, wish.step.key) not in self.only:
            raise NeedsDecision(
                "needs_approval",
                f"{wish.asset}: {wish.step.key} costs {format_price(price)} at {wish.step.provider}",
                hint=f"It was not asked for; assetbridge build {wish.asset} makes it.",
            )
        ended = endings.find_bad_ending(journal, wish.fingerprint)
        if ended is not None and not endings.may_ask_again(ended):
            raise endings.ask_again(wish, ended)
        if not price.unit or price.amount == 0:
            return self._find_approver_of_free(wish, journal, ended)
        shown = self.shown.get((wish.asset, wish.step.key))
        is_shown = shown is not None and shown.unit == price.unit and _not_dearer(price, shown)
        # Whoever approved before it ended has not seen that it did.
        if is_shown and (ended is None or ended.id in self.seen):
            return "plan"
        reason = self._why_not_automatic(wish)
        if ended is not None:
            if reason is None and endings.may_retry(journal, wish):
                return endings.RETRIES
            raise endings.ask_again(wish, ended)
        if reason is not None:
            raise reason
        return "budget"

    def _find_approver_of_free(self, wish: OrderRequest, journal: Journal, ended: Job | None) -> str:
        if ended is None:
            return "free"
        if endings.may_retry(journal, wish):
            return endings.RETRIES
        if self.is_asked:
            return "free"
        raise endings.ask_again(wish, ended)

    def _why_not_automatic(self, wish: OrderRequest) -> NeedsDecision | None:
        """Why no budget lets this be bought without asking; None where one does, as far as it has room."""
        price, provider = wish.step.price, wish.step.provider
        budget = self.budgets.get(provider)
        costs = f"{wish.asset}: {wish.step.key} costs {format_price(price)} at {provider}"
        look = "Look at `assetbridge plan`, then run `assetbridge build --yes`"
        if budget is None:
            return NeedsDecision("needs_approval", costs, hint=f"{look}, or set a [budget].")
        if not budget.is_automatic:
            return NeedsDecision("needs_approval", costs, hint=f"{look}; {budget.note}.")
        if price.amount is None:
            hint = f"{look}; a budget never buys what nobody knows the price of."
            return NeedsDecision("needs_approval", costs, hint=hint)
        if budget.unit != price.unit:
            hint = f"{look}, or give the [budget] of {provider} in {price.unit}: it is in {budget.unit}."
            return NeedsDecision("needs_approval", costs, hint=hint)
        return None

    def is_shown_in_any_unit(self, wish: OrderRequest) -> bool:
        """Whether a person has approved a step in whatever unit it is paid: no limit here is in another one.

        That is where nobody knows what the account has left.
        """
        budget = self.budgets.get(wish.step.provider)
        is_limited = bool(self.caps) or (budget is not None and budget.unit != wish.step.price.unit)
        return (wish.asset, wish.step.key) in self.shown and not is_limited

    def require_room(self, wish: OrderRequest, journal: Journal) -> None:
        """Whether the budget has room for a step that a person approves; counts nothing.

        Raises:
            NeedsDecision: `over_budget`.
        """
        self._check_budget(wish, journal, is_automatic=False)

    def _check_caps(self, wish: OrderRequest) -> None:
        if not self.caps:
            return
        price, provider = wish.step.price, wish.step.provider
        own = f"{provider}:{price.unit}"
        name = own if own in self.caps else price.unit
        if name not in self.caps:
            if price.amount == 0:
                return
            hint = f"What no --max-cost names may not be spent: --max-cost {own}=N allows it."
            raise _over_budget(wish, "--max-cost", Decimal(0), hint)
        # Credits of one provider are not those of another; dollars are dollars everywhere.
        is_common = name == price.unit and price.unit in COMMON_UNITS
        so_far = sum(
            (
                spent
                for (who, unit), spent in self._spent.items()
                if unit == price.unit and is_common | (who == provider)
            ),
            Decimal(0),
        )
        cap = self.caps[name]
        if price.amount is None or so_far + price.amount > cap:
            limit = f"--max-cost {name}={format_amount(cap)}"
            raise _over_budget(wish, limit, so_far, "Raise --max-cost, or build fewer assets.")

    def _check_budget(self, wish: OrderRequest, journal: Journal, *, is_automatic: bool) -> None:
        price, provider = wish.step.price, wish.step.provider
        budget, amount = self.budgets.get(provider), price.amount
        if budget is None or budget.unit != price.unit or not amount:
            return
        file = show_user_path(SETTINGS_FILE) if budget.note else "assetbridge.toml"
        hint = f"Raise it in {file}, [budget] {provider}, or build fewer assets."
        so_far = self._spent.get((provider, price.unit), Decimal(0))
        if budget.per_build is not None and so_far + amount > budget.per_build:
            raise _over_budget(
                wish, f"the budget of {format_amount(budget.per_build)} {price.unit} a build", so_far, hint
            )
        if budget.per_day is None:
            return
        used = sum_used(journal, provider, price.unit, self.team)
        limit = f"the budget of {format_amount(budget.per_day)} {price.unit} a day"
        if used.unknown and is_automatic:
            known = (
                "`assetbridge jobs settle NUMBER --charged N` says what it was; `assetbridge spend --by order` shows it"
            )
            raise _over_budget(
                wish, f"{limit}, and an order of unknown price,", used.amount, f"{known}. The day ends at midnight UTC."
            )
        if used.amount + amount > budget.per_day:
            raise _over_budget(wish, limit, used.amount, f"{hint} The day ends at midnight UTC.")


def sum_used(
    journal: Journal | None,
    provider: str,
    unit: str,
    team: TeamSpending | None = None,
    booked: SpentElsewhere | None = None,
) -> Spent:
    """What counts against today's budget: charged, possibly charged, and held back for what is on its way.

    team: what others have bought, as far as receipts tell here. Where the books of the team's store were read, they
    count, and of the receipts only those of orders that the books do not have. booked: what the books say; None for
    what they said when this process read them last.
    """
    today = day_of(journal.clock.now() if journal is not None else SystemClock().now())
    if booked is None and journal is not None:
        booked = journal.others.get((today, provider, unit))
    booked = booked or SpentElsewhere()
    parts = [booked.spent]
    if team is not None:
        parts.append(team.sum_spent(provider, unit, today, booked.fingerprints))
    if journal is not None:
        parts += [journal.ledger.sum_spent(provider, unit, today), journal.jobs.sum_reserved(provider, unit)]
    return Spent(sum((part.amount for part in parts), Decimal(0)), sum(part.unknown for part in parts))


def _not_dearer(price: Price, shown: Price) -> bool:
    return shown.amount is None or (price.amount is not None and price.amount <= shown.amount)


def _over_budget(wish: OrderRequest, limit: str, spent: Decimal, hint: str) -> NeedsDecision:
    return NeedsDecision(
        "over_budget",
        f"{wish.asset}: {wish.step.key} costs {format_price(wish.step.price)}; "
        f"{format_amount(spent)} of {limit} is spent or held back",
        hint=hint,
    )
