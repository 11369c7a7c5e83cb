"""A pull under a running daemon, watch or build: what it brings is not done before the user says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.config.project_config import read_config
from bridge.daemon.process import control
from bridge.orders.runner.submit import Submitter
from bridge.providers.pixellab import PixelLabProvider
from bridge.trust.record import forget_record
from bridge.watch.session import WatchSession
from tests.emulator import KEY, OBSERVED, Emulator, PixelLab
from tests.hostile.listening_server import CommandLine
from tests.hostile.stranger import PROJECT
from tests.pipeline.daemon_client import Client

GUARD = 'kind = "sprite"\nprovider = "pixellab"\ndescription = "town guard"\nsize = [64, 64]\n'
BUDGET = '[budget]\npixellab = { unit = "generations", per_day = 50 }\n'


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator[PixelLab]]:
    monkeypatch.setattr("bridge.core.credentials._from_keyring", lambda _name: "")
    with Emulator(PixelLab(OBSERVED)) as running:
        yield running


@pytest.fixture
def clone(stranger: Path, service: Emulator[PixelLab], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone that its user has trusted with an address; a pull may add a budget."""
    monkeypatch.setenv("PIXELLAB_API_KEY", KEY)
    (stranger / "assetbridge.toml").write_text(PROJECT + f'[providers.pixellab]\nbase_url = "{service.url}"\n')
    (stranger / "art" / "guard.asset.toml").write_text(GUARD)
    return stranger


def trust(root: Path) -> None:
    trust = read_config(root).trust
    trust.grant(trust.list_requests())


def pull(root: Path, text: str) -> None:
    with (root / "assetbridge.toml").open("a", encoding="utf-8") as file:
        file.write(text)


def charged(service: Emulator[PixelLab]) -> float:
    return service.ledger.total("generations")


def test_a_committed_budget_spends_nothing_before_trust(
    clone: Path, service: Emulator[PixelLab], capsys: pytest.CaptureFixture[str]
) -> None:
    pull(clone, BUDGET)
    command_line = CommandLine(clone, capsys)
    for words in (("build",), ("build", "--yes"), ("build", "--max-cost", "generations=9"), ("approve",)):
        assert command_line.run(*words).code == 4
    assert charged(service) == 0
    assert service._requests == 0
    assert command_line.run("trust", "--yes").code == 0
    assert command_line.run("build").code == 0
    assert charged(service) == 1


def test_a_pull_under_watch_spends_nothing(clone: Path, service: Emulator[PixelLab]) -> None:
    trust(clone)
    told: list[dict[str, Any]] = []
    session = WatchSession(read_config(clone), lambda event: told.append(event.as_dict()))
    try:
        with session.project.owned():
            session.build()
            assert [event for event in told if "needs_approval" in str(event)]
            pull(clone, BUDGET)
            session.build_changes(frozenset({"assetbridge.toml"}))
            assert charged(service) == 0
            assert "not_trusted" in str(told)
            trust(clone)
            # Nothing of the project changes with that: the next save of anything tries again.
            session.build_changes(frozenset({"art/gem.asset.toml"}))
            assert charged(service) == 1
    finally:
        session.close()


def test_a_pull_under_a_daemon_spends_nothing(clone: Path, service: Emulator[PixelLab]) -> None:
    trust(clone)
    client = Client(clone, control.start_daemon(clone)[0])
    try:
        assert client.get("/v1/trust")["state"] == "trusted"
        pull(clone, BUDGET)
        state = client.get("/v1/trust")
        assert (state["state"], [change["key"] for change in state["changes"]]) == ("changed", ["budget.pixellab"])
        events = client.until_done(client.post("/v1/build", {"all": True}))
        assert [event["state"] for event in events if event["id"] == "art/guard"][-1] == "needs_trust"
        plan = client.get("/v1/plan?balance=1")
        assert (plan["priced"], plan["providers"][0]["verdict"]) == (False, "not_trusted")
        approved = client.until_done(client.post("/v1/approve", {"digest": plan["digest"]}))
        assert [event["state"] for event in approved if event["id"] == "art/guard"][-1] == "needs_trust"
        providers = {row["name"]: row for row in client.get("/v1/providers?balance=1")["providers"]}
        assert providers["pixellab"]["budget"] is None
        assert "when it was trusted" in providers["pixellab"]["balance"]["note"]
        assert charged(service) == 0
        trust(clone)
        client.until_done(client.post("/v1/build", {"all": True}))
        assert charged(service) == 1
    finally:
        control.stop_daemon(clone)


def test_trust_that_ends_during_a_build_ends_its_orders(
    clone: Path, service: Emulator[PixelLab], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked anew immediately before every order: of two, the second is not sent, and nothing is held back for it."""
    pull(clone, BUDGET)
    (clone / "art" / "knight.asset.toml").write_text(GUARD.replace("town guard", "knight"))
    trust(clone)
    send = Submitter._send_once

    async def send_and_revoke(*arguments: Any) -> Any:
        sent = await send(*arguments)
        forget_record(clone)
        return sent

    monkeypatch.setattr(Submitter, "_send_once", send_and_revoke)
    monkeypatch.setattr(PixelLabProvider, "limits", replace(PixelLabProvider.limits, concurrent=1))
    command_line = CommandLine(clone, capsys)
    states = {row["id"]: row["state"] for row in command_line.run("build", "--json").json["assets"]}
    assert charged(service) == 1
    assert sorted(states.values()).count("needs_trust") == 1
    jobs = command_line.run("jobs", "--all", "--json").json["jobs"]
    assert [job["state"] for job in jobs].count("approved") == 0
