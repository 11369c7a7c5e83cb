"""Every fault of the fault script, at every provider: while ordering, while waiting, while fetching.

Nothing is charged twice, everything is bought in the end, and people get errors with a known code.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from bridge.core.errors import CODES
from tests.contract.market import MIDNIGHT, STALLS, Market, QuickClock
from tests.emulator import faults
from tests.emulator.faults import Fault

FAULTS: Mapping[str, Fault] = {
    "reset before reading": faults.reset_before_reading(),
    "close before reading": faults.close_before_reading(),
    "reset after reading": faults.reset_after_reading(),
    "close after reading": faults.close_after_reading(),
    "drops keep-alive": faults.drops_keep_alive(),
    "half a status line": faults.half_status_line(),
    "half a body": faults.half_body(),
    "drip": faults.slow_drip(0.0001),
    "too long": faults.wrong_length(),
    "too short": faults.wrong_length("short"),
    "gzip bomb": faults.gzip_bomb(),
    "400": faults.status(400, "bad"),
    "401": faults.status(401, "who are you"),
    "402": faults.status(402, "no credits"),
    "403": faults.status(403, "not you"),
    "404": faults.status(404, "not here"),
    "409": faults.status(409, "conflict"),
    "422": faults.status(422, "bad"),
    "429": faults.too_many_requests(),
    "429 with seconds": faults.too_many_requests("seconds", 0),
    "429 with a date": faults.too_many_requests("date", 0),
    "500": faults.server_error(charged=False),
    "500 charged": faults.server_error(charged=True),
    "503": faults.server_error(503, charged=False),
    "503 charged": faults.server_error(503, charged=True),
    "html 502": faults.html_page(),
    "html 200": faults.html_page(200, charged=True),
    "wrong type": faults.wrong_content_type(),
    "not json": faults.not_json(),
    "no ids": faults.without_ids(),
    "cut picture": faults.truncated_picture(),
    "bomb picture": faults.bomb_picture(2000),
    "redirect": faults.redirect(),
    "evil urls": faults.evil_urls(),
    "job failed": faults.job_failed(),
    "expired": faults.result_expired(),
    "status lag": faults.status_lag(),
    "strange word": faults.unknown_status_word(),
    "backwards": faults.status_backwards(),
    "zip slip": faults.zip_slip(),
    "zip bomb": faults.zip_bomb(1 << 20),
}
ROUTES = ("POST /*", "GET /*")
EVERY = 4


def cases() -> Iterator[ParameterSet]:
    """All of them; every fourth one in the short tier, so that each fault is seen at one provider at least."""
    for place, fault in enumerate(FAULTS):
        for number, (name, route) in enumerate(itertools.product(STALLS, ROUTES)):
            short = (place + number) % EVERY == 0
            yield pytest.param(name, fault, route, marks=() if short else pytest.mark.full)


@pytest.mark.parametrize(("name", "fault", "route"), list(cases()))
def test_a_fault_costs_nothing_twice(tmp_path: Path, name: str, fault: str, route: str) -> None:
    chains = [STALLS[name].chain(number) for number in range(2)]
    with Market(tmp_path, QuickClock(MIDNIGHT, 20), {name: STALLS[name]}) as market:
        market.emulators[name].faults.on(route, FAULTS[fault], nth=0, count=2)
        for error in market.buy(chains).values():
            if error is not None:
                assert error.code in CODES
                assert error.message
                assert "Traceback" not in error.message
        market.emulators[name].faults.clear()
        market.decide()
        market.settle(chains)
        assert market.charged_twice() == {}
        assert all(market.store.get(job.result) for job in market.jobs("stored"))
