"""Orders and webhooks: a hint brings the next look at once, whatever else a sender says changes nothing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.orders.access import ProviderAccess
from bridge.orders.model import Job
from bridge.orders.webhooks.hints import Hints
from bridge.orders.webhooks.receiver import receive_hints
from tests.configured import configure
from tests.contract.market import MIDNIGHT, STALLS, Chain, Market, QuickClock
from tests.emulator import Emulator, faults
from tests.emulator.postman import Hook, Postman, post

LOOKS = {"pixeldojo": "GET /jobs/", "sprixen": "GET /generations/"}
TABLE = {"listen": "127.0.0.1:0", "public_url": "http://127.0.0.1"}


@pytest.fixture(params=sorted(LOOKS))
def market(tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """A market of one provider that takes addresses for webhooks."""
    name = request.param
    with Market(tmp_path, QuickClock(MIDNIGHT, 1), {name: STALLS[name]}, job_seconds=0.2) as running:
        yield running


def stall_of(market: Market) -> tuple[str, Emulator[Any], Chain]:
    """The one provider of a market, its service, and something to buy there."""
    ((name, stall),) = market.stalls.items()
    return name, market.emulators[name], stall.chain(0)


def seldom(market: Market) -> Callable[[str], ProviderAccess]:
    """The first look after an hour: only a hint can bring it earlier."""

    def access(name: str) -> ProviderAccess:
        found = market.access(name)
        limits = dataclasses.replace(found.limits, poll_first=3600.0, poll=3600.0, poll_most=3600.0)
        return dataclasses.replace(found, limits=limits)

    return access


def due(market: Market) -> list[Hook]:
    """The webhooks of all jobs of the market that have ended."""
    emulators = market.emulators.values()
    return [hook for emulator in emulators for hook in emulator.personality.inner.due(emulator.now)]


def receiver(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A receiver on a free port, whose public address is that port."""
    from bridge.core.web_address import WebhookAddress
    from bridge.orders.webhooks import receiver as module

    place = module.open_socket(WebhookAddress("127.0.0.1", 0, ""))
    port = place.getsockname()[1]
    monkeypatch.setattr(module, "open_socket", lambda _: place)
    table = {**TABLE, "public_url": f"http://127.0.0.1:{port}/hooks"}
    return receive_hints(configure(folder / "configured", {"webhooks": table}), lambda _: None)


def hooks_of(jobs: list[Job]) -> set[str]:
    return {job.hook for job in jobs}


@pytest.mark.parametrize("repeats", [1, 100])
@pytest.mark.parametrize(("name", "route"), LOOKS.items())
def test_a_hint_brings_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, route: str, repeats: int
) -> None:
    chains = [STALLS[name].chain(number) for number in (0, 2, 4, 6)]
    with (
        Market(tmp_path, QuickClock(MIDNIGHT, 1), {name: STALLS[name]}, job_seconds=0.2) as market,
        receiver(tmp_path, monkeypatch) as hints,
        Postman(lambda: due(market), repeats=repeats) as postman,
    ):
        assert market.buy(chains, hints=hints, access=seldom(market)) == dict.fromkeys(one.asset for one in chains)
    jobs = market.jobs("stored")
    assert len(hooks_of(jobs)) == len(jobs) == 4
    assert {one.status for one in postman.delivered} <= {204, 0}
    looks = [row for row in market.emulators[name].ledger.rows if row.route.startswith(route)]
    # One look after the hint, and one that fetches; repetitions bring none.
    assert len(looks) <= 2 * len(jobs) + 2
    assert market.charged_twice() == {}


def test_a_hint_that_lies_changes_nothing(market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that the job has failed, while it runs: it is looked at, and goes on."""
    _, service, chain = stall_of(market)

    def lies() -> list[Hook]:
        inner = service.personality.inner
        inner_jobs = inner.jobs if hasattr(inner, "jobs") else inner.world.jobs
        body = json.dumps({"status": "failed", "output": {"images": ["http://169.254.169.254/"]}}).encode()
        asked = [(job.id, job.body if hasattr(job, "body") else job.request) for job in list(inner_jobs.values())]
        early = [Hook(f"lie {job}", said.get("webhook_url") or said["webhookUrl"], body) for job, said in asked]
        return [*early, *due(market)]

    with receiver(tmp_path, monkeypatch) as hints, Postman(lies):
        assert market.buy([chain], hints=hints, access=seldom(market)) == {chain.asset: None}
    (job,) = market.jobs("stored")
    assert job.error is None


def test_without_a_word_polling_does_it(market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, chain = stall_of(market)
    with receiver(tmp_path, monkeypatch) as hints:
        assert market.buy([chain], hints=hints) == {chain.asset: None}


def test_a_job_of_an_earlier_run_is_heard_of(market: Market) -> None:
    """Its secret stands in the journal; the wait that it ends is that of the run that collects it."""
    name, service, chain = stall_of(market)
    service.faults.on(f"{LOOKS[name]}*", faults.status(503, "Away"))
    heard: list[str] = []

    class Recording(Hints):
        def expect(self, secret: str, job: int) -> None:
            heard.append(secret)
            super().expect(secret, job)

    def impatient(name: str) -> ProviderAccess:
        found = market.access(name)
        return dataclasses.replace(found, limits=dataclasses.replace(found.limits, patience=0.0))

    first = Recording(lambda secret: f"https://example.com/{secret}")
    (error,) = market.buy([chain], hints=first, access=impatient).values()
    assert error is not None
    assert error.code == "still_running"
    service.faults.clear()
    (secret,) = set(heard)
    heard.clear()
    assert market.buy([chain], hints=Recording()) == {chain.asset: None}
    assert set(heard) == {secret}


def test_a_lost_order_is_found_by_its_address(market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two orders that are alike but for their addresses: the one that is lost is told from the other."""
    _, service, chain = stall_of(market)
    service.faults.on("POST /*", faults.reset_after_reading(), nth=0)
    with receiver(tmp_path, monkeypatch) as hints:
        assert market.buy([chain], hints=hints) == {chain.asset: None}
    (job,) = market.jobs("stored")
    assert job.hook
    assert len(service.ledger.charges) == 1


def test_the_secret_is_shown_nowhere(market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, chain = stall_of(market)
    with receiver(tmp_path, monkeypatch) as hints:
        market.buy([chain], hints=hints)
    (job,) = market.jobs("stored")
    assert job.hook not in repr(job)
    assert job.hook not in json.dumps(job.as_dict())


def test_webhooks_need_no_loop_to_be_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(tmp_path, monkeypatch) as hints:
        assert hints.address is not None
        assert post(hints.address("nobody"), b"{}") == 404
