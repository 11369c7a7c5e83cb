"""What is left on the account at each provider, and what else a provider says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, TypeVar

from bridge.core.clock import Clock, SystemClock, day_of
from bridge.core.credentials import find_key
from bridge.core.errors import BridgeError, ProviderError, WorkFailed
from bridge.http.outcome import TransportError
from bridge.orders import failures
from bridge.orders.access import ProviderAccess, open_access, provider_settings
from bridge.orders.model import format_amount
from bridge.orders.runner.connection import open_connection
from bridge.orders.runner.rate_limit import RateLimiter
from bridge.providers.paid import Balance, FreeCalls, Models, PaidProvider, RemoteAsset

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.orders.journal import Journal

T = TypeVar("T")
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class BalanceAnswer:
    """What a provider said of the account; `note` says why it said nothing. at: when it said so; None for just now."""

    balance: Balance | None
    note: str = ""
    at: float | None = None


def ask_balances(
    config: Config, names: Iterable[str], *, journal: Journal | None = None, clock: Clock | None = None
) -> dict[str, BalanceAnswer]:
    """What is left at each of these providers, asked at the same time. Keys and networks that fail give a note."""
    return asyncio.run(_ask_all(config, list(names), journal, clock or SystemClock()))


async def _ask_all(config: Config, names: list[str], journal: Journal | None, clock: Clock) -> dict[str, BalanceAnswer]:
    answers = await asyncio.gather(*(_ask_one(config, name, journal, clock) for name in names))
    return dict(zip(names, answers, strict=True))


async def _ask_one(config: Config, name: str, journal: Journal | None, clock: Clock) -> BalanceAnswer:
    asked = await ask_provider(config, name, clock, lambda provider, line: provider.balance(line), journal)
    if asked.said is not None and asked.said.amounts and asked.reached is not None and journal is not None:
        amounts = {unit: format_amount(amount) for unit, amount in asked.said.amounts.items()}
        journal.accounts.save_balance(name, asked.reached.key.fingerprint, amounts)
    return BalanceAnswer(asked.said, asked.note)


def use_heard_balance(config: Config, journal: Journal | None, name: str, asked: BalanceAnswer | None) -> BalanceAnswer:
    """What a provider says is left; else what was last heard of it, perhaps with an order, and when that was.

    asked: None where it was not asked.
    """
    if asked is not None and asked.balance is not None and asked.balance.amounts:
        return asked
    note = asked.note if asked is not None else ""
    heard = _load_heard(config, journal, name)
    if heard is None:
        return BalanceAnswer(asked.balance if asked is not None else None, note)
    amounts, when = heard
    as_of = f"what is left is as of {day_of(when)}" if asked is not None else ""
    balance = Balance({unit: Decimal(amount) for unit, amount in amounts.items()})
    return BalanceAnswer(balance, "; ".join(text for text in (note, as_of) if text), when)


def _load_heard(config: Config, journal: Journal | None, name: str) -> tuple[dict[str, str], float] | None:
    if journal is None:
        return None
    try:
        key = find_key(name, provider_settings(config, name)[1].key_env)
    except BridgeError:
        # What is wrong with it is said when it is needed.
        return None
    return journal.accounts.load_balance(name, key.fingerprint) if key is not None else None


@dataclass(frozen=True, slots=True)
class ProviderAnswer(Generic[T]):
    """What a provider said, and how it was reached; `note` says why it said nothing."""

    said: T | None
    note: str = ""
    reached: ProviderAccess | None = None


async def ask_provider(
    config: Config,
    name: str,
    clock: Clock,
    ask: Callable[[PaidProvider, FreeCalls], Awaitable[T]],
    journal: Journal | None,
) -> ProviderAnswer[T]:
    """What a provider says of the account; keys and networks that fail give a note, and so does a long silence.

    journal: where the account's rate limit is kept; None where nothing was ever ordered.
    """
    try:
        reached = open_access(config, name)
        limiter = limit_requests(reached, journal, clock)
        if limiter is not None and (wait := limiter.wait_seconds()) > _PATIENCE:
            return ProviderAnswer(None, f"{name} asks to wait for {wait:.0f} seconds")
        async with open_connection(reached, limiter, clock) as line:
            return ProviderAnswer(await asyncio.wait_for(ask(reached.provider, line), _PATIENCE), reached=reached)
    except BridgeError as error:
        return ProviderAnswer(None, error.message)
    except TransportError as error:
        if error.answer is not None and error.status in (401, 403):
            return ProviderAnswer(None, f"{name} does not accept the key {reached.key.name}")
        return ProviderAnswer(None, f"{name} cannot be asked: {error.detail}")
    except TimeoutError:
        return ProviderAnswer(None, f"{name} did not answer in {_PATIENCE:g} seconds")


def limit_requests(reached: ProviderAccess, journal: Journal | None, clock: Clock) -> RateLimiter | None:
    """The rate limit of an account, which all requests to it share; None where no journal keeps one."""
    if journal is None:
        return None
    name, account = reached.provider.name, reached.key.fingerprint
    return RateLimiter(journal, clock, name, account, reached.limits)


async def list_remote_assets(reached: ProviderAccess) -> list[RemoteAsset]:
    """What the account has that a spec can adopt.

    Raises:
        ProviderError: the provider does not answer, or not to this key.
    """
    return list(await _ask_or_raise(reached, reached.provider.assets))


async def list_models(reached: ProviderAccess, about: Sequence[str] = ()) -> Models:
    """The models that specs may name; `about` are those to say all of.

    Raises:
        ProviderError: the provider does not answer, or not to this key. WorkFailed: the list cannot be kept.
    """
    try:
        return await _ask_or_raise(reached, lambda line: reached.provider.models(line, about))
    except OSError as error:
        raise WorkFailed(
            "output_unwritable",
            f"the models of {reached.provider.name} cannot be kept: {error.strerror or error}",
            hint="They are kept in the cache folder of your user; make it writable.",
        ) from error


async def _ask_or_raise(reached: ProviderAccess, ask: Callable[[FreeCalls], Awaitable[T]]) -> T:
    name = reached.provider.name
    try:
        async with open_connection(reached, None, SystemClock()) as line:
            return await ask(line)
    except TransportError as error:
        if error.status in (401, 403):
            hint = f"assetbridge providers login {name}"
            raise ProviderError(
                "key_rejected", f"{name} does not accept the key {reached.key.name}", hint=hint
            ) from error
        if error.answer is not None and not error.is_temporary:
            raise ProviderError("provider_answer", f"{name} does not answer this: {error.detail}") from error
        raise failures.describe_offline(name, error.detail) from error
