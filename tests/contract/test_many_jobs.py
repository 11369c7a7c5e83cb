"""Hundreds of orders at all providers at once, through faults, over midnight, with keys that change meanwhile."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from bridge.orders.access import ProviderAccess
from bridge.orders.budget import Budget
from bridge.orders.journal import Journal
from bridge.orders.model import TAKEN
from bridge.orders.runner.connection import open_connection
from bridge.providers.paid import RateLimits
from bridge.providers.pixeldojo import PixelDojoProvider
from tests.contract.market import MIDNIGHT, STALLS, Chain, Market, QuickClock, Stall, reached
from tests.emulator import Emulator, Rule, faults
from tests.emulator.pixeldojo import PixelDojo

MISHAPS = (
    faults.reset_before_reading(),
    faults.reset_after_reading(),
    faults.close_after_reading(),
    faults.half_body(),
    faults.half_status_line(),
    faults.too_many_requests(),
    faults.too_many_requests("seconds", 2),
    faults.server_error(charged=False),
    faults.server_error(503, charged=True),
    faults.html_page(charged=True),
    faults.without_ids(),
    faults.truncated_picture(),
    faults.unknown_status_word(),
    faults.status_lag(),
)
RATE = 0.05
OTHERS = {"pixellab": "pl-new", "pixelengine": "pe_sk_new", "pixeldojo": "pd_new", "sprixen": "spx_live_new"}


@pytest.fixture(scope="module")
def stalls(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Stall]:
    """All of them, with a catalogue that says what pictures cost: budgets buy nothing of unknown price."""
    provider = PixelDojoProvider(tmp_path_factory.mktemp("cache") / "models.json")

    async def listed(url: str) -> None:
        stall = STALLS["pixeldojo"]
        async with open_connection(reached(stall, url, ""), None, QuickClock(0, 1)) as line:
            await provider.models(line, ["pixel-image"])

    with Emulator(PixelDojo()) as emulator:
        asyncio.run(listed(emulator.url))
    return {**STALLS, "pixeldojo": dataclasses.replace(STALLS["pixeldojo"], provider=provider)}


def chains_of(stalls: Mapping[str, Stall], count: int) -> list[Chain]:
    """Chains of all providers in turn, with so many steps together or a few more."""
    found: list[Chain] = []
    number = 0
    while sum(len(chain.steps) for chain in found) < count:
        found += [stall.chain(number) for stall in stalls.values()]
        number += 1
    return found


def prices(chains: Sequence[Chain]) -> dict[tuple[str, str], Decimal]:
    """What all of it costs, by provider and unit; what has no published price is not counted."""
    total: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for step in (step for chain in chains for step in chain.steps):
        if step.price.unit:
            total[step.provider, step.price.unit] += step.price.amount or Decimal(0)
    return total


def with_limits(market: Market, change: Callable[[RateLimits], RateLimits]) -> Callable[[str], ProviderAccess]:
    """Ready providers whose limits are changed."""

    def access(name: str) -> ProviderAccess:
        found = market.access(name)
        return dataclasses.replace(found, limits=change(found.limits))

    return access


@pytest.mark.timeout(900)
@pytest.mark.parametrize("count", [100, pytest.param(500, marks=pytest.mark.full)])
def test_nothing_is_lost_and_nothing_is_charged_twice(tmp_path: Path, stalls: Mapping[str, Stall], count: int) -> None:
    chains = chains_of(stalls, count)
    total = prices(chains)
    # A day pays for two thirds and a bit, for orders that are given up may have been charged.
    days = {name: Budget(unit, per_day=amount * Decimal("0.7")) for (name, unit), amount in total.items() if amount}
    clock = QuickClock(MIDNIGHT - 43200, 20)
    rules = [Rule(fault, chance=RATE / len(MISHAPS)) for fault in MISHAPS]
    with Market(tmp_path, clock, stalls, faults=rules, job_seconds=30, quick_polls=False) as market:
        impatient = with_limits(market, lambda limits: dataclasses.replace(limits, poll_first=0.5, patience=0.0))
        ended = market.buy(chains, budgets=days, access=impatient)
        codes = {error.code for error in ended.values() if error is not None}
        assert {"still_running", "over_budget"} <= codes
        assert len(market.jobs(*TAKEN)) >= 10
        clock.speed(200)
        for name, key in OTHERS.items():
            market.emulators[name].personality.rotate(key)
        for _ in range(3):
            market.decide()
            ended = market.buy(chains, budgets=days)
        assert "over_budget" in {error.code for error in ended.values() if error is not None}
        assert clock.now() < MIDNIGHT
        clock.jump(MIDNIGHT + 1 - clock.now())
        market.decide()
        market.settle(chains, budgets=days)
        assert market.charged_twice() == {}
        stored = market.jobs("stored")
        assert len({job.fingerprint for job in stored}) == sum(len(chain.steps) for chain in chains)
        assert all(market.store.get(job.result) for job in stored)
        within_budget(market, days)


def within_budget(market: Market, days: Mapping[str, Budget]) -> None:
    """No UTC day has seen more than its budget, and both have seen something."""
    journal = Journal(market.root, clock=market.clock)
    for name, budget in days.items():
        spent: dict[str, Decimal] = defaultdict(Decimal)
        for entry in journal.ledger.list_entries():
            if entry.provider == name and entry.unit == budget.unit:
                spent[entry.day] += entry.change.charged + entry.change.possible
        assert len(spent) == 2, (name, dict(spent))
        assert budget.per_day is not None
        assert max(spent.values()) <= budget.per_day, (name, dict(spent))
    journal.close()


@pytest.mark.parametrize("name", STALLS)
def test_a_new_key_of_the_account_goes_on_with_its_jobs(tmp_path: Path, name: str) -> None:
    chain = STALLS[name].chain(1)
    with Market(tmp_path, QuickClock(MIDNIGHT, 50), {name: STALLS[name]}, job_seconds=5) as market:
        impatient = with_limits(market, lambda limits: dataclasses.replace(limits, patience=0.0))
        (error,) = market.buy([chain], access=impatient).values()
        assert error is not None
        assert error.code == "still_running"
        market.emulators[name].personality.rotate(OTHERS[name])
        market.settle([chain])
        assert market.charged_twice() == {}
        assert len({job.account for job in market.jobs("stored")}) == (2 if len(chain.steps) > 1 else 1)


@pytest.mark.parametrize("name", STALLS)
def test_a_key_of_another_account_loses_nothing(tmp_path: Path, name: str) -> None:
    """The job is not known to it: it is kept, people are told which key it needs, and that one collects it."""
    chain = STALLS[name].chain(1)
    with Market(tmp_path, QuickClock(MIDNIGHT, 50), {name: STALLS[name]}, job_seconds=5) as market:
        impatient = with_limits(market, lambda limits: dataclasses.replace(limits, patience=0.0))
        market.buy([chain], access=impatient)
        (job, *_) = market.jobs(*TAKEN)
        personality = market.emulators[name].personality
        personality.rotate("the-key-of-somebody-else", STALLS[name].other)
        (error,) = market.buy([chain]).values()
        assert error is not None
        assert error.code == "other_account", error
        assert job.account in error.message
        assert "key" in error.hint
        assert {one.state for one in market.jobs() if one.id == job.id} <= TAKEN
        personality.rotate(STALLS[name].key, STALLS[name].key)
        market.settle([chain])
        assert market.charged_twice() == {}
