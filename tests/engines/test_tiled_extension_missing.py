"""The Tiled extension where something is missing: a project, the command, the daemon, a target, a matching version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.daemon import runtime
from tests.emulator import OBSERVED, Emulator, PixelLab
from tests.engines.engine import Engine
from tests.engines.fake_daemon import FakeDaemon, serving
from tests.engines.tiled_workplace import (
    LAND,
    PROJECT,
    Workplace,
    empty_map,
    failing_launcher,
    press,
    text_of,
    trigger,
)


@pytest.fixture
def place(tiled: Engine, tmp_path: Path) -> Workplace:
    return Workplace.made(tiled, tmp_path)


@pytest.fixture
def shop() -> Iterator[Emulator[PixelLab]]:
    with Emulator(PixelLab(OBSERVED)) as emulator:
        yield emulator


def nowhere(place: Workplace) -> dict[str, str]:
    """Variables of a Tiled that finds no assetbridge."""
    place.launch_with("/gone/python", "-m", "bridge")
    return {"PATH": str(place.home)}


def test_without_a_project_it_says_what_to_open(place: Workplace, tmp_path: Path) -> None:
    (tmp_path / "lone.tmx").write_text(empty_map())
    with place.started("lone.tmx", cwd=tmp_path) as session:
        for action in ("Import", "New", "Regenerate", "Status"):
            said = trigger(session, action, "Assetbridge")
            assert "assetbridge init" in said or (action == "Regenerate" and "no tileset in front" in said)
            press(session, "close")
            session.until("tools.idle()")


def test_without_the_command_it_waits_for_a_daemon_started_by_hand(place: Workplace) -> None:
    with place.started(settings=nowhere(place)) as session:
        said = trigger(session, "Import", "terminal")
        assert f'assetbridge daemon start --project "{place.root}"' in said
        assert "pipx install assetbridge" in said
        with serving(FakeDaemon(place.root, ["hero"]), place.home):
            text_of(session, "Import")
            assert session.evaluate("return forms[0].widgets.id0.text") == "hero"
            press(session, "close")
            session.until("tools.idle()")
        trigger(session, "Import", "terminal")
        press(session, "close")
        session.until("tools.idle()")


def test_a_daemon_of_another_version_is_named(place: Workplace) -> None:
    with serving(FakeDaemon(place.root, ["hero"], version="999.0"), place.home) as daemon, place.started() as session:
        assert "daemon is version 999.0" in trigger(session, "Import", "version")
    assert [asked for asked, _ in daemon.asked if "assets" in asked] == []


def test_a_stranger_on_the_port_is_not_talked_to(place: Workplace) -> None:
    daemon = FakeDaemon(place.root, ["hero"])
    with serving(daemon, place.home, token_in_file="stale"), place.started(settings=nowhere(place)) as session:
        trigger(session, "Import", "terminal")
        assert daemon.refused > 0
        assert daemon.asked == []
        press(session, "close")
        session.until("tools.idle()")
        # It lets everybody in, and is not the one that wrote the record.
        daemon.token, daemon.nonce = "stale", "another"
        trigger(session, "Import", "terminal")
        assert {asked for asked, _ in daemon.asked} == {"GET /v1/health"}


def test_without_a_daemon_the_command_line_does_it(tiled: Engine, tmp_path: Path, shop: Emulator[PixelLab]) -> None:
    place = Workplace.buying(tiled, tmp_path, shop)
    place.launch_with(*failing_launcher(tmp_path, "daemon"))
    place.write("art/land.asset.toml", f'provider = "procedural"\n{LAND}')
    with place.started() as session:
        assert "the command line does the work" in trigger(session, "Status", "Status")
        press(session, "close")
        session.until("tools.idle()")
        trigger(session, "Import", "Import")
        press(session, "import0")
        text_of(session, "is empty")
        press(session, "fill")
        session.until("tools.idle() && tiled.activeAsset.tilesets.length === 1")
        trigger(session, "Regenerate", "up to date")
        press(session, "close")
        session.until("tools.idle()")
        trigger(session, "New", "New")
        press(session, "next")
        assert "generations at pixellab" in text_of(session, "costs")
        assert shop.ledger.total("generations") == 0
        press(session, "buy")
        session.until("tools.idle() && tiled.activeAsset.tilesets.length === 2")
    assert shop.ledger.total("generations") > 0


def test_a_mistake_is_told_by_the_command_line_too(place: Workplace, tmp_path: Path) -> None:
    place.launch_with(*failing_launcher(tmp_path, "daemon"))
    place.write("art/land.asset.toml", LAND.replace("sand", "water"))
    with place.started() as session:
        trigger(session, "New", "New")
        session.evaluate("forms[0].widgets.id.text = '../out'")
        press(session, "next")
        session.until("forms.length === 1 && forms[0].widgets.note.text.indexOf('../out') !== -1")
        press(session, "cancel")
        session.until("tools.idle()")


def test_without_a_target_it_says_what_to_add(tiled: Engine, tmp_path: Path) -> None:
    place = Workplace.made(tiled, tmp_path, PROJECT.replace("targets.tiled", "targets.json"))
    place.write("art/land.asset.toml", LAND)
    with place.started() as session:
        trigger(session, "Import", "Import")
        press(session, "import0")
        assert "[targets.tiled]" in text_of(session, "no files for Tiled")


def test_a_plan_that_changed_meanwhile_costs_no_more(tiled: Engine, tmp_path: Path, shop: Emulator[PixelLab]) -> None:
    place = Workplace.buying(tiled, tmp_path, shop)
    place.write("art/land.asset.toml", LAND.replace('[[terrains]]\nname = "grass"\n', ""))
    with place.started() as session:
        trigger(session, "Import", "Import")
        press(session, "import0")
        price = text_of(session, "costs")
        daemon = runtime.find_running(place.root)
        assert daemon is not None
        digest = runtime.request_json(daemon, "GET", "/v1/plan")[1]["digest"]
        place.write("art/hero.asset.toml", 'kind = "sprite"\ndescription = "hero"\nsize = [32, 32]\n')
        assert runtime.request_json(daemon, "GET", "/v1/plan")[1]["digest"] != digest
        press(session, "buy")
        text_of(session, "is empty")
        press(session, "leave")
        session.until("tools.idle()")
    assert f"costs {shop.ledger.total('generations'):g} generations" in price
