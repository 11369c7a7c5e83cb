"""What a plan costs at each provider, beside what is left there and what the budget says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, TypeVar

from bridge import secrets
from bridge.clock import Clock, SystemClock, day_of
from bridge.errors import BridgeError, ProviderError, WorkFailed
from bridge.jobs import messages
from bridge.jobs.access import Access, access, settings
from bridge.jobs.budget import Budget, budgets
from bridge.jobs.calls import open_line
from bridge.jobs.model import plain
from bridge.plan.model import Plan, ProviderCost
from bridge.providers.paid import Balance, FreeCalls, Models, PaidProvider, RemoteAsset
from bridge.transport.outcome import TransportError

if TYPE_CHECKING:
    from bridge.config import Config
    from bridge.jobs.journal import Journal
    from bridge.project import Project

T = TypeVar("T")
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a provider said of the account; `note` says why it said nothing."""

    balance: Balance | None
    note: str = ""


def priced(project: Project, plan: Plan, *, ask: bool = True) -> tuple[ProviderCost, ...]:
    """The plan's costs per provider and unit. With `ask` the providers' balances are looked up, each for 5 seconds
    at most; a provider that does not answer is noted and stops nothing.
    """
    costs = [
        (cost["provider"], cost["unit"], None if cost["amount"] is None else Decimal(cost["amount"]))
        for cost in plan.costs()
    ]
    names = sorted({provider for provider, _, _ in costs})
    said = balances(project.config, names, journal=project.journal) if ask and names else {}
    limits = budgets(project.config.budget)
    return tuple(_cost(project, limits, said, *cost) for cost in costs)


def _cost(
    project: Project,
    limits: Mapping[str, Budget],
    said: Mapping[str, Asked],
    provider: str,
    unit: str,
    amount: Decimal | None,
) -> ProviderCost:
    budget = limits.get(provider)
    asked = said.get(provider, Asked(None))
    left = asked.balance.amounts.get(unit) if asked.balance else None
    return ProviderCost(
        provider,
        unit,
        amount,
        key=_has_key(project.config, provider),
        balance=left,
        balance_note=asked.note,
        budget=_shown(budget) if budget else None,
        verdict=_verdict(project.journal, budget, left, provider, unit, amount),
    )


def _has_key(config: Config, provider: str) -> bool:
    try:
        return secrets.find(provider, settings(config, provider)[1].key_env) is not None
    except BridgeError:
        # What is wrong with it is said when it is needed.
        return False


def _shown(budget: Budget) -> dict[str, str]:
    limits = {"per_build": budget.per_build, "per_day": budget.per_day}
    return {"unit": budget.unit, **{name: plain(limit) for name, limit in limits.items() if limit is not None}}


def _verdict(
    journal: Journal | None,
    budget: Budget | None,
    left: Decimal | None,
    provider: str,
    unit: str,
    amount: Decimal | None,
) -> str:
    if amount is not None and left is not None and amount > left:
        return "over"
    if amount is None or budget is None or budget.unit != unit:
        return "ask"
    if budget.per_build is not None and amount > budget.per_build:
        return "over"
    if budget.per_day is not None:
        used = Decimal(0)
        if journal is not None:
            used = journal.spent(provider, unit, day_of(journal.clock.now())) + journal.reserved(provider, unit)
        if used + amount > budget.per_day:
            return "over"
    return "budget"


def balances(
    config: Config, names: Iterable[str], *, journal: Journal | None = None, clock: Clock | None = None
) -> dict[str, Asked]:
    """What is left at each of these providers, asked at the same time. Keys and networks that fail give a note."""
    return asyncio.run(_all(config, list(names), journal, clock or SystemClock()))


async def _all(config: Config, names: list[str], journal: Journal | None, clock: Clock) -> dict[str, Asked]:
    answers = await asyncio.gather(*(_one(config, name, journal, clock) for name in names))
    return dict(zip(names, answers, strict=True))


async def _one(config: Config, name: str, journal: Journal | None, clock: Clock) -> Asked:
    asked = await answered(config, name, clock, lambda provider, line: provider.balance(line))
    if asked.said is not None and asked.reached is not None and journal is not None:
        amounts = {unit: plain(amount) for unit, amount in asked.said.amounts.items()}
        journal.set_balance(name, asked.reached.key.fingerprint, amounts)
    return Asked(asked.said, asked.note)


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """What a provider said, and how it was reached; `note` says why it said nothing."""

    said: T | None
    note: str = ""
    reached: Access | None = None


async def answered(
    config: Config, name: str, clock: Clock, ask: Callable[[PaidProvider, FreeCalls], Awaitable[T]]
) -> Answered[T]:
    """What a provider says of the account; keys and networks that fail give a note, and so does a long silence."""
    try:
        reached = access(config, name)
        async with open_line(reached, None, clock) as line:
            return Answered(await asyncio.wait_for(ask(reached.provider, line), _PATIENCE), reached=reached)
    except BridgeError as error:
        return Answered(None, error.message)
    except TransportError as error:
        if error.answer is not None and error.status in (401, 403):
            return Answered(None, f"{name} does not accept the key {reached.key.name}")
        return Answered(None, f"{name} cannot be asked: {error.detail}")
    except TimeoutError:
        return Answered(None, f"{name} did not answer in {_PATIENCE:g} seconds")


async def listed(reached: Access) -> list[RemoteAsset]:
    """What the account has that a spec can adopt.

    Raises:
        ProviderError: the provider does not answer, or not to this key.
    """
    return list(await _told(reached, reached.provider.assets))


async def models(reached: Access, about: Sequence[str] = ()) -> Models:
    """The models that specs may name; `about` are those to say all of.

    Raises:
        ProviderError: the provider does not answer, or not to this key. WorkFailed: the list cannot be kept.
    """
    try:
        return await _told(reached, lambda line: reached.provider.models(line, about))
    except OSError as error:
        raise WorkFailed(
            "output_unwritable",
            f"the models of {reached.provider.name} cannot be kept: {error.strerror or error}",
            hint="They are kept in the cache folder of your user; make it writable.",
        ) from error


async def _told(reached: Access, ask: Callable[[FreeCalls], Awaitable[T]]) -> T:
    name = reached.provider.name
    try:
        async with open_line(reached, None, SystemClock()) as line:
            return await ask(line)
    except TransportError as error:
        if error.status in (401, 403):
            hint = f"assetbridge providers login {name}"
            raise ProviderError(
                "key_rejected", f"{name} does not accept the key {reached.key.name}", hint=hint
            ) from error
        raise messages.offline(name, error.detail) from error
