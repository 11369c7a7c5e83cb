"""Whoever waits for another machine's order waits for as long as it lives, and for its lease once it is dead."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from bridge.core import waits
from bridge.orders.runner import signs_of_life
from bridge.orders.runner.team import Hold, TeamOrders
from bridge.store.receipts import Receipt
from tests.unit.orders.shop import FakeClock, wish
from tests.unit.orders.test_team_counts import Machine

# A look at who is silent is as old as this at most, and a pause between two looks as long.
LOOK_S = waits.CLAIM_LEASE_S / (2 * waits.BEATS_PER_LEASE) + waits.CLAIM_POLL_MOST_S


class PassingTime(FakeClock):
    """The times of this machine and of the store's files pass as well, and somebody lives for a while."""

    def __init__(self, nas: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.nas = nas
        self.signs = nas
        self.began = self.time
        self.lives_until = 0.0
        passing = SimpleNamespace(time=lambda: self.time, monotonic=lambda: self.time - self.began + 1000.0)
        monkeypatch.setattr(signs_of_life, "time", passing)

    async def sleep(self, seconds: float) -> None:
        before = self.time
        await super().sleep(seconds)
        if self.time < self.lives_until and int(before / 75) != int(self.time / 75):
            self.give_sign()

    def give_sign(self) -> None:
        """As the owner of the claim would."""
        for old in list(self.signs.iterdir()):
            old.unlink()
        sign = self.signs / f"{int(self.time * 1000):015d}"
        sign.write_bytes(b"alive\n")
        os.utime(sign, (self.time, self.time))

    def age_files(self, seconds: float) -> None:
        """What is in the store was written so long ago."""
        for path in self.nas.rglob("*"):
            if path.is_file():
                os.utime(path, (self.time - seconds, self.time - seconds))


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """Two, with one folder as their shared store."""
    (tmp_path / "second").mkdir()
    first, second = Machine(tmp_path), Machine(tmp_path / "second", nas=tmp_path / "nas")
    yield first, second
    first.close()
    second.close()


@pytest.mark.parametrize(
    ("dead_for", "lives_for"), [(0.0, 0.0), (100.0, 0.0), (299.0, 0.0), (500.0, 0.0), (0.0, 200.0), (0.0, 700.0)]
)
def test_nobody_waits_longer_than_the_lease_for_the_dead(
    machines: tuple[Machine, Machine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dead_for: float,
    lives_for: float,
) -> None:
    first, second = machines
    time = PassingTime(tmp_path / "nas", monkeypatch)
    waited = asyncio.run(_wait(first, second, time, dead_for, lives_for))
    assert waited - lives_for <= waits.CLAIM_LEASE_S + LOOK_S
    assert waited >= lives_for, "somebody who lives was taken for dead"


async def _wait(first: Machine, second: Machine, time: PassingTime, dead_for: float, lives_for: float) -> float:
    order = wish("art/rock")
    owner = TeamOrders(first.shared, first.journal, time, "Ann")
    assert isinstance(await owner.hold(order, lambda: ""), Hold)
    await asyncio.sleep(0.05)
    for task in owner._tasks:
        task.cancel()
    await asyncio.gather(*owner._tasks, return_exceptions=True)
    time.signs = time.nas / "beats" / owner.owner
    time.give_sign()
    time.age_files(dead_for)
    time.lives_until = time.time + lives_for
    begun = time.time
    waiting = TeamOrders(second.shared, second.journal, time, "Bob")
    held = await waiting.hold(order, lambda: "")
    assert not isinstance(held, Receipt)
    assert held.key
    waited = time.time - begun
    await waiting.close()
    return waited
