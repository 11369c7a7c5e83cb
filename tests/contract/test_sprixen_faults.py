"""Sprixen's longest chains, maps and clips in projects, through random faults: nothing is lost or charged twice."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from bridge.providers.api import StepResult
from bridge.store import results
from tests.contract.market import MIDNIGHT, STALLS, Market, QuickClock
from tests.emulator import Rule, faults

_HEAD = 'provider = "sprixen"\ndescription = "thing number {n}"\n'
MAP = f'kind = "map"\n{_HEAD}size = [6, 6]\npack = "Fantasy Terrain"\nedits = ["a river {{n}}", "a road {{n}}"]\n'
CLIP = (
    f'kind = "animation"\n{_HEAD}action = "waves {{n}}"\nsource_url = "https://example.com/a.png"\nframes = 4\n'
    '[provider_options]\nproject = { name = "Town" }\n'
)
STALL = dataclasses.replace(STALLS["sprixen"], texts=(MAP, CLIP))
MISHAPS = (
    faults.reset_before_reading(),
    faults.reset_after_reading(),
    faults.close_after_reading(),
    faults.half_body(),
    faults.too_many_requests(),
    faults.server_error(charged=False),
    faults.server_error(503, charged=True),
    faults.without_ids(),
)


def test_long_chains_come_through_random_faults(tmp_path: Path) -> None:
    chains = [STALL.chain(number) for number in range(8)]
    rules = [Rule(fault, chance=0.05 / len(MISHAPS)) for fault in MISHAPS]
    with Market(tmp_path, QuickClock(MIDNIGHT, 60), {"sprixen": STALL}, faults=rules, seed=5) as market:
        market.settle(chains)
        struck = [row for row in market.emulators["sprixen"].ledger.rows if row.fault]
        charged = market.charged_twice()
    assert struck
    assert charged == {}
    stored = {job.step.key: results.load(market.store, job.result) for job in market.jobs("stored")}
    assert {"map", "edit/3"} <= set(stored)
    assert all(_whole(result) for key, result in stored.items() if key.startswith("edit/"))


def _whole(result: StepResult) -> bool:
    return {"map.json", "map.tmx"} <= {file.name for file in result.files}
