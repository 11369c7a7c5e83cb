"""What is left on the account at each provider, and what else a provider says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from bridge.core.clock import Clock, SystemClock
from bridge.core.errors import BridgeError, ProviderError, WorkFailed
from bridge.http.outcome import TransportError
from bridge.orders import failures
from bridge.orders.access import Access, access
from bridge.orders.model import plain
from bridge.orders.runner.connection import open_connection
from bridge.providers.paid import Balance, FreeCalls, Models, PaidProvider, RemoteAsset

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.orders.journal import Journal

T = TypeVar("T")
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a provider said of the account; `note` says why it said nothing."""

    balance: Balance | None
    note: str = ""


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
        journal.accounts.save_balance(name, asked.reached.key.fingerprint, amounts)
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
        async with open_connection(reached, None, clock) as line:
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
        async with open_connection(reached, None, SystemClock()) as line:
            return await ask(line)
    except TransportError as error:
        if error.status in (401, 403):
            hint = f"assetbridge providers login {name}"
            raise ProviderError(
                "key_rejected", f"{name} does not accept the key {reached.key.name}", hint=hint
            ) from error
        raise failures.describe_offline(name, error.detail) from error
