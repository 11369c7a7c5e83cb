"""A team with a shared store: what one has bought, nobody buys again; claims, budgets and the dead."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.paid.conftest import ICONS, Make, Paid, Server

BUDGET = '[budget]\npixellab = { unit = "generations", per_day = 100 }\n'


@pytest.fixture
def nas(tmp_path: Path) -> Path:
    folder = tmp_path / "nas"
    folder.mkdir()
    return folder


def settings(nas: Path, budget: str = BUDGET) -> str:
    return f'{budget}[store]\nremote = "file://{nas}"\n'


@pytest.fixture
def team(make: Make, emulator: Server, nas: Path) -> tuple[Paid, Paid]:
    """Two clones of one project."""
    clones = make(emulator, settings(nas), "one"), make(emulator, settings(nas), "two")
    for clone in clones:
        clone.spec("art/icons", ICONS)
    return clones


def test_what_one_has_bought_the_other_collects(team: tuple[Paid, Paid], nas: Path) -> None:
    one, two = team
    assert one.built()["art/icons"]["state"] == "ready"
    charged = one.charged
    assert charged > 0
    plan = two.run("plan", "--json").json
    assert plan["cost"] == []
    assert two.built()["art/icons"]["state"] == "ready"
    assert two.charged == charged
    assert two.jobs() == []
    assert {path.name for path in nas.iterdir()} >= {"blobs", "receipts", "claims", "days", "store.json"}


def test_the_remote_alone_is_enough(team: tuple[Paid, Paid]) -> None:
    one, _ = team
    one.built()
    charged = one.charged
    shutil.rmtree(one.root / ".assetbridge")
    (one.root / "assetbridge.lock").unlink()
    assert one.run("plan", "--json").json["cost"] == []
    assert one.built()["art/icons"]["state"] == "ready"
    assert one.charged == charged
